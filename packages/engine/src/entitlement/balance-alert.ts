import {
  BALANCE_USE_DAYS,
  type BalanceAlert,
  type BalanceLook,
  businessDate,
  type Currency,
  type CustomerId,
  decideBalanceAlert,
  lookAtBalance,
  type Money,
  ok,
  present,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import { lookApart, PUT_OFF_MINUTES } from '../apart.ts';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';

function contextOf(job: Job) {
  return {
    now: nowOf(job.engine, job.merchant),
    zone: job.merchant.zone,
    ids: idSource(job.engine),
  };
}

/** Sets when a customer's prepaid balance counts as low; one for each currency. */
export async function setBalanceAlert(
  job: Job,
  customerId: CustomerId,
  wish: { readonly low: Money; readonly lowDays?: number; readonly by: string },
): Promise<Result<BalanceAlert, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([customerId]);
    if (customer === undefined) return refuse(notFound('customer'));
    const decision = decideBalanceAlert(customer, wish, contextOf(job));
    if (decision.ok) await tx.save({ balanceAlerts: [decision.value] });
    return decision;
  });
}

export async function listBalanceAlerts(
  job: Job,
  customerId: CustomerId,
): Promise<Result<readonly BalanceAlert[], Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([customerId]);
    if (customer === undefined) return refuse(notFound('customer'));
    return ok(await tx.listBalanceAlerts(customerId));
  });
}

/** Takes an alert away. */
export async function removeBalanceAlert(
  job: Job,
  customerId: CustomerId,
  currency: Currency,
): Promise<Result<null, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) =>
    (await tx.removeBalanceAlert(customerId, currency))
      ? ok(null)
      : refuse(notFound('balance alert')),
  );
}

/** Compares every balance whose alert is due; tells each crossing once. Returns how many. */
export async function lookAtBalances(job: Job): Promise<number> {
  if (await isHeld(job)) return 0;
  const looks = await lookApart<BalanceAlert, BalanceLook>(BATCH_ROWS, {
    lookAt: (limit, noted) => lookAtBatch(job, limit, noted),
    putOff: (one, why) => putOff(job, one, why),
  });
  return looks.filter(({ message }) => message !== undefined).length;
}

/** Looked at again later, unless somebody else has taken it up meanwhile. */
async function putOff(job: Job, { customerId, low }: BalanceAlert, why: string): Promise<void> {
  const dueBy = nowOf(job.engine, job.merchant);
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [first] = await tx.claimBalanceAlerts({ buckets: job.buckets, dueBy, limit: 1 });
    if (first?.customerId !== customerId || first.low.currency !== low.currency) return;
    const nextLookAt = dueBy.add({ minutes: PUT_OFF_MINUTES });
    await tx.save({ balanceAlerts: [{ ...first, nextLookAt }] });
  });
  const facts = { customer: customerId, why };
  job.engine.log.warn('the balance of a customer cannot be looked at yet', facts);
}

async function lookAtBatch(
  job: Job,
  limit: number,
  noted: (claimed: readonly BalanceAlert[]) => void,
): Promise<readonly BalanceLook[]> {
  const context = { ...contextOf(job), merchantName: job.merchant.name };
  const on = businessDate(context.now, context.zone);
  const since = on.subtract({ days: BALANCE_USE_DAYS });
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    // The work may run again after a lost race: what the lost one claimed is no longer ours.
    noted([]);
    const claim = { buckets: job.buckets, dueBy: context.now, limit };
    const alerts = await tx.claimBalanceAlerts(claim);
    noted(alerts);
    const loaded = await tx.loadCustomers(alerts.map(({ customerId }) => customerId));
    const customers = new Map(loaded.map((one) => [one.id, one]));
    const looks: BalanceLook[] = [];
    for (const alert of alerts) {
      const { currency } = alert.low;
      const use = await tx.loadBalanceUse(alert.customerId, { currency, since, on });
      const customer = present(customers.get(alert.customerId), 'the customer of an alert');
      looks.push(lookAtBalance(alert, { customer, ...use }, context));
    }
    await tx.save({
      balanceAlerts: looks.map(({ alert }) => alert),
      notices: looks.flatMap(({ message }) => message ?? []),
      events: looks.flatMap(({ event }) => event ?? []),
    });
    return looks;
  });
}
