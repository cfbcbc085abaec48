import type { NewsReading, Rail, RailEvent, RailId, Run } from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';

/** Events that one transaction applies. */
const BATCH_EVENTS = 500;

/** Readings of one rail in one look; what is left waits for the next. */
const READINGS_AT_ONCE = 200;

/** The run that keeps how far the news of a rail were read, by rail. */
const RUN_KIND = 'rail_news';

export type NewsCounts = {
  readonly events: number;
  /** Events that could not be applied: they are told again at the next look. */
  readonly failed: number;
  /** Messages of the rail that could not be read and were set aside. */
  readonly problems: number;
};

/** Applies verified events: the same function that callbacks are given to. */
export type ApplyEvents = (job: Job, events: readonly RailEvent[]) => Promise<void>;

/**
 * Reads what rails that do not call back have left for us. Events are applied first and the place
 * is saved after them: a crash in between applies them again, which changes nothing. News belong to
 * the merchant and not to a bucket, so the worker of the first bucket reads them.
 */
export async function fetchRailNews(job: Job, apply: ApplyEvents): Promise<NewsCounts> {
  const counts = { events: 0, failed: 0, problems: 0 };
  if (job.buckets.from !== 0) return counts;
  for (const rail of job.engine.rails.values()) {
    if (rail.fetchNews === undefined) continue;
    for (let reading = 0; reading < READINGS_AT_ONCE; reading += 1) {
      const read = await readOnce(job, rail, apply);
      counts.events += read.events;
      counts.failed += read.failed;
      counts.problems += read.problems;
      if (!read.more) break;
    }
  }
  return counts;
}

async function readOnce(
  job: Job,
  rail: Rail,
  apply: ApplyEvents,
): Promise<NewsCounts & { readonly more: boolean }> {
  const run = await findRun(job, rail.id);
  const cursor = run?.progress['cursor'];
  const given = typeof cursor === 'string' ? cursor : undefined;
  const reading = await fetchOnce(rail, given);
  if (reading.kind === 'unknown') {
    warn(job, rail, { detail: reading.detail });
    return { events: 0, failed: 0, problems: 0, more: false };
  }
  const problems = reading.problems ?? [];
  for (const problem of problems) warn(job, rail, problem);
  const failed = await applyAll(job, reading.events, apply);
  const { length } = reading.events;
  // What could not be applied is told again with the rest of its reading, which changes nothing.
  if (failed > 0) warn(job, rail, { failed });
  else if (reading.cursor !== given)
    await saveCursor(job, rail.id, { run, cursor: reading.cursor });
  const more = reading.more && failed === 0;
  return { events: length - failed, failed, problems: problems.length, more };
}

async function fetchOnce(rail: Rail, cursor: string | undefined): Promise<NewsReading> {
  try {
    return (await rail.fetchNews?.(cursor)) ?? { kind: 'unknown', detail: 'no news' };
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
}

/** Applies in batches; a batch that fails is tried event by event. The number that failed. */
async function applyAll(
  job: Job,
  events: readonly RailEvent[],
  apply: ApplyEvents,
): Promise<number> {
  let failed = 0;
  for (let start = 0; start < events.length; start += BATCH_EVENTS) {
    const batch = events.slice(start, start + BATCH_EVENTS);
    if (await isApplied(job, batch, apply)) continue;
    for (const event of batch) failed += (await isApplied(job, [event], apply)) ? 0 : 1;
  }
  return failed;
}

async function isApplied(
  job: Job,
  events: readonly RailEvent[],
  apply: ApplyEvents,
): Promise<boolean> {
  try {
    await apply(job, events);
    return true;
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'thrown';
    job.engine.log.warn('news of a rail could not be applied', {
      merchant: job.merchant.code,
      events: events.length,
      reason,
    });
    return false;
  }
}

function findRun(job: Job, rail: RailId): Promise<Run | undefined> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.findRun(RUN_KIND, rail));
}

async function saveCursor(
  job: Job,
  rail: RailId,
  place: { readonly run: Run | undefined; readonly cursor: string },
): Promise<void> {
  const { run, cursor } = place;
  await job.engine.store.transact(job.merchant.id, (tx) =>
    tx.saveRun({
      id: run?.id ?? idSource(job.engine)('run', 0),
      merchantId: job.merchant.id,
      kind: RUN_KIND,
      key: rail,
      state: 'running',
      progress: { cursor },
      startedAt: run?.startedAt ?? nowOf(job.engine, job.merchant),
    }),
  );
}

function warn(job: Job, rail: Rail, facts: Readonly<Record<string, unknown>>): void {
  const about = { merchant: job.merchant.code, rail: rail.id, ...facts };
  job.engine.log.warn('news of a rail need a look', about);
}
