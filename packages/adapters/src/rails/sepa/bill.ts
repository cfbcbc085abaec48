import { createHash } from 'node:crypto';
import { type BillDownload, money, type RailBillLine } from '@daikou/core';
import type { Archive } from './archive.ts';
import { type BankEntry, readBankFile } from './bank-file.ts';
import type { SepaSettings } from './config.ts';
import { type OwnNumber, OwnNumbers, returnedMinor } from './events.ts';
import type { FileExchange } from './exchange.ts';
import type { BankInbox, StoredStatement } from './inbox.ts';
import { isTargetDay } from './target-days.ts';

/** Where a bill is read from. */
export type BillSource = {
  readonly settings: SepaSettings;
  readonly archive: Archive;
  readonly exchange: FileExchange;
  readonly inbox: BankInbox;
};

/**
 * The account's statement of a day (camt.053) as a bill: our collections, their returns and our
 * refunds; other payments of the account are left out. Notifications (camt.054) make no bill, as
 * nothing in them proves that they are all of the day.
 */
export async function fetchBill(
  source: BillSource,
  date: Temporal.PlainDate,
): Promise<BillDownload> {
  const pages = await source.inbox.statementsOf(date);
  if (pages.length === 0) {
    // No bank books a collection on a day without settlement, and most write no statement of it.
    if (!isTargetDay(date)) return { kind: 'empty' };
    const { refusal } = source.inbox;
    const setAside = refusal === undefined ? '' : ` A file of it was set aside: ${refusal}`;
    const message = `The bank has not sent the statement of this day.${setAside}`;
    return { kind: 'not_ready', message };
  }
  if (!pages.some((page) => page.isLastPage)) {
    return { kind: 'not_ready', message: 'The last page of the statement of this day is missing.' };
  }
  if (!(await hasLines(source, pages))) return { kind: 'empty' };
  const contentHash =
    pages.length === 1
      ? (pages[0]?.contentHash ?? '')
      : createHash('sha256')
          .update(pages.map((page) => page.contentHash).join('\n'))
          .digest('hex');
  return { kind: 'ready', contentHash, lines: linesOf(source, pages) };
}

async function hasLines(source: BillSource, pages: readonly StoredStatement[]): Promise<boolean> {
  for await (const _line of linesOf(source, pages)) return true;
  return false;
}

async function* linesOf(
  source: BillSource,
  pages: readonly StoredStatement[],
): AsyncGenerator<RailBillLine> {
  const { settings, archive, exchange } = source;
  const reader = { iban: settings.creditor.iban, zone: settings.zone };
  const numbers = new OwnNumbers(archive);
  // A statement that is sent again under another id repeats its entries: each counts once.
  const seen = new Set<string>();
  let lineNumber = 0;
  for (const page of pages) {
    for await (const record of readBankFile(exchange.read(page.fileName), reader)) {
      if (record.kind !== 'entry' || !isOn(record.entry, page)) continue;
      const own = await numbers.of(record.entry.endToEndId);
      const { direction, reference, endToEndId } = record.entry;
      const key = `${direction} ${reference} ${endToEndId}`;
      if (own === undefined || seen.has(key)) continue;
      seen.add(key);
      lineNumber += 1;
      yield toLine(record.entry, own, lineNumber);
    }
  }
}

function isOn(entry: BankEntry, page: StoredStatement): boolean {
  return entry.statement?.id === page.id && entry.statement.page === page.page;
}

function toLine(entry: BankEntry, own: OwnNumber, lineNumber: number): RailBillLine {
  const { endToEndId, reference, amount, bookedAt, chargesMinor } = entry;
  const base = { lineNumber, railReference: reference, at: bookedAt };
  if (own.kind === 'refund' && entry.direction === 'credit' && !entry.isReversal) {
    // Sent back by the payer's bank: money that came in, under the number of the refund.
    const fee = money(chargesMinor, 'EUR');
    return { ...base, kind: 'payment', orderNumber: endToEndId, amount, fee };
  }
  if (own.kind === 'refund') {
    return {
      ...base,
      kind: 'refund',
      orderNumber: own.sent?.refundOf ?? '',
      refundNumber: endToEndId,
      amount,
      fee: money(chargesMinor, 'EUR'),
    };
  }
  if (entry.direction === 'credit') {
    const fee = money(chargesMinor, 'EUR');
    return { ...base, kind: 'payment', orderNumber: endToEndId, amount, fee };
  }
  // A return has no number of ours: its order is named, and the bank's number of the return.
  const returned = returnedMinor(entry, own.sent);
  return {
    ...base,
    kind: 'refund',
    orderNumber: endToEndId,
    amount: money(returned, 'EUR'),
    fee: money(chargesMinor + amount.minor - returned, 'EUR'),
  };
}
