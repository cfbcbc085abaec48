import type {
  BankStatementLineId,
  CustomerId,
  HandPayment,
  HandPaymentId,
  InvoiceId,
  Page,
  StoredBankLine,
} from '@daikou/core';
import type { Job } from '../job.ts';

/** Payments by hand, oldest first. */
export async function listHandPayments(
  job: Job,
  page: Page & { readonly customerId?: CustomerId; readonly state?: string },
): Promise<readonly HandPayment[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.listHandPayments(page));
}

export async function findHandPayment(
  job: Job,
  id: HandPaymentId,
): Promise<HandPayment | undefined> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [payment] = await tx.loadHandPayments([id]);
    return payment;
  });
}

/** The payment by hand that paid this invoice, where one did. */
export async function findHandPaymentOf(
  job: Job,
  invoice: InvoiceId,
): Promise<HandPayment | undefined> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [payment] = await tx.findHandPaymentsOfInvoices([invoice]);
    return payment;
  });
}

/** Lines of bank statements, oldest first; `unclaimed` ones wait for an owner. */
export async function listBankLines(
  job: Job,
  query: {
    readonly state?: StoredBankLine['state'];
    readonly after?: BankStatementLineId;
    readonly limit: number;
  },
): Promise<readonly StoredBankLine[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.listBankLines(query));
}
