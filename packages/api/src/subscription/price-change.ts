import type { PriceChange, PriceChangeConsent } from '@daikou/core';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

const StepsSchema = Type.Array(
  Type.Object({ from: idSchema('prv'), to: idSchema('prv') }, { additionalProperties: false }),
  { minItems: 1, maxItems: 200, description: 'Which price version replaces which.' },
);

const AudienceSchema = choiceOf({
  consumer: 'Silence is not consent.',
  business: 'Silence of an organisation that was told in time is consent; a person is never meant.',
} satisfies Record<PriceChange['audience'], string>);

const FallbackSchema = Type.Object(
  {
    type: choiceOf({
      stay_until: 'The old price until the first boundary on or after `until`; then it ends.',
      downgrade: 'Another plan, where it costs no more.',
      leave_without_penalty: 'It ends at the first boundary, without a fee.',
    } satisfies Record<PriceChange['fallback']['type'], string>),
    until: Type.Optional(DateSchema),
    plan_id: Type.Optional(idSchema('pln')),
    steps: Type.Optional(StepsSchema),
  },
  { additionalProperties: false, description: 'For whoever does not consent to a rise.' },
);

const StateSchema = choiceOf({
  draft: 'Nobody was told.',
  published: 'Customers are told and answer.',
  applied: 'It waits for nobody any more.',
  withdrawn: 'It was taken back before it began.',
} satisfies Record<PriceChange['state'], string>);

const AnswerSchema = choiceOf({
  silent: 'No answer yet.',
  acknowledged: 'Agreed to the new price.',
  objected: 'Does not agree.',
} satisfies Record<PriceChangeConsent['answer'], string>);

const OutcomeSchema = choiceOf({
  waiting: 'Nothing was decided yet.',
  applied: 'The new price holds.',
  downgraded: 'The smaller plan holds.',
  left: 'Service ends without a fee.',
  unchanged: 'It ended or changed its price by itself.',
  withdrawn: 'The price change was taken back.',
} satisfies Record<PriceChangeConsent['outcome'], string>);

/** What `POST /v1/price-changes` takes. */
export const NewPriceChangeSchema = Type.Object(
  {
    steps: StepsSchema,
    effective_on: DateSchema,
    audience: AudienceSchema,
    fallback: FallbackSchema,
    notice_days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3650 })),
    reason: Type.String({ minLength: 1, maxLength: 2000 }),
  },
  {
    title: 'NewPriceChange',
    additionalProperties: false,
    examples: [
      {
        steps: [{ from: exampleId('prv'), to: exampleId('prv') }],
        effective_on: '2026-06-01',
        audience: 'consumer',
        fallback: { type: 'leave_without_penalty' },
        reason: 'Higher cost of messages.',
      },
    ],
  },
);

const PartySchema = {
  customer_id: idSchema('cus'),
  subscription_id: Type.Optional(idSchema('sub')),
  at: Type.Optional(Type.String({ format: 'date-time', description: 'Left out: now.' })),
} as const;

const ANSWERED = {
  channel: choiceOf({
    portal: 'In the portal.',
    mail: 'By e-mail.',
    sms: 'By text message.',
    phone: 'By phone.',
    letter: 'By letter.',
    in_person: 'In person.',
  }),
  evidence_hash: Type.String({
    pattern: '^[0-9a-f]{64}$',
    description: 'SHA-256 of the form, the recording or the message, in hexadecimal digits.',
  }),
} as const;

/** What proves that a customer agreed to a higher price, on an order that it signed. */
export const ConsentEvidenceSchema = Type.Object(
  { at: Type.String({ format: 'date-time' }), ...ANSWERED },
  { title: 'ConsentEvidence', additionalProperties: false },
);

export type ConsentEvidenceBody = Type.Static<typeof ConsentEvidenceSchema>;

/** What `POST /v1/price-changes/{id}/consents` takes. */
export const PriceAnswerSchema = Type.Object(
  {
    ...PartySchema,
    answer: choiceOf({ acknowledged: 'Agreed.', objected: 'Does not agree.' }),
    ...ANSWERED,
  },
  {
    title: 'PriceAnswer',
    additionalProperties: false,
    examples: [
      {
        customer_id: exampleId('cus'),
        answer: 'acknowledged',
        channel: 'portal',
        evidence_hash: 'a'.repeat(64),
      },
    ],
  },
);

/** What `POST /v1/price-changes/{id}/notices` takes: a customer was told. */
export const PriceNoticeSchema = Type.Object(
  {
    ...PartySchema,
    channel: choiceOf({ mail: 'E-mail.', sms: 'Text.', letter: 'Letter.', portal: 'Portal.' }),
    reference: Type.Optional(Type.String({ minLength: 1, maxLength: 200 })),
  },
  {
    title: 'PriceNotice',
    additionalProperties: false,
    examples: [{ customer_id: exampleId('cus'), channel: 'letter', reference: 'RR-1' }],
  },
);

/** What `GET /v1/price-changes/{id}/customers` may be asked. */
export const ConsentQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    state: Type.Optional(AnswerSchema),
    outcome: Type.Optional(OutcomeSchema),
  },
  { additionalProperties: false },
);

export const PriceChangeQuerySchema = Type.Object(
  { ...PAGE_PARAMETERS, state: Type.Optional(StateSchema) },
  { additionalProperties: false },
);

const EXAMPLE_CHANGE = {
  id: exampleId('pch'),
  state: 'draft',
  steps: [{ from: exampleId('prv'), to: exampleId('prv') }],
  effective_on: '2026-06-01',
  audience: 'consumer',
  fallback: { type: 'leave_without_penalty' },
  notice_days: 30,
  reason: 'Higher cost of messages.',
  created_at: '2026-03-09T23:30:00.000Z',
  published_at: null,
  applied_at: null,
  withdrawn_at: null,
} as const;

export const PriceChangeSchema = Type.Object(
  {
    id: idSchema('pch'),
    state: StateSchema,
    steps: StepsSchema,
    effective_on: DateSchema,
    audience: AudienceSchema,
    fallback: FallbackSchema,
    notice_days: Type.Integer(),
    reason: Type.String(),
    created_at: InstantSchema,
    published_at: orNull(InstantSchema),
    applied_at: orNull(InstantSchema),
    withdrawn_at: orNull(InstantSchema),
  },
  {
    title: 'PriceChange',
    additionalProperties: false,
    description: 'What existing customers are to pay from a day on, with their consent.',
    examples: [EXAMPLE_CHANGE],
  },
);

export const ConsentSchema = Type.Object(
  {
    subscription_id: idSchema('sub'),
    customer_id: idSchema('cus'),
    audience: AudienceSchema,
    direction: choiceOf({
      rise: 'Costs more, or cannot be shown to cost no more.',
      decrease: 'Costs less.',
      same: 'Costs the same.',
    } satisfies Record<PriceChangeConsent['direction'], string>),
    before: AmountSchema,
    after: AmountSchema,
    notice_channel: orNull(Type.String()),
    noticed_at: orNull(InstantSchema),
    answer: AnswerSchema,
    answered_at: orNull(InstantSchema),
    answer_channel: orNull(Type.String()),
    evidence_hash: orNull(Type.String()),
    outcome: OutcomeSchema,
    effective_on: orNull(DateSchema),
  },
  {
    title: 'PriceChangeConsent',
    additionalProperties: false,
    description: 'What one subscription’s payer was told, what it said and what came of it.',
    examples: [
      {
        subscription_id: exampleId('sub'),
        customer_id: exampleId('cus'),
        audience: 'consumer',
        direction: 'rise',
        before: { amount: 3_100, currency: 'CNY' },
        after: { amount: 3_500, currency: 'CNY' },
        notice_channel: 'mail',
        noticed_at: '2026-04-20T01:00:00.000Z',
        answer: 'acknowledged',
        answered_at: '2026-04-21T02:00:00.000Z',
        answer_channel: 'portal',
        evidence_hash: 'a'.repeat(64),
        outcome: 'waiting',
        effective_on: null,
      },
    ],
  },
);

export const PriceChangeListSchema = listSchema('PriceChangeList', PriceChangeSchema);
export const ConsentListSchema = listSchema('PriceChangeConsentList', ConsentSchema);

export type NewPriceChangeBody = Type.Static<typeof NewPriceChangeSchema>;
export type PriceAnswerBody = Type.Static<typeof PriceAnswerSchema>;
export type PriceNoticeBody = Type.Static<typeof PriceNoticeSchema>;
export type PriceChangeWire = Type.Static<typeof PriceChangeSchema>;
export type ConsentWire = Type.Static<typeof ConsentSchema>;

/** The first field of a file that the schema refuses, as a path; undefined when it fits. */
export function findPriceChangeFault(json: unknown): string | undefined {
  const [fault] = Value.Errors(NewPriceChangeSchema, json);
  return fault === undefined ? undefined : `${fault.instancePath} ${fault.message}`.trim();
}

export function toPriceChangeWire(change: PriceChange): PriceChangeWire {
  return {
    id: change.id,
    state: change.state,
    steps: change.steps.map((step) => ({ ...step })),
    effective_on: toDateWire(change.effectiveOn),
    audience: change.audience,
    fallback: toFallbackWire(change.fallback),
    notice_days: change.noticeDays,
    reason: change.reason,
    created_at: toInstantWire(change.createdAt),
    published_at: instantOrNull(change.publishedAt),
    applied_at: instantOrNull(change.appliedAt),
    withdrawn_at: instantOrNull(change.withdrawnAt),
  };
}

function toFallbackWire(fallback: PriceChange['fallback']): PriceChangeWire['fallback'] {
  switch (fallback.type) {
    case 'stay_until':
      return { type: fallback.type, until: toDateWire(fallback.until) };
    case 'downgrade': {
      const steps = fallback.steps.map((step) => ({ ...step }));
      return { type: fallback.type, plan_id: fallback.planId, steps };
    }
    case 'leave_without_penalty':
      return { type: fallback.type };
  }
}

export function toConsentWire(consent: PriceChangeConsent): ConsentWire {
  const { notice, answered } = consent;
  return {
    subscription_id: consent.subscriptionId,
    customer_id: consent.customerId,
    audience: consent.audience,
    direction: consent.direction,
    before: toAmountWire(consent.before),
    after: toAmountWire(consent.after),
    notice_channel: notice.channel ?? null,
    noticed_at: instantOrNull(notice.noticedAt),
    answer: consent.answer,
    answered_at: instantOrNull(answered?.at),
    answer_channel: answered?.channel ?? null,
    evidence_hash: answered?.evidenceHash ?? null,
    outcome: consent.outcome,
    effective_on: consent.effectiveOn === undefined ? null : toDateWire(consent.effectiveOn),
  };
}

function instantOrNull(instant: Temporal.Instant | undefined): string | null {
  return instant === undefined ? null : toInstantWire(instant);
}
