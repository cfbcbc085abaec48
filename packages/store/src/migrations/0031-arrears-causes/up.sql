-- Why an invoice was overdue, as the rules of that number saw it: when it became overdue, and again
-- when its arrears ended. A finding is never edited; other rules add findings of their own.
create table arrears_causes (
  bucket smallint not null,
  merchant_id uuid not null,
  invoice_id uuid not null,
  moment text not null check (moment in ('overdue', 'ended')),
  rule_set integer not null check (rule_set > 0),
  customer_id uuid not null,
  due_date date not null,
  currency char(3) not null,
  owed_minor bigint not null check (owed_minor >= 0),
  rail text,
  plan_id uuid,
  segment text not null check (segment <> ''),
  primary_cause text not null check (primary_cause in (
    'forgot', 'insufficient_balance', 'method_or_account_data', 'rail_or_system_fault',
    'price_or_policy_change', 'growth', 'contract_change', 'dispute')),
  finding jsonb not null check (jsonb_typeof(finding -> 'causes') = 'array'),
  at timestamptz not null,
  primary key (bucket, merchant_id, invoice_id, moment, rule_set),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id)
);
create index arrears_causes_of_month on arrears_causes (merchant_id, due_date);
alter table arrears_causes enable row level security;
alter table arrears_causes force row level security;
create policy tenant on arrears_causes to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on arrears_causes to daikou_admin using (true) with check (true);
-- No update and no delete: what was found stays what it was.
grant select, insert on arrears_causes to daikou_app;

-- Invoices that have a finding and were open then, with the rules of it: looked at again when they
-- are paid or voided, or when the rules are others. Deleted with the finding of the end, so that the
-- queue holds open arrears only, however many there ever were.
create table arrears_causes_open (
  bucket smallint not null,
  merchant_id uuid not null,
  invoice_id uuid not null,
  rule_set integer not null check (rule_set > 0),
  primary key (bucket, merchant_id, invoice_id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id)
);
alter table arrears_causes_open enable row level security;
alter table arrears_causes_open force row level security;
create policy tenant on arrears_causes_open to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on arrears_causes_open to daikou_admin using (true) with check (true);
grant select, insert, update, delete on arrears_causes_open to daikou_app;

-- Tries that a rail failed, over all customers: an incident is several of them in an hour.
create index attempts_in_trouble on attempts (merchant_id, rail, submitted_at)
  where refusal_class = 'technical' or state in ('unknown', 'closed');
