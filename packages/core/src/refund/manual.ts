import { businessDate } from '../calendar/business-time.ts';
import { bucketOf } from '../ids/ids.ts';
import type { CreditGrant } from '../invoice/credit-grant.ts';
import { grantEvent } from '../invoice/grant.ts';
import { postRefundToBalance } from '../ledger/refund-templates.ts';
import { assertMove } from '../result/moves.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { refundEvent } from './events.ts';
import { creditException } from './exception.ts';
import type { MoneyException, RefundContext } from './money-exception.ts';
import { isRefundOpen, REFUND_MOVES } from './moves.ts';
import type { Refund } from './refund.ts';
import { type RefundRequestRefusal, refundRefusal } from './refusals.ts';
import { owedBy } from './request.ts';
import { isUndecided, paidOut, type RefundSettled, withoutTimers } from './settle.ts';

type Facts = {
  readonly exception?: MoneyException;
  /** Who decides: a person, or the rule that ran out. */
  readonly by: string;
  readonly context: RefundContext;
};

export type RefundWithdrawn = RefundSettled & {
  readonly refund: Refund;
  readonly grant?: CreditGrant;
};

/**
 * A refund that is not with the rail is taken back. What it owes stays the customer's, as balance;
 * one of a payment that nobody approved owes nothing yet and leaves no trace in the books.
 */
export function decideWithdrawRefund(
  refund: Refund,
  facts: Facts,
): Result<RefundWithdrawn, RefundRequestRefusal> {
  const refused = checkPerson(refund);
  if (refused !== undefined) return refuse(refundRefusal(refused));
  const { exception, by, context } = facts;
  assertMove(REFUND_MOVES, refund.state, 'withdrawn');
  const withdrawn: Refund = {
    ...withoutTimers(refund),
    state: 'withdrawn',
    endedAt: context.now,
  };
  const event = refundEvent(withdrawn, { type: 'refund.withdrawn', why: by }, context);
  if (exception !== undefined) {
    const credited = creditException(exception, by, context);
    return ok({
      refund: { ...withdrawn, grantId: credited.grant.id },
      grant: credited.grant,
      exceptions: [credited.exception],
      journals: credited.journal === undefined ? [] : [credited.journal],
      events: [event, ...credited.events],
    });
  }
  if (refund.state === 'awaiting_approval' && refund.source === 'payment') {
    return ok({ refund: withdrawn, exceptions: [], journals: [], events: [event] });
  }
  return ok(toBalance(withdrawn, { event, context }));
}

function toBalance(
  refund: Refund,
  about: { readonly event: RefundSettled['events'][number]; readonly context: RefundContext },
): RefundWithdrawn {
  const { context, event } = about;
  const bucket = bucketOf(refund.id);
  const { merchantId, customerId } = refund;
  const owed = owedBy(refund);
  const today = businessDate(context.now, context.zone);
  const grant: CreditGrant = {
    id: context.ids('crg', bucket),
    merchantId,
    customerId,
    kind: refund.source === 'payment' ? 'credit_note' : 'prepaid',
    amount: owed,
    left: owed,
    nameZh: `退款撤回 ${refund.refundNumber}`,
    nameEn: `Refund withdrawn, ${refund.refundNumber}`,
    createdAt: context.now,
  };
  const journal = postRefundToBalance({
    id: context.ids('jrn', bucket),
    merchantId,
    customerId,
    refundId: refund.id,
    owed,
    businessDate: today,
    postedAt: context.now,
  });
  const balance = { ...context, businessDate: today };
  const granted = grantEvent(grant, 'credit.granted', { context: balance, amount: owed });
  return {
    refund: { ...refund, grantId: grant.id },
    grant,
    exceptions: [],
    journals: [journal],
    events: [event, granted],
  };
}

/**
 * A person sent the money from the bank account, with the bank's number as proof. Only where the
 * rail has definitely not returned it: else it would arrive twice.
 */
export function decideTransferred(
  refund: Refund,
  transfer: { readonly reference: string; readonly at: Temporal.Instant },
  facts: Facts,
): Result<RefundSettled, RefundRequestRefusal> {
  const refused =
    checkPerson(refund) ?? (refund.state === 'manual_review' ? undefined : 'not_for_a_person');
  if (refused !== undefined) return refuse(refundRefusal(refused));
  if (transfer.reference.trim() === '') return refuse(refundRefusal('transfer_reference_missing'));
  const { exception, context } = facts;
  assertMove(REFUND_MOVES, refund.state, 'succeeded');
  const ended: Refund = {
    ...withoutTimers(refund),
    state: 'succeeded',
    route: 'bank_transfer',
    transferReference: transfer.reference,
    refundedAt: transfer.at,
    endedAt: context.now,
  };
  return ok(
    paidOut(ended, { on: transfer.at, context, ...(exception === undefined ? {} : { exception }) }),
  );
}

/**
 * A person has it tried again under the same number: asked about where the rail never said, sent
 * again where it refused.
 */
export function decideRetryRefund(
  refund: Refund,
  context: RefundContext,
): Result<Refund, RefundRequestRefusal> {
  if (refund.state !== 'manual_review' || refund.review === 'by_transfer') {
    const refused = checkPerson(refund) ?? 'not_for_a_person';
    return refuse(refundRefusal(refused));
  }
  const waiting = withoutTimers(refund);
  if (isUndecided(refund)) {
    assertMove(REFUND_MOVES, refund.state, 'unknown');
    return ok({ ...waiting, state: 'unknown', askAt: context.now, askCount: 0 });
  }
  assertMove(REFUND_MOVES, refund.state, 'approved');
  return ok({ ...waiting, state: 'approved', dueAt: context.now });
}

/** Why nobody may decide about it now: it has ended, or its money may be moving. */
function checkPerson(refund: Refund): RefundRequestRefusal['code'] | undefined {
  if (refund.state === 'succeeded' || refund.state === 'withdrawn') return 'refund_ended';
  if (isRefundOpen(refund.state)) return 'refund_on_its_way';
  return isUndecided(refund) ? 'outcome_not_known' : undefined;
}
