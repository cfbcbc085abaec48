-- A mandate that we end waits visibly for the rail's word: `ending` at first, `revoke_failed` after
-- a try without one. The trigger on attempts takes `active` only, so neither lets a debit leave.
alter table mandates drop constraint mandates_state_check;
alter table mandates add constraint mandates_state_check check (state in
  ('draft', 'signing', 'active', 'ending', 'revoke_failed', 'ended', 'sign_failed'));

-- The customer's own order of methods, 1 first; without one the oldest mandate comes first.
alter table mandates add column preference smallint check (preference > 0);

-- The date that the rail keeps for the next debit, as we know it.
alter table mandates add column planned_date date;

-- A debit that took over the invoices of one that another method refused names the first of that
-- chain: its renewal notice is the one that the law asks for.
alter table debits add column moved_from uuid;
alter table debits add constraint debits_moved_from_is_ours
  foreign key (bucket, merchant_id, moved_from) references debits (bucket, merchant_id, id);

-- Who let go a debit that the amount guard held back.
alter table debits add column released_by text;
alter table debits add column released_at timestamptz;
alter table debits add constraint debits_release_is_whole
  check ((released_by is null) = (released_at is null));
create index debits_of_mandate on debits (bucket, merchant_id, mandate_id);
create index debits_awaiting_plan on debits (bucket, collect_at)
  where state = 'scheduled' and blocked_by = 'planned_date_moving';

-- The proof that we ended a mandate: who asked, when, why, and what the rail answered.
create table mandate_ends (
  bucket smallint not null,
  merchant_id uuid not null,
  mandate_id uuid not null,
  customer_id uuid not null,
  asked_by text not null check (asked_by in ('customer', 'merchant', 'drift')),
  remark text not null check (length(remark) between 1 and 200),
  asked_at timestamptz not null,
  tries integer not null check (tries >= 0),
  next_try_at timestamptz,
  answer text check (length(answer) <= 500),
  answered_at timestamptz,
  primary key (bucket, merchant_id, mandate_id),
  foreign key (bucket, merchant_id, mandate_id) references mandates (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  constraint mandate_ends_answer_has_its_time check ((answer is null) = (answered_at is null))
);
create index mandate_ends_to_try on mandate_ends (bucket, next_try_at)
  where next_try_at is not null;
alter table mandate_ends enable row level security;
alter table mandate_ends force row level security;
create policy tenant on mandate_ends to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on mandate_ends to daikou_admin using (true) with check (true);
grant select, insert, update on mandate_ends to daikou_app;

-- Differences between a mandate and the rail's own word about it.
create table mandate_drifts (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  mandate_id uuid not null,
  customer_id uuid not null,
  kind text not null check (kind in
    ('ended_here_signed_there', 'active_here_ended_there', 'signed_without_subscription')),
  action text not null check (action in ('end_at_rail', 'ended_here', 'ask_person')),
  state text not null check (state in ('open', 'resolved')),
  evidence text not null check (length(evidence) <= 500),
  found_at timestamptz not null,
  resolved_at timestamptz,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, mandate_id) references mandates (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  constraint mandate_drifts_resolved_has_its_time
    check ((state = 'resolved') = (resolved_at is not null))
);
create unique index mandate_drifts_open_once
  on mandate_drifts (bucket, merchant_id, mandate_id, kind) where state = 'open';
create index mandate_drifts_by_id on mandate_drifts (merchant_id, id);
alter table mandate_drifts enable row level security;
alter table mandate_drifts force row level security;
create policy tenant on mandate_drifts to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on mandate_drifts to daikou_admin using (true) with check (true);
grant select, insert, update on mandate_drifts to daikou_app;

-- Open attempts of which the schedule of questions is over: a person's turn.
create index attempts_for_person on attempts (merchant_id, id)
  where state in ('submitting', 'accepted', 'unknown') and ask_at is null;

-- A rail that keeps a planned date moves it by a month with every success.
update mandates m set planned_date = (m.first_planned_date + make_interval(months => (
    select count(*)::int from debits d
     where d.bucket = m.bucket and d.merchant_id = m.merchant_id and d.mandate_id = m.id
       and d.state = 'succeeded')))::date
 where m.first_planned_date is not null;
