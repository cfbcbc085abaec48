import {
  type Answer,
  type Attempt,
  type AttemptId,
  attemptEvent,
  type Debit,
  type DebitId,
  decideAnswer,
  decideRelease,
  ok,
  present,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { settleWithin } from './settle.ts';

// What a person decides about debits: letting one go that the amount guard held back, and saying
// what became of an attempt when the rail does not.

/** Lets a debit go that was held back for its amount; `by` is who decided. */
export async function releaseDebit(
  job: Job,
  id: DebitId,
  by: string,
): Promise<Result<Debit, Refusal>> {
  const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
  return await job.engine.store.transact(
    job.merchant.id,
    async (tx): Promise<Result<Debit, Refusal>> => {
      const [bundle] = await tx.lockDebits([id]);
      if (bundle === undefined) return refuse(notFound('debit', 'id'));
      const released = decideRelease(bundle.debit, by, context);
      if (!released.ok) return released;
      const { debit, event } = released.value;
      await tx.save({ debits: [debit], events: [event] });
      return ok(debit);
    },
  );
}

/**
 * Settles an open attempt by a person's answer with its evidence, through the same door as the
 * rail's own news: ledger, invoice and the next step follow in the same commit.
 */
export async function resolveAttempt(
  job: Job,
  id: AttemptId,
  answer: Answer,
): Promise<Result<Attempt, Refusal>> {
  const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
  return await job.engine.store.transact(
    job.merchant.id,
    async (tx): Promise<Result<Attempt, Refusal>> => {
      const found = await tx.findAttempt(id);
      if (found === undefined) return refuse(notFound('attempt', 'id'));
      const [bundle] = await tx.lockDebits([found.debitId]);
      const attempt = present(
        bundle?.attempts.find((one) => one.id === id),
        'an attempt among those of its debit',
      );
      const exceptions = await tx.loadExceptionsOfAttempts([id]);
      const parked = exceptions.filter(({ state }) => state === 'open');
      const decided = decideAnswer(attempt, answer, { now: context.now, parked });
      if (!decided.ok) return decided;
      const said = attemptEvent(
        attempt,
        { type: 'attempt.resolved', code: answer.outcome },
        context,
      );
      const data = { ...said.data, by: answer.by.trim(), evidence: answer.evidence.trim() };
      await tx.save({ events: [{ ...said, data }] });
      const { orderNumber } = attempt;
      await settleWithin(tx, job, [{ orderNumber, outcome: decided.value }]);
      return ok(present(await tx.findAttempt(id), 'an attempt that was just settled'));
    },
  );
}
