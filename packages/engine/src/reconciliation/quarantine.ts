import {
  type BillState,
  decideReleaseQuarantine,
  decideResolveFinding,
  findObstacles,
  type MandateState,
  type Quarantine,
  type QuarantineFinding,
  type QuarantineRefusal,
  quarantineRefusal,
  type ReleaseFacts,
  type ReleaseObstacle,
  type Result,
  refuse,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';

/** Findings that a status names; beyond it the table itself is to be read. */
const FINDINGS = 10_000;

/** Open numbers that a status names. */
const OPEN_NUMBERS = 1_000;

/** States in which a mandate wants its rail to be asked. */
const LIVE: readonly MandateState[] = ['signing', 'active', 'ending', 'revoke_failed'];

export type QuarantineStatus = {
  readonly quarantine: Quarantine;
  readonly findings: readonly QuarantineFinding[];
  /** What is in the way of a release; empty: a person may let the merchant go. */
  readonly obstacles: readonly ReleaseObstacle[];
};

/** The quarantine that is open, what was learned in it and what is in its way. */
export async function quarantineStatus(
  job: Job,
  { withDoctor }: { readonly withDoctor: boolean } = { withDoctor: true },
): Promise<QuarantineStatus | undefined> {
  const facts = await releaseFacts(job, withDoctor);
  if (facts === undefined) return undefined;
  return {
    quarantine: facts.quarantine,
    findings: facts.findings,
    obstacles: findObstacles(facts),
  };
}

/** Lets the merchant go, by a person's name. */
export async function releaseQuarantine(
  job: Job,
  by: string,
): Promise<Result<Quarantine, QuarantineRefusal>> {
  const facts = await releaseFacts(job, true);
  if (facts === undefined) return refuse(quarantineRefusal('not_in_quarantine'));
  const now = nowOf(job.engine, job.merchant);
  const released = decideReleaseQuarantine(facts, { by, now });
  if (released.ok) {
    await job.engine.store.transact(job.merchant.id, (tx) => tx.saveQuarantine(released.value));
  }
  return released;
}

/** A person says what was done about a number that the books could not take in. */
export async function resolveFinding(
  job: Job,
  number: string,
  said: { readonly by: string; readonly note: string },
): Promise<Result<QuarantineFinding, QuarantineRefusal>> {
  const now = nowOf(job.engine, job.merchant);
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const found = (await tx.listFindings(FINDINGS)).find(
      (one) => one.number === number && one.needsPerson,
    );
    if (found === undefined) return refuse(quarantineRefusal('finding_not_open'));
    const resolved = decideResolveFinding(found, { ...said, now });
    if (resolved.ok) await tx.saveFinding(resolved.value);
    return resolved;
  });
}

async function releaseFacts(job: Job, withDoctor: boolean): Promise<ReleaseFacts | undefined> {
  const { store, rails } = job.engine;
  const read = await store.transact(job.merchant.id, async (tx) => {
    const quarantine = await tx.findQuarantine();
    if (quarantine === undefined) return undefined;
    return {
      quarantine,
      findings: await tx.listFindings(FINDINGS),
      openNumbers: await tx.listOpenNumbers(OPEN_NUMBERS),
      usedRails: await tx.listRailsOfMandates(LIVE),
    };
  });
  if (read === undefined) return undefined;
  const { usedRails, ...facts } = read;
  return {
    ...facts,
    missingRails: usedRails.filter((rail) => !rails.has(rail)),
    bills: await billDates(job, read.quarantine),
    violations: withDoctor ? (await store.findViolations(1)).length : 0,
  };
}

/**
 * Every date of every connected rail on which the lost days can show: from the backup's own date to
 * the date of the first question, and as long after it as the rail lets an order wait.
 */
export async function billDates(job: Job, quarantine: Quarantine): Promise<readonly BillState[]> {
  const now = nowOf(job.engine, job.merchant);
  const dates: BillState[] = [];
  for (const { id: rail, capabilities } of job.engine.rails.values()) {
    const { zone, patienceSeconds = 0 } = capabilities;
    const from = quarantine.backupMadeAt.toZonedDateTimeISO(zone).toPlainDate();
    const last = (quarantine.askedAt ?? now).add({ seconds: patienceSeconds });
    const until = last.toZonedDateTimeISO(zone).toPlainDate();
    const known = await job.engine.store.transact(job.merchant.id, (tx) =>
      tx.loadDays({ rail, from, until }),
    );
    const isIn = new Set(
      known.filter(({ bill }) => bill !== 'expected').map((day) => day.businessDate.toString()),
    );
    let date = from;
    while (Temporal.PlainDate.compare(date, until) <= 0) {
      dates.push({ rail, businessDate: date, isIn: isIn.has(date.toString()) });
      date = date.add({ days: 1 });
    }
  }
  return dates;
}
