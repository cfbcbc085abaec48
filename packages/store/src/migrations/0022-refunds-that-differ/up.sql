-- A refund that its bank sent back after it had left, and one that the rail paid in another amount:
-- money that is not where the refund says.
alter table money_exceptions drop constraint money_exceptions_kind_check;
alter table money_exceptions add constraint money_exceptions_kind_check
  check (kind in ('late_success', 'surplus', 'paid_other_amount', 'return_unmatched',
                  'refund_unexpected', 'refund_sent_back', 'refund_short', 'refund_excess'));

-- The rail named another amount than was asked for: a person looks, and its bill decides.
alter table refunds drop constraint refunds_review_check;
alter table refunds add constraint refunds_review_check
  check (review in ('refused', 'bank_failed', 'silent', 'other_amount', 'by_transfer'));

-- Every exception is somebody's: a role, or the person to whom it was given.
alter table money_exceptions add column owner text not null default 'finance'
  check (length(owner) between 1 and 100);
alter table money_exceptions alter column owner drop default;

-- The daily comparison found so many mandates missing at a rail that it ended none of them: one row
-- for each rail until a person confirms it or a later comparison finds the mandates again.
create table mandate_sweep_brakes (
  merchant_id uuid not null references merchants (id),
  rail text not null,
  compared integer not null check (compared > 0),
  not_found integer not null check (not_found > 0 and not_found <= compared),
  state text not null check (state in ('open', 'confirmed', 'cleared')),
  found_at timestamptz not null,
  decided_by text check (decided_by <> ''),
  ended_at timestamptz,
  primary key (merchant_id, rail, found_at),
  constraint mandate_sweep_brakes_end_has_its_time
    check ((state = 'open') = (ended_at is null)),
  constraint mandate_sweep_brakes_confirmed_by_a_person
    check ((state = 'confirmed') = (decided_by is not null))
);
create unique index mandate_sweep_brakes_open_once
  on mandate_sweep_brakes (merchant_id, rail) where state = 'open';
alter table mandate_sweep_brakes enable row level security;
alter table mandate_sweep_brakes force row level security;
create policy tenant on mandate_sweep_brakes to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on mandate_sweep_brakes to daikou_admin using (true) with check (true);
grant select, insert, update on mandate_sweep_brakes to daikou_app;
