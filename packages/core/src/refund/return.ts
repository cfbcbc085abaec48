import { businessDate } from '../calendar/business-time.ts';
import type { Attempt } from '../debit/attempt.ts';
import type { Debit } from '../debit/debit.ts';
import type { Payment } from '../debit/payment.ts';
import type { CustomerId, DebitId, MerchantId, PaymentId, ReturnId } from '../ids/ids.ts';
import { bucketOf } from '../ids/ids.ts';
import type { Invoice } from '../invoice/invoice.ts';
import { INVOICE_MOVES } from '../invoice/moves.ts';
import type { Journal } from '../ledger/journal.ts';
import { postPaymentReturned } from '../ledger/refund-templates.ts';
import type { RailId } from '../mandate/mandate.ts';
import { equals, type Money } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { assertMove } from '../result/moves.ts';
import { type ExceptionDecision, openException } from './exception.ts';
import { decideWithdrawRefund, type RefundWithdrawn } from './manual.ts';
import type { MoneyException, RefundContext } from './money-exception.ts';
import { isRefundOpen } from './moves.ts';
import type { Refund } from './refund.ts';

/** Money of a payment that the payer's bank took back (SEPA return or refund). */
export type PaymentReturn = {
  readonly id: ReturnId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly paymentId: PaymentId;
  readonly debitId: DebitId;
  readonly rail: RailId;
  /** The bank's number: the same one again changes nothing. */
  readonly railReference: string;
  readonly amount: Money;
  readonly code: string;
  readonly message: string;
  /** The payer says that there is no mandate; nothing more may be collected by it. */
  readonly mandateGone: boolean;
  /** By the bank's time. */
  readonly returnedAt: Temporal.Instant;
  readonly recordedAt: Temporal.Instant;
};

/** What a bank says that it took back. */
export type ReturnNews = Pick<
  PaymentReturn,
  'railReference' | 'amount' | 'code' | 'message' | 'mandateGone' | 'returnedAt'
>;

export type ReturnFacts = {
  readonly debit: Debit;
  readonly attempt: Attempt;
  readonly invoices: readonly Invoice[];
  /** Absent: our books have no payment of this order (yet). */
  readonly payment?: Payment;
  /** The return of this payment that is booked already. */
  readonly known?: PaymentReturn;
  readonly refunds: readonly Refund[];
  /** All exceptions of the attempt. */
  readonly exceptions: readonly MoneyException[];
};

export type ReturnDecision =
  | {
      readonly kind: 'returned';
      readonly paymentReturn: PaymentReturn;
      readonly debit: Debit;
      readonly invoices: readonly Invoice[];
      /** Refunds of it that waited: the bank was quicker. */
      readonly withdrawn: readonly RefundWithdrawn[];
      readonly journal: Journal;
      readonly events: readonly NewEvent[];
    }
  /** Our books have no payment that it takes back: parked until one comes, or a person decides. */
  | { readonly kind: 'unmatched'; readonly parked: ExceptionDecision };

/**
 * The payer's bank took money back. The payment and the debit's success stay, as they are facts; a
 * journal takes the money out of the clearing account, and the invoices are owed again and free for
 * another debit. The same return again changes nothing, and one that our books cannot match (before
 * its success, of another amount, or a second one) waits as an exception.
 */
export function decideReturn(
  facts: ReturnFacts,
  news: ReturnNews,
  context: RefundContext,
): ReturnDecision | undefined {
  const { payment, known, debit } = facts;
  if (known?.railReference === news.railReference) return undefined;
  const isKnown = facts.exceptions.some(
    ({ kind, railReference }) =>
      kind === 'return_unmatched' && railReference === news.railReference,
  );
  const hasSurplus = facts.exceptions.some(({ kind }) => kind === 'surplus');
  const isWhole = payment !== undefined && equals(payment.amount, news.amount);
  if (payment === undefined || known !== undefined || hasSurplus || !isWhole) {
    if (isKnown) return undefined;
    const { railReference, amount, returnedAt: happenedAt, code: detail } = news;
    const money = { kind: 'return_unmatched' as const, railReference, amount, happenedAt, detail };
    return { kind: 'unmatched', parked: openException(facts.attempt, money, context) };
  }
  const bucket = bucketOf(debit.id);
  const { merchantId, customerId, rail } = payment;
  const paymentReturn: PaymentReturn = {
    id: context.ids('rtn', bucket),
    merchantId,
    customerId,
    paymentId: payment.id,
    debitId: debit.id,
    rail,
    ...news,
    recordedAt: context.now,
  };
  const journal = postPaymentReturned({
    id: context.ids('jrn', bucket),
    merchantId,
    customerId,
    returnId: paymentReturn.id,
    rail,
    amount: news.amount,
    businessDate: businessDate(news.returnedAt, context.zone),
    postedAt: context.now,
  });
  return {
    kind: 'returned',
    paymentReturn,
    debit: { ...debit, returnedAt: news.returnedAt },
    invoices: facts.invoices.map(reopen),
    withdrawn: withdrawWaiting(facts, context),
    journal,
    events: [returnedEvent(paymentReturn, context)],
  };
}

/** The invoice is owed again. */
function reopen(invoice: Invoice): Invoice {
  if (invoice.state === 'open') return invoice;
  assertMove(INVOICE_MOVES, invoice.state, 'open');
  const { paidAt: _paidAt, ...rest } = invoice;
  return { ...rest, state: 'open' };
}

function withdrawWaiting(
  { refunds }: ReturnFacts,
  context: RefundContext,
): readonly RefundWithdrawn[] {
  return refunds
    .filter(({ source, state }) => source === 'payment' && !isRefundOpen(state))
    .flatMap((refund) => {
      const decision = decideWithdrawRefund(refund, { by: 'return of the payment', context });
      return decision.ok ? [decision.value] : [];
    });
}

function returnedEvent(one: PaymentReturn, context: RefundContext): NewEvent {
  return {
    id: context.ids('evt', bucketOf(one.debitId)),
    merchantId: one.merchantId,
    customerId: one.customerId,
    type: 'payment.returned',
    subjectId: one.paymentId,
    at: context.now,
    data: {
      minor: one.amount.minor.toString(),
      currency: one.amount.currency,
      code: one.code,
    },
  };
}
