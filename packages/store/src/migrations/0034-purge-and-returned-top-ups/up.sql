-- Deliveries that have ended are deleted after a while, oldest first; their events stay.
create index webhook_deliveries_ended on webhook_deliveries (merchant_id, ended_at)
  where state in ('delivered', 'given_up');
grant delete on webhook_deliveries to daikou_app;

-- A top-up whose money went back after it was granted keeps the grant that was taken back.
alter table top_ups drop constraint top_ups_state_check;
alter table top_ups add constraint top_ups_state_check
  check (state in ('requested', 'paid', 'refused', 'returned'));
alter table top_ups drop constraint top_ups_paid_has_its_grant;
alter table top_ups add constraint top_ups_paid_has_its_grant
  check ((state in ('paid', 'returned')) = (grant_id is not null));
