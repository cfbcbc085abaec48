import {
  type ChangeDecision,
  type Refusal,
  type Result,
  refuse,
  type SubscriptionCommand,
  type SubscriptionId,
  type Tx,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { changesOf, planChange } from './change-plan.ts';
import { draftContext } from './draft.ts';

/**
 * Carries one command out inside a transaction that does more than this, and saves it. A draft of
 * the coming period is voided and not made again here: the subscription is due at once for the next
 * run of drafts.
 */
export async function changeWithin(
  tx: Tx,
  job: Job,
  wanted: { readonly subscriptionId: SubscriptionId; readonly command: SubscriptionCommand },
): Promise<Result<ChangeDecision, Refusal>> {
  const [subscription] = await tx.lockSubscriptions([wanted.subscriptionId]);
  if (subscription === undefined) return refuse(notFound('subscription', 'subscription'));
  const context = await draftContext(tx, job, nowOf(job.engine, job.merchant));
  const planned = await planChange(tx, { subscription, command: wanted.command }, context);
  if (!planned.ok) return planned;
  await tx.save(changesOf(planned.value));
  return { ok: true, value: planned.value.decision };
}
