-- The chase after one customer's arrears in one currency. The campaign is kept as it was when the
-- case began; what happened is its timeline, to which the application only adds.
create table dunning_cases (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  currency char(3) not null,
  state text not null check (state in ('running', 'paused', 'ended')),
  campaign_name text not null check (campaign_name <> ''),
  campaign_body jsonb not null check (jsonb_typeof(campaign_body) = 'object'),
  started_on date not null,
  next_step integer not null check (next_step >= 0),
  next_step_at timestamptz,
  waits_for text,
  invoice_ids jsonb not null check (jsonb_array_length(invoice_ids) > 0),
  pause jsonb,
  promise jsonb,
  promise_count integer not null check (promise_count >= 0),
  plan jsonb,
  timeline jsonb not null check (jsonb_typeof(timeline) = 'array'),
  ended_as text
    check (ended_as in ('paid', 'written_off', 'canceled', 'exhausted', 'disputed')),
  ended_at timestamptz,
  created_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  constraint dunning_cases_end_is_whole
    check ((state = 'ended') = (ended_at is not null) and (ended_at is null) = (ended_as is null)),
  constraint dunning_cases_ended_are_not_due check (state <> 'ended' or next_step_at is null),
  constraint dunning_cases_pause_says_why check (state <> 'paused' or pause is not null)
);
-- One chase after a customer at a time.
create unique index dunning_cases_open_once
  on dunning_cases (bucket, merchant_id, customer_id, currency) where state <> 'ended';
create index dunning_cases_by_id on dunning_cases (merchant_id, id);
create index dunning_cases_of_customer on dunning_cases (bucket, merchant_id, customer_id);
create index dunning_cases_due on dunning_cases (bucket, next_step_at)
  where next_step_at is not null;
alter table dunning_cases enable row level security;
alter table dunning_cases force row level security;
create policy tenant on dunning_cases to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on dunning_cases to daikou_admin using (true) with check (true);
grant select, insert, update on dunning_cases to daikou_app;

-- An end is final, and what happened is never taken back.
create function daikou_dunning_case_is_final() returns trigger
  language plpgsql
  as $$
begin
  if old.state = 'ended' and new is distinct from old then
    raise exception 'dunning case % has ended', old.id
      using errcode = 'restrict_violation', constraint = 'dunning_cases_end_is_final';
  end if;
  if jsonb_array_length(new.timeline) < jsonb_array_length(old.timeline) then
    raise exception 'the timeline of dunning case % only grows', old.id
      using errcode = 'restrict_violation', constraint = 'dunning_cases_timeline_grows';
  end if;
  return new;
end $$;
create trigger dunning_cases_are_final before update on dunning_cases
  for each row execute function daikou_dunning_case_is_final();

-- Overdue invoices that were looked at: the case that chases one, or why none does.
create table dunning_invoices (
  bucket smallint not null,
  merchant_id uuid not null,
  invoice_id uuid not null,
  customer_id uuid not null,
  case_id uuid,
  passed_over text,
  is_live boolean not null,
  seen_at timestamptz not null,
  primary key (bucket, merchant_id, invoice_id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, case_id) references dunning_cases (bucket, merchant_id, id),
  constraint dunning_invoices_chased_or_not check ((case_id is null) = (passed_over is not null))
);
create index dunning_invoices_of_case on dunning_invoices (bucket, merchant_id, case_id);
alter table dunning_invoices enable row level security;
alter table dunning_invoices force row level security;
create policy tenant on dunning_invoices to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on dunning_invoices to daikou_admin using (true) with check (true);
grant select, insert, update on dunning_invoices to daikou_app;
