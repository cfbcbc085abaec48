import {
  addSeconds,
  businessDate,
  decideTopUpReturn,
  type Invoice,
  isTopUp,
  openTask,
  present,
  type TopUp,
  type TopUpReturned,
  type Tx,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';

/** Seconds until somebody should have decided about what was used of a top-up and not paid. */
const TASK_SECONDS = 3 * 24 * 3_600;

/**
 * Takes back what is left of the balance that these invoices had brought, in the commit that opened
 * them again; a task for finance where some of it had been used. Returns the invoices as they are
 * then. The caller holds the invoices and saves its own changes of them before, or these after.
 */
export async function takeTopUpsBack(
  tx: Tx,
  job: Job,
  invoices: readonly Invoice[],
): Promise<readonly Invoice[]> {
  const sold = invoices.filter((invoice) => isTopUp(invoice) && invoice.state === 'open');
  if (sold.length === 0) return invoices;
  const after = new Map(invoices.map((invoice) => [invoice.id, invoice]));
  for (const topUp of await tx.lockTopUpsOf(sold.map(({ id }) => id))) {
    const invoice = present(after.get(topUp.invoiceId), 'the invoice of a top-up');
    const returned = await takeBack(tx, job, { topUp, invoice });
    if (returned !== undefined) after.set(invoice.id, returned.invoice);
  }
  return [...after.values()];
}

async function takeBack(
  tx: Tx,
  job: Job,
  { topUp, invoice }: { readonly topUp: TopUp; readonly invoice: Invoice },
): Promise<TopUpReturned | undefined> {
  const now = nowOf(job.engine, job.merchant);
  const today = businessDate(now, job.merchant.zone);
  const context = { now, businessDate: today, ids: idSource(job.engine) };
  // A grant that is used up is not among those that are held.
  const grants = await tx.lockCreditGrants([topUp.customerId]);
  const grant = grants.find(({ id }) => id === topUp.grantId);
  const returned = decideTopUpReturn(topUp, { invoice, grant }, context);
  if (returned === undefined) return undefined;
  const task = returned.owed.minor === 0n ? undefined : taskFor(job, returned);
  await tx.save({
    invoices: [returned.invoice],
    creditGrants: returned.grant === undefined ? [] : [returned.grant],
    grantUses: returned.uses,
    topUps: [returned.topUp],
    journals: returned.journal === undefined ? [] : [returned.journal],
    tasks: task === undefined ? [] : [task.task],
    events: [...returned.events, ...(task?.events ?? [])],
  });
  await standDown(tx, { topUp, now });
  return returned;
}

/**
 * This crossing had its top-up, as one that was not paid had: the next one comes after the balance
 * was above again. Else a bank that refuses would be asked again at once.
 */
async function standDown(
  tx: Tx,
  { topUp, now }: { readonly topUp: TopUp; readonly now: Temporal.Instant },
): Promise<void> {
  const { currency } = topUp.amount;
  const rules = await tx.lockTopUpRules(topUp.customerId);
  const inForce = rules.filter(({ amount }) => amount.currency === currency);
  await tx.save({ topUpRules: inForce.map((one) => ({ ...one, isLow: true, nextLookAt: now })) });
}

function taskFor(job: Job, { topUp, owed }: TopUpReturned): ReturnType<typeof openTask> {
  const now = nowOf(job.engine, job.merchant);
  return openTask(
    {
      kind: 'top_up_returned',
      subjectId: topUp.invoiceId,
      owner: 'finance',
      dueAt: addSeconds(now, TASK_SECONDS),
      data: { owed: owed.minor.toString(), currency: owed.currency },
    },
    { merchantId: topUp.merchantId, customerId: topUp.customerId },
    { now, ids: idSource(job.engine) },
  );
}
