import { bucketOf, type Changes, invariant, type PolicyTx } from '@daikou/core';
import type { Database } from './array-write.ts';
import * as policies from './policy/statements.ts';
import * as tasks from './task/statements.ts';

/** What policies and tasks read and write: one line for each statement function. */
export function policyCalls(db: Database): PolicyTx {
  return {
    loadPolicies: (kind) => policies.loadPolicies(db, kind),
    listPolicies: (kind) => policies.listPolicies(db, kind),
    addPolicy: (policy) => policies.addPolicy(db, policy),
    loadTasks: (ids) => tasks.loadTasks(db, ids),
    lockTasks: (ids) => tasks.loadTasks(db, ids, 'lock'),
    findOpenTasks: (subjects, kind) => tasks.findOpenTasks(db, subjects, kind),
    listTasks: (page) => tasks.listTasks(db, page),
  };
}

export async function saveTasksOf(db: Database, { tasks: rows = [] }: Changes): Promise<void> {
  for (const { id, subjectId } of rows) {
    invariant(bucketOf(id) === bucketOf(subjectId), `${id} lies in the bucket of its subject`);
  }
  if (rows.length > 0) await tasks.saveTasks(db, rows);
}
