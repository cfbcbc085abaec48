import {
  type CustomerId,
  endTask,
  ok,
  type Page,
  type Refusal,
  type Result,
  refuse,
  type Task,
  type TaskId,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';

type Query = Page & {
  readonly customerId?: CustomerId;
  readonly state?: string;
  readonly owner?: string;
};

/** Tasks of a merchant or one customer, oldest first. */
export async function listTasks(job: Job, query: Query): Promise<readonly Task[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.listTasks(query));
}

/** A person did what the task asks. Refused where it has ended or is not this merchant's. */
export async function finishTask(
  job: Job,
  id: TaskId,
  end: { readonly by: string; readonly note?: string },
): Promise<Result<Task, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [task] = await tx.lockTasks([id]);
    if (task === undefined) return refuse(notFound('task'));
    if (task.state !== 'open') {
      return refuse({
        code: 'task_has_ended',
        sentence: 'The task has ended already.',
        next: 'Look at who ended it and when.',
      });
    }
    const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
    const done = endTask(task, { state: 'done', ...end }, context);
    // Who was told by a person was warned: the days to a suspension count from now.
    if (task.kind === 'arrears' && task.customerId !== undefined) {
      await tx.lookAtArrearsNow([task.customerId]);
    }
    await tx.save({ tasks: [done.task], events: done.events });
    return ok(done.task);
  });
}
