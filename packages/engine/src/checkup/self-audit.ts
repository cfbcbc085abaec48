import {
  type CustomerId,
  computeSelfAudit,
  decideSelfAudit,
  type PlanId,
  present,
  type SelfAudit,
  type SelfAuditFacts,
  type SelfAuditPlan,
  type SubscriptionId,
  type Tx,
} from '@daikou/core';
import { groupBy } from '../concurrency.ts';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, type Job, nowOf } from '../job.ts';
import { loadAnswers } from './facts.ts';
import { lookContext } from './look.ts';
import { loadCheckupRules } from './rules.ts';

/**
 * Sends the self-audits that are due: one message a month to each payer with subscriptions, on the
 * first workday at 10:00 of the merchant's zone. Returns how many messages were planned.
 */
export async function sendSelfAudits(job: Job, rows = BATCH_ROWS): Promise<number> {
  if (await isHeld(job)) return 0;
  let told = 0;
  let claimed = rows;
  while (claimed > 0) {
    const batch = await job.engine.store.transact(job.merchant.id, async (tx) => {
      const dueBy = nowOf(job.engine, job.merchant);
      const due = await tx.claimSelfAudits({ buckets: job.buckets, dueBy, limit: rows });
      return { claimed: due.length, told: due.length === 0 ? 0 : await auditBatch(tx, job, due) };
    });
    claimed = batch.claimed;
    told += batch.told;
    job.progress.advance(batch.claimed);
  }
  return told;
}

async function auditBatch(tx: Tx, job: Job, due: readonly SelfAuditPlan[]): Promise<number> {
  const rules = await loadCheckupRules(tx);
  const factsOf = await loadAuditFacts(
    tx,
    job,
    due.map(({ customerId }) => customerId),
  );
  const about = { isWanted: rules.auditsMonthly, context: lookContext(job) };
  const decisions = due.map((plan) => decideSelfAudit(plan, factsOf(plan.customerId), about));
  const messages = decisions.flatMap(({ message }) => (message === undefined ? [] : [message]));
  await tx.save({
    selfAudits: decisions.map(({ plan }) => plan),
    notices: messages,
    events: decisions.flatMap(({ events }) => events),
  });
  return messages.length;
}

/** What is debited from one customer, now; undefined where there is no such payer. */
export async function readSelfAudit(
  job: Job,
  customer: CustomerId,
): Promise<SelfAudit | undefined> {
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [known] = await tx.loadCustomers([customer]);
    if (known === undefined) return undefined;
    return computeSelfAudit((await loadAuditFacts(tx, job, [customer]))(customer));
  });
}

/** The facts of these customers' self-audits, one array statement for each question. */
async function loadAuditFacts(
  tx: Tx,
  job: Job,
  ids: readonly CustomerId[],
): Promise<(customer: CustomerId) => SelfAuditFacts> {
  const customers = new Map((await tx.loadCustomers(ids)).map((one) => [one.id, one] as const));
  const mandates = groupBy(await tx.loadActiveMandatesOf(ids), ({ customerId }) => customerId);
  const running = await tx.loadRunningSubscriptions(ids);
  const subscriptions = groupBy(running, ({ customerId }) => customerId);
  const totals =
    running.length === 0
      ? new Map<SubscriptionId, never>()
      : await tx.loadRecentTotals({ subscriptions: running.map(({ id }) => id), count: 1 });
  const findings = groupBy(await tx.loadOpenFindings(ids), ({ customerId }) => customerId);
  const upcoming = groupBy(await tx.loadUpcoming(ids), (one) => one.subscriptionId);
  const answers = await loadAnswers(tx, ids);
  const { plans } = await tx.loadCatalog();
  const lastAmounts = new Map(
    [...totals].flatMap(([id, [last]]) => (last === undefined ? [] : [[id, last] as const])),
  );
  return (customer) => ({
    customer: present(customers.get(customer), 'the customer of a self-audit'),
    mandates: mandates.get(customer) ?? [],
    subscriptions: subscriptions.get(customer) ?? [],
    plans: new Map<PlanId, (typeof plans)[number]>(plans.map((plan) => [plan.id, plan])),
    lastAmounts,
    upcoming: (subscriptions.get(customer) ?? []).flatMap(({ id }) => upcoming.get(id) ?? []),
    findings: findings.get(customer) ?? [],
    ...answers(customer),
    railNames: job.engine.railNames,
  });
}
