import {
  type BillDownload,
  parseContractCode,
  type RailBillLine,
  type SettlementDownload,
  type SettlementLine,
} from '@daikou/core';
import { BEIJING } from '../beijing.ts';
import { yuan } from '../bill-amounts.ts';
import { toDetail } from '../rail-text.ts';
import { openSettlement, type SettlementFiles } from './bill-archive.ts';
import { send } from './client.ts';
import type { UnionpaySettings } from './config.ts';
import { fieldOf } from './fields.ts';
import { formatTxnTime } from './order-times.ts';
import { readReply } from './replies.ts';
import {
  type CorrectionRow,
  type FileOf,
  readCorrectionRows,
  readTradeRows,
  type TradeRow,
} from './settlement-rows.ts';
import { NO_FILE } from './statuses.ts';
import { toFileRequest } from './wire.ts';

/** The file of a day, or why there is none. */
type FileReading =
  | { readonly kind: 'files'; readonly files: SettlementFiles; readonly contentHash: string }
  | Exclude<BillDownload, { readonly kind: 'ready' }>;

/** The trades of a settlement day (23:00 to 23:00 Beijing), from the file of the rail. */
export async function fetchBill(
  settings: UnionpaySettings,
  date: Temporal.PlainDate,
): Promise<BillDownload> {
  const reading = await fetchFiles(settings, date);
  if (reading.kind !== 'files') return reading;
  const file = { merId: settings.merId, date };
  const lines = billLines(reading.files, file);
  return { kind: 'ready', contentHash: reading.contentHash, lines };
}

/**
 * The same file as an account statement: every trade, its cost, the corrections, and the net of the
 * day leaving for the merchant's bank on the day after, so that a day adds up to nothing.
 */
export async function fetchSettlement(
  settings: UnionpaySettings,
  date: Temporal.PlainDate,
): Promise<SettlementDownload> {
  const reading = await fetchFiles(settings, date);
  if (reading.kind !== 'files') return reading;
  const file = { merId: settings.merId, date };
  const lines = settlementLines(reading.files, file);
  return { kind: 'ready', contentHash: reading.contentHash, lines };
}

async function fetchFiles(
  settings: UnionpaySettings,
  date: Temporal.PlainDate,
): Promise<FileReading> {
  const request = toFileRequest(settings, date, formatTxnTime(settings.now()));
  const reply = readReply(settings, request, await send(settings, 'file', request));
  if (reply.kind === 'unknown') return { kind: 'unknown', detail: reply.detail };
  const detail = toDetail(`${reply.code} ${reply.message}`);
  if (reply.code === NO_FILE) return { kind: 'not_ready', message: detail };
  const content = fieldOf(reply.fields, 'fileContent');
  if (reply.code !== '00' || content === undefined) return { kind: 'unknown', detail };
  const opened = await openSettlement(content, settings.merId);
  if (opened.kind === 'refused') return { kind: 'unknown', detail: opened.detail };
  const { files, contentHash } = opened;
  return opened.isEmpty ? { kind: 'empty' } : { kind: 'files', files, contentHash };
}

/** Debits and refunds as bill lines. A file that is not whole or not ours throws when read. */
export async function* billLines(
  files: SettlementFiles,
  file: FileOf,
): AsyncGenerator<RailBillLine> {
  for await (const row of readTradeRows(files.trades(), file)) yield toBillLine(row);
  // Corrections are no trades of ours; that they can be read is part of the file being whole.
  for await (const _ of readCorrectionRows(files.corrections(), file));
}

function toBillLine(row: TradeRow): RailBillLine {
  const { lineNumber, kind, at } = row;
  const common = {
    lineNumber,
    kind,
    railReference: row.queryId,
    amount: yuan(row.amount),
    fee: yuan(row.fee),
    at,
  };
  const isNamed = parseContractCode(row.reserved) !== undefined;
  const contract = isNamed ? { contractCode: row.reserved } : {};
  return kind === 'payment'
    ? { ...common, orderNumber: row.orderId, ...contract }
    : { ...common, orderNumber: row.originalOrderId, refundNumber: row.orderId };
}

/** The statement of one day; its lines add up to nothing, as the last one pays the rest out. */
export async function* settlementLines(
  files: SettlementFiles,
  file: FileOf,
): AsyncGenerator<SettlementLine> {
  let lineNumber = 0;
  let balance = 0n;
  const write = (line: Omit<SettlementLine, 'lineNumber'>): SettlementLine => {
    lineNumber += 1;
    balance += line.change.minor;
    return { lineNumber, ...line };
  };
  for await (const row of readTradeRows(files.trades(), file)) {
    for (const line of ofTrade(row)) yield write(line);
  }
  for await (const row of readCorrectionRows(files.corrections(), file))
    yield write(ofCorrection(row));
  if (balance === 0n) return;
  yield write({
    kind: 'payout',
    change: yuan(-balance),
    railReference: `${file.merId}-${file.date}`,
    // Paid on the day after the settlement day (T+1).
    at: file.date.add({ days: 1 }).toZonedDateTime(BEIJING).toInstant(),
    wording: '清算净额划付',
  });
}

function ofTrade(row: TradeRow): readonly Omit<SettlementLine, 'lineNumber'>[] {
  const { at } = row;
  const isPayment = row.kind === 'payment';
  const gross = isPayment ? row.amount : -row.amount;
  const orderNumber = isPayment ? row.orderId : row.originalOrderId;
  const common = { orderNumber, railReference: row.queryId, at };
  const wording = isPayment ? '消费' : '退货';
  const trade = { ...common, kind: row.kind, change: yuan(gross), wording } as const;
  const cost = row.net - gross;
  return cost === 0n
    ? [trade]
    : [trade, { ...common, kind: 'fee', change: yuan(cost), wording: '商户手续费' }];
}

function ofCorrection(row: CorrectionRow): Omit<SettlementLine, 'lineNumber'> {
  const { at } = row;
  const railReference = row.trace;
  return { kind: 'other', change: yuan(row.net), railReference, at, wording: `差错 ${row.kind}` };
}
