import {
  type ByPerson,
  type DunningCase,
  type DunningCaseId,
  type DunningChange,
  decideEndCase,
  decidePause,
  decidePlan,
  decidePromise,
  decideResume,
  dunningRefusal,
  type EndedAs,
  formatMoney,
  type InstalmentPlan,
  type Money,
  ok,
  type PayLink,
  type PlanWish,
  present,
  type RecollectReason,
  type Refusal,
  type Result,
  refuse,
  type Tx,
} from '@daikou/core';
import { callOffDebits } from '../debit/call-off.ts';
import type { Job } from '../job.ts';
import { notFound } from '../not-found.ts';
import { endWithin, tell } from './act.ts';
import { beginLook } from './begin.ts';
import type { Acting } from './facts.ts';
import { payEndedPlan } from './plan-end.ts';

/** A person stops the steps of a case, until a day where one is named. */
export async function pauseCase(
  job: Job,
  id: DunningCaseId,
  wish: ByPerson & { readonly until?: Temporal.PlainDate },
): Promise<Result<DunningCase, Refusal>> {
  return decideWithin(job, id, (tx, { dunning, context }) =>
    saved(tx, decidePause(dunning, wish, context)),
  );
}

export async function resumeCase(
  job: Job,
  id: DunningCaseId,
  wish: { readonly by: string },
): Promise<Result<DunningCase, Refusal>> {
  return decideWithin(job, id, (tx, { dunning, context }) =>
    saved(tx, decideResume(dunning, wish, context)),
  );
}

/**
 * Written off, disputed or not owed any more: nothing more is sent. Debits that wait for these
 * invoices are called off and open links are closed at their rails.
 */
export async function endDunningCase(
  job: Job,
  id: DunningCaseId,
  wish: ByPerson & { readonly as: EndedAs },
): Promise<Result<DunningCase, Refusal>> {
  return decideWithin(job, id, async (tx, acting) => {
    const decided = decideEndCase(acting.dunning, wish, acting.context);
    if (!decided.ok) return decided;
    const { as, by, reason } = wish;
    const plans = await callOff(tx, acting, 'dunning_ended');
    await tx.save({ ...plans, payLinks: await closeLinks(tx, acting) });
    const because = await endWithin(tx, acting, { as, by: by.trim(), reason: reason.trim() });
    const { plan } = acting.dunning;
    if (plan !== undefined) await payEndedPlan(tx, withoutWaiting(acting), { plan, because });
    const [ended] = await tx.loadDunningCases([id]);
    return ok(present(ended, 'the case that was ended'));
  });
}

/**
 * Notes a promise to pay. Debits that wait for these invoices are called off: who has agreed on a
 * date is not debited before it.
 */
export async function promisePayment(
  job: Job,
  id: DunningCaseId,
  wish: { readonly date: Temporal.PlainDate; readonly amount?: Money; readonly by: string },
): Promise<Result<DunningCase, Refusal>> {
  return decideWithin(job, id, async (tx, acting) => {
    const { facts, context, dunning } = acting;
    if (facts.moving === 'attempt_open') return refuse(dunningRefusal('money_is_moving'));
    const about = { overdue: facts.overdue, context };
    const decided = decidePromise(dunning, wish, about);
    if (!decided.ok) return decided;
    const promise = present(decided.value.dunning.promise, 'the promise that was made');
    const notice = tell(acting, 'promise_confirmed', {
      merchantName: job.merchant.name,
      amount: formatMoney(promise.amount),
      promisedDate: promise.date.toString(),
    });
    const plans = await callOff(tx, acting, 'payment_promised');
    await tx.save({
      debits: plans.debits,
      dunningCases: [decided.value.dunning],
      notices: [...plans.notices, notice],
      events: [...plans.events, ...decided.value.events],
    });
    return ok(decided.value.dunning);
  });
}

/** What an instalment plan would be, or is. */
export type PlanMade = { readonly dunning: DunningCase; readonly plan: InstalmentPlan };

/** Lays arrears out over dates; `dryRun` shows the parts and changes nothing. */
export async function makeInstalmentPlan(
  job: Job,
  id: DunningCaseId,
  wish: PlanWish & { readonly dryRun?: boolean },
): Promise<Result<PlanMade, Refusal>> {
  return decideWithin(job, id, async (tx, acting) => {
    const { facts, context, dunning } = acting;
    if (facts.moving === 'attempt_open') return refuse(dunningRefusal('money_is_moving'));
    const decided = decidePlan(dunning, wish, { overdue: facts.overdue, context });
    if (!decided.ok) return decided;
    if (wish.dryRun === true) return ok({ dunning, plan: decided.value.plan });
    const plans = await callOff(tx, acting, 'payment_promised');
    await tx.save({
      debits: plans.debits,
      dunningCases: [decided.value.dunning],
      notices: plans.notices,
      events: [...plans.events, ...decided.value.events],
    });
    return ok(decided.value);
  });
}

/** The case once its debits were called off. */
function withoutWaiting(acting: Acting): Acting {
  return { ...acting, waiting: [] };
}

async function callOff(
  tx: Tx,
  acting: Acting,
  reason: RecollectReason,
): ReturnType<typeof callOffDebits> {
  const { facts, waiting } = acting;
  const theirs = facts.overdue.map((invoice) => ({ ...invoice, state: 'paid' as const }));
  return callOffDebits(tx, acting.job, {
    customer: facts.customer,
    waiting,
    paid: theirs,
    reason,
  });
}

/** Each is closed when its rail is asked next, which is due at once. */
async function closeLinks(tx: Tx, { openLinks, context }: Acting): Promise<readonly PayLink[]> {
  const links = await tx.lockPayLinks(openLinks.map(({ id }) => id));
  return links
    .filter(({ state }) => state === 'open')
    .map((link) => ({ ...link, closeWanted: true, askAt: context.now }));
}

async function decideWithin<T>(
  job: Job,
  id: DunningCaseId,
  decide: (tx: Tx, acting: Acting) => Promise<Result<T, Refusal>>,
): Promise<Result<T, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [seen] = await tx.loadDunningCases([id]);
    if (seen === undefined) return refuse(notFound('dunning case'));
    const acting = await beginLook(tx, job, id);
    if (acting === undefined) return refuse(dunningRefusal('case_ended'));
    return decide(tx, acting);
  });
}

async function saved(
  tx: Tx,
  decided: Result<DunningChange, Refusal>,
): Promise<Result<DunningCase, Refusal>> {
  if (!decided.ok) return decided;
  await tx.save({ dunningCases: [decided.value.dunning], events: decided.value.events });
  return ok(decided.value.dunning);
}
