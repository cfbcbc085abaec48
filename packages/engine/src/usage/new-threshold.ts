import {
  bucketOf,
  businessDate,
  type CustomerId,
  decideThreshold,
  type Interval,
  type MeterId,
  type Money,
  ok,
  type Ratio,
  type Refusal,
  type Result,
  refuse,
  type UsageThreshold,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { findMeter } from './find-meter.ts';

/** Usage or cost of a customer to be told of once in each period. */
export type ThresholdRequest = {
  readonly customerId: CustomerId;
  /** The meter's code. */
  readonly meter: string;
  /** Exactly one of the two. */
  readonly units?: Ratio;
  readonly amount?: Money;
  /** Where periods are counted from; the first of the present month when absent. */
  readonly anchor?: Temporal.PlainDate;
  /** A month when absent. */
  readonly interval?: Interval;
};

/** A threshold with the code of its meter. */
export type MeteredThreshold = { readonly threshold: UsageThreshold; readonly meter: string };

const MONTHLY: Interval = { unit: 'month', count: 1 };

/**
 * Adds a threshold. It is compared with a period when usage of that period is folded next, so one
 * that has been reached already is told of with the next event.
 */
export async function addThreshold(
  job: Job,
  request: ThresholdRequest,
): Promise<Result<MeteredThreshold, Refusal>> {
  const { customerId, anchor, interval = MONTHLY, units, amount } = request;
  const now = nowOf(job.engine, job.merchant);
  const id = idSource(job.engine)('thr', bucketOf(customerId));
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([customerId]);
    if (customer === undefined) return refuse(notFound('customer', 'customerId'));
    const meter = findMeter(await tx.loadMeters(), request.meter);
    if (!meter.ok) return meter;
    const decided = decideThreshold(
      {
        customerId,
        meterId: meter.value.id,
        anchor: anchor ?? businessDate(now, job.merchant.zone).with({ day: 1 }),
        interval,
        ...(units === undefined ? {} : { units }),
        ...(amount === undefined ? {} : { amount }),
      },
      { id, merchantId: job.merchant.id, now },
    );
    if (!decided.ok) return decided;
    await tx.saveThresholds([decided.value]);
    return ok({ threshold: decided.value, meter: meter.value.code });
  });
}

/** A customer's thresholds. */
export async function listThresholds(
  job: Job,
  customerId: CustomerId,
): Promise<Result<readonly MeteredThreshold[], Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([customerId]);
    if (customer === undefined) return refuse(notFound('customer', 'customerId'));
    const meters = await tx.loadMeters();
    const codes = new Map<MeterId, string>(meters.map((meter) => [meter.id, meter.code]));
    const thresholds = await tx.loadThresholds([customerId]);
    return ok(
      thresholds.map((threshold) => ({ threshold, meter: codes.get(threshold.meterId) ?? '' })),
    );
  });
}
