import type { Interval } from '../calendar/periods.ts';
import type { CustomerId, MerchantId, MeterId, ThresholdId } from '../ids/ids.ts';
import type { Money } from '../money/money.ts';
import { compareRatio, RATIO_ZERO, type Ratio } from '../money/ratio.ts';
import { ok, type Refusal, type Result, refuse } from '../result/result.ts';
import type { UsageThreshold } from './threshold.ts';

export type ThresholdRefusal = Refusal<'threshold_limit_not_valid'>;

/** Checks and makes a threshold of units or of an amount: exactly one of them, above zero. */
export function decideThreshold(
  wanted: {
    readonly customerId: CustomerId;
    readonly meterId: MeterId;
    readonly units?: Ratio;
    readonly amount?: Money;
    readonly anchor: Temporal.PlainDate;
    readonly interval: Interval;
  },
  context: {
    readonly id: ThresholdId;
    readonly merchantId: MerchantId;
    readonly now: Temporal.Instant;
  },
): Result<UsageThreshold, ThresholdRefusal> {
  const limit = limitOf(wanted);
  if (limit === undefined) {
    return refuse({
      code: 'threshold_limit_not_valid',
      sentence: 'A threshold is a number of units or an amount, above zero, and not both.',
      next: 'Give one of units and amount.',
      field: 'limit',
    });
  }
  const { customerId, meterId, anchor, interval } = wanted;
  const { id, merchantId, now } = context;
  return ok({ id, merchantId, customerId, meterId, limit, anchor, interval, createdAt: now });
}

function limitOf({
  units,
  amount,
}: {
  readonly units?: Ratio;
  readonly amount?: Money;
}): UsageThreshold['limit'] | undefined {
  if (units !== undefined && amount === undefined) {
    return compareRatio(units, RATIO_ZERO) > 0 ? { kind: 'units', units } : undefined;
  }
  if (amount === undefined || units !== undefined || amount.minor <= 0n) return undefined;
  return { kind: 'amount', amount };
}
