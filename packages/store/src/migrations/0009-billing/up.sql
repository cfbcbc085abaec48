-- Subscriptions: dates instead of a counter. What was billed so far follows from the counter, which
-- is then gone; the clamping of month ends is the same here as in the calendar of core.
alter table subscriptions add column beneficiary_id uuid;
alter table subscriptions add column starts_on date;
alter table subscriptions add column ends_on date;
alter table subscriptions add column trial_ends_on date;
alter table subscriptions add column pauses jsonb check (jsonb_typeof(pauses) = 'array');
alter table subscriptions add column auto_renew boolean;
alter table subscriptions add column contract_terms jsonb;
alter table subscriptions add column billed_through date;
alter table subscriptions add column arrears_through date;
alter table subscriptions add column parked_reason text check (parked_reason in (
  'cannot_be_billed', 'too_many_lines', 'amount_beyond_history', 'amount_beyond_contract',
  'by_hand'));
alter table subscriptions add column parked_sentence text;
alter table subscriptions add column parked_at timestamptz;
update subscriptions set
  starts_on = anchor,
  auto_renew = true,
  billed_through = (anchor + interval_count * next_period_index
    * case interval_unit when 'week' then interval '1 week' when 'month' then interval '1 month'
                         else interval '1 year' end)::date,
  arrears_through = (anchor + interval_count * greatest(next_period_index - 1, 0)
    * case interval_unit when 'week' then interval '1 week' when 'month' then interval '1 month'
                         else interval '1 year' end)::date;
update subscriptions set ends_on = billed_through where state = 'ended';
update subscriptions
   set pauses = jsonb_build_array(jsonb_build_object('from', billed_through))
 where state = 'paused';
update subscriptions set parked_reason = 'cannot_be_billed', parked_at = now(),
       parked_sentence = 'It was parked by an earlier version, which kept no reason.'
 where state = 'parked';
-- Terms of before had dates only: leaving early cost nothing, and they went on afterwards.
update subscriptions
   set contract_terms = '{"renewal": "open_ended", "early_termination": {"type": "free"}}'
 where contract_start is not null and contract_end is not null;
update subscriptions set contract_start = null, contract_end = null where contract_terms is null;
alter table subscriptions alter column starts_on set not null;
alter table subscriptions alter column auto_renew set not null;
alter table subscriptions alter column billed_through set not null;
alter table subscriptions alter column arrears_through set not null;
alter table subscriptions drop column next_period_index;
alter table subscriptions drop constraint subscriptions_interval_unit_check;
alter table subscriptions add constraint subscriptions_interval_unit_check
  check (interval_unit in ('day', 'week', 'month', 'year'));
alter table subscriptions add constraint subscriptions_contract_is_whole
  check ((contract_start is null) = (contract_end is null)
         and (contract_start is null) = (contract_terms is null));
alter table subscriptions add constraint subscriptions_parked_says_why
  check ((state = 'parked') = (parked_reason is not null)
         and (parked_reason is null) = (parked_sentence is null)
         and (parked_reason is null) = (parked_at is null));
alter table subscriptions add constraint subscriptions_end_after_start
  check (ends_on >= starts_on);
-- A pause may end by itself, so paused ones come up as well: their draft moves them on.
drop index subscriptions_to_bill;
create index subscriptions_to_bill on subscriptions (bucket, next_bill_at)
  where state in ('active', 'paused');
alter table subscriptions add constraint subscriptions_beneficiary_fkey
  foreign key (bucket, merchant_id, beneficiary_id) references customers (bucket, merchant_id, id);

alter table subscription_items add column starts_on date;
alter table subscription_items add column ends_on date;
alter table subscription_items add column agreed_model jsonb;
alter table subscription_items add column continues uuid;
update subscription_items i set
  starts_on = s.anchor,
  agreed_model = case when i.agreed_unit_minor is not null then
    jsonb_build_object('type', 'per_unit', 'unit_amount', trim_scale(i.agreed_unit_minor::numeric
      / case i.agreed_currency when 'JPY' then 1 when 'KWD' then 1000 else 100 end)::text) end
  from subscriptions s
 where s.bucket = i.bucket and s.merchant_id = i.merchant_id and s.id = i.subscription_id;
alter table subscription_items alter column starts_on set not null;
alter table subscription_items drop constraint subscription_items_agreed_price_is_whole;
alter table subscription_items drop column agreed_unit_minor;
alter table subscription_items drop column agreed_currency;
alter table subscription_items drop constraint subscription_items_kind_check;
alter table subscription_items add constraint subscription_items_kind_check
  check (kind in ('flat', 'seat', 'module', 'metered', 'one_off'));
alter table subscription_items add constraint subscription_items_end_after_start
  check (ends_on >= starts_on);

alter table invoices alter column subscription_id drop not null;
alter table invoices add column billing_key text;
alter table invoices add column balance_applied_minor bigint;
alter table invoices add column credited_minor bigint;
update invoices set billing_key = 'period:' || period_start::text, balance_applied_minor = 0,
                    credited_minor = 0;
alter table invoices alter column billing_key set not null;
alter table invoices alter column balance_applied_minor set not null;
alter table invoices alter column credited_minor set not null;
alter table invoices add constraint invoices_taken_off_is_within_total
  check (balance_applied_minor >= 0 and credited_minor >= 0
         and balance_applied_minor + credited_minor <= total_minor);
-- I9: one bill for what its key names, of a subscription or, consolidated, of a customer. It also
-- finds the bills of a subscription.
drop index invoices_one_per_period;
create unique index invoices_bill_once
  on invoices (bucket, merchant_id, coalesce(subscription_id, customer_id), billing_key)
  where state <> 'void';

-- Lines name their subscription where the invoice does not, and say why where there is more to say
-- than the rule: most rows carry nulls there, and stay narrow.
alter table invoice_lines add column price_code text;
alter table invoice_lines add column subscription_id uuid;
alter table invoice_lines add column item_id uuid;
alter table invoice_lines add column beneficiary_id uuid;
alter table invoice_lines add column service_days integer;
alter table invoice_lines add column period_days integer;
alter table invoice_lines add column unit_amount numeric(30,12);
alter table invoice_lines add column subtotal_minor bigint;
alter table invoice_lines add column discount_minor bigint;
alter table invoice_lines add column why jsonb;
alter table invoice_lines alter column quantity type numeric using quantity::numeric;
update invoice_lines l set
  price_code = p.code,
  service_days = l.period_end - l.period_start,
  period_days = l.period_end - l.period_start,
  unit_amount = l.unit_minor::numeric
    / case i.currency when 'JPY' then 1 when 'KWD' then 1000 else 100 end,
  subtotal_minor = l.amount_minor,
  discount_minor = 0
  from invoices i, price_versions v, prices p
 where i.bucket = l.bucket and i.merchant_id = l.merchant_id and i.id = l.invoice_id
   and v.merchant_id = l.merchant_id and v.id = l.price_version_id
   and p.merchant_id = v.merchant_id and p.id = v.price_id;
alter table invoice_lines alter column price_code set not null;
alter table invoice_lines alter column service_days set not null;
alter table invoice_lines alter column period_days set not null;
alter table invoice_lines alter column subtotal_minor set not null;
alter table invoice_lines alter column discount_minor set not null;
alter table invoice_lines drop column unit_minor;
alter table invoice_lines drop constraint invoice_lines_kind_check;
alter table invoice_lines add constraint invoice_lines_kind_check
  check (kind in ('flat', 'seat', 'module', 'metered', 'one_off'));
alter table invoice_lines drop constraint invoice_lines_rule_check;
alter table invoice_lines add constraint invoice_lines_rule_check
  check (rule in ('list_price', 'agreed_price', 'change_charge', 'change_credit',
                  'usage_correction', 'minimum_spend', 'commitment', 'instalment', 'termination'));
alter table invoice_lines add constraint invoice_lines_days_count
  check (service_days >= 0 and period_days > 0);
alter table invoice_lines add constraint invoice_lines_discount_comes_off
  check (discount_minor >= 0
         and subtotal_minor - discount_minor in (amount_minor, net_minor));

-- The columns of a line, waiting. Billed once: then it names its invoice.
create table pending_lines (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  subscription_id uuid not null,
  state text not null check (state in ('pending', 'billed', 'dropped')),
  not_before date not null,
  invoice_id uuid,
  created_at timestamptz not null,
  currency char(3) not null,
  kind text not null check (kind in ('flat', 'seat', 'module', 'metered', 'one_off')),
  price_code text not null,
  price_version_id uuid not null,
  line_subscription_id uuid,
  item_id uuid,
  beneficiary_id uuid,
  period_start date not null,
  period_end date not null,
  service_days integer not null,
  period_days integer not null,
  quantity numeric not null,
  unit_amount numeric(30,12),
  subtotal_minor bigint not null,
  discount_minor bigint not null check (discount_minor >= 0),
  amount_minor bigint not null,
  net_minor bigint not null,
  tax_minor bigint not null,
  tax_basis_points bigint not null,
  rule text not null,
  name_zh text not null,
  name_en text not null,
  why jsonb,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, subscription_id)
    references subscriptions (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id),
  foreign key (merchant_id, price_version_id) references price_versions (merchant_id, id),
  constraint pending_lines_billed_names_its_invoice
    check ((state = 'billed') = (invoice_id is not null)),
  constraint pending_lines_net_and_tax_make_amount check (net_minor + tax_minor = amount_minor),
  constraint pending_lines_period_runs_forward check (period_end > period_start)
);
create index pending_lines_waiting
  on pending_lines (bucket, merchant_id, subscription_id) where state = 'pending';
create index pending_lines_of_invoice
  on pending_lines (bucket, merchant_id, invoice_id) where invoice_id is not null;
alter table pending_lines enable row level security;
alter table pending_lines force row level security;
create policy tenant on pending_lines to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on pending_lines to daikou_admin using (true) with check (true);
grant select, insert, update on pending_lines to daikou_app;

create table redemptions (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  subscription_id uuid not null,
  coupon_id uuid not null,
  state text not null check (state in ('active', 'used_up', 'ended')),
  used_periods integer not null check (used_periods >= 0),
  used_minor bigint check (used_minor >= 0),
  used_currency char(3),
  redeemed_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, subscription_id)
    references subscriptions (bucket, merchant_id, id),
  foreign key (merchant_id, coupon_id) references coupons (merchant_id, id),
  constraint redemptions_used_amount_is_whole
    check ((used_minor is null) = (used_currency is null))
);
create unique index redemptions_once_at_a_time
  on redemptions (bucket, merchant_id, subscription_id, coupon_id) where state = 'active';
create index redemptions_of_coupon on redemptions (merchant_id, coupon_id);
alter table redemptions enable row level security;
alter table redemptions force row level security;
create policy tenant on redemptions to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on redemptions to daikou_admin using (true) with check (true);
grant select, insert, update on redemptions to daikou_app;

create table credit_grants (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  kind text not null check (kind in ('prepaid', 'promotional', 'credit_note')),
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  left_minor bigint not null,
  expires_on date,
  name_zh text not null,
  name_en text not null,
  created_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  constraint credit_grants_left_is_within_amount check (left_minor between 0 and amount_minor)
);
create index credit_grants_to_use
  on credit_grants (bucket, merchant_id, customer_id) where left_minor > 0;
alter table credit_grants enable row level security;
alter table credit_grants force row level security;
create policy tenant on credit_grants to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on credit_grants to daikou_admin using (true) with check (true);
grant select, insert, update on credit_grants to daikou_app;

create table grant_uses (
  bucket smallint not null,
  merchant_id uuid not null,
  invoice_id uuid not null,
  grant_id uuid not null,
  currency char(3) not null,
  amount_minor bigint not null check (amount_minor > 0),
  primary key (bucket, merchant_id, invoice_id, grant_id),
  foreign key (bucket, merchant_id, grant_id) references credit_grants (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id)
);
create index grant_uses_of_grant on grant_uses (bucket, merchant_id, grant_id);
alter table grant_uses enable row level security;
alter table grant_uses force row level security;
create policy tenant on grant_uses to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on grant_uses to daikou_admin using (true) with check (true);
grant select, insert, delete on grant_uses to daikou_app;

create table credit_notes (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  invoice_id uuid not null,
  number text not null,
  reason text not null check (reason in ('service_not_delivered', 'billed_in_error', 'goodwill',
                                         'termination', 'duplicate')),
  disposition text not null check (disposition in ('reduce_due', 'to_balance')),
  grant_id uuid,
  currency char(3) not null,
  total_minor bigint not null check (total_minor > 0),
  net_minor bigint not null,
  tax_minor bigint not null,
  issued_at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, grant_id) references credit_grants (bucket, merchant_id, id),
  constraint credit_notes_number_once unique (bucket, merchant_id, number),
  constraint credit_notes_net_and_tax_make_total check (net_minor + tax_minor = total_minor),
  constraint credit_notes_balance_has_its_grant
    check ((disposition = 'to_balance') = (grant_id is not null))
);
create index credit_notes_of_invoice on credit_notes (bucket, merchant_id, invoice_id);
create trigger credit_notes_append_only before update or delete on credit_notes
  for each row execute function daikou_append_only();
alter table credit_notes enable row level security;
alter table credit_notes force row level security;
create policy tenant on credit_notes to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on credit_notes to daikou_admin using (true) with check (true);
grant select, insert on credit_notes to daikou_app;

-- A line takes from the invoice line of its position and has the currency of its invoice.
create table credit_note_lines (
  bucket smallint not null,
  merchant_id uuid not null,
  credit_note_id uuid not null,
  position smallint not null,
  invoice_id uuid not null,
  amount_minor bigint not null check (amount_minor > 0),
  net_minor bigint not null check (net_minor >= 0),
  tax_minor bigint not null check (tax_minor >= 0),
  primary key (bucket, merchant_id, credit_note_id, position),
  foreign key (bucket, merchant_id, credit_note_id)
    references credit_notes (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id, position)
    references invoice_lines (bucket, merchant_id, invoice_id, position),
  constraint credit_note_lines_net_and_tax_make_amount
    check (net_minor + tax_minor = amount_minor)
);
create index credit_note_lines_of_line
  on credit_note_lines (bucket, merchant_id, invoice_id, position);
create trigger credit_note_lines_append_only before update or delete on credit_note_lines
  for each row execute function daikou_append_only();
-- Never more than was billed: the invoices are locked first, so that two notes that are written at
-- the same time see each other.
create function daikou_credit_within_line() returns trigger
  language plpgsql
  as $$
declare
  beyond record;
begin
  perform from invoices i
    where (i.bucket, i.merchant_id, i.id) in (select bucket, merchant_id, invoice_id from added)
    order by i.id for no key update;
  select l.invoice_id, l.position into beyond
    from (select distinct bucket, merchant_id, invoice_id, position from added) a
    join invoice_lines l using (bucket, merchant_id, invoice_id, position)
    cross join lateral (
      select sum(c.amount_minor) as amount, sum(c.net_minor) as net, sum(c.tax_minor) as tax
        from credit_note_lines c
       where c.bucket = l.bucket and c.merchant_id = l.merchant_id
         and c.invoice_id = l.invoice_id and c.position = l.position) as taken
   where taken.amount > l.amount_minor or taken.net > l.net_minor or taken.tax > l.tax_minor
   limit 1;
  if found then
    raise exception 'line % of invoice % would be credited beyond what it billed',
      beyond.position, beyond.invoice_id
      using errcode = 'check_violation', table = 'credit_note_lines',
            constraint = 'credit_note_lines_within_invoice_line';
  end if;
  return null;
end $$;
create trigger credit_note_lines_within_invoice_line after insert on credit_note_lines
  referencing new table as added
  for each statement execute function daikou_credit_within_line();
alter table credit_note_lines enable row level security;
alter table credit_note_lines force row level security;
create policy tenant on credit_note_lines to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on credit_note_lines to daikou_admin using (true) with check (true);
grant select, insert on credit_note_lines to daikou_app;

create table subscription_changes (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  subscription_id uuid not null,
  type text not null,
  command jsonb not null,
  effective_on date not null,
  adjusted_minor bigint not null,
  at timestamptz not null,
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, subscription_id)
    references subscriptions (bucket, merchant_id, id)
);
create index subscription_changes_of_subscription
  on subscription_changes (bucket, merchant_id, subscription_id, id);
create trigger subscription_changes_append_only before update or delete on subscription_changes
  for each row execute function daikou_append_only();
alter table subscription_changes enable row level security;
alter table subscription_changes force row level security;
create policy tenant on subscription_changes to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on subscription_changes to daikou_admin using (true) with check (true);
grant select, insert on subscription_changes to daikou_app;
