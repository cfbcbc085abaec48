import type { CreditDisposition, CreditReason } from '@daikou/core';
import { Type } from 'typebox';
import { AmountSchema } from '../money/amount.ts';
import { choiceOf } from '../result/choice.ts';

const REASONS = {
  service_not_delivered: 'What was billed was not delivered.',
  billed_in_error: 'It was billed by mistake.',
  goodwill: 'A gesture, without a mistake.',
  termination: 'The service ended before what was billed.',
  duplicate: 'The same thing was billed twice.',
} as const satisfies Record<CreditReason, string>;

const DISPOSITIONS = {
  reduce_due: 'Off what is still owed.',
  to_balance: 'To the customer’s balance, which the next invoices use first.',
} as const satisfies Record<Exclude<CreditDisposition, 'to_refund'>, string>;

export const CreditReasonSchema = choiceOf<CreditReason>(REASONS);
export const CreditDispositionSchema = choiceOf<CreditDisposition>({
  ...DISPOSITIONS,
  to_refund: 'Back to the payer, by the refund that it names.',
});

/** How much of one line; exactly one of `whole`, `amount` and `units`. */
const CreditLineSchema = Type.Object(
  {
    position: Type.Integer({ minimum: 1, description: 'The position of the invoice line.' }),
    whole: Type.Optional(Type.Literal(true, { description: 'All that is left of the line.' })),
    amount: Type.Optional(AmountSchema),
    units: Type.Optional(
      Type.String({
        maxLength: 40,
        description: 'Some of the line’s quantity, a decimal, at the line’s average price.',
        examples: ['2'],
      }),
    ),
  },
  { additionalProperties: false },
);

/** What `POST /v1/invoices/{id}/credit-notes` takes. */
export const CreditBodySchema = Type.Object(
  {
    lines: Type.Array(CreditLineSchema, { maxItems: 1_000 }),
    reason: CreditReasonSchema,
    disposition: Type.Optional(choiceOf(DISPOSITIONS)),
  },
  {
    title: 'CreditBody',
    additionalProperties: false,
    examples: [{ lines: [{ position: 1, units: '2' }], reason: 'service_not_delivered' }],
  },
);

export type CreditBody = Type.Static<typeof CreditBodySchema>;
