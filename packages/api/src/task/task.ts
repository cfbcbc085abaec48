import type { Task, TaskKind, TaskOwner } from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

const TASKS = {
  notice_undelivered: 'No channel brought a notice to the customer; its debit is held back.',
  call: 'A step of dunning asks for a call.',
  checkup_finding: 'A check before a debit found something that is ours to mend.',
  promise_broken: 'A promise to pay was not kept.',
  arrears: 'Something about arrears wants a person.',
  webhook_failing: 'An endpoint has not answered for days and was switched off.',
  top_up_returned: 'The money of a top-up went back, and some of its balance had been used.',
} as const satisfies Record<TaskKind, string>;

const STATES = {
  open: 'Waits for somebody.',
  done: 'A person did it.',
  dropped: 'What it was about is no more.',
} as const satisfies Record<Task['state'], string>;

const OWNERS = {
  support: 'Customer service.',
  finance: 'Finance.',
  operations: 'Operations.',
  admin: 'The administrator.',
  developer: 'The developers.',
} as const satisfies Record<TaskOwner, string>;

/** Work that waits for a person, on the wire (待办). */
export const TaskSchema = Type.Object(
  {
    id: idSchema('tsk'),
    customer_id: orNull(idSchema('cus')),
    kind: choiceOf<TaskKind>(TASKS),
    subject_id: Type.String({ description: 'What it is about.' }),
    owner: choiceOf(OWNERS),
    state: choiceOf<Task['state']>(STATES),
    data: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    due_at: InstantSchema,
    opened_at: InstantSchema,
    ended_at: orNull(InstantSchema),
    ended_by: orNull(Type.String()),
    note: orNull(Type.String()),
  },
  {
    title: 'Task',
    additionalProperties: false,
    description: 'Work that waits for a person. One is open for each kind and subject.',
    examples: [
      {
        id: exampleId('tsk'),
        customer_id: exampleId('cus'),
        kind: 'notice_undelivered',
        subject_id: exampleId('dbt'),
        owner: 'support',
        state: 'open',
        data: { channel: 'sms' },
        due_at: '2026-03-13T02:00:00.000Z',
        opened_at: '2026-03-12T02:00:00.000Z',
        ended_at: null,
        ended_by: null,
        note: null,
      },
    ],
  },
);

export type TaskWire = Type.Static<typeof TaskSchema>;

/** A task in its wire form. */
export function toTaskWire(task: Task): TaskWire {
  return {
    id: task.id,
    customer_id: task.customerId ?? null,
    kind: task.kind,
    subject_id: task.subjectId,
    owner: task.owner,
    state: task.state,
    data: task.data,
    due_at: toInstantWire(task.dueAt),
    opened_at: toInstantWire(task.openedAt),
    ended_at: task.endedAt === undefined ? null : toInstantWire(task.endedAt),
    ended_by: task.endedBy ?? null,
    note: task.note ?? null,
  };
}

export const TaskListSchema = listSchema('TaskList', TaskSchema);

export const TaskQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    customer_id: Type.Optional(Type.Unsafe<`cus_${string}`>(idSchema('cus'))),
    state: Type.Optional(choiceOf<Task['state']>(STATES)),
    owner: Type.Optional(choiceOf(OWNERS)),
  },
  { additionalProperties: false },
);

/** What `POST /v1/tasks/{id}/done` takes. */
export const FinishTaskSchema = Type.Object(
  {
    by: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description: 'Who it is; the label of the API key when left out.',
      }),
    ),
    note: Type.Optional(Type.String({ minLength: 1, maxLength: 500 })),
  },
  {
    title: 'FinishTask',
    additionalProperties: false,
    examples: [{ note: 'Called; the customer gave a new number.' }],
  },
);

export type FinishTaskBody = Type.Static<typeof FinishTaskSchema>;
