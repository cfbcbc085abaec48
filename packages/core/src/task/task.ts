import { bucketOf, type CustomerId, type Id, type MerchantId, type TaskId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { NewEvent } from '../result/event.ts';
import type { Moves } from '../result/moves.ts';
import { assertMove } from '../result/moves.ts';

/** What a task asks of a person. */
export const TASK_KINDS = [
  'notice_undelivered',
  'call',
  'checkup_finding',
  'promise_broken',
  'arrears',
  'webhook_failing',
  'top_up_returned',
] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** The role that a task waits for. */
export const TASK_OWNERS = ['support', 'finance', 'operations', 'admin', 'developer'] as const;
export type TaskOwner = (typeof TASK_OWNERS)[number];

export type TaskState = 'open' | 'done' | 'dropped';

/** `dropped`: what it was about mended itself or is no more. Both ends are final. */
export const TASK_MOVES: Moves<TaskState> = { open: ['done', 'dropped'], done: [], dropped: [] };

/** Work that waits for a person. One is open for each kind and subject. */
export type Task = {
  readonly id: TaskId;
  readonly merchantId: MerchantId;
  /** Absent for what is the merchant's own. */
  readonly customerId?: CustomerId;
  readonly kind: TaskKind;
  /** What it is about: a notice, an invoice, a finding. The task lies in its bucket. */
  readonly subjectId: Id;
  readonly owner: TaskOwner;
  readonly state: TaskState;
  /** Small, flat, without personal data: what the person needs to begin. */
  readonly data: Readonly<Record<string, string | number | boolean>>;
  /** Until when somebody should have looked. */
  readonly dueAt: Temporal.Instant;
  readonly openedAt: Temporal.Instant;
  readonly endedAt?: Temporal.Instant;
  /** The person; `daikou` where it was dropped by itself. */
  readonly endedBy?: string;
  readonly note?: string;
};

export type NewTask = Pick<Task, 'kind' | 'subjectId' | 'owner' | 'dueAt'> & {
  readonly data?: Task['data'];
};

/** Who a task is about. */
export type TaskParty = { readonly merchantId: MerchantId; readonly customerId?: CustomerId };

type Context = { readonly now: Temporal.Instant; readonly ids: IdSource };

/**
 * Opens a task, with the event that tells it where it is about a customer. The caller knows that
 * none of its kind is open for the subject; the database refuses a second one.
 */
export function openTask(
  task: NewTask,
  about: TaskParty,
  context: Context,
): { readonly task: Task; readonly events: readonly NewEvent[] } {
  const opened: Task = {
    id: context.ids('tsk', bucketOf(task.subjectId)),
    merchantId: about.merchantId,
    ...(about.customerId === undefined ? {} : { customerId: about.customerId }),
    kind: task.kind,
    subjectId: task.subjectId,
    owner: task.owner,
    state: 'open',
    data: task.data ?? {},
    dueAt: task.dueAt,
    openedAt: context.now,
  };
  return { task: opened, events: eventsOf(opened, 'task.opened', context) };
}

/** Ends a task: a person did it, or there is nothing left to do. Only of an open one. */
export function endTask(
  task: Task,
  end: { readonly state: 'done' | 'dropped'; readonly by: string; readonly note?: string },
  context: Context,
): { readonly task: Task; readonly events: readonly NewEvent[] } {
  assertMove(TASK_MOVES, task.state, end.state);
  const ended: Task = {
    ...task,
    state: end.state,
    endedAt: context.now,
    endedBy: end.by,
    ...(end.note === undefined ? {} : { note: end.note }),
  };
  return { task: ended, events: eventsOf(ended, 'task.ended', context) };
}

function eventsOf(
  task: Task,
  type: 'task.opened' | 'task.ended',
  context: Context,
): readonly NewEvent[] {
  if (task.customerId === undefined) return [];
  return [
    {
      id: context.ids('evt', bucketOf(task.customerId)),
      merchantId: task.merchantId,
      customerId: task.customerId,
      type,
      subjectId: task.id,
      at: context.now,
      data: { kind: task.kind, owner: task.owner, about: task.subjectId, state: task.state },
    },
  ];
}
