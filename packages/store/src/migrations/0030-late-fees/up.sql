-- A line for an invoice that was paid late has a rule of its own.
alter table invoice_lines drop constraint invoice_lines_rule_check;
alter table invoice_lines add constraint invoice_lines_rule_check
  check (rule in ('list_price', 'agreed_price', 'change_charge', 'change_credit',
                  'usage_correction', 'minimum_spend', 'commitment', 'instalment', 'termination',
                  'late_fee'));

-- The late fee of an overdue invoice: one for each, with the policy version that held when the
-- invoice was issued. Its day of the next look is the queue.
create table late_fees (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  invoice_id uuid not null,
  policy_id uuid,
  state text not null check (state in ('watched', 'ended')),
  ended_for text check (ended_for in ('paid', 'void', 'waived', 'not_declared')),
  look_at timestamptz,
  stops jsonb not null check (jsonb_typeof(stops) = 'array'),
  charged_through date,
  created_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id),
  foreign key (merchant_id, policy_id) references policies (merchant_id, id),
  constraint late_fees_watched_has_its_look check ((state = 'watched') = (look_at is not null)),
  constraint late_fees_end_has_its_reason check ((state = 'ended') = (ended_for is not null)),
  constraint late_fees_are_declared check (policy_id is not null or ended_for = 'not_declared'),
  constraint late_fees_once_per_invoice unique (bucket, merchant_id, invoice_id)
);
create index late_fees_to_look on late_fees (bucket, look_at) where state = 'watched';
create index late_fees_of_customer on late_fees (bucket, merchant_id, customer_id);
alter table late_fees enable row level security;
alter table late_fees force row level security;
create policy tenant on late_fees to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on late_fees to daikou_admin using (true) with check (true);
grant select, insert, update on late_fees to daikou_app;

-- What was charged for some days, once: the key holds a first day to one charge of each tax rate.
create table late_fee_lines (
  bucket smallint not null,
  merchant_id uuid not null,
  late_fee_id uuid not null,
  first_day date not null,
  last_day date not null,
  part integer not null check (part > 0),
  pending_line_id uuid not null,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  taken_back_minor bigint not null,
  primary key (bucket, merchant_id, late_fee_id, first_day, part),
  foreign key (bucket, merchant_id, late_fee_id) references late_fees (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, pending_line_id)
    references pending_lines (bucket, merchant_id, id),
  constraint late_fee_lines_have_days check (last_day >= first_day),
  constraint late_fee_lines_take_back_what_they_have
    check (taken_back_minor between 0 and amount_minor)
);
create index late_fee_lines_of_line on late_fee_lines (bucket, merchant_id, pending_line_id);
alter table late_fee_lines enable row level security;
alter table late_fee_lines force row level security;
create policy tenant on late_fee_lines to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on late_fee_lines to daikou_admin using (true) with check (true);
grant select, insert, update on late_fee_lines to daikou_app;

-- What is not asked for. Without an amount: all of it, and of what may still accrue.
create table late_fee_waivers (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  late_fee_id uuid not null,
  currency char(3),
  amount_minor bigint check (amount_minor > 0),
  reason text not null check (length(reason) between 1 and 500),
  state text not null check (state in ('awaiting_approval', 'approved', 'rejected')),
  requested_by text not null check (requested_by <> ''),
  approval_hash text not null check (approval_hash ~ '^[0-9a-f]{64}$'),
  decided_by text check (decided_by <> ''),
  requested_at timestamptz not null,
  decided_at timestamptz,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, late_fee_id) references late_fees (bucket, merchant_id, id),
  constraint late_fee_waivers_amount_has_its_currency
    check ((amount_minor is null) = (currency is null)),
  constraint late_fee_waivers_decision_is_whole
    check ((state = 'awaiting_approval') = (decided_by is null)
           and (decided_by is null) = (decided_at is null))
);
create index late_fee_waivers_of_fee on late_fee_waivers (bucket, merchant_id, late_fee_id);
create unique index late_fee_waivers_whole_once on late_fee_waivers (bucket, merchant_id, late_fee_id)
  where amount_minor is null and state <> 'rejected';
alter table late_fee_waivers enable row level security;
alter table late_fee_waivers force row level security;
create policy tenant on late_fee_waivers to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on late_fee_waivers to daikou_admin using (true) with check (true);
grant select, insert, update on late_fee_waivers to daikou_app;
