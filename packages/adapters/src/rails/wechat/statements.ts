import { createHash } from 'node:crypto';
import type { BillDownload, SettlementDownload } from '@daikou/core';
import type { BillBytes } from '../bill-bytes.ts';
import { BillUnreadable } from '../bill-errors.ts';
import { listed } from '../tables.ts';
import { fromBillReply } from './bill.ts';
import { unpackBill } from './bill-text.ts';
import { type Connection, isTrusted } from './connection.ts';
import { readFundBill } from './fund-bill.ts';
import { textAt } from './json.ts';
import { readV3Reply } from './replies.ts';
import { BILL_CODES } from './statuses.ts';
import { toBillPath, toBillRequest } from './wire.ts';

/** The trade bill of a date (交易账单), by the generation that the merchant uses. */
export async function fetchBill(rail: Connection, date: Temporal.PlainDate): Promise<BillDownload> {
  const file = await downloadBill(rail, date);
  if (file.kind !== 'file') return file;
  const { mchid } = rail.settings;
  return handOut(file.bytes, await fromBillReply(file.bytes, { mchid, date }));
}

/** The account statement of a date (资金账单), basic account. */
export async function fetchSettlement(
  rail: Connection,
  date: Temporal.PlainDate,
): Promise<SettlementDownload> {
  const file = await downloadV3(rail, toBillPath('fundflowbill', date));
  if (file.kind !== 'file') return file;
  const { bytes, contentHash } = file;
  const lines = readFundBill(bytes, date);
  return { kind: 'ready', contentHash, lines, release: bytes.release };
}

/** A bill goes with the disk that it holds; where there is none, nothing is held. */
async function handOut(bytes: BillBytes, bill: BillDownload): Promise<BillDownload> {
  if (bill.kind === 'ready') return { ...bill, release: bytes.release };
  await bytes.release();
  return bill;
}

type NoFile = Exclude<BillDownload, { readonly kind: 'ready' }>;

/** The trade bill as bytes: by V2 nothing but the sums in it proves it. */
async function downloadBill(
  rail: Connection,
  date: Temporal.PlainDate,
): Promise<{ readonly kind: 'file'; readonly bytes: BillBytes } | NoFile> {
  if (rail.settings.billApi === 'v3') return downloadV3(rail, toBillPath('tradebill', date));
  const reply = await rail.client.downloadV2(toBillRequest(rail.settings, date));
  if (reply.kind !== 'held') return { kind: 'unknown', detail: reply.detail };
  return { kind: 'file', bytes: reply.bytes };
}

type Downloaded =
  | { readonly kind: 'file'; readonly bytes: BillBytes; readonly contentHash: string }
  | NoFile;

/**
 * Two signed steps: the first names an address and the SHA-1 of the file, the second fetches it.
 * The file itself is not signed, so the hash of the signed reply is its only proof: a file that
 * does not have it is not read.
 */
async function downloadV3(rail: Connection, path: string): Promise<Downloaded> {
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
  if (reply.kind !== 'held') return { kind: 'unknown', detail: reply.detail };
  const { bytes } = reply;
  const [text, content, sent] = [createHash('sha1'), createHash('sha256'), createHash('sha1')];
  try {
    for await (const chunk of unpackBill(bytes)) {
      text.update(chunk);
      content.update(chunk);
    }
    for await (const chunk of bytes.read()) sent.update(chunk);
  } catch (error) {
    await bytes.release();
    const isKnown = error instanceof BillUnreadable;
    return { kind: 'unknown', detail: isKnown ? error.message : 'the file is damaged' };
  }
  if ([text, sent].some((hash) => hash.digest('hex') === sha1)) {
    return { kind: 'file', bytes, contentHash: content.digest('hex') };
  }
  await bytes.release();
  return { kind: 'unknown', detail: 'the file is not the one whose SHA1 was named' };
}
