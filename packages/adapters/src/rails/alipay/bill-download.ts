import type { BillDownload, SettlementDownload } from '@daikou/core';
import type { BillBytes } from '../bill-bytes.ts';
import { fromBillArchive } from './bill.ts';
import type { BillWanted } from './bill-file.ts';
import { type Connection, call } from './connection.ts';
import { textAt } from './replies.ts';
import { fromSettlementArchive } from './settlement.ts';
import { BILL_NOT_MADE, NO_BILL_CODES } from './statuses.ts';
import * as wire from './wire.ts';

/** The host from which Alipay hands out bills; its addresses live 30 seconds. */
const BILL_HOST = 'dwbillcenter.alipay.com';

type Held = { readonly kind: 'held'; readonly bytes: BillBytes };
type NoFile = Exclude<BillDownload, { readonly kind: 'ready' }>;

/** The business bill (业务明细) of a date: payments, refunds and their fees. */
export async function fetchBill(rail: Connection, date: Temporal.PlainDate): Promise<BillDownload> {
  const archive = await fetchArchive(rail, 'trade', date);
  if (archive.kind !== 'held') return archive;
  return handOut(archive.bytes, await fromBillArchive(archive.bytes, wanted(rail, date)));
}

/** The account statement (账务明细) of a date: every change of the balance with Alipay. */
export async function fetchSettlement(
  rail: Connection,
  date: Temporal.PlainDate,
): Promise<SettlementDownload> {
  const archive = await fetchArchive(rail, 'signcustomer', date);
  if (archive.kind !== 'held') return archive;
  return handOut(archive.bytes, await fromSettlementArchive(archive.bytes, wanted(rail, date)));
}

/** A file goes with the disk that it holds; where it is refused, nothing is held. */
async function handOut<T extends BillDownload | SettlementDownload>(
  bytes: BillBytes,
  file: T,
): Promise<T> {
  if (file.kind === 'ready') return { ...file, release: bytes.release };
  await bytes.release();
  return file;
}

function wanted(rail: Connection, date: Temporal.PlainDate): BillWanted {
  return { sellerId: rail.settings.sellerId, date };
}

async function fetchArchive(
  rail: Connection,
  type: wire.BillType,
  date: Temporal.PlainDate,
): Promise<Held | NoFile> {
  const reply = await call(rail, wire.toBillQuery(type, date));
  switch (reply.kind) {
    case 'unknown':
      return { kind: 'unknown', detail: reply.detail };
    case 'open':
      return { kind: 'not_ready', message: 'the bill is being made' };
    case 'refused': {
      const detail = `${reply.code} ${reply.message}`;
      if (!NO_BILL_CODES.has(reply.code)) return { kind: 'unknown', detail };
      return BILL_NOT_MADE.test(reply.message)
        ? { kind: 'not_ready', message: detail }
        : { kind: 'empty' };
    }
    case 'done':
      return download(rail, textAt(reply.inner, 'bill_download_url') ?? '');
  }
}

async function download(rail: Connection, address: string): Promise<Held | NoFile> {
  const url = trustedBillUrl(address, rail.settings.billOrigin);
  if (url === undefined) return { kind: 'unknown', detail: 'the bill is at an unlisted address' };
  const file = await rail.client.download(url);
  return file.kind === 'held' ? file : { kind: 'unknown', detail: file.detail };
}

/**
 * The address to fetch a bill from: Alipay's documented host over https (it also hands out http
 * addresses, which are raised), or the one origin that the configuration allows.
 */
export function trustedBillUrl(address: string, billOrigin?: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (billOrigin !== undefined && url.origin === billOrigin) return url.toString();
  if (url.hostname !== BILL_HOST || url.port !== '' || url.username !== '') return undefined;
  url.protocol = 'https:';
  return url.toString();
}
