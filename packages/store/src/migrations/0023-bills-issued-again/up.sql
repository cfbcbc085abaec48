-- A rail issues another bill of a date and then the former one again: the same file counts twice,
-- each time as a bill of its own, so that what counted in between stays history.
alter table rail_bills add column issue smallint not null default 1 check (issue > 0);
alter table rail_bills alter column issue drop default;
alter table rail_bills drop constraint rail_bills_same_file_once;
alter table rail_bills add constraint rail_bills_same_file_once
  unique (merchant_id, rail, business_date, content_hash, issue);

-- What a bill that was issued again has ended may come back on the same bill: another day's bill
-- had named the money as well, and does so no more.
alter table breaks drop constraint breaks_once;
create unique index breaks_once on breaks
  (bucket, merchant_id, rail, business_date, bill_id, class, order_number, refund_number)
  nulls not distinct where resolution is distinct from 'superseded';
create index breaks_of_day on breaks (merchant_id, rail, business_date);
