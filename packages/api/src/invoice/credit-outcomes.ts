import { Type } from 'typebox';
import { DateSchema } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema } from '../money/amount.ts';
import { orNull } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';
import { CreditNoteSchema } from './credit.ts';
import { InvoiceSchema } from './invoice.ts';

/** The answer to a request for a credit note. */
export const CreditedSchema = Type.Object(
  {
    dry_run: Type.Boolean(),
    invoice: InvoiceSchema,
    credit_notes: Type.Array(CreditNoteSchema),
    debit: orNull(
      Type.Object(
        { id: idSchema('dbt'), amount: AmountSchema, collect_date: DateSchema },
        { additionalProperties: false, description: 'What collects the rest.' },
      ),
    ),
  },
  {
    title: 'Credited',
    additionalProperties: false,
    description: 'The invoice with what was taken back, and the debit that collects the rest.',
    examples: [
      {
        dry_run: false,
        invoice: exampleOf(InvoiceSchema),
        credit_notes: [exampleOf(CreditNoteSchema)],
        debit: {
          id: exampleId('dbt'),
          amount: { amount: 95_400, currency: 'CNY' },
          collect_date: '2026-03-18',
        },
      },
    ],
  },
);

export type CreditedWire = Type.Static<typeof CreditedSchema>;

/** The answer to a reissue. */
export const ReissuedSchema = Type.Object(
  {
    dry_run: Type.Boolean(),
    before: InvoiceSchema,
    after: orNull(InvoiceSchema),
    parts: Type.Array(
      Type.Object(
        { cause: Type.String(), amount: AmountSchema, sentence: Type.String() },
        { additionalProperties: false },
      ),
      { description: 'They add up to the difference of the totals.' },
    ),
  },
  {
    title: 'Reissued',
    additionalProperties: false,
    description: 'An invoice as it was and as it is from today’s facts; null: nothing is left.',
    examples: [
      {
        dry_run: true,
        before: exampleOf(InvoiceSchema),
        after: exampleOf(InvoiceSchema),
        parts: [],
      },
    ],
  },
);

export type ReissuedWire = Type.Static<typeof ReissuedSchema>;
