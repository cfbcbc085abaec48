import type { Checkup, CheckupFinding, CheckupVerdict, InvoiceId, Page, Tx } from '@daikou/core';
import { groupBy } from '../concurrency.ts';
import type { Job } from '../job.ts';

/** A checkup with its findings, oldest first. */
export type ReadCheckup = {
  readonly checkup: Checkup;
  readonly findings: readonly CheckupFinding[];
};

/** The checkup of an invoice; undefined where no debit was to collect it. */
export async function findCheckup(job: Job, invoice: InvoiceId): Promise<ReadCheckup | undefined> {
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const [read] = await withFindings(tx, await tx.loadCheckupsOf([invoice]));
    return read;
  });
}

/** A page of checkups, oldest first. */
export async function listCheckups(
  job: Job,
  query: Page & { readonly verdict?: CheckupVerdict; readonly date?: Temporal.PlainDate },
): Promise<readonly ReadCheckup[]> {
  return await job.engine.store.transact(job.merchant.id, async (tx) =>
    withFindings(tx, await tx.listCheckups(query)),
  );
}

/** Findings of the invoices of a debit that were open when it left, or are now. */
export async function loadFindingsOfInvoices(
  tx: Tx,
  invoices: readonly InvoiceId[],
): Promise<readonly CheckupFinding[]> {
  const checkups = await tx.loadCheckupsOf(invoices);
  return checkups.length === 0 ? [] : await tx.loadFindingsOf(checkups.map(({ id }) => id));
}

async function withFindings(tx: Tx, checkups: readonly Checkup[]): Promise<readonly ReadCheckup[]> {
  if (checkups.length === 0) return [];
  const all = await tx.loadFindingsOf(checkups.map(({ id }) => id));
  const findings = groupBy(all, ({ checkupId }) => checkupId);
  return checkups.map((checkup) => ({ checkup, findings: findings.get(checkup.id) ?? [] }));
}
