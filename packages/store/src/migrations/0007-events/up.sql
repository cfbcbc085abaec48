-- The outbox: written in the transaction of the fact, numbered without gaps per customer.
create table events (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  sequence bigint not null check (sequence > 0),
  type text not null,
  subject_kind char(3) not null,
  subject_id uuid not null,
  at timestamptz not null,
  data jsonb not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  constraint events_sequence_once unique (bucket, merchant_id, customer_id, sequence)
);
create trigger events_append_only before update or delete on events
  for each row execute function daikou_append_only();
alter table events enable row level security;
alter table events force row level security;
create policy tenant on events to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on events to daikou_admin using (true) with check (true);
grant select, insert on events to daikou_app;
