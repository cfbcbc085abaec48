import { Type } from 'typebox';
import { InstantSchema } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema } from '../money/amount.ts';
import { choiceOf } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';
import { HandPaymentSchema } from './payment.ts';

const BySchema = Type.Optional(
  Type.String({
    minLength: 1,
    maxLength: 80,
    description: 'Who it is; the label of the API key when left out.',
  }),
);

const InvoicesSchema = Type.Optional(
  Type.Array(idSchema('inv'), {
    maxItems: 100,
    description: 'What the payer said it is for; else the oldest due first.',
  }),
);

const NoteSchema = Type.Optional(Type.String({ maxLength: 500 }));

/** What `POST /v1/payments` takes. */
export const NewHandPaymentSchema = Type.Object(
  {
    customer_id: idSchema('cus'),
    method: choiceOf({
      bank_transfer: 'A transfer to the merchant’s bank account.',
      cash: 'Notes and coins.',
    }),
    amount: AmountSchema,
    reference: Type.String({ minLength: 1, maxLength: 128 }),
    received_at: Type.Optional(InstantSchema),
    invoice_ids: InvoicesSchema,
    note: NoteSchema,
    by: BySchema,
  },
  {
    title: 'NewHandPayment',
    additionalProperties: false,
    description: 'Money that came by hand. Without received_at it came now.',
    examples: [
      {
        customer_id: exampleId('cus'),
        method: 'bank_transfer',
        amount: { amount: 12_000, currency: 'CNY' },
        reference: 'B20260312001',
      },
    ],
  },
);

/** The answer to booking or claiming. */
export const HandPaymentRecordedSchema = Type.Object(
  {
    dry_run: Type.Boolean(),
    known: Type.Boolean({ description: 'It was booked before; nothing changed.' }),
    payment: HandPaymentSchema,
    paid: Type.Array(Type.String(), { description: 'Numbers of the invoices that are paid now.' }),
    left_open: Type.Array(
      Type.Object(
        {
          invoice_id: idSchema('inv'),
          number: Type.String(),
          reason: choiceOf({
            debit_in_flight:
              'Its debit may be taking the money at this moment: nothing is paid two ways at once.',
            not_covered: 'Neither the money nor the balance pays it whole.',
          }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  {
    title: 'HandPaymentRecorded',
    additionalProperties: false,
    examples: [
      {
        dry_run: false,
        known: false,
        payment: exampleOf(HandPaymentSchema),
        paid: ['INV-2026-000001'],
        left_open: [],
      },
    ],
  },
);

/** What `POST /v1/payments/{id}/reverse` takes. */
export const ReverseHandPaymentSchema = Type.Object(
  { reason: Type.String({ minLength: 1, maxLength: 200 }), by: BySchema },
  {
    title: 'ReverseHandPayment',
    additionalProperties: false,
    examples: [{ reason: 'another customer’s transfer', by: 'Anna' }],
  },
);

/** What `POST /v1/bank-lines/{id}/claim` takes. */
export const ClaimLineSchema = Type.Object(
  { customer_id: idSchema('cus'), invoice_ids: InvoicesSchema, note: NoteSchema, by: BySchema },
  {
    title: 'ClaimLine',
    additionalProperties: false,
    examples: [{ customer_id: exampleId('cus') }],
  },
);

/** What `POST /v1/bank-statements` is asked with; its body is the bank's file as it is. */
export const StatementQuerySchema = Type.Object(
  {
    account: Type.String({
      minLength: 1,
      maxLength: 100,
      description: 'The merchant’s name for the account (基本户), never its number.',
    }),
    name: Type.Optional(
      Type.String({ minLength: 1, maxLength: 200, description: 'The name of the file.' }),
    ),
  },
  { additionalProperties: false },
);

/** The answer to it. */
export const StatementIntakeSchema = Type.Object(
  {
    statements: Type.Integer({ minimum: 0 }),
    known: Type.Integer({ minimum: 0, description: 'Taken in before; nothing of them is new.' }),
    added: Type.Integer({ minimum: 0, description: 'Lines that were new to the account.' }),
    matched: Type.Integer({ minimum: 0, description: 'Payouts of rails that arrived.' }),
    claimed: Type.Integer({ minimum: 0, description: 'Lines booked without a person.' }),
  },
  {
    title: 'StatementIntake',
    additionalProperties: false,
    examples: [{ statements: 1, known: 0, added: 12, matched: 2, claimed: 3 }],
  },
);

export type NewHandPaymentBody = Type.Static<typeof NewHandPaymentSchema>;
export type HandPaymentRecordedWire = Type.Static<typeof HandPaymentRecordedSchema>;
export type ReverseHandPaymentBody = Type.Static<typeof ReverseHandPaymentSchema>;
export type ClaimLineBody = Type.Static<typeof ClaimLineSchema>;
export type StatementQuery = Type.Static<typeof StatementQuerySchema>;
