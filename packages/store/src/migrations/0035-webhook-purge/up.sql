-- Deliveries that have ended are deleted after a while, oldest first; their events stay.
create index webhook_deliveries_ended on webhook_deliveries (merchant_id, ended_at)
  where state in ('delivered', 'given_up');
grant delete on webhook_deliveries to daikou_app;
