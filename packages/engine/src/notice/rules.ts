import {
  addSeconds,
  isBefore,
  type MerchantId,
  type NoticeRules,
  readNoticeRules,
  type Store,
  type Tx,
} from '@daikou/core';
import type { Job } from '../job.ts';

/** Seconds for which rules that were read may be used: a new version holds everywhere by then. */
const RULES_SECONDS = 5;

type Known = { readonly rules: NoticeRules | undefined; readonly until: Temporal.Instant };
const knownOf = new WeakMap<Store, Map<MerchantId, Known>>();

/** The newest version of the merchant's rules; undefined where it published none. */
export async function loadNoticeRules(tx: Tx): Promise<NoticeRules | undefined> {
  const policies = await tx.loadPolicies('notice_rules');
  const policy = policies.find(({ code }) => code === 'default') ?? policies[0];
  if (policy === undefined) return undefined;
  const rules = readNoticeRules(policy.body);
  // It was read when it was published; where the reader is stricter since, the defaults hold.
  return rules.ok ? rules.value : undefined;
}

/** The job with the rules of its merchant, read at most every few seconds. */
export async function withNoticeRules(job: Job): Promise<Job> {
  const { store, clock } = job.engine;
  const known = knownOf.get(store) ?? new Map<MerchantId, Known>();
  knownOf.set(store, known);
  const now = clock.now();
  let rules = known.get(job.merchant.id);
  if (rules === undefined || isBefore(rules.until, now)) {
    const read = await store.transact(job.merchant.id, loadNoticeRules);
    rules = { rules: read, until: addSeconds(now, RULES_SECONDS) };
    known.set(job.merchant.id, rules);
  }
  return rules.rules === undefined ? job : { ...job, noticeRules: rules.rules };
}
