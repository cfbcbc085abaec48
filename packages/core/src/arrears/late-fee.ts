import type {
  ApprovalId,
  CustomerId,
  InvoiceId,
  LateFeeId,
  MerchantId,
  PendingLineId,
  PolicyId,
} from '../ids/ids.ts';
import type { Money } from '../money/money.ts';
import type { FeeStop } from './late-fee-figure.ts';

/**
 * `watched`: an overdue invoice under a policy; it has a day on which it is looked at. `ended`: the
 * invoice is paid or void and everything is charged or taken back; or no policy applies to it.
 */
export type LateFeeState = 'watched' | 'ended';

/** Why it has ended. */
export type LateFeeEnd = 'paid' | 'void' | 'waived' | 'not_declared';

/** The late fee of one overdue invoice; there is one for each. */
export type LateFee = {
  readonly id: LateFeeId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly invoiceId: InvoiceId;
  /** The version that held when the invoice was issued; absent where none applies. */
  readonly policyId?: PolicyId;
  readonly state: LateFeeState;
  readonly endedFor?: LateFeeEnd;
  /** When it is looked at next. The due row is the queue. */
  readonly lookAt?: Temporal.Instant;
  /** Days that do not count, and why. */
  readonly stops: readonly LateFeeStop[];
  /** The last day up to which it was charged for. */
  readonly chargedThrough?: Temporal.PlainDate;
  readonly createdAt: Temporal.Instant;
};

/** Counting stops from a day on: a dispute, a promise, an error of the merchant's. */
export type LateFeeStop = FeeStop & { readonly reason: string; readonly by: string };

/** What was charged for some days of an overdue invoice, once: a line that waits or was billed. */
export type LateFeeLine = {
  readonly lateFeeId: LateFeeId;
  /** With the part what makes it unique: no day is charged for twice. */
  readonly firstDay: Temporal.PlainDate;
  readonly lastDay: Temporal.PlainDate;
  /** 1, 2 …: one for each tax rate of the principal. */
  readonly part: number;
  readonly pendingLineId: PendingLineId;
  readonly amount: Money;
  /** What was taken back of it since; at most the amount. */
  readonly takenBack: Money;
};

export type WaiverState = 'awaiting_approval' | 'approved' | 'rejected';

/** What is not asked for, of what the policy would ask (减免). */
export type LateFeeWaiver = {
  readonly id: ApprovalId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly lateFeeId: LateFeeId;
  /** Absent: all of it, and of what may still accrue. */
  readonly amount?: Money;
  readonly reason: string;
  readonly state: WaiverState;
  readonly requestedBy: string;
  /** SHA-256 (hex) of what an approver decides about. */
  readonly approvalHash: string;
  readonly decidedBy?: string;
  readonly requestedAt: Temporal.Instant;
  readonly decidedAt?: Temporal.Instant;
};

/** What an approver is shown and whose hash the approval names. */
export function waiverText({
  id,
  lateFeeId,
  amount,
  reason,
}: Pick<LateFeeWaiver, 'id' | 'lateFeeId' | 'amount' | 'reason'>): string {
  const much = amount === undefined ? 'all' : `${amount.minor} ${amount.currency}`;
  return [id, lateFeeId, much, reason].join('\n');
}
