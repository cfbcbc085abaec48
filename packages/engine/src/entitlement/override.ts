import {
  businessDate,
  type Customer,
  type CustomerId,
  type DebitBundle,
  decideDisputeHold,
  decideDisputeOver,
  decideOverride,
  decideWithdrawOverride,
  type EntitlementOverride,
  type InvoiceId,
  isInForce,
  type OverrideDecision,
  type OverrideId,
  type OverrideWish,
  ok,
  type Page,
  type Refusal,
  type Result,
  refuse,
  type Tx,
  touchesArrears,
} from '@daikou/core';
import { callOffDebits, holdInvoices } from '../debit/call-off.ts';
import { idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';

function contextOf(job: Job) {
  return {
    now: nowOf(job.engine, job.merchant),
    zone: job.merchant.zone,
    ids: idSource(job.engine),
  };
}

/**
 * Grants something to a customer until a date. What it does to arrears shows at the worker's next
 * look, which is made due in the same commit.
 */
export async function grantOverride(
  job: Job,
  customerId: CustomerId,
  wish: OverrideWish,
): Promise<Result<EntitlementOverride, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([customerId]);
    if (customer === undefined) return refuse(notFound('customer'));
    if (wish.invoiceId !== undefined) {
      const [invoice] = await tx.loadInvoices([wish.invoiceId]);
      if (invoice?.customerId !== customerId) return refuse(notFound('invoice', 'invoice_id'));
    }
    const decision = decideOverride(customer, wish, contextOf(job));
    if (!decision.ok) return decision;
    if (wish.invoiceId !== undefined) {
      await holdDebits(tx, job, { customer, invoiceId: wish.invoiceId });
    }
    return ok(await saveDecision(tx, decision.value));
  });
}

/** Takes an override back before its end. */
export async function withdrawOverride(
  job: Job,
  id: OverrideId,
  by: string,
): Promise<Result<EntitlementOverride, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [override] = await tx.lockOverrides([id]);
    if (override === undefined) return refuse(notFound('override'));
    const decision = decideWithdrawOverride(override, by, contextOf(job));
    if (!decision.ok) return decision;
    if (override.invoiceId !== undefined) await letDebitsGo(tx, job, { override, by });
    return ok(await saveDecision(tx, decision.value));
  });
}

/**
 * Holds the debits that wait for an invoice in dispute. One that collects other invoices too is
 * called off for a debit of theirs: they are not in dispute. The disputed one is then left to what
 * follows its due date.
 */
async function holdDebits(
  tx: Tx,
  job: Job,
  about: { readonly customer: Customer; readonly invoiceId: InvoiceId },
): Promise<void> {
  const { customer, invoiceId } = about;
  const held = await holdInvoices(tx, [invoiceId]);
  const isShared = ({ debit }: DebitBundle) => debit.invoiceIds.length > 1;
  const plans = await callOffDebits(tx, job, {
    customer,
    waiting: held.waiting.filter(isShared),
    paid: held.owed.map(({ invoice }) => ({ ...invoice, state: 'paid' as const })),
    reason: 'invoice_disputed',
  });
  const holds = held.waiting.flatMap((bundle) => {
    return isShared(bundle) ? [] : (decideDisputeHold(bundle.debit, contextOf(job)) ?? []);
  });
  await tx.save({
    debits: [...plans.debits, ...holds.map(({ debit }) => debit)],
    notices: plans.notices,
    events: [...plans.events, ...holds.map(({ event }) => event)],
  });
}

/** The debits that the dispute held go on, unless another one about the invoice is in force. */
async function letDebitsGo(
  tx: Tx,
  job: Job,
  about: { readonly override: EntitlementOverride; readonly by: string },
): Promise<void> {
  const { invoiceId, customerId, id } = about.override;
  if (invoiceId === undefined) return;
  const context = contextOf(job);
  const today = businessDate(context.now, context.zone);
  const held = await holdInvoices(tx, [invoiceId]);
  const others = await tx.loadDisputes([customerId]);
  const isHeldStill = others.some((one) => {
    return one.id !== id && one.invoiceId === invoiceId && isInForce(one, today);
  });
  if (isHeldStill) return;
  const gone = held.waiting.flatMap(({ debit }) => {
    return decideDisputeOver(debit, about.by.trim(), context) ?? [];
  });
  await tx.save({
    debits: gone.map(({ debit }) => debit),
    events: gone.map(({ event }) => event),
  });
}

async function saveDecision(tx: Tx, decision: OverrideDecision): Promise<EntitlementOverride> {
  const { override, event } = decision;
  await tx.save({ overrides: [override], events: [event] });
  if (touchesArrears(override)) await tx.lookAtArrearsNow([override.customerId]);
  return override;
}

/** Every override of a customer, oldest first, withdrawn and ended ones among them. */
export async function listOverrides(
  job: Job,
  page: Page & { readonly customerId: CustomerId },
): Promise<Result<readonly EntitlementOverride[], Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([page.customerId]);
    if (customer === undefined) return refuse(notFound('customer'));
    return ok(await tx.listOverrides(page));
  });
}
