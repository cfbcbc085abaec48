import type { Attempt, Debit, DebitState, Notice } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { NoticeSchema, toNoticeWire } from '../notice/notice.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';
import { AttemptSchema, toAttemptWire } from './attempt.ts';

export const DebitStateSchema = choiceOf({
  scheduled: 'Waits for its notice and its day.',
  in_flight: 'An attempt is open; nothing else is sent.',
  succeeded: 'The money was taken.',
  failed: 'Given up; the money was not taken.',
  canceled: 'Not wanted any more.',
} satisfies Record<DebitState, string>);

/** The order to collect, on the wire. */
export const DebitSchema = Type.Object(
  {
    id: idSchema('dbt'),
    customer_id: idSchema('cus'),
    mandate_id: idSchema('man'),
    rail: Type.String({ description: 'The name of the payment rail.' }),
    state: DebitStateSchema,
    amount: AmountSchema,
    invoice_ids: Type.Array(idSchema('inv')),
    due_date: DateSchema,
    collect_at: InstantSchema,
    collect_date: DateSchema,
    attempt_count: Type.Integer({ minimum: 0, description: 'Attempts that have ended.' }),
    blocked_by: orNull(Type.String({ description: 'Why it was not sent when it was due.' })),
    moved_from: orNull(
      Type.String({ description: 'The first debit for these invoices, by another mandate.' }),
    ),
    released_by: orNull(Type.String({ description: 'Who let it go for its amount.' })),
    returned_at: orNull(
      Type.Unsafe<string>({
        ...InstantSchema,
        description: 'When the payer’s bank took the money back.',
      }),
    ),
    created_at: InstantSchema,
    attempts: Type.Optional(
      Type.Array(AttemptSchema, { description: 'Only when one debit is read, not in lists.' }),
    ),
    notices: Type.Optional(
      Type.Array(NoticeSchema, { description: 'Only when one debit is read, not in lists.' }),
    ),
  },
  {
    title: 'Debit',
    additionalProperties: false,
    description: 'The order to collect invoices of one customer through one mandate (扣款单).',
    examples: [
      {
        id: exampleId('dbt'),
        customer_id: exampleId('cus'),
        mandate_id: exampleId('man'),
        rail: 'example_rail',
        state: 'scheduled',
        amount: { amount: 106_000, currency: 'CNY' },
        invoice_ids: [exampleId('inv')],
        due_date: '2026-03-10',
        collect_at: '2026-03-09T23:30:00.000Z',
        collect_date: '2026-03-10',
        attempt_count: 0,
        blocked_by: null,
        moved_from: null,
        released_by: null,
        returned_at: null,
        created_at: '2026-03-04T16:00:03.000Z',
      },
    ],
  },
);

export const DebitListSchema = listSchema('DebitList', DebitSchema);

/** What `GET /v1/debits` may be asked. */
export const DebitQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    customer_id: Type.Optional(idSchema('cus')),
    state: Type.Optional(DebitStateSchema),
  },
  { additionalProperties: false },
);

export type DebitWire = Type.Static<typeof DebitSchema>;
export type DebitQuery = Type.Static<typeof DebitQuerySchema>;

/** A debit in its wire form; with its attempts and notices where the caller has read them. */
export function toDebitWire(
  debit: Debit,
  details?: { readonly attempts: readonly Attempt[]; readonly notices: readonly Notice[] },
): DebitWire {
  return {
    id: debit.id,
    customer_id: debit.customerId,
    mandate_id: debit.mandateId,
    rail: debit.rail,
    state: debit.state,
    amount: toAmountWire(debit.amount),
    invoice_ids: [...debit.invoiceIds],
    due_date: toDateWire(debit.dueDate),
    collect_at: toInstantWire(debit.collectAt),
    collect_date: toDateWire(debit.collectDate),
    attempt_count: debit.attemptCount,
    blocked_by: debit.blockedBy ?? null,
    moved_from: debit.movedFrom ?? null,
    released_by: debit.released?.by ?? null,
    returned_at: debit.returnedAt === undefined ? null : toInstantWire(debit.returnedAt),
    created_at: toInstantWire(debit.createdAt),
    ...(details && {
      attempts: details.attempts.map(toAttemptWire),
      notices: details.notices.map(toNoticeWire),
    }),
  };
}
