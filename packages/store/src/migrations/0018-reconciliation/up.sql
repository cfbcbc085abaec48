-- A bill that was issued again takes the place of the former one, which is kept as history.
alter table rail_bills drop constraint rail_bills_state_check;
alter table rail_bills add constraint rail_bills_state_check
  check (state in ('loading', 'matched', 'superseded'));
alter table rail_bills add column refund_minor bigint not null default 0;
alter table rail_bills alter column refund_minor drop default;
-- The newest file of a date counts.
update rail_bills b set state = 'superseded'
  where b.state = 'matched' and exists (
    select from rail_bills o
     where o.merchant_id = b.merchant_id and o.rail = b.rail and o.business_date = b.business_date
       and o.state = 'matched' and (o.fetched_at, o.id) > (b.fetched_at, b.id));
create unique index rail_bills_one_counts
  on rail_bills (merchant_id, rail, business_date) where state = 'matched';

-- A refund that a bill lists while it is under way: the bill never says what became of it.
alter table rail_bill_lines add column is_pending boolean not null default false;
alter table rail_bill_lines alter column is_pending drop default;

-- A break is a case with an owner, a suggestion and an end.
alter table breaks drop constraint breaks_class_check;
alter table breaks add constraint breaks_class_check check (class in ('surplus', 'shortage',
  'amount_mismatch', 'state_mismatch', 'cut_off', 'duplicate', 'unknown_order', 'fee_mismatch',
  'settlement_mismatch', 'currency_mismatch'));
alter table breaks drop constraint breaks_state_check;
alter table breaks add constraint breaks_state_check
  check (state in ('pooled', 'open', 'resolved'));
-- A difference between the account statement and the bill stands without a bill of its own.
alter table breaks alter column bill_id drop not null;
alter table breaks add constraint breaks_bill_is_named
  check (bill_id is not null or class = 'settlement_mismatch');
alter table breaks add column refund_number text;
alter table breaks add column line_number integer check (line_number > 0);
alter table breaks add column difference_currency char(3);
alter table breaks add column difference_minor bigint;
alter table breaks add column owner text not null default 'finance' check (owner <> '');
alter table breaks add column suggested_action text not null default 'query_rail';
alter table breaks add column root_cause text not null default 'not_known';
alter table breaks add column parked_by uuid;
alter table breaks add column resolved_at timestamptz;
alter table breaks add column resolved_by text check (resolved_by <> '');
alter table breaks add column resolution text check (resolution in ('matched_later', 'superseded',
  'booked', 'reversed', 'write_off', 'claim_fee', 'accepted'));
alter table breaks add column evidence_kind text
  check (evidence_kind in ('bill_line', 'bill', 'journal', 'payment', 'approval', 'note'));
alter table breaks add column evidence text check (evidence <> '');
alter table breaks add column note text;
alter table breaks alter column owner drop default;
alter table breaks alter column suggested_action drop default;
alter table breaks alter column root_cause drop default;
alter table breaks add constraint breaks_difference_is_whole
  check ((difference_minor is null) = (difference_currency is null));
alter table breaks add constraint breaks_end_with_evidence
  check ((state = 'resolved') = (resolved_at is not null)
    and (resolved_at is null) = (resolved_by is null)
    and (resolved_at is null) = (resolution is null)
    and (resolved_at is null) = (evidence is null)
    and (evidence is null) = (evidence_kind is null));
alter table breaks add constraint breaks_parked_with_a_difference
  check (parked_by is null or (difference_minor is not null and difference_minor <> 0));
alter table breaks drop constraint breaks_once;
alter table breaks add constraint breaks_once unique nulls not distinct
  (bucket, merchant_id, rail, business_date, bill_id, class, order_number, refund_number);
create index breaks_by_id on breaks (merchant_id, id);
create index breaks_unresolved on breaks (merchant_id, rail, business_date)
  where state <> 'resolved';
create index breaks_of_bill on breaks (merchant_id, bill_id);
create index breaks_of_order on breaks (bucket, merchant_id, order_number);

-- A large day is looked through by ranges of buckets.
drop index payments_of_rail_and_date;
create index payments_of_rail_and_date on payments (merchant_id, rail, business_date, bucket);

-- What the contract with a rail says, from a day on. A reference table: a few rows a merchant.
create table rail_terms (
  merchant_id uuid not null references merchants (id),
  rail text not null,
  valid_from date not null,
  fee_basis_points integer not null check (fee_basis_points between 0 and 10000),
  fee_back_on_refund boolean not null,
  payer_names jsonb not null check (jsonb_typeof(payer_names) = 'array'),
  primary key (merchant_id, rail, valid_from)
);
alter table rail_terms enable row level security;
alter table rail_terms force row level security;
create policy tenant on rail_terms to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on rail_terms to daikou_admin using (true) with check (true);
grant select, insert, update on rail_terms to daikou_app;

-- One row for each rail and date. A reference table: as many rows as bills.
create table reconciliation_days (
  merchant_id uuid not null references merchants (id),
  rail text not null,
  business_date date not null,
  state text not null
    check (state in ('expected', 'loading', 'matched', 'balanced', 'exceptions', 'closed')),
  bill text not null check (bill in ('expected', 'loaded', 'empty')),
  bill_id uuid,
  statement text not null check (statement in ('none', 'expected', 'loaded', 'empty')),
  statement_hash text,
  posted_fee_currency char(3),
  posted_fee_minor bigint,
  problem text,
  asked_at timestamptz not null,
  closed_by text,
  closed_at timestamptz,
  primary key (merchant_id, rail, business_date),
  foreign key (merchant_id, bill_id) references rail_bills (merchant_id, id),
  constraint reconciliation_days_loaded_has_a_bill check ((bill = 'loaded') <= (bill_id is not null)),
  constraint reconciliation_days_fee_is_whole
    check ((posted_fee_minor is null) = (posted_fee_currency is null)),
  constraint reconciliation_days_closed_is_signed
    check ((state = 'closed') = (closed_by is not null) and (closed_by is null) = (closed_at is null)),
  constraint reconciliation_days_closed_has_files
    check (state <> 'closed' or (bill <> 'expected' and statement <> 'expected'))
);
alter table reconciliation_days enable row level security;
alter table reconciliation_days force row level security;
create policy tenant on reconciliation_days to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on reconciliation_days to daikou_admin using (true) with check (true);
grant select, insert, update on reconciliation_days to daikou_app;

create table reconciliation_day_moves (
  merchant_id uuid not null references merchants (id),
  rail text not null,
  business_date date not null,
  step integer not null check (step > 0),
  from_state text not null,
  to_state text not null,
  moved_by text not null check (moved_by <> ''),
  moved_at timestamptz not null,
  note text,
  primary key (merchant_id, rail, business_date, step),
  foreign key (merchant_id, rail, business_date)
    references reconciliation_days (merchant_id, rail, business_date)
);
alter table reconciliation_day_moves enable row level security;
alter table reconciliation_day_moves force row level security;
create policy tenant on reconciliation_day_moves to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on reconciliation_day_moves to daikou_admin using (true) with check (true);
grant select, insert on reconciliation_day_moves to daikou_app;

insert into reconciliation_days (merchant_id, rail, business_date, state, bill, bill_id, statement,
    posted_fee_currency, posted_fee_minor, asked_at)
  select b.merchant_id, b.rail, b.business_date,
         case when exists (select from breaks k
                            where k.merchant_id = b.merchant_id and k.bill_id = b.id)
              then 'exceptions' else 'balanced' end,
         'loaded', b.id, 'none', b.currency, f.fee_minor, b.fetched_at
    from rail_bills b
    -- Of several files of a date, the fee of the first was posted.
    cross join lateral (
      select o.fee_minor from rail_bills o
       where o.merchant_id = b.merchant_id and o.rail = b.rail
         and o.business_date = b.business_date and o.state in ('matched', 'superseded')
       order by o.fetched_at, o.id limit 1) as f
   where b.state = 'matched';

-- Rows of a rail's account statement (资金账单), placed by the hash of their reference.
create table settlement_lines (
  bucket smallint not null check (bucket between 0 and 1023),
  merchant_id uuid not null references merchants (id),
  rail text not null,
  business_date date not null,
  content_hash text not null,
  line_number integer not null check (line_number > 0),
  kind text not null check (kind in ('payment', 'refund', 'fee', 'payout', 'other')),
  currency char(3) not null,
  change_minor bigint not null,
  balance_minor bigint,
  order_number text,
  rail_reference text not null,
  at timestamptz not null,
  wording text not null,
  primary key (bucket, merchant_id, rail, business_date, content_hash, line_number)
);
create index settlement_lines_in_order
  on settlement_lines (merchant_id, rail, business_date, content_hash, line_number);
alter table settlement_lines enable row level security;
alter table settlement_lines force row level security;
create policy tenant on settlement_lines to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on settlement_lines to daikou_admin using (true) with check (true);
grant select, insert on settlement_lines to daikou_app;

-- Money that a rail sent on to the merchant's bank, placed by the hash of its reference.
create table settlements (
  bucket smallint not null check (bucket between 0 and 1023),
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  rail text not null,
  business_date date not null,
  reference text not null check (reference <> ''),
  source text not null check (source in ('statement', 'bill')),
  currency char(3) not null,
  amount_minor bigint not null,
  state text not null check (state in ('sent', 'overdue', 'arrived', 'withdrawn')),
  bank_line_id uuid,
  arrived_on date,
  primary key (bucket, merchant_id, id),
  constraint settlements_once unique (bucket, merchant_id, rail, reference),
  constraint settlements_arrived_by_a_line
    check ((state = 'arrived') = (bank_line_id is not null)
      and (bank_line_id is null) = (arrived_on is null))
);
create index settlements_by_id on settlements (merchant_id, id);
create index settlements_on_their_way on settlements (merchant_id, rail, business_date)
  where state in ('sent', 'overdue');
alter table settlements enable row level security;
alter table settlements force row level security;
create policy tenant on settlements to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on settlements to daikou_admin using (true) with check (true);
grant select, insert, update on settlements to daikou_app;

-- Statements of the merchant's own bank accounts, placed by the hash of the account's name.
create table bank_statements (
  bucket smallint not null check (bucket between 0 and 1023),
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  account text not null check (account <> ''),
  format text not null,
  currency char(3) not null,
  from_date date not null,
  until_date date not null,
  opening_minor bigint,
  closing_minor bigint,
  content_hash text not null,
  line_count integer not null check (line_count >= 0),
  imported_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  constraint bank_statements_same_file_once
    unique (bucket, merchant_id, account, content_hash, from_date),
  constraint bank_statements_run_forward check (from_date <= until_date)
);
create index bank_statements_by_id on bank_statements (merchant_id, id);
alter table bank_statements enable row level security;
alter table bank_statements force row level security;
create policy tenant on bank_statements to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on bank_statements to daikou_admin using (true) with check (true);
grant select, insert on bank_statements to daikou_app;

-- unclaimed: money of nobody we know yet (a customer's transfer). claimed: booked as a payment.
create table bank_statement_lines (
  bucket smallint not null check (bucket between 0 and 1023),
  merchant_id uuid not null,
  id uuid not null,
  statement_id uuid not null,
  account text not null,
  line_number integer not null check (line_number > 0),
  booked_on date not null,
  value_on date,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor <> 0),
  balance_after_minor bigint,
  counterparty text,
  remittance text,
  bank_reference text not null check (bank_reference <> ''),
  raw_hash text not null,
  state text not null check (state in ('unmatched', 'matched', 'unclaimed', 'claimed', 'other')),
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, statement_id)
    references bank_statements (bucket, merchant_id, id),
  constraint bank_statement_lines_once unique (bucket, merchant_id, account, bank_reference)
);
create index bank_statement_lines_by_id on bank_statement_lines (merchant_id, id);
create index bank_statement_lines_waiting on bank_statement_lines (merchant_id, booked_on)
  where state in ('unmatched', 'unclaimed');
alter table bank_statement_lines enable row level security;
alter table bank_statement_lines force row level security;
create policy tenant on bank_statement_lines to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on bank_statement_lines to daikou_admin using (true) with check (true);
grant select, insert, update on bank_statement_lines to daikou_app;
