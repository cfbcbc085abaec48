import { businessDate } from '../calendar/business-time.ts';
import { bucketOf } from '../ids/ids.ts';
import type { CreditGrant } from '../invoice/credit-grant.ts';
import type { CreditNote } from '../invoice/credit-note.ts';
import type { Invoice } from '../invoice/invoice.ts';
import { INVOICE_MOVES } from '../invoice/moves.ts';
import type { Journal } from '../ledger/journal.ts';
import { postReversal } from '../ledger/templates.ts';
import { equals, zero } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { assertMove } from '../result/moves.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { handPaymentEvent } from './events.ts';
import type { HandPayment } from './hand-payment.ts';
import type { HandContext } from './owed.ts';
import { RECORDER_MAX_LENGTH } from './record.ts';
import { type HandPaymentRefusal, handPaymentRefusal } from './refusals.ts';

/** Characters of the reason of a reversal, at most. */
export const REASON_MAX_LENGTH = 200;

export type ReversalFacts = {
  readonly payment: HandPayment;
  /** The invoices that it paid. */
  readonly invoices: readonly Invoice[];
  readonly notes: readonly CreditNote[];
  /** The grant that holds what was left of it. */
  readonly grant?: CreditGrant;
  /** The journal that booked it. */
  readonly journal: Journal;
};

export type ReversalDecision = {
  readonly payment: HandPayment;
  /** Open again. */
  readonly invoices: readonly Invoice[];
  readonly grant?: CreditGrant;
  readonly journal: Journal;
  readonly events: readonly NewEvent[];
};

/**
 * Takes back what was booked for the wrong customer or under a wrong amount: the opposite entries,
 * the invoices open again, the balance gone. Only on the business date on which it was recorded,
 * and only while nothing else was built on it.
 */
export function decideReverseHandPayment(
  facts: ReversalFacts,
  who: { readonly by: string; readonly reason: string },
  context: HandContext,
): Result<ReversalDecision, HandPaymentRefusal> {
  const refused = checkReversal(facts, who, context);
  if (refused !== undefined) return refuse(refused);
  const { now, zone, ids } = context;
  const payment: HandPayment = {
    ...facts.payment,
    state: 'reversed',
    reversal: { at: now, by: who.by.trim(), reason: who.reason.trim() },
  };
  return ok({
    payment,
    invoices: facts.invoices.map(reopen),
    ...(facts.grant === undefined ? {} : { grant: empty(facts.grant) }),
    journal: postReversal(facts.journal, {
      id: ids('jrn', bucketOf(payment.customerId)),
      businessDate: businessDate(now, zone),
      postedAt: now,
    }),
    events: [handPaymentEvent(payment, 'payment.reversed', context)],
  });
}

function checkReversal(
  { payment, invoices, notes, grant }: ReversalFacts,
  { by, reason }: { readonly by: string; readonly reason: string },
  { now, zone }: HandContext,
): HandPaymentRefusal | undefined {
  if (by.trim() === '' || by.length > RECORDER_MAX_LENGTH)
    return handPaymentRefusal('recorder_missing');
  if (reason.trim() === '' || reason.length > REASON_MAX_LENGTH) {
    return handPaymentRefusal('reason_missing');
  }
  if (payment.state === 'reversed') return handPaymentRefusal('payment_reversed');
  if (payment.method === 'pay_link') return handPaymentRefusal('payment_by_rail');
  const recordedOn = businessDate(payment.recordedAt, zone);
  if (!recordedOn.equals(businessDate(now, zone)))
    return handPaymentRefusal('payment_not_of_today');
  // A grant that is used up is not among those that are held.
  const isWhole = grant !== undefined && equals(grant.left, grant.amount);
  if (payment.grantId !== undefined && !isWhole) {
    return handPaymentRefusal('balance_used_since');
  }
  const isCredited = notes.some(
    ({ issuedAt }) => Temporal.Instant.compare(issuedAt, payment.recordedAt) >= 0,
  );
  const arePaid = invoices.every(({ state }) => state === 'paid');
  return isCredited || !arePaid ? handPaymentRefusal('invoice_changed_since') : undefined;
}

function reopen(invoice: Invoice): Invoice {
  assertMove(INVOICE_MOVES, invoice.state, 'open');
  const { paidAt: _paidAt, ...rest } = invoice;
  return { ...rest, state: 'open' };
}

/** The grant keeps its amount, which is history; its number is free for the right payment. */
function empty(grant: CreditGrant): CreditGrant {
  const { reference: _reference, ...rest } = grant;
  return { ...rest, left: zero(grant.left.currency) };
}
