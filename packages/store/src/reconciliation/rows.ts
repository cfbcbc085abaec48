import {
  type Break,
  type BreakEnd,
  bucketOf,
  bucketOfKey,
  fromUuid,
  invariant,
  type MerchantId,
  type Money,
  parseOrderNumber,
  parsePayLinkNumber,
  parseRefundNumber,
  present,
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

/** The bucket of the debit, pay link or refund that a number names; else the number's hash. */
export function bucketOfOrderNumber(orderNumber: string): number {
  const id =
    parseOrderNumber(orderNumber)?.debitId ??
    parsePayLinkNumber(orderNumber) ??
    parseRefundNumber(orderNumber);
  return id === undefined ? bucketOfKey(orderNumber) : bucketOf(id);
}

export function toBillRow(bill: RailBill): NewRow<'rail_bills'> {
  const { currency } = bill.total;
  invariant(
    bill.fee.currency === currency && bill.refunded.currency === currency,
    'a bill has one currency',
  );
  return {
    merchant_id: toUuid(bill.merchantId),
    id: toUuid(bill.id),
    rail: bill.rail,
    business_date: toDate(bill.businessDate),
    content_hash: bill.contentHash,
    issue: bill.issue,
    state: bill.state,
    row_count: bill.rowCount,
    matched_count: bill.matchedCount,
    break_count: bill.breakCount,
    currency,
    total_minor: bill.total.minor,
    refund_minor: bill.refunded.minor,
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
    issue: row.issue,
    state: row.state as RailBill['state'],
    rowCount: row.row_count,
    matchedCount: row.matched_count,
    breakCount: row.break_count,
    total: fromAmount(row.total_minor, row.currency),
    refunded: fromAmount(row.refund_minor, row.currency),
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
    is_pending: line.isPending === true,
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
    ...(row.is_pending ? { isPending: true } : {}),
    amount: fromAmount(row.amount_minor, row.currency),
    fee: fromAmount(row.fee_minor, row.fee_currency),
    at: fromInstant(row.at),
  };
}

export function toBreakRow(found: Break): NewRow<'breaks'> {
  const { end } = found;
  return {
    bucket: bucketOfOrderNumber(found.orderNumber),
    merchant_id: toUuid(found.merchantId),
    id: toUuid(found.id),
    bill_id: idOrNull(found.billId),
    rail: found.rail,
    business_date: toDate(found.businessDate),
    class: found.class,
    order_number: found.orderNumber,
    refund_number: orNull(found.refundNumber, asIs),
    line_number: orNull(found.lineNumber, asIs),
    attempt_id: idOrNull(found.attemptId),
    ...toAmountColumns('rail', found.railAmount),
    ...toAmountColumns('our', found.ourAmount),
    ...toAmountColumns('difference', found.difference),
    owner: found.owner,
    suggested_action: found.suggestedAction,
    root_cause: found.rootCause,
    state: found.state,
    opened_at: toInstant(found.openedAt),
    parked_by: idOrNull(found.parkedBy),
    resolved_at: orNull(end?.at, toInstant),
    resolved_by: orNull(end?.by, asIs),
    resolution: orNull(end?.how, asIs),
    evidence_kind: orNull(end?.evidence.kind, asIs),
    evidence: orNull(end?.evidence.reference, asIs),
    note: orNull(found.note, asIs),
  };
}

type AmountColumns<P extends string> = { readonly [K in `${P}_currency`]: string | null } & {
  readonly [K in `${P}_minor`]: bigint | null;
};

function toAmountColumns<P extends string>(prefix: P, amount: Money | undefined): AmountColumns<P> {
  return {
    [`${prefix}_currency`]: amount?.currency ?? null,
    [`${prefix}_minor`]: amount?.minor ?? null,
  } as AmountColumns<P>;
}

export function fromBreakRow(row: Tables['breaks']): Break {
  const end = fromEndColumns(row);
  return {
    id: fromUuid('brk', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    ...given('billId', row.bill_id, (id) => fromUuid('bil', id)),
    rail: row.rail,
    businessDate: fromDate(row.business_date),
    class: row.class as Break['class'],
    orderNumber: row.order_number,
    ...given('refundNumber', row.refund_number, asIs),
    ...given('lineNumber', row.line_number, asIs),
    ...given('attemptId', row.attempt_id, (id) => fromUuid('att', id)),
    ...fromAmountColumns('railAmount', row.rail_minor, row.rail_currency),
    ...fromAmountColumns('ourAmount', row.our_minor, row.our_currency),
    ...fromAmountColumns('difference', row.difference_minor, row.difference_currency),
    owner: row.owner,
    suggestedAction: row.suggested_action as Break['suggestedAction'],
    rootCause: row.root_cause as Break['rootCause'],
    state: row.state as Break['state'],
    openedAt: fromInstant(row.opened_at),
    ...given('parkedBy', row.parked_by, (id) => fromUuid('jrn', id)),
    ...given('note', row.note, asIs),
    ...(end && { end }),
  };
}

function fromAmountColumns<K extends string>(
  key: K,
  minor: bigint | null,
  currency: string | null,
) {
  return given(key, minor, (value) => fromAmount(value, present(currency, 'a currency')));
}

function fromEndColumns(row: Tables['breaks']): BreakEnd | undefined {
  if (row.resolved_at === null) return undefined;
  return {
    at: fromInstant(row.resolved_at),
    by: present(row.resolved_by, 'who resolved a break'),
    how: present(row.resolution, 'how a break ended') as BreakEnd['how'],
    evidence: {
      kind: present(row.evidence_kind, 'evidence') as BreakEnd['evidence']['kind'],
      reference: present(row.evidence, 'evidence'),
    },
  };
}
