-- A reference table: a merchant changes its prices a few times a year.
create table price_changes (
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  state text not null check (state in ('draft', 'published', 'applied', 'withdrawn')),
  steps jsonb not null check (jsonb_typeof(steps) = 'array'),
  effective_on date not null,
  audience text not null check (audience in ('consumer', 'business')),
  fallback jsonb not null check (jsonb_typeof(fallback) = 'object'),
  notice_days integer not null check (notice_days >= 0),
  reason text not null check (reason <> ''),
  created_at timestamptz not null,
  published_at timestamptz,
  applied_at timestamptz,
  withdrawn_at timestamptz,
  primary key (merchant_id, id),
  constraint price_changes_state_has_its_time
    check ((state = 'draft') = (published_at is null and withdrawn_at is null)
           and (state = 'applied') = (applied_at is not null)
           and (state = 'withdrawn') = (withdrawn_at is not null))
);
alter table price_changes enable row level security;
alter table price_changes force row level security;
create policy tenant on price_changes to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on price_changes to daikou_admin using (true) with check (true);
grant select, insert, update on price_changes to daikou_app;

-- What one subscription's payer was told of a change, what it said, and what came of it.
create table price_change_consents (
  bucket smallint not null,
  merchant_id uuid not null,
  price_change_id uuid not null,
  subscription_id uuid not null,
  customer_id uuid not null,
  audience text not null check (audience in ('consumer', 'business')),
  direction text not null check (direction in ('rise', 'decrease', 'same')),
  currency char(3) not null,
  before_minor bigint not null,
  after_minor bigint not null,
  notice_channel text check (notice_channel in ('mail', 'sms', 'letter', 'portal')),
  notice_due_at timestamptz not null,
  noticed_at timestamptz,
  notice_reference text,
  answer text not null check (answer in ('silent', 'acknowledged', 'objected')),
  answered_at timestamptz,
  answer_channel text
    check (answer_channel in ('portal', 'mail', 'sms', 'phone', 'letter', 'in_person')),
  evidence_hash text check (evidence_hash ~ '^[0-9a-f]{64}$'),
  outcome text not null
    check (outcome in ('waiting', 'applied', 'downgraded', 'left', 'unchanged', 'withdrawn')),
  effective_on date,
  decided_at timestamptz,
  created_at timestamptz not null,
  primary key (bucket, merchant_id, price_change_id, subscription_id),
  foreign key (bucket, merchant_id, subscription_id)
    references subscriptions (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (merchant_id, price_change_id) references price_changes (merchant_id, id),
  constraint price_change_consents_answer_has_its_evidence
    check ((answer = 'silent') = (answered_at is null)
           and (answer = 'silent') = (answer_channel is null)
           and (answer = 'silent') = (evidence_hash is null)),
  constraint price_change_consents_decided_has_its_time
    check ((outcome = 'waiting') = (decided_at is null)),
  -- A consumer's higher price needs the consumer's word: silence is none.
  constraint price_change_consents_rise_needs_consent
    check (outcome <> 'applied' or direction <> 'rise' or answer = 'acknowledged'
           or (audience = 'business' and answer = 'silent' and noticed_at is not null))
);
create index price_change_consents_of_change
  on price_change_consents (merchant_id, price_change_id, subscription_id);
create index price_change_consents_waiting
  on price_change_consents (merchant_id, price_change_id, subscription_id)
  where outcome = 'waiting';
create index price_change_consents_of_customer
  on price_change_consents (bucket, merchant_id, customer_id);
alter table price_change_consents enable row level security;
alter table price_change_consents force row level security;
create policy tenant on price_change_consents to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on price_change_consents to daikou_admin using (true) with check (true);
grant select, insert, update on price_change_consents to daikou_app;
