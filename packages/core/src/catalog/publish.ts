import type { MeterId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import { compareRatio, formatRatio, type Ratio } from '../money/ratio.ts';
import { present } from '../result/invariant.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { Catalog, Plan, Price, PriceVersion, Product, TaxClass } from './catalog.ts';
import { type PriceModelJson, toPriceModelJson } from './price-model-json.ts';
import type {
  Publication,
  PublishedPlan,
  PublishedPrice,
  PublishedProduct,
  PublishedVersion,
} from './publication.ts';
import { type PublishRefusal, publishRefusal } from './publish-refusals.ts';
import { needsEvents } from './rate-events.ts';

/** What publishing adds; what is there already in the same words is counted and left alone. */
export type PublishDecision = {
  readonly added: Required<Catalog>;
  readonly unchanged: number;
};

export type PublishContext = {
  readonly meters: ReadonlyMap<string, MeterId>;
  /** Codes of the meters that keep each event's amount. */
  readonly metersOfValues: ReadonlySet<string>;
  readonly ids: IdSource;
};

/**
 * What a publication adds to the catalogue. A price that says something new gets a new version with
 * a later effective date; nothing that is published is ever edited, so an entry of a known code
 * that says something else is refused, and the same publication again adds nothing.
 */
export function decidePublish(
  catalog: Catalog,
  publication: Publication,
  context: PublishContext,
): Result<PublishDecision, PublishRefusal> {
  const twice = findTwice(publication);
  if (twice !== undefined) return refuse(publishRefusal('code_twice', twice));
  const work = new Publishing(catalog, publication, context);
  for (const product of publication.products) work.addProduct(product);
  for (const plan of publication.plans) work.addPlan(plan);
  return work.refusal === undefined ? ok(work.decision) : refuse(work.refusal);
}

function findTwice(publication: Publication): string | undefined {
  const { taxClasses, products, plans } = publication;
  const prices = plans.map((plan) => plan.prices);
  for (const entries of [taxClasses, products, plans, ...prices]) {
    const codes = new Set<string>();
    for (const { code, field } of entries) {
      if (codes.has(code)) return `${field}.code`;
      codes.add(code);
    }
  }
  return undefined;
}

/** The additions so far and the first refusal: entries look at those before them. */
class Publishing {
  refusal: PublishRefusal | undefined;
  readonly #catalog: Catalog;
  readonly #context: PublishContext;
  readonly #taxClasses: ReadonlyMap<string, TaxClass>;
  readonly #products = new Map<string, Product>();
  readonly #added = {
    products: [] as Product[],
    plans: [] as Plan[],
    prices: [] as Price[],
    versions: [] as PriceVersion[],
  };
  #unchanged = 0;

  constructor(catalog: Catalog, publication: Publication, context: PublishContext) {
    this.#catalog = catalog;
    this.#context = context;
    const known = (catalog.products ?? []).map(({ taxClass }) => taxClass);
    const given = publication.taxClasses.map(({ field: _field, ...taxClass }) => taxClass);
    this.#taxClasses = new Map([...known, ...given].map((one) => [one.code, one]));
    for (const product of catalog.products ?? []) this.#products.set(product.code, product);
  }

  get decision(): PublishDecision {
    return { added: this.#added, unchanged: this.#unchanged };
  }

  addProduct(wanted: PublishedProduct): void {
    const taxClass = this.#taxClasses.get(wanted.taxClass);
    if (taxClass === undefined) {
      this.#refuse('tax_class_unknown', `${wanted.field}.tax_class`);
      return;
    }
    const known = this.#products.get(wanted.code);
    if (known === undefined) {
      const { code, nameZh, nameEn } = wanted;
      const product = { id: this.#context.ids('prd', 0), code, nameZh, nameEn, taxClass };
      this.#added.products.push(product);
      this.#products.set(code, product);
      return;
    }
    const same = sameNames(known, wanted) && sameTax(known.taxClass, taxClass);
    this.#keep(same, wanted.field);
  }

  addPlan(wanted: PublishedPlan): void {
    const known = this.#catalog.plans.find(({ code }) => code === wanted.code);
    const { code, nameZh, nameEn } = wanted;
    const plan = known ?? { id: this.#context.ids('pln', 0), code, nameZh, nameEn };
    if (known === undefined) this.#added.plans.push(plan);
    else this.#keep(sameNames(known, wanted), wanted.field);
    for (const price of wanted.prices) this.#addPrice(plan, price);
    this.#refuseCurrencyMix(plan, wanted);
  }

  #addPrice(plan: Plan, wanted: PublishedPrice): void {
    const product = wanted.product === undefined ? undefined : this.#products.get(wanted.product);
    if (wanted.product !== undefined && product === undefined) {
      this.#refuse('product_unknown', `${wanted.field}.product`);
      return;
    }
    const known = this.#catalog.prices.find(
      ({ planId, code }) => planId === plan.id && code === wanted.code,
    );
    const { code, kind, nameZh, nameEn, version } = wanted;
    const price: Price = known ?? {
      id: this.#context.ids('prc', 0),
      planId: plan.id,
      ...(product === undefined ? {} : { productId: product.id }),
      code,
      kind,
      nameZh,
      nameEn,
    };
    if (known === undefined) {
      if (version === undefined) this.#refuse('version_missing', `${wanted.field}.version`);
      this.#added.prices.push(price);
    } else {
      const sameProduct = product === undefined || product.id === known.productId;
      const same = sameNames(known, wanted) && known.kind === kind && sameProduct;
      this.#keep(same, wanted.field);
    }
    if (version !== undefined) this.#addVersion(price, version, product?.taxClass);
  }

  #addVersion(price: Price, wanted: PublishedVersion, ofProduct: TaxClass | undefined): void {
    this.#refuseUnfitting(price, wanted);
    const { taxClass: named, field } = wanted;
    const taxClass =
      named === undefined ? this.#taxOf(price, ofProduct) : this.#taxClasses.get(named);
    const { meter } = wanted;
    const meterId = meter === undefined ? undefined : this.#context.meters.get(meter);
    if (meter !== undefined && meterId === undefined)
      this.#refuse('meter_unknown', `${field}.meter`);
    const keepsValues = meter !== undefined && this.#context.metersOfValues.has(meter);
    if (meterId !== undefined && needsEvents(wanted.model) && !keepsValues) {
      this.#refuse('meter_keeps_totals', `${field}.meter`);
    }
    if (taxClass === undefined) {
      const code = named === undefined ? 'tax_class_missing' : 'tax_class_unknown';
      this.#refuse(code, `${field}.tax_class`);
      return;
    }
    const newest = newestVersion(this.#catalog.versions, price);
    const version = versionOf(price, wanted, {
      id: this.#context.ids('prv', 0),
      number: (newest?.version ?? 0) + 1,
      basisPoints: taxClass.basisPoints,
      meterId,
    });
    if (newest !== undefined) {
      if (sameVersion(newest, version)) {
        this.#unchanged += 1;
        return;
      }
      if (Temporal.PlainDate.compare(version.effectiveFrom, newest.effectiveFrom) <= 0) {
        this.#refuse('effective_date_not_after_newest', `${field}.effective_from`);
      }
    }
    this.#added.versions.push(version);
  }

  #taxOf(price: Price, ofProduct: TaxClass | undefined): TaxClass | undefined {
    if (ofProduct !== undefined) return ofProduct;
    return (this.#catalog.products ?? []).find(({ id }) => id === price.productId)?.taxClass;
  }

  #refuseUnfitting(price: Price, wanted: PublishedVersion): void {
    const { field, minimumSpend: minimum, maximumSpend: maximum } = wanted;
    const isMetered = price.kind === 'metered';
    if (isMetered && wanted.timing === 'advance') {
      this.#refuse('metered_in_advance', `${field}.timing`);
    }
    if (isMetered && wanted.meter === undefined) this.#refuse('meter_missing', `${field}.meter`);
    if (!isMetered && wanted.meter !== undefined)
      this.#refuse('meter_not_wanted', `${field}.meter`);
    if (!isMetered && NEEDS_USAGE.has(wanted.model.type)) {
      this.#refuse('model_needs_usage', `${field}.model.type`);
    }
    if (isMetered && wanted.model.type === 'buckets') {
      this.#refuse('buckets_without_window', `${field}.model.type`);
    }
    if (price.kind !== 'one_off' && wanted.instalments !== undefined) {
      this.#refuse('instalments_not_wanted', `${field}.instalments`);
    }
    if (minimum !== undefined && maximum !== undefined && compareRatio(minimum, maximum) > 0) {
      this.#refuse('spend_bounds_crossed', `${field}.minimum_spend`);
    }
  }

  /** One currency in a plan, known prices included: an invoice adds its lines up. */
  #refuseCurrencyMix(plan: Plan, wanted: PublishedPlan): void {
    const added = this.#added.prices;
    const prices = [...this.#catalog.prices, ...added].filter(({ planId }) => planId === plan.id);
    const versions = [...this.#catalog.versions, ...this.#added.versions];
    let currency: string | undefined;
    for (const price of prices) {
      const newest = newestVersion(versions, price);
      currency ??= newest?.currency;
      if (newest === undefined || newest.currency === currency) continue;
      const index = wanted.prices.findIndex(({ code }) => code === price.code);
      const at = present(wanted.prices[Math.max(index, 0)], 'a price of the plan');
      this.#refuse('currency_mix', `${at.field}.version.currency`);
    }
  }

  #keep(isSame: boolean, field: string): void {
    if (isSame) this.#unchanged += 1;
    else this.#refuse('entry_differs', field);
  }

  #refuse(code: Parameters<typeof publishRefusal>[0], field: string): void {
    this.refusal ??= publishRefusal(code, field);
  }
}

/** Models that price events, not a plain number of seats. */
const NEEDS_USAGE: ReadonlySet<string> = new Set([
  'percentage',
  'graduated_percentage',
  'dynamic',
  'buckets',
]);

type Names = { readonly nameZh: string; readonly nameEn: string };

function sameNames(left: Names, right: Names): boolean {
  return left.nameZh === right.nameZh && left.nameEn === right.nameEn;
}

function sameTax(left: TaxClass, right: TaxClass): boolean {
  return left.basisPoints === right.basisPoints && left.goodsCode === right.goodsCode;
}

/** The version of a price that was published last. */
export function newestVersion(
  versions: readonly PriceVersion[],
  price: Pick<Price, 'id'>,
): PriceVersion | undefined {
  let newest: PriceVersion | undefined;
  for (const version of versions) {
    if (version.priceId !== price.id) continue;
    if (newest === undefined || version.version > newest.version) newest = version;
  }
  return newest;
}

/** The version that a new subscription gets on `day`: the newest one in force by then. */
export function versionOn(
  versions: readonly PriceVersion[],
  price: Pick<Price, 'id'>,
  day: Temporal.PlainDate,
): PriceVersion | undefined {
  const inForce = versions.filter(
    ({ effectiveFrom }) => Temporal.PlainDate.compare(effectiveFrom, day) <= 0,
  );
  return newestVersion(inForce, price);
}

function versionOf(
  price: Price,
  wanted: PublishedVersion,
  facts: {
    readonly id: PriceVersion['id'];
    readonly number: number;
    readonly basisPoints: bigint;
    readonly meterId: MeterId | undefined;
  },
): PriceVersion {
  const { minimumSpend, maximumSpend, instalments } = wanted;
  return {
    id: facts.id,
    priceId: price.id,
    version: facts.number,
    currency: wanted.currency,
    model: wanted.model,
    taxBasisPoints: facts.basisPoints,
    taxBehavior: wanted.taxBehavior,
    interval: wanted.interval,
    timing: wanted.timing,
    ...(facts.meterId === undefined ? {} : { meterId: facts.meterId }),
    ...(minimumSpend === undefined ? {} : { minimumSpend }),
    ...(maximumSpend === undefined ? {} : { maximumSpend }),
    ...(instalments === undefined ? {} : { instalments }),
    effectiveFrom: wanted.effectiveFrom,
  };
}

/** Whether two versions charge the same from the same day; then nothing new was published. */
function sameVersion(left: PriceVersion, right: PriceVersion): boolean {
  return JSON.stringify(termsOf(left)) === JSON.stringify(termsOf(right));
}

function termsOf(version: PriceVersion): Readonly<Record<string, unknown>> {
  const model: PriceModelJson = toPriceModelJson(version.model);
  return {
    currency: version.currency,
    model: Object.entries(model).sort(([a], [b]) => (a < b ? -1 : 1)),
    tax: `${version.taxBasisPoints} ${version.taxBehavior}`,
    interval: `${version.interval.count} ${version.interval.unit}`,
    timing: version.timing,
    meter: version.meterId ?? '',
    minimum: textOf(version.minimumSpend),
    maximum: textOf(version.maximumSpend),
    instalments: version.instalments ?? 1,
    from: version.effectiveFrom.toString(),
  };
}

function textOf(value: Ratio | undefined): string {
  return value === undefined ? '' : formatRatio(value);
}
