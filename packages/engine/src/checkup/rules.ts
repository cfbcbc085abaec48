import { type CheckupRules, DEFAULT_CHECKUP_RULES, readCheckupRules, type Tx } from '@daikou/core';

/** The rules that a merchant published last; the defaults where it published none. */
export async function loadCheckupRules(tx: Tx): Promise<CheckupRules> {
  const policies = await tx.loadPolicies('checkup');
  const newest = policies
    .toSorted((left, right) => Temporal.Instant.compare(left.publishedAt, right.publishedAt))
    .at(-1);
  if (newest === undefined) return DEFAULT_CHECKUP_RULES;
  const rules = readCheckupRules(newest.body, newest.version);
  // What was taken once is read again; a reader that got stricter since must not stop the looks.
  return rules.ok ? rules.value : DEFAULT_CHECKUP_RULES;
}
