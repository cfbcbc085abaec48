import { bucketOf, fromUuid, type Id, type Journal, toUuid } from '@daikou/core';
import type { NewRow } from '../array-write.ts';
import {
  fromCurrency,
  fromDate,
  fromInstant,
  given,
  idOrNull,
  toDate,
  toInstant,
} from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

export function toJournalRow(journal: Journal): NewRow<'journals'> {
  return {
    bucket: bucketOf(journal.id),
    merchant_id: toUuid(journal.merchantId),
    id: toUuid(journal.id),
    customer_id: idOrNull(journal.customerId),
    template: journal.template,
    source_id: toUuid(journal.sourceId),
    source_kind: journal.sourceId.slice(0, 3),
    business_date: toDate(journal.businessDate),
    currency: journal.currency,
    entry_count: journal.entries.length,
    posted_at: toInstant(journal.postedAt),
  };
}

export function toEntryRows(journal: Journal): readonly NewRow<'entries'>[] {
  return journal.entries.map((entry, index) => ({
    bucket: bucketOf(journal.id),
    merchant_id: toUuid(journal.merchantId),
    journal_id: toUuid(journal.id),
    position: index + 1,
    account: entry.account,
    minor: entry.minor,
  }));
}

export function fromJournalRow(
  row: Tables['journals'],
  entries: readonly Tables['entries'][],
): Journal {
  return {
    id: fromUuid('jrn', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    ...given('customerId', row.customer_id, (id) => fromUuid('cus', id)),
    template: row.template,
    sourceId: fromUuid(row.source_kind as 'inv', row.source_id) as Id,
    businessDate: fromDate(row.business_date),
    currency: fromCurrency(row.currency),
    entries: entries.map(({ account, minor }) => ({ account, minor })),
    postedAt: fromInstant(row.posted_at),
  };
}
