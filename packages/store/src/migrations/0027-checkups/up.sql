-- A card's last valid day, where the payer or the rail told it.
alter table mandates add column account_expires_on date;
alter table mandates add constraint mandates_only_cards_expire
  check (account_expires_on is null or account_kind = 'card');

-- The looks at one invoice before its debit. `look_at` is the due row.
create table checkups (
  bucket smallint not null,
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  customer_id uuid not null,
  invoice_id uuid not null,
  verdict text check (verdict in ('ok', 'findings', 'blocked')),
  debit_date date not null,
  rule_version integer not null check (rule_version >= 0),
  looked_at timestamptz,
  look_at timestamptz,
  created_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id),
  constraint checkups_once unique (bucket, merchant_id, invoice_id),
  constraint checkups_verdict_has_its_look check ((verdict is null) = (looked_at is null))
);
create index checkups_to_look on checkups (bucket, look_at) where look_at is not null;
create index checkups_by_id on checkups (merchant_id, id);
create index checkups_on_date on checkups (merchant_id, debit_date, id);
create index checkups_of_customer on checkups (bucket, merchant_id, customer_id);
alter table checkups enable row level security;
alter table checkups force row level security;
create policy tenant on checkups to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on checkups to daikou_admin using (true) with check (true);
grant select, insert, update on checkups to daikou_app;

-- What a look found, and what became of it.
create table checkup_findings (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  checkup_id uuid not null,
  invoice_id uuid not null,
  code text not null check (code in ('method_dead', 'method_refused', 'method_expiring',
    'cap_below_amount', 'mandate_drift', 'amount_unlike_contract', 'amount_unlike_history',
    'duplicate_subscription', 'unused_service', 'notice_unreachable', 'price_change_pending',
    'trial_converting', 'approver_missing')),
  about text not null check (about ~ '^[a-z]{3}_[0-9a-f]{32}$'),
  severity text not null check (severity in ('info', 'warn', 'blocks')),
  owner text not null check (owner in ('payer', 'admin', 'support', 'finance')),
  sentence_zh text not null check (length(sentence_zh) between 1 and 500),
  sentence_en text not null check (length(sentence_en) between 1 and 500),
  action text not null check (action in ('sign_again', 'raise_cap', 'change_method',
    'change_contact', 'answer_price_change', 'end_subscription', 'confirm_amount',
    'look_at_drift')),
  evidence jsonb not null check (jsonb_typeof(evidence) = 'array'),
  state text not null check (state in ('open', 'cured', 'accepted')),
  found_at timestamptz not null,
  ended_at timestamptz,
  accepted_by text check (length(accepted_by) between 1 and 80),
  remark text check (length(remark) <= 500),
  told_at timestamptz,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, checkup_id) references checkups (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id),
  constraint checkup_findings_once unique (bucket, merchant_id, invoice_id, code, about),
  constraint checkup_findings_end_has_its_time check ((state = 'open') = (ended_at is null)),
  constraint checkup_findings_accepted_by_somebody
    check ((state = 'accepted') = (accepted_by is not null) and (remark is null or accepted_by is not null))
);
create index checkup_findings_of_checkup
  on checkup_findings (bucket, merchant_id, checkup_id);
create index checkup_findings_open
  on checkup_findings (bucket, merchant_id, customer_id) where state = 'open';
create index checkup_findings_approved
  on checkup_findings (bucket, merchant_id, customer_id)
  where state = 'accepted' and code = 'approver_missing';
alter table checkup_findings enable row level security;
alter table checkup_findings force row level security;
create policy tenant on checkup_findings to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on checkup_findings to daikou_admin using (true) with check (true);
grant select, insert, update on checkup_findings to daikou_app;

-- When each customer's next self-audit is due, once it has had a subscription.
create table self_audits (
  bucket smallint not null,
  merchant_id uuid not null references merchants (id),
  customer_id uuid not null,
  next_at timestamptz,
  month date check (extract(day from month) = 1),
  primary key (bucket, merchant_id, customer_id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id)
);
create index self_audits_due on self_audits (bucket, next_at) where next_at is not null;
alter table self_audits enable row level security;
alter table self_audits force row level security;
create policy tenant on self_audits to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on self_audits to daikou_admin using (true) with check (true);
grant select, insert, update on self_audits to daikou_app;

-- Everybody who has a subscription learns its date at the next look.
insert into self_audits (bucket, merchant_id, customer_id, next_at)
select distinct bucket, merchant_id, customer_id, '2020-01-01T00:00:00Z'::timestamptz
  from subscriptions where state <> 'ended';
