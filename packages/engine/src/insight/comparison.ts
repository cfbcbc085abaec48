import {
  type ChangePart,
  compareInvoices,
  explainChange,
  type Invoice,
  type InvoiceId,
  isTopUp,
  type Locale,
  type Money,
  ok,
  type Refusal,
  type Result,
  refuse,
  subtract,
  type Tx,
} from '@daikou/core';
import type { Job } from '../job.ts';
import { notFound } from '../not-found.ts';

/** Why one bill is not what another was: parts that add up to the difference, to the fen. */
export type Comparison = {
  readonly invoice: InvoiceId;
  readonly with: InvoiceId;
  readonly before: Money;
  readonly after: Money;
  readonly difference: Money;
  readonly parts: readonly {
    readonly cause: ChangePart['cause'];
    readonly amount: Money;
    readonly priceCode?: string;
    readonly sentence: string;
  }[];
};

export type ComparisonRefusal = Refusal<'not_found' | 'no_earlier_invoice' | 'currency_mix'>;

/** Bills of a customer that are looked through for the one before. */
const LOOK_BACK = 100;

/**
 * Compares an invoice with another one of the same customer, by default with the one before it: of
 * the same subscription, or the consolidated one before. Reads only.
 */
export async function compareBills(
  job: Job,
  id: InvoiceId,
  options: { readonly with?: InvoiceId; readonly locale: Locale },
): Promise<Result<Comparison, ComparisonRefusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [after] = await tx.loadInvoices([id]);
    if (after === undefined) return refuse(notFound('invoice'));
    const before =
      options.with === undefined
        ? await previousInvoice(tx, after)
        : (await tx.loadInvoices([options.with]))[0];
    if (before === undefined) {
      return refuse(options.with === undefined ? NO_EARLIER : notFound('invoice'));
    }
    return compared(before, after, options.locale);
  });
}

const NO_EARLIER: ComparisonRefusal = {
  code: 'no_earlier_invoice',
  sentence: 'There is no earlier invoice to compare this one with.',
  next: 'Name the invoice to compare with in "with".',
};

/** Two invoices of one customer, compared; in words of `locale`. */
export function compared(
  before: Invoice,
  after: Invoice,
  locale: Locale,
): Result<Comparison, ComparisonRefusal> {
  if (before.customerId !== after.customerId) return refuse(notFound('invoice'));
  if (before.total.currency !== after.total.currency) {
    return refuse({
      code: 'currency_mix',
      sentence: 'The two invoices are in two currencies.',
      next: 'Compare invoices of one currency.',
      field: 'with',
    });
  }
  const parts = compareInvoices(before, after);
  const sentences = explainChange(parts, locale);
  return ok({
    invoice: after.id,
    with: before.id,
    before: before.total,
    after: after.total,
    difference: subtract(after.total, before.total),
    parts: parts.map((part, index) => {
      const code = (part.after ?? part.before)?.priceCode;
      return {
        cause: part.cause,
        amount: part.amount,
        ...(code === undefined ? {} : { priceCode: code }),
        sentence: sentences[index] ?? '',
      };
    }),
  });
}

/** The invoice before this one: of its subscription, or the payer's consolidated one before. */
export async function previousInvoice(tx: Tx, invoice: Invoice): Promise<Invoice | undefined> {
  const { customerId } = invoice;
  const all = await tx.listInvoices({ customerId, limit: LOOK_BACK });
  return all
    .filter(
      (one) =>
        one.state !== 'void' &&
        isTopUp(one) === isTopUp(invoice) &&
        one.subscriptionId === invoice.subscriptionId &&
        one.total.currency === invoice.total.currency &&
        one.id < invoice.id,
    )
    .toSorted((left, right) => (left.id < right.id ? -1 : 1))
    .at(-1);
}
