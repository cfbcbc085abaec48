create table rail_bills (
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  rail text not null,
  business_date date not null,
  content_hash text not null,
  state text not null check (state in ('loading', 'matched')),
  row_count integer not null check (row_count >= 0),
  matched_count integer not null check (matched_count >= 0),
  break_count integer not null check (break_count >= 0),
  currency char(3) not null,
  total_minor bigint not null,
  fee_minor bigint not null,
  fetched_at timestamptz not null,
  primary key (merchant_id, id),
  constraint rail_bills_same_file_once unique (merchant_id, rail, business_date, content_hash)
);
alter table rail_bills enable row level security;
alter table rail_bills force row level security;
create policy tenant on rail_bills to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on rail_bills to daikou_admin using (true) with check (true);
grant select, insert, update on rail_bills to daikou_app;

-- bucket is the one that the order number names (its debit's); of a number that is none of ours,
-- its hash. So a bill's lines meet our attempts inside one bucket.
create table rail_bill_lines (
  bucket smallint not null check (bucket between 0 and 1023),
  merchant_id uuid not null,
  bill_id uuid not null,
  line_number integer not null check (line_number > 0),
  kind text not null check (kind in ('payment', 'refund')),
  order_number text not null,
  rail_reference text not null,
  currency char(3) not null,
  amount_minor bigint not null,
  fee_currency char(3) not null,
  fee_minor bigint not null,
  at timestamptz not null,
  primary key (bucket, merchant_id, bill_id, line_number),
  foreign key (merchant_id, bill_id) references rail_bills (merchant_id, id)
);
create index rail_bill_lines_in_order on rail_bill_lines (merchant_id, bill_id, line_number);
create index rail_bill_lines_of_order
  on rail_bill_lines (bucket, merchant_id, order_number, bill_id) where kind = 'payment';
alter table rail_bill_lines enable row level security;
alter table rail_bill_lines force row level security;
create policy tenant on rail_bill_lines to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on rail_bill_lines to daikou_admin using (true) with check (true);
grant select, insert on rail_bill_lines to daikou_app;

create table breaks (
  bucket smallint not null check (bucket between 0 and 1023),
  merchant_id uuid not null,
  id uuid not null,
  bill_id uuid not null,
  rail text not null,
  business_date date not null,
  class text not null check (class in ('surplus', 'shortage', 'amount_mismatch', 'state_mismatch',
    'duplicate', 'unknown_order')),
  order_number text not null,
  attempt_id uuid,
  rail_currency char(3),
  rail_minor bigint,
  our_currency char(3),
  our_minor bigint,
  state text not null check (state in ('open', 'resolved')),
  opened_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (merchant_id, bill_id) references rail_bills (merchant_id, id),
  foreign key (bucket, merchant_id, attempt_id) references attempts (bucket, merchant_id, id),
  constraint breaks_once unique (bucket, merchant_id, bill_id, class, order_number),
  constraint breaks_rail_amount_is_whole check ((rail_minor is null) = (rail_currency is null)),
  constraint breaks_our_amount_is_whole check ((our_minor is null) = (our_currency is null))
);
alter table breaks enable row level security;
alter table breaks force row level security;
create policy tenant on breaks to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on breaks to daikou_admin using (true) with check (true);
grant select, insert, update on breaks to daikou_app;
