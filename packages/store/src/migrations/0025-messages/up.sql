-- A notice is any message to a customer; those that gate a debit name it, its amount and its date.
alter table notices alter column debit_id drop not null;
alter table notices alter column currency drop not null;
alter table notices alter column amount_minor drop not null;
alter table notices alter column collect_date drop not null;
alter table notices drop constraint notices_purpose_check;
alter table notices add constraint notices_purpose_check check (purpose in
  ('renewal', 'retry', 'rail', 'overdue', 'service', 'balance', 'checkup'));
alter table notices drop constraint notices_channel_check;
alter table notices add constraint notices_channel_check check (channel in
  ('mail', 'sms', 'official_account', 'dingtalk', 'wecom', 'inbox', 'webhook', 'rail'));
alter table notices add column subject_kind text;
alter table notices add column subject_id uuid;
alter table notices add column template_key text;
alter table notices add column template_version text;
alter table notices add column variables jsonb check (jsonb_typeof(variables) = 'object');
alter table notices add column text_hash text check (text_hash ~ '^[0-9a-f]{64}$');
alter table notices add column sent_to text;
alter table notices add column follows_id uuid;
alter table notices add column follow_at timestamptz;
alter table notices add column tried jsonb check (jsonb_typeof(tried) = 'array');
alter table notices add constraint notices_gate_names_its_debit check (
  (purpose in ('renewal', 'retry', 'rail'))
    = (debit_id is not null and currency is not null and amount_minor is not null
       and collect_date is not null)
  and (debit_id is null) = (collect_date is null));
alter table notices add constraint notices_message_is_about_something check (
  (purpose in ('renewal', 'retry', 'rail')) = (subject_id is null)
  and (subject_id is null) = (subject_kind is null)
  and (subject_id is null or (template_key is not null and variables is not null)));
alter table notices add constraint notices_follow_another check (follows_id <> id);
-- The next channel is tried once, whoever notices first that a channel failed.
create unique index notices_followed_once on notices (bucket, merchant_id, follows_id)
  where follows_id is not null;
create index notices_to_follow on notices (bucket, follow_at) where follow_at is not null;
-- Some providers report by their own number only.
create index notices_of_reference on notices (merchant_id, provider_reference)
  where state = 'sent';
create index notices_of_customer on notices (bucket, merchant_id, customer_id, id);

-- Where a customer can be reached beside the mail and phone of its own row, which a contact of the
-- same channel replaces. The address of a robot or a webhook is a secret.
create table contacts (
  bucket smallint not null,
  merchant_id uuid not null,
  customer_id uuid not null,
  channel text not null check (channel in
    ('mail', 'sms', 'official_account', 'dingtalk', 'wecom', 'inbox', 'webhook')),
  address text not null check (length(address) between 1 and 1000),
  rank integer not null check (rank >= 0),
  enabled boolean not null,
  opted_out_at timestamptz,
  verified_at timestamptz,
  changed_at timestamptz not null,
  primary key (bucket, merchant_id, customer_id, channel),
  foreign key (bucket, merchant_id, customer_id) references customers (bucket, merchant_id, id)
);
alter table contacts enable row level security;
alter table contacts force row level security;
create policy tenant on contacts to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on contacts to daikou_admin using (true) with check (true);
grant select, insert, update, delete on contacts to daikou_app;

alter table customers drop constraint customers_preferred_channel_check;
alter table customers add constraint customers_preferred_channel_check check (preferred_channel in
  ('mail', 'sms', 'official_account', 'dingtalk', 'wecom', 'inbox', 'webhook'));
-- The channels that reach the customer, in turn, kept with every change of contacts; null: mail
-- and phone of this row.
alter table customers add column reach jsonb check (jsonb_typeof(reach) = 'array');
alter table customers add column notice_preferences jsonb
  check (jsonb_typeof(notice_preferences) = 'object');

-- A merchant's own wording of a message, in versions that are never edited.
create table notice_templates (
  merchant_id uuid not null references merchants (id),
  key text not null check (key ~ '^[a-z][a-z_]{0,62}$'),
  locale text not null check (locale in ('zh-CN', 'en')),
  version integer not null check (version > 0),
  subject text not null,
  paragraphs jsonb not null check (jsonb_typeof(paragraphs) = 'array'),
  published_by text not null check (length(published_by) between 1 and 100),
  published_at timestamptz not null,
  primary key (merchant_id, key, locale, version)
);
alter table notice_templates enable row level security;
alter table notice_templates force row level security;
create policy tenant on notice_templates to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on notice_templates to daikou_admin using (true) with check (true);
-- No update and no delete: what was sent under a version keeps its words.
grant select, insert on notice_templates to daikou_app;

-- What failed before and still has a debit that waits gets its next channel, or its task.
update notices n set follow_at = n.due_at
  from debits d
 where d.bucket = n.bucket and d.merchant_id = n.merchant_id and d.id = n.debit_id
   and d.state = 'scheduled' and d.collect_date = n.collect_date
   and n.state = 'failed' and n.purpose in ('renewal', 'retry')
   and n.failure_code not in ('debit_canceled', 'debit_moved');
