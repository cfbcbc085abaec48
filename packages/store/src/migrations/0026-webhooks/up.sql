-- Where a merchant wants to be told of events. Few and rarely written, so they lie by merchant: an
-- endpoint changes when a person says so and when its failing begins or ends, never per message.
create table webhook_endpoints (
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  url text not null check (length(url) between 1 and 2048),
  description text not null check (length(description) <= 200),
  -- `*`, families such as `invoice.*`, and types.
  types jsonb not null check (jsonb_typeof(types) = 'array' and jsonb_array_length(types) > 0),
  state text not null check (state in ('enabled', 'failing', 'disabled', 'removed')),
  -- Sealed outside of the database; nobody who reads it can sign.
  secret text not null,
  former_secret text,
  former_until timestamptz,
  failing_since timestamptz,
  retry_at timestamptz,
  disabled_reason text check (disabled_reason in ('by_person', 'failing', 'gone')),
  disabled_by text check (length(disabled_by) <= 100),
  disabled_at timestamptz,
  created_by text not null check (length(created_by) <= 100),
  created_at timestamptz not null,
  primary key (merchant_id, id),
  constraint webhook_endpoints_removed_has_no_secret
    check ((state = 'removed') = (secret = '') and (state <> 'removed' or former_secret is null)),
  constraint webhook_endpoints_former_is_whole
    check ((former_secret is null) = (former_until is null)),
  constraint webhook_endpoints_failing_is_whole
    check ((state = 'failing') = (failing_since is not null)
           and (failing_since is null) = (retry_at is null)),
  constraint webhook_endpoints_end_is_whole
    check ((state in ('disabled', 'removed')) = (disabled_reason is not null)
           and (disabled_reason is null) = (disabled_by is null)
           and (disabled_by is null) = (disabled_at is null))
);
alter table webhook_endpoints enable row level security;
alter table webhook_endpoints force row level security;
create policy tenant on webhook_endpoints to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on webhook_endpoints to daikou_admin using (true) with check (true);
grant select, insert, update on webhook_endpoints to daikou_app;

-- One event on its way to one endpoint; its due time, on the wall clock, is the queue. Endpoints
-- are not referred to by a key: each event would lock the endpoint's one row, and none is deleted.
create table webhook_deliveries (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  event_id uuid not null,
  endpoint_id uuid not null,
  -- 1 from the event itself, one more for each replay.
  round integer not null check (round > 0),
  state text not null check (state in ('pending', 'failed', 'delivered', 'given_up')),
  attempt_count integer not null check (attempt_count >= 0),
  due_at timestamptz not null,
  lease_until timestamptz,
  last_status smallint check (last_status between 100 and 599),
  last_code text check (length(last_code) <= 200),
  last_at timestamptz,
  ended_at timestamptz,
  created_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, event_id) references events (bucket, merchant_id, id),
  constraint webhook_deliveries_once_a_round
    unique (bucket, merchant_id, event_id, endpoint_id, round),
  constraint webhook_deliveries_end_is_whole
    check ((state in ('delivered', 'given_up')) = (ended_at is not null)),
  constraint webhook_deliveries_lease_is_of_those_that_wait
    check (lease_until is null or state in ('pending', 'failed'))
);
create index webhook_deliveries_due on webhook_deliveries (merchant_id, endpoint_id, due_at)
  where state in ('pending', 'failed');
create index webhook_deliveries_by_id on webhook_deliveries (merchant_id, id);
-- One delivery of an event to an endpoint waits at a time.
create unique index webhook_deliveries_wait_once
  on webhook_deliveries (bucket, merchant_id, event_id, endpoint_id)
  where state in ('pending', 'failed');
alter table webhook_deliveries enable row level security;
alter table webhook_deliveries force row level security;
create policy tenant on webhook_deliveries to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on webhook_deliveries to daikou_admin using (true) with check (true);
grant select, insert, update on webhook_deliveries to daikou_app;

-- When an id was made: the first 48 bits of it are milliseconds of the wall clock.
create function daikou_made_at(id uuid) returns timestamptz
  language sql immutable strict
  as $$
    select 'epoch'::timestamptz + make_interval(secs =>
      ('x' || replace(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000.0)
  $$;

-- The id of a delivery: the time of its event and its bucket in their places, between them what
-- event, endpoint and round hash to. The same three give the same id, so none can be made twice.
create function daikou_delivery_id(event uuid, endpoint uuid, round integer) returns uuid
  language sql immutable strict
  as $$
    select (left(event::text, 15)
            || substr(m, 1, 3) || '-8' || substr(m, 4, 3) || '-' || substr(m, 7, 9)
            || right(event::text, 3))::uuid
      from md5(event::text || endpoint::text || round) as m
  $$;
