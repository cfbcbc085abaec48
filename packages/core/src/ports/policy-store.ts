import type { CustomerId, Id, TaskId } from '../ids/ids.ts';
import type { Policy, PolicyKind } from '../policy/policy.ts';
import type { Task, TaskKind } from '../task/task.ts';
import type { Page } from './claims.ts';

/** Tasks to write beside the others, in the same commit. */
export type TaskChanges = { readonly tasks?: readonly Task[] };

/** What policies and tasks read and write. */
export type PolicyTx = {
  /** The newest version of each code of a kind, by code. */
  readonly loadPolicies: (kind: PolicyKind) => Promise<readonly Policy[]>;
  /** Every version of a kind, or of all, oldest first. */
  readonly listPolicies: (kind?: PolicyKind) => Promise<readonly Policy[]>;
  /** Adds a version; false where somebody else has published that version in the meantime. */
  readonly addPolicy: (policy: Policy) => Promise<boolean>;
  readonly loadTasks: (ids: readonly TaskId[]) => Promise<readonly Task[]>;
  /** Held until the commit. */
  readonly lockTasks: (ids: readonly TaskId[]) => Promise<readonly Task[]>;
  /** Open ones about these subjects, oldest first; of one kind where it is named. */
  readonly findOpenTasks: (subjects: readonly Id[], kind?: TaskKind) => Promise<readonly Task[]>;
  readonly listTasks: (
    page: Page & {
      readonly customerId?: CustomerId;
      readonly state?: string;
      readonly owner?: string;
    },
  ) => Promise<readonly Task[]>;
};
