-- What is taxed and what a customer may use; prices name it, so that their tax has a source.
create table products (
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  code text not null check (code <> ''),
  name_zh text not null,
  name_en text not null,
  tax_code text not null,
  tax_basis_points bigint not null check (tax_basis_points >= 0),
  goods_code text check (goods_code ~ '^[0-9]{19}$'),
  primary key (merchant_id, id),
  constraint products_code_once unique (merchant_id, code)
);
alter table products enable row level security;
alter table products force row level security;
create policy tenant on products to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on products to daikou_admin using (true) with check (true);
grant select, insert on products to daikou_app;

alter table prices add column product_id uuid;
alter table prices drop constraint prices_kind_check;
alter table prices add constraint prices_kind_check
  check (kind in ('flat', 'seat', 'module', 'metered', 'one_off'));
alter table prices add constraint prices_product_fkey
  foreign key (merchant_id, product_id) references products (merchant_id, id);

-- A whole amount per unit becomes a model with an exact decimal in major units. Minor units of a
-- currency: Japan's has no places, Kuwait's three, the others that were known until now two.
alter table price_versions add column model jsonb;
alter table price_versions add column tax_behavior text;
alter table price_versions add column timing text;
-- The meters have their table in a later migration; who saves a version has checked it.
alter table price_versions add column meter_id uuid;
alter table price_versions add column minimum_spend numeric(30,12) check (minimum_spend >= 0);
alter table price_versions add column maximum_spend numeric(30,12) check (maximum_spend >= 0);
alter table price_versions add column instalments integer check (instalments > 0);
update price_versions
   set tax_behavior = 'inclusive', timing = 'advance',
       model = jsonb_build_object('type', 'per_unit', 'unit_amount', trim_scale(unit_minor::numeric
         / case currency when 'JPY' then 1 when 'KWD' then 1000 else 100 end)::text);
alter table price_versions alter column model set not null;
alter table price_versions alter column tax_behavior set not null;
alter table price_versions alter column timing set not null;
alter table price_versions add constraint price_versions_model_has_a_type
  check (jsonb_typeof(model -> 'type') = 'string');
alter table price_versions add constraint price_versions_tax_behavior_check
  check (tax_behavior in ('inclusive', 'exclusive'));
alter table price_versions add constraint price_versions_timing_check
  check (timing in ('advance', 'arrears'));
alter table price_versions add constraint price_versions_spend_runs_upwards
  check (minimum_spend <= maximum_spend);
alter table price_versions add constraint price_versions_metered_is_in_arrears
  check (meter_id is null or timing = 'arrears');
alter table price_versions drop constraint price_versions_interval_unit_check;
alter table price_versions add constraint price_versions_interval_unit_check
  check (interval_unit in ('day', 'week', 'month', 'year'));
alter table price_versions drop column unit_minor;

create table coupons (
  merchant_id uuid not null references merchants (id),
  id uuid not null,
  code text not null check (code <> ''),
  name_zh text not null,
  name_en text not null,
  rate numeric(13,12) check (rate >= 0 and rate <= 1),
  amount_minor bigint check (amount_minor >= 0),
  currency char(3),
  duration text not null check (duration in ('once', 'repeating', 'forever')),
  periods integer check (periods > 0),
  price_codes jsonb check (jsonb_typeof(price_codes) = 'array'),
  redeem_by date,
  maximum_redemptions integer check (maximum_redemptions >= 0),
  primary key (merchant_id, id),
  constraint coupons_code_once unique (merchant_id, code),
  constraint coupons_take_a_share_or_an_amount
    check ((rate is null) = (amount_minor is not null)
           and (amount_minor is null) = (currency is null)),
  constraint coupons_repeating_has_its_periods check ((duration = 'repeating') = (periods is not null))
);
alter table coupons enable row level security;
alter table coupons force row level security;
create policy tenant on coupons to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on coupons to daikou_admin using (true) with check (true);
grant select, insert on coupons to daikou_app;
