import { Type } from 'typebox';
import { InstantSchema } from '../calendar/dates.ts';
import { choiceOf } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';
import { AttemptSchema, AttemptStateSchema } from './attempt.ts';

const Person = Type.String({ minLength: 1, maxLength: 80, description: 'Who decides.' });

/** `POST /v1/debits/{id}/release`. */
export const ReleaseDebitSchema = Type.Object(
  { by: Person },
  {
    title: 'ReleaseDebit',
    additionalProperties: false,
    description: 'Lets a debit go whose amount is far above what the customer paid before.',
    examples: [{ by: 'finance-1' }],
  },
);

/** `POST /v1/attempts/{id}/resolve`. */
export const ResolveAttemptSchema = Type.Object(
  {
    outcome: choiceOf({
      paid: 'The money was taken; rail_reference is needed.',
      unpaid: 'It was not, and the number can never be paid any more.',
    }),
    evidence: Type.String({
      minLength: 5,
      maxLength: 500,
      description: "What it was seen in: a bill's line, the rail's support case.",
    }),
    by: Person,
    rail_reference: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    paid_at: Type.Optional(InstantSchema),
  },
  {
    title: 'ResolveAttempt',
    additionalProperties: false,
    description: "A person's answer for an attempt of which the rail says nothing definite.",
    examples: [{ outcome: 'unpaid', evidence: '通道工单 2026-0301：订单未扣款', by: 'support-2' }],
  },
);

export const AttemptListSchema = listSchema('AttemptList', AttemptSchema);

/** What `GET /v1/attempts` may be asked. */
export const AttemptQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    state: Type.Optional(AttemptStateSchema),
    needs_person: Type.Optional(
      Type.Boolean({ description: 'Only open ones whose questions to the rail are over.' }),
    ),
  },
  { additionalProperties: false },
);

export type ReleaseDebitBody = Type.Static<typeof ReleaseDebitSchema>;
export type ResolveAttemptBody = Type.Static<typeof ResolveAttemptSchema>;
export type AttemptQuery = Type.Static<typeof AttemptQuerySchema>;
