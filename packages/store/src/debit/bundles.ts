import { type Debit, type DebitBundle, present } from '@daikou/core';
import type { Database } from '../array-write.ts';
import { groupBy } from '../groups.ts';
import { loadInvoices } from '../invoice/statements.ts';
import { loadMandatesById } from '../mandate/statements.ts';
import { loadNoticesOf } from '../notice/statements.ts';
import { loadAttemptsOf } from './attempts.ts';

/** Reads all that decides about these debits, whose rows the caller has locked. */
export async function bundleDebits(
  db: Database,
  debits: readonly Debit[],
): Promise<readonly DebitBundle[]> {
  if (debits.length === 0) return [];
  const ids = debits.map(({ id }) => id);
  const mandateIds = [...new Set(debits.map(({ mandateId }) => mandateId))];
  const loadedMandates = await loadMandatesById(db, mandateIds);
  const loadedInvoices = await loadInvoices(
    db,
    debits.flatMap(({ invoiceIds }) => invoiceIds),
  );
  const mandates = new Map(loadedMandates.map((mandate) => [mandate.id, mandate]));
  const invoices = new Map(loadedInvoices.map((invoice) => [invoice.id, invoice]));
  const notices = groupBy(await loadNoticesOf(db, ids), ({ debitId }) => debitId);
  const attempts = groupBy(await loadAttemptsOf(db, ids), ({ debitId }) => debitId);
  return debits.map((debit) => ({
    debit,
    mandate: present(mandates.get(debit.mandateId), `mandate ${debit.mandateId}`),
    invoices: debit.invoiceIds.map((id) => present(invoices.get(id), `invoice ${id}`)),
    notices: notices.get(debit.id) ?? [],
    attempts: attempts.get(debit.id) ?? [],
  }));
}
