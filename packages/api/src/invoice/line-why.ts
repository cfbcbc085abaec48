import type { LineWhy, RatedStep, RatedStepKind } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, toDateWire } from '../calendar/dates.ts';
import { idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { DecimalSchema, toDecimalWire } from '../money/decimal.ts';
import { choiceOf } from '../result/choice.ts';

const STEP_KINDS = {
  flat: 'The amount of a flat price.',
  tier_flat: 'The amount that is due once in a tier.',
  units: 'Units at a unit price.',
  packages: 'Whole packages.',
  blocks: 'Whole blocks.',
  free_units: 'Units that an allowance covered.',
  free_events: 'Events that an allowance covered.',
  free_amount: 'An amount that an allowance covered.',
  share: 'An amount at a rate.',
  fixed_per_event: 'Events at a fixed amount each.',
  event_minimum: 'What the lowest price of single events added.',
  event_maximum: 'What the highest price of single events took away.',
  carried: 'The amounts that the events carry.',
  already_rated: 'What earlier lines of the period were rated at.',
} satisfies Record<RatedStepKind, string>;

const StepSchema = Type.Object(
  {
    kind: choiceOf(STEP_KINDS),
    quantity: DecimalSchema,
    price: Type.Optional(DecimalSchema),
    amount: DecimalSchema,
    tier: Type.Optional(
      Type.Object(
        {
          number: Type.Integer({ minimum: 1 }),
          from: DecimalSchema,
          up_to: Type.Optional(DecimalSchema),
        },
        { additionalProperties: false },
      ),
    ),
    size: Type.Optional(DecimalSchema),
    bucket: Type.Optional(Type.Integer({ minimum: 1 })),
  },
  { additionalProperties: false },
);

/** What explains a line beside its rule; only what there is to say is there. */
export const LineWhySchema = Type.Object(
  {
    steps: Type.Optional(Type.Array(StepSchema)),
    pack_units: Type.Optional(DecimalSchema),
    used_units: Type.Optional(DecimalSchema),
    discounts: Type.Optional(
      Type.Array(
        Type.Object(
          { coupon_code: Type.String(), amount: AmountSchema },
          { additionalProperties: false },
        ),
      ),
    ),
    change: Type.Optional(
      Type.Object({ type: Type.String(), on: DateSchema }, { additionalProperties: false }),
    ),
    credits: Type.Optional(
      Type.Object(
        { invoice_id: idSchema('inv'), position: Type.Integer({ minimum: 1 }) },
        { additionalProperties: false },
      ),
    ),
    instalment: Type.Optional(
      Type.Object(
        { number: Type.Integer({ minimum: 1 }), of: Type.Integer({ minimum: 1 }) },
        { additionalProperties: false },
      ),
    ),
    late_fee: Type.Optional(
      Type.Object(
        {
          invoice_id: idSchema('inv'),
          days: Type.Integer({ minimum: 0 }),
          base: AmountSchema,
          cap: AmountSchema,
          daily_basis_points: Type.Optional(DecimalSchema),
        },
        { additionalProperties: false },
      ),
    ),
  },
  {
    title: 'LineWhy',
    additionalProperties: false,
    description:
      'What explains a line: the steps of its price in major units, discounts before tax, the ' +
      'change that caused it, the line that it credits, the instalment that it is, the ' +
      'invoice that was paid late.',
  },
);

export type LineWhyWire = Type.Static<typeof LineWhySchema>;

export function toLineWhyWire(why: LineWhy): LineWhyWire {
  const { steps, packUnits, usedUnits, discounts, change, credits, instalment, lateFee } = why;
  return {
    ...(steps === undefined ? {} : { steps: steps.map(toStepWire) }),
    ...(packUnits === undefined ? {} : { pack_units: toDecimalWire(packUnits) }),
    ...(usedUnits === undefined ? {} : { used_units: toDecimalWire(usedUnits) }),
    ...(discounts === undefined
      ? {}
      : {
          discounts: discounts.map(({ couponCode, amount }) => ({
            coupon_code: couponCode,
            amount: toAmountWire(amount),
          })),
        }),
    ...(change === undefined ? {} : { change: { type: change.type, on: toDateWire(change.on) } }),
    ...(credits === undefined
      ? {}
      : { credits: { invoice_id: credits.invoiceId, position: credits.position } }),
    ...(instalment === undefined ? {} : { instalment: { ...instalment } }),
    ...(lateFee === undefined ? {} : { late_fee: toLateFeeWhy(lateFee) }),
  };
}

function toLateFeeWhy({
  invoiceId,
  days,
  base,
  cap,
  dailyBasisPoints: daily,
}: NonNullable<LineWhy['lateFee']>) {
  return {
    invoice_id: invoiceId,
    days,
    base: toAmountWire(base),
    cap: toAmountWire(cap),
    ...(daily === undefined ? {} : { daily_basis_points: toDecimalWire(daily) }),
  };
}

function toStepWire({ kind, quantity, price, amount, tier, size, bucket }: RatedStep) {
  return {
    kind,
    quantity: toDecimalWire(quantity),
    ...(price === undefined ? {} : { price: toDecimalWire(price) }),
    amount: toDecimalWire(amount),
    ...(tier === undefined
      ? {}
      : {
          tier: {
            number: tier.number,
            from: toDecimalWire(tier.from),
            ...(tier.upTo === undefined ? {} : { up_to: toDecimalWire(tier.upTo) }),
          },
        }),
    ...(size === undefined ? {} : { size: toDecimalWire(size) }),
    ...(bucket === undefined ? {} : { bucket }),
  };
}
