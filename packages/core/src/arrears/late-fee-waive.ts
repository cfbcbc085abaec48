import { isDateBefore } from '../calendar/periods.ts';
import { bucketOf } from '../ids/ids.ts';
import { type Money, subtract, sum, zero } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { type LateFee, type LateFeeStop, type LateFeeWaiver, waiverText } from './late-fee.ts';
import { lateFeeEvent } from './late-fee-events.ts';
import type { LateFeeContext, LateFeeFacts } from './late-fee-facts.ts';
import type { LateFeeFigure } from './late-fee-figure.ts';
import { type LateFeeRefusal, lateFeeRefusal } from './late-fee-refusals.ts';

export type WaiverAsk = {
  /** Absent: all of it, and of what may still accrue. */
  readonly amount?: Money;
  readonly reason: string;
  readonly by: string;
};

/** What a decision about a waiver or a stop changes, saved together. */
export type LateFeeDecided = {
  readonly lateFee: LateFee;
  readonly waivers: readonly LateFeeWaiver[];
  readonly events: readonly NewEvent[];
};

type Decided = Result<LateFeeDecided, LateFeeRefusal>;
type WaiveFacts = Pick<LateFeeFacts, 'lateFee' | 'invoice' | 'policy' | 'waivers'> & {
  readonly figure: LateFeeFigure | undefined;
};

/**
 * Asks for a late fee not to be asked for, in part or whole. Up to the policy's limit it holds at
 * once; above it a second person approves it. What was charged already is taken back by the next
 * look. A waiver of all counts as the cap while more may accrue.
 */
export function decideWaive(facts: WaiveFacts, ask: WaiverAsk, context: LateFeeContext): Decided {
  const left = leftToWaive(facts);
  const refused = refusalOfAsk(facts, ask, left);
  if (refused !== undefined) return refuse(refused);
  const { lateFee, invoice, policy, figure } = facts;
  const most = invoice.state === 'paid' ? left : (figure?.cap ?? left);
  const counted = ask.amount ?? most;
  const limit = policy.approveWaiverAbove[counted.currency];
  const waits = limit === undefined || counted.minor > limit;
  const id = context.ids('apr', bucketOf(lateFee.id));
  const what = {
    id,
    lateFeeId: lateFee.id,
    ...(ask.amount === undefined ? {} : { amount: ask.amount }),
    reason: ask.reason,
  };
  const waiver: LateFeeWaiver = {
    ...what,
    merchantId: lateFee.merchantId,
    customerId: lateFee.customerId,
    requestedBy: ask.by,
    approvalHash: context.hash(waiverText(what)),
    requestedAt: context.now,
    ...(waits
      ? { state: 'awaiting_approval' }
      : { state: 'approved', decidedBy: ask.by, decidedAt: context.now }),
  };
  const type = waits ? 'late_fee.waiver_requested' : 'late_fee.waived';
  const event = lateFeeEvent(lateFee, { type, amount: ask.amount ?? left, by: ask.by }, context);
  return ok({
    lateFee: waits ? lateFee : lookNow(lateFee, context),
    waivers: [waiver],
    events: [event],
  });
}

/** What is left to waive: the figure of today less what was waived or waits to be. */
export function leftToWaive({ figure, waivers, invoice }: WaiveFacts): Money {
  const nothing = zero(invoice.total.currency);
  const live = waivers.filter(({ state }) => state !== 'rejected');
  if (figure === undefined || live.some(({ amount }) => amount === undefined)) return nothing;
  const given = sum(
    live.map(({ amount }) => amount ?? nothing),
    nothing.currency,
  );
  const left = subtract(figure.amount, given);
  return left.minor > 0n ? left : nothing;
}

function refusalOfAsk(
  { lateFee, invoice, waivers }: WaiveFacts,
  { amount, reason, by }: WaiverAsk,
  left: Money,
): LateFeeRefusal | undefined {
  if (by.trim() === '') return lateFeeRefusal('waiver_by_missing', 'by');
  if (reason.trim() === '') return lateFeeRefusal('waiver_reason_missing', 'reason');
  if (lateFee.policyId === undefined || invoice.state === 'void') {
    return lateFeeRefusal('no_late_fee');
  }
  if (amount === undefined) {
    const isWaived = waivers.some((one) => one.state !== 'rejected' && one.amount === undefined);
    const isNothing = invoice.state === 'paid' && left.minor === 0n;
    return isWaived || isNothing ? lateFeeRefusal('no_late_fee') : undefined;
  }
  if (amount.currency !== left.currency) return lateFeeRefusal('waiver_currency_mix', 'amount');
  if (amount.minor <= 0n) return lateFeeRefusal('waiver_not_positive', 'amount');
  return amount.minor > left.minor ? lateFeeRefusal('waiver_beyond_fee', 'amount') : undefined;
}

/**
 * A second person lets a waiver hold, or not. An approval names the hash of what was shown, and is
 * never by whoever asked.
 */
export function decideWaiver(
  { lateFee, waiver }: { readonly lateFee: LateFee; readonly waiver: LateFeeWaiver },
  decision: {
    readonly approve: boolean;
    readonly by: string;
    /** Wanted to approve. */
    readonly hash?: string;
  },
  context: LateFeeContext,
): Decided {
  const { by, approve, hash } = decision;
  if (waiver.state !== 'awaiting_approval') return refuse(lateFeeRefusal('waiver_not_waiting'));
  if (by.trim() === '') return refuse(lateFeeRefusal('waiver_by_missing', 'by'));
  if (approve && by === waiver.requestedBy) {
    return refuse(lateFeeRefusal('waiver_second_person', 'by'));
  }
  if (approve && (hash !== waiver.approvalHash || hash !== context.hash(waiverText(waiver)))) {
    return refuse(lateFeeRefusal('waiver_of_another', 'approval_hash'));
  }
  const state = approve ? 'approved' : 'rejected';
  const decided: LateFeeWaiver = { ...waiver, state, decidedBy: by, decidedAt: context.now };
  const type = approve ? 'late_fee.waived' : 'late_fee.waiver_rejected';
  const { amount } = waiver;
  const about = { type, by, ...(amount === undefined ? {} : { amount }) } as const;
  return ok({
    lateFee: approve ? lookNow(lateFee, context) : lateFee,
    waivers: [decided],
    events: [lateFeeEvent(lateFee, about, context)],
  });
}

/** What the policy gives by itself: the customer's first late fee in so many months. */
export function goodwillWaiver(
  lateFee: LateFee,
  months: number,
  context: LateFeeContext,
): LateFeeWaiver {
  const what = {
    id: context.ids('apr', bucketOf(lateFee.id)),
    lateFeeId: lateFee.id,
    reason: `first late fee in ${months} months`,
  };
  return {
    ...what,
    merchantId: lateFee.merchantId,
    customerId: lateFee.customerId,
    state: 'approved',
    requestedBy: POLICY_ITSELF,
    approvalHash: context.hash(waiverText(what)),
    decidedBy: POLICY_ITSELF,
    requestedAt: context.now,
    decidedAt: context.now,
  };
}

/** Who is named where the published policy decides and no person does. */
export const POLICY_ITSELF = 'policy';

/**
 * Days from `from` on do not count until it is resumed: a dispute about the invoice, a promise to
 * pay, an error of the merchant's. What was charged for such days is taken back by the next look.
 */
export function decideStopFee(
  lateFee: LateFee,
  ask: { readonly from: Temporal.PlainDate; readonly reason: string; readonly by: string },
  context: LateFeeContext,
): Decided {
  if (ask.by.trim() === '') return refuse(lateFeeRefusal('waiver_by_missing', 'by'));
  if (ask.reason.trim() === '') return refuse(lateFeeRefusal('waiver_reason_missing', 'reason'));
  if (lateFee.policyId === undefined) return refuse(lateFeeRefusal('no_late_fee'));
  if (openStop(lateFee) !== undefined) return refuse(lateFeeRefusal('fee_stopped_already'));
  const { from, reason, by } = ask;
  const stopped = { ...lookNow(lateFee, context), stops: [...lateFee.stops, { from, reason, by }] };
  const event = lateFeeEvent(lateFee, { type: 'late_fee.stopped', by }, context);
  return ok({ lateFee: stopped, waivers: [], events: [event] });
}

/** Days count again from `on` on. */
export function decideResumeFee(
  lateFee: LateFee,
  ask: { readonly on: Temporal.PlainDate; readonly by: string },
  context: LateFeeContext,
): Decided {
  if (ask.by.trim() === '') return refuse(lateFeeRefusal('waiver_by_missing', 'by'));
  const open = openStop(lateFee);
  if (open === undefined) return refuse(lateFeeRefusal('fee_not_stopped'));
  const until = isDateBefore(ask.on, open.from) ? open.from : ask.on;
  const stops = lateFee.stops.map((stop) => (stop === open ? { ...stop, until } : stop));
  const event = lateFeeEvent(lateFee, { type: 'late_fee.resumed', by: ask.by }, context);
  return ok({ lateFee: { ...lookNow(lateFee, context), stops }, waivers: [], events: [event] });
}

function openStop({ stops }: LateFee): LateFeeStop | undefined {
  return stops.find(({ until }) => until === undefined);
}

/** Whatever a decision changes takes effect with the next look of the worker. */
function lookNow(lateFee: LateFee, { now }: LateFeeContext): LateFee {
  const { endedFor: _endedFor, ...rest } = lateFee;
  return { ...rest, state: 'watched', lookAt: now };
}
