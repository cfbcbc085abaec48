import { bucketOf, type Debit, fromUuid, type InvoiceId, type Payment, toUuid } from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import {
  asIs,
  fromAmount,
  fromDate,
  fromInstant,
  given,
  orNull,
  toDate,
  toInstant,
} from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

export function toDebitRow(debit: Debit): NewRow<'debits'> {
  return {
    bucket: bucketOf(debit.id),
    merchant_id: toUuid(debit.merchantId),
    id: toUuid(debit.id),
    customer_id: toUuid(debit.customerId),
    mandate_id: toUuid(debit.mandateId),
    rail: debit.rail,
    state: debit.state,
    currency: debit.amount.currency,
    amount_minor: debit.amount.minor,
    due_date: toDate(debit.dueDate),
    collect_at: toInstant(debit.collectAt),
    collect_date: toDate(debit.collectDate),
    announce_at: orNull(debit.announceAt, toInstant),
    attempt_count: debit.attemptCount,
    blocked_by: orNull(debit.blockedBy, asIs),
    moved_from: orNull(debit.movedFrom, toUuid),
    released_by: debit.released?.by ?? null,
    released_at: orNull(debit.released?.at, toInstant),
    returned_at: orNull(debit.returnedAt, toInstant),
    created_at: toInstant(debit.createdAt),
  };
}

/**
 * Whether a debit keeps its invoices from every other: it may take money for them, or has and the
 * payer's bank has left it there.
 */
export function holdsInvoices({ state, returnedAt }: Debit): boolean {
  return state !== 'failed' && state !== 'canceled' && returnedAt === undefined;
}

export function toDebitInvoiceRows(debit: Debit): readonly NewRow<'debit_invoices'>[] {
  return debit.invoiceIds.map((invoiceId, index) => ({
    bucket: bucketOf(debit.id),
    merchant_id: toUuid(debit.merchantId),
    debit_id: toUuid(debit.id),
    invoice_id: toUuid(invoiceId),
    position: index + 1,
    holds: holdsInvoices(debit),
  }));
}

export function fromDebitRow(row: Tables['debits'], invoiceIds: readonly InvoiceId[]): Debit {
  return {
    id: fromUuid('dbt', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    mandateId: fromUuid('man', row.mandate_id),
    rail: row.rail,
    state: row.state as Debit['state'],
    amount: fromAmount(row.amount_minor, row.currency),
    invoiceIds,
    dueDate: fromDate(row.due_date),
    collectAt: fromInstant(row.collect_at),
    collectDate: fromDate(row.collect_date),
    ...given('announceAt', row.announce_at, fromInstant),
    attemptCount: row.attempt_count,
    ...given('blockedBy', row.blocked_by, asIs),
    ...given('movedFrom', row.moved_from, (id) => fromUuid('dbt', id)),
    ...given('released', toRelease(row), asIs),
    ...given('returnedAt', row.returned_at, fromInstant),
    createdAt: fromInstant(row.created_at),
  };
}

function toRelease(row: Tables['debits']): NonNullable<Debit['released']> | null {
  if (row.released_by === null || row.released_at === null) return null;
  return { by: row.released_by, at: fromInstant(row.released_at) };
}

export function toPaymentRow(payment: Payment): NewRow<'payments'> {
  return {
    bucket: bucketOf(payment.id),
    merchant_id: toUuid(payment.merchantId),
    id: toUuid(payment.id),
    customer_id: toUuid(payment.customerId),
    debit_id: toUuid(payment.debitId),
    attempt_id: toUuid(payment.attemptId),
    rail: payment.rail,
    rail_reference: payment.railReference,
    currency: payment.amount.currency,
    amount_minor: payment.amount.minor,
    paid_at: toInstant(payment.paidAt),
    business_date: toDate(payment.businessDate),
  };
}

export function fromPaymentRow(row: Tables['payments']): Payment {
  return {
    id: fromUuid('pay', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    debitId: fromUuid('dbt', row.debit_id),
    attemptId: fromUuid('att', row.attempt_id),
    rail: row.rail,
    railReference: row.rail_reference,
    amount: fromAmount(row.amount_minor, row.currency),
    paidAt: fromInstant(row.paid_at),
    businessDate: fromDate(row.business_date),
  };
}
