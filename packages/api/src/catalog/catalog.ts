import {
  type BillingTiming,
  type Coupon,
  type Plan,
  type Price,
  type PriceKind,
  type PriceModel,
  type PriceModelType,
  type PriceVersion,
  type Product,
  type TaxBehavior,
  toPriceModelJson,
} from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, IntervalSchema, toDateWire, toIntervalWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire, toIntegerWire } from '../money/amount.ts';
import { DecimalSchema, toDecimalWire } from '../money/decimal.ts';
import { choiceOf, orNull } from '../result/choice.ts';

export const PriceKindSchema = choiceOf({
  flat: 'A base fee.',
  seat: 'A fee per seat.',
  module: 'A fee per module.',
  metered: 'A fee for what was used, counted by a meter.',
  one_off: 'A fee that is asked once, or in instalments.',
} satisfies Record<PriceKind, string>);

const MODEL_TYPES = {
  flat: 'One amount, whatever the quantity.',
  per_unit: 'An amount for each unit.',
  graduated: 'Each tier prices the units inside it.',
  volume: 'The tier that is reached prices all units.',
  package: 'An amount for each package of units.',
  percentage: 'A share of the amount of each event.',
  graduated_percentage: 'Each tier takes its share of the amount inside it.',
  dynamic: 'The events carry their own amounts.',
  block_graduated: 'As graduated, in whole blocks.',
  block_volume: 'As volume, in whole blocks.',
  buckets: 'Every window of time is priced on its own.',
} satisfies Record<PriceModelType, string>;

/** How a quantity becomes an amount; amounts are decimals in major units. */
export const PriceModelSchema = Type.Object(
  { type: choiceOf(MODEL_TYPES) },
  {
    title: 'PriceModel',
    additionalProperties: Type.Unknown(),
    description:
      'How a quantity becomes an amount. The fields are those of its type; every number is a ' +
      'decimal text, amounts are in major units (yuan).',
    examples: [{ type: 'per_unit', unit_amount: '29.85' }],
  },
);

export type PriceModelWire = Type.Static<typeof PriceModelSchema>;

/** A price model in its wire form, which is also the form in which it is published and stored. */
export function toPriceModelWire(model: PriceModel): PriceModelWire {
  return toPriceModelJson(model) as PriceModelWire;
}

export const ProductSchema = Type.Object(
  {
    id: idSchema('prd'),
    code: Type.String(),
    name_zh: Type.String(),
    name_en: Type.String(),
    tax_class: Type.Object(
      {
        code: Type.String(),
        tax_basis_points: Type.Integer({ minimum: 0, description: '600 is 6 %.' }),
        goods_code: orNull(Type.String({ description: '商品和服务税收分类编码, 19 digits.' })),
      },
      { additionalProperties: false },
    ),
  },
  { title: 'Product', additionalProperties: false, description: 'What is taxed and used.' },
);

export const PlanSchema = Type.Object(
  { id: idSchema('pln'), code: Type.String(), name_zh: Type.String(), name_en: Type.String() },
  {
    title: 'Plan',
    additionalProperties: false,
    description: 'What is sold (套餐).',
    examples: [{ id: exampleId('pln'), code: 'team', name_zh: '团队版', name_en: 'Team' }],
  },
);

export const PriceSchema = Type.Object(
  {
    id: idSchema('prc'),
    plan_id: idSchema('pln'),
    product_id: orNull(idSchema('prd')),
    code: Type.String(),
    kind: PriceKindSchema,
    name_zh: Type.String(),
    name_en: Type.String(),
  },
  { title: 'Price', additionalProperties: false, description: 'A thing of a plan with a price.' },
);

const TIMINGS = {
  advance: 'Billed before the period that it pays for.',
  arrears: 'Billed after it.',
} satisfies Record<BillingTiming, string>;

const TAX_BEHAVIORS = {
  inclusive: 'Amounts contain the tax.',
  exclusive: 'The tax is added.',
} satisfies Record<TaxBehavior, string>;

export const PriceVersionSchema = Type.Object(
  {
    id: idSchema('prv'),
    price_id: idSchema('prc'),
    version: Type.Integer({ minimum: 1 }),
    currency: Type.String({ description: 'ISO 4217 code.' }),
    model: PriceModelSchema,
    tax_basis_points: Type.Integer({ minimum: 0, description: '600 is 6 %.' }),
    tax_behavior: choiceOf(TAX_BEHAVIORS),
    interval: IntervalSchema,
    timing: choiceOf(TIMINGS),
    meter_id: orNull(idSchema('mtr')),
    minimum_spend: orNull(DecimalSchema),
    maximum_spend: orNull(DecimalSchema),
    instalments: orNull(Type.Integer({ minimum: 1 })),
    effective_from: DateSchema,
  },
  {
    title: 'PriceVersion',
    additionalProperties: false,
    description: 'How a price is computed from a date on. Never edited: a change is a new version.',
    examples: [
      {
        id: exampleId('prv'),
        price_id: exampleId('prc'),
        version: 1,
        currency: 'CNY',
        model: { type: 'per_unit', unit_amount: '29.85' },
        tax_basis_points: 600,
        tax_behavior: 'inclusive',
        interval: { unit: 'month', count: 1 },
        timing: 'advance',
        meter_id: null,
        minimum_spend: null,
        maximum_spend: null,
        instalments: null,
        effective_from: '2026-01-01',
      },
    ],
  },
);

export const CouponSchema = Type.Object(
  {
    id: idSchema('cpn'),
    code: Type.String(),
    name_zh: Type.String(),
    name_en: Type.String(),
    rate: orNull(DecimalSchema),
    amount: orNull(AmountSchema),
    duration: choiceOf({
      once: 'One use; an amount that one invoice cannot take whole waits for the next.',
      repeating: 'In each of `periods` periods.',
      forever: 'As long as the subscription lasts.',
    }),
    periods: orNull(Type.Integer({ minimum: 1 })),
    price_codes: orNull(Type.Array(Type.String())),
    redeem_by: orNull(DateSchema),
    maximum_redemptions: orNull(Type.Integer({ minimum: 0 })),
  },
  {
    title: 'Coupon',
    additionalProperties: false,
    description: 'Takes a rate or an amount off invoices before tax; null price_codes: off all.',
    examples: [
      {
        id: exampleId('cpn'),
        code: 'SPRING',
        name_zh: '春季优惠',
        name_en: 'Spring',
        rate: '0.2',
        amount: null,
        duration: 'repeating',
        periods: 3,
        price_codes: null,
        redeem_by: '2026-04-30',
        maximum_redemptions: null,
      },
    ],
  },
);

export type ProductWire = Type.Static<typeof ProductSchema>;
export type PlanWire = Type.Static<typeof PlanSchema>;
export type PriceWire = Type.Static<typeof PriceSchema>;
export type PriceVersionWire = Type.Static<typeof PriceVersionSchema>;
export type CouponWire = Type.Static<typeof CouponSchema>;

export function toProductWire({ taxClass, ...product }: Product): ProductWire {
  return {
    id: product.id,
    code: product.code,
    name_zh: product.nameZh,
    name_en: product.nameEn,
    tax_class: {
      code: taxClass.code,
      tax_basis_points: toIntegerWire(taxClass.basisPoints),
      goods_code: taxClass.goodsCode ?? null,
    },
  };
}

export function toPlanWire(plan: Plan): PlanWire {
  return { id: plan.id, code: plan.code, name_zh: plan.nameZh, name_en: plan.nameEn };
}

export function toPriceWire(price: Price): PriceWire {
  return {
    id: price.id,
    plan_id: price.planId,
    product_id: price.productId ?? null,
    code: price.code,
    kind: price.kind,
    name_zh: price.nameZh,
    name_en: price.nameEn,
  };
}

export function toPriceVersionWire(version: PriceVersion): PriceVersionWire {
  const { minimumSpend, maximumSpend } = version;
  return {
    id: version.id,
    price_id: version.priceId,
    version: version.version,
    currency: version.currency,
    model: toPriceModelWire(version.model),
    tax_basis_points: toIntegerWire(version.taxBasisPoints),
    tax_behavior: version.taxBehavior,
    interval: toIntervalWire(version.interval),
    timing: version.timing,
    meter_id: version.meterId ?? null,
    minimum_spend: minimumSpend === undefined ? null : toDecimalWire(minimumSpend),
    maximum_spend: maximumSpend === undefined ? null : toDecimalWire(maximumSpend),
    instalments: version.instalments ?? null,
    effective_from: toDateWire(version.effectiveFrom),
  };
}

export function toCouponWire(coupon: Coupon): CouponWire {
  const { kind, duration, appliesTo, redeemBy } = coupon;
  return {
    id: coupon.id,
    code: coupon.code,
    name_zh: coupon.nameZh,
    name_en: coupon.nameEn,
    rate: kind.type === 'percentage' ? toDecimalWire(kind.rate) : null,
    amount: kind.type === 'fixed' ? toAmountWire(kind.amount) : null,
    duration: duration.type,
    periods: duration.type === 'repeating' ? duration.periods : null,
    price_codes: appliesTo === 'all' ? null : [...appliesTo.priceCodes],
    redeem_by: redeemBy === undefined ? null : toDateWire(redeemBy),
    maximum_redemptions: coupon.maximumRedemptions ?? null,
  };
}
