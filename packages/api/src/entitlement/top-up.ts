import type { TopUp, TopUpHold, TopUpRule, TopUpState } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { ConsentEvidenceSchema } from '../subscription/price-change.ts';

const BySchema = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 100,
    description: 'Who records it; the label of the API key when left out.',
  }),
);

const HOLDS = {
  no_mandate: 'No active mandate takes this amount.',
  subscription_ended: 'The subscription whose invoices carry the top-ups has ended.',
  earlier_top_up: 'An earlier top-up is not paid and not given up.',
  monthly_cap: 'This month’s top-ups would come to more than the customer agreed to.',
} satisfies Record<TopUpHold, string>;

const STATES = {
  requested: 'Its invoice is drafted or owed; no balance yet.',
  paid: 'Paid, and the balance was granted.',
  refused: 'Not paid on its day, or taken back before: nothing is owed, nothing was granted.',
  returned: 'Its money went back later: what was left was taken back, what was used is owed.',
} satisfies Record<TopUpState, string>;

const CONSENT = {
  at: '2026-12-01T02:00:00.000Z',
  channel: 'portal',
  evidence_hash: 'a'.repeat(64),
};
const AGREED = {
  low: { amount: 1_000, currency: 'CNY' },
  amount: { amount: 5_000, currency: 'CNY' },
  monthly_cap: { amount: 10_000, currency: 'CNY' },
};

/** What a customer agreed to, on the wire. */
export const TopUpRuleSchema = Type.Object(
  {
    id: idSchema('tur'),
    customer_id: idSchema('cus'),
    subscription_id: idSchema('sub'),
    low: AmountSchema,
    amount: AmountSchema,
    monthly_cap: AmountSchema,
    consent: ConsentEvidenceSchema,
    agreed_by: Type.String(),
    agreed_at: InstantSchema,
    stopped_at: orNull(InstantSchema),
    stopped_by: orNull(Type.String()),
    is_low: Type.Boolean({ description: 'Low now, and this crossing had its top-up.' }),
    held_by: orNull(choiceOf(HOLDS)),
  },
  {
    title: 'TopUpRule',
    additionalProperties: false,
    description:
      'When the balance falls to `low`, one invoice over `amount` is collected with its notice; ' +
      'once it is paid the balance grows by it. Never more than `monthly_cap` in a calendar month.',
    examples: [
      {
        id: exampleId('tur'),
        customer_id: exampleId('cus'),
        subscription_id: exampleId('sub'),
        ...AGREED,
        consent: CONSENT,
        agreed_by: 'Anna',
        agreed_at: '2026-12-01T02:05:00.000Z',
        stopped_at: null,
        stopped_by: null,
        is_low: false,
        held_by: null,
      },
    ],
  },
);

/** What `POST /v1/customers/{id}/top-up` takes. */
export const NewTopUpRuleSchema = Type.Object(
  {
    low: AmountSchema,
    amount: AmountSchema,
    monthly_cap: AmountSchema,
    subscription_id: Type.Optional(idSchema('sub')),
    consent: ConsentEvidenceSchema,
    by: BySchema,
  },
  {
    title: 'NewTopUpRule',
    additionalProperties: false,
    description:
      'One for each currency: another one takes its place, with its own consent. Without ' +
      '`subscription_id` the customer’s first subscription that goes on carries the invoices.',
    examples: [{ ...AGREED, consent: CONSENT, by: 'Anna' }],
  },
);

/** What `POST /v1/customers/{id}/top-up/stop` takes. */
export const StopTopUpSchema = Type.Object(
  { currency: AmountSchema.properties.currency, by: BySchema },
  {
    title: 'StopTopUp',
    additionalProperties: false,
    examples: [{ currency: 'CNY', by: 'Anna' }],
  },
);

export const TopUpSchema = Type.Object(
  {
    id: idSchema('tup'),
    rule_id: idSchema('tur'),
    invoice_id: idSchema('inv'),
    amount: AmountSchema,
    state: choiceOf(STATES),
    requested_on: DateSchema,
    grant_id: orNull(idSchema('crg')),
    ended_at: orNull(InstantSchema),
  },
  {
    title: 'TopUp',
    additionalProperties: false,
    examples: [
      {
        id: exampleId('tup'),
        rule_id: exampleId('tur'),
        invoice_id: exampleId('inv'),
        amount: AGREED.amount,
        state: 'requested',
        requested_on: '2026-12-02',
        grant_id: null,
        ended_at: null,
      },
    ],
  },
);

/** What `GET /v1/customers/{id}/top-up` answers. */
export const CustomerTopUpsSchema = Type.Object(
  { rules: Type.Array(TopUpRuleSchema), top_ups: Type.Array(TopUpSchema) },
  {
    title: 'CustomerTopUps',
    additionalProperties: false,
    description: 'What is in force, one for each currency, and the newest 50 top-ups.',
    examples: [{ rules: [], top_ups: [] }],
  },
);

export type NewTopUpRuleBody = Type.Static<typeof NewTopUpRuleSchema>;
export type StopTopUpBody = Type.Static<typeof StopTopUpSchema>;
export type TopUpRuleWire = Type.Static<typeof TopUpRuleSchema>;
export type TopUpWire = Type.Static<typeof TopUpSchema>;
export type CustomerTopUpsWire = Type.Static<typeof CustomerTopUpsSchema>;

export function toTopUpRuleWire(one: TopUpRule): TopUpRuleWire {
  const { at, channel, evidenceHash } = one.consent;
  return {
    id: one.id,
    customer_id: one.customerId,
    subscription_id: one.subscriptionId,
    low: toAmountWire(one.low),
    amount: toAmountWire(one.amount),
    monthly_cap: toAmountWire(one.monthlyCap),
    consent: { at: toInstantWire(at), channel, evidence_hash: evidenceHash },
    agreed_by: one.agreedBy,
    agreed_at: toInstantWire(one.agreedAt),
    stopped_at: one.stopped === undefined ? null : toInstantWire(one.stopped.at),
    stopped_by: one.stopped?.by ?? null,
    is_low: one.isLow,
    held_by: one.heldBy ?? null,
  };
}

export function toTopUpWire(topUp: TopUp): TopUpWire {
  return {
    id: topUp.id,
    rule_id: topUp.ruleId,
    invoice_id: topUp.invoiceId,
    amount: toAmountWire(topUp.amount),
    state: topUp.state,
    requested_on: topUp.requestedOn.toString(),
    grant_id: topUp.grantId ?? null,
    ended_at: topUp.endedAt === undefined ? null : toInstantWire(topUp.endedAt),
  };
}
