import { type Debit, type DebitBundle, present } from '@daikou/core';
import type { Database } from '../array-write.ts';
import { given } from '../columns.ts';
import { groupBy } from '../groups.ts';
import { loadInvoices } from '../invoice/statements.ts';
import { loadMandatesById, shareMandates } from '../mandate/statements.ts';
import { loadNoticesOf } from '../notice/statements.ts';
import { loadAttemptsOf } from './attempts.ts';

/**
 * Reads all that decides about these debits, whose rows the caller has locked. `holdMandates`: no
 * mandate can be ended before the commit, so that an attempt never begins after the wish to end it.
 */
export async function bundleDebits(
  db: Database,
  debits: readonly Debit[],
  { holdMandates = false }: { readonly holdMandates?: boolean } = {},
): Promise<readonly DebitBundle[]> {
  if (debits.length === 0) return [];
  const ids = debits.map(({ id }) => id);
  const mandateIds = [...new Set(debits.map(({ mandateId }) => mandateId))];
  const loadedMandates = await (holdMandates ? shareMandates : loadMandatesById)(db, mandateIds);
  const loadedInvoices = await loadInvoices(
    db,
    debits.flatMap(({ invoiceIds }) => invoiceIds),
  );
  const mandates = new Map(loadedMandates.map((mandate) => [mandate.id, mandate]));
  const invoices = new Map(loadedInvoices.map((invoice) => [invoice.id, invoice]));
  const roots = debits.flatMap(({ movedFrom }) => movedFrom ?? []);
  const loadedNotices = await loadNoticesOf(db, [...new Set([...ids, ...roots])]);
  const notices = groupBy(loadedNotices, ({ debitId }) => debitId);
  const attempts = groupBy(await loadAttemptsOf(db, ids), ({ debitId }) => debitId);
  return debits.map((debit) => ({
    debit,
    mandate: present(mandates.get(debit.mandateId), `mandate ${debit.mandateId}`),
    invoices: debit.invoiceIds.map((id) => present(invoices.get(id), `invoice ${id}`)),
    notices: notices.get(debit.id) ?? [],
    attempts: attempts.get(debit.id) ?? [],
    ...given('earlier', debit.movedFrom ?? null, (root) => notices.get(root) ?? []),
  }));
}
