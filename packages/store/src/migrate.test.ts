import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { sql } from 'kysely';
import { postgresDatabases } from '../../../test/kit/stores.ts';
import { openMemoryDatabase } from './backends/pglite.ts';
import { openPostgres } from './backends/postgres.ts';
import { NewerSchema } from './errors.ts';
import { renderSchema, renderTypes } from './generated-schema.ts';
import { loadMigrations, migrate, splitStatements } from './migrate.ts';
import { openStore } from './open.ts';

const LATEST = loadMigrations().length;
const BROKEN = {
  version: LATEST + 1,
  name: 'broken',
  sql: 'create table half (id int);\nnonsense;',
};

describe('migrations', () => {
  test('every migration has a note, and the numbers have no gaps', () => {
    const folder = new URL('./migrations/', import.meta.url);
    const names = readdirSync(folder);
    assert.equal(names.length, LATEST);
    for (const name of names) {
      const note = readFileSync(new URL(`${name}/note.md`, folder), 'utf8');
      assert.match(note, /^# /, name);
      assert.match(note, /## How it was proved/, name);
      assert.ok(existsSync(new URL(`${name}/up.sql`, folder)), name);
    }
  });

  test('a file is split at the semicolons that end lines, outside function bodies', () => {
    const text = `-- A note.
create table a (b text default ';');
create function f() returns int language sql as $$
  select 1;
$$;
select 2`;
    assert.deepEqual(
      splitStatements(text).map((statement) => statement.trim().split('\n').length),
      [1, 3, 1],
    );
  });

  test('an embedded database is migrated once; a second start changes nothing', async () => {
    const { db, close } = await openMemoryDatabase();
    assert.deepEqual(await migrate(db), { from: 0, to: LATEST });
    const before = await renderSchema(db);
    assert.deepEqual(await migrate(db), { from: LATEST, to: LATEST });
    assert.equal(await renderSchema(db), before);
    await close();
  });

  test('a migration that fails leaves nothing behind', async () => {
    const { db, close } = await openMemoryDatabase();
    await migrate(db);
    const before = await renderSchema(db);
    await assert.rejects(migrate(db, [...loadMigrations(), BROKEN]), /nonsense/);
    assert.equal(await renderSchema(db), before);
    const { rows } = await sql<{ version: number }>`
      select max(version) as version from daikou_schema`.execute(db);
    assert.equal(rows[0]?.version, LATEST);
    await close();
  });

  test('the generated types and schema are those of the migrations', async () => {
    const { db, close } = await openMemoryDatabase();
    await migrate(db);
    const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
    const advice = 'run node packages/store/src/generate-types.ts';
    assert.equal(await renderTypes(db), read('./schema.generated.ts'), advice);
    assert.equal(await renderSchema(db), read('./schema.generated.sql'), advice);
    await close();
  });
});

describe('migrations on PostgreSQL', () => {
  const databases = postgresDatabases();

  test('eight processes that start at once migrate it once', async () => {
    const databaseUrl = await databases.empty();
    const stores = await Promise.all(
      Array.from({ length: 8 }, () => openStore({ databaseUrl, home: 'unused' })),
    );
    const froms = stores.map(({ migratedFrom }) => migratedFrom).sort();
    assert.deepEqual(froms, [0, ...Array.from({ length: 7 }, () => LATEST)]);
    const [first] = stores;
    assert.ok(first !== undefined);
    const { rows } = await first.rawSql('select count(*), max(version) from daikou_schema');
    assert.deepEqual(rows, [[BigInt(LATEST), LATEST]]);
    for (const store of stores) await store.close();
  });

  test('a database of a newer Daikou is refused and left alone', async () => {
    const databaseUrl = await databases.empty();
    const newer = await openStore({ databaseUrl, home: 'unused' });
    await newer.rawSql(`insert into daikou_schema values (${LATEST + 1}, 'later', now())`);
    await newer.close();
    await assert.rejects(openStore({ databaseUrl, home: 'unused' }), (error) => {
      assert.ok(error instanceof NewerSchema);
      assert.deepEqual([error.databaseVersion, error.codeVersion], [LATEST + 1, LATEST]);
      assert.match(error.message, /Start the newer Daikou/);
      return true;
    });
  });

  test('the schema is the same on PostgreSQL as on the embedded database', async () => {
    const databaseUrl = await databases.empty();
    const store = await openStore({ databaseUrl, home: 'unused' });
    await store.close();
    const { db, close } = await openPostgres(databaseUrl);
    const file = readFileSync(new URL('./schema.generated.ts', import.meta.url), 'utf8');
    assert.equal(await renderTypes(db), file);
    await close();
  });
});
