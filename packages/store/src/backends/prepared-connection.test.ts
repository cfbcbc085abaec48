import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { sql } from 'kysely';
import type { MemoryBackend } from './pglite.ts';
import { openMemoryDatabase } from './pglite.ts';

describe('statements whose plans are kept', () => {
  let shared: MemoryBackend | undefined;
  after(async () => await shared?.close());

  /** One database for all: making one takes longer than every test here. */
  async function withDatabase(work: (backend: MemoryBackend) => Promise<void>): Promise<void> {
    shared ??= await openMemoryDatabase();
    await shared.rawSql(`
      drop table if exists notes; create table notes (id integer primary key, text text)`);
    await work(shared);
  }

  const notes = ({ db }: MemoryBackend) => sql`select * from notes order by id`.execute(db);

  test('values of every kind go over and come back', async () => {
    await withDatabase(async ({ db }) => {
      const asked = () =>
        sql<Record<string, unknown>>`
          select ${'2026-12-01T00:00:00Z'}::timestamptz as at, ${'2026-12-01'}::date as day,
                 ${9_007_199_254_740_993n}::bigint as minor, ${null}::text as nothing,
                 ${['a', 'b,"c"', null]}::text[] as words, ${{ a: [1] }}::jsonb as facts,
                 ${true}::boolean as yes, ${7}::integer as seven, ${''}::text as empty`.execute(db);
      const first = (await asked()).rows[0];
      assert.deepEqual(first, {
        at: '2026-12-01 00:00:00+00',
        day: '2026-12-01',
        minor: 9_007_199_254_740_993n,
        nothing: null,
        words: ['a', 'b,"c"', null],
        facts: { a: [1] },
        yes: true,
        seven: 7,
        empty: '',
      });
      assert.deepEqual((await asked()).rows[0], first);
    });
  });

  test('what a statement changed is counted, row by row of a long one', async () => {
    await withDatabase(async ({ db }) => {
      const added = await sql`
        insert into notes select n, 'x' from generate_series(1, 3000) n`.execute(db);
      assert.equal(added.numAffectedRows, 3_000n);
      const all = await sql<{ text: string }>`
        select repeat(text, 100) as text from notes`.execute(db);
      assert.equal(all.rows.length, 3_000);
      assert.ok(all.rows.every(({ text }) => text === 'x'.repeat(100)));
      const changed = await sql`update notes set text = 'y' where id > ${2_990}`.execute(db);
      assert.equal(changed.numAffectedRows, 10n);
    });
  });

  test('a table that changed its columns is read with the new ones', async () => {
    await withDatabase(async (backend) => {
      await sql`insert into notes values (1, 'one')`.execute(backend.db);
      for (let use = 0; use < 8; use += 1) await notes(backend);
      await backend.rawSql('alter table notes add column more integer default 5');
      assert.deepEqual((await notes(backend)).rows, [{ id: 1, text: 'one', more: 5 }]);
      await sql`alter table notes drop column more`.execute(backend.db);
      assert.deepEqual((await notes(backend)).rows, [{ id: 1, text: 'one' }]);
    });
  });

  test('what was typed in leaves nothing set, and the plans stay', async () => {
    await withDatabase(async (backend) => {
      await notes(backend);
      const plans = async () => {
        const { rows } = await backend.rawSql('select count(*)::int from pg_prepared_statements');
        return rows[0]?.[0];
      };
      const before = await plans();
      assert.notEqual(before, 0);
      await backend.rawSql("set statement_timeout = '1s'; create temp table mine (id integer)");
      await notes(backend);
      await backend.rawSql('begin; set local role pg_monitor; select 1');
      await notes(backend);
      assert.equal(await plans(), 1);
      const { rows } = await backend.rawSql(
        "select current_setting('statement_timeout'), to_regclass('mine') is null, current_user",
      );
      assert.deepEqual(rows, [['0', true, 'postgres']]);
      await backend.rawSql('discard all');
      assert.deepEqual((await notes(backend)).rows, []);
    });
  });

  test('plans that were made for empty tables are made anew when the tables are full', async () => {
    await withDatabase(async (backend) => {
      const planOf = async () => {
        const { rows } = await backend.rawSql(
          'explain select * from notes n where not exists (select from notes o where o.id = n.id)',
        );
        return rows.join('\n');
      };
      const seen = async () => {
        const { rows } = await backend.rawSql(
          "select reltuples::integer from pg_class where relname = 'notes'",
        );
        return rows[0]?.[0];
      };
      await notes(backend);
      assert.equal(await seen(), -1, 'never looked at');
      const add = async (from: number, until: number) => {
        await sql`insert into notes select n, 'x' from generate_series(
          ${from}::integer, ${until}::integer) n`.execute(backend.db);
      };
      await add(1, 150);
      await sql`select id from notes for no key update`.execute(backend.db);
      await sql`select id from notes for
        update`.execute(backend.db);
      assert.equal(await seen(), -1, 'not worth a look');
      await add(151, 2_000);
      assert.equal(await seen(), 2_000);
      await add(2_001, 3_000);
      assert.equal(await seen(), 2_000, 'half as many again do not change a plan');
      await sql`
        with added as (insert into notes select n, 'x' from generate_series(3001, 5000) n
                       on conflict (id)
                         do update set text = 'x' returning id)
        select id from added`.execute(backend.db);
      assert.equal(await seen(), 5_000);
      assert.match(await planOf(), /Hash|Merge/);
    });
  });

  test('more statements than are kept', async () => {
    await withDatabase(async ({ db }) => {
      const ask = async (number: number) => {
        const { rows } = await sql<{ n: number }>`
          select ${sql.lit(number)}::integer as n`.execute(db);
        return rows[0]?.n;
      };
      for (let number = 0; number < 900; number += 1) assert.equal(await ask(number), number);
      assert.equal(await ask(0), 0);
    });
  });

  test('a refused statement ends its transaction and nothing else', async () => {
    await withDatabase(async (backend) => {
      const add = (id: number) => sql`insert into notes values (${id}, 'text')`.execute(backend.db);
      await add(1);
      await assert.rejects(
        backend.db.transaction().execute(async (transaction) => {
          await sql`insert into notes values (${2}, 'text')`.execute(transaction);
          await sql`insert into notes values (${1}, 'text')`.execute(transaction);
        }),
        { code: '23505', constraint: 'notes_pkey' },
      );
      await assert.rejects(sql`select no_column from notes`.execute(backend.db), { code: '42703' });
      await assert.rejects(sql`selec`.execute(backend.db), { code: '42601' });
      await add(3);
      const { rows } = await notes(backend);
      assert.deepEqual(
        rows.map((row) => (row as { id: number }).id),
        [1, 3],
      );
    });
  });

  test('a commit after a failure that was swallowed is no commit', async () => {
    await withDatabase(async (backend) => {
      const swallowed = backend.db.transaction().execute(async (transaction) => {
        await sql`insert into notes values (1, 'text')`.execute(transaction);
        await sql`select 1 / ${0}::integer`.execute(transaction).catch(() => undefined);
      });
      await assert.rejects(swallowed, /rolled back/);
      assert.deepEqual((await notes(backend)).rows, []);
    });
  });

  test('two callers at once do not land in one transaction', async () => {
    await withDatabase(async (backend) => {
      const { db } = backend;
      const failing = db.transaction().execute(async (transaction) => {
        await sql`insert into notes values (1, 'goes')`.execute(transaction);
        throw new Error('on purpose');
      });
      const staying = sql`insert into notes values (2, 'stays')`.execute(db);
      await assert.rejects(failing, /on purpose/);
      await staying;
      assert.deepEqual((await notes(backend)).rows, [{ id: 2, text: 'stays' }]);
    });
  });
});
