import { type Attempt, type AttemptRefusal, bucketOf, fromUuid, toUuid } from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import { asIs, fromAmount, fromInstant, given, orNull, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

export function toAttemptRow(attempt: Attempt): NewRow<'attempts'> {
  return {
    bucket: bucketOf(attempt.id),
    merchant_id: toUuid(attempt.merchantId),
    id: toUuid(attempt.id),
    customer_id: toUuid(attempt.customerId),
    debit_id: toUuid(attempt.debitId),
    rail: attempt.rail,
    ordinal: attempt.ordinal,
    order_number: attempt.orderNumber,
    state: attempt.state,
    currency: attempt.amount.currency,
    amount_minor: attempt.amount.minor,
    submitted_at: toInstant(attempt.submittedAt),
    ask_at: orNull(attempt.askAt, toInstant),
    ask_count: attempt.askCount,
    rail_reference: orNull(attempt.railReference, asIs),
    refusal_class: attempt.refusal?.class ?? null,
    refusal_code: attempt.refusal?.code ?? null,
    refusal_message: attempt.refusal?.message ?? null,
    ended_at: orNull(attempt.endedAt, toInstant),
  };
}

export function fromAttemptRow(row: Tables['attempts']): Attempt {
  return {
    id: fromUuid('att', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    debitId: fromUuid('dbt', row.debit_id),
    rail: row.rail,
    ordinal: row.ordinal,
    orderNumber: row.order_number,
    state: row.state as Attempt['state'],
    amount: fromAmount(row.amount_minor, row.currency),
    submittedAt: fromInstant(row.submitted_at),
    ...given('askAt', row.ask_at, fromInstant),
    askCount: row.ask_count,
    ...given('railReference', row.rail_reference, asIs),
    ...given('refusal', row.refusal_class, (refusalClass) => fromRefusal(row, refusalClass)),
    ...given('endedAt', row.ended_at, fromInstant),
  };
}

function fromRefusal(row: Tables['attempts'], refusalClass: string): AttemptRefusal {
  return {
    class: refusalClass as AttemptRefusal['class'],
    code: row.refusal_code ?? '',
    message: row.refusal_message ?? '',
  };
}
