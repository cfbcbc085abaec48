import {
  type MoneyException,
  type Refund,
  type SuggestedAction,
  suggestedActionOf,
} from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { CreditReasonSchema } from '../invoice/credit-request.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

const SOURCES = {
  payment: 'A payment of invoices; the invoices are credited.',
  exception: 'Money that nobody owed.',
  balance: 'The customer’s own balance.',
} as const satisfies Record<Refund['source'], string>;

export const ROUTES = {
  original: 'Back through the rail that took it.',
  bank_transfer: 'A person transfers it from the bank account.',
} as const satisfies Record<Refund['route'], string>;

const STATES = {
  awaiting_approval: 'Above the merchant’s limit: a second person approves it. Nothing is booked.',
  approved: 'Owed in the books; it goes to the rail when it is due.',
  submitting: 'On its way to the rail.',
  accepted: 'The rail took it and answers later.',
  unknown: 'The rail has not said what became of it; it is asked on a schedule.',
  manual_review: 'Still owed; a person decides how it reaches the payer.',
  succeeded: 'The payer has the money.',
  withdrawn: 'Taken back; what it owed is the customer’s balance.',
} as const satisfies Record<Refund['state'], string>;

const REVIEWS = {
  refused: 'The rail refused it for good.',
  bank_failed: 'The payer’s bank failed it after the rail took it.',
  silent: 'The rail never said what became of it: have it asked again.',
  other_amount: 'The rail named another amount; its bill decides, or have it asked again.',
  by_transfer: 'It waits for a bank transfer.',
} as const satisfies Record<NonNullable<Refund['review']>, string>;

/** Money on its way back to a payer, on the wire (退款). */
export const RefundSchema = Type.Object(
  {
    id: idSchema('rfd'),
    customer_id: idSchema('cus'),
    source: choiceOf<Refund['source']>(SOURCES),
    route: choiceOf<Refund['route']>(ROUTES),
    payment_id: orNull(idSchema('pay')),
    exception_id: orNull(idSchema('exc')),
    rail: orNull(Type.String()),
    order_number: orNull(Type.String({ description: 'The order whose money goes back.' })),
    refund_number: Type.String({ description: 'Our number at the rail; it never changes.' }),
    amount: AmountSchema,
    processing: AmountSchema,
    invoices: Type.Array(
      Type.Object(
        { invoice_id: idSchema('inv'), amount: AmountSchema },
        { additionalProperties: false },
      ),
      { description: 'What it takes back of which invoices.' },
    ),
    reason: CreditReasonSchema,
    remark: Type.String(),
    state: choiceOf<Refund['state']>(STATES),
    review: orNull(choiceOf<NonNullable<Refund['review']>>(REVIEWS)),
    requested_by: Type.String(),
    approval_hash: Type.String({ description: 'What an approval names: this amount and target.' }),
    approve_by: orNull(InstantSchema),
    approved_by: orNull(Type.String()),
    refusal_code: orNull(Type.String({ description: 'The rail’s last word against it.' })),
    rail_reference: orNull(Type.String()),
    transfer_reference: orNull(Type.String()),
    grant_id: orNull(idSchema('crg')),
    submitted_at: orNull(InstantSchema),
    refunded_at: orNull(InstantSchema),
    ended_at: orNull(InstantSchema),
    created_at: InstantSchema,
  },
  {
    title: 'Refund',
    additionalProperties: false,
    description: 'Money on its way back to a payer (退款). Only a definite answer ends it.',
    examples: [
      {
        id: exampleId('rfd'),
        customer_id: exampleId('cus'),
        source: 'payment',
        route: 'original',
        payment_id: exampleId('pay'),
        exception_id: null,
        rail: 'example_rail',
        order_number: 'D0K2M3N4P5Q6R7S8T9U0V1W2X3N1',
        refund_number: 'R0K2M3N4P5Q6R7S8T9U0V1W2X3',
        amount: { amount: 10_600, currency: 'CNY' },
        processing: { amount: 0, currency: 'CNY' },
        invoices: [{ invoice_id: exampleId('inv'), amount: { amount: 10_600, currency: 'CNY' } }],
        reason: 'service_not_delivered',
        remark: '',
        state: 'approved',
        review: null,
        requested_by: 'Anna',
        approval_hash: 'a'.repeat(64),
        approve_by: null,
        approved_by: null,
        refusal_code: null,
        rail_reference: null,
        transfer_reference: null,
        grant_id: null,
        submitted_at: null,
        refunded_at: null,
        ended_at: null,
        created_at: '2026-03-12T02:00:00.000Z',
      },
    ],
  },
);

export const RefundListSchema = listSchema('RefundList', RefundSchema);

/** What `GET /v1/refunds` may be asked. */
export const RefundQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    customer_id: Type.Optional(idSchema('cus')),
    state: Type.Optional(choiceOf<Refund['state']>(STATES)),
  },
  { additionalProperties: false },
);

const KINDS = {
  late_success: 'A rail took money that nobody owed any more.',
  surplus: 'A payment is more than its invoices asked for when it came.',
  paid_other_amount: 'The rail took another amount than was asked for.',
  return_unmatched: 'A bank took back what the books do not have as a payment.',
  refund_unexpected: 'The rail returned money of a refund that had ended without it.',
  refund_sent_back: 'The payer’s bank sent a refund back after it had left.',
  refund_short: 'The rail returned less than the refund asked for.',
  refund_excess: 'The rail returned more than the refund asked for.',
} as const satisfies Record<MoneyException['kind'], string>;

const EXCEPTION_STATES = {
  open: 'Parked in the books until somebody decides.',
  refunding: 'On its way back.',
  refunded: 'The payer has it again.',
  credited: 'It is the customer’s balance.',
  booked: 'Taken into the books.',
} as const satisfies Record<MoneyException['state'], string>;

const SUGGESTED = {
  refund: 'Back through the rail that took it.',
  transfer: 'By bank transfer, to an account that the payer names.',
  ask_rail: 'Compare with the rail’s bill and ask the rail.',
  recover: 'Find out why it left; book what cannot be got back.',
} as const satisfies Record<SuggestedAction, string>;

/** Money at a rail whose purpose is not settled, on the wire. */
export const MoneyExceptionSchema = Type.Object(
  {
    id: idSchema('exc'),
    customer_id: idSchema('cus'),
    kind: choiceOf<MoneyException['kind']>(KINDS),
    debit_id: idSchema('dbt'),
    rail: Type.String(),
    order_number: Type.String(),
    rail_reference: Type.String(),
    amount: AmountSchema,
    detail: Type.String({ description: 'The rail’s code or our refund number; may be empty.' }),
    state: choiceOf<MoneyException['state']>(EXCEPTION_STATES),
    owner: Type.String({ description: 'The role or the person who sees to it.' }),
    suggested_action: orNull(choiceOf<SuggestedAction>(SUGGESTED)),
    decided_by: orNull(Type.String()),
    grant_id: orNull(idSchema('crg')),
    happened_at: InstantSchema,
    opened_at: InstantSchema,
    ended_at: orNull(InstantSchema),
  },
  {
    title: 'MoneyException',
    additionalProperties: false,
    description:
      'Money at a rail whose purpose is not settled. It ends as a refund, as balance or in the ' +
      'books, never in silence.',
    examples: [
      {
        id: exampleId('exc'),
        customer_id: exampleId('cus'),
        kind: 'late_success',
        debit_id: exampleId('dbt'),
        rail: 'example_rail',
        order_number: 'D0K2M3N4P5Q6R7S8T9U0V1W2X3N1',
        rail_reference: '4200001234',
        amount: { amount: 10_600, currency: 'CNY' },
        detail: '',
        state: 'open',
        owner: 'finance',
        suggested_action: 'refund',
        decided_by: null,
        grant_id: null,
        happened_at: '2026-03-12T02:00:00.000Z',
        opened_at: '2026-03-12T02:00:03.000Z',
        ended_at: null,
      },
    ],
  },
);

export const MoneyExceptionListSchema = listSchema('MoneyExceptionList', MoneyExceptionSchema);

/** What `GET /v1/exceptions` may be asked. */
export const MoneyExceptionQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    customer_id: Type.Optional(idSchema('cus')),
    state: Type.Optional(choiceOf<MoneyException['state']>(EXCEPTION_STATES)),
  },
  { additionalProperties: false },
);

export type RefundWire = Type.Static<typeof RefundSchema>;
export type MoneyExceptionWire = Type.Static<typeof MoneyExceptionSchema>;

/** A refund in its wire form. */
export function toRefundWire(refund: Refund): RefundWire {
  const { order, approval, refusal } = refund;
  const at = (instant: Temporal.Instant | undefined) =>
    instant === undefined ? null : toInstantWire(instant);
  return {
    id: refund.id,
    customer_id: refund.customerId,
    source: refund.source,
    route: refund.route,
    payment_id: refund.paymentId ?? null,
    exception_id: refund.exceptionId ?? null,
    rail: order?.rail ?? null,
    order_number: order?.orderNumber ?? null,
    refund_number: refund.refundNumber,
    amount: toAmountWire(refund.amount),
    processing: toAmountWire(refund.processing),
    invoices: refund.takes.map(({ invoiceId, amount }) => ({
      invoice_id: invoiceId,
      amount: toAmountWire(amount),
    })),
    reason: refund.reason,
    remark: refund.remark,
    state: refund.state,
    review: refund.review ?? null,
    requested_by: refund.requestedBy,
    approval_hash: refund.approvalHash,
    approve_by: at(refund.approveBy),
    approved_by: approval?.by ?? null,
    refusal_code: refusal?.code ?? null,
    rail_reference: refund.railReference ?? null,
    transfer_reference: refund.transferReference ?? null,
    grant_id: refund.grantId ?? null,
    submitted_at: at(refund.submittedAt),
    refunded_at: at(refund.refundedAt),
    ended_at: at(refund.endedAt),
    created_at: toInstantWire(refund.createdAt),
  };
}

/** Parked money in its wire form. */
export function toMoneyExceptionWire(exception: MoneyException): MoneyExceptionWire {
  const { endedAt } = exception;
  return {
    id: exception.id,
    customer_id: exception.customerId,
    kind: exception.kind,
    debit_id: exception.debitId,
    rail: exception.rail,
    order_number: exception.orderNumber,
    rail_reference: exception.railReference,
    amount: toAmountWire(exception.amount),
    detail: exception.detail,
    state: exception.state,
    owner: exception.owner,
    suggested_action: exception.state === 'open' ? suggestedActionOf(exception.kind) : null,
    decided_by: exception.decidedBy ?? null,
    grant_id: exception.grantId ?? null,
    happened_at: toInstantWire(exception.happenedAt),
    opened_at: toInstantWire(exception.openedAt),
    ended_at: endedAt === undefined ? null : toInstantWire(endedAt),
  };
}
