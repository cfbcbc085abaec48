import type { Redemption, SubscriptionChange, SubscriptionCommand } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { CouponSchema, toCouponWire } from '../catalog/catalog.ts';
import { CustomerSchema } from '../customer/customer.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire, toIntegerWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';
import { ConsentSchema, PriceChangeSchema } from './price-change.ts';
import { SubscriptionSchema } from './subscription.ts';

const CHANGE_TYPES = {
  quantity: 'More or fewer units of an item.',
  add_item: 'Something was added.',
  remove_item: 'Something was taken away.',
  plan: 'Another plan.',
  prices: 'Other price versions.',
  pause: 'Service rests.',
  resume: 'Service goes on.',
  end: 'Service ends.',
  auto_renew: 'Whether it goes on by itself.',
  align: 'Other boundaries.',
  contract: 'A committed term.',
  unpark: 'Billed again in its turn.',
} satisfies Record<SubscriptionCommand['type'], string>;

/** What was done to a subscription, on the wire. */
export const SubscriptionChangeSchema = Type.Object(
  {
    id: idSchema('chg'),
    type: choiceOf(CHANGE_TYPES),
    effective_on: DateSchema,
    adjusted_minor: Type.Integer({
      description: 'The sum of its adjusting lines in the smallest unit; below zero: money back.',
    }),
    at: InstantSchema,
  },
  {
    title: 'SubscriptionChange',
    additionalProperties: false,
    description: 'What was done to a subscription; the day belongs to the new state.',
    examples: [
      {
        id: exampleId('chg'),
        type: 'quantity',
        effective_on: '2026-03-16',
        adjusted_minor: 3_100,
        at: '2026-03-16T02:00:00.000Z',
      },
    ],
  },
);

export type SubscriptionChangeWire = Type.Static<typeof SubscriptionChangeSchema>;

export function toSubscriptionChangeWire(change: SubscriptionChange): SubscriptionChangeWire {
  return {
    id: change.id,
    type: change.command.type,
    effective_on: toDateWire(change.effectiveOn),
    adjusted_minor: toIntegerWire(change.adjustedMinor),
    at: toInstantWire(change.at),
  };
}

/** A coupon on a subscription, on the wire. */
export const RedemptionSchema = Type.Object(
  {
    id: idSchema('red'),
    subscription_id: idSchema('sub'),
    coupon: CouponSchema,
    state: choiceOf({
      active: 'It comes off the next invoice.',
      used_up: 'It gave all that it had.',
      ended: 'It gives nothing any more.',
    } satisfies Record<Redemption['state'], string>),
    used_periods: Type.Integer({ minimum: 0 }),
    used_amount: orNull(AmountSchema),
  },
  {
    title: 'Redemption',
    additionalProperties: false,
    description: 'A coupon that a subscription has, and what of it is used.',
    examples: [
      {
        id: exampleId('red'),
        subscription_id: exampleId('sub'),
        coupon: exampleOf(CouponSchema),
        state: 'active',
        used_periods: 0,
        used_amount: null,
      },
    ],
  },
);

export type RedemptionWire = Type.Static<typeof RedemptionSchema>;

export function toRedemptionWire(redemption: Redemption): RedemptionWire {
  const { usedAmount } = redemption;
  return {
    id: redemption.id,
    subscription_id: redemption.subscriptionId,
    coupon: toCouponWire(redemption.coupon),
    state: redemption.state,
    used_periods: redemption.usedPeriods,
    used_amount: usedAmount === undefined ? null : toAmountWire(usedAmount),
  };
}

/** The answer to an alignment. */
export const AlignmentSchema = Type.Object(
  {
    dry_run: Type.Boolean(),
    subscriptions: Type.Array(SubscriptionSchema),
    changes: Type.Array(SubscriptionChangeSchema),
  },
  {
    title: 'Alignment',
    additionalProperties: false,
    description: 'All subscriptions of a customer with their boundaries on one day.',
    examples: [
      {
        dry_run: false,
        subscriptions: [exampleOf(SubscriptionSchema)],
        changes: [exampleOf(SubscriptionChangeSchema)],
      },
    ],
  },
);

export type AlignmentWire = Type.Static<typeof AlignmentSchema>;

/** The answer to an unparking. */
export const UnparkedSchema = Type.Object(
  {
    dry_run: Type.Boolean(),
    subscriptions: Type.Array(
      Type.Object(
        { id: idSchema('sub'), reason: Type.String(), sentence: Type.String() },
        { additionalProperties: false },
      ),
    ),
  },
  {
    title: 'Unparked',
    additionalProperties: false,
    description: 'What is billed again, with the reason for which it was parked.',
    examples: [
      {
        dry_run: false,
        subscriptions: [
          {
            id: exampleId('sub'),
            reason: 'too_many_lines',
            sentence: 'The bill has more lines than its days may have.',
          },
        ],
      },
    ],
  },
);

export type UnparkedWire = Type.Static<typeof UnparkedSchema>;

/** The answer to a move of a child to another organisation. */
export const MovedChildSchema = Type.Object(
  {
    before: CustomerSchema,
    after: CustomerSchema,
    subscriptions: Type.Array(SubscriptionSchema),
  },
  {
    title: 'MovedChild',
    additionalProperties: false,
    description: 'The child under its old payer and under its new one, with what went along.',
    examples: [
      {
        before: exampleOf(CustomerSchema),
        after: exampleOf(CustomerSchema),
        subscriptions: [exampleOf(SubscriptionSchema)],
      },
    ],
  },
);

/** One subscription that another payer continues. */
export const TransferredSchema = Type.Object(
  { from: idSchema('sub'), starts_on: DateSchema, subscription: SubscriptionSchema },
  {
    title: 'Transferred',
    additionalProperties: false,
    description: 'A subscription that continues another one under a new payer.',
    examples: [
      {
        from: exampleId('sub'),
        starts_on: '2026-04-01',
        subscription: exampleOf(SubscriptionSchema),
      },
    ],
  },
);

const CountSchema = Type.Integer({ minimum: 0 });

const ImpactTotalsSchema = Type.Object(
  {
    subscriptions: CountSchema,
    customers: CountSchema,
    rises: CountSchema,
    decreases: CountSchema,
    unchanged: CountSchema,
    unreachable: Type.Integer({ minimum: 0, description: 'Subscriptions without an address.' }),
    by_currency: Type.Array(
      Type.Object(
        {
          currency: Type.String({ description: 'ISO 4217 code.' }),
          before: Type.Integer({ description: 'Per period, smallest unit, tax included.' }),
          after: Type.Integer({ description: 'Per period, smallest unit, tax included.' }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
);

export type ImpactTotalsWire = Type.Static<typeof ImpactTotalsSchema>;

/** The answer to a new price change. */
export const MadePriceChangeSchema = Type.Object(
  { dry_run: Type.Boolean(), price_change: PriceChangeSchema, totals: ImpactTotalsSchema },
  {
    title: 'MadePriceChange',
    additionalProperties: false,
    description: 'A draft of a price change with whom it touches and by how much.',
    examples: [
      {
        dry_run: true,
        price_change: exampleOf(PriceChangeSchema),
        totals: {
          subscriptions: 120,
          customers: 118,
          rises: 120,
          decreases: 0,
          unchanged: 0,
          unreachable: 3,
          by_currency: [{ currency: 'CNY', before: 372_000, after: 420_000 }],
        },
      },
    ],
  },
);

/** A price change with how many subscriptions answered what, and what came of it. */
export const PriceChangeStatusSchema = Type.Object(
  {
    ...PriceChangeSchema.properties,
    customers: Type.Array(
      Type.Object(
        {
          answer: ConsentSchema.properties.answer,
          outcome: ConsentSchema.properties.outcome,
          count: CountSchema,
        },
        { additionalProperties: false },
      ),
    ),
  },
  {
    title: 'PriceChangeStatus',
    additionalProperties: false,
    description: 'A price change and how many of its subscriptions stand where.',
    examples: [
      {
        ...(exampleOf(PriceChangeSchema) as object),
        customers: [{ answer: 'silent', outcome: 'waiting', count: 120 }],
      },
    ],
  },
);
