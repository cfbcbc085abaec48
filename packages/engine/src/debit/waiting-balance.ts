import {
  type AttemptState,
  decideUseWaitingBalance,
  type SettleDecision,
  type Tx,
} from '@daikou/core';
import type { Job } from '../job.ts';
import { callOffDebits, holdInvoices, theCustomer } from './call-off.ts';
import { parkingContext } from './park.ts';

/** Ends after which nothing of the attempt is on its way any more. */
const UNPAID: readonly AttemptState[] = ['refused', 'closed', 'never_sent'];

/**
 * Pays invoices from the balance that came while their debit was on its way, once that has ended
 * without money: in the commit of the end, so that no other debit of theirs leaves first. A debit
 * that was planned anew for what is paid now is called off. Without such an end nothing is read.
 */
export async function useWaitingBalance(
  tx: Tx,
  job: Job,
  decisions: readonly SettleDecision[],
): Promise<void> {
  const ended = decisions.filter(
    ({ attempt, payment, debit }) =>
      UNPAID.includes(attempt.state) && payment === undefined && debit !== undefined,
  );
  if (ended.length === 0) return;
  const customers = [...new Set(ended.map(({ attempt }) => attempt.customerId))];
  const withBalance = new Set(
    (await tx.lockCreditGrants(customers)).map(({ customerId }) => customerId),
  );
  for (const { attempt, debit } of ended) {
    if (debit === undefined || !withBalance.has(attempt.customerId)) continue;
    const { customerId } = attempt;
    const held = await holdInvoices(tx, debit.invoiceIds);
    const grants = await tx.lockCreditGrants([customerId]);
    const used = decideUseWaitingBalance(attempt, { owed: held.owed, grants }, parkingContext(job));
    if (used === undefined) continue;
    const customer = await theCustomer(tx, customerId);
    const { waiting } = held;
    const plans = await callOffDebits(tx, job, { customer, waiting, paid: used.invoices });
    await tx.save({
      invoices: used.invoices,
      creditGrants: used.grants,
      grantUses: used.uses,
      debits: plans.debits,
      notices: plans.notices,
      journals: used.journals,
      events: [...used.events, ...plans.events],
    });
  }
}
