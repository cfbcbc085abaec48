import type { AttemptId, BreakId, MerchantId, RailBillId } from '../ids/ids.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';

/** A rail's own statement of one business date (通道对账单). */
export type RailBill = {
  readonly id: RailBillId;
  readonly merchantId: MerchantId;
  readonly rail: RailId;
  readonly businessDate: Temporal.PlainDate;
  /** SHA-256 of the bytes: the same file again changes nothing. */
  readonly contentHash: string;
  readonly state: 'loading' | 'matched';
  readonly rowCount: number;
  readonly matchedCount: number;
  readonly breakCount: number;
  readonly total: Money;
  readonly fee: Money;
  readonly fetchedAt: Temporal.Instant;
};

/** One row of a rail bill, as the rail wrote it. */
export type RailBillLine = {
  /** 1 for the first data row of the file. */
  readonly lineNumber: number;
  readonly kind: 'payment' | 'refund';
  /** The order that was paid, also on a refund's line. */
  readonly orderNumber: string;
  readonly railReference: string;
  /** Our refund number, on a refund's line. */
  readonly refundNumber?: string;
  /** More than zero, for refunds too. */
  readonly amount: Money;
  /** What the rail keeps; less than zero when it gives some back with a refund. */
  readonly fee: Money;
  readonly at: Temporal.Instant;
};

/**
 * One row of a rail's account statement (资金账单): how the merchant's money at the rail changed. The
 * sum of a day's rows is what its clearing account must have changed by.
 */
export type SettlementLine = {
  /** 1 for the first data row of the file. */
  readonly lineNumber: number;
  /** `payout`: the rail sent the money on to the merchant's bank. */
  readonly kind: 'payment' | 'refund' | 'fee' | 'payout' | 'other';
  /** More than zero: the balance at the rail grew. */
  readonly change: Money;
  /** The balance after this row, where the rail tells it. */
  readonly balance?: Money;
  readonly orderNumber?: string;
  /** The rail's number of the business or of the row. */
  readonly railReference: string;
  readonly at: Temporal.Instant;
  /** The rail's own words for the kind, kept for people. */
  readonly wording: string;
};

/**
 * 长款 `surplus`: the rail has money that our books lack. 短款 `shortage`: our books have money that
 * the rail lacks. 金额不符, 状态不符, 重复, 未知 (a number that is none of ours).
 */
export type BreakClass =
  | 'surplus'
  | 'shortage'
  | 'amount_mismatch'
  | 'state_mismatch'
  | 'duplicate'
  | 'unknown_order';

export type Break = {
  readonly id: BreakId;
  readonly merchantId: MerchantId;
  readonly billId: RailBillId;
  readonly rail: RailId;
  readonly businessDate: Temporal.PlainDate;
  readonly class: BreakClass;
  readonly orderNumber: string;
  readonly attemptId?: AttemptId;
  readonly railAmount?: Money;
  readonly ourAmount?: Money;
  readonly state: 'open' | 'resolved';
  readonly openedAt: Temporal.Instant;
};
