import {
  addSeconds,
  BLOCKED_LOOK_SECONDS,
  type Customer,
  type DebitBundle,
  type DebitId,
  type DebitNotice,
  decideSubmit,
  present,
  type SubmitDecision,
  type Tx,
} from '@daikou/core';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, type Job, nowOf, scheduleContext } from '../job.ts';
import type { Sleep } from '../pace.ts';
import { causeOf, isOfTheRows } from '../row-fault.ts';
import { loadMethods, type MethodFacts } from './methods.ts';
import { type Sending, sendAll } from './send.ts';
import { customersOf, settleCalls } from './settle.ts';

export type SubmitCounts = {
  readonly sent: number;
  readonly blocked: number;
  readonly rescheduled: number;
  /** To the customer's next method. */
  readonly moved: number;
  readonly ended: number;
};

/**
 * Sends every debit that is due, in batches of three steps (DESIGN §3): commit the intent and its
 * number; call the rail with no transaction open; settle what it said. A crash between any two
 * leaves an attempt that is asked about later, never one that is sent under another number.
 */
export async function submitDebits(job: Job, sleep: Sleep): Promise<SubmitCounts> {
  const counts = { sent: 0, blocked: 0, rescheduled: 0, moved: 0, ended: 0 };
  if (await isHeld(job)) return counts;
  let claimed = BATCH_ROWS;
  while (claimed > 0) {
    const begunAt = job.engine.clock.now();
    const batch = await claimSome(job, BATCH_ROWS);
    claimed = batch.claimed;
    for (const decision of batch.decisions) count(counts, decision);
    const news = await sendAll(job, batch.sending, { begunAt, sleep });
    await settleCalls(job, news);
    job.progress.advance(batch.claimed - batch.sending.length);
    for (const { outcome, attempt } of news) {
      job.progress.advance(1, outcome.kind === 'succeeded' ? attempt.amount.minor : 0n);
    }
  }
  return counts;
}

type Batch = {
  readonly claimed: number;
  readonly decisions: readonly SubmitDecision[];
  readonly sending: readonly Sending[];
};

/**
 * One batch of intents. Where it fails as a whole (a rail that is not connected any more, a row
 * that the database refuses), a smaller one is tried, down to one: that debit waits, sends nothing
 * and holds nobody else up.
 */
async function claimSome(job: Job, rows: number): Promise<Batch> {
  let claimed: readonly DebitBundle[] = [];
  try {
    return await job.engine.store.transact(job.merchant.id, async (tx) => {
      // The work may run again after a lost race: what the lost one claimed is no longer ours.
      claimed = [];
      const dueBy = nowOf(job.engine, job.merchant);
      claimed = await tx.claimDebitsToSubmit({ buckets: job.buckets, dueBy, limit: rows });
      return await decideBatch(tx, job, claimed);
    });
  } catch (error) {
    // Where the claim itself failed there is no debit to put off, so it is told.
    if (!isOfTheRows(error) || claimed.length === 0) throw error;
    if (claimed.length > 1) return claimSome(job, claimed.length >> 1);
    await putOff(
      job,
      claimed.map(({ debit }) => debit.id),
      causeOf(error),
    );
    return { claimed: claimed.length, decisions: [], sending: [] };
  }
}

/** Looked at again later, unless somebody else has taken it up meanwhile. */
async function putOff(job: Job, ids: readonly DebitId[], why: string): Promise<void> {
  const collectAt = addSeconds(nowOf(job.engine, job.merchant), BLOCKED_LOOK_SECONDS);
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const locked = await tx.lockDebits(ids);
    const waiting = locked.map(({ debit }) => debit).filter(({ state }) => state === 'scheduled');
    await tx.save({ debits: waiting.map((debit) => ({ ...debit, collectAt })) });
  });
  for (const debit of ids) {
    const facts = { merchant: job.merchant.code, debit, why };
    job.engine.log.warn('a debit cannot be decided and will be tried again', facts);
  }
}

async function decideBatch(tx: Tx, job: Job, bundles: readonly DebitBundle[]): Promise<Batch> {
  const now = nowOf(job.engine, job.merchant);
  const customers = await customersOf(tx, bundles);
  const methodsOf = await loadMethods(tx, job, bundles);
  const sending: Sending[] = [];
  const notices: DebitNotice[] = [];
  const decisions = bundles.map((bundle) => {
    const facts = { ...bundle, ...methodsOf(bundle) };
    const decision = decideOne(job, facts, { customers, now });
    if (decision.kind === 'send') {
      const { collectDate } = decision.debit;
      sending.push({ attempt: decision.attempt, mandate: bundle.mandate, collectDate });
    }
    if (decision.kind === 'rescheduled' && decision.notice !== undefined) {
      notices.push(decision.notice);
    }
    if (decision.kind === 'moved') notices.push(...decision.notices);
    return decision;
  });
  await tx.save({
    debits: decisions.flatMap((decision) =>
      decision.kind === 'moved' ? decision.debits : decision.debit,
    ),
    attempts: sending.map((one) => one.attempt),
    notices,
    events: decisions.flatMap((decision) => (decision.kind === 'wait' ? [] : decision.events)),
  });
  return { claimed: bundles.length, decisions, sending };
}

function decideOne(
  job: Job,
  bundle: DebitBundle & MethodFacts,
  known: { readonly customers: ReadonlyMap<string, Customer>; readonly now: Temporal.Instant },
): SubmitDecision {
  const customer = present(known.customers.get(bundle.debit.customerId), 'the customer of a debit');
  return decideSubmit({ ...bundle, customer }, scheduleContext(job, bundle.debit.rail, known.now));
}

function count(counts: { -readonly [K in keyof SubmitCounts]: number }, decision: SubmitDecision) {
  switch (decision.kind) {
    case 'send':
      counts.sent += 1;
      break;
    case 'blocked':
      counts.blocked += 1;
      break;
    case 'rescheduled':
      counts.rescheduled += 1;
      break;
    case 'moved':
      counts.moved += 1;
      break;
    case 'ended':
      counts.ended += 1;
      break;
    case 'wait':
      break;
  }
}
