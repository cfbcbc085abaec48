create table mandates (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  rail text not null,
  state text not null check (state in ('draft', 'signing', 'active', 'ended', 'sign_failed')),
  contract_code text not null,
  display_account text not null,
  rail_reference text,
  payer_reference text,
  currency char(3) not null,
  single_cap_minor bigint not null check (single_cap_minor >= 0),
  first_planned_date date,
  signed_at timestamptz,
  ended_at timestamptz,
  ended_by text check (ended_by in ('customer', 'merchant', 'rail', 'expired', 'unknown')),
  last_rail_event_at timestamptz,
  created_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  constraint mandates_contract_code_once unique (bucket, merchant_id, rail, contract_code),
  constraint mandates_active_is_signed check (state <> 'active' or signed_at is not null),
  constraint mandates_ended_has_its_time check ((state = 'ended') = (ended_at is not null))
);
create index mandates_by_id on mandates (merchant_id, id);
create index mandates_of_customer on mandates (bucket, merchant_id, customer_id);
create index mandates_in_signing on mandates (bucket, id) where state in ('draft', 'signing');
alter table mandates enable row level security;
alter table mandates force row level security;
create policy tenant on mandates to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on mandates to daikou_admin using (true) with check (true);
grant select, insert, update on mandates to daikou_app;

create table debits (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  mandate_id uuid not null,
  rail text not null,
  state text not null
    check (state in ('scheduled', 'in_flight', 'succeeded', 'failed', 'canceled')),
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  due_date date not null,
  collect_at timestamptz not null,
  collect_date date not null,
  announce_at timestamptz,
  attempt_count integer not null check (attempt_count >= 0),
  blocked_by text,
  created_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, mandate_id) references mandates (bucket, merchant_id, id)
);
create index debits_to_submit on debits (bucket, collect_at) where state = 'scheduled';
create index debits_to_announce on debits (bucket, announce_at)
  where state = 'scheduled' and announce_at is not null;
create index debits_by_id on debits (merchant_id, id);
create index debits_of_customer on debits (bucket, merchant_id, customer_id);
alter table debits enable row level security;
alter table debits force row level security;
create policy tenant on debits to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on debits to daikou_admin using (true) with check (true);
grant select, insert, update on debits to daikou_app;

-- `holds` is true while the debit may take money or has taken it: an invoice is held by one debit
-- at most, so that it cannot be collected twice (I1).
create table debit_invoices (
  bucket smallint not null,
  merchant_id uuid not null,
  debit_id uuid not null,
  invoice_id uuid not null,
  position smallint not null,
  holds boolean not null,
  primary key (bucket, merchant_id, debit_id, invoice_id),
  foreign key (bucket, merchant_id, debit_id) references debits (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id)
);
create unique index debit_invoices_one_debit_holds
  on debit_invoices (bucket, merchant_id, invoice_id) where holds;
create index debit_invoices_of_invoice on debit_invoices (bucket, merchant_id, invoice_id);
alter table debit_invoices enable row level security;
alter table debit_invoices force row level security;
create policy tenant on debit_invoices to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on debit_invoices to daikou_admin using (true) with check (true);
grant select, insert, update, delete on debit_invoices to daikou_app;

create table notices (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  debit_id uuid not null,
  purpose text not null check (purpose in ('renewal', 'retry', 'rail')),
  channel text not null check (channel in ('mail', 'sms', 'rail')),
  locale text not null check (locale in ('zh-CN', 'en')),
  state text not null check (state in ('planned', 'sending', 'sent', 'delivered', 'failed')),
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  collect_date date not null,
  due_at timestamptz not null,
  lease_until timestamptz,
  sent_at timestamptz,
  delivered_at timestamptz,
  provider_reference text,
  failure_code text,
  window_from date,
  window_until date,
  created_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, debit_id) references debits (bucket, merchant_id, id),
  constraint notices_delivered_has_its_time check (state <> 'delivered' or delivered_at is not null),
  constraint notices_window_runs_forward check (window_until >= window_from)
);
create index notices_to_send on notices (bucket, due_at) where state in ('planned', 'sending');
create index notices_awaiting_delivery on notices (bucket, id) where state = 'sent';
create index notices_of_debit on notices (bucket, merchant_id, debit_id);
alter table notices enable row level security;
alter table notices force row level security;
create policy tenant on notices to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on notices to daikou_admin using (true) with check (true);
grant select, insert, update on notices to daikou_app;

create table attempts (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  debit_id uuid not null,
  rail text not null,
  ordinal integer not null check (ordinal > 0),
  order_number text not null,
  state text not null check (state in ('submitting', 'accepted', 'unknown', 'succeeded', 'refused',
    'closed', 'never_sent', 'late_success')),
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  submitted_at timestamptz not null,
  ask_at timestamptz,
  ask_count integer not null check (ask_count >= 0),
  rail_reference text,
  refusal_class text check (refusal_class in ('funds', 'limit', 'technical', 'account', 'mandate',
    'risk', 'reschedule', 'merchant_fault')),
  refusal_code text,
  refusal_message text,
  ended_at timestamptz,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, debit_id) references debits (bucket, merchant_id, id),
  constraint attempts_order_number_once unique (bucket, merchant_id, rail, order_number),
  constraint attempts_end_has_its_time
    check ((state in ('submitting', 'accepted', 'unknown')) = (ended_at is null)),
  constraint attempts_ended_is_not_asked check (ended_at is null or ask_at is null),
  constraint attempts_refused_says_why check (state <> 'refused' or refusal_class is not null),
  constraint attempts_refusal_is_whole check (
    (refusal_class is null) = (refusal_code is null)
    and (refusal_class is null) = (refusal_message is null))
);
-- I1 and I3: while one attempt is open nothing else is sent, and a debit succeeds once.
create unique index attempts_one_open_per_debit on attempts (bucket, merchant_id, debit_id)
  where state in ('submitting', 'accepted', 'unknown');
create unique index attempts_one_success_per_debit on attempts (bucket, merchant_id, debit_id)
  where state = 'succeeded';
create index attempts_to_ask on attempts (bucket, ask_at)
  where state in ('submitting', 'accepted', 'unknown') and ask_at is not null;
create index attempts_of_debit on attempts (bucket, merchant_id, debit_id);
-- A payer reads the rail's number on a statement; it carries no bucket.
create index attempts_of_rail_reference on attempts (merchant_id, rail_reference)
  where rail_reference is not null;
alter table attempts enable row level security;
alter table attempts force row level security;
create policy tenant on attempts to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on attempts to daikou_admin using (true) with check (true);
grant select, insert, update on attempts to daikou_app;

-- I4: an end is final. Two moves remain: money that arrives after all, and the same number sent
-- again after proof that the rail never saw it. What was asked of the rail never changes.
create function daikou_attempt_is_final() returns trigger
  language plpgsql
  as $$
begin
  if (old.debit_id, old.rail, old.ordinal, old.order_number, old.currency, old.amount_minor)
    is distinct from
    (new.debit_id, new.rail, new.ordinal, new.order_number, new.currency, new.amount_minor) then
    raise exception 'what attempt % asked of the rail cannot change', old.id
      using errcode = 'restrict_violation', constraint = 'attempts_request_is_final';
  end if;
  if old.state in ('submitting', 'accepted', 'unknown') then return new; end if;
  if new is not distinct from old then return new; end if;
  if old.state in ('refused', 'closed', 'never_sent') and new.state = 'late_success' then
    return new;
  end if;
  if old.state = 'never_sent' and new.state = 'submitting' then return new; end if;
  raise exception 'attempt % has ended as % and cannot become %', old.id, old.state, new.state
    using errcode = 'restrict_violation', constraint = 'attempts_end_is_final';
end $$;
create trigger attempts_are_final before update on attempts
  for each row execute function daikou_attempt_is_final();

-- I7, the part that rows can say at the moment of the intent: the amount is the debit's, the
-- mandate is active and its cap is kept. One look per statement, not per row.
create function daikou_attempt_has_authority() returns trigger
  language plpgsql
  as $$
declare
  wrong record;
begin
  select a.id, a.amount_minor, d.amount_minor as debit_minor, m.single_cap_minor, m.state
    into wrong
    from added a
    join debits d
      on d.bucket = a.bucket and d.merchant_id = a.merchant_id and d.id = a.debit_id
    join mandates m
      on m.bucket = d.bucket and m.merchant_id = d.merchant_id and m.id = d.mandate_id
   where a.amount_minor <> d.amount_minor or a.currency <> d.currency or a.rail <> d.rail
      or a.amount_minor > m.single_cap_minor or m.currency <> a.currency or m.rail <> a.rail
      or m.state <> 'active'
   limit 1;
  if found then
    raise exception 'attempt % of % has no authority: debit %, cap %, mandate %', wrong.id,
      wrong.amount_minor, wrong.debit_minor, wrong.single_cap_minor, wrong.state
      using errcode = 'check_violation', constraint = 'attempts_have_authority';
  end if;
  return null;
end $$;
create trigger attempts_have_authority after insert on attempts
  referencing new table as added
  for each statement execute function daikou_attempt_has_authority();

create table payments (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  debit_id uuid not null,
  attempt_id uuid not null,
  rail text not null,
  rail_reference text not null,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  paid_at timestamptz not null,
  business_date date not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, debit_id) references debits (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, attempt_id) references attempts (bucket, merchant_id, id),
  -- I1: money arrives once per debit.
  constraint payments_once_per_debit unique (bucket, merchant_id, debit_id),
  constraint payments_once_per_attempt unique (bucket, merchant_id, attempt_id)
);
create index payments_of_rail_and_date on payments (merchant_id, rail, business_date);
create trigger payments_append_only before update or delete on payments
  for each row execute function daikou_append_only();
alter table payments enable row level security;
alter table payments force row level security;
create policy tenant on payments to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on payments to daikou_admin using (true) with check (true);
grant select, insert on payments to daikou_app;
