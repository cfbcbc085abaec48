import {
  type Currency,
  type CustomerId,
  decideTopUpRule,
  decideTopUpStop,
  ok,
  type Refusal,
  type Result,
  refuse,
  type Subscription,
  type SubscriptionId,
  type TopUp,
  type TopUpRule,
  type TopUpWish,
  type Tx,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';

/** Top-ups that a customer's page shows, the newest. */
const LISTED = 50;
/** Subscriptions of a customer that are looked through for one that goes on. */
const SUBSCRIPTIONS = 100;

function contextOf(job: Job) {
  return { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
}

/** Records what a customer agreed to, in place of what was in force in that currency. */
export async function agreeTopUp(
  job: Job,
  customerId: CustomerId,
  wish: TopUpWish & { readonly subscriptionId?: SubscriptionId },
): Promise<Result<TopUpRule, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([customerId]);
    if (customer === undefined) return refuse(notFound('customer'));
    const inForce = await tx.lockTopUpRules(customerId);
    const current = inForce.find(({ amount }) => amount.currency === wish.amount.currency);
    const subscription = await carrierOf(tx, customerId, wish.subscriptionId);
    const facts = { customer, subscription, ...(current === undefined ? {} : { current }) };
    const decision = decideTopUpRule(facts, wish, contextOf(job));
    if (!decision.ok) return decision;
    const { rule, replaced, event } = decision.value;
    await tx.save({
      topUpRules: replaced === undefined ? [rule] : [replaced, rule],
      events: [event],
    });
    return ok(rule);
  });
}

/** The subscription that was named, or the customer's first that goes on. */
async function carrierOf(
  tx: Tx,
  customerId: CustomerId,
  named: SubscriptionId | undefined,
): Promise<Subscription | undefined> {
  if (named !== undefined) return (await tx.loadSubscriptions([named]))[0];
  const all = await tx.listSubscriptions({ customerId, limit: SUBSCRIPTIONS });
  return all.find(({ state }) => state !== 'ended');
}

/** Stops what is in force; what was requested before goes on. */
export async function stopTopUp(
  job: Job,
  customerId: CustomerId,
  about: { readonly currency: Currency; readonly by: string },
): Promise<Result<TopUpRule, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([customerId]);
    if (customer === undefined) return refuse(notFound('customer'));
    const inForce = await tx.lockTopUpRules(customerId);
    const current = inForce.find(({ amount }) => amount.currency === about.currency);
    const decision = decideTopUpStop(current, about.by, contextOf(job));
    if (!decision.ok) return decision;
    await tx.save({
      topUpRules: [decision.value.rule],
      events: [decision.value.event],
    });
    return ok(decision.value.rule);
  });
}

/** What is in force, one for each currency, and the newest top-ups. */
export type CustomerTopUps = {
  readonly rules: readonly TopUpRule[];
  readonly topUps: readonly TopUp[];
};

export async function findTopUps(
  job: Job,
  customerId: CustomerId,
): Promise<Result<CustomerTopUps, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([customerId]);
    if (customer === undefined) return refuse(notFound('customer'));
    return ok({
      rules: await tx.lockTopUpRules(customerId),
      topUps: await tx.listTopUps(customerId, LISTED),
    });
  });
}
