import {
  bucketOf,
  fromUuid,
  type Invoice,
  type InvoiceLine,
  invariant,
  toUuid,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import { fromAmount, fromDate, fromInstant, given, orNull, toDate, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

export function toInvoiceRow(invoice: Invoice): NewRow<'invoices'> {
  return {
    bucket: bucketOf(invoice.id),
    merchant_id: toUuid(invoice.merchantId),
    id: toUuid(invoice.id),
    customer_id: toUuid(invoice.customerId),
    subscription_id: toUuid(invoice.subscriptionId),
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
  };
}

export function toLineRows(invoice: Invoice): readonly NewRow<'invoice_lines'>[] {
  const bucket = bucketOf(invoice.id);
  const merchantId = toUuid(invoice.merchantId);
  const invoiceId = toUuid(invoice.id);
  return invoice.lines.map((line) => {
    for (const amount of [line.unitAmount, line.amount, line.net, line.tax]) {
      invariant(amount.currency === invoice.total.currency, 'an invoice has one currency');
    }
    return {
      bucket,
      merchant_id: merchantId,
      invoice_id: invoiceId,
      position: line.position,
      kind: line.kind,
      price_version_id: toUuid(line.priceVersionId),
      period_start: toDate(line.period.start),
      period_end: toDate(line.period.end),
      quantity: line.quantity,
      unit_minor: line.unitAmount.minor,
      amount_minor: line.amount.minor,
      net_minor: line.net.minor,
      tax_minor: line.tax.minor,
      tax_basis_points: line.taxBasisPoints,
      rule: line.reason.rule,
      name_zh: line.reason.nameZh,
      name_en: line.reason.nameEn,
    };
  });
}

export function fromInvoiceRow(
  row: Tables['invoices'],
  lines: readonly Tables['invoice_lines'][],
): Invoice {
  return {
    id: fromUuid('inv', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    subscriptionId: fromUuid('sub', row.subscription_id),
    number: row.number,
    state: row.state as Invoice['state'],
    collection: row.collection as Invoice['collection'],
    period: { start: fromDate(row.period_start), end: fromDate(row.period_end) },
    dueDate: fromDate(row.due_date),
    issueAt: fromInstant(row.issue_at),
    total: fromAmount(row.total_minor, row.currency),
    net: fromAmount(row.net_minor, row.currency),
    tax: fromAmount(row.tax_minor, row.currency),
    lines: lines.map((line) => fromLineRow(line, row.currency)),
    createdAt: fromInstant(row.created_at),
    ...given('issuedAt', row.issued_at, fromInstant),
    ...given('paidAt', row.paid_at, fromInstant),
  };
}

function fromLineRow(row: Tables['invoice_lines'], currency: string): InvoiceLine {
  return {
    position: row.position,
    kind: row.kind as InvoiceLine['kind'],
    priceVersionId: fromUuid('prv', row.price_version_id),
    period: { start: fromDate(row.period_start), end: fromDate(row.period_end) },
    quantity: row.quantity,
    unitAmount: fromAmount(row.unit_minor, currency),
    amount: fromAmount(row.amount_minor, currency),
    net: fromAmount(row.net_minor, currency),
    tax: fromAmount(row.tax_minor, currency),
    taxBasisPoints: row.tax_basis_points,
    reason: {
      rule: row.rule as InvoiceLine['reason']['rule'],
      nameZh: row.name_zh,
      nameEn: row.name_en,
    },
  };
}
