import {
  decideSigningRefused,
  decideSigningStarted,
  type Mandate,
  type MandateId,
  type MandateReport,
  type SigningStarted,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, CALLS_AT_ONCE, idSource, type Job, nowOf, railOf } from '../job.ts';
import { applyMandateReports } from './apply.ts';

export type SigningCounts = {
  readonly begun: number;
  readonly active: number;
  readonly refused: number;
};

/** What the payer does with the address that the rail gave: opens it and agrees, or not. */
export type PayerHand = (url: string) => Promise<void>;

/**
 * Begins the signing of every mandate that waits for it, hands the address to the payer, and asks
 * the rail about those whose callback did not come. Mandates that were being signed when an earlier
 * run ended are asked about first, so that a signing is never lost or doubled.
 */
export async function signMandates(job: Job, payer: PayerHand): Promise<SigningCounts> {
  if (await isHeld(job)) return { begun: 0, active: 0, refused: 0 };
  const resumed = await askSigning(job);
  await forEachPage(job, 'signing', (page) => beginPage(job, page, payer));
  const begun = await forEachPage(job, 'draft', (page) => beginPage(job, page, payer));
  const late = await askSigning(job);
  const refused = begun.refused;
  return { begun: begun.pages, active: resumed + late, refused };
}

async function forEachPage(
  job: Job,
  state: 'draft' | 'signing',
  work: (page: readonly Mandate[]) => Promise<number>,
): Promise<{ readonly pages: number; readonly refused: number }> {
  let after: MandateId | undefined;
  let mandates = 0;
  let refused = 0;
  let more = true;
  while (more) {
    const page = await loadPage(job, state, after);
    more = page.length > 0;
    after = page.at(-1)?.id ?? after;
    refused += await work(page);
    mandates += page.length;
  }
  return { pages: mandates, refused };
}

function loadPage(job: Job, state: 'draft' | 'signing', after: MandateId | undefined) {
  return job.engine.store.transact(job.merchant.id, (tx) =>
    tx.loadMandates({
      buckets: job.buckets,
      state,
      limit: BATCH_ROWS,
      ...(after === undefined ? {} : { after }),
    }),
  );
}

/** Returns how many the rail refused. */
async function beginPage(job: Job, page: readonly Mandate[], payer: PayerHand): Promise<number> {
  const now = nowOf(job.engine, job.merchant);
  const context = { now, ids: idSource(job.engine) };
  // The intent first: a mandate that the rail may know of is never a draft in our books.
  const drafts = page.filter((mandate) => mandate.state === 'draft');
  const started = drafts.map((mandate) => decideSigningStarted(mandate, context));
  await job.engine.store.transact(job.merchant.id, (tx) =>
    tx.save({
      mandates: started.map((decision) => decision.mandate),
      events: started.flatMap((decision) => decision.events),
    }),
  );
  const outcomes = await mapAtOnce(page, CALLS_AT_ONCE, (mandate) => beginOne(job, mandate, payer));
  job.progress.advance(page.length);
  const refusedIds = page
    .filter((_, index) => outcomes[index]?.kind === 'refused')
    .map((m) => m.id);
  if (refusedIds.length === 0) return 0;
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const refused = (await tx.lockMandates(refusedIds))
      .filter((mandate) => mandate.state === 'signing')
      .map((mandate) => decideSigningRefused(mandate, context));
    await tx.save({
      mandates: refused.map((decision) => decision.mandate),
      events: refused.flatMap((decision) => decision.events),
    });
  });
  return refusedIds.length;
}

async function beginOne(job: Job, mandate: Mandate, payer: PayerHand): Promise<SigningStarted> {
  try {
    const begun = await railOf(job.engine, mandate.rail).beginSigning({
      contractCode: mandate.contractCode,
      displayAccount: mandate.displayAccount,
      singleCap: mandate.singleCap,
      ...(mandate.firstPlannedDate === undefined
        ? {}
        : { firstPlannedDate: mandate.firstPlannedDate }),
      requestSerial: requestSerial(job),
      clientIp: '127.0.0.1',
    });
    if (begun.kind === 'open_url') await payer(begun.url);
    return begun;
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
}

/** A number that grows and does not repeat: wall-clock milliseconds and three random digits. */
export function requestSerial(job: Job): string {
  const [high = 0, low = 0] = job.engine.entropy.bytes(2);
  const tail = ((high << 8) | low) % 1000;
  return `${job.engine.clock.now().epochMilliseconds}${tail.toString().padStart(3, '0')}`;
}

/** Asks about every mandate that is being signed; returns how many turned out to be signed. */
export async function askSigning(job: Job): Promise<number> {
  let active = 0;
  await forEachPage(job, 'signing', async (page) => {
    const reports = await mapAtOnce(page, CALLS_AT_ONCE, (mandate) => askOne(job, mandate));
    active += await applyMandateReports(job, reports);
    return 0;
  });
  return active;
}

async function askOne(job: Job, mandate: Mandate): Promise<MandateReport> {
  try {
    return await railOf(job.engine, mandate.rail).queryMandate({
      contractCode: mandate.contractCode,
      ...(mandate.railReference === undefined ? {} : { railReference: mandate.railReference }),
    });
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
}
