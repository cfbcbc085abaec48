import type { Customer } from '../customer/customer.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { Mandate } from '../mandate/mandate.ts';
import type { DebitNotice } from '../notice/notice.ts';
import type { NewEvent } from '../result/event.ts';
import { invariant } from '../result/invariant.ts';
import { assertMove } from '../result/moves.ts';
import type { Attempt } from './attempt.ts';
import type { Debit } from './debit.ts';
import { debitEvent } from './events.ts';
import { DEBIT_MOVES, isOpen } from './moves.ts';
import { type ScheduleContext, scheduleTogether } from './schedule.ts';

/** Why a debit for the old amount is called off. */
export type RecollectReason =
  | 'invoice_credited'
  | 'invoice_voided'
  | 'paid_by_hand'
  | 'pay_link_open'
  | 'payment_promised'
  | 'dunning_ended'
  | 'invoice_disputed';

export type RecollectDecision = {
  /** The old debit, cancelled, and the new one where something is left to collect. */
  readonly debits: readonly Debit[];
  /** Messages about the old debit that were not sent yet, stopped; the notice of the new one. */
  readonly notices: readonly DebitNotice[];
  readonly events: readonly NewEvent[];
};

/**
 * Whether money may be taken for this debit at this moment: it is on its way, or an attempt of it
 * has no definite outcome. Unknown counts, because only the rail knows what became of it.
 */
export function isInFlight(debit: Debit, attempts: readonly Attempt[]): boolean {
  return debit.state === 'in_flight' || attempts.some(({ state }) => isOpen(state));
}

/**
 * What becomes of a debit that waits, when what its invoices ask for has changed. It is cancelled,
 * and what is still open of its invoices gets a debit and a notice of its own, so that the customer
 * is told the amount that is taken, and in time for its date. `after` are all invoices of the old
 * debit as they are now; without an active `mandate` they wait for the customer's own hand.
 */
export function decideRecollect(
  old: {
    readonly debit: Debit;
    readonly attempts: readonly Attempt[];
    readonly notices: readonly DebitNotice[];
  },
  after: {
    readonly invoices: readonly Invoice[];
    readonly customer: Customer;
    readonly mandate: Mandate | undefined;
    readonly reason: RecollectReason;
  },
  context: ScheduleContext,
): RecollectDecision {
  const { debit } = old;
  invariant(!isInFlight(debit, old.attempts), 'a debit on its way is never called off');
  assertMove(DEBIT_MOVES, debit.state, 'canceled');
  const { blockedBy: _blocked, announceAt: _announce, ...rest } = debit;
  const canceled: Debit = { ...rest, state: 'canceled' };
  const stopped = old.notices
    .filter(({ state }) => state === 'planned')
    .map((notice): DebitNotice => ({ ...notice, state: 'failed', failureCode: 'debit_canceled' }));
  const failed = debitEvent(canceled, { type: 'debit.failed', reason: after.reason }, context);
  const open = after.invoices.filter(({ state }) => state === 'open');
  const { customer, mandate } = after;
  if (open.length === 0 || mandate === undefined || mandate.state !== 'active') {
    return { debits: [canceled], notices: stopped, events: [failed] };
  }
  const next = scheduleTogether(open, { customer, mandate }, context);
  return {
    debits: [canceled, next.debit],
    notices: next.notice === undefined ? stopped : [...stopped, next.notice],
    events: [failed, ...next.events],
  };
}
