-- What unpaid invoices do to the service of who pays: one row for each customer that was ever
-- overdue. `next_look_at` is the queue; absent where nothing is overdue.
create table arrears_states (
  bucket smallint not null,
  merchant_id uuid not null,
  customer_id uuid not null,
  state text not null
    check (state in ('clear', 'grace', 'warned', 'suspended', 'retained', 'deletable')),
  since date not null,
  changed_at timestamptz not null,
  warned_on date,
  held_by text check (held_by in ('attempt_unknown', 'payment_waits', 'postponed', 'not_warned',
                                  'days_promised')),
  earliest_unpaid date,
  unpaid_invoices integer not null check (unpaid_invoices >= 0),
  unpaid jsonb not null check (jsonb_typeof(unpaid) = 'array'),
  next_change_on date,
  next_change_at timestamptz,
  next_change_state text,
  next_look_at timestamptz,
  primary key (bucket, merchant_id, customer_id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  constraint arrears_states_stop_is_warned
    check (state not in ('suspended', 'retained', 'deletable') or warned_on is not null),
  constraint arrears_states_change_is_whole
    check ((next_change_on is null) = (next_change_at is null)
       and (next_change_on is null) = (next_change_state is null)),
  constraint arrears_states_owed_is_watched
    check (state = 'clear' or (earliest_unpaid is not null and next_look_at is not null))
);
create index arrears_states_to_look on arrears_states (bucket, next_look_at)
  where next_look_at is not null;
create index arrears_states_by_customer on arrears_states (merchant_id, customer_id)
  where state <> 'clear';
alter table arrears_states enable row level security;
alter table arrears_states force row level security;
create policy tenant on arrears_states to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on arrears_states to daikou_admin using (true) with check (true);
grant select, insert, update on arrears_states to daikou_app;

-- Who is overdue is found by the due date of what is open; a link that is open may bring money.
create index invoices_open_past_due on invoices (bucket, due_date) where state = 'open';
create index pay_links_open_of_customer on pay_links (bucket, merchant_id, customer_id)
  where state = 'open';

-- A customer in arrears is looked at again as soon as anything of its invoices changes, in the same
-- commit: a payment by whatever way restores the service at the next look. The first moment of all
-- is due on every clock, a merchant's test clock included.
create function daikou_invoice_moves_arrears() returns trigger
  language plpgsql
  as $$
begin
  update arrears_states s set next_look_at = timestamptz '1970-01-01 00:00:00+00'
    from moved n
    join unmoved o
      on o.bucket = n.bucket and o.merchant_id = n.merchant_id and o.id = n.id
   where s.bucket = n.bucket and s.merchant_id = n.merchant_id and s.customer_id = n.customer_id
     and s.next_look_at is not null
     and (o.state, o.credited_minor, o.balance_applied_minor, o.due_date)
         is distinct from (n.state, n.credited_minor, n.balance_applied_minor, n.due_date);
  return null;
end $$;
create trigger invoices_move_arrears after update on invoices
  referencing old table as unmoved new table as moved
  for each statement execute function daikou_invoice_moves_arrears();

-- What a person granted beside what is sold, or about arrears, until a date. Never edited.
create table entitlement_overrides (
  bucket smallint not null,
  merchant_id uuid not null,
  id uuid not null,
  customer_id uuid not null,
  kind text not null check (kind in ('module', 'seats', 'limit', 'no_suspension',
                                     'disputed_invoice', 'control_tag')),
  code text check (length(code) between 1 and 100),
  quantity bigint check (quantity > 0),
  invoice_id uuid,
  until date not null,
  granted_by text not null check (length(granted_by) between 1 and 100),
  why text not null check (length(why) between 1 and 500),
  created_at timestamptz not null,
  withdrawn_at timestamptz,
  withdrawn_by text check (length(withdrawn_by) between 1 and 100),
  primary key (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, invoice_id) references invoices (bucket, merchant_id, id),
  constraint entitlement_overrides_have_their_parts
    check ((kind in ('no_suspension', 'disputed_invoice')) = (code is null)
       and (kind in ('seats', 'limit')) = (quantity is not null)
       and (kind = 'disputed_invoice') = (invoice_id is not null)),
  -- Two days of leeway: `until` is a date of the merchant's zone, `created_at` a moment.
  constraint entitlement_overrides_have_an_end
    check (until <= (created_at at time zone 'UTC')::date + 368),
  constraint entitlement_overrides_withdrawal_is_whole
    check ((withdrawn_at is null) = (withdrawn_by is null))
);
create index entitlement_overrides_of_customer
  on entitlement_overrides (bucket, merchant_id, customer_id);
create index entitlement_overrides_by_id on entitlement_overrides (merchant_id, id);
alter table entitlement_overrides enable row level security;
alter table entitlement_overrides force row level security;
create policy tenant on entitlement_overrides to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on entitlement_overrides to daikou_admin using (true) with check (true);
grant select, insert, update on entitlement_overrides to daikou_app;

-- What was granted stays as it was written; only its withdrawal is added, once.
create function daikou_override_is_final() returns trigger
  language plpgsql
  as $$
begin
  if (old.customer_id, old.kind, old.code, old.quantity, old.invoice_id, old.until, old.granted_by,
      old.why, old.created_at)
    is distinct from
    (new.customer_id, new.kind, new.code, new.quantity, new.invoice_id, new.until, new.granted_by,
      new.why, new.created_at) or (old.withdrawn_at is not null and new is distinct from old) then
    raise exception 'what override % granted cannot change', old.id
      using errcode = 'restrict_violation', constraint = 'entitlement_overrides_are_final';
  end if;
  return new;
end $$;
create trigger entitlement_overrides_are_final before update on entitlement_overrides
  for each row execute function daikou_override_is_final();

-- What decides about the use of one customer, read by keys alone. A function, as each connection
-- then plans it once: planning ten tables behind policies takes several times as long as reading
-- them, and software asks this at every turn.
create function daikou_entitlement_facts(of_bucket smallint, of_customer uuid) returns json
  language plpgsql
  stable
  as $$
begin
  return (
    select json_build_object(
      'id', c.id,
      'external_reference', c.external_reference,
      'payer_id', coalesce(c.payer_id, c.id),
      'subscriptions', (
        select json_agg(json_build_object('id', s.id, 'plan', l.code, 'state', s.state,
                 'starts_on', s.starts_on, 'ends_on', s.ends_on,
                 'trial_ends_on', s.trial_ends_on, 'pauses', s.pauses,
                 'auto_renew', s.auto_renew, 'billed_through', s.billed_through,
                 'items', (
                   select json_agg(json_build_object('kind', i.kind, 'code', p.code,
                            'quantity', i.quantity::text, 'from', i.starts_on,
                            'until', i.ends_on) order by i.position)
                     from subscription_items i
                     join price_versions v on v.merchant_id = i.merchant_id
                                          and v.id = i.price_version_id
                     join prices p on p.merchant_id = v.merchant_id and p.id = v.price_id
                    where i.bucket = s.bucket and i.merchant_id = s.merchant_id
                      and i.subscription_id = s.id))
                 order by s.id)
          from (
            select * from subscriptions o
             where o.bucket = c.bucket and o.merchant_id = c.merchant_id and o.customer_id = c.id
               and o.beneficiary_id is null
            union all
            select * from subscriptions u
             where u.bucket = c.bucket and u.merchant_id = c.merchant_id
               and u.beneficiary_id = c.id) as s
          join plans l on l.merchant_id = s.merchant_id and l.id = s.plan_id),
      'arrears', (
        select to_json(a) from arrears_states a
         where a.bucket = c.bucket and a.merchant_id = c.merchant_id
           and a.customer_id = coalesce(c.payer_id, c.id)),
      'overrides', (
        select json_agg(o order by o.id) from entitlement_overrides o
         where o.bucket = c.bucket and o.merchant_id = c.merchant_id and o.customer_id = c.id
           and o.withdrawn_at is null))
      from customers c
     where c.bucket = of_bucket and c.id = of_customer);
end $$;

-- When a customer's prepaid balance counts as low, by currency. A change of any grant makes the
-- look due in the same commit.
create table balance_alerts (
  bucket smallint not null,
  merchant_id uuid not null,
  customer_id uuid not null,
  currency char(3) not null,
  low_minor bigint not null check (low_minor >= 0),
  low_days integer check (low_days between 1 and 366),
  is_low boolean not null,
  told_at timestamptz,
  set_by text not null check (length(set_by) between 1 and 100),
  set_at timestamptz not null,
  next_look_at timestamptz,
  primary key (bucket, merchant_id, customer_id, currency),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id)
);
create index balance_alerts_to_look on balance_alerts (bucket, next_look_at)
  where next_look_at is not null;
alter table balance_alerts enable row level security;
alter table balance_alerts force row level security;
create policy tenant on balance_alerts to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on balance_alerts to daikou_admin using (true) with check (true);
grant select, insert, update, delete on balance_alerts to daikou_app;

create function daikou_grant_moves_alerts() returns trigger
  language plpgsql
  as $$
begin
  update balance_alerts b set next_look_at = timestamptz '1970-01-01 00:00:00+00'
    from moved n
   where b.bucket = n.bucket and b.merchant_id = n.merchant_id
     and b.customer_id = n.customer_id and b.currency = n.currency;
  return null;
end $$;
create trigger credit_grants_added_move_alerts after insert on credit_grants
  referencing new table as moved
  for each statement execute function daikou_grant_moves_alerts();
create trigger credit_grants_used_move_alerts after update on credit_grants
  referencing new table as moved
  for each statement execute function daikou_grant_moves_alerts();
