import { type Money, money, shareOf, within } from '../money/money.ts';

/** What a merchant decided about money that goes back. Data; each part is optional. */
export type RefundPolicy = {
  /**
   * Refunds above this, in the smallest unit by currency, want a second person. A currency that is
   * not named always wants one.
   */
  readonly approveAbove: Readonly<Partial<Record<Money['currency'], bigint>>>;
  /** Hours in which a refund can be approved; after them it is withdrawn. */
  readonly approvalHours: number;
  /** What happens to money that nobody owed: it goes back by the rail, or becomes balance. */
  readonly lateSuccess: 'refund' | 'credit';
  /**
   * What is kept of a refunded balance: basis points and a fixed part, at most `capMinor`; smallest
   * units. Declared to customers before they pay in. Absent: nothing is kept.
   */
  readonly processing?: {
    readonly basisPoints: bigint;
    readonly fixedMinor: bigint;
    readonly capMinor: bigint;
  };
};

/** ¥5,000 and its likes without a second person, three days to approve, late money goes back. */
export const DEFAULT_REFUND_POLICY: RefundPolicy = {
  approveAbove: { CNY: 500_000n, EUR: 50_000n },
  approvalHours: 72,
  lateSuccess: 'refund',
};

/** Whether a refund of `amount` waits for a second person. */
export function needsApproval(amount: Money, policy: RefundPolicy): boolean {
  const limit = policy.approveAbove[amount.currency];
  return limit === undefined || amount.minor > limit;
}

/**
 * What is kept of `owed` when it is returned: the share half up, plus the fixed part, at most the
 * cap and never so much that nothing is left to return.
 */
export function processingOf(owed: Money, policy: RefundPolicy): Money {
  const { processing } = policy;
  const { currency, minor } = owed;
  if (processing === undefined || minor <= 0n) return money(0n, currency);
  const asked = shareOf(owed, processing.basisPoints).minor + processing.fixedMinor;
  const capped = within(money(asked, currency), money(processing.capMinor, currency));
  return within(capped, money(minor - 1n, currency));
}
