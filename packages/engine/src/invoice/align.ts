import {
  type CustomerId,
  decideAlignment,
  ok,
  type Refusal,
  type Result,
  refuse,
  type Subscription,
  type SubscriptionChange,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { type LoadedChange, loadChange } from './change-facts.ts';
import { changesOf } from './change-plan.ts';
import { decideDrafts, draftContext, saveDrafts } from './draft.ts';

export type Alignment = {
  readonly dryRun: boolean;
  readonly subscriptions: readonly Subscription[];
  readonly changes: readonly SubscriptionChange[];
};

/** Subscriptions of one customer that are aligned at once. */
const MOST = 1_000;

/**
 * Moves the boundaries of all of a customer's subscriptions to one day (统一到期日), each with a
 * short period until then. All or none: the first refusal holds for all.
 */
export async function alignSubscriptions(
  job: Job,
  request: {
    readonly customerId: CustomerId;
    readonly expiresOn: Temporal.PlainDate;
    readonly dryRun?: boolean;
  },
): Promise<Result<Alignment, Refusal>> {
  const { customerId, expiresOn } = request;
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([customerId]);
    if (customer === undefined) return refuse(notFound('customer'));
    const known = await tx.listSubscriptions({ customerId, limit: MOST });
    const ids = known.map(({ id }) => id).sort();
    const locked = ids.length === 0 ? [] : await tx.lockSubscriptions(ids);
    const open = locked.filter(({ state }) => state !== 'ended');
    const now = nowOf(job.engine, job.merchant);
    const context = await draftContext(tx, job, now);
    const loaded: LoadedChange[] = [];
    for (const subscription of open) loaded.push(await loadChange(tx, subscription, context));
    const facts = loaded.map((one) => one.facts);
    const decisions = decideAlignment(facts, expiresOn, context);
    if (!decisions.ok) return decisions;
    const dryRun = request.dryRun === true;
    const planned = decisions.value.flatMap((decision, index) => {
      const one = loaded[index];
      return one === undefined ? [] : [{ decision, loaded: one }];
    });
    if (!dryRun) {
      for (const one of planned) await tx.save(changesOf(one));
      const due = decisions.value.flatMap((one) => (one.redraft ? [one.subscription] : []));
      if (due.length > 0) await saveDrafts(tx, job, await decideDrafts(tx, job, { due, now }));
    }
    return ok({
      dryRun,
      subscriptions: decisions.value.map(({ subscription }) => subscription),
      changes: decisions.value.map(({ change }) => change),
    });
  });
}
