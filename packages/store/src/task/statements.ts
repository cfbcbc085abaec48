import {
  bucketOf,
  type CustomerId,
  fromUuid,
  type Id,
  type Page,
  type Task,
  type TaskId,
  type TaskKind,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, type NewRow, wantedIds, writeRows } from '../array-write.ts';
import { asIs, fromInstant, given, orNull, toInstant } from '../columns.ts';
import { inState, ofCustomer, pageOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';

/** Writes tasks whole. A second open one of a kind and subject is refused by the database. */
export async function saveTasks(db: Database, tasks: readonly Task[]): Promise<void> {
  await writeRows(db, 'tasks', { rows: tasks.map(toTaskRow), rule: 'replace' });
}

/** In the order of their ids; locked until the commit where `lock` is asked for. */
export async function loadTasks(
  db: Database,
  ids: readonly TaskId[],
  lock?: 'lock',
): Promise<readonly Task[]> {
  const held = lock === undefined ? sql`` : sql`for update of t`;
  const rows = await readRows(
    db,
    'tasks',
    sql`
    select t.* from tasks t join ${wantedIds(ids)} using (bucket, id) order by t.id ${held}`,
  );
  return rows.map(fromTaskRow);
}

/** Open ones about these subjects, oldest first. */
export async function findOpenTasks(
  db: Database,
  subjects: readonly Id[],
  kind?: TaskKind,
): Promise<readonly Task[]> {
  const ofKind = kind === undefined ? sql`true` : sql`t.kind = ${kind}`;
  const rows = await readRows(
    db,
    'tasks',
    sql`
    select t.* from tasks t
      join ${wantedIds(subjects)} on wanted.bucket = t.bucket and wanted.id = t.subject_id
     where t.state = 'open' and ${ofKind}
     order by t.id`,
  );
  return rows.map(fromTaskRow);
}

export async function listTasks(
  db: Database,
  page: Page & {
    readonly customerId?: CustomerId;
    readonly state?: string;
    readonly owner?: string;
  },
): Promise<readonly Task[]> {
  const owned = page.owner === undefined ? sql`true` : sql`owner = ${page.owner}`;
  const rows = await readRows(
    db,
    'tasks',
    sql`
    select * from tasks
     where ${ofCustomer(page.customerId)} and ${inState(page.state)} and ${owned}
       and ${pageOf(page)}`,
  );
  return rows.map(fromTaskRow);
}

function toTaskRow(task: Task): NewRow<'tasks'> {
  return {
    bucket: bucketOf(task.id),
    merchant_id: toUuid(task.merchantId),
    id: toUuid(task.id),
    customer_id: orNull(task.customerId, toUuid),
    kind: task.kind,
    subject_kind: task.subjectId.slice(0, 3),
    subject_id: toUuid(task.subjectId),
    owner: task.owner,
    state: task.state,
    data: task.data,
    due_at: toInstant(task.dueAt),
    opened_at: toInstant(task.openedAt),
    ended_at: orNull(task.endedAt, toInstant),
    ended_by: orNull(task.endedBy, asIs),
    note: orNull(task.note, asIs),
  };
}

function fromTaskRow(row: Tables['tasks']): Task {
  return {
    id: fromUuid('tsk', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    ...given('customerId', row.customer_id, (id) => fromUuid('cus', id)),
    kind: row.kind as TaskKind,
    subjectId: fromUuid(row.subject_kind as 'inv', row.subject_id) as Id,
    owner: row.owner as Task['owner'],
    state: row.state as Task['state'],
    data: row.data as Task['data'],
    dueAt: fromInstant(row.due_at),
    openedAt: fromInstant(row.opened_at),
    ...given('endedAt', row.ended_at, fromInstant),
    ...given('endedBy', row.ended_by, asIs),
    ...given('note', row.note, asIs),
  };
}
