import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

type Change = readonly [table: string, key: string, document: unknown];

/**
 * The durable state of the sandbox: named tables of JSON documents over one append-only journal.
 *
 * A change is in memory at once and in the journal at the next `flush`, one line for all changes
 * since
 * the last, so a line is a whole step: after a kill either all of a step is there or none of it.
 * Every
 * reply and every callback flushes first; what the outside has seen therefore survives `kill -9`.
 */
export class Books {
  readonly #file: number;
  readonly #tables = new Map<string, Table<unknown>>();
  readonly #loaded = new Map<string, Map<string, unknown>>();
  #unwritten: Change[] = [];
  #flushPlanned = false;
  #closed = false;

  private constructor(file: number) {
    this.#file = file;
  }

  /**
   * Opens or creates the books under `home`; a torn last line (a write cut by a kill) is dropped.
   */
  static open(home: string): Books {
    mkdirSync(home, { recursive: true });
    const path = join(home, 'journal.jsonl');
    // Mode 0600: the journal holds the private keys of this sandbox.
    const books = new Books(openSync(path, 'a+', 0o600));
    books.#load(readFileSync(path));
    return books;
  }

  #load(bytes: Buffer): void {
    const wholeLength = bytes.lastIndexOf(0x0a) + 1;
    if (wholeLength < bytes.length) ftruncateSync(this.#file, wholeLength);
    for (const line of bytes.toString('utf8', 0, wholeLength).split('\n')) {
      if (line === '') continue;
      for (const change of JSON.parse(line) as readonly Change[]) this.#replay(change);
    }
  }

  #replay([table, key, document]: Change): void {
    const documents = this.#loaded.get(table) ?? new Map<string, unknown>();
    this.#loaded.set(table, documents);
    if (document === null) documents.delete(key);
    else documents.set(key, document);
  }

  /**
   * Returns the table of that name. Each name has one document type, given where it is first
   * asked for.
   */
  table<T extends object>(name: string): Table<T> {
    const known = this.#tables.get(name);
    if (known !== undefined) return known as Table<T>;
    const documents = (this.#loaded.get(name) ?? new Map()) as Map<string, T>;
    const table = new Table<T>(documents, (key, document) => this.#record([name, key, document]));
    this.#tables.set(name, table as Table<unknown>);
    return table;
  }

  #record(change: Change): void {
    if (this.#closed) return;
    this.#unwritten.push(change);
    if (this.#flushPlanned) return;
    this.#flushPlanned = true;
    setImmediate(() => this.flush());
  }

  /** Writes every change not yet written. Cheap when there is none. */
  flush(): void {
    this.#flushPlanned = false;
    if (this.#unwritten.length === 0 || this.#closed) return;
    const line = Buffer.from(`${JSON.stringify(this.#unwritten)}\n`);
    this.#unwritten = [];
    let written = 0;
    while (written < line.length) written += writeSync(this.#file, line, written);
  }

  /** Returns a copy of every table that exists, by name and key. */
  snapshot(): Record<string, Record<string, unknown>> {
    const names = new Set([...this.#loaded.keys(), ...this.#tables.keys()]);
    const tables: Record<string, Record<string, unknown>> = {};
    for (const name of [...names].sort()) {
      tables[name] = Object.fromEntries(this.table(name).entries());
    }
    return tables;
  }

  /** Writes what is left and closes the journal; later changes stay in memory only. */
  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    closeSync(this.#file);
  }
}

/** One named collection of documents. A document is replaced whole, never edited in place. */
export class Table<T> {
  readonly #documents: Map<string, T>;
  readonly #record: (key: string, document: T | null) => void;
  readonly #indexes: Index<T>[] = [];

  constructor(documents: Map<string, T>, record: (key: string, document: T | null) => void) {
    this.#documents = documents;
    this.#record = record;
  }

  get(key: string): T | undefined {
    return this.#documents.get(key);
  }

  /** Returns the document, or throws: for keys that our own records promise to exist. */
  require(key: string): T {
    const document = this.#documents.get(key);
    if (document === undefined) throw new Error(`the books have no record ${key}`);
    return document;
  }

  put(key: string, document: T): void {
    const before = this.#documents.get(key);
    this.#documents.set(key, document);
    for (const index of this.#indexes) index.move(key, before, document);
    this.#record(key, document);
  }

  delete(key: string): void {
    const before = this.#documents.get(key);
    if (before === undefined) return;
    this.#documents.delete(key);
    for (const index of this.#indexes) index.move(key, before, undefined);
    this.#record(key, null);
  }

  values(): MapIterator<T> {
    return this.#documents.values();
  }

  entries(): MapIterator<[string, T]> {
    return this.#documents.entries();
  }

  get size(): number {
    return this.#documents.size;
  }

  /** Returns a look-up by `questionOf(document)`, kept true through every later change. */
  indexBy(questionOf: (document: T) => string | undefined): (value: string) => readonly T[] {
    const index = new Index(questionOf);
    for (const [key, document] of this.#documents) index.move(key, undefined, document);
    this.#indexes.push(index);
    return (value) => index.keysOf(value).map((key) => this.require(key));
  }
}

class Index<T> {
  readonly #questionOf: (document: T) => string | undefined;
  readonly #keys = new Map<string, Set<string>>();

  constructor(questionOf: (document: T) => string | undefined) {
    this.#questionOf = questionOf;
  }

  move(key: string, before: T | undefined, after: T | undefined): void {
    const from = before === undefined ? undefined : this.#questionOf(before);
    const to = after === undefined ? undefined : this.#questionOf(after);
    if (from === to) return;
    if (from !== undefined) this.#keys.get(from)?.delete(key);
    if (to === undefined) return;
    const keys = this.#keys.get(to) ?? new Set<string>();
    this.#keys.set(to, keys.add(key));
  }

  keysOf(value: string): string[] {
    return [...(this.#keys.get(value) ?? [])];
  }
}
