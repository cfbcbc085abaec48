-- A reference table: small, and never changed once its meter has events.
create table meters (
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  code text not null check (code <> ''),
  name_zh text not null,
  name_en text not null,
  event_type text not null check (event_type <> ''),
  aggregation text not null check (aggregation in ('count', 'sum', 'max', 'latest',
    'unique_count', 'weighted_sum', 'prorated_sum', 'prorated_unique_count')),
  value_property text,
  filters jsonb not null,
  group_by jsonb not null,
  rounding_mode text check (rounding_mode in ('up', 'down', 'half_up')),
  rounding_places smallint check (rounding_places between 0 and 12),
  takes_negative boolean not null,
  keeps text not null check (keeps in ('totals', 'values')),
  created_at timestamptz not null,
  primary key (merchant_id, id),
  constraint meters_code_once unique (merchant_id, code),
  constraint meters_read_a_value check (aggregation = 'count' or value_property is not null),
  constraint meters_rounding_is_whole check ((rounding_mode is null) = (rounding_places is null))
);

-- What one commit of the intake acknowledged, until its events are in the rollups. The due rows
-- are the queue of the fold.
create table usage_batches (
  bucket smallint not null check (bucket between 0 and 1023),
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  received_at timestamptz not null,
  event_count integer not null check (event_count > 0),
  folded_at timestamptz,
  primary key (bucket, merchant_id, id)
);
create index usage_batches_to_fold on usage_batches (merchant_id, id) where folded_at is null;

-- bucket is the hash of merchant, source and event id, so that an event that comes again meets
-- itself whatever its subject says now. So customer_id cannot be a key to customers, and batch_id
-- none to usage_batches.
create table usage_events (
  bucket smallint not null check (bucket between 0 and 1023),
  merchant_id uuid not null,
  source text not null,
  event_id text not null,
  type text not null,
  customer_id uuid not null,
  at timestamptz not null,
  day date not null,
  data jsonb not null,
  batch_id uuid not null,
  primary key (bucket, merchant_id, source, event_id)
);
create index usage_events_of_batch on usage_events (batch_id);

-- One customer, meter, day and group. units and event_count add up; state is what other
-- aggregations merge, and the single events of meters that keep them.
create table usage_rollups (
  bucket smallint not null,
  merchant_id uuid not null,
  customer_id uuid not null,
  meter_id uuid not null,
  day date not null,
  group_key text not null,
  units numeric not null,
  event_count bigint not null check (event_count >= 0),
  state jsonb,
  primary key (bucket, merchant_id, customer_id, meter_id, day, group_key),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (merchant_id, meter_id) references meters (merchant_id, id)
) with (fillfactor = 80);

-- What a period had come to when an invoice billed it, the newest row for all: a later draft bills
-- the difference to the rollups.
create table usage_billed (
  bucket smallint not null,
  merchant_id uuid not null,
  customer_id uuid not null,
  subscription_id uuid not null,
  subscription_item_id uuid not null,
  meter_id uuid not null,
  period_start date not null,
  period_end date not null,
  invoice_id uuid not null,
  units numeric not null,
  pack_units numeric not null check (pack_units >= 0),
  amount_minor bigint not null,
  currency char(3) not null,
  primary key (bucket, merchant_id, subscription_item_id, period_start, invoice_id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, subscription_id)
    references subscriptions (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id),
  foreign key (merchant_id, meter_id) references meters (merchant_id, id),
  constraint usage_billed_period_runs_forward check (period_end > period_start)
);

create table resource_packs (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  meter_id uuid not null,
  units_bought numeric not null check (units_bought > 0),
  units_left numeric not null,
  valid_from date not null,
  expires_on date not null,
  price_version_id uuid,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (merchant_id, meter_id) references meters (merchant_id, id),
  foreign key (merchant_id, price_version_id) references price_versions (merchant_id, id),
  constraint resource_packs_hold_what_they_can
    check (units_left >= 0 and units_left <= units_bought),
  constraint resource_packs_run_forward check (expires_on > valid_from)
);
create index resource_packs_of_customer
  on resource_packs (bucket, merchant_id, customer_id, meter_id, expires_on);

create table resource_pack_burns (
  bucket smallint not null,
  merchant_id uuid not null,
  pack_id uuid not null,
  invoice_id uuid not null,
  units numeric not null check (units > 0),
  primary key (bucket, merchant_id, pack_id, invoice_id),
  foreign key (bucket, merchant_id, pack_id) references resource_packs (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id)
);

create table usage_thresholds (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  meter_id uuid not null,
  kind text not null check (kind in ('units', 'amount')),
  units numeric check (units > 0),
  amount_minor bigint check (amount_minor > 0),
  currency char(3),
  anchor date not null,
  interval_unit text not null check (interval_unit in ('day', 'week', 'month', 'year')),
  interval_count integer not null check (interval_count > 0),
  created_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (merchant_id, meter_id) references meters (merchant_id, id),
  constraint usage_thresholds_have_one_limit check (
    (kind = 'units') = (units is not null) and (kind = 'amount') = (amount_minor is not null)
    and (amount_minor is null) = (currency is null))
);
create index usage_thresholds_of_customer
  on usage_thresholds (bucket, merchant_id, customer_id, meter_id);

-- A threshold is told of once per period, which the key says.
create table usage_threshold_crossings (
  bucket smallint not null,
  merchant_id uuid not null,
  threshold_id uuid not null,
  period_start date not null,
  crossed_at timestamptz not null,
  primary key (bucket, merchant_id, threshold_id, period_start),
  foreign key (bucket, merchant_id, threshold_id)
    references usage_thresholds (bucket, merchant_id, id)
);

-- The merchant is looked up once per statement and not for each row: usage comes in bulk.
do $$
declare
  secured text;
begin
  foreach secured in array array['meters', 'usage_batches', 'usage_events', 'usage_rollups',
    'usage_billed', 'resource_packs', 'resource_pack_burns', 'usage_thresholds',
    'usage_threshold_crossings'] loop
    execute format('alter table %I enable row level security', secured);
    execute format('alter table %I force row level security', secured);
    execute format('create policy tenant on %I to daikou_app
      using (merchant_id = (select daikou_merchant()))
      with check (merchant_id = (select daikou_merchant()))', secured);
    execute format('create policy admin on %I to daikou_admin using (true) with check (true)',
      secured);
  end loop;
end $$;

grant select, insert on meters to daikou_app;
grant select, insert, update, delete on usage_batches to daikou_app;
-- Deleted by the purge with their batch, once folded and old enough; changed never.
grant select, insert, delete on usage_events to daikou_app;
grant select, insert, update on usage_rollups to daikou_app;
-- An invoice that is undone takes its rows with it.
grant select, insert, delete on usage_billed to daikou_app;
grant select, insert, update on resource_packs to daikou_app;
grant select, insert, delete on resource_pack_burns to daikou_app;
grant select, insert, update, delete on usage_thresholds to daikou_app;
grant select, insert, delete on usage_threshold_crossings to daikou_app;
