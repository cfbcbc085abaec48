import { businessDate } from '../calendar/business-time.ts';
import { bucketOf } from '../ids/ids.ts';
import { giveBackGrants } from '../invoice/balance.ts';
import type { CreditGrant, GrantUse } from '../invoice/credit-grant.ts';
import type { CreditNote } from '../invoice/credit-note.ts';
import type { Invoice } from '../invoice/invoice.ts';
import { INVOICE_MOVES } from '../invoice/moves.ts';
import type { Journal } from '../ledger/journal.ts';
import { postReversal } from '../ledger/templates.ts';
import { equals, type Money, subtract, sum, zero } from '../money/money.ts';
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
  /** What the grant gave to invoices of a plan that are still open, and its journal. */
  readonly parts?: {
    readonly invoices: readonly Invoice[];
    readonly uses: readonly GrantUse[];
    readonly journal?: Journal;
  };
};

export type ReversalDecision = {
  readonly payment: HandPayment;
  /** Open again. */
  readonly invoices: readonly Invoice[];
  /** Open as before, and asking again for the part that was paid; their uses are to be released. */
  readonly unpaidParts: readonly Invoice[];
  readonly grant?: CreditGrant;
  readonly journals: readonly Journal[];
  readonly events: readonly NewEvent[];
};

/**
 * Takes back what was booked for the wrong customer or under a wrong amount: the opposite entries,
 * the invoices open again, the balance gone, with what it paid of an instalment plan. Only on the
 * business date on which it was recorded, and only while nothing else was built on it.
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
  const { parts } = facts;
  const posted = [facts.journal, ...(parts?.journal === undefined ? [] : [parts.journal])];
  return ok({
    payment,
    invoices: facts.invoices.map(reopen),
    unpaidParts: (parts?.invoices ?? []).map((invoice) => withoutPart(invoice, parts?.uses ?? [])),
    ...(facts.grant === undefined ? {} : { grant: empty(facts.grant) }),
    journals: posted.map((journal) =>
      postReversal(journal, {
        id: ids('jrn', bucketOf(payment.customerId)),
        businessDate: businessDate(now, zone),
        postedAt: now,
      }),
    ),
    events: [handPaymentEvent(payment, 'payment.reversed', context)],
  });
}

function checkReversal(
  { payment, invoices, notes, grant, parts }: ReversalFacts,
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
  if (payment.grantId !== undefined && !isGivenBack(grant, parts)) {
    return handPaymentRefusal('balance_used_since');
  }
  const isCredited = notes.some(
    ({ issuedAt }) => Temporal.Instant.compare(issuedAt, payment.recordedAt) >= 0,
  );
  const arePaid = invoices.every(({ state }) => state === 'paid');
  return isCredited || !arePaid ? handPaymentRefusal('invoice_changed_since') : undefined;
}

/** Whether nothing of the grant was used but parts of a plan, which this payment itself posted. */
function isGivenBack(grant: CreditGrant | undefined, parts: ReversalFacts['parts']): boolean {
  // A grant that is used up is not among those that are held.
  if (grant === undefined) return false;
  const uses = parts?.uses ?? [];
  const [whole = grant] = giveBackGrants([grant], uses);
  const posted = parts?.journal?.entries.reduce((total, { minor }) => {
    return minor > 0n ? total + minor : total;
  }, 0n);
  return equals(whole.left, whole.amount) && (posted ?? 0n) === given(uses, grant.left).minor;
}

function given(uses: readonly GrantUse[], { currency }: Money): Money {
  return sum(
    uses.map(({ amount }) => amount),
    currency,
  );
}

function withoutPart(invoice: Invoice, uses: readonly GrantUse[]): Invoice {
  const own = uses.filter(({ invoiceId }) => invoiceId === invoice.id);
  const back = given(own, invoice.balanceApplied);
  return { ...invoice, balanceApplied: subtract(invoice.balanceApplied, back) };
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
