-- A notice that was delivered to an address which turned out not to be the customer's: it is kept
-- as it was sent and proves nothing from then on.
alter table notices add column voided_at timestamptz;
alter table notices add constraint notices_voided_was_sent
  check (voided_at is null or state in ('sending', 'sent', 'delivered', 'failed'));

-- Providers are asked about what was sent lately; what nobody answered for stays `sent` for good.
drop index notices_awaiting_delivery;
create index notices_awaiting_delivery on notices (bucket, sent_at) where state = 'sent';

-- Addresses of robots and webhooks are secrets: contacts keep them sealed, which takes more room,
-- and what was sent before keeps what may be shown.
alter table contacts drop constraint contacts_address_check;
alter table contacts add constraint contacts_address_check check (length(address) between 1 and 3000);
update notices
   set sent_to = regexp_replace(sent_to, '^https://(?:[^/@]*@)?([^/:?#]+).*(.{4})$', 'https://\1/****\2')
 where channel in ('dingtalk', 'wecom', 'webhook') and sent_to like 'https://%';
