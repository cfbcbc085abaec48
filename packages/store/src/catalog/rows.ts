import {
  type Coupon,
  fromUuid,
  type MerchantId,
  type Plan,
  type Price,
  type PriceVersion,
  type Product,
  toUuid,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import {
  asIs,
  fromAmount,
  fromCurrency,
  fromDate,
  fromDecimal,
  given,
  idOrNull,
  orNull,
  toDate,
  toDecimal,
} from '../columns.ts';
import { list, word } from '../json-shape.ts';
import type { Tables } from '../schema.generated.ts';
import { priceModel } from './model-shape.ts';

export function toProductRow(product: Product, merchant: MerchantId): NewRow<'products'> {
  return {
    merchant_id: toUuid(merchant),
    id: toUuid(product.id),
    code: product.code,
    name_zh: product.nameZh,
    name_en: product.nameEn,
    tax_code: product.taxClass.code,
    tax_basis_points: product.taxClass.basisPoints,
    goods_code: orNull(product.taxClass.goodsCode, asIs),
  };
}

export function fromProductRow(row: Tables['products']): Product {
  return {
    id: fromUuid('prd', row.id),
    code: row.code,
    nameZh: row.name_zh,
    nameEn: row.name_en,
    taxClass: {
      code: row.tax_code,
      basisPoints: row.tax_basis_points,
      ...given('goodsCode', row.goods_code, asIs),
    },
  };
}

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
    product_id: idOrNull(price.productId),
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
    ...given('productId', row.product_id, (uuid) => fromUuid('prd', uuid)),
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
    currency: version.currency,
    model: priceModel.to(version.model),
    tax_basis_points: version.taxBasisPoints,
    tax_behavior: version.taxBehavior,
    timing: version.timing,
    meter_id: idOrNull(version.meterId),
    minimum_spend: orNull(version.minimumSpend, toDecimal),
    maximum_spend: orNull(version.maximumSpend, toDecimal),
    instalments: orNull(version.instalments, asIs),
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
    currency: fromCurrency(row.currency),
    model: priceModel.from(row.model),
    taxBasisPoints: row.tax_basis_points,
    taxBehavior: row.tax_behavior as PriceVersion['taxBehavior'],
    interval: {
      unit: row.interval_unit as PriceVersion['interval']['unit'],
      count: row.interval_count,
    },
    timing: row.timing as PriceVersion['timing'],
    ...given('meterId', row.meter_id, (uuid) => fromUuid('mtr', uuid)),
    ...given('minimumSpend', row.minimum_spend, fromDecimal),
    ...given('maximumSpend', row.maximum_spend, fromDecimal),
    ...given('instalments', row.instalments, asIs),
    effectiveFrom: fromDate(row.effective_from),
  };
}

const priceCodes = list(word<string>());

export function toCouponRow(coupon: Coupon, merchant: MerchantId): NewRow<'coupons'> {
  const { kind, duration, appliesTo } = coupon;
  return {
    merchant_id: toUuid(merchant),
    id: toUuid(coupon.id),
    code: coupon.code,
    name_zh: coupon.nameZh,
    name_en: coupon.nameEn,
    rate: kind.type === 'percentage' ? toDecimal(kind.rate) : null,
    amount_minor: kind.type === 'fixed' ? kind.amount.minor : null,
    currency: kind.type === 'fixed' ? kind.amount.currency : null,
    duration: duration.type,
    periods: duration.type === 'repeating' ? duration.periods : null,
    price_codes: appliesTo === 'all' ? null : priceCodes.to(appliesTo.priceCodes),
    redeem_by: orNull(coupon.redeemBy, toDate),
    maximum_redemptions: orNull(coupon.maximumRedemptions, asIs),
  };
}

export function fromCouponRow(row: Tables['coupons']): Coupon {
  return {
    id: fromUuid('cpn', row.id),
    code: row.code,
    nameZh: row.name_zh,
    nameEn: row.name_en,
    kind:
      row.amount_minor !== null && row.currency !== null
        ? { type: 'fixed', amount: fromAmount(row.amount_minor, row.currency) }
        : { type: 'percentage', rate: fromDecimal(row.rate ?? '0') },
    duration:
      row.periods === null
        ? { type: row.duration as 'once' | 'forever' }
        : { type: 'repeating', periods: row.periods },
    appliesTo: row.price_codes === null ? 'all' : { priceCodes: priceCodes.from(row.price_codes) },
    ...given('redeemBy', row.redeem_by, fromDate),
    ...given('maximumRedemptions', row.maximum_redemptions, asIs),
  };
}
