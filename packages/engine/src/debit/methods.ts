import {
  type BudgetUse,
  businessDate,
  type CheckupHold,
  countUse,
  type Debit,
  type DebitBundle,
  type DebitCheckup,
  type DebitFacts,
  isInForce,
  type Mandate,
  type MandateId,
  type Money,
  type Tx,
} from '@daikou/core';
import { groupBy } from '../concurrency.ts';
import { type Job, nowOf } from '../job.ts';

/** Hours that a calendar month and a day of any zone have at most: what budgets look back on. */
const BUDGET_HOURS = 24 * 33;

/** What decides besides the debit's own rows: its mandate's budgets, what was paid, other ways. */
export type MethodFacts = Pick<
  DebitFacts,
  'use' | 'history' | 'methods' | 'checkup' | 'isDisputed'
>;

/**
 * Loads for a batch of debits, in one array statement each, what their customers' mandates have
 * used of the rails' budgets, the amounts that were paid before, and which methods there are.
 */
export async function loadMethods(
  tx: Tx,
  job: Job,
  bundles: readonly DebitBundle[],
): Promise<(bundle: DebitBundle) => MethodFacts> {
  if (bundles.length === 0) return () => ({});
  const now = nowOf(job.engine, job.merchant);
  const customers = [...new Set(bundles.map(({ debit }) => debit.customerId))];
  const mandates = groupBy(await tx.loadMandatesOf(customers), ({ customerId }) => customerId);
  const uses = await loadUses(tx, job, [...mandates.values()].flat());
  const lookBack = job.engine.amountGuard?.lookBack ?? 0;
  const paid = lookBack === 0 ? [] : await tx.loadPaidHistory(customers, lookBack);
  const history = groupBy(paid, ({ customerId }) => customerId);
  const invoices = bundles.flatMap(({ debit }) => debit.invoiceIds);
  const refused = groupBy(await tx.loadRefusedMandates(invoices), ({ invoiceId }) => invoiceId);
  const holds = await tx.loadCheckupHolds(invoices);
  const today = businessDate(now, job.merchant.zone);
  const disputes = await tx.loadDisputes(customers);
  const inDispute = new Set(
    disputes.flatMap((one) => (isInForce(one, today) ? (one.invoiceId ?? []) : [])),
  );
  const useOf = (mandate: MandateId): BudgetUse => usedBy(uses, mandate, { job, now });
  return ({ debit, mandate }) => ({
    use: useOf(mandate.id),
    checkup: checkupOf(debit, holds),
    isDisputed: debit.invoiceIds.some((id) => inDispute.has(id)),
    history: (history.get(debit.customerId) ?? []).map(({ amount }): Money => amount),
    methods: {
      mandates: mandates.get(debit.customerId) ?? [],
      refusedBy: debit.invoiceIds.flatMap((id) =>
        (refused.get(id) ?? []).map(({ mandateId }) => mandateId),
      ),
      useOf,
    },
  });
}

/** A debit is held by the findings of any of its invoices; its amount is accepted once for all. */
function checkupOf(
  { invoiceIds }: Pick<Debit, 'invoiceIds'>,
  holds: readonly CheckupHold[],
): DebitCheckup {
  const own = holds.filter(({ invoiceId }) => invoiceIds.includes(invoiceId));
  return {
    open: own.flatMap(({ open }) => open),
    isAmountAccepted: own.some(({ isAmountAccepted }) => isAmountAccepted),
  };
}

type Uses = ReadonlyMap<
  MandateId,
  { readonly mandate: Mandate; readonly attempts: Awaited<ReturnType<Tx['loadAttemptsByMandate']>> }
>;

/** The attempts of those mandates whose rails count something. */
async function loadUses(tx: Tx, job: Job, mandates: readonly Mandate[]): Promise<Uses> {
  const counted = mandates.filter(({ rail }) => {
    const capabilities = job.engine.rails.get(rail)?.capabilities;
    return capabilities?.budgets !== undefined || capabilities?.successesPerDay !== undefined;
  });
  if (counted.length === 0) return new Map();
  const since = nowOf(job.engine, job.merchant).subtract({ hours: BUDGET_HOURS });
  const ids = counted.map(({ id }) => id);
  const attempts = groupBy(
    await tx.loadAttemptsByMandate(ids, since),
    ({ mandateId }) => mandateId,
  );
  return new Map(
    counted.map((mandate) => [mandate.id, { mandate, attempts: attempts.get(mandate.id) ?? [] }]),
  );
}

function usedBy(
  uses: Uses,
  id: MandateId,
  { job, now }: { readonly job: Job; readonly now: Temporal.Instant },
): BudgetUse {
  const found = uses.get(id);
  const zone = job.engine.rails.get(found?.mandate.rail ?? '')?.capabilities.zone;
  return countUse(found?.attempts ?? [], now, zone ?? job.merchant.zone);
}
