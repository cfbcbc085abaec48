import {
  NewPolicySchema,
  PolicyListSchema,
  PolicyPublishedSchema,
  PolicyQuerySchema,
} from './policy/policy.ts';
import { DRY_RUN, PAGE_ERRORS, type Route } from './route.ts';
import { FinishTaskSchema, TaskListSchema, TaskQuerySchema, TaskSchema } from './task/task.ts';

/** What a merchant decides by documents, and what waits for a person. */
export const POLICY_ROUTES: readonly Route[] = [
  {
    path: '/v1/policies',
    method: 'post',
    name: 'publishPolicy',
    tag: 'Policies',
    summary: 'Publishes a version of a policy, or says what it would do.',
    query: DRY_RUN,
    body: NewPolicySchema,
    answer: PolicyPublishedSchema,
  },
  {
    path: '/v1/policies',
    method: 'get',
    name: 'listPolicies',
    tag: 'Policies',
    summary: 'Lists every version of every policy, oldest first.',
    query: PolicyQuerySchema,
    answer: PolicyListSchema,
  },
  {
    path: '/v1/tasks',
    method: 'get',
    name: 'listTasks',
    tag: 'Tasks',
    summary: 'Lists what waits for a person, oldest first.',
    query: TaskQuerySchema,
    answer: TaskListSchema,
    errors: PAGE_ERRORS,
  },
  {
    path: '/v1/tasks/{id}/done',
    method: 'post',
    name: 'finishTask',
    tag: 'Tasks',
    summary: 'Says that a person has done a task.',
    id: 'tsk',
    body: FinishTaskSchema,
    answer: TaskSchema,
  },
];
