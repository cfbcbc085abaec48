import {
  type Break,
  bucketOf,
  bucketOfKey,
  fromUuid,
  invariant,
  type MerchantId,
  parseOrderNumber,
  type RailBill,
  type RailBillId,
  type RailBillLine,
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

/** The bucket of the debit that an order number names; its hash when it is none of ours. */
export function bucketOfOrderNumber(orderNumber: string): number {
  const parsed = parseOrderNumber(orderNumber);
  return parsed === undefined ? bucketOfKey(orderNumber) : bucketOf(parsed.debitId);
}

export function toBillRow(bill: RailBill): NewRow<'rail_bills'> {
  invariant(bill.fee.currency === bill.total.currency, 'a bill has one currency');
  return {
    merchant_id: toUuid(bill.merchantId),
    id: toUuid(bill.id),
    rail: bill.rail,
    business_date: toDate(bill.businessDate),
    content_hash: bill.contentHash,
    state: bill.state,
    row_count: bill.rowCount,
    matched_count: bill.matchedCount,
    break_count: bill.breakCount,
    currency: bill.total.currency,
    total_minor: bill.total.minor,
    fee_minor: bill.fee.minor,
    fetched_at: toInstant(bill.fetchedAt),
  };
}

export function fromBillRow(row: Tables['rail_bills']): RailBill {
  return {
    id: fromUuid('bil', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    rail: row.rail,
    businessDate: fromDate(row.business_date),
    contentHash: row.content_hash,
    state: row.state as RailBill['state'],
    rowCount: row.row_count,
    matchedCount: row.matched_count,
    breakCount: row.break_count,
    total: fromAmount(row.total_minor, row.currency),
    fee: fromAmount(row.fee_minor, row.currency),
    fetchedAt: fromInstant(row.fetched_at),
  };
}

export function toLineRow(
  line: RailBillLine,
  keys: { readonly merchant: MerchantId; readonly bill: RailBillId },
): NewRow<'rail_bill_lines'> {
  return {
    bucket: bucketOfOrderNumber(line.orderNumber),
    merchant_id: toUuid(keys.merchant),
    bill_id: toUuid(keys.bill),
    line_number: line.lineNumber,
    kind: line.kind,
    order_number: line.orderNumber,
    rail_reference: line.railReference,
    refund_number: orNull(line.refundNumber, asIs),
    currency: line.amount.currency,
    amount_minor: line.amount.minor,
    fee_currency: line.fee.currency,
    fee_minor: line.fee.minor,
    at: toInstant(line.at),
  };
}

export function fromLineRow(row: Tables['rail_bill_lines']): RailBillLine {
  return {
    lineNumber: row.line_number,
    kind: row.kind as RailBillLine['kind'],
    orderNumber: row.order_number,
    railReference: row.rail_reference,
    ...given('refundNumber', row.refund_number, asIs),
    amount: fromAmount(row.amount_minor, row.currency),
    fee: fromAmount(row.fee_minor, row.fee_currency),
    at: fromInstant(row.at),
  };
}

export function toBreakRow(found: Break): NewRow<'breaks'> {
  return {
    bucket: bucketOfOrderNumber(found.orderNumber),
    merchant_id: toUuid(found.merchantId),
    id: toUuid(found.id),
    bill_id: toUuid(found.billId),
    rail: found.rail,
    business_date: toDate(found.businessDate),
    class: found.class,
    order_number: found.orderNumber,
    attempt_id: idOrNull(found.attemptId),
    rail_currency: found.railAmount?.currency ?? null,
    rail_minor: found.railAmount?.minor ?? null,
    our_currency: found.ourAmount?.currency ?? null,
    our_minor: found.ourAmount?.minor ?? null,
    state: found.state,
    opened_at: toInstant(found.openedAt),
  };
}
