import {
  type CustomerId,
  decideOverride,
  decideWithdrawOverride,
  type EntitlementOverride,
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
    return ok(await saveDecision(tx, decision.value));
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
