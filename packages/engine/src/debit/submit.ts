import {
  type Attempt,
  type AttemptOutcome,
  type Customer,
  type DebitBundle,
  decideSubmit,
  type Mandate,
  type Notice,
  present,
  type SubmitDecision,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { BATCH_ROWS, CALLS_AT_ONCE, type Job, nowOf, railOf, scheduleContext } from '../job.ts';
import { makePace } from '../pace.ts';
import { type AttemptNews, customersOf, settleOutcomes } from './settle.ts';

export type SubmitCounts = {
  readonly sent: number;
  readonly blocked: number;
  readonly rescheduled: number;
  readonly ended: number;
};

type Sending = { readonly attempt: Attempt; readonly mandate: Mandate };

/**
 * Sends every debit that is due, in batches of three steps (DESIGN §3): commit the intent and its
 * number; call the rail with no transaction open; settle what it said. A crash between any two
 * leaves an attempt that is asked about later, never one that is sent under another number.
 */
export async function submitDebits(
  job: Job,
  sleep: (milliseconds: number) => Promise<void>,
): Promise<SubmitCounts> {
  const counts = { sent: 0, blocked: 0, rescheduled: 0, ended: 0 };
  const paces = new Map(
    [...job.engine.rails.values()].map((rail) => [
      rail.id,
      makePace(rail.capabilities.submitPerSecond, job.engine.clock, sleep),
    ]),
  );
  let claimed = BATCH_ROWS;
  while (claimed > 0) {
    const batch = await claimBatch(job);
    claimed = batch.claimed;
    for (const decision of batch.decisions) count(counts, decision);
    const news = await mapAtOnce(batch.sending, CALLS_AT_ONCE, async (sending) => {
      await paces.get(sending.attempt.rail)?.();
      return send(job, sending);
    });
    await settleOutcomes(job, news);
    job.progress.advance(batch.claimed - batch.sending.length);
    for (const { outcome, attempt } of news) {
      job.progress.advance(1, outcome.kind === 'succeeded' ? attempt.amount.minor : 0n);
    }
  }
  return counts;
}

async function claimBatch(job: Job): Promise<{
  readonly claimed: number;
  readonly decisions: readonly SubmitDecision[];
  readonly sending: readonly Sending[];
}> {
  const now = nowOf(job.engine, job.merchant);
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const claim = { buckets: job.buckets, dueBy: now, limit: BATCH_ROWS };
    const bundles = await tx.claimDebitsToSubmit(claim);
    const customers = await customersOf(tx, bundles);
    const sending: Sending[] = [];
    const notices: Notice[] = [];
    const decisions = bundles.map((bundle) => {
      const decision = decideOne(job, bundle, { customers, now });
      if (decision.kind === 'send') {
        sending.push({ attempt: decision.attempt, mandate: bundle.mandate });
      }
      if (decision.kind === 'rescheduled') notices.push(decision.notice);
      return decision;
    });
    await tx.save({
      debits: decisions.map((decision) => decision.debit),
      attempts: sending.map((one) => one.attempt),
      notices,
      events: decisions.flatMap((decision) => (decision.kind === 'wait' ? [] : decision.events)),
    });
    return { claimed: bundles.length, decisions, sending };
  });
}

function decideOne(
  job: Job,
  bundle: DebitBundle,
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
    case 'ended':
      counts.ended += 1;
      break;
    case 'wait':
      break;
  }
}

/** One call to the rail. Whatever is thrown is unknown: the money may have moved. */
async function send(
  job: Job,
  sending: Sending,
): Promise<AttemptNews & { readonly attempt: Attempt }> {
  const { attempt, mandate } = sending;
  const { orderNumber } = attempt;
  let outcome: AttemptOutcome;
  try {
    outcome = await railOf(job.engine, attempt.rail).submit({
      orderNumber,
      railReference: present(mandate.railReference, 'the rail reference of an active mandate'),
      amount: attempt.amount,
      description: `${job.merchant.name} 自动续费`.slice(0, 40),
    });
  } catch (error) {
    outcome = { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
  return { orderNumber, outcome, attempt };
}
