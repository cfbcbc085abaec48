import type { PGlite } from '@electric-sql/pglite';
import type { CompiledQuery, DatabaseConnection, QueryResult } from 'kysely';
import { serialize } from 'pg-protocol';

/**
 * Rows of a table that change before the database looks at it anew; then as many as it had seen. A
 * server does that by itself (autovacuum); the embedded database has nobody who would, and plans
 * that were made for an empty table run for seconds on a full one.
 */
const CHANGES_BEFORE_ANALYZE = 200;

/** Statements that are kept. Each holds its plan in the database's memory. */
const KEPT = 400;

/** What can be planned once and run often; everything else may change what plans stand on. */
const IS_PLANNED = /^\s*(?:select|insert|update|delete|merge|with)\b/i;
/** What neither is planned nor changes what a plan stands on. */
const IS_HARMLESS =
  /^\s*(?:begin|commit|rollback|savepoint|release|set|reset|show|lock|analyze)\b/i;

type Column = { readonly name: string; readonly parse: ((text: string) => unknown) | undefined };

type Prepared = {
  readonly name: string;
  readonly serializers: readonly ((value: unknown) => string)[];
  readonly columns: readonly Column[];
  /** The tables whose rows it changes. */
  readonly targets: readonly string[];
};

/** What is written into, wherever it stands in a statement; not `for update`, not `do update`. */
const TARGETS =
  /\b(?:insert\s+into|delete\s+from|merge\s+into|(?<!\b(?:for|do|key)\s+)update)\s+"?([a-z_]+)/gi;

/** How many rows of a table have changed since it was looked at, and before. */
type Growth = { changed: number; seen: number };

/** The messages of PostgreSQL's protocol that we read, as PGlite's parser gives them. */
type Message = {
  readonly name: string;
  readonly fields?: readonly unknown[];
  readonly dataTypeIDs?: readonly number[];
  readonly text?: string;
};

/**
 * The connection to an embedded database. A statement is parsed and planned at its first use and
 * kept under a name, as nearly all the time of a small statement goes into that; afterwards it goes
 * over as one message. PGlite's own `query` sends six and plans every time.
 * https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-EXT-QUERY
 */
export class PreparedConnection implements DatabaseConnection {
  readonly #pglite: PGlite;
  readonly #kept = new Map<string, Prepared>();
  #isInTransaction = false;
  #names = 0;
  readonly #growths = new Map<string, Growth>();

  constructor(pglite: PGlite) {
    this.#pglite = pglite;
  }

  async executeQuery<R>({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    if (!IS_PLANNED.test(sql)) {
      if (parameters.length > 0) throw new Error('a statement that is not planned has no values');
      const result = await this.#runOnce<R>(sql);
      if (!IS_HARMLESS.test(sql)) await this.forgetAll();
      return result;
    }
    const prepared = this.#kept.get(sql) ?? (await this.#prepare(sql));
    const values = parameters.map((value, index) => {
      if (value === null || value === undefined) return null;
      const toText = prepared.serializers[index];
      if (toText === undefined) throw new Error('a statement has fewer places than values');
      return toText(value);
    });
    const bind = serialize.bind({ statement: prepared.name, values });
    const messages = await this.#send(bind, serialize.execute(), serialize.sync());
    await this.#keepOnDisk();
    const result = resultOf<R>(messages, prepared.columns);
    // The tag of a `with … select` tells the rows that it gave back, not those it wrote.
    const rows = Math.max(Number(result.numAffectedRows), result.rows.length);
    for (const table of prepared.targets) this.#note(table, rows);
    return result;
  }

  // biome-ignore lint/correctness/useYield: Kysely wants a generator; there is nothing to yield.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('PGlite has the whole result at once; there is no stream of it.');
  }

  async begin(isolation: string): Promise<void> {
    await this.#runOnce(`begin${isolation}`);
    this.#isInTransaction = true;
  }

  /** Throws where a statement before had failed, as nothing of the transaction is kept then. */
  async commit(): Promise<void> {
    const messages = await this.#endWith('commit');
    if (messages.some(({ name, text }) => name === 'commandComplete' && text === 'ROLLBACK')) {
      throw new Error('The transaction had failed before; it was rolled back.');
    }
  }

  async rollback(): Promise<void> {
    await this.#endWith('rollback');
  }

  /**
   * Between two callers: has tables counted that have grown much; that makes their plans new.
   * https://www.postgresql.org/docs/current/routine-vacuuming.html#VACUUM-FOR-STATISTICS
   */
  async lookAtGrowth(): Promise<void> {
    const grown: string[] = [];
    for (const [table, growth] of this.#growths) {
      if (growth.changed < CHANGES_BEFORE_ANALYZE + growth.seen) continue;
      grown.push(table);
      this.#growths.set(table, { changed: 0, seen: growth.seen + growth.changed });
    }
    if (grown.length === 0) return;
    await this.#send(serialize.query(`analyze ${grown.map((name) => `"${name}"`).join(', ')}`));
  }

  #note(table: string, rows: number): void {
    const growth = this.#growths.get(table) ?? { changed: 0, seen: 0 };
    growth.changed += rows;
    this.#growths.set(table, growth);
  }

  /** Forgets every plan and how tables have grown, after the tables themselves may have changed. */
  async forgetAll(): Promise<void> {
    this.#growths.clear();
    await this.#deallocate();
  }

  async #deallocate(): Promise<void> {
    this.#kept.clear();
    await this.#send(serialize.query('deallocate all'));
  }

  async #endWith(word: string): Promise<readonly Message[]> {
    this.#isInTransaction = false;
    const messages = await this.#send(serialize.query(word));
    await this.#keepOnDisk();
    return messages;
  }

  async #prepare(sql: string): Promise<Prepared> {
    if (this.#kept.size >= KEPT) await this.#deallocate();
    this.#names += 1;
    const name = `daikou_${this.#names}`;
    const parse = serialize.parse({ name, text: sql });
    const describe = serialize.describe({ type: 'S', name });
    const messages = await this.#send(parse, describe, serialize.sync());
    const { dataTypeIDs = [] } = messages.find((one) => 'dataTypeIDs' in one) ?? {};
    const prepared: Prepared = {
      name,
      serializers: dataTypeIDs.map((oid) => this.#pglite.serializers[oid] ?? String),
      columns: this.#columnsOf(messages),
      targets: [...sql.matchAll(TARGETS)].flatMap(([, table]) => table ?? []),
    };
    this.#kept.set(sql, prepared);
    return prepared;
  }

  async #runOnce<R>(sql: string): Promise<QueryResult<R>> {
    const messages = await this.#send(serialize.query(sql));
    await this.#keepOnDisk();
    return resultOf(messages, this.#columnsOf(messages));
  }

  #columnsOf(messages: readonly Message[]): readonly Column[] {
    const described = messages.find(({ name }) => name === 'rowDescription');
    const fields = (described?.fields ?? []) as { name: string; dataTypeID: number }[];
    return fields.map(({ name, dataTypeID }) => ({
      name,
      parse: this.#pglite.parsers[dataTypeID],
    }));
  }

  /** Sends these messages as one and returns the answers; throws the first error among them. */
  async #send(...messages: readonly Uint8Array[]): Promise<readonly Message[]> {
    const batch = Buffer.concat(messages);
    const { messages: answers } = await this.#pglite.execProtocol(batch, { syncToFs: false });
    return answers as readonly Message[];
  }

  /** Hands what is committed to the file system below, as PGlite does after each statement. */
  async #keepOnDisk(): Promise<void> {
    if (!this.#isInTransaction) await this.#pglite.syncToFs();
  }
}

function resultOf<R>(messages: readonly Message[], columns: readonly Column[]): QueryResult<R> {
  const rows: R[] = [];
  let changed = 0n;
  for (const message of messages) {
    if (message.name === 'dataRow') rows.push(rowOf(message.fields ?? [], columns) as R);
    if (message.name === 'commandComplete') changed += changedBy(message.text ?? '');
  }
  return { rows, numAffectedRows: changed };
}

function rowOf(texts: readonly unknown[], columns: readonly Column[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const [index, { name, parse }] of columns.entries()) {
    const text = texts[index];
    row[name] = typeof text === 'string' && parse !== undefined ? parse(text) : text;
  }
  return row;
}

/** Rows that a command changed: the number at the end of `UPDATE 3` or `INSERT 0 5`. */
function changedBy(tag: string): bigint {
  return /^(?:INSERT|UPDATE|DELETE|MERGE)\b.* (\d+)$/.exec(tag)?.[1] === undefined
    ? 0n
    : BigInt(tag.split(' ').at(-1) ?? '0');
}
