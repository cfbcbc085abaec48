import {
  type Currency,
  fromUuid,
  type InvoiceLine,
  invariant,
  type SubscriptionId,
  toUuid,
  type WaitingLine,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import {
  fromAmount,
  fromDate,
  fromDecimal,
  given,
  idOrNull,
  orNull,
  toDate,
  toDecimal,
} from '../columns.ts';
import { lineWhy } from './why-shape.ts';

/** The columns that a line has wherever it stands: on an invoice, or waiting for one. */
type LineColumns = Omit<
  NewRow<'invoice_lines'>,
  'bucket' | 'merchant_id' | 'invoice_id' | 'position' | 'subscription_id'
>;

export function toLineColumns(line: WaitingLine, currency: Currency): LineColumns {
  for (const amount of [line.subtotal, line.discount, line.amount, line.net, line.tax]) {
    invariant(amount.currency === currency, 'a line has one currency, that of its invoice');
  }
  return {
    kind: line.kind,
    price_code: line.priceCode,
    price_version_id: toUuid(line.priceVersionId),
    item_id: idOrNull(line.itemId),
    beneficiary_id: idOrNull(line.beneficiaryId),
    period_start: toDate(line.period.start),
    period_end: toDate(line.period.end),
    service_days: line.serviceDays,
    period_days: line.periodDays,
    quantity: toDecimal(line.quantity),
    unit_amount: orNull(line.unitAmount, toDecimal),
    subtotal_minor: line.subtotal.minor,
    discount_minor: line.discount.minor,
    amount_minor: line.amount.minor,
    net_minor: line.net.minor,
    tax_minor: line.tax.minor,
    tax_basis_points: line.taxBasisPoints,
    rule: line.rule,
    name_zh: line.nameZh,
    name_en: line.nameEn,
    // Most lines are explained by their rule alone: null keeps their rows narrow.
    why: Object.keys(line.why).length === 0 ? null : lineWhy.to(line.why),
  };
}

/** `subscription`: the line's own, or that of its invoice. */
export function fromLineColumns(
  row: LineColumns,
  { subscription, currency }: { readonly subscription: SubscriptionId; readonly currency: string },
): WaitingLine {
  return {
    kind: row.kind as InvoiceLine['kind'],
    priceCode: row.price_code,
    priceVersionId: fromUuid('prv', row.price_version_id),
    subscriptionId: subscription,
    ...given('itemId', row.item_id, (uuid) => fromUuid('sit', uuid)),
    ...given('beneficiaryId', row.beneficiary_id, (uuid) => fromUuid('cus', uuid)),
    period: { start: fromDate(row.period_start), end: fromDate(row.period_end) },
    serviceDays: row.service_days,
    periodDays: row.period_days,
    quantity: fromDecimal(row.quantity),
    ...given('unitAmount', row.unit_amount, fromDecimal),
    subtotal: fromAmount(row.subtotal_minor, currency),
    discount: fromAmount(row.discount_minor, currency),
    amount: fromAmount(row.amount_minor, currency),
    net: fromAmount(row.net_minor, currency),
    tax: fromAmount(row.tax_minor, currency),
    taxBasisPoints: row.tax_basis_points,
    rule: row.rule as InvoiceLine['rule'],
    nameZh: row.name_zh,
    nameEn: row.name_en,
    why: row.why === null ? {} : lineWhy.from(row.why),
  };
}
