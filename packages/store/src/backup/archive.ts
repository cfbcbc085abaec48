import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { BackupUnusable, fileFailure } from './failures.ts';

/**
 * A backup is gzip over lines of JSON: a header; per table an object with its name and columns and
 * then a text per row, in PostgreSQL's own composite form; a trailer with what must be there. The
 * trailer comes last, so that a file without it is known to be cut off.
 */
export const FORMAT = 'daikou-backup';
export const FORMAT_VERSION = 1;

export type BackedUpMerchant = { readonly code: string; readonly mode: 'test' | 'live' };

export type Header = {
  readonly kind: 'header';
  readonly format: typeof FORMAT;
  readonly version: number;
  /** The last migration of the database. */
  readonly schema: number;
  /** When the picture of the database was taken. */
  readonly madeAt: string;
  readonly merchants: readonly BackedUpMerchant[];
  /** Rows of all tables. */
  readonly rows: number;
};

export type TableStart = {
  readonly kind: 'table';
  readonly name: string;
  /** In the order of the composite text. */
  readonly columns: readonly string[];
};

/** What a table must hold: the rows and their digest, a line feed after each. */
export type TableDigest = {
  readonly name: string;
  readonly rows: number;
  readonly sha256: string;
};

export type Trailer = {
  readonly kind: 'trailer';
  /** Of the header's line. */
  readonly headerSha256: string;
  readonly tables: readonly TableDigest[];
};

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Counts and digests the rows of one table while they pass. */
export class TableMeter {
  readonly #name: string;
  readonly #hash: Hash = createHash('sha256');
  #rows = 0;

  constructor(name: string) {
    this.#name = name;
  }

  add(row: string): void {
    this.#rows += 1;
    this.#hash.update(row);
    this.#hash.update('\n');
  }

  finish(): TableDigest {
    return { name: this.#name, rows: this.#rows, sha256: this.#hash.digest('hex') };
  }
}

/** What is told while an archive is read, in the order of the file. */
export type ArchiveReader = {
  readonly header?: (header: Header) => void;
  readonly table?: (table: TableStart) => Promise<void>;
  readonly rows?: (rows: readonly string[]) => Promise<void>;
};

/** Rows that a reader is given at once. */
const ROWS_AT_ONCE = 500;

/**
 * Reads an archive to its end and checks everything in it: form, counts, digests. Memory does not
 * grow with the file. Throws `BackupUnusable`; what a reader was told before that is to be undone.
 */
export async function readArchive(path: string, reader: ArchiveReader = {}): Promise<Header> {
  const state = new ArchiveCheck(reader);
  let batch: string[] = [];
  const flush = async () => {
    if (batch.length > 0) await reader.rows?.(batch);
    batch = [];
  };
  for await (const line of linesOf(path)) {
    const row = await state.take(line, flush);
    if (row !== undefined) batch.push(row);
    if (batch.length >= ROWS_AT_ONCE) await flush();
  }
  await flush();
  return state.finish();
}

/** Follows the form of an archive, line by line. */
class ArchiveCheck {
  readonly #reader: ArchiveReader;
  readonly #digests: TableDigest[] = [];
  #header: Header | undefined;
  #headerSha256 = '';
  #meter: TableMeter | undefined;
  #isOver = false;

  constructor(reader: ArchiveReader) {
    this.#reader = reader;
  }

  /** The row of a line that is one. */
  async take(line: string, flush: () => Promise<void>): Promise<string | undefined> {
    if (this.#header === undefined) {
      this.#header = parseHeader(line);
      this.#headerSha256 = digestOf(line);
      this.#reader.header?.(this.#header);
      return undefined;
    }
    if (this.#isOver) throw new BackupUnusable('damaged');
    const value = parseJson(line);
    if (typeof value === 'string') {
      if (this.#meter === undefined) throw new BackupUnusable('damaged');
      this.#meter.add(value);
      return value;
    }
    await flush();
    this.#closeTable();
    const { kind } = value as { readonly kind?: unknown };
    if (kind === 'table') {
      const table = value as TableStart;
      this.#meter = new TableMeter(table.name);
      await this.#reader.table?.(table);
    } else if (kind === 'trailer') this.#check(value as Trailer);
    else throw new BackupUnusable('damaged');
    return undefined;
  }

  #closeTable(): void {
    if (this.#meter !== undefined) this.#digests.push(this.#meter.finish());
    this.#meter = undefined;
  }

  #check(trailer: Trailer): void {
    const isSame =
      trailer.headerSha256 === this.#headerSha256 &&
      JSON.stringify(trailer.tables) === JSON.stringify(this.#digests);
    if (!isSame) throw new BackupUnusable('damaged');
    this.#isOver = true;
  }

  finish(): Header {
    if (this.#header === undefined) throw new BackupUnusable('not_a_backup');
    if (!this.#isOver) throw new BackupUnusable('truncated');
    return this.#header;
  }
}

function parseHeader(line: string): Header {
  let value: Partial<Header>;
  try {
    value = JSON.parse(line) as Partial<Header>;
  } catch {
    throw new BackupUnusable('not_a_backup');
  }
  if (value?.format !== FORMAT) throw new BackupUnusable('not_a_backup');
  if (value.version !== FORMAT_VERSION) throw new BackupUnusable('newer_format');
  return value as Header;
}

function parseJson(line: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new BackupUnusable('damaged');
  }
  if (value === null || (typeof value !== 'string' && typeof value !== 'object')) {
    throw new BackupUnusable('damaged');
  }
  return value;
}

/** The lines of a gzip file. A last line without its end is part of a file that was cut off. */
async function* linesOf(path: string): AsyncGenerator<string> {
  const gunzip = createGunzip();
  const source = createReadStream(path);
  // The error of either arrives at the loop below.
  pipeline(source, gunzip, () => {});
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for await (const chunk of gunzip) {
      const texts = (rest + decoder.write(chunk as Buffer)).split('\n');
      rest = texts.pop() ?? '';
      yield* texts;
    }
  } catch (error) {
    throw toUnusable(error);
  } finally {
    source.destroy();
  }
  if (rest !== '') throw new BackupUnusable('truncated');
}

function toUnusable(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR') return new BackupUnusable('truncated');
  if (code === 'Z_DATA_ERROR') {
    const isOther = message === 'incorrect header check';
    return new BackupUnusable(isOther ? 'not_a_backup' : 'damaged');
  }
  return fileFailure(error, 'not_readable');
}
