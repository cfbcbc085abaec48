import {
  type Attempt,
  type AttemptOutcome,
  afterAsking,
  attemptEvent,
  isTimeToClose,
  type NewEvent,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { BATCH_ROWS, CALLS_AT_ONCE, idSource, type Job, nowOf, railOf } from '../job.ts';
import { paceOf, type Sleep } from '../pace.ts';
import { settleCalls } from './settle.ts';

export type AskCounts = { readonly asked: number; readonly settled: number };

/**
 * Asks the rails about every open attempt whose time to ask has come. The next time is committed
 * before the question, so that a crash asks again later and two workers do not ask at once. An
 * order that stays open for an hour is closed at the rail.
 */
export async function askOpenAttempts(job: Job, sleep?: Sleep): Promise<AskCounts> {
  let asked = 0;
  let settled = 0;
  let claimed = BATCH_ROWS;
  while (claimed > 0) {
    const attempts = await claimToAsk(job);
    claimed = attempts.length;
    const news = await mapAtOnce(attempts, CALLS_AT_ONCE, (attempt) => askOne(job, attempt, sleep));
    const counts = await settleCalls(job, news);
    asked += claimed;
    settled += counts.applied;
    job.progress.advance(claimed);
  }
  return { asked, settled };
}

async function claimToAsk(job: Job): Promise<readonly Attempt[]> {
  const now = nowOf(job.engine, job.merchant);
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const claim = { buckets: job.buckets, dueBy: now, limit: BATCH_ROWS };
    const attempts = await tx.claimAttemptsToAsk(claim);
    const asked = attempts.map((attempt) => afterAsking(attempt, now));
    await tx.save({ attempts: asked, events: givenUp(job, asked) });
    return asked;
  });
}

/** Tells of every attempt whose last question this is: from now on only a person can settle it. */
function givenUp(job: Job, asked: readonly Attempt[]): readonly NewEvent[] {
  const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
  return asked
    .filter(({ askAt }) => askAt === undefined)
    .map((attempt) => attemptEvent(attempt, { type: 'attempt.needs_person' }, context));
}

async function askOne(
  job: Job,
  attempt: Attempt,
  sleep: Sleep | undefined,
): Promise<{ readonly orderNumber: string; readonly outcome: AttemptOutcome }> {
  const { orderNumber } = attempt;
  try {
    // A rail that is not connected any more is silent; the questions to the others go on.
    const rail = railOf(job.engine, attempt.rail);
    if (sleep !== undefined) await paceOf(rail, job.engine.clock, sleep)();
    const outcome = await rail.ask(orderNumber);
    const now = nowOf(job.engine, job.merchant);
    const isStuck = outcome.kind === 'accepted' && isTimeToClose(attempt, rail.capabilities, now);
    return { orderNumber, outcome: isStuck ? await rail.close(orderNumber) : outcome };
  } catch (error) {
    const detail = error instanceof Error ? error.name : 'thrown';
    return { orderNumber, outcome: { kind: 'unknown', detail } };
  }
}
