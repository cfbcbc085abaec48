import {
  type Break,
  type BreakId,
  CUT_OFF_DAYS,
  decideLeavePool,
  poolDates,
  type RailDate,
  type ReconciliationDay,
  type Tx,
} from '@daikou/core';
import type { Job } from '../job.ts';
import { refreshDay } from './day.ts';
import { saveSteps, stepContext } from './step.ts';

/** Pooled breaks that one transaction looks at. */
const POOL_STEP = 500;

/**
 * Takes out of the pool what the bills of both following days do not name either: it counts as a
 * difference now, and the clearing account follows the rail. Runs after every bill of the rail.
 */
export async function leavePool(job: Job, day: RailDate): Promise<void> {
  let after: BreakId | undefined;
  let isMore = true;
  while (isMore) {
    const seen = await job.engine.store.transact(job.merchant.id, (tx) =>
      leaveSome(tx, job, { ...day, ...(after === undefined ? {} : { after }) }),
    );
    after = seen.last;
    isMore = seen.count >= POOL_STEP;
  }
}

async function leaveSome(
  tx: Tx,
  job: Job,
  day: RailDate & { readonly after?: BreakId },
): Promise<{ readonly count: number; readonly last: BreakId | undefined }> {
  const pooled = await tx.lockUnresolvedBreaks({
    rail: day.rail,
    state: 'pooled',
    until: day.businessDate,
    limit: POOL_STEP,
    ...(day.after === undefined ? {} : { after: day.after }),
  });
  const ripe = await ripeOf(tx, day, pooled);
  await saveSteps(
    tx,
    ripe.map((one) => decideLeavePool(one, stepContext(job, one))),
  );
  const dates = new Map(ripe.map((one) => [one.businessDate.toString(), one.businessDate]));
  for (const businessDate of dates.values()) {
    await refreshDay(tx, job, { rail: day.rail, businessDate });
  }
  return { count: pooled.length, last: pooled.at(-1)?.id };
}

/** Those whose following bills have all come. */
async function ripeOf(
  tx: Tx,
  { rail }: RailDate,
  pooled: readonly Break[],
): Promise<readonly Break[]> {
  const dates = pooled.map(({ businessDate }) => businessDate);
  const [first] = [...dates].sort(Temporal.PlainDate.compare);
  const last = [...dates].sort(Temporal.PlainDate.compare).at(-1);
  if (first === undefined || last === undefined) return [];
  const days = await tx.loadDays({ rail, from: first, until: last.add({ days: CUT_OFF_DAYS }) });
  const compared = new Set(
    days.filter(isCompared).map(({ businessDate }) => businessDate.toString()),
  );
  return pooled.filter((one) =>
    poolDates(one.businessDate).every((date) => compared.has(date.toString())),
  );
}

/** Whether the bill of the day has come and been compared, or there is none. */
export function isCompared(day: ReconciliationDay): boolean {
  return day.bill !== 'expected' && day.state !== 'loading';
}
