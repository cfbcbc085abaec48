import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { ok, type Refusal, type Result, refuse } from '@daikou/core';
import { type CsvError, parse } from 'csv-parse';
import {
  IGNORED_COLUMNS,
  OPTIONAL_COLUMNS,
  parseSubscriber,
  REQUIRED_COLUMNS,
} from './subscriber-file.ts';
import type { Rejection, SubscriberRow } from './subscriber-row.ts';

/** The byte that ends a line. */
const NEWLINE = 0x0a;

/** The byte that no text has: half of every character of UTF-16, and what databases refuse. */
const NUL = 0x00;

/** The longest record we read, in bytes: beyond it a quote was opened and never closed. */
const RECORD_MAX_BYTES = 64 * 1024;

export type ImportRefusal = Refusal<
  | 'file_unreadable'
  | 'file_not_utf8'
  | 'file_empty'
  | 'columns_missing'
  | 'columns_repeated'
  | 'file_malformed'
>;

export type CheckedFile = {
  /** SHA-256 of the bytes, hex. */
  readonly hash: string;
  /** Lines after the header: the rows, or a few more where a row spans lines. */
  readonly rows: number;
  readonly warnings: readonly string[];
};

/** One pass over the bytes before anything is written: readable, UTF-8, the columns there, rows. */
export async function checkSubscriberFile(
  path: string,
): Promise<Result<CheckedFile, ImportRefusal>> {
  const hash = createHash('sha256');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let breaks = 0;
  let last = NEWLINE;
  let head = '';
  try {
    for await (const chunk of createReadStream(path)) {
      const part = chunk as Buffer;
      hash.update(part);
      if (part.includes(NUL)) return refuse(notUtf8());
      breaks += countBreaks(part);
      last = part.at(-1) ?? last;
      const text = decode(decoder, part);
      if (text === undefined) return refuse(notUtf8());
      if (head.length < RECORD_MAX_BYTES) head += text;
    }
  } catch (error) {
    return refuse({
      code: 'file_unreadable',
      sentence: `The file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`,
      next: 'Check its name and that this user may read it.',
      field: path,
    });
  }
  if (decode(decoder, undefined) === undefined) return refuse(notUtf8());
  const columns = readHeader(head);
  if (columns.length === 0) {
    return refuse({
      code: 'file_empty',
      sentence: 'The file is empty.',
      next: 'Export it again with its header and its customers.',
    });
  }
  const wrong = findWrongColumns(columns);
  if (wrong !== undefined) return refuse(wrong);
  const rows = breaks + (last === NEWLINE ? 0 : 1) - 1;
  if (rows < 1) {
    return refuse({
      code: 'file_empty',
      sentence: 'The file has a header and no rows.',
      next: 'Export it again with its customers.',
    });
  }
  const known = new Set([...REQUIRED_COLUMNS, ...OPTIONAL_COLUMNS, ...IGNORED_COLUMNS]);
  const warnings = columns
    .filter((column) => !known.has(column))
    .map((column) => `unknown column ignored: ${column}`);
  return ok({ hash: hash.digest('hex'), rows, warnings });
}

/** Several columns of one name would leave it to chance which of them is billed. */
function findWrongColumns(columns: readonly string[]): ImportRefusal | undefined {
  const missing = REQUIRED_COLUMNS.filter((column) => !columns.includes(column));
  if (missing.length > 0) {
    return {
      code: 'columns_missing',
      sentence: `The file lacks these columns: ${missing.join(', ')}.`,
      next: 'Add the columns, or export the file again with all of them.',
      field: missing.join(','),
    };
  }
  const repeated = [...REQUIRED_COLUMNS, ...OPTIONAL_COLUMNS].filter(
    (column) => columns.indexOf(column) !== columns.lastIndexOf(column),
  );
  if (repeated.length === 0) return undefined;
  return {
    code: 'columns_repeated',
    sentence: `The file has these columns more than once: ${repeated.join(', ')}.`,
    next: 'Keep the right one of each and import the file again; nothing was imported.',
    field: repeated.join(','),
  };
}

function countBreaks(part: Buffer): number {
  let breaks = 0;
  for (let at = part.indexOf(NEWLINE); at >= 0; at = part.indexOf(NEWLINE, at + 1)) breaks += 1;
  return breaks;
}

function decode(decoder: InstanceType<typeof TextDecoder>, part: Buffer | undefined) {
  try {
    return part === undefined ? decoder.decode() : decoder.decode(part, { stream: true });
  } catch {
    return undefined;
  }
}

function notUtf8(): ImportRefusal {
  return {
    code: 'file_not_utf8',
    sentence: 'The file is not UTF-8 text.',
    next: 'Save it as “CSV UTF-8” and import it again; nothing was imported.',
  };
}

function readHeader(head: string): readonly string[] {
  const line = head.replace(/^\ufeff/, '').split(/\r?\n|\r/, 1)[0] ?? '';
  if (line.trim() === '') return [];
  return line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

/**
 * The rows of a checked file as a stream, each read or refused with its line (of a row that spans
 * lines, the last). Throws csv-parse's `CsvError` where the file is no CSV any more.
 */
export async function* readSubscriberRows(
  path: string,
  methods: ReadonlySet<string>,
): AsyncGenerator<SubscriberRow | Rejection> {
  const parser = createReadStream(path).pipe(
    parse({
      bom: true,
      columns: (header: readonly string[]) => header.map((name) => name.trim()),
      info: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
      trim: false,
      max_record_size: RECORD_MAX_BYTES,
    }),
  );
  for await (const item of parser) yield readRow(item, methods);
}

type ParsedRow = {
  readonly record: Readonly<Record<string, string>>;
  readonly info: { readonly lines: number; readonly error?: CsvError };
};

function readRow(item: ParsedRow, methods: ReadonlySet<string>): SubscriberRow | Rejection {
  const line = item.info.lines;
  if (item.info.error !== undefined) {
    return { line, field: '', reason: 'wrong_number_of_columns' };
  }
  const parsed = parseSubscriber(line, item.record, methods);
  if (parsed.ok) return parsed.value;
  return { line, field: parsed.refusal.field, reason: parsed.refusal.code };
}
