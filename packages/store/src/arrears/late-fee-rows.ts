import {
  bucketOf,
  fromUuid,
  type LateFee,
  type LateFeeLine,
  type LateFeeStop,
  type LateFeeWaiver,
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
import { date, list, record, type Shape, word } from '../json-shape.ts';
import type { Tables } from '../schema.generated.ts';

const stops: Shape<readonly LateFeeStop[]> = list(
  record<LateFeeStop>({ from: date, until: date, reason: word(), by: word() }),
);

export function toLateFeeRow(lateFee: LateFee): NewRow<'late_fees'> {
  return {
    bucket: bucketOf(lateFee.id),
    merchant_id: toUuid(lateFee.merchantId),
    id: toUuid(lateFee.id),
    customer_id: toUuid(lateFee.customerId),
    invoice_id: toUuid(lateFee.invoiceId),
    policy_id: idOrNull(lateFee.policyId),
    state: lateFee.state,
    ended_for: lateFee.endedFor ?? null,
    look_at: orNull(lateFee.lookAt, toInstant),
    stops: stops.to(lateFee.stops),
    charged_through: orNull(lateFee.chargedThrough, toDate),
    created_at: toInstant(lateFee.createdAt),
  };
}

export function fromLateFeeRow(row: Tables['late_fees']): LateFee {
  return {
    id: fromUuid('ltf', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    invoiceId: fromUuid('inv', row.invoice_id),
    ...given('policyId', row.policy_id, (uuid) => fromUuid('pol', uuid)),
    state: row.state as LateFee['state'],
    ...given('endedFor', row.ended_for as NonNullable<LateFee['endedFor']> | null, asIs),
    ...given('lookAt', row.look_at, fromInstant),
    stops: stops.from(row.stops),
    ...given('chargedThrough', row.charged_through, fromDate),
    createdAt: fromInstant(row.created_at),
  };
}

export function toLateFeeLineRow(
  charge: LateFeeLine,
  merchant: LateFee['merchantId'],
): NewRow<'late_fee_lines'> {
  return {
    bucket: bucketOf(charge.lateFeeId),
    merchant_id: toUuid(merchant),
    late_fee_id: toUuid(charge.lateFeeId),
    first_day: toDate(charge.firstDay),
    last_day: toDate(charge.lastDay),
    part: charge.part,
    pending_line_id: toUuid(charge.pendingLineId),
    currency: charge.amount.currency,
    amount_minor: charge.amount.minor,
    taken_back_minor: charge.takenBack.minor,
  };
}

export function fromLateFeeLineRow(row: Tables['late_fee_lines']): LateFeeLine {
  return {
    lateFeeId: fromUuid('ltf', row.late_fee_id),
    firstDay: fromDate(row.first_day),
    lastDay: fromDate(row.last_day),
    part: row.part,
    pendingLineId: fromUuid('pli', row.pending_line_id),
    amount: fromAmount(row.amount_minor, row.currency),
    takenBack: fromAmount(row.taken_back_minor, row.currency),
  };
}

export function toWaiverRow(waiver: LateFeeWaiver): NewRow<'late_fee_waivers'> {
  return {
    bucket: bucketOf(waiver.id),
    merchant_id: toUuid(waiver.merchantId),
    id: toUuid(waiver.id),
    customer_id: toUuid(waiver.customerId),
    late_fee_id: toUuid(waiver.lateFeeId),
    currency: waiver.amount?.currency ?? null,
    amount_minor: waiver.amount?.minor ?? null,
    reason: waiver.reason,
    state: waiver.state,
    requested_by: waiver.requestedBy,
    approval_hash: waiver.approvalHash,
    decided_by: waiver.decidedBy ?? null,
    requested_at: toInstant(waiver.requestedAt),
    decided_at: orNull(waiver.decidedAt, toInstant),
  };
}

export function fromWaiverRow(row: Tables['late_fee_waivers']): LateFeeWaiver {
  const { currency } = row;
  return {
    id: fromUuid('apr', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    lateFeeId: fromUuid('ltf', row.late_fee_id),
    ...(currency === null
      ? {}
      : given('amount', row.amount_minor, (minor) => fromAmount(minor, currency))),
    reason: row.reason,
    state: row.state as LateFeeWaiver['state'],
    requestedBy: row.requested_by,
    approvalHash: row.approval_hash,
    ...given('decidedBy', row.decided_by, asIs),
    requestedAt: fromInstant(row.requested_at),
    ...given('decidedAt', row.decided_at, fromInstant),
  };
}
