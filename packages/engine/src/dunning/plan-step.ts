import {
  type CollectQuestion,
  chooseCollectable,
  type DunningCase,
  endPlan,
  judgePlan,
  type PlanPart,
  paidOfPlan,
  planPartMade,
  present,
  type Tx,
  waitFor,
} from '@daikou/core';
import { planArrears } from './act.ts';
import { type Acting, balanceOf } from './facts.ts';
import { payEndedPlan } from './plan-end.ts';
import { brokenTask } from './tasks.ts';

/** Looks at the plan of a case: makes the debit of its next part, waits, or ends the plan. */
export async function judgePlanWithin(tx: Tx, acting: Acting): Promise<void> {
  const { dunning, facts, context } = acting;
  const plan = present(dunning.plan, 'the plan of a case');
  const balance = facts.balanceOfPlan ?? (await balanceOf(tx, dunning));
  const paid = paidOfPlan(plan, facts.overdue, balance);
  const step = judgePlan(plan, { paid, isDebitPlanned: facts.isDebitPlanned }, context);
  if (step.kind === 'wait') {
    await tx.save({ dunningCases: [waitFor(dunning, { ...step, why: 'plan' })] });
    return;
  }
  if (step.kind === 'collect') return collectPart(tx, acting, step);
  const isKept = step.kind === 'kept';
  const over = endPlan(dunning, isKept, context);
  const task = isKept ? undefined : await brokenTask(tx, acting);
  await tx.save({
    dunningCases: [over.dunning],
    events: [...over.events, ...(task?.events ?? [])],
    tasks: task === undefined ? [] : [task.task],
  });
  await payEndedPlan(tx, acting, { plan, because: over.event });
}

async function collectPart(
  tx: Tx,
  acting: Acting,
  { index, part }: { readonly index: number; readonly part: PlanPart },
): Promise<void> {
  const { dunning, question, context } = acting;
  const collectable = chooseCollectable(ofPart(question, part));
  const planned =
    collectable === undefined
      ? undefined
      : await planArrears(tx, acting, { collectable, notBefore: part.date });
  const subject = planned === undefined ? {} : { subjectId: planned.decision.debit.id };
  const made: DunningCase = planPartMade(dunning, { index, ...subject }, context.now);
  await tx.save({
    dunningCases: [made],
    debits: planned === undefined ? [] : [planned.decision.debit],
    notices: planned?.decision.notice === undefined ? [] : [planned.decision.notice],
    events: planned?.decision.events ?? [],
  });
}

function ofPart(question: CollectQuestion, part: PlanPart): CollectQuestion {
  const invoices = question.invoices.filter(({ id }) => part.invoiceIds.includes(id));
  return { ...question, invoices };
}
