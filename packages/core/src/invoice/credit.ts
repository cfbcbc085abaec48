import { bucketOf, type RefundId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import { postCreditNote } from '../ledger/credit-templates.ts';
import type { Journal } from '../ledger/journal.ts';
import { add, type Money, sum } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { invariant } from '../result/invariant.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { CreditGrant } from './credit-grant.ts';
import { type CreditRequestLine, computeCreditLines, splitCreditLines } from './credit-lines.ts';
import type { CreditDisposition, CreditNote, CreditNoteLine, CreditReason } from './credit-note.ts';
import { type CreditRefusal, creditRefusal } from './credit-refusals.ts';
import { amountDue, type Invoice, isTopUp } from './invoice.ts';
import { creditNoteNumber } from './number.ts';

/** What a person or a system asks to be taken back. */
export type CreditRequest = {
  readonly lines: readonly CreditRequestLine[];
  readonly reason: CreditReason;
  /** Absent: off what is owed first, the rest to the balance. */
  readonly disposition?: CreditDisposition;
  /** The refund that asks for it; wanted by `to_refund`, which nobody else may say. */
  readonly refundId?: RefundId;
};

export type CreditFacts = {
  /** All credit notes of the invoice so far. */
  readonly notes: readonly CreditNote[];
  /** What changes took back of its lines, on later invoices or on lines that wait; positive. */
  readonly byChanges?: readonly CreditNoteLine[];
  /** Whether an attempt of any debit of it is open; unknown outcomes are open. */
  readonly isDebitInFlight: boolean;
};

export type CreditContext = {
  readonly now: Temporal.Instant;
  readonly businessDate: Temporal.PlainDate;
  readonly ids: IdSource;
};

/** What a credit does; saved together. The debit of the invoice follows what is then due. */
export type CreditDecision = {
  readonly invoice: Invoice;
  /** One for what lowers the amount owed, one for what goes to the balance; at least one. */
  readonly notes: readonly CreditNote[];
  readonly grants: readonly CreditGrant[];
  readonly journals: readonly Journal[];
  readonly events: readonly NewEvent[];
};

/**
 * Takes back a part of an issued invoice (红字账单). What is still owed is lowered first; an invoice
 * of which nothing is left to pay is paid at once, as one of zero is. What was paid already, in
 * money or from a grant, goes to the customer's balance as a note and a grant of their own, or,
 * where a refund asks, back to the payer by that refund. A draft, a void invoice, one whose debit
 * may be taking the money at this moment, and more than is left of a line are refused.
 */
export function decideCreditNote(
  invoice: Invoice,
  request: CreditRequest,
  { facts, context }: { readonly facts: CreditFacts; readonly context: CreditContext },
): Result<CreditDecision, CreditRefusal> {
  if (invoice.state === 'draft') return refuse(creditRefusal('invoice_is_draft', ''));
  if (invoice.state === 'void') return refuse(creditRefusal('invoice_is_void', ''));
  if (facts.isDebitInFlight) return refuse(creditRefusal('debit_in_flight', ''));
  // Once paid its money is the customer's balance, and would be given back twice.
  if (invoice.state === 'paid' && isTopUp(invoice)) {
    return refuse(creditRefusal('top_up_is_balance', ''));
  }
  const lines = computeCreditLines(invoice, request.lines, facts);
  if (!lines.ok) return lines;
  const due = dueNow(invoice);
  const [offDue, toBalance] = splitCreditLines(lines.value, due);
  if (isTopUp(invoice) && toBalance.length > 0) {
    return refuse(creditRefusal('top_up_is_balance', 'lines'));
  }
  const refused = checkDisposition(request, { due, isBeyond: toBalance.length > 0 });
  if (refused !== undefined) return refuse(refused);
  const { refundId } = request;
  const beyond = (): Part =>
    refundId === undefined
      ? makeGrantNote(invoice, toBalance, { request, context })
      : makeRefundNote(invoice, toBalance, { request: { ...request, refundId }, context });
  const parts = [
    ...(offDue.length === 0 ? [] : [makeNote(invoice, offDue, { request, context })]),
    ...(toBalance.length === 0 ? [] : [beyond()]),
  ];
  const credited = settleCredited(invoice, parts, context);
  const isPaidNow = credited.state !== invoice.state;
  return ok({
    invoice: credited,
    notes: parts.map(({ note }) => note),
    grants: parts.flatMap(({ grant }) => grant ?? []),
    journals: parts.map(({ note }) => bookNote(note, invoice, context)),
    events: [
      ...parts.map(({ note }) => creditedEvent(note, context)),
      ...(isPaidNow ? [paidEvent(credited, context)] : []),
    ],
  });
}

/** Nothing of a paid invoice is due, however it was paid. */
function dueNow(invoice: Invoice): Money {
  const { currency } = invoice.total;
  return invoice.state === 'open' ? amountDue(invoice) : { minor: 0n, currency };
}

function checkDisposition(
  { disposition: wanted, refundId }: CreditRequest,
  { due, isBeyond }: { readonly due: Money; readonly isBeyond: boolean },
): CreditRefusal | undefined {
  if ((wanted === 'to_refund') !== (refundId !== undefined)) {
    return creditRefusal('refund_not_here', 'disposition');
  }
  if (wanted !== undefined && wanted !== 'reduce_due' && due.minor > 0n)
    return creditRefusal('still_due', 'disposition');
  if (wanted !== 'reduce_due') return undefined;
  if (due.minor === 0n) return creditRefusal('nothing_due', 'disposition');
  return isBeyond ? creditRefusal('credit_beyond_due', 'disposition') : undefined;
}

type Part = { readonly note: CreditNote; readonly grant?: CreditGrant };

function makeNote(
  invoice: Invoice,
  lines: readonly CreditNoteLine[],
  about: { readonly request: CreditRequest; readonly context: CreditContext },
): Part {
  const { context, request } = about;
  const { currency } = invoice.total;
  const id = context.ids('cdn', bucketOf(invoice.id));
  const total = (read: (line: CreditNoteLine) => Money) => sum(lines.map(read), currency);
  return {
    note: {
      id,
      merchantId: invoice.merchantId,
      customerId: invoice.customerId,
      invoiceId: invoice.id,
      number: creditNoteNumber(context.businessDate, id),
      reason: request.reason,
      disposition: 'reduce_due',
      lines,
      total: total(({ amount }) => amount),
      net: total(({ net }) => net),
      tax: total(({ tax }) => tax),
      issuedAt: context.now,
    },
  };
}

/** The note with the grant that holds its money. Money owed back does not expire. */
function makeGrantNote(
  invoice: Invoice,
  lines: readonly CreditNoteLine[],
  about: { readonly request: CreditRequest; readonly context: CreditContext },
): Part {
  const { note } = makeNote(invoice, lines, about);
  const { context } = about;
  const grant: CreditGrant = {
    id: context.ids('crg', bucketOf(invoice.id)),
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    kind: 'credit_note',
    amount: note.total,
    left: note.total,
    nameZh: `红字账单 ${note.number}`,
    nameEn: `Credit note ${note.number}`,
    createdAt: context.now,
  };
  return { note: { ...note, disposition: 'to_balance', grantId: grant.id }, grant };
}

/** The note whose money a refund takes back to the payer. */
function makeRefundNote(
  invoice: Invoice,
  lines: readonly CreditNoteLine[],
  about: {
    readonly request: CreditRequest & { readonly refundId: RefundId };
    readonly context: CreditContext;
  },
): Part {
  const { note } = makeNote(invoice, lines, about);
  return { note: { ...note, disposition: 'to_refund', refundId: about.request.refundId } };
}

/** The invoice with what its notes took off, and paid where nothing is left. */
function settleCredited(invoice: Invoice, parts: readonly Part[], context: CreditContext): Invoice {
  const credited = parts
    .filter(({ note }) => note.disposition === 'reduce_due')
    .reduce((total, { note }) => add(total, note.total), invoice.credited);
  const after = { ...invoice, credited };
  invariant(amountDue(after).minor >= 0n, 'no more is credited than is due');
  if (invoice.state !== 'open' || amountDue(after).minor > 0n) return after;
  return { ...after, state: 'paid', paidAt: context.now };
}

function bookNote(note: CreditNote, invoice: Invoice, context: CreditContext): Journal {
  const fees = new Set(
    invoice.lines.filter(({ rule }) => rule === 'late_fee').map(({ position }) => position),
  );
  const ofFees = note.lines.filter(({ position }) => fees.has(position)).map(({ net }) => net);
  return postCreditNote({
    id: context.ids('jrn', bucketOf(note.id)),
    merchantId: note.merchantId,
    customerId: note.customerId,
    creditNoteId: note.id,
    disposition: note.disposition,
    total: note.total,
    net: note.net,
    tax: note.tax,
    lateFees: sum(ofFees, note.net.currency),
    businessDate: context.businessDate,
    postedAt: context.now,
  });
}

function creditedEvent(note: CreditNote, context: CreditContext): NewEvent {
  return {
    id: context.ids('evt', bucketOf(note.id)),
    merchantId: note.merchantId,
    customerId: note.customerId,
    type: 'invoice.credited',
    subjectId: note.invoiceId,
    at: context.now,
    data: {
      credit_note: note.id,
      minor: note.total.minor.toString(),
      currency: note.total.currency,
      disposition: note.disposition,
      reason: note.reason,
    },
  };
}

/** `invoice.paid` of one of which nothing is left to pay, without money that arrived. */
export function paidEvent(invoice: Invoice, context: CreditContext): NewEvent {
  return {
    id: context.ids('evt', bucketOf(invoice.id)),
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    type: 'invoice.paid',
    subjectId: invoice.id,
    at: context.now,
    data: { minor: '0', currency: invoice.total.currency },
  };
}
