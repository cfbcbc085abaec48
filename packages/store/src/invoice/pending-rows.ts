import { bucketOf, fromUuid, type PendingLine, toUuid } from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import { fromDate, fromInstant, given, idOrNull, toDate, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';
import { fromLineColumns, toLineColumns } from './line-rows.ts';

export function toPendingRow(pending: PendingLine): NewRow<'pending_lines'> {
  const { line } = pending;
  return {
    bucket: bucketOf(pending.id),
    merchant_id: toUuid(pending.merchantId),
    id: toUuid(pending.id),
    customer_id: toUuid(pending.customerId),
    subscription_id: toUuid(pending.subscriptionId),
    state: pending.state,
    not_before: toDate(pending.notBefore),
    invoice_id: idOrNull(pending.invoiceId),
    created_at: toInstant(pending.createdAt),
    currency: line.amount.currency,
    line_subscription_id:
      line.subscriptionId === pending.subscriptionId ? null : toUuid(line.subscriptionId),
    ...toLineColumns(line, line.amount.currency),
  };
}

export function fromPendingRow(row: Tables['pending_lines']): PendingLine {
  const subscriptionId = fromUuid('sub', row.subscription_id);
  return {
    id: fromUuid('pli', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    subscriptionId,
    state: row.state as PendingLine['state'],
    notBefore: fromDate(row.not_before),
    line: fromLineColumns(row, {
      subscription:
        row.line_subscription_id === null
          ? subscriptionId
          : fromUuid('sub', row.line_subscription_id),
      currency: row.currency,
    }),
    ...given('invoiceId', row.invoice_id, (uuid) => fromUuid('inv', uuid)),
    createdAt: fromInstant(row.created_at),
  };
}
