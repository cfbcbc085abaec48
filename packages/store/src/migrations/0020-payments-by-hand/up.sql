-- Money that came by the payer's own hand. What it paid stands in its allocations; the rest is the
-- customer's balance, in a grant.
create table hand_payments (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  method text not null check (method in ('bank_transfer', 'pay_link', 'cash')),
  rail text,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  to_balance_minor bigint not null check (to_balance_minor between 0 and amount_minor),
  grant_id uuid,
  reference text not null check (reference <> ''),
  received_at timestamptz not null,
  business_date date not null,
  bank_line_id uuid,
  pay_link_id uuid,
  recorded_by text not null check (recorded_by <> ''),
  note text not null,
  recorded_at timestamptz not null,
  state text not null check (state in ('booked', 'reversed')),
  reversed_at timestamptz,
  reversed_by text check (reversed_by <> ''),
  reversal_reason text check (reversal_reason <> ''),
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, grant_id) references credit_grants (bucket, merchant_id, id),
  constraint hand_payments_balance_has_its_grant
    check ((to_balance_minor > 0) = (grant_id is not null)),
  constraint hand_payments_link_names_its_rail
    check ((method = 'pay_link') = (rail is not null)
       and (method = 'pay_link') = (pay_link_id is not null)),
  constraint hand_payments_line_is_a_transfer
    check (bank_line_id is null or method = 'bank_transfer'),
  constraint hand_payments_reversal_is_whole
    check ((state = 'reversed') = (reversed_at is not null)
       and (reversed_at is null) = (reversed_by is null)
       and (reversed_at is null) = (reversal_reason is null))
);
create index hand_payments_by_id on hand_payments (merchant_id, id);
create index hand_payments_of_customer on hand_payments (bucket, merchant_id, customer_id);
alter table hand_payments enable row level security;
alter table hand_payments force row level security;
create policy tenant on hand_payments to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on hand_payments to daikou_admin using (true) with check (true);
grant select, insert, update on hand_payments to daikou_app;

-- What money came for never changes, and a reversal is final.
create function daikou_hand_payment_is_final() returns trigger
  language plpgsql
  as $$
begin
  if (old.customer_id, old.method, old.currency, old.amount_minor, old.to_balance_minor,
      old.grant_id, old.reference, old.received_at, old.recorded_at)
    is distinct from
    (new.customer_id, new.method, new.currency, new.amount_minor, new.to_balance_minor,
      new.grant_id, new.reference, new.received_at, new.recorded_at) then
    raise exception 'what payment % brought cannot change', old.id
      using errcode = 'restrict_violation', constraint = 'hand_payments_are_final';
  end if;
  if old.state = 'reversed' and new is distinct from old then
    raise exception 'payment % is reversed', old.id
      using errcode = 'restrict_violation', constraint = 'hand_payments_reversal_is_final';
  end if;
  return new;
end $$;
create trigger hand_payments_are_final before update on hand_payments
  for each row execute function daikou_hand_payment_is_final();

-- `live`: false once its payment is reversed. An invoice is paid by hand once.
create table hand_payment_allocations (
  bucket smallint not null,
  merchant_id uuid not null,
  hand_payment_id uuid not null,
  invoice_id uuid not null,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  live boolean not null,
  primary key (bucket, merchant_id, hand_payment_id, invoice_id),
  foreign key (bucket, merchant_id, hand_payment_id)
    references hand_payments (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id)
);
create unique index hand_payment_allocations_once
  on hand_payment_allocations (bucket, merchant_id, invoice_id) where live;
alter table hand_payment_allocations enable row level security;
alter table hand_payment_allocations force row level security;
create policy tenant on hand_payment_allocations to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on hand_payment_allocations to daikou_admin using (true) with check (true);
grant select, insert, update on hand_payment_allocations to daikou_app;

-- One payment for each reference of a method, whoever's it is: placed by the hash of the reference,
-- so that two customers who are given the same money meet. Let go of by a reversal.
create table hand_payment_references (
  bucket smallint not null check (bucket between 0 and 1023),
  merchant_id uuid not null references merchants (id),
  method text not null,
  reference text not null,
  hand_payment_id uuid not null,
  primary key (bucket, merchant_id, method, reference)
);
alter table hand_payment_references enable row level security;
alter table hand_payment_references force row level security;
create policy tenant on hand_payment_references to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on hand_payment_references to daikou_admin using (true) with check (true);
grant select, insert, delete on hand_payment_references to daikou_app;

-- A page of a rail on which a payer pays some invoices at once. It stays open until the rail has
-- said what became of its order.
create table pay_links (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  rail text not null,
  order_number text not null,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  state text not null check (state in ('open', 'paid', 'closed', 'expired')),
  url text,
  expires_at timestamptz not null,
  ask_at timestamptz,
  ask_count integer not null check (ask_count >= 0),
  close_wanted boolean not null,
  created_by text not null check (created_by <> ''),
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  constraint pay_links_number_once unique (bucket, merchant_id, order_number),
  constraint pay_links_end_has_its_time check ((state = 'open') = (ended_at is null)),
  constraint pay_links_only_open_is_asked check (ask_at is null or state = 'open')
);
create index pay_links_by_id on pay_links (merchant_id, id);
create index pay_links_to_ask on pay_links (bucket, ask_at) where ask_at is not null;
alter table pay_links enable row level security;
alter table pay_links force row level security;
create policy tenant on pay_links to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on pay_links to daikou_admin using (true) with check (true);
grant select, insert, update on pay_links to daikou_app;

create table pay_link_invoices (
  bucket smallint not null,
  merchant_id uuid not null,
  pay_link_id uuid not null,
  invoice_id uuid not null,
  live boolean not null,
  primary key (bucket, merchant_id, pay_link_id, invoice_id),
  foreign key (bucket, merchant_id, pay_link_id) references pay_links (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id)
);
-- An invoice stands on one open link at a time.
create unique index pay_link_invoices_once
  on pay_link_invoices (bucket, merchant_id, invoice_id) where live;
alter table pay_link_invoices enable row level security;
alter table pay_link_invoices force row level security;
create policy tenant on pay_link_invoices to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on pay_link_invoices to daikou_admin using (true) with check (true);
grant select, insert, update on pay_link_invoices to daikou_app;

-- A line of the bank is found by what its payer wrote: invoices by their number and what is due.
create index invoices_open_by_due on invoices
  (merchant_id, (total_minor - balance_applied_minor - credited_minor)) where state = 'open';
create index invoices_by_number on invoices (merchant_id, number);
create index customers_by_name on customers (merchant_id, name);
