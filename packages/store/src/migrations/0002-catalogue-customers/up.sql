create table plans (
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  code text not null,
  name_zh text not null,
  name_en text not null,
  primary key (merchant_id, id),
  constraint plans_code_once unique (merchant_id, code)
);
alter table plans enable row level security;
alter table plans force row level security;
create policy tenant on plans to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on plans to daikou_admin using (true) with check (true);
grant select, insert on plans to daikou_app;

create table prices (
  merchant_id uuid not null,
  id uuid not null,
  plan_id uuid not null,
  code text not null,
  kind text not null check (kind in ('flat', 'seat', 'module', 'one_off')),
  name_zh text not null,
  name_en text not null,
  primary key (merchant_id, id),
  constraint prices_code_once_per_plan unique (merchant_id, plan_id, code),
  foreign key (merchant_id, plan_id) references plans (merchant_id, id)
);
alter table prices enable row level security;
alter table prices force row level security;
create policy tenant on prices to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on prices to daikou_admin using (true) with check (true);
grant select, insert on prices to daikou_app;

-- A price version is never edited: the application role may only add.
create table price_versions (
  merchant_id uuid not null,
  id uuid not null,
  price_id uuid not null,
  version integer not null check (version > 0),
  currency char(3) not null,
  unit_minor bigint not null,
  tax_basis_points bigint not null check (tax_basis_points >= 0),
  interval_unit text not null check (interval_unit in ('week', 'month', 'year')),
  interval_count integer not null check (interval_count > 0),
  effective_from date not null,
  primary key (merchant_id, id),
  constraint price_versions_once unique (merchant_id, price_id, version),
  foreign key (merchant_id, price_id) references prices (merchant_id, id)
);
alter table price_versions enable row level security;
alter table price_versions force row level security;
create policy tenant on price_versions to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on price_versions to daikou_admin using (true) with check (true);
grant select, insert on price_versions to daikou_app;

-- event_sequence is the number of the customer's last event: events are numbered without gaps.
create table customers (
  bucket smallint not null check (bucket between 0 and 1023),
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  external_reference text not null check (external_reference <> ''),
  name text not null,
  locale text not null check (locale in ('zh-CN', 'en')),
  mail text,
  phone text,
  preferred_channel text not null check (preferred_channel in ('mail', 'sms')),
  created_at timestamptz not null,
  event_sequence bigint not null default 0 check (event_sequence >= 0),
  primary key (bucket, merchant_id, id),
  constraint customers_reference_once unique (bucket, merchant_id, external_reference)
) with (fillfactor = 85);
create index customers_by_id on customers (merchant_id, id);
alter table customers enable row level security;
alter table customers force row level security;
create policy tenant on customers to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on customers to daikou_admin using (true) with check (true);
grant select, insert, update on customers to daikou_app;
