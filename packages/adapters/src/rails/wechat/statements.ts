import { createHash } from 'node:crypto';
import type { BillDownload, SettlementDownload } from '@daikou/core';
import { listed } from '../tables.ts';
import { fromBillReply, unpackBill } from './bill.ts';
import { type Connection, isTrusted } from './connection.ts';
import { readFundBill } from './fund-bill.ts';
import { textAt } from './json.ts';
import { readV3Reply } from './replies.ts';
import { BILL_CODES } from './statuses.ts';
import { toBillPath, toBillRequest } from './wire.ts';

/** The trade bill of a date (交易账单), by the generation that the merchant uses. */
export async function fetchBill(rail: Connection, date: Temporal.PlainDate): Promise<BillDownload> {
  if (rail.settings.billApi === 'v3') {
    const file = await download(rail, toBillPath('tradebill', date));
    return file.kind === 'file' ? fromBillReply(file.bytes) : file;
  }
  const reply = await rail.client.downloadV2(toBillRequest(rail.settings, date));
  if (reply.kind === 'failure') return { kind: 'unknown', detail: reply.detail };
  if (reply.status !== 200) return { kind: 'unknown', detail: `HTTP ${reply.status}` };
  return fromBillReply(reply.body);
}

/** The account statement of a date (资金账单), basic account. */
export async function fetchSettlement(
  rail: Connection,
  date: Temporal.PlainDate,
): Promise<SettlementDownload> {
  const file = await download(rail, toBillPath('fundflowbill', date));
  if (file.kind !== 'file') return file;
  const { bytes, contentHash } = file;
  return { kind: 'ready', contentHash, lines: readFundBill(bytes) };
}

type Downloaded =
  | { readonly kind: 'file'; readonly bytes: Uint8Array; readonly contentHash: string }
  | Exclude<BillDownload, { readonly kind: 'ready' }>;

/**
 * Two signed steps: the first names an address and the SHA-1 of the file, the second fetches it.
 * The file itself is not signed, so the hash of the signed reply is its only proof: a file that
 * does not have it is not read.
 */
async function download(rail: Connection, path: string): Promise<Downloaded> {
  const answer = readV3Reply(await rail.client.getV3(path), rail.settings);
  if (answer.kind === 'unknown') return { kind: 'unknown', detail: answer.detail };
  const { status, code, message, content } = answer;
  if (status !== 200 || content === undefined) {
    const meaning = status < 500 ? listed(BILL_CODES, code) : undefined;
    if (meaning === 'empty') return { kind: 'empty' };
    if (meaning === 'not_ready') return { kind: 'not_ready', message };
    return { kind: 'unknown', detail: `HTTP ${status} ${code} ${message}` };
  }
  const url = textAt(content, 'download_url') ?? '';
  const hash = textAt(content, 'hash_value') ?? '';
  if (textAt(content, 'hash_type') !== 'SHA1' || !/^[0-9a-fA-F]{40}$/.test(hash)) {
    return { kind: 'unknown', detail: 'the reply names no SHA1 of the file' };
  }
  if (!isTrusted(url, rail.settings.baseUrl)) {
    return { kind: 'unknown', detail: 'download_url is not an https address' };
  }
  return fetchFile(rail, url, hash.toLowerCase());
}

/** The documents hash the text, the samples are packed: either may be meant (finance.md §3.1). */
async function fetchFile(rail: Connection, url: string, sha1: string): Promise<Downloaded> {
  const reply = await rail.client.downloadV3(url);
  if (reply.kind === 'failure') return { kind: 'unknown', detail: reply.detail };
  if (reply.status !== 200) return { kind: 'unknown', detail: `HTTP ${reply.status}` };
  const bytes = reply.body;
  const text = createHash('sha1');
  const content = createHash('sha256');
  try {
    for await (const chunk of unpackBill(bytes)) {
      text.update(chunk);
      content.update(chunk);
    }
  } catch {
    return { kind: 'unknown', detail: 'the file is damaged' };
  }
  const isProved =
    text.digest('hex') === sha1 || createHash('sha1').update(bytes).digest('hex') === sha1;
  return isProved
    ? { kind: 'file', bytes, contentHash: content.digest('hex') }
    : { kind: 'unknown', detail: 'the file is not the one whose SHA1 was named' };
}
