import { businessDate, isBefore } from '../calendar/business-time.ts';
import { type CreditContext, decideCreditNote } from '../invoice/credit.ts';
import type { CreditNote } from '../invoice/credit-note.ts';
import type { Journal } from '../ledger/journal.ts';
import type { NewEvent } from '../result/event.ts';
import { assertMove } from '../result/moves.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { refundEvent } from './events.ts';
import { REFUND_MOVES } from './moves.ts';
import { linesOf, type RefundableInvoice } from './plan.ts';
import { approvalText, type Refund } from './refund.ts';
import { type RefundRequestRefusal, refundRefusal } from './refusals.ts';
import { dueAtOf, type PaidFacts, type RefundingContext, readyState } from './request.ts';

/** What being approved does, saved together: from here on the money is owed in the books. */
export type RefundApproved = {
  readonly refund: Refund;
  readonly notes: readonly CreditNote[];
  readonly journals: readonly Journal[];
  readonly events: readonly NewEvent[];
};

export type Approval = {
  readonly by: string;
  /** The hash that the approver was shown. */
  readonly hash: string;
};

/**
 * A second person lets a refund go. The approval is bound to what was shown: another amount, number
 * or target has another hash and is refused, and so is the requester's own approval, one that comes
 * too late, and one of a refund whose invoices were credited otherwise in the meantime.
 */
export function decideApprove(
  refund: Refund,
  approval: Approval,
  {
    facts,
    context,
  }: {
    readonly facts: Pick<PaidFacts, 'refunds' | 'rules'> & {
      readonly invoices: readonly RefundableInvoice[];
    };
    readonly context: RefundingContext;
  },
): Result<RefundApproved, RefundRequestRefusal> {
  const refused = checkApproval(refund, approval, context);
  if (refused !== undefined) return refuse(refundRefusal(refused));
  const { approveBy: _approveBy, ...rest } = refund;
  const others = facts.refunds.filter(({ id }) => id !== refund.id);
  const dueAt = dueAtOf({ ...facts, refunds: others }, context.now);
  const ready = readyState(refund.route, dueAt);
  assertMove(REFUND_MOVES, refund.state, ready.state);
  const approved: Refund = {
    ...rest,
    ...ready,
    approval: { by: approval.by, at: context.now },
  };
  const owed = oweRefund(approved, facts.invoices, context);
  if (!owed.ok) return owed;
  const event = refundEvent(approved, { type: 'refund.approved' }, context);
  return ok({ ...owed.value, events: [event, ...owed.value.events] });
}

function checkApproval(
  refund: Refund,
  { by, hash }: Approval,
  context: RefundingContext,
): RefundRequestRefusal['code'] | undefined {
  if (refund.state !== 'awaiting_approval') return 'refund_not_waiting';
  if (by.trim() === '') return 'requester_missing';
  if (by === refund.requestedBy) return 'second_person_wanted';
  if (hash !== refund.approvalHash || hash !== context.hash(approvalText(refund))) {
    return 'approval_of_another';
  }
  const { approveBy } = refund;
  return approveBy !== undefined && isBefore(context.now, approveBy)
    ? undefined
    : 'approval_expired';
}

/**
 * Books what an approved refund owes. Of a payment: credit notes on its invoices, whose money
 * stands in 其他应付款 until the rail has returned it. Money of a balance or an exception stands there
 * already.
 */
export function oweRefund(
  refund: Refund,
  invoices: readonly RefundableInvoice[],
  context: RefundingContext,
): Result<RefundApproved, RefundRequestRefusal> {
  const booking: CreditContext = {
    now: context.now,
    ids: context.ids,
    businessDate: businessDate(context.now, context.zone),
  };
  const notes: CreditNote[] = [];
  const journals: Journal[] = [];
  const events: NewEvent[] = [];
  for (const { invoiceId, amount } of refund.takes) {
    const facts = invoices.find(({ invoice }) => invoice.id === invoiceId);
    if (facts === undefined) return refuse(refundRefusal('more_than_invoices_have_left'));
    const decision = decideCreditNote(
      facts.invoice,
      {
        lines: linesOf(facts, amount),
        reason: refund.reason,
        disposition: 'to_refund',
        refundId: refund.id,
      },
      { facts: { ...facts, isDebitInFlight: false }, context: booking },
    );
    if (!decision.ok) return refuse(refundRefusal('more_than_invoices_have_left'));
    notes.push(...decision.value.notes);
    journals.push(...decision.value.journals);
    events.push(...decision.value.events);
  }
  return ok({ refund, notes, journals, events });
}
