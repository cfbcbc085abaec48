import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import type {
  AttemptOutcome,
  NewsProblem,
  NewsReading,
  RailEvent,
  RefundOutcome,
} from '@daikou/core';
import type { Archive } from './archive.ts';
import { NotForUs, readBankFile, type StatementHeader } from './bank-file.ts';
import type { SepaSettings } from './config.ts';
import { Translator } from './events.ts';
import { type FileExchange, type FileStamp, putFile } from './exchange.ts';
import { tooLong, XML_MAX_BYTES, XmlUnreadable } from './xml-stream.ts';

/** Events of one reading; a larger file is told in parts. */
const EVENTS_PER_READING = 20_000;
/** Files of one reading. */
const FILES_PER_READING = 50;
/** Days of files that are kept in mind for questions: the eight weeks of refunds, and two more. */
const MEMORY_DAYS = 70;
/** Numbers kept in mind for questions; the oldest go first. */
const MEMORY_NUMBERS = 1_000_000;
/** A folder that changed this recently may change again within one tick of its clock. */
const FRESH_MILLISECONDS = 2_000;
const DAY_MILLISECONDS = 24 * 60 * 60 * 1_000;

/** A statement as it lies in the inbox. */
export type StoredStatement = StatementHeader & {
  readonly fileName: string;
  readonly contentHash: string;
};

/** A file read whole; nothing of a file counts before its last byte was seen. */
type WholeFile = {
  readonly events: readonly RailEvent[];
  readonly problems: readonly string[];
  readonly statements: readonly StatementHeader[];
  readonly contentHash: string;
};

/** What the next reading is told by the last: files that were applied, or how far one was. */
type Cursor = {
  readonly done: readonly string[];
  readonly part?: { readonly key: string; readonly told: number };
};

/**
 * The bank's files. Which were read is kept in our register and not told from their names: a file
 * that comes late, under a name that sorts before others, is read like any other. A file that
 * cannot be read is noted and passed by; when its bytes change it is a new file.
 */
export class BankInbox {
  readonly #settings: SepaSettings;
  readonly #archive: Archive;
  readonly #exchange: FileExchange;
  readonly #attempts = new Map<string, AttemptOutcome>();
  readonly #refunds = new Map<string, RefundOutcome>();
  readonly #statements: StoredStatement[] = [];
  readonly #known = new Set<string>();
  #refusal: string | undefined;
  #learning: Promise<void> | undefined;
  #seenAt = -1;

  constructor(settings: SepaSettings, archive: Archive, exchange: FileExchange) {
    this.#settings = settings;
    this.#archive = archive;
    this.#exchange = exchange;
  }

  /** The events of files that were not applied yet. Handing the cursor back applies them. */
  async news(cursorText: string | undefined): Promise<NewsReading> {
    const cursor = readCursor(cursorText);
    await this.#markRead(cursor.done);
    const read = new Set(await readdir(this.#archive.place('read')));
    const events: RailEvent[] = [];
    const problems: NewsProblem[] = [];
    const done: string[] = [];
    const waiting = (await this.#exchange.list()).filter((file) => !read.has(markOf(keyOf(file))));
    for (const file of waiting.slice(0, FILES_PER_READING)) {
      const key = keyOf(file);
      const told = cursor.part?.key === key ? cursor.part.told : 0;
      const whole = await this.#readOrSetAside(file, problems);
      const room = EVENTS_PER_READING - events.length;
      const fresh = whole.events.slice(told, told + room);
      events.push(...fresh);
      if (told + fresh.length < whole.events.length) {
        const next = toCursor({ done, part: { key, told: told + fresh.length } });
        return { kind: 'ready', events, cursor: next, more: true, problems };
      }
      done.push(key);
    }
    const more = waiting.length > done.length;
    return { kind: 'ready', events, cursor: toCursor({ done }), more, problems };
  }

  /** What became of a number by the files of the last ten weeks; undefined: they do not say. */
  async outcomeOf(orderNumber: string): Promise<AttemptOutcome | undefined> {
    await this.#learn();
    return this.#attempts.get(orderNumber);
  }

  async refundOf(refundNumber: string): Promise<RefundOutcome | undefined> {
    await this.#learn();
    return this.#refunds.get(refundNumber);
  }

  /** The pages of the account's statement of a day, the newest copy of each. */
  async statementsOf(date: Temporal.PlainDate): Promise<readonly StoredStatement[]> {
    await this.#learn();
    const pages = new Map<string, StoredStatement>();
    for (const one of this.#statements) {
      if (one.date.equals(date)) pages.set(`${one.id}|${one.page}`, one);
    }
    return [...pages.values()].sort((left, right) => left.page - right.page);
  }

  /** Why a file of the bank was set aside, by the latest of them; undefined: none was. */
  get refusal(): string | undefined {
    return this.#refusal;
  }

  /** Many questions come at once after a run: they share one look at the folder. */
  async #learn(): Promise<void> {
    this.#learning ??= this.#learnNew().finally(() => {
      this.#learning = undefined;
    });
    await this.#learning;
  }

  async #learnNew(): Promise<void> {
    const changedAt = await this.#exchange.changedAt();
    if (changedAt === this.#seenAt) return;
    const since = Temporal.Now.instant().epochMilliseconds - MEMORY_DAYS * DAY_MILLISECONDS;
    for (const file of await this.#exchange.list()) {
      const key = keyOf(file);
      if (this.#known.has(key) || file.modifiedMilliseconds < since) continue;
      const whole = await this.#readOrSetAside(file, []);
      this.#known.add(key);
      for (const event of whole.events) this.#remember(event);
      const { contentHash } = whole;
      for (const statement of whole.statements) {
        this.#statements.push({ ...statement, fileName: file.name, contentHash });
      }
    }
    const isQuiet = Temporal.Now.instant().epochMilliseconds - changedAt > FRESH_MILLISECONDS;
    this.#seenAt = isQuiet ? changedAt : -1;
  }

  #remember(event: RailEvent): void {
    if (event.kind === 'refund') {
      const before = this.#refunds.get(event.refundNumber);
      // A transfer that came back is the last word; a copy of its debit entry is not.
      if (before?.kind !== 'failed') keep(this.#refunds, event.refundNumber, event.outcome);
    } else if (event.kind === 'attempt') {
      const before = this.#attempts.get(event.orderNumber);
      if (before?.kind !== 'succeeded') keep(this.#attempts, event.orderNumber, event.outcome);
    }
  }

  async #readOrSetAside(file: FileStamp, problems: NewsProblem[]): Promise<WholeFile> {
    try {
      const whole = await this.#read(file);
      problems.push(...whole.problems.map((sentence) => ({ name: file.name, sentence })));
      return whole;
    } catch (error) {
      if (!(error instanceof XmlUnreadable || error instanceof NotForUs)) throw error;
      problems.push({ name: file.name, sentence: error.message });
      this.#refusal = error.message;
      await this.#setAside(file, error.message);
      return { events: [], problems: [], statements: [], contentHash: '' };
    }
  }

  async #read(file: FileStamp): Promise<WholeFile> {
    if (file.size > XML_MAX_BYTES) throw tooLong(file.size);
    const hash = createHash('sha256');
    const { creditor, zone } = this.#settings;
    const translator = new Translator(this.#archive);
    const events: RailEvent[] = [];
    const problems: string[] = [];
    const statements: StatementHeader[] = [];
    const chunks = hashed(this.#exchange.read(file.name), hash);
    for await (const record of readBankFile(chunks, { iban: creditor.iban, zone })) {
      if (record.kind === 'statement') statements.push(record.statement);
      const told = await translator.tell(record);
      events.push(...told.events);
      if (told.problem !== undefined) problems.push(told.problem);
    }
    return { events, problems, statements, contentHash: hash.digest('hex') };
  }

  /** Leaves a note beside the register; the file itself stays where the bank put it. */
  async #setAside(file: FileStamp, sentence: string): Promise<void> {
    const note = { file: file.name, size: file.size, sentence };
    const name = `${markOf(keyOf(file))}.json`;
    await putFile(this.#archive.place('refused'), name, `${JSON.stringify(note)}\n`);
  }

  async #markRead(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      const marked = await putFile(this.#archive.place('read'), markOf(key), `${key}\n`);
      if (marked !== 'put') throw new Error('the register of read files cannot be written');
    }
  }
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

function keep<T>(map: Map<string, T>, key: string, value: T): void {
  map.set(key, value);
  if (map.size <= MEMORY_NUMBERS) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

/** A file that changes under its name is another file: it is read again. */
function keyOf(file: FileStamp): string {
  return `${file.name}|${file.size}|${file.modifiedMilliseconds}`;
}

function markOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 40);
}

function toCursor(cursor: Cursor): string {
  return JSON.stringify(cursor);
}

/** A cursor that cannot be read acknowledges nothing: what it stood for is told again. */
function readCursor(text: string | undefined): Cursor {
  try {
    const value = JSON.parse(text ?? '') as Partial<Cursor>;
    const { done, part } = value;
    if (!Array.isArray(done)) return { done: [] };
    return part === undefined ? { done } : { done, part };
  } catch {
    return { done: [] };
  }
}
