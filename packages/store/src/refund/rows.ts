import {
  bucketOf,
  fromUuid,
  type PaidAttempt,
  parseOrderNumber,
  present,
  type Refund,
  type RefundRefusal,
  toUuid,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import { asIs, fromAmount, fromInstant, given, idOrNull, orNull, toInstant } from '../columns.ts';
import { amount, id, list, record, type Shape } from '../json-shape.ts';
import type { Tables } from '../schema.generated.ts';

const takes: Shape<Refund['takes']> = list(
  record<Refund['takes'][number]>({ invoiceId: id('inv'), amount }),
);
const draws: Shape<Refund['draws']> = list(
  record<Refund['draws'][number]>({ grantId: id('crg'), amount }),
);

type Row = NewRow<'refunds'>;

export function toRefundRow(refund: Refund): Row {
  return {
    bucket: bucketOf(refund.id),
    merchant_id: toUuid(refund.merchantId),
    id: toUuid(refund.id),
    customer_id: toUuid(refund.customerId),
    source: refund.source,
    route: refund.route,
    payment_id: idOrNull(refund.paymentId),
    exception_id: idOrNull(refund.exceptionId),
    ...toOrderColumns(refund.order),
    refund_number: refund.refundNumber,
    currency: refund.amount.currency,
    amount_minor: refund.amount.minor,
    processing_minor: refund.processing.minor,
    takes: takes.to(refund.takes),
    draws: draws.to(refund.draws),
    reason: refund.reason,
    remark: refund.remark,
    requested_by: refund.requestedBy,
    approval_hash: refund.approvalHash,
    created_at: toInstant(refund.createdAt),
    ...toProgressColumns(refund),
  };
}

type OrderColumns = Pick<
  Row,
  'attempt_id' | 'rail' | 'order_number' | 'payment_reference' | 'paid_minor' | 'paid_at'
>;

function toOrderColumns(order: PaidAttempt | undefined): OrderColumns {
  return {
    attempt_id: idOrNull(order?.attemptId),
    rail: order?.rail ?? null,
    order_number: order?.orderNumber ?? null,
    payment_reference: order?.paymentReference ?? null,
    paid_minor: order?.paid.minor ?? null,
    paid_at: orNull(order?.paidAt, toInstant),
  };
}

function toProgressColumns(refund: Refund) {
  return {
    state: refund.state,
    review: refund.review ?? null,
    approve_by: orNull(refund.approveBy, toInstant),
    approved_by: refund.approval?.by ?? null,
    approved_at: orNull(refund.approval?.at, toInstant),
    due_at: orNull(refund.dueAt, toInstant),
    submitted_at: orNull(refund.submittedAt, toInstant),
    ask_at: orNull(refund.askAt, toInstant),
    ask_count: refund.askCount,
    rail_reference: refund.railReference ?? null,
    refusal_class: refund.refusal?.class ?? null,
    refusal_code: refund.refusal?.code ?? null,
    refusal_message: refund.refusal?.message ?? null,
    refunded_at: orNull(refund.refundedAt, toInstant),
    transfer_reference: refund.transferReference ?? null,
    grant_id: idOrNull(refund.grantId),
    ended_at: orNull(refund.endedAt, toInstant),
  };
}

export function fromRefundRow(row: Tables['refunds']): Refund {
  return {
    id: fromUuid('rfd', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    source: row.source as Refund['source'],
    route: row.route as Refund['route'],
    ...given('paymentId', row.payment_id, (uuid) => fromUuid('pay', uuid)),
    ...given('exceptionId', row.exception_id, (uuid) => fromUuid('exc', uuid)),
    ...given('order', fromOrderColumns(row), asIs),
    refundNumber: row.refund_number,
    amount: fromAmount(row.amount_minor, row.currency),
    processing: fromAmount(row.processing_minor, row.currency),
    takes: takes.from(row.takes),
    draws: draws.from(row.draws),
    reason: row.reason as Refund['reason'],
    remark: row.remark,
    requestedBy: row.requested_by,
    approvalHash: row.approval_hash,
    createdAt: fromInstant(row.created_at),
    ...fromProgressColumns(row),
  };
}

type Progress = Omit<
  Refund,
  | 'id'
  | 'merchantId'
  | 'customerId'
  | 'source'
  | 'route'
  | 'paymentId'
  | 'exceptionId'
  | 'order'
  | 'refundNumber'
  | 'amount'
  | 'processing'
  | 'takes'
  | 'draws'
  | 'reason'
  | 'remark'
  | 'requestedBy'
  | 'approvalHash'
  | 'createdAt'
>;

function fromOrderColumns(row: Tables['refunds']): PaidAttempt | null {
  if (row.attempt_id === null) return null;
  const orderNumber = present(row.order_number, 'the order number of a refund');
  const { debitId } = present(parseOrderNumber(orderNumber), 'a number of ours');
  return {
    debitId,
    attemptId: fromUuid('att', row.attempt_id),
    rail: present(row.rail, 'the rail of a refund'),
    orderNumber,
    paymentReference: present(row.payment_reference, 'the payment of a refund'),
    paid: fromAmount(present(row.paid_minor, 'what was paid'), row.currency),
    paidAt: fromInstant(present(row.paid_at, 'when it was paid')),
  };
}

function fromProgressColumns(row: Tables['refunds']): Progress {
  return {
    state: row.state as Refund['state'],
    ...given('review', row.review as NonNullable<Refund['review']> | null, asIs),
    ...given('approveBy', row.approve_by, fromInstant),
    ...given('approval', row.approved_by, (by) => ({
      by,
      at: fromInstant(present(row.approved_at, 'the time of an approval')),
    })),
    ...given('dueAt', row.due_at, fromInstant),
    ...given('submittedAt', row.submitted_at, fromInstant),
    ...given('askAt', row.ask_at, fromInstant),
    askCount: row.ask_count,
    ...given('railReference', row.rail_reference, asIs),
    ...given(
      'refusal',
      row.refusal_class,
      (refusalClass): RefundRefusal => ({
        class: refusalClass as RefundRefusal['class'],
        code: row.refusal_code ?? '',
        message: row.refusal_message ?? '',
      }),
    ),
    ...given('refundedAt', row.refunded_at, fromInstant),
    ...given('transferReference', row.transfer_reference, asIs),
    ...given('grantId', row.grant_id, (uuid) => fromUuid('crg', uuid)),
    ...given('endedAt', row.ended_at, fromInstant),
  };
}
