-- What a merchant decided about notices, dunning, arrears, fees and checks: a document of one kind,
-- in versions that are never edited. Few and rarely written, so they lie by merchant.
create table policies (
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  kind text not null
    check (kind in ('notice_rules', 'campaign', 'arrears', 'late_fee', 'termination_fee', 'checkup')),
  code text not null check (code ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
  version integer not null check (version > 0),
  body jsonb not null check (jsonb_typeof(body) = 'object'),
  published_by text not null check (length(published_by) between 1 and 100),
  published_at timestamptz not null,
  primary key (merchant_id, id)
);
create unique index policies_version on policies (merchant_id, kind, code, version);
alter table policies enable row level security;
alter table policies force row level security;
create policy tenant on policies to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on policies to daikou_admin using (true) with check (true);
-- No update and no delete: a version that applied to somebody stays what it was.
grant select, insert on policies to daikou_app;

-- Work that waits for a person. It lies with its subject; one is open for each kind and subject.
create table tasks (
  bucket smallint not null,
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  customer_id uuid,
  kind text not null check (kind <> ''),
  subject_kind text not null,
  subject_id uuid not null,
  owner text not null check (owner in ('support', 'finance', 'operations', 'admin', 'developer')),
  state text not null check (state in ('open', 'done', 'dropped')),
  data jsonb not null check (jsonb_typeof(data) = 'object'),
  due_at timestamptz not null,
  opened_at timestamptz not null,
  ended_at timestamptz,
  ended_by text check (length(ended_by) between 1 and 100),
  note text check (length(note) <= 500),
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  constraint tasks_end_is_whole
    check ((state = 'open') = (ended_at is null) and (ended_at is null) = (ended_by is null))
);
create unique index tasks_open_once
  on tasks (bucket, merchant_id, kind, subject_kind, subject_id) where state = 'open';
create index tasks_by_id on tasks (merchant_id, id);
create index tasks_of_customer on tasks (bucket, merchant_id, customer_id);
create index tasks_of_subject on tasks (bucket, merchant_id, subject_id);
alter table tasks enable row level security;
alter table tasks force row level security;
create policy tenant on tasks to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on tasks to daikou_admin using (true) with check (true);
grant select, insert, update on tasks to daikou_app;

-- What a task is about never changes, and an end is final.
create function daikou_task_is_final() returns trigger
  language plpgsql
  as $$
begin
  if (old.customer_id, old.kind, old.subject_kind, old.subject_id, old.opened_at)
    is distinct from
    (new.customer_id, new.kind, new.subject_kind, new.subject_id, new.opened_at) then
    raise exception 'what task % is about cannot change', old.id
      using errcode = 'restrict_violation', constraint = 'tasks_are_about_one_thing';
  end if;
  if old.state <> 'open' and new is distinct from old then
    raise exception 'task % has ended', old.id
      using errcode = 'restrict_violation', constraint = 'tasks_end_is_final';
  end if;
  return new;
end $$;
create trigger tasks_are_final before update on tasks
  for each row execute function daikou_task_is_final();
