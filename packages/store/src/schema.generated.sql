-- Generated from the migrations; for reading, never run.

table api_keys (
  merchant_id uuid not null
  key_hash text not null
  label text not null
  created_at timestamp with time zone not null = now()
)
  constraint api_keys_pkey PRIMARY KEY (merchant_id, key_hash)
  constraint api_keys_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint api_keys_key_hash_check CHECK ((key_hash ~ '^[0-9a-f]{64}$'::text))
  CREATE UNIQUE INDEX api_keys_hash_opens_one_merchant ON public.api_keys USING btree (key_hash)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant())

table attempts (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  debit_id uuid not null
  rail text not null
  ordinal integer not null
  order_number text not null
  state text not null
  currency character(3) not null
  amount_minor bigint not null
  submitted_at timestamp with time zone not null
  ask_at timestamp with time zone
  ask_count integer not null
  rail_reference text
  refusal_class text
  refusal_code text
  refusal_message text
  ended_at timestamp with time zone
)
  constraint attempts_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint attempts_order_number_once UNIQUE (bucket, merchant_id, rail, order_number)
  constraint attempts_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint attempts_bucket_merchant_id_debit_id_fkey FOREIGN KEY (bucket, merchant_id, debit_id) REFERENCES debits(bucket, merchant_id, id)
  constraint attempts_amount_minor_check CHECK ((amount_minor > 0))
  constraint attempts_ask_count_check CHECK ((ask_count >= 0))
  constraint attempts_end_has_its_time CHECK (((state = ANY (ARRAY['submitting'::text, 'accepted'::text, 'unknown'::text])) = (ended_at IS NULL)))
  constraint attempts_ended_is_not_asked CHECK (((ended_at IS NULL) OR (ask_at IS NULL)))
  constraint attempts_ordinal_check CHECK ((ordinal > 0))
  constraint attempts_refusal_class_check CHECK ((refusal_class = ANY (ARRAY['funds'::text, 'limit'::text, 'technical'::text, 'account'::text, 'mandate'::text, 'risk'::text, 'reschedule'::text, 'merchant_fault'::text])))
  constraint attempts_refusal_is_whole CHECK ((((refusal_class IS NULL) = (refusal_code IS NULL)) AND ((refusal_class IS NULL) = (refusal_message IS NULL))))
  constraint attempts_refused_says_why CHECK (((state <> 'refused'::text) OR (refusal_class IS NOT NULL)))
  constraint attempts_state_check CHECK ((state = ANY (ARRAY['submitting'::text, 'accepted'::text, 'unknown'::text, 'succeeded'::text, 'refused'::text, 'closed'::text, 'never_sent'::text, 'late_success'::text])))
  CREATE INDEX attempts_of_debit ON public.attempts USING btree (bucket, merchant_id, debit_id)
  CREATE INDEX attempts_of_rail_reference ON public.attempts USING btree (merchant_id, rail_reference) WHERE (rail_reference IS NOT NULL)
  CREATE UNIQUE INDEX attempts_one_open_per_debit ON public.attempts USING btree (bucket, merchant_id, debit_id) WHERE (state = ANY (ARRAY['submitting'::text, 'accepted'::text, 'unknown'::text]))
  CREATE UNIQUE INDEX attempts_one_success_per_debit ON public.attempts USING btree (bucket, merchant_id, debit_id) WHERE (state = 'succeeded'::text)
  CREATE INDEX attempts_to_ask ON public.attempts USING btree (bucket, ask_at) WHERE ((state = ANY (ARRAY['submitting'::text, 'accepted'::text, 'unknown'::text])) AND (ask_at IS NOT NULL))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER attempts_are_final BEFORE UPDATE ON public.attempts FOR EACH ROW EXECUTE FUNCTION daikou_attempt_is_final()
  CREATE TRIGGER attempts_have_authority AFTER INSERT ON public.attempts REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION daikou_attempt_has_authority()
  grant insert, select, update to daikou_app

table breaks (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  bill_id uuid not null
  rail text not null
  business_date date not null
  class text not null
  order_number text not null
  attempt_id uuid
  rail_currency character(3)
  rail_minor bigint
  our_currency character(3)
  our_minor bigint
  state text not null
  opened_at timestamp with time zone not null
)
  constraint breaks_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint breaks_once UNIQUE (bucket, merchant_id, bill_id, class, order_number)
  constraint breaks_bucket_merchant_id_attempt_id_fkey FOREIGN KEY (bucket, merchant_id, attempt_id) REFERENCES attempts(bucket, merchant_id, id)
  constraint breaks_merchant_id_bill_id_fkey FOREIGN KEY (merchant_id, bill_id) REFERENCES rail_bills(merchant_id, id)
  constraint breaks_bucket_check CHECK (((bucket >= 0) AND (bucket <= 1023)))
  constraint breaks_class_check CHECK ((class = ANY (ARRAY['surplus'::text, 'shortage'::text, 'amount_mismatch'::text, 'state_mismatch'::text, 'duplicate'::text, 'unknown_order'::text])))
  constraint breaks_our_amount_is_whole CHECK (((our_minor IS NULL) = (our_currency IS NULL)))
  constraint breaks_rail_amount_is_whole CHECK (((rail_minor IS NULL) = (rail_currency IS NULL)))
  constraint breaks_state_check CHECK ((state = ANY (ARRAY['open'::text, 'resolved'::text])))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table customers (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  external_reference text not null
  name text not null
  locale text not null
  mail text
  phone text
  preferred_channel text not null
  created_at timestamp with time zone not null
  event_sequence bigint not null = 0
)
  constraint customers_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint customers_reference_once UNIQUE (bucket, merchant_id, external_reference)
  constraint customers_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint customers_bucket_check CHECK (((bucket >= 0) AND (bucket <= 1023)))
  constraint customers_event_sequence_check CHECK ((event_sequence >= 0))
  constraint customers_external_reference_check CHECK ((external_reference <> ''::text))
  constraint customers_locale_check CHECK ((locale = ANY (ARRAY['zh-CN'::text, 'en'::text])))
  constraint customers_preferred_channel_check CHECK ((preferred_channel = ANY (ARRAY['mail'::text, 'sms'::text])))
  CREATE INDEX customers_by_id ON public.customers USING btree (merchant_id, id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table daikou_schema (
  version integer not null
  name text not null
  applied_at timestamp with time zone not null
)
  constraint daikou_schema_pkey PRIMARY KEY (version)

table debit_invoices (
  bucket smallint not null
  merchant_id uuid not null
  debit_id uuid not null
  invoice_id uuid not null
  position smallint not null
  holds boolean not null
)
  constraint debit_invoices_pkey PRIMARY KEY (bucket, merchant_id, debit_id, invoice_id)
  constraint debit_invoices_bucket_merchant_id_debit_id_fkey FOREIGN KEY (bucket, merchant_id, debit_id) REFERENCES debits(bucket, merchant_id, id)
  constraint debit_invoices_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  CREATE INDEX debit_invoices_of_invoice ON public.debit_invoices USING btree (bucket, merchant_id, invoice_id)
  CREATE UNIQUE INDEX debit_invoices_one_debit_holds ON public.debit_invoices USING btree (bucket, merchant_id, invoice_id) WHERE holds
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant delete, insert, select, update to daikou_app

table debits (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  mandate_id uuid not null
  rail text not null
  state text not null
  currency character(3) not null
  amount_minor bigint not null
  due_date date not null
  collect_at timestamp with time zone not null
  collect_date date not null
  announce_at timestamp with time zone
  attempt_count integer not null
  blocked_by text
  created_at timestamp with time zone not null
)
  constraint debits_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint debits_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint debits_bucket_merchant_id_mandate_id_fkey FOREIGN KEY (bucket, merchant_id, mandate_id) REFERENCES mandates(bucket, merchant_id, id)
  constraint debits_amount_minor_check CHECK ((amount_minor > 0))
  constraint debits_attempt_count_check CHECK ((attempt_count >= 0))
  constraint debits_state_check CHECK ((state = ANY (ARRAY['scheduled'::text, 'in_flight'::text, 'succeeded'::text, 'failed'::text, 'canceled'::text])))
  CREATE INDEX debits_by_id ON public.debits USING btree (merchant_id, id)
  CREATE INDEX debits_of_customer ON public.debits USING btree (bucket, merchant_id, customer_id)
  CREATE INDEX debits_to_announce ON public.debits USING btree (bucket, announce_at) WHERE ((state = 'scheduled'::text) AND (announce_at IS NOT NULL))
  CREATE INDEX debits_to_submit ON public.debits USING btree (bucket, collect_at) WHERE (state = 'scheduled'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table entries (
  bucket smallint not null
  merchant_id uuid not null
  journal_id uuid not null
  position smallint not null
  account text not null
  minor bigint not null
)
  constraint entries_pkey PRIMARY KEY (bucket, merchant_id, journal_id, "position")
  constraint entries_bucket_merchant_id_journal_id_fkey FOREIGN KEY (bucket, merchant_id, journal_id) REFERENCES journals(bucket, merchant_id, id)
  constraint entries_position_check CHECK (("position" > 0))
  CREATE INDEX entries_of_account ON public.entries USING btree (merchant_id, account) INCLUDE (minor)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER entries_append_only BEFORE DELETE OR UPDATE ON public.entries FOR EACH ROW EXECUTE FUNCTION daikou_append_only()
  CREATE TRIGGER entries_balance AFTER INSERT ON public.entries REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION daikou_entries_balance()
  grant insert, select to daikou_app

table events (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  sequence bigint not null
  type text not null
  subject_kind character(3) not null
  subject_id uuid not null
  at timestamp with time zone not null
  data jsonb not null
)
  constraint events_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint events_sequence_once UNIQUE (bucket, merchant_id, customer_id, sequence)
  constraint events_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint events_sequence_check CHECK ((sequence > 0))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER events_append_only BEFORE DELETE OR UPDATE ON public.events FOR EACH ROW EXECUTE FUNCTION daikou_append_only()
  grant insert, select to daikou_app

table invoice_lines (
  bucket smallint not null
  merchant_id uuid not null
  invoice_id uuid not null
  position smallint not null
  kind text not null
  price_version_id uuid not null
  period_start date not null
  period_end date not null
  quantity bigint not null
  unit_minor bigint not null
  amount_minor bigint not null
  net_minor bigint not null
  tax_minor bigint not null
  tax_basis_points bigint not null
  rule text not null
  name_zh text not null
  name_en text not null
)
  constraint invoice_lines_pkey PRIMARY KEY (bucket, merchant_id, invoice_id, "position")
  constraint invoice_lines_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint invoice_lines_merchant_id_price_version_id_fkey FOREIGN KEY (merchant_id, price_version_id) REFERENCES price_versions(merchant_id, id)
  constraint invoice_lines_kind_check CHECK ((kind = ANY (ARRAY['flat'::text, 'seat'::text, 'module'::text, 'one_off'::text])))
  constraint invoice_lines_net_and_tax_make_amount CHECK (((net_minor + tax_minor) = amount_minor))
  constraint invoice_lines_period_runs_forward CHECK ((period_end > period_start))
  constraint invoice_lines_rule_check CHECK ((rule = ANY (ARRAY['list_price'::text, 'agreed_price'::text])))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant delete, insert, select, update to daikou_app

table invoices (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  subscription_id uuid not null
  number text not null
  state text not null
  collection text not null
  period_start date not null
  period_end date not null
  due_date date not null
  issue_at timestamp with time zone not null
  currency character(3) not null
  total_minor bigint not null
  net_minor bigint not null
  tax_minor bigint not null
  created_at timestamp with time zone not null
  issued_at timestamp with time zone
  paid_at timestamp with time zone
)
  constraint invoices_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint invoices_number_once UNIQUE (bucket, merchant_id, number)
  constraint invoices_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint invoices_bucket_merchant_id_subscription_id_fkey FOREIGN KEY (bucket, merchant_id, subscription_id) REFERENCES subscriptions(bucket, merchant_id, id)
  constraint invoices_collection_check CHECK ((collection = ANY (ARRAY['auto_debit'::text, 'by_hand'::text])))
  constraint invoices_draft_is_not_issued CHECK (((state <> 'draft'::text) OR (issued_at IS NULL)))
  constraint invoices_net_and_tax_make_total CHECK (((net_minor + tax_minor) = total_minor))
  constraint invoices_open_is_issued CHECK (((state <> ALL (ARRAY['open'::text, 'paid'::text])) OR (issued_at IS NOT NULL)))
  constraint invoices_paid_has_its_time CHECK (((state = 'paid'::text) = (paid_at IS NOT NULL)))
  constraint invoices_period_runs_forward CHECK ((period_end > period_start))
  constraint invoices_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'open'::text, 'paid'::text, 'void'::text])))
  constraint invoices_total_minor_check CHECK ((total_minor >= 0))
  CREATE INDEX invoices_by_id ON public.invoices USING btree (merchant_id, id)
  CREATE INDEX invoices_of_customer ON public.invoices USING btree (bucket, merchant_id, customer_id)
  CREATE UNIQUE INDEX invoices_one_per_period ON public.invoices USING btree (bucket, merchant_id, subscription_id, period_start) WHERE (state <> 'void'::text)
  CREATE INDEX invoices_to_issue ON public.invoices USING btree (bucket, issue_at) WHERE (state = 'draft'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table journals (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid
  template text not null
  source_id uuid not null
  source_kind character(3) not null
  business_date date not null
  currency character(3) not null
  entry_count smallint not null
  posted_at timestamp with time zone not null
)
  constraint journals_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint journals_once_per_source UNIQUE (bucket, merchant_id, source_id, template)
  constraint journals_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint journals_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint journals_entry_count_check CHECK ((entry_count >= 2))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER journals_append_only BEFORE DELETE OR UPDATE ON public.journals FOR EACH ROW EXECUTE FUNCTION daikou_append_only()
  grant insert, select to daikou_app

table mandates (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  rail text not null
  state text not null
  contract_code text not null
  display_account text not null
  rail_reference text
  payer_reference text
  currency character(3) not null
  single_cap_minor bigint not null
  first_planned_date date
  signed_at timestamp with time zone
  ended_at timestamp with time zone
  ended_by text
  last_rail_event_at timestamp with time zone
  created_at timestamp with time zone not null
)
  constraint mandates_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint mandates_contract_code_once UNIQUE (bucket, merchant_id, rail, contract_code)
  constraint mandates_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint mandates_active_is_signed CHECK (((state <> 'active'::text) OR (signed_at IS NOT NULL)))
  constraint mandates_ended_by_check CHECK ((ended_by = ANY (ARRAY['customer'::text, 'merchant'::text, 'rail'::text, 'expired'::text, 'unknown'::text])))
  constraint mandates_ended_has_its_time CHECK (((state = 'ended'::text) = (ended_at IS NOT NULL)))
  constraint mandates_single_cap_minor_check CHECK ((single_cap_minor >= 0))
  constraint mandates_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'signing'::text, 'active'::text, 'ended'::text, 'sign_failed'::text])))
  CREATE INDEX mandates_by_id ON public.mandates USING btree (merchant_id, id)
  CREATE INDEX mandates_in_signing ON public.mandates USING btree (bucket, id) WHERE (state = ANY (ARRAY['draft'::text, 'signing'::text]))
  CREATE INDEX mandates_of_customer ON public.mandates USING btree (bucket, merchant_id, customer_id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table merchants (
  id uuid not null
  code text not null
  name text not null
  zone text not null
  mode text not null
  test_clock timestamp with time zone
  demo boolean not null
)
  constraint merchants_pkey PRIMARY KEY (id)
  constraint merchants_code_key UNIQUE (code)
  constraint merchants_check CHECK (((test_clock IS NULL) OR (mode = 'test'::text)))
  constraint merchants_code_check CHECK ((code <> ''::text))
  constraint merchants_mode_check CHECK ((mode = ANY (ARRAY['test'::text, 'live'::text])))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (id = daikou_merchant())
  grant select to daikou_app

table notices (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  debit_id uuid not null
  purpose text not null
  channel text not null
  locale text not null
  state text not null
  currency character(3) not null
  amount_minor bigint not null
  collect_date date not null
  due_at timestamp with time zone not null
  lease_until timestamp with time zone
  sent_at timestamp with time zone
  delivered_at timestamp with time zone
  provider_reference text
  failure_code text
  window_from date
  window_until date
  created_at timestamp with time zone not null
)
  constraint notices_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint notices_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint notices_bucket_merchant_id_debit_id_fkey FOREIGN KEY (bucket, merchant_id, debit_id) REFERENCES debits(bucket, merchant_id, id)
  constraint notices_amount_minor_check CHECK ((amount_minor > 0))
  constraint notices_channel_check CHECK ((channel = ANY (ARRAY['mail'::text, 'sms'::text, 'rail'::text])))
  constraint notices_delivered_has_its_time CHECK (((state <> 'delivered'::text) OR (delivered_at IS NOT NULL)))
  constraint notices_locale_check CHECK ((locale = ANY (ARRAY['zh-CN'::text, 'en'::text])))
  constraint notices_purpose_check CHECK ((purpose = ANY (ARRAY['renewal'::text, 'retry'::text, 'rail'::text])))
  constraint notices_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'sending'::text, 'sent'::text, 'delivered'::text, 'failed'::text])))
  constraint notices_window_runs_forward CHECK ((window_until >= window_from))
  CREATE INDEX notices_awaiting_delivery ON public.notices USING btree (bucket, id) WHERE (state = 'sent'::text)
  CREATE INDEX notices_of_debit ON public.notices USING btree (bucket, merchant_id, debit_id)
  CREATE INDEX notices_to_send ON public.notices USING btree (bucket, due_at) WHERE (state = ANY (ARRAY['planned'::text, 'sending'::text]))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table payments (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  debit_id uuid not null
  attempt_id uuid not null
  rail text not null
  rail_reference text not null
  currency character(3) not null
  amount_minor bigint not null
  paid_at timestamp with time zone not null
  business_date date not null
)
  constraint payments_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint payments_once_per_attempt UNIQUE (bucket, merchant_id, attempt_id)
  constraint payments_once_per_debit UNIQUE (bucket, merchant_id, debit_id)
  constraint payments_bucket_merchant_id_attempt_id_fkey FOREIGN KEY (bucket, merchant_id, attempt_id) REFERENCES attempts(bucket, merchant_id, id)
  constraint payments_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint payments_bucket_merchant_id_debit_id_fkey FOREIGN KEY (bucket, merchant_id, debit_id) REFERENCES debits(bucket, merchant_id, id)
  constraint payments_amount_minor_check CHECK ((amount_minor > 0))
  CREATE INDEX payments_of_rail_and_date ON public.payments USING btree (merchant_id, rail, business_date)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER payments_append_only BEFORE DELETE OR UPDATE ON public.payments FOR EACH ROW EXECUTE FUNCTION daikou_append_only()
  grant insert, select to daikou_app

table plans (
  merchant_id uuid not null
  id uuid not null
  code text not null
  name_zh text not null
  name_en text not null
)
  constraint plans_pkey PRIMARY KEY (merchant_id, id)
  constraint plans_code_once UNIQUE (merchant_id, code)
  constraint plans_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select to daikou_app

table price_versions (
  merchant_id uuid not null
  id uuid not null
  price_id uuid not null
  version integer not null
  currency character(3) not null
  unit_minor bigint not null
  tax_basis_points bigint not null
  interval_unit text not null
  interval_count integer not null
  effective_from date not null
)
  constraint price_versions_pkey PRIMARY KEY (merchant_id, id)
  constraint price_versions_once UNIQUE (merchant_id, price_id, version)
  constraint price_versions_merchant_id_price_id_fkey FOREIGN KEY (merchant_id, price_id) REFERENCES prices(merchant_id, id)
  constraint price_versions_interval_count_check CHECK ((interval_count > 0))
  constraint price_versions_interval_unit_check CHECK ((interval_unit = ANY (ARRAY['week'::text, 'month'::text, 'year'::text])))
  constraint price_versions_tax_basis_points_check CHECK ((tax_basis_points >= 0))
  constraint price_versions_version_check CHECK ((version > 0))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select to daikou_app

table prices (
  merchant_id uuid not null
  id uuid not null
  plan_id uuid not null
  code text not null
  kind text not null
  name_zh text not null
  name_en text not null
)
  constraint prices_pkey PRIMARY KEY (merchant_id, id)
  constraint prices_code_once_per_plan UNIQUE (merchant_id, plan_id, code)
  constraint prices_merchant_id_plan_id_fkey FOREIGN KEY (merchant_id, plan_id) REFERENCES plans(merchant_id, id)
  constraint prices_kind_check CHECK ((kind = ANY (ARRAY['flat'::text, 'seat'::text, 'module'::text, 'one_off'::text])))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select to daikou_app

table rail_bill_lines (
  bucket smallint not null
  merchant_id uuid not null
  bill_id uuid not null
  line_number integer not null
  kind text not null
  order_number text not null
  rail_reference text not null
  currency character(3) not null
  amount_minor bigint not null
  fee_currency character(3) not null
  fee_minor bigint not null
  at timestamp with time zone not null
)
  constraint rail_bill_lines_pkey PRIMARY KEY (bucket, merchant_id, bill_id, line_number)
  constraint rail_bill_lines_merchant_id_bill_id_fkey FOREIGN KEY (merchant_id, bill_id) REFERENCES rail_bills(merchant_id, id)
  constraint rail_bill_lines_bucket_check CHECK (((bucket >= 0) AND (bucket <= 1023)))
  constraint rail_bill_lines_kind_check CHECK ((kind = ANY (ARRAY['payment'::text, 'refund'::text])))
  constraint rail_bill_lines_line_number_check CHECK ((line_number > 0))
  CREATE INDEX rail_bill_lines_in_order ON public.rail_bill_lines USING btree (merchant_id, bill_id, line_number)
  CREATE INDEX rail_bill_lines_of_order ON public.rail_bill_lines USING btree (bucket, merchant_id, order_number, bill_id) WHERE (kind = 'payment'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select to daikou_app

table rail_bills (
  merchant_id uuid not null
  id uuid not null
  rail text not null
  business_date date not null
  content_hash text not null
  state text not null
  row_count integer not null
  matched_count integer not null
  break_count integer not null
  currency character(3) not null
  total_minor bigint not null
  fee_minor bigint not null
  fetched_at timestamp with time zone not null
)
  constraint rail_bills_pkey PRIMARY KEY (merchant_id, id)
  constraint rail_bills_same_file_once UNIQUE (merchant_id, rail, business_date, content_hash)
  constraint rail_bills_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint rail_bills_break_count_check CHECK ((break_count >= 0))
  constraint rail_bills_matched_count_check CHECK ((matched_count >= 0))
  constraint rail_bills_row_count_check CHECK ((row_count >= 0))
  constraint rail_bills_state_check CHECK ((state = ANY (ARRAY['loading'::text, 'matched'::text])))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table runs (
  merchant_id uuid not null
  id uuid not null
  kind text not null
  key text not null
  state text not null
  progress jsonb not null
  started_at timestamp with time zone not null
  finished_at timestamp with time zone
)
  constraint runs_pkey PRIMARY KEY (merchant_id, id)
  constraint runs_one_per_kind_and_key UNIQUE (merchant_id, kind, key)
  constraint runs_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint runs_done_has_an_end CHECK (((state = 'running'::text) OR (finished_at IS NOT NULL)))
  constraint runs_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text])))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table subscription_items (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  subscription_id uuid not null
  position smallint not null
  kind text not null
  price_version_id uuid not null
  quantity bigint not null
  agreed_unit_minor bigint
  agreed_currency character(3)
)
  constraint subscription_items_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint subscription_items_bucket_merchant_id_subscription_id_fkey FOREIGN KEY (bucket, merchant_id, subscription_id) REFERENCES subscriptions(bucket, merchant_id, id)
  constraint subscription_items_merchant_id_price_version_id_fkey FOREIGN KEY (merchant_id, price_version_id) REFERENCES price_versions(merchant_id, id)
  constraint subscription_items_agreed_price_is_whole CHECK (((agreed_unit_minor IS NULL) = (agreed_currency IS NULL)))
  constraint subscription_items_kind_check CHECK ((kind = ANY (ARRAY['flat'::text, 'seat'::text, 'module'::text, 'one_off'::text])))
  constraint subscription_items_position_check CHECK (("position" > 0))
  CREATE INDEX subscription_items_of_subscription ON public.subscription_items USING btree (bucket, merchant_id, subscription_id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant delete, insert, select, update to daikou_app

table subscriptions (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  plan_id uuid not null
  state text not null
  anchor date not null
  interval_unit text not null
  interval_count integer not null
  next_period_index integer not null
  next_bill_at timestamp with time zone not null
  collection text not null
  payment_method_label text not null
  contract_start date
  contract_end date
  created_at timestamp with time zone not null
)
  constraint subscriptions_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint subscriptions_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint subscriptions_merchant_id_plan_id_fkey FOREIGN KEY (merchant_id, plan_id) REFERENCES plans(merchant_id, id)
  constraint subscriptions_collection_check CHECK ((collection = ANY (ARRAY['auto_debit'::text, 'by_hand'::text])))
  constraint subscriptions_interval_count_check CHECK ((interval_count > 0))
  constraint subscriptions_interval_unit_check CHECK ((interval_unit = ANY (ARRAY['week'::text, 'month'::text, 'year'::text])))
  constraint subscriptions_next_period_index_check CHECK ((next_period_index >= 0))
  constraint subscriptions_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'ended'::text, 'parked'::text])))
  constraint subscriptions_term_runs_forward CHECK ((contract_end > contract_start))
  CREATE INDEX subscriptions_by_id ON public.subscriptions USING btree (merchant_id, id)
  CREATE INDEX subscriptions_of_customer ON public.subscriptions USING btree (bucket, merchant_id, customer_id)
  CREATE INDEX subscriptions_to_bill ON public.subscriptions USING btree (bucket, next_bill_at) WHERE (state = 'active'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

CREATE OR REPLACE FUNCTION public.daikou_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'DELETE' and current_user <> 'daikou_app'
    and current_setting('daikou.erasing_demo', true) = old.merchant_id::text then
    return old;
  end if;
  raise exception 'rows of % are never changed or deleted; add a new one', tg_table_name
    using errcode = 'restrict_violation', table = tg_table_name;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_attempt_has_authority()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  wrong record;
begin
  select a.id, a.amount_minor, d.amount_minor as debit_minor, m.single_cap_minor, m.state
    into wrong
    from added a
    join debits d
      on d.bucket = a.bucket and d.merchant_id = a.merchant_id and d.id = a.debit_id
    join mandates m
      on m.bucket = d.bucket and m.merchant_id = d.merchant_id and m.id = d.mandate_id
   where a.amount_minor <> d.amount_minor or a.currency <> d.currency or a.rail <> d.rail
      or a.amount_minor > m.single_cap_minor or m.currency <> a.currency or m.rail <> a.rail
      or m.state <> 'active'
   limit 1;
  if found then
    raise exception 'attempt % of % has no authority: debit %, cap %, mandate %', wrong.id,
      wrong.amount_minor, wrong.debit_minor, wrong.single_cap_minor, wrong.state
      using errcode = 'check_violation', constraint = 'attempts_have_authority';
  end if;
  return null;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_attempt_is_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (old.debit_id, old.rail, old.ordinal, old.order_number, old.currency, old.amount_minor)
    is distinct from
    (new.debit_id, new.rail, new.ordinal, new.order_number, new.currency, new.amount_minor) then
    raise exception 'what attempt % asked of the rail cannot change', old.id
      using errcode = 'restrict_violation', constraint = 'attempts_request_is_final';
  end if;
  if old.state in ('submitting', 'accepted', 'unknown') then return new; end if;
  if new is not distinct from old then return new; end if;
  if old.state in ('refused', 'closed', 'never_sent') and new.state = 'late_success' then
    return new;
  end if;
  if old.state = 'never_sent' and new.state = 'submitting' then return new; end if;
  raise exception 'attempt % has ended as % and cannot become %', old.id, old.state, new.state
    using errcode = 'restrict_violation', constraint = 'attempts_end_is_final';
end $function$


CREATE OR REPLACE FUNCTION public.daikou_entries_balance()
 RETURNS trigger
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
AS $function$
declare
  wrong record;
begin
  select journal_id, sum(minor) as total into wrong
    from added group by bucket, merchant_id, journal_id having sum(minor) <> 0 limit 1;
  if found then
    raise exception 'the entries of journal % sum to % and not to zero', wrong.journal_id,
      wrong.total using errcode = 'check_violation', constraint = 'entries_sum_to_zero';
  end if;
  select j.id as journal_id into wrong
    from (select bucket, merchant_id, journal_id, count(*) as given, max(position) as last
            from added group by bucket, merchant_id, journal_id) a
    join journals j
      on j.bucket = a.bucket and j.merchant_id = a.merchant_id and j.id = a.journal_id
   where a.given <> j.entry_count or a.last <> j.entry_count limit 1;
  if found then
    raise exception 'journal % was not given all its entries at once', wrong.journal_id
      using errcode = 'check_violation', constraint = 'entries_of_a_whole_journal';
  end if;
  return null;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_merchant()
 RETURNS uuid
 LANGUAGE sql
 STABLE
AS $function$ select nullif(current_setting('daikou.merchant_id', true), '')::uuid $function$

