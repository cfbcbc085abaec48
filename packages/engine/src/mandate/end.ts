import {
  beforeEndTry,
  decideEnd,
  decideEndAnswer,
  type EndAnswer,
  type EndAsker,
  type EndDecision,
  type Mandate,
  type MandateEnd,
  type MandateId,
  ok,
  present,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, CALLS_AT_ONCE, idSource, type Job, nowOf, railOf } from '../job.ts';
import { notFound } from '../not-found.ts';

/** A mandate with the proof of its end, where one was asked for from our side. */
export type EndedMandate = { readonly mandate: Mandate; readonly end?: MandateEnd };

/**
 * Ends a mandate from our side. The wish is committed first, and from then on no debit leaves by
 * it; then the rail is told, and its answer kept as proof. Where the rail gives no definite word
 * the mandate is `revoke_failed`, and the worker asks again. Asking twice is no error.
 */
export async function endMandate(
  job: Job,
  id: MandateId,
  wish: { readonly by: EndAsker; readonly remark: string },
): Promise<Result<EndedMandate, Refusal>> {
  const context = contextOf(job);
  const begun = await job.engine.store.transact(
    job.merchant.id,
    async (tx): Promise<Result<EndedMandate, Refusal>> => {
      const [mandate] = await tx.lockMandates([id]);
      if (mandate === undefined) return refuse(notFound('mandate', 'id'));
      const decided = decideEnd(mandate, wish, context);
      if (!decided.ok) return decided;
      if (decided.value === undefined) return ok(await withEnd(tx.findMandateEnd, mandate));
      const first = beforeEndTry(decided.value.end, context.now);
      await tx.save({ mandates: [decided.value.mandate], events: decided.value.events });
      await tx.saveMandateEnds([first]);
      return ok({ mandate: decided.value.mandate, end: first });
    },
  );
  if (!begun.ok || begun.value.mandate.state !== 'ending') return begun;
  // In quarantine the wish stands and nothing is sent; the rail is told once it is over.
  if (await isHeld(job)) return begun;
  await tellRails(job, [present(begun.value.end, 'the row of an end that began')]);
  return ok(await readEnd(job, id));
}

async function withEnd(
  find: (id: MandateId) => Promise<MandateEnd | undefined>,
  mandate: Mandate,
): Promise<EndedMandate> {
  const end = await find(mandate.id);
  return end === undefined ? { mandate } : { mandate, end };
}

/** A mandate with the proof of its end, where one was asked for from our side. */
export async function readMandateEnd(
  job: Job,
  id: MandateId,
): Promise<Result<EndedMandate, Refusal>> {
  return await job.engine.store.transact(
    job.merchant.id,
    async (tx): Promise<Result<EndedMandate, Refusal>> => {
      const [mandate] = await tx.lockMandates([id]);
      if (mandate === undefined) return refuse(notFound('mandate', 'id'));
      return ok(await withEnd(tx.findMandateEnd, mandate));
    },
  );
}

async function readEnd(job: Job, id: MandateId): Promise<EndedMandate> {
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [mandate] = await tx.lockMandates([id]);
    return await withEnd(tx.findMandateEnd, present(mandate, 'a mandate that was just saved'));
  });
}

export type EndCounts = { readonly tried: number; readonly ended: number };

/** Asks the rails again for every end that is due, until they confirm. */
export async function endMandatesDue(job: Job): Promise<EndCounts> {
  const counts = { tried: 0, ended: 0 };
  if (await isHeld(job)) return counts;
  let claimed = BATCH_ROWS;
  while (claimed > 0) {
    const ends = await claimEnds(job);
    claimed = ends.length;
    counts.tried += claimed;
    counts.ended += await tellRails(job, ends);
  }
  return counts;
}

async function claimEnds(job: Job): Promise<readonly MandateEnd[]> {
  const now = nowOf(job.engine, job.merchant);
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const claim = { buckets: job.buckets, dueBy: now, limit: BATCH_ROWS };
    const tried = (await tx.claimMandateEnds(claim)).map((end) => beforeEndTry(end, now));
    await tx.saveMandateEnds(tried);
    return tried;
  });
}

/** Calls the rails with no transaction open and saves what they say; returns how many are over. */
async function tellRails(job: Job, ends: readonly MandateEnd[]): Promise<number> {
  if (ends.length === 0) return 0;
  const { store } = job.engine;
  const ids = ends.map(({ mandateId }) => mandateId);
  const mandates = await store.transact(job.merchant.id, (tx) => tx.lockMandates(ids));
  const byId = new Map(mandates.map((mandate) => [mandate.id, mandate]));
  const reports = await mapAtOnce(ends, CALLS_AT_ONCE, (end) =>
    tellOne(job, present(byId.get(end.mandateId), 'the mandate of an end'), end),
  );
  return await store.transact(job.merchant.id, async (tx) => {
    const context = contextOf(job);
    const locked = new Map((await tx.lockMandates(ids)).map((one) => [one.id, one]));
    const decisions: EndDecision[] = ends.map((end, index) => {
      const mandate = present(locked.get(end.mandateId), 'the mandate of an end');
      const report = present(reports[index], 'the rail’s answer');
      return decideEndAnswer(mandate, { end, report }, context);
    });
    await tx.save({
      mandates: decisions.map(({ mandate }) => mandate),
      events: decisions.flatMap(({ events }) => events),
    });
    await tx.saveMandateEnds(decisions.map(({ end }) => end));
    const over = decisions.filter(({ end }) => end.nextTryAt === undefined);
    const overIds = over.map(({ mandate }) => mandate.id);
    await tx.resolveDrifts(overIds, 'ended_here_signed_there', context.now);
    return over.length;
  });
}

/**
 * Tells a rail under the number of the contract that ends, and never under one that the customer
 * has signed again: the same card gets the same number once more (UnionPay), and ending it would
 * end the new mandate.
 */
async function tellOne(job: Job, mandate: Mandate, end: MandateEnd): Promise<EndAnswer> {
  const { contractCode } = mandate;
  try {
    const rail = railOf(job.engine, mandate.rail);
    let { railReference } = mandate;
    if (railReference === undefined) {
      // Without its number the rail would end whatever it finds; so it says first what that is.
      const found = await rail.queryMandate({ contractCode });
      if (found.kind !== 'active') return found;
      railReference = found.railReference;
    }
    const heir = await findSignedAgain(job, mandate, railReference);
    if (heir !== undefined) return { kind: 'superseded', contractCode, by: heir };
    return await rail.endMandate({ contractCode, railReference }, end.remark);
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
}

/** Another mandate of the customer that is not over and has this number at this rail. */
async function findSignedAgain(
  job: Job,
  { id, rail, customerId }: Mandate,
  railReference: string,
): Promise<MandateId | undefined> {
  const mandates = await job.engine.store.transact(job.merchant.id, (tx) =>
    tx.loadMandatesOf([customerId]),
  );
  const again = mandates.find(
    (one) =>
      one.id !== id &&
      one.rail === rail &&
      one.railReference === railReference &&
      one.state === 'active',
  );
  return again?.id;
}

function contextOf(job: Job) {
  return { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
}
