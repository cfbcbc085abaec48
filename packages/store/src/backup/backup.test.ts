import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { newLife, openAttempt } from '../../../../test/kit/life.ts';
import { BACKENDS, type FreshStore, postgresDatabases } from '../../../../test/kit/stores.ts';
import { temporaryFolder } from '../../../../test/kit/telco.ts';
import { newTenant, saveLife, type World } from '../../../../test/kit/world.ts';
import type { Backend } from '../backends/backend.ts';
import { openMemoryDatabase } from '../backends/pglite.ts';
import { openPostgres } from '../backends/postgres.ts';
import { findViolations } from '../doctor/find-violations.ts';
import { loadMigrations } from '../migrate.ts';
import { storeOf } from '../open.ts';
import { BackupUnusable, DatabaseNotEmpty } from './failures.ts';
import { restoreInto } from './restore.ts';
import { loadTables, SCHEMA_TABLE } from './tables.ts';

const WITHOUT = { quarantine: () => false };
const WITH = { quarantine: () => true };

const folder = temporaryFolder();
after(() => folder.remove());
let files = 0;
function newFile(): string {
  files += 1;
  return join(folder.path, `backup-${files}.gz`);
}

/** Texts that a careless format would lose: quotes, commas, lines, an empty text beside none. */
const HARD = 'a "b" (c, d) \\ {e}\nnext\u2028 行 \t 😀';

async function filledStore(store: FreshStore): Promise<World> {
  const world = await newTenant(store);
  for (let index = 0; index < 3; index += 1) await saveLife(world);
  await store.rawSql(`update merchants set name = '${HARD}'`);
  return world;
}

/** Every row of every table as text. */
async function contentOf(backend: Pick<Backend, 'db' | 'rawSql'>): Promise<Map<string, string[]>> {
  const content = new Map<string, string[]>();
  for (const { name } of await loadTables(backend.db)) {
    if (name === SCHEMA_TABLE) continue;
    const { rows } = await backend.rawSql(
      `set timezone = 'UTC'; select (t)::text as row from ${name} as t order by 1`,
    );
    content.set(
      name,
      rows.map(([row]) => String(row)),
    );
  }
  return content;
}

for (const { name, databases } of BACKENDS) {
  describe(`backups on ${name}`, () => {
    const { fresh } = databases();
    const server = name === 'PostgreSQL' ? postgresDatabases() : undefined;
    const opened: Backend[] = [];
    after(async () => {
      for (const backend of opened) await backend.close();
    });
    const empty = async (): Promise<Backend> => {
      const backend =
        server === undefined
          ? await openMemoryDatabase()
          : await openPostgres(await server.empty());
      opened.push(backend);
      return backend;
    };

    test('every row comes back, in a new database and in a migrated one without rows', async () => {
      const store = await fresh();
      await filledStore(store);
      const path = newFile();
      const made = await store.backUp(path);
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.ok(made.rows > 30, `${made.rows} rows`);
      const original = await tablesOf(store);

      const target = await empty();
      const restored = await restoreInto(target.db, path, WITHOUT);
      assert.equal(restored.rows, made.rows);
      assert.deepEqual([restored.from, restored.to], [made.schema, loadMigrations().length]);
      assert.deepEqual(sorted(await contentOf(target)), original);
      assert.deepEqual(await findViolations(target.db, 10), []);
      await assert.rejects(() => restoreInto(target.db, path, WITHOUT), DatabaseNotEmpty);
      assert.deepEqual(sorted(await contentOf(target)), original);

      const migrated = await empty();
      await (await storeOf({ ...migrated, close: async () => {} })).close();
      await restoreInto(migrated.db, path, WITHOUT);
      assert.deepEqual(sorted(await contentOf(migrated)), original);
    });

    test('the rules of the database are back: keys, triggers, security', async () => {
      const store = await fresh();
      const { merchant } = await filledStore(store);
      const path = newFile();
      await store.backUp(path);
      const target = await empty();
      await restoreInto(target.db, path, WITHOUT);
      await assert.rejects(() => target.rawSql('update payments set amount_minor = 1'));
      await assert.rejects(() => target.rawSql('delete from customers'));
      const again = await storeOf({ ...target, close: async () => {} });
      const customers = await again.transact(merchant.id, (tx) => tx.listCustomers({ limit: 10 }));
      assert.equal(customers.length, 3);
    });

    test('in quarantine the database commits no intent to move money', async () => {
      const store = await fresh();
      const world = await newTenant(store);
      const path = newFile();
      await saveLife(world);
      await store.backUp(path);
      const target = await empty();
      const { quarantined } = await restoreInto(target.db, path, WITH);
      assert.equal(quarantined, true);
      const again = await storeOf({ ...target, close: async () => {} });
      assert.equal(await again.countQuarantines(), 1);
      const other = newLife(world.merchant.id, { catalog: world.catalog });
      const attempt = openAttempt(other.debit);
      const intent = (state: 'submitting' | 'unknown') =>
        again.transact(world.merchant.id, async (tx) => {
          await tx.insertNewCustomers([other.customer]);
          await tx.save({
            subscriptions: [other.subscription],
            mandates: [other.mandate],
            invoices: [other.invoice],
            debits: [{ ...other.debit, state: 'in_flight' }],
            attempts: [{ ...attempt, state }],
          });
        });
      await assert.rejects(() => intent('submitting'), /quarantine/);
      await intent('unknown');
      await assert.rejects(
        () => target.rawSql("update attempts set state = 'submitting' where state = 'unknown'"),
        /quarantine/,
      );
    });
  });
}

async function tablesOf(store: FreshStore): Promise<readonly (readonly [string, string[]])[]> {
  const { rows } = await store.rawSql(
    `select relname from pg_class where relnamespace = 'public'::regnamespace
      and relkind = 'r' and relname <> '${SCHEMA_TABLE}' order by 1`,
  );
  const content = new Map<string, string[]>();
  for (const [table] of rows) {
    const found = await store.rawSql(
      `set timezone = 'UTC'; select (t)::text as row from ${String(table)} as t order by 1`,
    );
    content.set(
      String(table),
      found.rows.map(([row]) => String(row)),
    );
  }
  return sorted(content);
}

function sorted(content: ReadonlyMap<string, string[]>): readonly (readonly [string, string[]])[] {
  return [...content].sort(([a], [b]) => (a < b ? -1 : 1));
}

describe('files that restore nothing', () => {
  const { fresh } = (BACKENDS[0] ?? assert.fail()).databases();

  /** The lines of an archive, changed by a test. */
  const edited = (path: string, edit: (lines: string[]) => string[]): string => {
    const lines = gunzipSync(readFileSync(path)).toString('utf8').split('\n').slice(0, -1);
    const changed = newFile();
    writeFileSync(changed, gzipSync(`${edit(lines).join('\n')}\n`));
    return changed;
  };
  const bytes = (path: string, edit: (bytes: Buffer) => Buffer): string => {
    const changed = newFile();
    writeFileSync(changed, edit(readFileSync(path)));
    return changed;
  };
  const header = (path: string, changes: object) =>
    edited(path, ([first = '', ...rest]) => [
      JSON.stringify({ ...JSON.parse(first), ...changes }),
      ...rest,
    ]);
  const isRow = (line: string) => line.startsWith('"');

  const BAD: readonly {
    readonly what: string;
    readonly reason: string;
    readonly make: (path: string) => string;
  }[] = [
    { what: 'an empty file', reason: 'truncated', make: (p) => bytes(p, () => Buffer.alloc(0)) },
    {
      what: 'another file',
      reason: 'not_a_backup',
      make: (p) => bytes(p, () => Buffer.from('reference,amount\nA-1,2985\n')),
    },
    {
      what: 'gzip of something else',
      reason: 'not_a_backup',
      make: (p) => bytes(p, () => gzipSync('{"format":"other"}\n')),
    },
    {
      what: 'half of it',
      reason: 'truncated',
      make: (p) => bytes(p, (all) => all.subarray(0, all.length >> 1)),
    },
    {
      what: 'all but its last byte',
      reason: 'truncated',
      make: (p) => bytes(p, (all) => all.subarray(0, -1)),
    },
    { what: 'no trailer', reason: 'truncated', make: (p) => edited(p, (all) => all.slice(0, -1)) },
    {
      what: 'a row that is gone',
      reason: 'damaged',
      make: (p) => edited(p, (all) => all.toSpliced(all.findIndex(isRow), 1)),
    },
    {
      what: 'a row twice',
      reason: 'damaged',
      make: (p) =>
        edited(p, (all) => all.toSpliced(all.findIndex(isRow), 0, all.find(isRow) ?? '')),
    },
    {
      what: 'an amount that was changed',
      reason: 'damaged',
      make: (p) => edited(p, (all) => all.map((line) => line.replace(',2985,', ',2986,'))),
    },
    {
      what: 'rows after the trailer',
      reason: 'damaged',
      make: (p) => edited(p, (all) => [...all, all.find(isRow) ?? '']),
    },
    {
      what: 'a header that was changed',
      reason: 'damaged',
      make: (p) => header(p, { madeAt: '2020-01-01T00:00:00Z' }),
    },
    { what: 'a newer form', reason: 'newer_format', make: (p) => header(p, { version: 99 }) },
  ];

  test('each is named, and nothing is written', async () => {
    const store = await fresh();
    await filledStore(store);
    const path = newFile();
    await store.backUp(path);
    const target = await openMemoryDatabase();
    for (const { what, reason, make } of BAD) {
      await assert.rejects(
        () => restoreInto(target.db, make(path), WITHOUT),
        (error) => error instanceof BackupUnusable && error.reason === reason,
        what,
      );
      assert.deepEqual(await loadTables(target.db), [], what);
    }
    const all = readFileSync(path);
    // Bytes 4 to 9 of gzip's own head say when and where it was made, which nobody reads.
    for (let at = 10; at < all.length; at += Math.ceil(all.length / 60)) {
      const flipped = bytes(path, (copy) => {
        copy[at] = (copy[at] ?? 0) ^ 0x10;
        return copy;
      });
      await assert.rejects(() => restoreInto(target.db, flipped, WITHOUT), BackupUnusable);
    }
    assert.deepEqual(await loadTables(target.db), []);
    await target.close();
  });

  test('a newer schema, other columns, and a file of that name', async () => {
    const store = await fresh();
    await filledStore(store);
    const path = newFile();
    await store.backUp(path);
    await assert.rejects(
      () => store.backUp(path),
      (error) => error instanceof BackupUnusable && error.reason === 'file_exists',
    );
    await store.backUp(path, { force: true });
    await store.rawSql('alter table coupons add column extra text');
    const changed = newFile();
    await store.backUp(changed);
    await store.rawSql('insert into daikou_schema values (9999, $$x$$, now())');
    const newer = newFile();
    await store.backUp(newer);
    const target = await openMemoryDatabase();
    const reasonOf = async (file: string) => {
      const error = await restoreInto(target.db, file, WITHOUT).catch((thrown: unknown) => thrown);
      return error instanceof BackupUnusable ? error.reason : error;
    };
    assert.equal(await reasonOf(changed), 'other_columns');
    assert.equal(await reasonOf(newer), 'newer_schema');
    assert.deepEqual(await loadTables(target.db), []);
    await target.rawSql('create table somebody_else (id int)');
    await assert.rejects(() => restoreInto(target.db, path, WITHOUT), DatabaseNotEmpty);
    assert.equal(existsSync(`${path}.part`), false);
    await target.close();
  });
});
