-- bucket is the source's: the one of its customer, or of the rail bill for facts without customer.
create table journals (
  bucket smallint not null,
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  customer_id uuid,
  template text not null,
  source_id uuid not null,
  source_kind char(3) not null,
  business_date date not null,
  currency char(3) not null,
  entry_count smallint not null check (entry_count >= 2),
  posted_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  constraint journals_once_per_source unique (bucket, merchant_id, source_id, template)
);
create trigger journals_append_only before update or delete on journals
  for each row execute function daikou_append_only();
alter table journals enable row level security;
alter table journals force row level security;
create policy tenant on journals to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on journals to daikou_admin using (true) with check (true);
grant select, insert on journals to daikou_app;

-- minor: positive is debit (借), negative is credit (贷), in the journal's currency.
create table entries (
  bucket smallint not null,
  merchant_id uuid not null,
  journal_id uuid not null,
  position smallint not null check (position > 0),
  account text not null,
  minor bigint not null,
  primary key (bucket, merchant_id, journal_id, position),
  foreign key (bucket, merchant_id, journal_id) references journals (bucket, merchant_id, id)
);
create index entries_of_account on entries (merchant_id, account) include (minor);
create trigger entries_append_only before update or delete on entries
  for each row execute function daikou_append_only();
alter table entries enable row level security;
alter table entries force row level security;
create policy tenant on entries to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on entries to daikou_admin using (true) with check (true);
grant select, insert on entries to daikou_app;

-- I5: a statement inserts whole journals, and each sums to zero. The count closes a journal: since
-- positions are unique and start at 1, no later statement can add a balanced pair to it.
-- The planner knows nothing of the size of a transition table and would read all journals for
-- each insert; inside this function it goes by the key.
create function daikou_entries_balance() returns trigger
  language plpgsql
  set enable_seqscan = off
  set enable_hashjoin = off
  set enable_mergejoin = off
  as $$
declare
  wrong record;
begin
  select journal_id, sum(minor) as total into wrong
    from added group by bucket, merchant_id, journal_id having sum(minor) <> 0 limit 1;
  if found then
    raise exception 'the entries of journal % sum to % and not to zero', wrong.journal_id,
      wrong.total using errcode = 'check_violation', constraint = 'entries_sum_to_zero';
  end if;
  select j.id as journal_id into wrong
    from (select bucket, merchant_id, journal_id, count(*) as given, max(position) as last
            from added group by bucket, merchant_id, journal_id) a
    join journals j
      on j.bucket = a.bucket and j.merchant_id = a.merchant_id and j.id = a.journal_id
   where a.given <> j.entry_count or a.last <> j.entry_count limit 1;
  if found then
    raise exception 'journal % was not given all its entries at once', wrong.journal_id
      using errcode = 'check_violation', constraint = 'entries_of_a_whole_journal';
  end if;
  return null;
end $$;
create trigger entries_balance after insert on entries
  referencing new table as added
  for each statement execute function daikou_entries_balance();
