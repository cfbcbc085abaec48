import { periodContaining } from '../calendar/grid.ts';
import { type Interval, isDateBefore, type Period } from '../calendar/periods.ts';
import type { CustomerId, MerchantId, MeterId, ThresholdId } from '../ids/ids.ts';
import type { Money } from '../money/money.ts';
import { compareRatio, type Ratio } from '../money/ratio.ts';

/** Usage or cost of a customer that somebody wants to hear of, once in each period. */
export type UsageThreshold = {
  readonly id: ThresholdId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly meterId: MeterId;
  /** Crossed when the period's usage reaches it (inclusive, as all thresholds of ours). */
  readonly limit:
    | { readonly kind: 'units'; readonly units: Ratio }
    | { readonly kind: 'amount'; readonly amount: Money };
  /** Periods are counted from here: a subscription's anchor and interval, or any other. */
  readonly anchor: Temporal.PlainDate;
  readonly interval: Interval;
  readonly createdAt: Temporal.Instant;
};

/** What a period has come to when thresholds are compared with it. */
export type UsageReached = { readonly units: Ratio; readonly amount?: Money };

/** The period of a threshold that contains `day`; undefined for days before its anchor. */
export function thresholdPeriod(
  threshold: UsageThreshold,
  day: Temporal.PlainDate,
): Period | undefined {
  const { anchor, interval } = threshold;
  if (isDateBefore(day, anchor)) return undefined;
  return periodContaining(anchor, interval, day).period;
}

/** Whether the usage of a period has reached the threshold. */
export function isCrossed(threshold: UsageThreshold, reached: UsageReached): boolean {
  const { limit } = threshold;
  if (limit.kind === 'units') return compareRatio(reached.units, limit.units) >= 0;
  const { amount } = reached;
  if (amount === undefined || amount.currency !== limit.amount.currency) return false;
  return amount.minor >= limit.amount.minor;
}
