import type {
  Customer,
  CustomerId,
  EntitlementOverride,
  HandPayment,
  Invoice,
  Notice,
  Page,
  Payment,
  Refund,
  Subscription,
  Tx,
} from '@daikou/core';
import { BATCH_ROWS, type Job } from '../job.ts';

/** One thing that is kept of a customer. */
export type ExportRow =
  | { readonly kind: 'customer'; readonly row: Customer }
  | { readonly kind: 'subscription'; readonly row: Subscription }
  | { readonly kind: 'invoice'; readonly row: Invoice }
  | { readonly kind: 'payment'; readonly row: Payment }
  | { readonly kind: 'payment_by_hand'; readonly row: HandPayment }
  | { readonly kind: 'refund'; readonly row: Refund }
  | { readonly kind: 'message'; readonly row: Notice }
  | { readonly kind: 'override'; readonly row: EntitlementOverride };

/** Reads one page of a kind; the next one begins after its last row. */
type Reader = {
  readonly read: (
    tx: Tx,
    page: Page & { readonly customerId: CustomerId },
  ) => Promise<readonly ExportRow[]>;
};

const READERS: readonly Reader[] = [
  { read: async (tx, page) => rowsOf('subscription', await tx.listSubscriptions(page)) },
  { read: async (tx, page) => rowsOf('invoice', await tx.listInvoices(page)) },
  { read: async (tx, page) => rowsOf('payment_by_hand', await tx.listHandPayments(page)) },
  { read: async (tx, page) => rowsOf('refund', await tx.listRefunds(page)) },
  { read: async (tx, page) => rowsOf('message', await tx.listNotices(page)) },
  { read: async (tx, page) => rowsOf('override', await tx.listOverrides(page)) },
];

function rowsOf<K extends ExportRow['kind']>(
  kind: K,
  rows: readonly Extract<ExportRow, { readonly kind: K }>['row'][],
): readonly ExportRow[] {
  return rows.map((row) => ({ kind, row }) as unknown as ExportRow);
}

/**
 * What is kept of a customer, page by page, each in a transaction of its own: an export of years
 * holds no lock and little memory. It asks nothing about arrears: it works while a service is off.
 * Undefined where the customer is not this merchant's.
 */
export async function exportCustomer(
  job: Job,
  customerId: CustomerId,
): Promise<AsyncIterable<ExportRow> | undefined> {
  const { store } = job.engine;
  const first = await store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([customerId]);
    if (customer === undefined) return undefined;
    const payments = await tx.loadPaymentsOfCustomer(customerId);
    return [{ kind: 'customer', row: customer } as const, ...rowsOf('payment', payments)];
  });
  return first === undefined ? undefined : pagesOf(job, customerId, first);
}

async function* pagesOf(
  job: Job,
  customerId: CustomerId,
  first: readonly ExportRow[],
): AsyncGenerator<ExportRow> {
  yield* first;
  for (const { read } of READERS) {
    let after: string | undefined;
    let found = BATCH_ROWS;
    while (found === BATCH_ROWS) {
      const page = { customerId, limit: BATCH_ROWS, ...(after === undefined ? {} : { after }) };
      const rows = await job.engine.store.transact(job.merchant.id, (tx) => read(tx, page));
      yield* rows;
      found = rows.length;
      after = rows.at(-1)?.row.id;
    }
  }
}
