import {
  bucketOf,
  type Crossing,
  type CustomerId,
  computeMeteredUsage,
  isCrossed,
  type Meter,
  type MeterId,
  type NewEvent,
  type Period,
  type RollupKey,
  type ThresholdId,
  type Tx,
  thresholdPeriod,
  type UsageThreshold,
} from '@daikou/core';
import { idSource, type Job } from '../job.ts';
import { costOfMeter } from './cost.ts';
import { toUsageQuery } from './load.ts';

type Fold = {
  readonly job: Job;
  readonly meters: readonly Meter[];
  readonly touched: readonly RollupKey[];
  readonly now: Temporal.Instant;
};

/** One threshold and a period of it in which something was used just now. */
type Watched = {
  readonly threshold: UsageThreshold;
  readonly meter: Meter;
  readonly period: Period;
};

/**
 * Compares what was just folded with the thresholds of its customers, and writes
 * `usage.threshold_crossed` for those that a period has reached for the first time, in the commit
 * of the fold.
 */
export async function tellThresholds(tx: Tx, fold: Fold): Promise<void> {
  const customers = [...new Set(fold.touched.map(({ customerId }) => customerId))];
  if (customers.length === 0) return;
  const thresholds = await tx.loadThresholds(customers);
  if (thresholds.length === 0) return;
  const crossed = await findCrossed(tx, fold, watchedPeriods(thresholds, fold));
  const fresh = await tx.addCrossings(crossed);
  if (fresh.length === 0) return;
  const byId = new Map<ThresholdId, UsageThreshold>(thresholds.map((one) => [one.id, one]));
  const ids = idSource(fold.job.engine);
  const events = fresh.flatMap((crossing): NewEvent[] => {
    const threshold = byId.get(crossing.thresholdId);
    if (threshold === undefined) return [];
    const { id, merchantId, customerId } = threshold;
    return [
      {
        id: ids('evt', bucketOf(customerId)),
        merchantId,
        customerId,
        type: 'usage.threshold_crossed',
        subjectId: id,
        at: fold.now,
        data: { meter: threshold.meterId, period_start: crossing.periodStart.toString() },
      },
    ];
  });
  await tx.save({ events });
}

function watchedPeriods(
  thresholds: readonly UsageThreshold[],
  { meters, touched }: Fold,
): readonly Watched[] {
  const byMeter = new Map<MeterId, Meter>(meters.map((meter) => [meter.id, meter]));
  const days = new Map<string, Set<string>>();
  for (const { customerId, meterId, day } of touched) {
    const key = keyOf(customerId, meterId);
    const known = days.get(key);
    if (known === undefined) days.set(key, new Set([day]));
    else known.add(day);
  }
  return thresholds.flatMap((threshold) => {
    const meter = byMeter.get(threshold.meterId);
    if (meter === undefined) return [];
    const periods = new Map<string, Watched>();
    for (const day of days.get(keyOf(threshold.customerId, threshold.meterId)) ?? []) {
      const period = thresholdPeriod(threshold, Temporal.PlainDate.from(day));
      if (period !== undefined) periods.set(period.start.toString(), { threshold, meter, period });
    }
    return [...periods.values()];
  });
}

async function findCrossed(
  tx: Tx,
  { job, now }: Fold,
  watched: readonly Watched[],
): Promise<readonly Crossing[]> {
  const totals = await tx.loadUsage(
    watched.map(({ threshold, meter, period }) =>
      toUsageQuery(meter, threshold.customerId, period),
    ),
  );
  const crossings: Crossing[] = [];
  for (const [index, { threshold, meter, period }] of watched.entries()) {
    const span = { period, zone: job.merchant.zone };
    const usage = computeMeteredUsage(meter, totals[index] ?? [], span);
    const amount =
      threshold.limit.kind === 'amount'
        ? await costOfMeter(tx, {
            customerId: threshold.customerId,
            meter,
            usage,
            day: period.start,
          })
        : undefined;
    const reached = { units: usage.units, ...(amount === undefined ? {} : { amount }) };
    if (!isCrossed(threshold, reached)) continue;
    const { id: thresholdId, merchantId } = threshold;
    crossings.push({ thresholdId, merchantId, periodStart: period.start, at: now });
  }
  return crossings;
}

function keyOf(customer: CustomerId, meter: MeterId): string {
  return `${customer} ${meter}`;
}
