import type {
  CollectionMethod,
  Contract,
  ParkingReason,
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
import { PriceKindSchema, PriceModelSchema, toPriceModelWire } from '../catalog/catalog.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire, toIntegerWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

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
    from: DateSchema,
    until: orNull(DateSchema),
    agreed_model: orNull(PriceModelSchema),
    continues: orNull(idSchema('sit')),
  },
  {
    title: 'SubscriptionItem',
    additionalProperties: false,
    description:
      'One stretch of one thing that the customer gets, at one price and quantity: from is its ' +
      'first day, until the first day on which it no longer holds.',
  },
);

const PauseSchema = Type.Object(
  { from: DateSchema, until: orNull(DateSchema) },
  { additionalProperties: false },
);

/** A committed term (合同) on the wire. */
export const ContractSchema = Type.Object(
  {
    start: DateSchema,
    end: DateSchema,
    renewal: choiceOf({
      same_term: 'Another term of the same length follows.',
      open_ended: 'It goes on from period to period.',
      ends: 'Service ends with the term.',
    } satisfies Record<Contract['renewal'], string>),
    early_termination: Type.Object(
      {
        type: choiceOf({
          free: 'Nothing is owed.',
          share_of_remaining: 'A share of what the remaining term would have cost.',
          fixed: 'A fixed amount.',
        } satisfies Record<Contract['earlyTermination']['type'], string>),
        basis_points: orNull(Type.Integer({ minimum: 0, description: '10,000 is all.' })),
        amount: orNull(AmountSchema),
      },
      { additionalProperties: false, description: 'What leaving before the end costs.' },
    ),
    minimum_per_period: orNull(AmountSchema),
    minimum_for_term: orNull(AmountSchema),
  },
  { title: 'Contract', additionalProperties: false, description: 'A committed term (合同).' },
);

const ParkingSchema = Type.Object(
  {
    reason: choiceOf({
      cannot_be_billed: 'The draft was refused.',
      too_many_lines: 'More lines than its days may have.',
      amount_beyond_history: 'Far above earlier invoices.',
      amount_beyond_contract: 'Far above the committed amount.',
      by_hand: 'A person has parked it.',
    } satisfies Record<ParkingReason, string>),
    sentence: Type.String(),
    at: InstantSchema,
  },
  { additionalProperties: false },
);

/** The commercial schedule on the wire. */
export const SubscriptionSchema = Type.Object(
  {
    id: idSchema('sub'),
    customer_id: idSchema('cus'),
    beneficiary_id: orNull(idSchema('cus')),
    plan_id: idSchema('pln'),
    state: choiceOf(STATES),
    anchor: DateSchema,
    interval: IntervalSchema,
    starts_on: DateSchema,
    ends_on: orNull(DateSchema),
    trial_ends_on: orNull(DateSchema),
    pauses: Type.Array(PauseSchema),
    auto_renew: Type.Boolean({ description: 'False: service ends with what is paid.' }),
    contract: orNull(ContractSchema),
    billed_through: DateSchema,
    next_bill_at: InstantSchema,
    collection: CollectionMethodSchema,
    payment_method_label: Type.String(),
    parked: orNull(ParkingSchema),
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
        beneficiary_id: null,
        plan_id: exampleId('pln'),
        state: 'active',
        anchor: '2026-03-10',
        interval: { unit: 'month', count: 1 },
        starts_on: '2026-03-10',
        ends_on: null,
        trial_ends_on: null,
        pauses: [],
        auto_renew: true,
        contract: null,
        billed_through: '2026-04-10',
        next_bill_at: '2026-04-01T16:00:00.000Z',
        collection: 'auto_debit',
        payment_method_label: '代扣',
        parked: null,
        items: [
          {
            id: exampleId('sit'),
            kind: 'flat',
            price_version_id: exampleId('prv'),
            quantity: 1,
            from: '2026-03-10',
            until: null,
            agreed_model: null,
            continues: null,
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

export type ContractWire = Type.Static<typeof ContractSchema>;

function toItemWire(item: SubscriptionItem): SubscriptionItemWire {
  const { agreedModel } = item;
  return {
    id: item.id,
    kind: item.kind,
    price_version_id: item.priceVersionId,
    quantity: toIntegerWire(item.quantity),
    from: toDateWire(item.from),
    until: dateOrNull(item.until),
    agreed_model: agreedModel === undefined ? null : toPriceModelWire(agreedModel),
    continues: item.continues ?? null,
  };
}

/** A contract in its wire form. */
export function toContractWire(contract: Contract): ContractWire {
  const { earlyTermination: early, minimumPerPeriod, minimumForTerm } = contract;
  return {
    start: toDateWire(contract.start),
    end: toDateWire(contract.end),
    renewal: contract.renewal,
    early_termination: {
      type: early.type,
      basis_points: early.type === 'share_of_remaining' ? toIntegerWire(early.basisPoints) : null,
      amount: early.type === 'fixed' ? toAmountWire(early.amount) : null,
    },
    minimum_per_period: minimumPerPeriod === undefined ? null : toAmountWire(minimumPerPeriod),
    minimum_for_term: minimumForTerm === undefined ? null : toAmountWire(minimumForTerm),
  };
}

/** A subscription in its wire form, with its items. */
export function toSubscriptionWire(subscription: Subscription): SubscriptionWire {
  const { contract, parked } = subscription;
  return {
    id: subscription.id,
    customer_id: subscription.customerId,
    beneficiary_id: subscription.beneficiaryId ?? null,
    plan_id: subscription.planId,
    state: subscription.state,
    anchor: toDateWire(subscription.anchor),
    interval: toIntervalWire(subscription.interval),
    starts_on: toDateWire(subscription.startsOn),
    ends_on: dateOrNull(subscription.endsOn),
    trial_ends_on: dateOrNull(subscription.trialEndsOn),
    pauses: subscription.pauses.map((pause) => ({
      from: toDateWire(pause.from),
      until: dateOrNull(pause.until),
    })),
    auto_renew: subscription.autoRenew,
    contract: contract === undefined ? null : toContractWire(contract),
    billed_through: toDateWire(subscription.billedThrough),
    next_bill_at: toInstantWire(subscription.nextBillAt),
    collection: subscription.collection,
    payment_method_label: subscription.paymentMethodLabel,
    parked: parked === undefined ? null : { ...parked, at: toInstantWire(parked.at) },
    items: subscription.items.map(toItemWire),
    created_at: toInstantWire(subscription.createdAt),
  };
}

function dateOrNull(date: Temporal.PlainDate | undefined): string | null {
  return date === undefined ? null : toDateWire(date);
}
