-- The number under which money arrived, or under which the merchant keeps a gift.
alter table credit_grants add column reference text;
alter table credit_grants add constraint credit_grants_reference_is_not_empty
  check (reference <> '');
create unique index credit_grants_reference_once
  on credit_grants (bucket, merchant_id, customer_id, reference) where reference is not null;
