import {
  type AccountLabel,
  bucketOf,
  fromUuid,
  type Mandate,
  type MandateEnder,
  toUuid,
} from '@daikou/core';
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

export function toMandateRow(mandate: Mandate): NewRow<'mandates'> {
  return {
    bucket: bucketOf(mandate.id),
    merchant_id: toUuid(mandate.merchantId),
    id: toUuid(mandate.id),
    customer_id: toUuid(mandate.customerId),
    rail: mandate.rail,
    state: mandate.state,
    contract_code: mandate.contractCode,
    display_account: mandate.displayAccount,
    rail_reference: orNull(mandate.railReference, asIs),
    payer_reference: orNull(mandate.payerReference, asIs),
    account_kind: orNull(mandate.account?.kind, asIs),
    account_issuer: orNull(mandate.account?.issuer, asIs),
    account_bin: orNull(mandate.account?.bin, asIs),
    account_last_four: orNull(mandate.account?.lastFour, asIs),
    account_card_type: orNull(mandate.account?.cardType, asIs),
    account_expires_on: orNull(mandate.account?.expiresOn, toDate),
    currency: mandate.singleCap.currency,
    single_cap_minor: mandate.singleCap.minor,
    first_planned_date: orNull(mandate.firstPlannedDate, toDate),
    planned_date: orNull(mandate.plannedDate, toDate),
    preference: orNull(mandate.preference, asIs),
    signed_at: orNull(mandate.signedAt, toInstant),
    ended_at: orNull(mandate.endedAt, toInstant),
    ended_by: orNull(mandate.endedBy, asIs),
    last_rail_event_at: orNull(mandate.lastRailEventAt, toInstant),
    created_at: toInstant(mandate.createdAt),
  };
}

export function fromMandateRow(row: Tables['mandates']): Mandate {
  return {
    id: fromUuid('man', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    rail: row.rail,
    state: row.state as Mandate['state'],
    contractCode: row.contract_code,
    displayAccount: row.display_account,
    ...given('railReference', row.rail_reference, asIs),
    ...given('payerReference', row.payer_reference, asIs),
    ...given('account', toLabel(row), asIs),
    singleCap: fromAmount(row.single_cap_minor, row.currency),
    ...given('firstPlannedDate', row.first_planned_date, fromDate),
    ...given('plannedDate', row.planned_date, fromDate),
    ...given('preference', row.preference, asIs),
    ...given('signedAt', row.signed_at, fromInstant),
    ...given('endedAt', row.ended_at, fromInstant),
    ...given('endedBy', row.ended_by, (text) => text as MandateEnder),
    ...given('lastRailEventAt', row.last_rail_event_at, fromInstant),
    createdAt: fromInstant(row.created_at),
  };
}

function toLabel(row: Tables['mandates']): AccountLabel | null {
  if (row.account_kind === null || row.account_last_four === null) return null;
  return {
    kind: row.account_kind as AccountLabel['kind'],
    ...given('issuer', row.account_issuer, asIs),
    ...given('bin', row.account_bin, asIs),
    lastFour: row.account_last_four,
    ...given('cardType', row.account_card_type, (type) => type as 'debit'),
    ...given('expiresOn', row.account_expires_on, fromDate),
  };
}
