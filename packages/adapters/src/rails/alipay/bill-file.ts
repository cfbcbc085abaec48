import { createHash } from 'node:crypto';
import { pipeline, Readable } from 'node:stream';
import { parse } from 'csv-parse';
import iconv from 'iconv-lite';
import type { BillBytes } from '../bill-bytes.ts';
import { BillUnreadable } from '../bill-errors.ts';
import { type BillMember, readArchive } from './bill-archive.ts';

/** Whose bill it must be, and of which date. */
export type BillWanted = { readonly sellerId: string; readonly date: Temporal.PlainDate };

/** A row of a bill file by header name. */
export type Row = Readonly<Record<string, string>>;

/** The two files of an archive, proved to be of the merchant and the date that were asked for. */
export type OpenBill = {
  readonly kind: 'open';
  readonly details: BillMember;
  readonly summary: BillMember;
  /**
   * SHA-256 of the rows. Comment lines are left out: Alipay writes the time of the export into
   * them, and the same bill must have the same hash tomorrow.
   */
  readonly contentHash: string;
  /** The comment lines of the details, with their `#`. */
  readonly comments: readonly string[];
};

export type BillOpening = OpenBill | { readonly kind: 'unknown'; readonly detail: string };

/** The name of the summing file has this word. */
const SUMMARY_WORD = '汇总';

/** Alipay writes the merchant's number with this ending as the number of the account. */
const ACCOUNT_ENDING = '0156';

/** How many comment lines are kept, and how many bytes of each: a bill has about ten short ones. */
const COMMENTS_KEPT = 40;
const COMMENT_BYTES_KEPT = 400;

/** Far more than a row has: what is longer is no row, and is not gathered in memory. */
const LONGEST_ROW_LETTERS = 64 * 1024;

const LINE_FEED = 0x0a;
const HASH_SIGN = 0x23;
const UTF8_MARK = [0xef, 0xbb, 0xbf] as const;

/**
 * Opens a bill archive: exactly one file of `kind` (业务明细 or 账务明细) and its summary, both of the
 * wanted merchant and date. Anything else is `unknown`, with the reason.
 */
export async function openBill(
  archive: BillBytes,
  kind: '业务明细' | '账务明细',
  wanted: BillWanted,
): Promise<BillOpening> {
  const read = await readArchive(archive);
  if (read.kind === 'damaged') return { kind: 'unknown', detail: read.detail };
  const isSummary = (member: BillMember): boolean => member.name.includes(SUMMARY_WORD);
  const ours = read.members.filter((one) => one.name.endsWith('.csv') && one.name.includes(kind));
  const [details, ...moreDetails] = ours.filter((member) => !isSummary(member));
  const [summary, ...moreSummaries] = ours.filter(isSummary);
  const files = `${ours.length} of ${read.members.length} files are ${kind}`;
  if (details === undefined || summary === undefined) {
    return { kind: 'unknown', detail: `the archive lacks ${kind} or its summary: ${files}` };
  }
  if (moreDetails.length + moreSummaries.length > 0 || read.members.length > 2) {
    return { kind: 'unknown', detail: `the archive has more files than two: ${files}` };
  }
  try {
    const rows = await scan(details);
    const sums = await scan(summary);
    const problem =
      findStranger(rows.comments, wanted, true) ?? findStranger(sums.comments, wanted, false);
    if (problem !== undefined) return { kind: 'unknown', detail: problem };
    return { kind: 'open', details, summary, ...rows };
  } catch (error) {
    if (error instanceof BillUnreadable) return { kind: 'unknown', detail: error.message };
    throw error;
  }
}

/** Why a file is not the one that was asked for, by its own comment lines. */
function findStranger(
  comments: readonly string[],
  wanted: BillWanted,
  mustSay: boolean,
): string | undefined {
  const text = comments.join('\n');
  const account = /^#账号[：:]\s*\[(\d+)\]/m.exec(text)?.[1];
  const from = /^#起始日期[：:]\s*\[(\d{4})年(\d{2})月(\d{2})日 00:00:00\]/m.exec(text);
  if (account === undefined || from === null) {
    return mustSay ? 'the bill does not say of which account and date it is' : undefined;
  }
  const { sellerId, date } = wanted;
  if (account !== sellerId && account !== `${sellerId}${ACCOUNT_ENDING}`) {
    return 'the bill is of another merchant';
  }
  const [, year, month, day] = from;
  return `${year}-${month}-${day}` === date.toString()
    ? undefined
    : `the bill is of ${year}-${month}-${day}`;
}

/**
 * Reads a file once for its hash and its comment lines. Works on bytes: no byte of a GBK character
 * can be a line feed, and none that begins a character is a number sign.
 */
async function scan(
  member: BillMember,
): Promise<{ readonly contentHash: string; readonly comments: readonly string[] }> {
  const hash = createHash('sha256');
  const comments: string[] = [];
  let comment: Uint8Array[] | undefined;
  let isLineStart = true;
  let isFirst = true;
  for await (const chunk of member.open()) {
    if (isFirst && UTF8_MARK.every((byte, index) => chunk[index] === byte)) {
      const sentence = 'the file has a UTF-8 byte order mark: it was saved again by somebody';
      throw new BillUnreadable('file_damaged', sentence);
    }
    isFirst = false;
    for (let start = 0; start < chunk.length; ) {
      if (isLineStart) comment = chunk[start] === HASH_SIGN ? [] : undefined;
      const feed = chunk.indexOf(LINE_FEED, start);
      const end = feed < 0 ? chunk.length : feed + 1;
      if (comment === undefined) hash.update(chunk.subarray(start, end));
      else comment.push(chunk.slice(start, Math.min(end, start + COMMENT_BYTES_KEPT)));
      isLineStart = feed >= 0;
      if (isLineStart && comment !== undefined && comments.length < COMMENTS_KEPT) {
        comments.push(iconv.decode(Buffer.concat(comment), 'gb18030').trim());
      }
      start = end;
    }
  }
  return { contentHash: hash.digest('hex'), comments };
}

async function* decoded(member: BillMember): AsyncGenerator<string> {
  const decoder = iconv.getDecoder('gb18030');
  for await (const chunk of member.open()) {
    const text = decoder.write(Buffer.from(chunk));
    if (text !== '') yield text;
  }
  const rest = decoder.end();
  if (rest !== undefined && rest !== '') yield rest;
}

/** Columns are found by name; brackets and surrounding tabs and spaces do not matter. */
function columnName(name: string): string {
  return name.replaceAll('（', '(').replaceAll('）', ')').replaceAll('＋', '+').trim();
}

/**
 * Streams the rows of one file, `#` lines left out, tabs and spaces around values removed. Throws
 * `BillUnreadable` for bytes that are not GBK, and for a file that is not what was packed.
 */
export async function* rowsOf(member: BillMember): AsyncGenerator<Row> {
  const parser = parse({
    columns: (header: readonly string[]) => header.map(columnName),
    comment: '#',
    comment_no_infix: true,
    max_record_size: LONGEST_ROW_LETTERS,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    trim: true,
  });
  // The reader below meets every error of the pipeline; the callback has nothing to add.
  pipeline(Readable.from(decoded(member)), parser, () => undefined);
  try {
    for await (const row of parser as AsyncIterable<Row>) {
      if (Object.values(row).some((value) => value.includes('\ufffd'))) {
        throw new BillUnreadable('file_damaged', 'the bill is not GBK');
      }
      yield row;
    }
  } catch (error) {
    if (error instanceof BillUnreadable) throw error;
    throw new BillUnreadable('file_damaged', 'the bill is not CSV');
  }
}

/** Throws `header_unknown` unless the row has every one of these columns. */
export function requireColumns(row: Row, names: readonly string[], lineNumber?: number): void {
  for (const name of names) {
    if (row[name] === undefined) {
      throw new BillUnreadable('header_unknown', `there is no column ${name}`, lineNumber);
    }
  }
}

/** A number of trades or rows in a summary. */
export function countOf(text: string): bigint {
  const digits = text.replaceAll(',', '');
  if (/^\d{1,12}$/.test(digits)) return BigInt(digits);
  throw new BillUnreadable('row_unreadable', 'a number of rows in the summary');
}
