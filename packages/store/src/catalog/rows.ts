import {
  fromUuid,
  type MerchantId,
  type Plan,
  type Price,
  type PriceVersion,
  toUuid,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import { fromAmount, fromDate, toDate } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

export function toPlanRow(plan: Plan, merchant: MerchantId): NewRow<'plans'> {
  return {
    merchant_id: toUuid(merchant),
    id: toUuid(plan.id),
    code: plan.code,
    name_zh: plan.nameZh,
    name_en: plan.nameEn,
  };
}

export function fromPlanRow(row: Tables['plans']): Plan {
  return {
    id: fromUuid('pln', row.id),
    code: row.code,
    nameZh: row.name_zh,
    nameEn: row.name_en,
  };
}

export function toPriceRow(price: Price, merchant: MerchantId): NewRow<'prices'> {
  return {
    merchant_id: toUuid(merchant),
    id: toUuid(price.id),
    plan_id: toUuid(price.planId),
    code: price.code,
    kind: price.kind,
    name_zh: price.nameZh,
    name_en: price.nameEn,
  };
}

export function fromPriceRow(row: Tables['prices']): Price {
  return {
    id: fromUuid('prc', row.id),
    planId: fromUuid('pln', row.plan_id),
    code: row.code,
    kind: row.kind as Price['kind'],
    nameZh: row.name_zh,
    nameEn: row.name_en,
  };
}

export function toVersionRow(
  version: PriceVersion,
  merchant: MerchantId,
): NewRow<'price_versions'> {
  return {
    merchant_id: toUuid(merchant),
    id: toUuid(version.id),
    price_id: toUuid(version.priceId),
    version: version.version,
    currency: version.unitAmount.currency,
    unit_minor: version.unitAmount.minor,
    tax_basis_points: version.taxBasisPoints,
    interval_unit: version.interval.unit,
    interval_count: version.interval.count,
    effective_from: toDate(version.effectiveFrom),
  };
}

export function fromVersionRow(row: Tables['price_versions']): PriceVersion {
  return {
    id: fromUuid('prv', row.id),
    priceId: fromUuid('prc', row.price_id),
    version: row.version,
    unitAmount: fromAmount(row.unit_minor, row.currency),
    taxBasisPoints: row.tax_basis_points,
    interval: {
      unit: row.interval_unit as PriceVersion['interval']['unit'],
      count: row.interval_count,
    },
    effectiveFrom: fromDate(row.effective_from),
  };
}
