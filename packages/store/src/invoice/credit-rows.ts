import {
  bucketOf,
  type CreditGrant,
  type CreditNote,
  type CreditNoteLine,
  fromUuid,
  type GrantUse,
  invariant,
  type MerchantId,
  toUuid,
} from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import {
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

export function toGrantRow(grant: CreditGrant): NewRow<'credit_grants'> {
  invariant(grant.amount.currency === grant.left.currency, 'a grant has one currency');
  return {
    bucket: bucketOf(grant.id),
    merchant_id: toUuid(grant.merchantId),
    id: toUuid(grant.id),
    customer_id: toUuid(grant.customerId),
    kind: grant.kind,
    currency: grant.amount.currency,
    amount_minor: grant.amount.minor,
    left_minor: grant.left.minor,
    expires_on: orNull(grant.expiresOn, toDate),
    name_zh: grant.nameZh,
    name_en: grant.nameEn,
    reference: grant.reference ?? null,
    created_at: toInstant(grant.createdAt),
  };
}

export function fromGrantRow(row: Tables['credit_grants']): CreditGrant {
  return {
    id: fromUuid('crg', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    kind: row.kind as CreditGrant['kind'],
    amount: fromAmount(row.amount_minor, row.currency),
    left: fromAmount(row.left_minor, row.currency),
    ...given('expiresOn', row.expires_on, fromDate),
    nameZh: row.name_zh,
    nameEn: row.name_en,
    ...given('reference', row.reference, (text) => text),
    createdAt: fromInstant(row.created_at),
  };
}

export function toUseRow(use: GrantUse, merchant: MerchantId): NewRow<'grant_uses'> {
  return {
    bucket: bucketOf(use.invoiceId),
    merchant_id: toUuid(merchant),
    invoice_id: toUuid(use.invoiceId),
    grant_id: toUuid(use.grantId),
    currency: use.amount.currency,
    amount_minor: use.amount.minor,
  };
}

export function fromUseRow(row: Tables['grant_uses']): GrantUse {
  return {
    grantId: fromUuid('crg', row.grant_id),
    invoiceId: fromUuid('inv', row.invoice_id),
    amount: fromAmount(row.amount_minor, row.currency),
  };
}

export function toNoteRow(note: CreditNote): NewRow<'credit_notes'> {
  return {
    bucket: bucketOf(note.id),
    merchant_id: toUuid(note.merchantId),
    id: toUuid(note.id),
    customer_id: toUuid(note.customerId),
    invoice_id: toUuid(note.invoiceId),
    number: note.number,
    reason: note.reason,
    disposition: note.disposition,
    grant_id: idOrNull(note.grantId),
    refund_id: idOrNull(note.refundId),
    currency: note.total.currency,
    total_minor: note.total.minor,
    net_minor: note.net.minor,
    tax_minor: note.tax.minor,
    issued_at: toInstant(note.issuedAt),
  };
}

export function toNoteLineRows(note: CreditNote): readonly NewRow<'credit_note_lines'>[] {
  return note.lines.map((line) => {
    invariant(line.amount.currency === note.total.currency, 'a credit note has one currency');
    return {
      bucket: bucketOf(note.id),
      merchant_id: toUuid(note.merchantId),
      credit_note_id: toUuid(note.id),
      position: line.position,
      invoice_id: toUuid(note.invoiceId),
      amount_minor: line.amount.minor,
      net_minor: line.net.minor,
      tax_minor: line.tax.minor,
    };
  });
}

export function fromNoteRow(
  row: Tables['credit_notes'],
  lines: readonly Tables['credit_note_lines'][],
): CreditNote {
  return {
    id: fromUuid('cdn', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    invoiceId: fromUuid('inv', row.invoice_id),
    number: row.number,
    reason: row.reason as CreditNote['reason'],
    disposition: row.disposition as CreditNote['disposition'],
    ...given('grantId', row.grant_id, (uuid) => fromUuid('crg', uuid)),
    ...given('refundId', row.refund_id, (uuid) => fromUuid('rfd', uuid)),
    lines: lines.map((line) => fromNoteLineRow(line, row.currency)),
    total: fromAmount(row.total_minor, row.currency),
    net: fromAmount(row.net_minor, row.currency),
    tax: fromAmount(row.tax_minor, row.currency),
    issuedAt: fromInstant(row.issued_at),
  };
}

function fromNoteLineRow(row: Tables['credit_note_lines'], currency: string): CreditNoteLine {
  return {
    position: row.position,
    amount: fromAmount(row.amount_minor, currency),
    net: fromAmount(row.net_minor, currency),
    tax: fromAmount(row.tax_minor, currency),
  };
}
