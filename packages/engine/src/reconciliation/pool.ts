import {
  type Break,
  type BreakId,
  decideLeavePool,
  EVERY_DAY,
  poolDates,
  type RailDate,
  type ReconciliationDay,
  type SettlesOn,
  type Tx,
} from '@daikou/core';
import { type Job, railOf } from '../job.ts';
import { refreshDay } from './day.ts';
import { saveSteps, stepContext } from './step.ts';

/** Pooled breaks that one transaction looks at. */
const POOL_STEP = 500;

/**
 * Takes out of the pool what the bills of both following days do not name either: it counts as a
 * difference now, and the clearing account follows the rail. The day whose bill has come is moved
 * to what its files and breaks say. Runs after every bill of the rail.
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
  const ripe = await ripeOf(tx, job, { rail: day.rail, pooled });
  await saveSteps(
    tx,
    ripe.map((one) => decideLeavePool(one, stepContext(job, one))),
  );
  const dates = new Map(ripe.map((one) => [one.businessDate.toString(), one.businessDate]));
  // The day of the bill that has come moves as well, with or without a pool.
  dates.set(day.businessDate.toString(), day.businessDate);
  for (const businessDate of dates.values()) {
    await refreshDay(tx, job, { rail: day.rail, businessDate });
  }
  return { count: pooled.length, last: pooled.at(-1)?.id };
}

/** Those whose following bills have all come. */
async function ripeOf(
  tx: Tx,
  job: Job,
  { rail, pooled }: { readonly rail: RailDate['rail']; readonly pooled: readonly Break[] },
): Promise<readonly Break[]> {
  const waits = pooled.map((one) => ({
    one,
    dates: poolDates(one.businessDate, settlesOn(job, rail)),
  }));
  const dates = waits.flatMap((wait) => wait.dates).sort(Temporal.PlainDate.compare);
  const [from, until] = [dates.at(0), dates.at(-1)];
  if (from === undefined || until === undefined) return [];
  const days = await tx.loadDays({ rail, from, until });
  const compared = new Set(
    days.filter(isCompared).map(({ businessDate }) => businessDate.toString()),
  );
  return waits
    .filter((wait) => wait.dates.every((date) => compared.has(date.toString())))
    .map(({ one }) => one);
}

/** The dates of which the rail makes bills. */
export function settlesOn(job: Job, rail: RailDate['rail']): SettlesOn {
  return railOf(job.engine, rail).capabilities.settlesOn ?? EVERY_DAY;
}

/** Whether the bill of the day has come and been compared, or there is none. */
export function isCompared(day: ReconciliationDay): boolean {
  return day.bill !== 'expected' && day.state !== 'loading';
}
