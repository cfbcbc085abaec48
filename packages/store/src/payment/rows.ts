import {
  bucketOf,
  fromUuid,
  type HandAllocation,
  type HandPayment,
  type PayLink,
  present,
  toUuid,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import {
  asIs,
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

export function toPaymentRow(payment: HandPayment): NewRow<'hand_payments'> {
  return {
    bucket: bucketOf(payment.id),
    merchant_id: toUuid(payment.merchantId),
    id: toUuid(payment.id),
    customer_id: toUuid(payment.customerId),
    method: payment.method,
    rail: payment.rail ?? null,
    currency: payment.amount.currency,
    amount_minor: payment.amount.minor,
    to_balance_minor: payment.toBalance.minor,
    grant_id: idOrNull(payment.grantId),
    reference: payment.reference,
    received_at: toInstant(payment.receivedAt),
    business_date: toDate(payment.businessDate),
    bank_line_id: idOrNull(payment.bankLineId),
    pay_link_id: idOrNull(payment.payLinkId),
    recorded_by: payment.recordedBy,
    note: payment.note,
    recorded_at: toInstant(payment.recordedAt),
    state: payment.state,
    reversed_at: orNull(payment.reversal?.at, toInstant),
    reversed_by: payment.reversal?.by ?? null,
    reversal_reason: payment.reversal?.reason ?? null,
  };
}

export function toAllocationRows(payment: HandPayment): NewRow<'hand_payment_allocations'>[] {
  return payment.allocations.map(({ invoiceId, amount }) => ({
    bucket: bucketOf(payment.id),
    merchant_id: toUuid(payment.merchantId),
    hand_payment_id: toUuid(payment.id),
    invoice_id: toUuid(invoiceId),
    currency: amount.currency,
    amount_minor: amount.minor,
    live: payment.state === 'booked',
  }));
}

export function fromAllocationRow(row: Tables['hand_payment_allocations']): HandAllocation {
  return {
    invoiceId: fromUuid('inv', row.invoice_id),
    amount: fromAmount(row.amount_minor, row.currency),
  };
}

export function fromPaymentRow(
  row: Tables['hand_payments'],
  allocations: readonly HandAllocation[],
): HandPayment {
  return {
    id: fromUuid('hpy', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    method: row.method as HandPayment['method'],
    ...given('rail', row.rail, asIs),
    amount: fromAmount(row.amount_minor, row.currency),
    reference: row.reference,
    receivedAt: fromInstant(row.received_at),
    businessDate: fromDate(row.business_date),
    ...given('bankLineId', row.bank_line_id, (uuid) => fromUuid('bsl', uuid)),
    ...given('payLinkId', row.pay_link_id, (uuid) => fromUuid('plk', uuid)),
    recordedBy: row.recorded_by,
    note: row.note,
    recordedAt: fromInstant(row.recorded_at),
    allocations,
    toBalance: fromAmount(row.to_balance_minor, row.currency),
    ...given('grantId', row.grant_id, (uuid) => fromUuid('crg', uuid)),
    state: row.state as HandPayment['state'],
    ...given('reversal', row.reversed_at, (at) => ({
      at: fromInstant(at),
      by: present(row.reversed_by, 'who reversed a payment'),
      reason: present(row.reversal_reason, 'why a payment was reversed'),
    })),
  };
}

export function toLinkRow(link: PayLink): NewRow<'pay_links'> {
  return {
    bucket: bucketOf(link.id),
    merchant_id: toUuid(link.merchantId),
    id: toUuid(link.id),
    customer_id: toUuid(link.customerId),
    rail: link.rail,
    order_number: link.orderNumber,
    currency: link.amount.currency,
    amount_minor: link.amount.minor,
    state: link.state,
    url: link.url ?? null,
    expires_at: toInstant(link.expiresAt),
    ask_at: orNull(link.askAt, toInstant),
    ask_count: link.askCount,
    close_wanted: link.closeWanted,
    created_by: link.createdBy,
    created_at: toInstant(link.createdAt),
    ended_at: orNull(link.endedAt, toInstant),
  };
}

export function toLinkInvoiceRows(link: PayLink): NewRow<'pay_link_invoices'>[] {
  return link.invoiceIds.map((invoiceId) => ({
    bucket: bucketOf(link.id),
    merchant_id: toUuid(link.merchantId),
    pay_link_id: toUuid(link.id),
    invoice_id: toUuid(invoiceId),
    live: link.state === 'open',
  }));
}

export function fromLinkRow(row: Tables['pay_links'], invoiceIds: PayLink['invoiceIds']): PayLink {
  return {
    id: fromUuid('plk', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    invoiceIds,
    rail: row.rail,
    orderNumber: row.order_number,
    amount: fromAmount(row.amount_minor, row.currency),
    state: row.state as PayLink['state'],
    ...given('url', row.url, asIs),
    expiresAt: fromInstant(row.expires_at),
    ...given('askAt', row.ask_at, fromInstant),
    askCount: row.ask_count,
    closeWanted: row.close_wanted,
    createdBy: row.created_by,
    createdAt: fromInstant(row.created_at),
    ...given('endedAt', row.ended_at, fromInstant),
  };
}
