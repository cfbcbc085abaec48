import {
  bucketOf,
  fromUuid,
  type Invoice,
  type InvoiceLine,
  invariant,
  type SubscriptionId,
  toUuid,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import {
  fromAmount,
  fromDate,
  fromInstant,
  given,
  idOrNull,
  orNull,
  toDate,
  toInstant,
} from '../columns.ts';
import type { Tables } from '../schema.generated.ts';
import { fromLineColumns, toLineColumns } from './line-rows.ts';

export function toInvoiceRow(invoice: Invoice): NewRow<'invoices'> {
  return {
    bucket: bucketOf(invoice.id),
    merchant_id: toUuid(invoice.merchantId),
    id: toUuid(invoice.id),
    customer_id: toUuid(invoice.customerId),
    subscription_id: idOrNull(invoice.subscriptionId),
    number: invoice.number,
    state: invoice.state,
    collection: invoice.collection,
    period_start: toDate(invoice.period.start),
    period_end: toDate(invoice.period.end),
    due_date: toDate(invoice.dueDate),
    issue_at: toInstant(invoice.issueAt),
    currency: invoice.total.currency,
    total_minor: invoice.total.minor,
    net_minor: invoice.net.minor,
    tax_minor: invoice.tax.minor,
    created_at: toInstant(invoice.createdAt),
    issued_at: orNull(invoice.issuedAt, toInstant),
    paid_at: orNull(invoice.paidAt, toInstant),
    billing_key: invoice.billingKey,
    balance_applied_minor: invoice.balanceApplied.minor,
    credited_minor: invoice.credited.minor,
  };
}

export function toLineRows(invoice: Invoice): readonly NewRow<'invoice_lines'>[] {
  const bucket = bucketOf(invoice.id);
  const merchantId = toUuid(invoice.merchantId);
  const invoiceId = toUuid(invoice.id);
  return invoice.lines.map((line) => ({
    bucket,
    merchant_id: merchantId,
    invoice_id: invoiceId,
    position: line.position,
    // A line names its subscription only where its invoice does not: plain rows stay narrow.
    subscription_id:
      line.subscriptionId === invoice.subscriptionId ? null : toUuid(line.subscriptionId),
    ...toLineColumns(line, invoice.total.currency),
  }));
}

export function fromInvoiceRow(
  row: Tables['invoices'],
  lines: readonly Tables['invoice_lines'][],
): Invoice {
  return {
    id: fromUuid('inv', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    ...given('subscriptionId', row.subscription_id, (uuid) => fromUuid('sub', uuid)),
    number: row.number,
    billingKey: row.billing_key,
    state: row.state as Invoice['state'],
    collection: row.collection as Invoice['collection'],
    period: { start: fromDate(row.period_start), end: fromDate(row.period_end) },
    dueDate: fromDate(row.due_date),
    issueAt: fromInstant(row.issue_at),
    total: fromAmount(row.total_minor, row.currency),
    net: fromAmount(row.net_minor, row.currency),
    tax: fromAmount(row.tax_minor, row.currency),
    balanceApplied: fromAmount(row.balance_applied_minor, row.currency),
    credited: fromAmount(row.credited_minor, row.currency),
    lines: lines.map((line) => fromLineRow(line, row)),
    createdAt: fromInstant(row.created_at),
    ...given('issuedAt', row.issued_at, fromInstant),
    ...given('paidAt', row.paid_at, fromInstant),
  };
}

/** A line of `invoice`, which says its currency and, unless the line does, its subscription. */
export function fromLineRow(
  row: Tables['invoice_lines'],
  invoice: Pick<Tables['invoices'], 'subscription_id' | 'currency'>,
): InvoiceLine {
  const line = fromLineColumns(row, {
    subscription: subscriptionOf(row.subscription_id ?? invoice.subscription_id),
    currency: invoice.currency,
  });
  return { position: row.position, ...line };
}

function subscriptionOf(uuid: string | null): SubscriptionId {
  invariant(uuid !== null, 'a line or its invoice names the subscription');
  return fromUuid('sub', uuid);
}
