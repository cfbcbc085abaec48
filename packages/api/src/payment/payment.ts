import type { ClaimReason, ClaimSuggestion, HandPayment, StoredBankLine } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, InstantSchema, toDateWire, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

const METHODS = {
  bank_transfer: 'A transfer to the merchant’s bank account.',
  pay_link: 'A page of a rail that the payer opened.',
  cash: 'Notes and coins.',
} as const satisfies Record<HandPayment['method'], string>;

const STATES = {
  booked: 'In the books.',
  reversed: 'Taken back on the day on which it was recorded.',
} as const satisfies Record<HandPayment['state'], string>;

/** Money that a customer paid by its own hand, on the wire (手工收款). */
export const HandPaymentSchema = Type.Object(
  {
    id: idSchema('hpy'),
    customer_id: idSchema('cus'),
    method: choiceOf<HandPayment['method']>(METHODS),
    rail: orNull(Type.String()),
    amount: AmountSchema,
    reference: Type.String({ description: 'The number of the transfer, order or receipt.' }),
    received_at: InstantSchema,
    business_date: DateSchema,
    bank_line_id: orNull(idSchema('bsl')),
    pay_link_id: orNull(idSchema('plk')),
    recorded_by: Type.String(),
    note: Type.String(),
    recorded_at: InstantSchema,
    invoices: Type.Array(
      Type.Object(
        { invoice_id: idSchema('inv'), amount: AmountSchema },
        { additionalProperties: false },
      ),
      { description: 'What it paid, each whole.' },
    ),
    to_balance: AmountSchema,
    grant_id: orNull(idSchema('crg')),
    state: choiceOf<HandPayment['state']>(STATES),
    reversed_at: orNull(InstantSchema),
    reversed_by: orNull(Type.String()),
    reversal_reason: orNull(Type.String()),
  },
  {
    title: 'HandPayment',
    additionalProperties: false,
    description: 'Money that a customer paid by its own hand: whole invoices, the rest as balance.',
    examples: [
      {
        id: exampleId('hpy'),
        customer_id: exampleId('cus'),
        method: 'bank_transfer',
        rail: null,
        amount: { amount: 12_000, currency: 'CNY' },
        reference: 'B20260312001',
        received_at: '2026-03-12T02:00:00.000Z',
        business_date: '2026-03-12',
        bank_line_id: null,
        pay_link_id: null,
        recorded_by: 'Anna',
        note: '',
        recorded_at: '2026-03-12T02:10:00.000Z',
        invoices: [{ invoice_id: exampleId('inv'), amount: { amount: 10_600, currency: 'CNY' } }],
        to_balance: { amount: 1_400, currency: 'CNY' },
        grant_id: exampleId('crg'),
        state: 'booked',
        reversed_at: null,
        reversed_by: null,
        reversal_reason: null,
      },
    ],
  },
);

export const HandPaymentListSchema = listSchema('HandPaymentList', HandPaymentSchema);

/** What `GET /v1/payments` may be asked. */
export const HandPaymentQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    customer_id: Type.Optional(idSchema('cus')),
    state: Type.Optional(choiceOf<HandPayment['state']>(STATES)),
  },
  { additionalProperties: false },
);

const LINE_STATES = {
  unmatched: 'It names a rail and fits no payout yet.',
  matched: 'It brought payouts of a rail.',
  unclaimed: 'Money in from nobody we know yet.',
  claimed: 'Booked as a customer’s payment.',
  other: 'Money out.',
} as const satisfies Record<StoredBankLine['state'], string>;

/** A line of the merchant's own bank statement. */
export const BankLineSchema = Type.Object(
  {
    id: idSchema('bsl'),
    account: Type.String({ description: 'The merchant’s name for its account.' }),
    booked_on: DateSchema,
    amount: AmountSchema,
    counterparty: orNull(Type.String()),
    remittance: orNull(Type.String()),
    bank_reference: Type.String(),
    state: choiceOf<StoredBankLine['state']>(LINE_STATES),
  },
  {
    title: 'BankLine',
    additionalProperties: false,
    description: 'A line of the merchant’s own bank statement. Below zero: money went out.',
    examples: [
      {
        id: exampleId('bsl'),
        account: '基本户',
        booked_on: '2026-03-12',
        amount: { amount: 10_600, currency: 'CNY' },
        counterparty: '示例公司',
        remittance: '服务费 C-0001',
        bank_reference: 'B20260312001',
        state: 'unclaimed',
      },
    ],
  },
);

export const BankLineListSchema = listSchema('BankLineList', BankLineSchema);

/** What `GET /v1/bank-lines` may be asked. */
export const BankLineQuerySchema = Type.Object(
  { ...PAGE_PARAMETERS, state: Type.Optional(choiceOf<StoredBankLine['state']>(LINE_STATES)) },
  { additionalProperties: false },
);

const REASONS = {
  customer_reference: 'The wording names the customer’s reference.',
  invoice_number: 'The wording names an open invoice.',
  order_number: 'The wording names one of our order numbers.',
  exact_amount: 'The amount is what is due, to the fen.',
  payer_name: 'The payer’s name is the customer’s, or nearly so.',
} as const satisfies Record<ClaimReason, string>;

/** Whose an unclaimed line may be. */
export const ClaimSuggestionSchema = Type.Object(
  {
    customer_id: idSchema('cus'),
    customer_reference: Type.String(),
    invoice_ids: Type.Array(idSchema('inv'), { description: 'What the money pays to the fen.' }),
    confidence: Type.Integer({
      minimum: 0,
      maximum: 100,
      description: 'For the order of the list; not a probability.',
    }),
    reasons: Type.Array(choiceOf<ClaimReason>(REASONS)),
    certain: Type.Boolean({ description: 'It needs no person: a number of ours and the amount.' }),
  },
  { additionalProperties: false },
);

export const LineSuggestionsSchema = Type.Object(
  { line: BankLineSchema, suggestions: Type.Array(ClaimSuggestionSchema) },
  {
    title: 'LineSuggestions',
    additionalProperties: false,
    examples: [
      {
        line: exampleOf(BankLineSchema),
        suggestions: [
          {
            customer_id: exampleId('cus'),
            customer_reference: 'C-0001',
            invoice_ids: [exampleId('inv')],
            confidence: 85,
            reasons: ['customer_reference', 'exact_amount'],
            certain: true,
          },
        ],
      },
    ],
  },
);

export type HandPaymentWire = Type.Static<typeof HandPaymentSchema>;
export type BankLineWire = Type.Static<typeof BankLineSchema>;
export type ClaimSuggestionWire = Type.Static<typeof ClaimSuggestionSchema>;

export function toHandPaymentWire(payment: HandPayment): HandPaymentWire {
  const { reversal } = payment;
  return {
    id: payment.id,
    customer_id: payment.customerId,
    method: payment.method,
    rail: payment.rail ?? null,
    amount: toAmountWire(payment.amount),
    reference: payment.reference,
    received_at: toInstantWire(payment.receivedAt),
    business_date: toDateWire(payment.businessDate),
    bank_line_id: payment.bankLineId ?? null,
    pay_link_id: payment.payLinkId ?? null,
    recorded_by: payment.recordedBy,
    note: payment.note,
    recorded_at: toInstantWire(payment.recordedAt),
    invoices: payment.allocations.map(({ invoiceId, amount }) => ({
      invoice_id: invoiceId,
      amount: toAmountWire(amount),
    })),
    to_balance: toAmountWire(payment.toBalance),
    grant_id: payment.grantId ?? null,
    state: payment.state,
    reversed_at: reversal === undefined ? null : toInstantWire(reversal.at),
    reversed_by: reversal?.by ?? null,
    reversal_reason: reversal?.reason ?? null,
  };
}

export function toBankLineWire(line: StoredBankLine): BankLineWire {
  return {
    id: line.id,
    account: line.account,
    booked_on: toDateWire(line.bookedOn),
    amount: toAmountWire(line.amount),
    counterparty: line.counterparty ?? null,
    remittance: line.remittance ?? null,
    bank_reference: line.bankReference,
    state: line.state,
  };
}

export function toClaimSuggestionWire(
  one: ClaimSuggestion & { readonly customer: { readonly externalReference: string } },
): ClaimSuggestionWire {
  return {
    customer_id: one.customerId,
    customer_reference: one.customer.externalReference,
    invoice_ids: [...one.invoiceIds],
    confidence: one.confidence,
    reasons: [...one.reasons],
    certain: one.isCertain,
  };
}
