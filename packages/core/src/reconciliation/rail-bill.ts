import type { MerchantId, RailBillId } from '../ids/ids.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';

/** A rail's own statement of one business date (通道对账单). */
export type RailBill = {
  readonly id: RailBillId;
  readonly merchantId: MerchantId;
  readonly rail: RailId;
  readonly businessDate: Temporal.PlainDate;
  /** SHA-256 of the bytes: the same file again changes nothing while it counts. */
  readonly contentHash: string;
  /** 1; one more each time that the same bytes count again after others had taken their place. */
  readonly issue: number;
  /** `superseded`: issued again in other bytes; kept as history, and its lines count no more. */
  readonly state: 'loading' | 'matched' | 'superseded';
  readonly rowCount: number;
  readonly matchedCount: number;
  readonly breakCount: number;
  /** The sum of the payments. */
  readonly total: Money;
  /** The sum of the refunds, zero or more. */
  readonly refunded: Money;
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
  /** Our number of the mandate, where the rail carried it with the order. */
  readonly contractCode?: string;
  /** True where the bill only says that the refund was begun: what became of it must be asked. */
  readonly isPending?: boolean;
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
