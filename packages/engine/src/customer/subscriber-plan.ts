import {
  allocate,
  type Catalog,
  fromMoney,
  type IdSource,
  type Money,
  money,
  type Plan,
  type Price,
  type PriceModel,
  type PriceVersion,
  present,
  type SubscriptionItem,
  sum,
  toMoney,
} from '@daikou/core';
import type { ModuleColumn, SubscriberRow } from './subscriber-row.ts';

/**
 * The columns that are modules of the telecom plan, with their list price a month in 分, tax
 * included.
 */
const MODULES = {
  MultipleLines: { code: 'multiple-lines', zh: '多线路', en: 'Multiple lines', minor: 500n },
  OnlineSecurity: { code: 'online-security', zh: '网络安全', en: 'Online security', minor: 500n },
  OnlineBackup: { code: 'online-backup', zh: '在线备份', en: 'Online backup', minor: 500n },
  DeviceProtection: {
    code: 'device-protection',
    zh: '设备保障',
    en: 'Device protection',
    minor: 500n,
  },
  TechSupport: { code: 'tech-support', zh: '技术支持', en: 'Tech support', minor: 500n },
  StreamingTV: { code: 'streaming-tv', zh: '电视点播', en: 'Streaming TV', minor: 1000n },
  StreamingMovies: {
    code: 'streaming-movies',
    zh: '电影点播',
    en: 'Streaming movies',
    minor: 1000n,
  },
} as const satisfies Record<ModuleColumn, unknown>;

const BASES = {
  'Fiber optic': { code: 'base-fiber', zh: '光纤宽带', en: 'Fibre broadband', minor: 7000n },
  DSL: { code: 'base-dsl', zh: 'DSL 宽带', en: 'DSL broadband', minor: 4500n },
  No: { code: 'base-phone', zh: '固定电话', en: 'Phone line', minor: 2000n },
} as const;

export const MODULE_COLUMNS = Object.keys(MODULES) as readonly ModuleColumn[];

export const TELECOM_PLAN_CODE = 'telecom';

/** VAT on value-added telecommunication services: 6 %. */
const TAX_BASIS_POINTS = 600n;

/** The catalogue that subscriber files are imported under. */
export function telecomCatalog(ids: IdSource, effectiveFrom: Temporal.PlainDate): Catalog {
  const plan: Plan = {
    id: ids('pln', 0),
    code: TELECOM_PLAN_CODE,
    nameZh: '通信套餐',
    nameEn: 'Telecom plan',
  };
  const entries = [
    ...Object.values(BASES).map((base) => ({ ...base, kind: 'flat' as const })),
    ...Object.values(MODULES).map((module) => ({ ...module, kind: 'module' as const })),
  ];
  const prices: Price[] = entries.map((entry) => ({
    id: ids('prc', 0),
    planId: plan.id,
    code: entry.code,
    kind: entry.kind,
    nameZh: entry.zh,
    nameEn: entry.en,
  }));
  const versions: PriceVersion[] = entries.map((entry, index) => ({
    id: ids('prv', 0),
    priceId: present(prices[index], 'the price of a version').id,
    version: 1,
    currency: 'CNY',
    model: perUnit(money(entry.minor, 'CNY')),
    taxBasisPoints: TAX_BASIS_POINTS,
    taxBehavior: 'inclusive',
    timing: 'advance',
    interval: { unit: 'month', count: 1 },
    effectiveFrom,
  }));
  return { plans: [plan], prices, versions };
}

/** The newest version of each price, by the price's code. */
export function versionsByCode(catalog: Catalog): ReadonlyMap<string, PriceVersion> {
  const codes = new Map(catalog.prices.map((price) => [price.id, price.code]));
  const newest = new Map<string, PriceVersion>();
  for (const version of catalog.versions) {
    const code = codes.get(version.priceId);
    const known = code === undefined ? undefined : newest.get(code);
    if (code !== undefined && (known === undefined || known.version < version.version)) {
      newest.set(code, version);
    }
  }
  return newest;
}

/**
 * The items of a subscriber: one per module at its list price, and the base fee carrying what the
 * modules leave of the monthly charge, so that the invoice equals the charge to the fen. Where the
 * charge is below the modules' list prices, it is split over them and the base is zero.
 */
export function itemsOf(
  row: SubscriberRow,
  about: {
    readonly versions: ReadonlyMap<string, PriceVersion>;
    /** Their first day. */
    readonly from: Temporal.PlainDate;
    readonly newId: () => SubscriptionItem['id'];
  },
): readonly SubscriptionItem[] {
  const { versions, from, newId } = about;
  const modules = row.modules.map((column) => {
    const { code, minor } = MODULES[column];
    const version = present(versions.get(code), 'the price version of a module');
    return { version, listed: money(listedMinor(version) ?? minor, 'CNY') };
  });
  const listed = sum(
    modules.map((module) => module.listed),
    'CNY',
  );
  const base = present(versions.get(BASES[row.internet].code), 'the price version of the base');
  const left = row.monthly.minor - listed.minor;
  const agreed: readonly (Money | undefined)[] =
    left >= 0n
      ? modules.map(() => undefined)
      : allocate(
          row.monthly,
          modules.map((module) => module.listed.minor),
        );
  return [
    {
      id: newId(),
      kind: 'flat',
      priceVersionId: base.id,
      quantity: 1n,
      from,
      agreedModel: perUnit(money(left >= 0n ? left : 0n, 'CNY')),
    },
    ...modules.map(({ version }, index): SubscriptionItem => {
      const amount = agreed[index];
      return {
        id: newId(),
        kind: 'module',
        priceVersionId: version.id,
        quantity: 1n,
        from,
        ...(amount === undefined ? {} : { agreedModel: perUnit(amount) }),
      };
    }),
  ];
}

function perUnit(amount: Money): PriceModel {
  return { type: 'per_unit', unitAmount: fromMoney(amount) };
}

/** The price of one module in 分, where its newest version still has one price for each. */
function listedMinor({ model, currency }: PriceVersion): bigint | undefined {
  return model.type === 'per_unit' && currency === 'CNY'
    ? toMoney(model.unitAmount, currency).minor
    : undefined;
}
