import { bucketKeys, migrationFolders, rowSecurity } from './migrations.ts';
import { testRule } from './sample.ts';

const folder = 'packages/store/src/migrations';
const up = (sql: string) => ({ [`${folder}/0001-first/up.sql`]: sql });

testRule(migrationFolders, [
  [
    'numbered, with statement and note',
    {
      [`${folder}/0001-first/up.sql`]: '',
      [`${folder}/0001-first/note.md`]: '',
      [`${folder}/0002-second/up.sql`]: '',
      [`${folder}/0002-second/note.md`]: '',
      [`${folder}/run.ts`]: '',
    },
    [],
  ],
  [
    'a gap and a missing note',
    { [`${folder}/0001-first/up.sql`]: '', [`${folder}/0003-third/up.sql`]: '' },
    ['0001-first/note.md:1 is missing', 'should be 0002-', '0003-third/note.md:1 is missing'],
  ],
]);

testRule(bucketKeys, [
  [
    'keys that begin with bucket; merchant-level tables are free',
    up(`
      -- create table old (bucket int, id uuid primary key);
      create table plans (merchant_id uuid, id uuid, primary key (merchant_id, id));
      create table if not exists daikou.customers (
        bucket smallint not null, merchant_id uuid not null, id uuid not null,
        amount numeric(20, 2) default (1) check (amount > 0 and amount <> 7),
        name text not null default 'a, (unique) primary key; references x',
        constraint customers_pk primary key (bucket, id),
        unique nulls not distinct (bucket, merchant_id, name));
      create table debits (
        bucket smallint, id uuid, customer_id uuid, plan_id uuid, merchant_id uuid,
        primary key (bucket, id),
        foreign key (merchant_id, plan_id) references plans (merchant_id, id),
        foreign key (bucket, customer_id) references customers (bucket, id));
      create unique index on debits using btree (bucket, plan_id) where plan_id is not null;
      create index debits_due on debits (plan_id);
    `),
    [],
  ],
  [
    'inline keys',
    up(`create table a (bucket smallint, id uuid primary key, mail text unique);`),
    ['a: a primary key begins with id; write (bucket, id)', 'a: a unique key begins with mail'],
  ],
  [
    'no primary key at all',
    up('create table a (\n  bucket smallint\n);'),
    ['a has no primary key; add a primary key that begins with bucket'],
  ],
  [
    'foreign keys, inline and added later',
    up(`create table a (bucket smallint, id uuid, primary key (bucket, id));
create table b (bucket smallint, id uuid, a_id uuid references a, primary key (bucket, id));
alter table only b add constraint b_a foreign key (a_id, bucket) references a (id, bucket);`),
    ['up.sql:2 b: a foreign key begins with a_id', 'up.sql:3 b: a foreign key begins with a_id'],
  ],
  [
    'a unique index, and a bucket that arrives by alter table',
    up(`create table a (id uuid); alter table a add column bucket smallint;
      alter table a add primary key (bucket, id);
      create unique index concurrently if not exists a_once on only a (lower(id), bucket);`),
    ['a: a unique key begins with lower'],
  ],
  [
    'a merchant-level table that points to a customer',
    up(`create table a (bucket smallint, id uuid, primary key (bucket, id));
      create table b (id uuid primary key, a_id uuid references a (id));`),
    ['b has no bucket and points to a, which has one; drop the key'],
  ],
  [
    'a table that was dropped again',
    up('create table a (bucket smallint, id uuid primary key); drop table if exists a;'),
    [],
  ],
]);

const secured = `alter table a enable row level security;
  alter table a force row level security;
  create policy own on a using (merchant_id = current_merchant());`;
testRule(rowSecurity, [
  ['said table by table', up(`create table a (merchant_id uuid, id uuid); ${secured}`), []],
  [
    'in two actions of one statement',
    up(`create table a (merchant_id uuid);
    alter table a enable row level security, force row level security;
    create policy "own rows" on public.a using (true);`),
    [],
  ],
  [
    'said by a loop over the names',
    up(`create table a (merchant_id uuid); create table b (merchant_id uuid);
      do $$ declare t text; begin
        foreach t in array array['a', 'b'] loop
          execute format('alter table %I enable row level security', t);
          execute format('alter table %I force row level security', t);
          execute format('create policy own on %I using (true)', t);
        end loop;
      end $$;`),
    [],
  ],
  [
    'in a later migration',
    {
      [`${folder}/0001-first/up.sql`]: 'create table a (merchant_id uuid);',
      [`${folder}/0002-second/up.sql`]: secured,
    },
    [],
  ],
  ['a table without merchants', up('create table clocks (id uuid primary key);'), []],
  [
    'a table that everybody reads',
    up('\ncreate table a (merchant_id uuid); alter table a enable row level security;'),
    ['up.sql:2 a has a merchant_id; write "alter table a force', 'write "create policy … on a"'],
  ],
]);
