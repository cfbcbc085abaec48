-- Everybody until now pays for itself; who is a company is not known, so they are persons, whom the
-- law protects most.
alter table customers add column kind text not null default 'person'
  check (kind in ('person', 'organisation', 'department', 'member'));
alter table customers alter column kind drop default;
alter table customers add column payer_id uuid;
alter table customers add column consolidated_billing boolean not null default false;
alter table customers alter column consolidated_billing drop default;
alter table customers add column moved_from uuid;
alter table customers add column moved_to uuid;
alter table customers add constraint customers_children_have_a_payer
  check ((kind in ('department', 'member')) = (payer_id is not null));
alter table customers add constraint customers_consolidation_is_of_organisations
  check (kind = 'organisation' or not consolidated_billing);
alter table customers add constraint customers_only_children_move
  check (payer_id is not null or (moved_from is null and moved_to is null));
alter table customers add constraint customers_payer_fkey
  foreign key (bucket, merchant_id, payer_id) references customers (bucket, merchant_id, id);

-- A reference is unique among those who pay, and among the children of one payer.
alter table customers drop constraint customers_reference_once;
create unique index customers_reference_once
  on customers (bucket, merchant_id, external_reference) where payer_id is null;
create unique index customers_child_reference_once
  on customers (bucket, merchant_id, payer_id, external_reference) where payer_id is not null;
-- Who wants one bill for everything: every billing run asks for them, and most merchants have none.
create index customers_consolidating
  on customers (bucket, merchant_id, id) where consolidated_billing;
create index subscriptions_of_beneficiary
  on subscriptions (bucket, merchant_id, beneficiary_id) where beneficiary_id is not null;

-- One row for each side of a transfer, in the bucket of its subscription: the other side usually
-- lives in another bucket, where no key can point.
create table subscription_transfers (
  bucket smallint not null,
  merchant_id uuid not null,
  subscription_id uuid not null,
  direction text not null check (direction in ('from', 'to')),
  other_subscription_id uuid not null,
  customer_id uuid not null,
  other_customer_id uuid not null,
  on_date date not null,
  keep_paid boolean not null,
  at timestamptz not null,
  primary key (bucket, merchant_id, subscription_id, direction),
  foreign key (bucket, merchant_id, subscription_id)
    references subscriptions (bucket, merchant_id, id),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id),
  constraint subscription_transfers_have_two_sides
    check (subscription_id <> other_subscription_id and customer_id <> other_customer_id)
);
create trigger subscription_transfers_append_only before update or delete on subscription_transfers
  for each row execute function daikou_append_only();
alter table subscription_transfers enable row level security;
alter table subscription_transfers force row level security;
create policy tenant on subscription_transfers to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on subscription_transfers to daikou_admin using (true) with check (true);
grant select, insert on subscription_transfers to daikou_app;
