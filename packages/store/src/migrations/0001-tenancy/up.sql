-- Roles. `daikou_app` is what every transaction of a merchant runs as: bound by row-level security.
-- `daikou_admin` lets the installation's own statements past the policies; the owner inherits it,
-- because forced row-level security binds the owner as well.
do $$
declare
  wanted text;
begin
  foreach wanted in array array['daikou_app', 'daikou_admin'] loop
    if not exists (select from pg_roles where rolname = wanted) then
      begin
        execute format('create role %I nologin', wanted);
      exception
        -- Roles belong to the whole cluster: another database may have made it just now.
        when duplicate_object or unique_violation then null;
      end;
    end if;
    if not (select rolsuper from pg_roles where rolname = current_user) then
      begin
        execute format('grant %I to %I', wanted, current_user);
      exception
        -- An administrator has granted it beforehand; opening the store checks that it works.
        when insufficient_privilege then null;
      end;
    end if;
  end loop;
end $$;

grant usage on schema public to daikou_app;

-- The merchant of the current transaction; null (and so no row at all) when none was set. After a
-- commit a pooled connection holds '' and not null, hence nullif.
create function daikou_merchant() returns uuid
  language sql stable
  as $$ select nullif(current_setting('daikou.merchant_id', true), '')::uuid $$;

-- Rows of the books and of the outbox are only ever added. The one exception is the erasure of a
-- demo merchant, which the owner announces; the application role cannot use it.
create function daikou_append_only() returns trigger
  language plpgsql
  as $$
begin
  if tg_op = 'DELETE' and current_user <> 'daikou_app'
    and current_setting('daikou.erasing_demo', true) = old.merchant_id::text then
    return old;
  end if;
  raise exception 'rows of % are never changed or deleted; add a new one', tg_table_name
    using errcode = 'restrict_violation', table = tg_table_name;
end $$;

create table merchants (
  id uuid primary key,
  code text not null unique check (code <> ''),
  name text not null,
  zone text not null,
  mode text not null check (mode in ('test', 'live')),
  test_clock timestamptz check (test_clock is null or mode = 'test'),
  demo boolean not null
);
alter table merchants enable row level security;
alter table merchants force row level security;
create policy tenant on merchants to daikou_app using (id = daikou_merchant());
create policy admin on merchants to daikou_admin using (true) with check (true);
grant select on merchants to daikou_app;

create table api_keys (
  merchant_id uuid not null references merchants (id),
  key_hash text not null check (key_hash ~ '^[0-9a-f]{64}$'),
  label text not null,
  created_at timestamptz not null default now(),
  primary key (merchant_id, key_hash)
);
create unique index api_keys_hash_opens_one_merchant on api_keys (key_hash);
alter table api_keys enable row level security;
alter table api_keys force row level security;
create policy tenant on api_keys to daikou_app using (merchant_id = daikou_merchant());
create policy admin on api_keys to daikou_admin using (true) with check (true);

create table runs (
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  kind text not null,
  key text not null,
  state text not null check (state in ('running', 'done')),
  progress jsonb not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  primary key (merchant_id, id),
  constraint runs_one_per_kind_and_key unique (merchant_id, kind, key),
  constraint runs_done_has_an_end check (state = 'running' or finished_at is not null)
);
alter table runs enable row level security;
alter table runs force row level security;
create policy tenant on runs to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on runs to daikou_admin using (true) with check (true);
grant select, insert, update on runs to daikou_app;
