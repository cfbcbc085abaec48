-- The payer's bank took the money back: the debit stays a success and no longer holds its invoices.
alter table debits add column returned_at timestamptz;

-- A credit note whose money goes back to the payer names the refund that takes it there.
alter table credit_notes add column refund_id uuid;
alter table credit_notes drop constraint credit_notes_disposition_check;
alter table credit_notes add constraint credit_notes_disposition_check
  check (disposition in ('reduce_due', 'to_balance', 'to_refund'));
alter table credit_notes add constraint credit_notes_refund_has_its_number
  check ((disposition = 'to_refund') = (refund_id is not null));

-- Money that is here (or gone) and whose purpose is not settled: each ends by a person or a rule.
create table money_exceptions (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  kind text not null check (kind in ('late_success', 'surplus', 'paid_other_amount',
    'return_unmatched', 'refund_unexpected')),
  debit_id uuid not null,
  attempt_id uuid not null,
  rail text not null,
  order_number text not null,
  rail_reference text not null,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  happened_at timestamptz not null,
  detail text not null,
  state text not null
    check (state in ('open', 'refunding', 'refunded', 'credited', 'booked')),
  act_at timestamptz,
  decided_by text check (decided_by <> ''),
  grant_id uuid,
  opened_at timestamptz not null,
  ended_at timestamptz,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, attempt_id) references attempts (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, grant_id) references credit_grants (bucket, merchant_id, id),
  constraint money_exceptions_end_has_its_time
    check ((state in ('refunded', 'credited', 'booked')) = (ended_at is not null)),
  constraint money_exceptions_end_has_its_decider check (state = 'open' or decided_by is not null),
  constraint money_exceptions_credit_has_its_grant check (state <> 'credited' or grant_id is not null),
  constraint money_exceptions_only_open_acts check (act_at is null or state = 'open')
);
-- The same news twice opens it once. The rail's number tells two returns of one order apart.
create unique index money_exceptions_once
  on money_exceptions (bucket, merchant_id, attempt_id, kind, rail_reference);
create index money_exceptions_to_act on money_exceptions (bucket, act_at)
  where state = 'open' and act_at is not null;
create index money_exceptions_open on money_exceptions (merchant_id, id)
  where state in ('open', 'refunding');
alter table money_exceptions enable row level security;
alter table money_exceptions force row level security;
create policy tenant on money_exceptions to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on money_exceptions to daikou_admin using (true) with check (true);
grant select, insert, update on money_exceptions to daikou_app;

-- Money on its way back to a payer. `attempt_id` names the order whose money it is; absent: money
-- of a balance that no order can take back, which goes by bank transfer.
create table refunds (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  source text not null check (source in ('payment', 'exception', 'balance')),
  route text not null check (route in ('original', 'bank_transfer')),
  payment_id uuid,
  exception_id uuid,
  attempt_id uuid,
  rail text,
  order_number text,
  payment_reference text,
  paid_minor bigint,
  paid_at timestamptz,
  refund_number text not null,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  processing_minor bigint not null check (processing_minor >= 0),
  takes jsonb not null check (jsonb_typeof(takes) = 'array'),
  draws jsonb not null check (jsonb_typeof(draws) = 'array'),
  reason text not null check (reason in ('service_not_delivered', 'billed_in_error', 'goodwill',
                                         'termination', 'duplicate')),
  remark text not null,
  state text not null check (state in ('awaiting_approval', 'approved', 'submitting', 'accepted',
    'unknown', 'manual_review', 'succeeded', 'withdrawn')),
  review text check (review in ('refused', 'bank_failed', 'silent', 'by_transfer')),
  requested_by text not null check (requested_by <> ''),
  approval_hash text not null check (approval_hash ~ '^[0-9a-f]{64}$'),
  approve_by timestamptz,
  approved_by text,
  approved_at timestamptz,
  due_at timestamptz,
  submitted_at timestamptz,
  ask_at timestamptz,
  ask_count integer not null check (ask_count >= 0),
  rail_reference text,
  refusal_class text check (refusal_class in ('merchant_balance', 'payer_account', 'limit', 'amount',
    'technical', 'merchant_fault')),
  refusal_code text,
  refusal_message text,
  refunded_at timestamptz,
  transfer_reference text,
  grant_id uuid,
  ended_at timestamptz,
  created_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, payment_id) references payments (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, exception_id)
    references money_exceptions (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, attempt_id) references attempts (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, grant_id) references credit_grants (bucket, merchant_id, id),
  constraint refunds_number_once unique (bucket, merchant_id, refund_number),
  constraint refunds_have_their_source
    check ((source <> 'payment' or payment_id is not null)
           and ((source = 'exception') = (exception_id is not null))),
  constraint refunds_order_is_whole
    check ((attempt_id is null) = (rail is null) and (attempt_id is null) = (order_number is null)
           and (attempt_id is null) = (payment_reference is null)
           and (attempt_id is null) = (paid_minor is null)
           and (attempt_id is null) = (paid_at is null)
           and (attempt_id is not null or route = 'bank_transfer')),
  constraint refunds_review_says_why check ((state = 'manual_review') = (review is not null)),
  constraint refunds_waiting_has_its_end
    check ((state = 'awaiting_approval') = (approve_by is not null)),
  constraint refunds_second_person check (approved_by <> requested_by),
  constraint refunds_approval_is_whole check ((approved_by is null) = (approved_at is null)),
  constraint refunds_due_is_approved check (due_at is null or state = 'approved'),
  constraint refunds_open_is_sent
    check (state not in ('submitting', 'accepted', 'unknown') or submitted_at is not null),
  constraint refunds_only_open_is_asked
    check (ask_at is null or state in ('submitting', 'accepted', 'unknown')),
  constraint refunds_end_has_its_time
    check ((state in ('succeeded', 'withdrawn')) = (ended_at is not null)),
  constraint refunds_success_has_its_proof
    check (state <> 'succeeded' or (rail_reference is not null and refunded_at is not null)
           or transfer_reference is not null)
);
-- I6: one refund of an order is with the rail at a time.
create unique index refunds_one_open_per_order on refunds (bucket, merchant_id, attempt_id)
  where state in ('submitting', 'accepted', 'unknown');
create unique index refunds_one_live_per_exception on refunds (bucket, merchant_id, exception_id)
  where exception_id is not null and state <> 'withdrawn';
create index refunds_of_order on refunds (bucket, merchant_id, attempt_id);
create index refunds_of_customer on refunds (bucket, merchant_id, customer_id);
create index refunds_to_submit on refunds (bucket, due_at)
  where state = 'approved' and due_at is not null;
create index refunds_to_ask on refunds (bucket, ask_at)
  where state in ('submitting', 'accepted', 'unknown') and ask_at is not null;
create index refunds_by_id on refunds (merchant_id, id);
alter table refunds enable row level security;
alter table refunds force row level security;
create policy tenant on refunds to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on refunds to daikou_admin using (true) with check (true);
grant select, insert, update on refunds to daikou_app;

-- I6: the refunds of an order never exceed what it paid. The order's row is locked first, so that
-- two requests of the same moment see each other.
create function daikou_refunds_within_payment() returns trigger
  language plpgsql
  as $$
declare
  taken numeric;
begin
  if new.attempt_id is null or new.state = 'withdrawn' then return new; end if;
  perform from attempts a
    where a.bucket = new.bucket and a.merchant_id = new.merchant_id and a.id = new.attempt_id
    for no key update;
  select coalesce(sum(r.amount_minor), 0) into taken
    from refunds r
   where r.bucket = new.bucket and r.merchant_id = new.merchant_id
     and r.attempt_id = new.attempt_id and r.id <> new.id and r.state <> 'withdrawn';
  if taken + new.amount_minor > new.paid_minor then
    raise exception 'refund % of % would exceed the % that was paid; % is taken', new.id,
      new.amount_minor, new.paid_minor, taken
      using errcode = 'check_violation', constraint = 'refunds_within_payment';
  end if;
  return new;
end $$;
create trigger refunds_within_payment before insert on refunds
  for each row execute function daikou_refunds_within_payment();

-- What was asked for never changes, and an end is final (I4): a retry is the same number.
create function daikou_refund_is_final() returns trigger
  language plpgsql
  as $$
begin
  if (old.refund_number, old.attempt_id, old.payment_id, old.exception_id, old.currency,
      old.amount_minor, old.processing_minor, old.paid_minor, old.approval_hash)
    is distinct from
    (new.refund_number, new.attempt_id, new.payment_id, new.exception_id, new.currency,
      new.amount_minor, new.processing_minor, new.paid_minor, new.approval_hash) then
    raise exception 'what refund % asked for cannot change', old.id
      using errcode = 'restrict_violation', constraint = 'refunds_request_is_final';
  end if;
  if old.state in ('succeeded', 'withdrawn') and new is distinct from old then
    raise exception 'refund % has ended as % and cannot become %', old.id, old.state, new.state
      using errcode = 'restrict_violation', constraint = 'refunds_end_is_final';
  end if;
  return new;
end $$;
create trigger refunds_are_final before update on refunds
  for each row execute function daikou_refund_is_final();

-- Money of a payment that the payer's bank took back. A payment is returned once.
create table payment_returns (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  payment_id uuid not null,
  debit_id uuid not null,
  rail text not null,
  rail_reference text not null,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  code text not null,
  message text not null,
  mandate_gone boolean not null,
  returned_at timestamptz not null,
  recorded_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, payment_id) references payments (bucket, merchant_id, id),
  constraint payment_returns_once unique (bucket, merchant_id, payment_id),
  constraint payment_returns_reference_once unique (bucket, merchant_id, rail, rail_reference)
);
create trigger payment_returns_append_only before update or delete on payment_returns
  for each row execute function daikou_append_only();
alter table payment_returns enable row level security;
alter table payment_returns force row level security;
create policy tenant on payment_returns to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on payment_returns to daikou_admin using (true) with check (true);
grant select, insert on payment_returns to daikou_app;
