-- After a restore the world has moved and these books have not: a merchant is in quarantine until
-- what happened since the backup has been learned from the rails (I16).
create table quarantines (
  merchant_id uuid not null references merchants (id),
  restored_at timestamptz not null,
  -- The books know everything until then, and nothing of what came after.
  backup_made_at timestamptz not null,
  state text not null check (state in ('open', 'released')),
  -- When the rails were asked for the first time: until then others may have acted in our name.
  asked_at timestamptz,
  -- When a round of questions last ended without any of them unanswered.
  learned_at timestamptz,
  progress jsonb not null check (jsonb_typeof(progress) = 'object'),
  released_by text check (released_by <> ''),
  released_at timestamptz,
  primary key (merchant_id, restored_at),
  constraint quarantines_release_is_whole
    check ((state = 'released') = (released_by is not null)
           and (released_by is null) = (released_at is null)),
  constraint quarantines_run_forward check (backup_made_at <= restored_at)
);
create unique index quarantines_one_open on quarantines (merchant_id) where state = 'open';
alter table quarantines enable row level security;
alter table quarantines force row level security;
create policy tenant on quarantines to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on quarantines to daikou_admin using (true) with check (true);
grant select, update on quarantines to daikou_app;

-- What was learned from the rails: each number and contract of which the backup knew nothing, or
-- less. What the books cannot take in by themselves waits for a person and keeps the quarantine.
create table quarantine_findings (
  merchant_id uuid not null references merchants (id),
  kind text not null check (kind in ('mandate_signed', 'mandate_ended', 'attempt', 'debit',
    'refund', 'order_unknown', 'refund_unknown')),
  rail text not null,
  number text not null check (number <> ''),
  outcome text not null check (outcome <> ''),
  currency char(3),
  amount_minor bigint,
  needs_person boolean not null,
  found_at timestamptz not null,
  resolved_by text check (resolved_by <> ''),
  resolved_at timestamptz,
  note text,
  primary key (merchant_id, rail, kind, number),
  constraint quarantine_findings_amount_is_whole
    check ((currency is null) = (amount_minor is null)),
  constraint quarantine_findings_resolution_is_whole
    check ((resolved_by is null) = (resolved_at is null)
           and (resolved_by is null) = (note is null))
);
create index quarantine_findings_of_number on quarantine_findings (merchant_id, rail, number);
alter table quarantine_findings enable row level security;
alter table quarantine_findings force row level security;
create policy tenant on quarantine_findings to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on quarantine_findings to daikou_admin using (true) with check (true);
grant select, insert, update on quarantine_findings to daikou_app;

-- I16: while it is open no intent to move money is committed, whoever asks for it.
create function daikou_quarantine_submits_nothing() returns trigger
  language plpgsql
  as $$
declare
  held uuid;
begin
  if tg_op = 'INSERT' then
    select a.id into held from added a
     where a.state = 'submitting'
       and exists (select from quarantines q
                    where q.merchant_id = a.merchant_id and q.state = 'open')
     limit 1;
  else
    select a.id into held from added a
      join removed r on r.bucket = a.bucket and r.merchant_id = a.merchant_id and r.id = a.id
     where a.state = 'submitting' and r.state <> 'submitting'
       and exists (select from quarantines q
                    where q.merchant_id = a.merchant_id and q.state = 'open')
     limit 1;
  end if;
  if found then
    raise exception '% of % cannot be sent: the merchant is in quarantine after a restore', held,
      tg_table_name
      using errcode = 'check_violation', constraint = tg_table_name || '_not_in_quarantine',
            table = tg_table_name;
  end if;
  return null;
end $$;
create trigger attempts_not_in_quarantine after insert on attempts
  referencing new table as added
  for each statement execute function daikou_quarantine_submits_nothing();
create trigger attempts_not_again_in_quarantine after update on attempts
  referencing new table as added old table as removed
  for each statement execute function daikou_quarantine_submits_nothing();
create trigger refunds_not_in_quarantine after insert on refunds
  referencing new table as added
  for each statement execute function daikou_quarantine_submits_nothing();
create trigger refunds_not_again_in_quarantine after update on refunds
  referencing new table as added old table as removed
  for each statement execute function daikou_quarantine_submits_nothing();

-- An attempt that is learned from the rail had its authority when it left: its mandate may have
-- ended since. It is written as unknown and settled; only an intent is asked for its authority.
create or replace function daikou_attempt_has_authority() returns trigger
  language plpgsql
  as $$
declare
  wrong record;
begin
  select a.id, a.amount_minor, d.amount_minor as debit_minor, m.single_cap_minor, m.state
    into wrong
    from added a
    join debits d
      on d.bucket = a.bucket and d.merchant_id = a.merchant_id and d.id = a.debit_id
    join mandates m
      on m.bucket = d.bucket and m.merchant_id = d.merchant_id and m.id = d.mandate_id
   where (a.amount_minor <> d.amount_minor or a.currency <> d.currency or a.rail <> d.rail
      or a.amount_minor > m.single_cap_minor or m.currency <> a.currency or m.rail <> a.rail
      or m.state <> 'active')
     and (a.state <> 'unknown' or not exists (
       select from quarantines q where q.merchant_id = a.merchant_id and q.state = 'open'))
   limit 1;
  if found then
    raise exception 'attempt % of % has no authority: debit %, cap %, mandate %', wrong.id,
      wrong.amount_minor, wrong.debit_minor, wrong.single_cap_minor, wrong.state
      using errcode = 'check_violation', constraint = 'attempts_have_authority';
  end if;
  return null;
end $$;
