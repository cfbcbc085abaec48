import {
  type DriftDecision,
  decideDrift,
  type Mandate,
  type MandateId,
  type MandateReport,
  present,
  type SweptMandate,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, CALLS_AT_ONCE, idSource, type Job, nowOf, railOf } from '../job.ts';
import { paceOf, type Sleep } from '../pace.ts';
import { type BrakeConfirmed, RailsSeen } from './brake.ts';

export type SweepCounts = {
  readonly compared: number;
  /** Mandates of which the rail could not say anything definite. */
  readonly unknown: number;
  readonly endedHere: number;
  readonly toEndAtRail: number;
  readonly forPerson: number;
  /** Mandates that a rail did not find, so many of them that nobody was ended. */
  readonly heldBack: number;
};

type Counts = { -readonly [Name in keyof SweepCounts]: SweepCounts[Name] };

/** Days for which a mandate that has ended is still compared with the rail. */
const ENDED_DAYS = 90;

/**
 * Compares every mandate with its rail's own word, at the rail's pace (I12): one that ended here
 * and is signed there is put up for ending there, one that ended there ends here with who ended
 * it, and one that serves no subscription is kept for a person. Meant to run once a day; running
 * it twice finds nothing new. Mandates that a rail does not find end last, and not at all where
 * they are implausibly many (a wrong key looks so): then a brake is on until a person confirms.
 */
export async function sweepMandates(
  job: Job,
  sleep: Sleep,
  confirmed?: BrakeConfirmed,
): Promise<SweepCounts> {
  const counts: Counts = {
    compared: 0,
    unknown: 0,
    endedHere: 0,
    toEndAtRail: 0,
    forPerson: 0,
    heldBack: 0,
  };
  const seen = new RailsSeen<SweptMandate>(job);
  let after: MandateId | undefined;
  let more = true;
  while (more) {
    const page = await loadPage(job, after);
    more = page.length > 0;
    after = page.at(-1)?.mandate.id;
    const reports = await mapAtOnce(page, CALLS_AT_ONCE, (swept) => askOne(job, swept, sleep));
    counts.compared += page.length;
    counts.unknown += reports.filter(({ kind }) => kind === 'unknown').length;
    const told = page.map((swept, index) => ({
      swept,
      report: present(reports[index], 'the rail’s word'),
    }));
    const isNow = told.filter(
      ({ swept, report }) => !seen.keepsBack(swept.mandate, { report, row: swept }),
    );
    count(counts, await applyPage(job, isNow));
    job.progress.advance(page.length);
  }
  const { gone, heldBack } = await seen.judge(confirmed);
  counts.heldBack = heldBack;
  for (let from = 0; from < gone.length; from += BATCH_ROWS) {
    const some = gone.slice(from, from + BATCH_ROWS);
    count(counts, await applyPage(job, some.map(asNotFound)));
  }
  return counts;
}

type Told = { readonly swept: SweptMandate; readonly report: MandateReport };

function asNotFound(swept: SweptMandate): Told {
  const { contractCode } = swept.mandate;
  return { swept, report: { kind: 'not_found', contractCode } };
}

function count(counts: Counts, found: readonly DriftDecision[]): void {
  for (const { drift } of found) {
    if (drift.action === 'ended_here') counts.endedHere += 1;
    else if (drift.action === 'end_at_rail') counts.toEndAtRail += 1;
    else counts.forPerson += 1;
  }
}

function loadPage(job: Job, after: MandateId | undefined): Promise<readonly SweptMandate[]> {
  const endedSince = nowOf(job.engine, job.merchant).subtract({ hours: 24 * ENDED_DAYS });
  return job.engine.store.transact(job.merchant.id, (tx) =>
    tx.loadMandatesToSweep({
      buckets: job.buckets,
      endedSince,
      limit: BATCH_ROWS,
      ...(after === undefined ? {} : { after }),
    }),
  );
}

async function askOne(job: Job, { mandate }: SweptMandate, sleep: Sleep): Promise<MandateReport> {
  const { contractCode, railReference } = mandate;
  const handle = railReference === undefined ? { contractCode } : { contractCode, railReference };
  try {
    const rail = railOf(job.engine, mandate.rail);
    await paceOf(rail, job.engine.clock, sleep)();
    return await rail.queryMandate(handle);
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
}

/** Decides under the mandates' locks, as a callback may have told the same in the meantime. */
async function applyPage(job: Job, page: readonly Told[]): Promise<readonly DriftDecision[]> {
  if (page.length === 0) return [];
  const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const ids = page.map(({ swept }) => swept.mandate.id);
    const locked = new Map((await tx.lockMandates(ids)).map((one) => [one.id, one]));
    const customers = [...new Set(page.map(({ swept }) => swept.mandate.customerId))];
    const active = (await tx.loadMandatesOf(customers)).filter(({ state }) => state === 'active');
    const found = page.flatMap(({ swept, report }) => {
      const { mandate, hasSubscription } = swept;
      const now = present(locked.get(mandate.id), 'a mandate of the page');
      const isUsedAgain = active.some((other) => isSameAtRail(other, now, report));
      return decideDrift(now, { report, hasSubscription, isUsedAgain }, context) ?? [];
    });
    const added = new Set(await tx.addDrifts(found.map(({ drift }) => drift)));
    // A finding that is open already was told before, and its end is under way.
    const fresh = found.filter(({ drift }) => added.has(drift.id));
    await tx.save({
      mandates: fresh.flatMap(({ mandate }) => mandate ?? []),
      events: fresh.flatMap(({ events }) => events),
    });
    for (const end of fresh.flatMap((one) => one.end ?? [])) {
      // Who asked at first stays the proof; only the next try is new.
      const known = await tx.findMandateEnd(end.mandateId);
      await tx.saveMandateEnds([known === undefined ? end : { ...known, nextTryAt: context.now }]);
    }
    return fresh;
  });
}

/** Whether what the rail says of `mandate` is said of `other` too: one number at one rail. */
function isSameAtRail(other: Mandate, mandate: Mandate, report: MandateReport): boolean {
  if (report.kind !== 'active' || other.id === mandate.id) return false;
  return other.rail === mandate.rail && other.railReference === report.railReference;
}

/** Whether the sweep of this business date was made; one is enough a day. */
export async function sweepOncePerDay(job: Job, sleep: Sleep): Promise<SweepCounts | undefined> {
  if (await isHeld(job)) return undefined;
  const kind = 'mandate_sweep';
  const now = nowOf(job.engine, job.merchant);
  const key = now.toZonedDateTimeISO(job.merchant.zone).toPlainDate().toString();
  const { store } = job.engine;
  const known = await store.transact(job.merchant.id, (tx) => tx.findRun(kind, key));
  if (known !== undefined) return undefined;
  const counts = await sweepMandates(job, sleep);
  await store.transact(job.merchant.id, (tx) =>
    tx.addRun({
      id: idSource(job.engine)('run', 0),
      merchantId: job.merchant.id,
      kind,
      key,
      state: 'done',
      progress: counts,
      startedAt: now,
      finishedAt: nowOf(job.engine, job.merchant),
    }),
  );
  return counts;
}
