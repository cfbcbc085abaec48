create table subscriptions (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  plan_id uuid not null,
  state text not null check (state in ('active', 'paused', 'ended', 'parked')),
  anchor date not null,
  interval_unit text not null check (interval_unit in ('week', 'month', 'year')),
  interval_count integer not null check (interval_count > 0),
  next_period_index integer not null check (next_period_index >= 0),
  next_bill_at timestamptz not null,
  collection text not null check (collection in ('auto_debit', 'by_hand')),
  payment_method_label text not null,
  contract_start date,
  contract_end date,
  created_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (merchant_id, plan_id) references plans (merchant_id, id),
  constraint subscriptions_term_runs_forward check (contract_end > contract_start)
);
create index subscriptions_to_bill on subscriptions (bucket, next_bill_at) where state = 'active';
create index subscriptions_by_id on subscriptions (merchant_id, id);
create index subscriptions_of_customer on subscriptions (bucket, merchant_id, customer_id);
alter table subscriptions enable row level security;
alter table subscriptions force row level security;
create policy tenant on subscriptions to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on subscriptions to daikou_admin using (true) with check (true);
grant select, insert, update on subscriptions to daikou_app;

create table subscription_items (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  subscription_id uuid not null,
  position smallint not null check (position > 0),
  kind text not null check (kind in ('flat', 'seat', 'module', 'one_off')),
  price_version_id uuid not null,
  quantity bigint not null,
  agreed_unit_minor bigint,
  agreed_currency char(3),
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, subscription_id)
    references subscriptions (bucket, merchant_id, id),
  foreign key (merchant_id, price_version_id) references price_versions (merchant_id, id),
  constraint subscription_items_agreed_price_is_whole
    check ((agreed_unit_minor is null) = (agreed_currency is null))
);
create index subscription_items_of_subscription
  on subscription_items (bucket, merchant_id, subscription_id);
alter table subscription_items enable row level security;
alter table subscription_items force row level security;
create policy tenant on subscription_items to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on subscription_items to daikou_admin using (true) with check (true);
grant select, insert, update, delete on subscription_items to daikou_app;

create table invoices (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  subscription_id uuid not null,
  number text not null,
  state text not null check (state in ('draft', 'open', 'paid', 'void')),
  collection text not null check (collection in ('auto_debit', 'by_hand')),
  period_start date not null,
  period_end date not null,
  due_date date not null,
  issue_at timestamptz not null,
  currency char(3) not null,
  total_minor bigint not null check (total_minor >= 0),
  net_minor bigint not null,
  tax_minor bigint not null,
  created_at timestamptz not null,
  issued_at timestamptz,
  paid_at timestamptz,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, subscription_id)
    references subscriptions (bucket, merchant_id, id),
  constraint invoices_number_once unique (bucket, merchant_id, number),
  constraint invoices_period_runs_forward check (period_end > period_start),
  constraint invoices_net_and_tax_make_total check (net_minor + tax_minor = total_minor),
  constraint invoices_open_is_issued check (state not in ('open', 'paid') or issued_at is not null),
  constraint invoices_draft_is_not_issued check (state <> 'draft' or issued_at is null),
  constraint invoices_paid_has_its_time check ((state = 'paid') = (paid_at is not null))
);
-- I9: one bill for a period of a subscription.
create unique index invoices_one_per_period
  on invoices (bucket, merchant_id, subscription_id, period_start) where state <> 'void';
create index invoices_to_issue on invoices (bucket, issue_at) where state = 'draft';
create index invoices_by_id on invoices (merchant_id, id);
create index invoices_of_customer on invoices (bucket, merchant_id, customer_id);
alter table invoices enable row level security;
alter table invoices force row level security;
create policy tenant on invoices to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on invoices to daikou_admin using (true) with check (true);
grant select, insert, update on invoices to daikou_app;

-- Lines have the currency of their invoice.
create table invoice_lines (
  bucket smallint not null,
  merchant_id uuid not null,
  invoice_id uuid not null,
  position smallint not null,
  kind text not null check (kind in ('flat', 'seat', 'module', 'one_off')),
  price_version_id uuid not null,
  period_start date not null,
  period_end date not null,
  quantity bigint not null,
  unit_minor bigint not null,
  amount_minor bigint not null,
  net_minor bigint not null,
  tax_minor bigint not null,
  tax_basis_points bigint not null,
  rule text not null check (rule in ('list_price', 'agreed_price')),
  name_zh text not null,
  name_en text not null,
  primary key (bucket, merchant_id, invoice_id, position),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id),
  foreign key (merchant_id, price_version_id) references price_versions (merchant_id, id),
  constraint invoice_lines_net_and_tax_make_amount check (net_minor + tax_minor = amount_minor),
  constraint invoice_lines_period_runs_forward check (period_end > period_start)
);
alter table invoice_lines enable row level security;
alter table invoice_lines force row level security;
create policy tenant on invoice_lines to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on invoice_lines to daikou_admin using (true) with check (true);
grant select, insert, update, delete on invoice_lines to daikou_app;
