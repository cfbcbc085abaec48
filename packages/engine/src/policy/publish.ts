import {
  bucketOf,
  businessDate,
  type JsonObject,
  ok,
  type Policy,
  type PolicyKind,
  type PolicyRefusal,
  type Result,
  refusalOfPolicyCode,
  refuse,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { POLICY_READERS } from './readers.ts';

export type NewPolicy = {
  readonly kind: PolicyKind;
  readonly code: string;
  readonly body: JsonObject;
  readonly by: string;
};

export type PolicyPublished = {
  readonly policy: Policy;
  readonly dryRun: boolean;
  /** The same document is the newest version already: nothing was added. */
  readonly unchanged: boolean;
  /** What it would do to this merchant, where its kind can say so. */
  readonly preview?: JsonObject;
};

const TAKEN: PolicyRefusal = {
  code: 'policy_version_taken',
  sentence: 'Somebody else published a version of this policy at the same moment.',
  next: 'Look at the newest version and publish again.',
};

/**
 * Publishes a version of a merchant's policy after its kind's reader took it; with `dryRun` it only
 * says what would happen. The same document again adds nothing.
 */
export async function publishPolicy(
  job: Job,
  wanted: NewPolicy,
  { dryRun }: { readonly dryRun: boolean },
): Promise<Result<PolicyPublished, PolicyRefusal>> {
  const badCode = refusalOfPolicyCode(wanted.code);
  if (badCode !== undefined) return refuse(badCode);
  const reader = POLICY_READERS[wanted.kind];
  const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const newest = (await tx.loadPolicies(wanted.kind)).find(({ code }) => code === wanted.code);
    const isSame = newest !== undefined && canonical(newest.body) === canonical(wanted.body);
    // What holds already is not read again: its first day may have passed since.
    const read = isSame ? undefined : reader?.read(wanted.body, { today });
    if (read !== undefined && !read.ok) return read;
    const preview = dryRun ? await reader?.preview?.(tx, job, wanted.body) : undefined;
    const said = preview === undefined ? {} : { preview };
    if (isSame) return ok({ policy: newest, dryRun, unchanged: true, ...said });
    const policy: Policy = {
      id: idSource(job.engine)('pol', bucketOf(job.merchant.id)),
      merchantId: job.merchant.id,
      kind: wanted.kind,
      code: wanted.code,
      version: (newest?.version ?? 0) + 1,
      body: wanted.body,
      publishedBy: wanted.by,
      publishedAt: nowOf(job.engine, job.merchant),
    };
    if (!dryRun && !(await tx.addPolicy(policy))) return refuse(TAKEN);
    return ok({ policy, dryRun, unchanged: false, ...said });
  });
}

/** Every version of a kind, or of all kinds, oldest first. */
export async function listPolicies(job: Job, kind?: PolicyKind): Promise<readonly Policy[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.listPolicies(kind));
}

/** The same text for the same document: the database keeps fields in an order of its own. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) =>
    typeof one === 'object' && one !== null && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one,
  );
}
