import { bucketOf, fromUuid, type MoneyException, type PaymentReturn, toUuid } from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import { asIs, fromAmount, fromInstant, given, idOrNull, orNull, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

export function toExceptionRow(exception: MoneyException): NewRow<'money_exceptions'> {
  return {
    bucket: bucketOf(exception.id),
    merchant_id: toUuid(exception.merchantId),
    id: toUuid(exception.id),
    customer_id: toUuid(exception.customerId),
    kind: exception.kind,
    debit_id: toUuid(exception.debitId),
    attempt_id: toUuid(exception.attemptId),
    rail: exception.rail,
    order_number: exception.orderNumber,
    rail_reference: exception.railReference,
    currency: exception.amount.currency,
    amount_minor: exception.amount.minor,
    happened_at: toInstant(exception.happenedAt),
    detail: exception.detail,
    owner: exception.owner,
    state: exception.state,
    act_at: orNull(exception.actAt, toInstant),
    decided_by: exception.decidedBy ?? null,
    grant_id: idOrNull(exception.grantId),
    opened_at: toInstant(exception.openedAt),
    ended_at: orNull(exception.endedAt, toInstant),
  };
}

export function fromExceptionRow(row: Tables['money_exceptions']): MoneyException {
  return {
    id: fromUuid('exc', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    kind: row.kind as MoneyException['kind'],
    debitId: fromUuid('dbt', row.debit_id),
    attemptId: fromUuid('att', row.attempt_id),
    rail: row.rail,
    orderNumber: row.order_number,
    railReference: row.rail_reference,
    amount: fromAmount(row.amount_minor, row.currency),
    happenedAt: fromInstant(row.happened_at),
    detail: row.detail,
    owner: row.owner,
    state: row.state as MoneyException['state'],
    ...given('actAt', row.act_at, fromInstant),
    ...given('decidedBy', row.decided_by, asIs),
    ...given('grantId', row.grant_id, (uuid) => fromUuid('crg', uuid)),
    openedAt: fromInstant(row.opened_at),
    ...given('endedAt', row.ended_at, fromInstant),
  };
}

export function toReturnRow(one: PaymentReturn): NewRow<'payment_returns'> {
  return {
    bucket: bucketOf(one.id),
    merchant_id: toUuid(one.merchantId),
    id: toUuid(one.id),
    customer_id: toUuid(one.customerId),
    payment_id: toUuid(one.paymentId),
    debit_id: toUuid(one.debitId),
    rail: one.rail,
    rail_reference: one.railReference,
    currency: one.amount.currency,
    amount_minor: one.amount.minor,
    code: one.code,
    message: one.message,
    mandate_gone: one.mandateGone,
    returned_at: toInstant(one.returnedAt),
    recorded_at: toInstant(one.recordedAt),
  };
}

export function fromReturnRow(row: Tables['payment_returns']): PaymentReturn {
  return {
    id: fromUuid('rtn', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    paymentId: fromUuid('pay', row.payment_id),
    debitId: fromUuid('dbt', row.debit_id),
    rail: row.rail,
    railReference: row.rail_reference,
    amount: fromAmount(row.amount_minor, row.currency),
    code: row.code,
    message: row.message,
    mandateGone: row.mandate_gone,
    returnedAt: fromInstant(row.returned_at),
    recordedAt: fromInstant(row.recorded_at),
  };
}
