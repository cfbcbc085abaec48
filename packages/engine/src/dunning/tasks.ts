import { type NewEvent, openTask, type Task, type TaskKind, type Tx } from '@daikou/core';
import type { Acting } from './facts.ts';

/** Days within which somebody should have called, or looked at a broken promise. */
const TASK_DAYS = 2;

/** Work for a person about a case; undefined where such a task is open already. */
export async function caseTask(
  tx: Tx,
  { dunning, facts, context }: Pick<Acting, 'dunning' | 'facts' | 'context'>,
  kind: Extract<TaskKind, 'call' | 'promise_broken'>,
): Promise<{ readonly task: Task; readonly events: readonly NewEvent[] } | undefined> {
  const open = await tx.findOpenTasks([dunning.id], kind);
  if (open.length > 0) return undefined;
  const { merchantId, customerId } = dunning;
  const dueAt = context.now.add({ hours: TASK_DAYS * 24 });
  const data = { invoices: facts.overdue.length, currency: dunning.currency };
  const task = { kind, subjectId: dunning.id, owner: 'support' as const, dueAt, data };
  return openTask(task, { merchantId, customerId }, context);
}

export function brokenTask(
  tx: Tx,
  acting: Pick<Acting, 'dunning' | 'facts' | 'context'>,
): ReturnType<typeof caseTask> {
  return caseTask(tx, acting, 'promise_broken');
}
