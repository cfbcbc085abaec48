import type { Interval } from '../calendar/periods.ts';
import { type Currency, isCurrency } from '../money/money.ts';
import type { Ratio } from '../money/ratio.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { BillingTiming, PriceKind, TaxBehavior, TaxClass } from './catalog.ts';
import type { PriceModel } from './price-model.ts';
import { isJsonObject } from './price-model-reader.ts';
import { PublicationReader } from './publication-reader.ts';
import { type PublishRefusal, publishRefusal } from './publish-refusals.ts';

/** Where an entry stands in the file or body: refusals name it. */
type Place = { readonly field: string };

type Named = Place & { readonly code: string; readonly nameZh: string; readonly nameEn: string };

/** A catalogue as somebody wants it: entries name each other by their codes. */
export type Publication = {
  readonly taxClasses: readonly (TaxClass & Place)[];
  readonly products: readonly PublishedProduct[];
  readonly plans: readonly PublishedPlan[];
};

export type PublishedProduct = Named & { readonly taxClass: string };

export type PublishedPlan = Named & { readonly prices: readonly PublishedPrice[] };

export type PublishedPrice = Named & {
  readonly kind: PriceKind;
  readonly product?: string;
  /** Absent: the price keeps the versions that it has. */
  readonly version?: PublishedVersion;
};

export type PublishedVersion = Place & {
  readonly currency: Currency;
  readonly model: PriceModel;
  /** Instead of the product's. */
  readonly taxClass?: string;
  readonly taxBehavior: TaxBehavior;
  readonly interval: Interval;
  readonly timing: BillingTiming;
  readonly meter?: string;
  readonly minimumSpend?: Ratio;
  readonly maximumSpend?: Ratio;
  readonly instalments?: number;
  readonly effectiveFrom: Temporal.PlainDate;
};

const KINDS = ['flat', 'seat', 'module', 'metered', 'one_off'] as const;
const TIMINGS = ['advance', 'arrears'] as const;
const TAX_BEHAVIORS = ['inclusive', 'exclusive'] as const;
const UNITS = ['day', 'week', 'month', 'year'] as const;

/** More than 100 units of a billing interval is a typing mistake. */
const MAX_INTERVAL_COUNT = 100;
const MAX_INSTALMENTS = 120;
const MAX_BASIS_POINTS = 10_000;
const MONTHLY: Interval = { unit: 'month', count: 1 };

/**
 * Reads a catalogue from JSON (a file, a request body). Numbers are decimal texts, dates ISO days.
 * Refuses with the path of the field: what is missing, misspelt, out of range, or a price model
 * that cannot be right (tiers that overlap, amounts below zero, NaN, too many decimals).
 */
export function parsePublication(json: unknown): Result<Publication, PublishRefusal> {
  if (!isJsonObject(json)) return refuse(publishRefusal('catalogue_malformed', ''));
  const reader = new PublicationReader(json);
  const publication: Publication = {
    taxClasses: reader.list('tax_classes').map(readTaxClass),
    products: reader.list('products').map(readProduct),
    plans: reader.list('plans').map(readPlan),
  };
  reader.refuseUnread();
  if (reader.found !== undefined) return refuse(reader.found);
  if (publication.plans.length + publication.products.length === 0) {
    return refuse(publishRefusal('catalogue_empty', 'plans'));
  }
  return ok(publication);
}

function readNamed(reader: PublicationReader): Named {
  return {
    field: reader.path,
    code: reader.code('code'),
    nameZh: reader.text('name_zh'),
    nameEn: reader.text('name_en'),
  };
}

function readTaxClass(reader: PublicationReader): TaxClass & Place {
  const taxClass = {
    field: reader.path,
    code: reader.code('code'),
    basisPoints: BigInt(reader.whole('basis_points', { from: 0, to: MAX_BASIS_POINTS })),
    ...reader.optional('goodsCode', 'goods_code', (name) => reader.text(name)),
  };
  reader.refuseUnread();
  return taxClass;
}

function readProduct(reader: PublicationReader): PublishedProduct {
  const product = { ...readNamed(reader), taxClass: reader.code('tax_class') };
  reader.refuseUnread();
  return product;
}

function readPlan(reader: PublicationReader): PublishedPlan {
  const plan = { ...readNamed(reader), prices: reader.list('prices').map(readPrice) };
  reader.refuseUnread();
  return plan;
}

function readPrice(reader: PublicationReader): PublishedPrice {
  const kind = reader.choice('kind', KINDS);
  const price: PublishedPrice = {
    ...readNamed(reader),
    kind,
    ...reader.optional('product', 'product', (name) => reader.code(name)),
    ...reader.optional('version', 'version', (name) => readVersion(reader.object(name), kind)),
  };
  reader.refuseUnread();
  return price;
}

function readVersion(reader: PublicationReader, kind: PriceKind): PublishedVersion {
  const version: PublishedVersion = {
    field: reader.path,
    currency: readCurrency(reader),
    model: reader.model('model'),
    taxBehavior: reader.choice('tax_behavior', TAX_BEHAVIORS, 'inclusive'),
    interval: readInterval(reader),
    timing: reader.choice('timing', TIMINGS, kind === 'metered' ? 'arrears' : 'advance'),
    effectiveFrom: reader.date('effective_from'),
    ...reader.optional('taxClass', 'tax_class', (name) => reader.code(name)),
    ...reader.optional('meter', 'meter', (name) => reader.code(name)),
    ...reader.optional('minimumSpend', 'minimum_spend', (name) => reader.notNegative(name)),
    ...reader.optional('maximumSpend', 'maximum_spend', (name) => reader.notNegative(name)),
    ...reader.optional('instalments', 'instalments', (name) =>
      reader.whole(name, { from: 1, to: MAX_INSTALMENTS }),
    ),
  };
  reader.refuseUnread();
  return version;
}

function readCurrency(reader: PublicationReader): Currency {
  const text = reader.text('currency');
  if (isCurrency(text)) return text;
  reader.refuse('currency_unknown', 'currency');
  return 'CNY';
}

/** How often the price recurs; a month where nothing is said, as a one-off price needs none. */
function readInterval(reader: PublicationReader): Interval {
  if (reader.value('interval') === undefined) return MONTHLY;
  const inside = reader.object('interval');
  const interval = {
    unit: inside.choice('unit', UNITS),
    count: inside.whole('count', { from: 1, to: MAX_INTERVAL_COUNT }),
  };
  inside.refuseUnread();
  return interval;
}
