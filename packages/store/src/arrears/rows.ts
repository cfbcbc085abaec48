import { type Arrears, bucketOf, fromUuid, type Money, present, toUuid } from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import { asIs, fromDate, fromInstant, given, orNull, toDate, toInstant } from '../columns.ts';
import { amount, list, type Shape } from '../json-shape.ts';
import type { Tables } from '../schema.generated.ts';

const amounts: Shape<readonly Money[]> = list(amount);

export function toArrearsRow(arrears: Arrears): NewRow<'arrears_states'> {
  const { nextChange } = arrears;
  return {
    bucket: bucketOf(arrears.customerId),
    merchant_id: toUuid(arrears.merchantId),
    customer_id: toUuid(arrears.customerId),
    state: arrears.state,
    since: toDate(arrears.since),
    changed_at: toInstant(arrears.changedAt),
    warned_on: orNull(arrears.warnedOn, toDate),
    held_by: orNull(arrears.heldBy, asIs),
    earliest_unpaid: orNull(arrears.earliestUnpaid, toDate),
    unpaid_invoices: arrears.unpaidInvoices,
    unpaid: amounts.to(arrears.unpaid),
    next_change_on: orNull(nextChange?.on, toDate),
    next_change_at: orNull(nextChange?.at, toInstant),
    next_change_state: orNull(nextChange?.state, asIs),
    next_look_at: orNull(arrears.nextLookAt, toInstant),
  };
}

export function fromArrearsRow(row: Tables['arrears_states']): Arrears {
  return {
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    state: row.state as Arrears['state'],
    since: fromDate(row.since),
    changedAt: fromInstant(row.changed_at),
    ...given('warnedOn', row.warned_on, fromDate),
    ...given('heldBy', row.held_by, (word) => word as NonNullable<Arrears['heldBy']>),
    ...given('earliestUnpaid', row.earliest_unpaid, fromDate),
    unpaidInvoices: row.unpaid_invoices,
    unpaid: amounts.from(row.unpaid),
    ...given('nextChange', row.next_change_on, (on) => ({
      on: fromDate(on),
      at: fromInstant(present(row.next_change_at, 'the moment of a change')),
      state: present(row.next_change_state, 'the state of a change') as Arrears['state'],
    })),
    ...given('nextLookAt', row.next_look_at, fromInstant),
  };
}
