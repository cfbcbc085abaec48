import type { CustomerId, MerchantId } from '../ids/ids.ts';
import type { Money } from '../money/money.ts';

/**
 * How far unpaid invoices have gone, the mildest first. `grace`: overdue, nothing happens yet.
 * `warned`: told that the service will stop. `suspended`: no service. `retained`: no service, data
 * are kept and can be exported. `deletable`: the promised time is over and data may be deleted.
 */
export const ARREARS_STATES = [
  'clear',
  'grace',
  'warned',
  'suspended',
  'retained',
  'deletable',
] as const;
export type ArrearsState = (typeof ARREARS_STATES)[number];

/** A state that a policy can lead to. */
export type OverdueState = Exclude<ArrearsState, 'clear'>;

/**
 * Why a more severe state waits. `attempt_unknown`: a try to collect has no definite end (I3).
 * `payment_waits`: money is at a rail and not settled, or a pay link ended without the rail's word.
 * `postponed`: a person said so until a date. `not_warned`: no warning was delivered yet.
 * `days_promised`: the time that the policy promises is not over.
 */
export type ArrearsHold =
  | 'attempt_unknown'
  | 'payment_waits'
  | 'postponed'
  | 'not_warned'
  | 'days_promised';

/** The next date on which the state changes if nothing is paid, and to what. */
export type ArrearsChange = {
  readonly on: Temporal.PlainDate;
  readonly at: Temporal.Instant;
  readonly state: ArrearsState;
};

/** The arrears of one customer who pays (欠费). */
export type Arrears = {
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly state: ArrearsState;
  /** The business date since which the state holds. */
  readonly since: Temporal.PlainDate;
  readonly changedAt: Temporal.Instant;
  /** The date of the warning of these arrears, while a warning stands. */
  readonly warnedOn?: Temporal.PlainDate;
  /** Why a state that the policy names is not entered yet. */
  readonly heldBy?: ArrearsHold;
  readonly earliestUnpaid?: Temporal.PlainDate;
  readonly unpaidInvoices: number;
  /** What is overdue, by currency; empty where nothing is. */
  readonly unpaid: readonly Money[];
  readonly nextChange?: ArrearsChange;
  /** When the worker looks next. The due row is the queue; absent: nothing is overdue. */
  readonly nextLookAt?: Temporal.Instant;
};

/** Whether the service is off in this state. */
export function isServiceOff(state: ArrearsState): boolean {
  return severity(state) >= severity('suspended');
}

/** 0 for `clear`, higher for what is worse. */
export function severity(state: ArrearsState): number {
  return ARREARS_STATES.indexOf(state);
}
