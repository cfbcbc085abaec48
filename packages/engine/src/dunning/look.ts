import {
  type DunningCaseId,
  decideNextStep,
  judgePromise,
  type NextStep,
  type Tx,
  waitFor,
} from '@daikou/core';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, type Job, nowOf } from '../job.ts';
import { causeOf, isOfTheRows } from '../row-fault.ts';
import { actInside, endWithin, passOver } from './act.ts';
import { beginLook } from './begin.ts';
import type { Acting } from './facts.ts';
import { sendPayLink } from './link-step.ts';
import { judgePlanWithin } from './plan-step.ts';
import { brokenTask } from './tasks.ts';

/** Minutes until a case whose worker died is looked at again. */
const LOOK_AGAIN_MINUTES = 10;

/**
 * Looks at the cases that are due: each takes at most one step. The next look is committed with the
 * claim; a case at fault is told and waits for it, the others go on (I10). Returns how many.
 */
export async function lookAtCases(job: Job): Promise<number> {
  if (await isHeld(job)) return 0;
  const { store } = job.engine;
  const now = nowOf(job.engine, job.merchant);
  const lookAgainAt = now.add({ minutes: LOOK_AGAIN_MINUTES });
  const ids = await store.transact(job.merchant.id, (tx) =>
    tx.claimDunningCases({ buckets: job.buckets, dueBy: now, limit: BATCH_ROWS, lookAgainAt }),
  );
  for (const id of ids) {
    try {
      await lookAt(job, id);
    } catch (error) {
      if (!isOfTheRows(error)) throw error;
      job.engine.log.warn('a dunning case cannot go on yet', { case: id, why: causeOf(error) });
    }
  }
  return ids.length;
}

/** One look at one case. A pay link is made between two commits, as its rail is called. */
async function lookAt(job: Job, id: DunningCaseId): Promise<void> {
  const { store } = job.engine;
  const linkStep = await store.transact(job.merchant.id, async (tx) => {
    const acting = await beginLook(tx, job, id);
    return acting === undefined ? undefined : stepWithin(tx, acting);
  });
  if (linkStep !== undefined) await sendPayLink(job, linkStep);
}

type LinkStep = Parameters<typeof sendPayLink>[1];

async function stepWithin(tx: Tx, acting: Acting): Promise<LinkStep | undefined> {
  const { dunning, facts, context } = acting;
  const step = decideNextStep(dunning, facts, context);
  switch (step.kind) {
    case 'end':
      await endWithin(tx, acting, step);
      return undefined;
    case 'wait':
      await tx.save({ dunningCases: [waitFor(dunning, step)] });
      return undefined;
    case 'judge_promise':
      await judgePromiseWithin(tx, acting);
      return undefined;
    case 'judge_plan':
      await judgePlanWithin(tx, acting);
      return undefined;
    case 'skip':
      await passOver(tx, acting, step);
      return undefined;
    case 'do':
      return doWithin(tx, acting, step);
  }
}

async function doWithin(
  tx: Tx,
  acting: Acting,
  step: Extract<NextStep, { readonly kind: 'do' }>,
): Promise<LinkStep | undefined> {
  if (step.action.kind !== 'pay_link') {
    await actInside(tx, acting, step);
    return undefined;
  }
  // A resumed case keeps that it was resumed; the link is made after this commit.
  await tx.save({ dunningCases: [acting.dunning] });
  const { dunning, facts, question } = acting;
  const { through } = step;
  return {
    caseId: dunning.id,
    customerId: dunning.customerId,
    currency: dunning.currency,
    invoiceIds: facts.overdue.map(({ id }) => id),
    mandates: question.mandates,
    ...(through === undefined ? {} : { through }),
  };
}

async function judgePromiseWithin(tx: Tx, acting: Acting): Promise<void> {
  const { dunning, facts, context } = acting;
  const judged = judgePromise(dunning, facts.overdue, context);
  const task = judged.isKept ? undefined : await brokenTask(tx, acting);
  await tx.save({
    dunningCases: [judged.dunning],
    events: [...judged.events, ...(task?.events ?? [])],
    tasks: task === undefined ? [] : [task.task],
  });
}
