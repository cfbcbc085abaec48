import type {
  CollectionMethod,
  PriceKind,
  Subscription,
  SubscriptionItem,
  SubscriptionState,
} from '@daikou/core';
import { Type } from 'typebox';
import {
  DateSchema,
  InstantSchema,
  IntervalSchema,
  toDateWire,
  toInstantWire,
  toIntervalWire,
} from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire, toIntegerWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

export const PriceKindSchema = choiceOf({
  flat: 'A base fee.',
  seat: 'A fee per seat.',
  module: 'A fee per module.',
  one_off: 'A fee that is asked once.',
} satisfies Record<PriceKind, string>);

export const CollectionMethodSchema = choiceOf({
  auto_debit: 'Debited through a mandate.',
  by_hand: "Paid by the customer's own hand.",
} satisfies Record<CollectionMethod, string>);

const STATES = {
  active: 'Billed each period.',
  paused: 'Not billed until it is resumed.',
  ended: 'Over; never billed again.',
  parked: 'Not billed until a person has looked at it.',
} satisfies Record<SubscriptionState, string>;

export const SubscriptionItemSchema = Type.Object(
  {
    id: idSchema('sit'),
    kind: PriceKindSchema,
    price_version_id: idSchema('prv'),
    quantity: Type.Integer({ minimum: 0, description: 'Whole units; a base fee has 1.' }),
    agreed_unit_amount: orNull(AmountSchema),
  },
  {
    title: 'SubscriptionItem',
    additionalProperties: false,
    description: 'One thing that the customer gets: a base fee, seats, a module.',
  },
);

/** The commercial schedule on the wire. */
export const SubscriptionSchema = Type.Object(
  {
    id: idSchema('sub'),
    customer_id: idSchema('cus'),
    plan_id: idSchema('pln'),
    state: choiceOf(STATES),
    anchor: DateSchema,
    interval: IntervalSchema,
    next_bill_at: InstantSchema,
    collection: CollectionMethodSchema,
    payment_method_label: Type.String(),
    contract_start: orNull(DateSchema),
    contract_end: orNull(DateSchema),
    items: Type.Array(SubscriptionItemSchema),
    created_at: InstantSchema,
  },
  {
    title: 'Subscription',
    additionalProperties: false,
    description: 'What a customer gets, from when, at what price, billed when (订阅).',
    examples: [
      {
        id: exampleId('sub'),
        customer_id: exampleId('cus'),
        plan_id: exampleId('pln'),
        state: 'active',
        anchor: '2026-03-10',
        interval: { unit: 'month', count: 1 },
        next_bill_at: '2026-04-01T16:00:00.000Z',
        collection: 'auto_debit',
        payment_method_label: '代扣',
        contract_start: null,
        contract_end: null,
        items: [
          {
            id: exampleId('sit'),
            kind: 'flat',
            price_version_id: exampleId('prv'),
            quantity: 1,
            agreed_unit_amount: null,
          },
        ],
        created_at: '2026-03-01T02:00:00.000Z',
      },
    ],
  },
);

export const SubscriptionListSchema = listSchema('SubscriptionList', SubscriptionSchema);

/** What `GET /v1/subscriptions` may be asked. */
export const SubscriptionQuerySchema = Type.Object(
  { ...PAGE_PARAMETERS, customer_id: Type.Optional(idSchema('cus')) },
  { additionalProperties: false },
);

export type SubscriptionWire = Type.Static<typeof SubscriptionSchema>;
export type SubscriptionItemWire = Type.Static<typeof SubscriptionItemSchema>;
export type SubscriptionQuery = Type.Static<typeof SubscriptionQuerySchema>;

function toItemWire(item: SubscriptionItem): SubscriptionItemWire {
  const { agreedUnitAmount } = item;
  return {
    id: item.id,
    kind: item.kind,
    price_version_id: item.priceVersionId,
    quantity: toIntegerWire(item.quantity),
    agreed_unit_amount: agreedUnitAmount === undefined ? null : toAmountWire(agreedUnitAmount),
  };
}

/** A subscription in its wire form, with its items. */
export function toSubscriptionWire(subscription: Subscription): SubscriptionWire {
  const { contractStart, contractEnd } = subscription;
  return {
    id: subscription.id,
    customer_id: subscription.customerId,
    plan_id: subscription.planId,
    state: subscription.state,
    anchor: toDateWire(subscription.anchor),
    interval: toIntervalWire(subscription.interval),
    next_bill_at: toInstantWire(subscription.nextBillAt),
    collection: subscription.collection,
    payment_method_label: subscription.paymentMethodLabel,
    contract_start: contractStart === undefined ? null : toDateWire(contractStart),
    contract_end: contractEnd === undefined ? null : toDateWire(contractEnd),
    items: subscription.items.map(toItemWire),
    created_at: toInstantWire(subscription.createdAt),
  };
}
