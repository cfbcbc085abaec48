-- What may be shown of the account behind a mandate. A whole number does not fit, by the checks.
alter table mandates add column account_kind text
  check (account_kind in ('card', 'bank_account'));
alter table mandates add column account_issuer text;
alter table mandates add column account_bin text check (account_bin ~ '^[0-9]{6}$');
alter table mandates add column account_last_four text
  check (account_last_four ~ '^[0-9A-Z]{4}$');
alter table mandates add column account_card_type text
  check (account_card_type in ('debit', 'credit', 'prepaid', 'quasi_credit'));
alter table mandates add constraint mandates_account_is_whole
  check ((account_kind is null) = (account_last_four is null)
    and (account_kind is not null
      or (account_issuer is null and account_bin is null and account_card_type is null)));

-- Our number of the refund that a line of a bill is about.
alter table rail_bill_lines add column refund_number text;
create index rail_bill_lines_of_refund
  on rail_bill_lines (merchant_id, refund_number, bill_id) where refund_number is not null;
