-- A line that sells prepaid balance has a rule of its own.
alter table invoice_lines drop constraint invoice_lines_rule_check;
alter table invoice_lines add constraint invoice_lines_rule_check
  check (rule in ('list_price', 'agreed_price', 'change_charge', 'change_credit',
                  'usage_correction', 'minimum_spend', 'commitment', 'instalment', 'termination',
                  'late_fee', 'top_up'));

-- What a customer agreed to: one in force for each currency. A change stops the row and adds one,
-- so that the evidence of every time stays. A change of a grant makes the look due in its commit.
create table top_up_rules (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  subscription_id uuid not null,
  currency char(3) not null,
  low_minor bigint not null check (low_minor >= 0),
  amount_minor bigint not null check (amount_minor > 0),
  monthly_cap_minor bigint not null,
  consent_at timestamptz not null,
  consent_channel text not null
    check (consent_channel in ('portal', 'mail', 'sms', 'phone', 'letter', 'in_person')),
  consent_hash text not null check (consent_hash ~ '^[0-9a-f]{64}$'),
  agreed_by text not null check (length(agreed_by) between 1 and 100),
  agreed_at timestamptz not null,
  stopped_by text check (length(stopped_by) between 1 and 100),
  stopped_at timestamptz,
  is_low boolean not null,
  held_by text
    check (held_by in ('no_mandate', 'subscription_ended', 'earlier_top_up', 'monthly_cap')),
  next_look_at timestamptz,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, subscription_id)
    references subscriptions (bucket, merchant_id, id),
  constraint top_up_rules_cap_holds_one check (monthly_cap_minor >= amount_minor),
  constraint top_up_rules_consent_comes_first check (consent_at <= agreed_at),
  constraint top_up_rules_stop_is_whole
    check ((stopped_at is null) = (stopped_by is null)
           and (stopped_at is null or next_look_at is null))
);
create unique index top_up_rules_one_in_force
  on top_up_rules (bucket, merchant_id, customer_id, currency) where stopped_at is null;
create index top_up_rules_to_look on top_up_rules (bucket, next_look_at)
  where next_look_at is not null;
alter table top_up_rules enable row level security;
alter table top_up_rules force row level security;
create policy tenant on top_up_rules to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on top_up_rules to daikou_admin using (true) with check (true);
grant select, insert, update on top_up_rules to daikou_app;

-- One top-up: its invoice and what became of it. Never two at a time of one customer and currency.
create table top_ups (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  rule_id uuid not null,
  invoice_id uuid not null,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  state text not null check (state in ('requested', 'paid', 'refused')),
  requested_on date not null,
  requested_at timestamptz not null,
  grant_id uuid,
  ended_at timestamptz,
  next_look_at timestamptz,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, rule_id)
    references top_up_rules (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, grant_id) references credit_grants (bucket, merchant_id, id),
  constraint top_ups_once_per_invoice unique (bucket, merchant_id, invoice_id),
  constraint top_ups_paid_has_its_grant check ((state = 'paid') = (grant_id is not null)),
  constraint top_ups_requested_is_watched
    check ((state = 'requested') = (next_look_at is not null)
           and (state = 'requested') = (ended_at is null))
);
create unique index top_ups_one_at_a_time
  on top_ups (bucket, merchant_id, customer_id, currency) where state = 'requested';
create index top_ups_to_look on top_ups (bucket, next_look_at) where state = 'requested';
create index top_ups_of_customer on top_ups (bucket, merchant_id, customer_id, requested_on);
alter table top_ups enable row level security;
alter table top_ups force row level security;
create policy tenant on top_ups to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on top_ups to daikou_admin using (true) with check (true);
grant select, insert, update on top_ups to daikou_app;

-- The first moment of all is due on every clock, a merchant's test clock included.
create function daikou_grant_moves_top_ups() returns trigger
  language plpgsql
  as $$
begin
  update top_up_rules a set next_look_at = timestamptz '1970-01-01 00:00:00+00'
    from moved n
   where a.bucket = n.bucket and a.merchant_id = n.merchant_id
     and a.customer_id = n.customer_id and a.currency = n.currency and a.stopped_at is null;
  return null;
end $$;
create trigger credit_grants_added_move_top_ups after insert on credit_grants
  referencing new table as moved
  for each statement execute function daikou_grant_moves_top_ups();
create trigger credit_grants_used_move_top_ups after update on credit_grants
  referencing new table as moved
  for each statement execute function daikou_grant_moves_top_ups();

-- A paid or voided invoice ends its top-up at the next look, by whatever way it was paid.
create function daikou_invoice_moves_top_ups() returns trigger
  language plpgsql
  as $$
begin
  update top_ups t set next_look_at = timestamptz '1970-01-01 00:00:00+00'
    from moved n
   where t.bucket = n.bucket and t.merchant_id = n.merchant_id and t.invoice_id = n.id
     and t.state = 'requested' and n.state in ('paid', 'void');
  return null;
end $$;
create trigger invoices_move_top_ups after update on invoices
  referencing new table as moved
  for each statement execute function daikou_invoice_moves_top_ups();
