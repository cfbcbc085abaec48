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

table arrears_causes (
  bucket smallint not null
  merchant_id uuid not null
  invoice_id uuid not null
  moment text not null
  rule_set integer not null
  customer_id uuid not null
  due_date date not null
  currency character(3) not null
  owed_minor bigint not null
  rail text
  plan_id uuid
  segment text not null
  primary_cause text not null
  finding jsonb not null
  at timestamp with time zone not null
)
  constraint arrears_causes_pkey PRIMARY KEY (bucket, merchant_id, invoice_id, moment, rule_set)
  constraint arrears_causes_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint arrears_causes_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint arrears_causes_finding_check CHECK ((jsonb_typeof((finding -> 'causes'::text)) = 'array'::text))
  constraint arrears_causes_moment_check CHECK ((moment = ANY (ARRAY['overdue'::text, 'ended'::text])))
  constraint arrears_causes_owed_minor_check CHECK ((owed_minor >= 0))
  constraint arrears_causes_primary_cause_check CHECK ((primary_cause = ANY (ARRAY['forgot'::text, 'insufficient_balance'::text, 'method_or_account_data'::text, 'rail_or_system_fault'::text, 'price_or_policy_change'::text, 'growth'::text, 'contract_change'::text, 'dispute'::text])))
  constraint arrears_causes_rule_set_check CHECK ((rule_set > 0))
  constraint arrears_causes_segment_check CHECK ((segment <> ''::text))
  CREATE INDEX arrears_causes_of_month ON public.arrears_causes USING btree (merchant_id, due_date)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select to daikou_app

table arrears_causes_open (
  bucket smallint not null
  merchant_id uuid not null
  invoice_id uuid not null
  rule_set integer not null
)
  constraint arrears_causes_open_pkey PRIMARY KEY (bucket, merchant_id, invoice_id)
  constraint arrears_causes_open_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint arrears_causes_open_rule_set_check CHECK ((rule_set > 0))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant delete, insert, select, update to daikou_app

table arrears_states (
  bucket smallint not null
  merchant_id uuid not null
  customer_id uuid not null
  state text not null
  since date not null
  changed_at timestamp with time zone not null
  warned_on date
  held_by text
  earliest_unpaid date
  unpaid_invoices integer not null
  unpaid jsonb not null
  next_change_on date
  next_change_at timestamp with time zone
  next_change_state text
  next_look_at timestamp with time zone
)
  constraint arrears_states_pkey PRIMARY KEY (bucket, merchant_id, customer_id)
  constraint arrears_states_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint arrears_states_change_is_whole CHECK ((((next_change_on IS NULL) = (next_change_at IS NULL)) AND ((next_change_on IS NULL) = (next_change_state IS NULL))))
  constraint arrears_states_held_by_check CHECK ((held_by = ANY (ARRAY['attempt_unknown'::text, 'payment_waits'::text, 'postponed'::text, 'not_warned'::text, 'days_promised'::text])))
  constraint arrears_states_owed_is_watched CHECK (((state = 'clear'::text) OR ((earliest_unpaid IS NOT NULL) AND (next_look_at IS NOT NULL))))
  constraint arrears_states_state_check CHECK ((state = ANY (ARRAY['clear'::text, 'grace'::text, 'warned'::text, 'suspended'::text, 'retained'::text, 'deletable'::text])))
  constraint arrears_states_stop_is_warned CHECK (((state <> ALL (ARRAY['suspended'::text, 'retained'::text, 'deletable'::text])) OR (warned_on IS NOT NULL)))
  constraint arrears_states_unpaid_check CHECK ((jsonb_typeof(unpaid) = 'array'::text))
  constraint arrears_states_unpaid_invoices_check CHECK ((unpaid_invoices >= 0))
  CREATE INDEX arrears_states_by_customer ON public.arrears_states USING btree (merchant_id, customer_id) WHERE (state <> 'clear'::text)
  CREATE INDEX arrears_states_to_look ON public.arrears_states USING btree (bucket, next_look_at) WHERE (next_look_at IS NOT NULL)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

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
  CREATE INDEX attempts_for_person ON public.attempts USING btree (merchant_id, id) WHERE ((state = ANY (ARRAY['submitting'::text, 'accepted'::text, 'unknown'::text])) AND (ask_at IS NULL))
  CREATE INDEX attempts_in_trouble ON public.attempts USING btree (merchant_id, rail, submitted_at) WHERE ((refusal_class = 'technical'::text) OR (state = ANY (ARRAY['unknown'::text, 'closed'::text])))
  CREATE INDEX attempts_of_debit ON public.attempts USING btree (bucket, merchant_id, debit_id)
  CREATE INDEX attempts_of_rail_reference ON public.attempts USING btree (merchant_id, rail_reference) WHERE (rail_reference IS NOT NULL)
  CREATE UNIQUE INDEX attempts_one_open_per_debit ON public.attempts USING btree (bucket, merchant_id, debit_id) WHERE (state = ANY (ARRAY['submitting'::text, 'accepted'::text, 'unknown'::text]))
  CREATE UNIQUE INDEX attempts_one_success_per_debit ON public.attempts USING btree (bucket, merchant_id, debit_id) WHERE (state = 'succeeded'::text)
  CREATE INDEX attempts_to_ask ON public.attempts USING btree (bucket, ask_at) WHERE ((state = ANY (ARRAY['submitting'::text, 'accepted'::text, 'unknown'::text])) AND (ask_at IS NOT NULL))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER attempts_are_final BEFORE UPDATE ON public.attempts FOR EACH ROW EXECUTE FUNCTION daikou_attempt_is_final()
  CREATE TRIGGER attempts_have_authority AFTER INSERT ON public.attempts REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION daikou_attempt_has_authority()
  CREATE TRIGGER attempts_not_again_in_quarantine AFTER UPDATE ON public.attempts REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION daikou_quarantine_submits_nothing()
  CREATE TRIGGER attempts_not_in_quarantine AFTER INSERT ON public.attempts REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION daikou_quarantine_submits_nothing()
  grant insert, select, update to daikou_app

table balance_alerts (
  bucket smallint not null
  merchant_id uuid not null
  customer_id uuid not null
  currency character(3) not null
  low_minor bigint not null
  low_days integer
  is_low boolean not null
  told_at timestamp with time zone
  set_by text not null
  set_at timestamp with time zone not null
  next_look_at timestamp with time zone
)
  constraint balance_alerts_pkey PRIMARY KEY (bucket, merchant_id, customer_id, currency)
  constraint balance_alerts_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint balance_alerts_low_days_check CHECK (((low_days >= 1) AND (low_days <= 366)))
  constraint balance_alerts_low_minor_check CHECK ((low_minor >= 0))
  constraint balance_alerts_set_by_check CHECK (((length(set_by) >= 1) AND (length(set_by) <= 100)))
  CREATE INDEX balance_alerts_to_look ON public.balance_alerts USING btree (bucket, next_look_at) WHERE (next_look_at IS NOT NULL)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant delete, insert, select, update to daikou_app

table bank_statement_lines (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  statement_id uuid not null
  account text not null
  line_number integer not null
  booked_on date not null
  value_on date
  currency character(3) not null
  amount_minor bigint not null
  balance_after_minor bigint
  counterparty text
  remittance text
  bank_reference text not null
  raw_hash text not null
  state text not null
)
  constraint bank_statement_lines_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint bank_statement_lines_once UNIQUE (bucket, merchant_id, account, bank_reference)
  constraint bank_statement_lines_bucket_merchant_id_statement_id_fkey FOREIGN KEY (bucket, merchant_id, statement_id) REFERENCES bank_statements(bucket, merchant_id, id)
  constraint bank_statement_lines_amount_minor_check CHECK ((amount_minor <> 0))
  constraint bank_statement_lines_bank_reference_check CHECK ((bank_reference <> ''::text))
  constraint bank_statement_lines_bucket_check CHECK (((bucket >= 0) AND (bucket <= 1023)))
  constraint bank_statement_lines_line_number_check CHECK ((line_number > 0))
  constraint bank_statement_lines_state_check CHECK ((state = ANY (ARRAY['unmatched'::text, 'matched'::text, 'unclaimed'::text, 'claimed'::text, 'other'::text])))
  CREATE INDEX bank_statement_lines_by_id ON public.bank_statement_lines USING btree (merchant_id, id)
  CREATE INDEX bank_statement_lines_waiting ON public.bank_statement_lines USING btree (merchant_id, booked_on) WHERE (state = ANY (ARRAY['unmatched'::text, 'unclaimed'::text]))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table bank_statements (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  account text not null
  format text not null
  currency character(3) not null
  from_date date not null
  until_date date not null
  opening_minor bigint
  closing_minor bigint
  content_hash text not null
  line_count integer not null
  imported_at timestamp with time zone not null
)
  constraint bank_statements_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint bank_statements_same_file_once UNIQUE (bucket, merchant_id, account, content_hash, from_date)
  constraint bank_statements_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint bank_statements_account_check CHECK ((account <> ''::text))
  constraint bank_statements_bucket_check CHECK (((bucket >= 0) AND (bucket <= 1023)))
  constraint bank_statements_line_count_check CHECK ((line_count >= 0))
  constraint bank_statements_run_forward CHECK ((from_date <= until_date))
  CREATE INDEX bank_statements_by_id ON public.bank_statements USING btree (merchant_id, id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select to daikou_app

table breaks (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  bill_id uuid
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
  refund_number text
  line_number integer
  difference_currency character(3)
  difference_minor bigint
  owner text not null
  suggested_action text not null
  root_cause text not null
  parked_by uuid
  resolved_at timestamp with time zone
  resolved_by text
  resolution text
  evidence_kind text
  evidence text
  note text
)
  constraint breaks_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint breaks_bucket_merchant_id_attempt_id_fkey FOREIGN KEY (bucket, merchant_id, attempt_id) REFERENCES attempts(bucket, merchant_id, id)
  constraint breaks_merchant_id_bill_id_fkey FOREIGN KEY (merchant_id, bill_id) REFERENCES rail_bills(merchant_id, id)
  constraint breaks_bill_is_named CHECK (((bill_id IS NOT NULL) OR (class = 'settlement_mismatch'::text)))
  constraint breaks_bucket_check CHECK (((bucket >= 0) AND (bucket <= 1023)))
  constraint breaks_class_check CHECK ((class = ANY (ARRAY['surplus'::text, 'shortage'::text, 'amount_mismatch'::text, 'state_mismatch'::text, 'cut_off'::text, 'duplicate'::text, 'unknown_order'::text, 'fee_mismatch'::text, 'settlement_mismatch'::text, 'currency_mismatch'::text])))
  constraint breaks_difference_is_whole CHECK (((difference_minor IS NULL) = (difference_currency IS NULL)))
  constraint breaks_end_with_evidence CHECK ((((state = 'resolved'::text) = (resolved_at IS NOT NULL)) AND ((resolved_at IS NULL) = (resolved_by IS NULL)) AND ((resolved_at IS NULL) = (resolution IS NULL)) AND ((resolved_at IS NULL) = (evidence IS NULL)) AND ((evidence IS NULL) = (evidence_kind IS NULL))))
  constraint breaks_evidence_check CHECK ((evidence <> ''::text))
  constraint breaks_evidence_kind_check CHECK ((evidence_kind = ANY (ARRAY['bill_line'::text, 'bill'::text, 'journal'::text, 'payment'::text, 'approval'::text, 'note'::text])))
  constraint breaks_line_number_check CHECK ((line_number > 0))
  constraint breaks_our_amount_is_whole CHECK (((our_minor IS NULL) = (our_currency IS NULL)))
  constraint breaks_owner_check CHECK ((owner <> ''::text))
  constraint breaks_parked_with_a_difference CHECK (((parked_by IS NULL) OR ((difference_minor IS NOT NULL) AND (difference_minor <> 0))))
  constraint breaks_rail_amount_is_whole CHECK (((rail_minor IS NULL) = (rail_currency IS NULL)))
  constraint breaks_resolution_check CHECK ((resolution = ANY (ARRAY['matched_later'::text, 'superseded'::text, 'booked'::text, 'reversed'::text, 'write_off'::text, 'claim_fee'::text, 'accepted'::text])))
  constraint breaks_resolved_by_check CHECK ((resolved_by <> ''::text))
  constraint breaks_state_check CHECK ((state = ANY (ARRAY['pooled'::text, 'open'::text, 'resolved'::text])))
  CREATE INDEX breaks_by_id ON public.breaks USING btree (merchant_id, id)
  CREATE INDEX breaks_of_bill ON public.breaks USING btree (merchant_id, bill_id)
  CREATE INDEX breaks_of_day ON public.breaks USING btree (merchant_id, rail, business_date)
  CREATE INDEX breaks_of_order ON public.breaks USING btree (bucket, merchant_id, order_number)
  CREATE UNIQUE INDEX breaks_once ON public.breaks USING btree (bucket, merchant_id, rail, business_date, bill_id, class, order_number, refund_number) NULLS NOT DISTINCT WHERE (resolution IS DISTINCT FROM 'superseded'::text)
  CREATE INDEX breaks_unresolved ON public.breaks USING btree (merchant_id, rail, business_date) WHERE (state <> 'resolved'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table checkup_findings (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  checkup_id uuid not null
  invoice_id uuid not null
  code text not null
  about text not null
  severity text not null
  owner text not null
  sentence_zh text not null
  sentence_en text not null
  action text not null
  evidence jsonb not null
  state text not null
  found_at timestamp with time zone not null
  ended_at timestamp with time zone
  accepted_by text
  remark text
  told_at timestamp with time zone
)
  constraint checkup_findings_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint checkup_findings_once UNIQUE (bucket, merchant_id, invoice_id, code, about)
  constraint checkup_findings_bucket_merchant_id_checkup_id_fkey FOREIGN KEY (bucket, merchant_id, checkup_id) REFERENCES checkups(bucket, merchant_id, id)
  constraint checkup_findings_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint checkup_findings_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint checkup_findings_about_check CHECK ((about ~ '^[a-z]{3}_[0-9a-f]{32}$'::text))
  constraint checkup_findings_accepted_by_check CHECK (((length(accepted_by) >= 1) AND (length(accepted_by) <= 80)))
  constraint checkup_findings_accepted_by_somebody CHECK ((((state = 'accepted'::text) = (accepted_by IS NOT NULL)) AND ((remark IS NULL) OR (accepted_by IS NOT NULL))))
  constraint checkup_findings_action_check CHECK ((action = ANY (ARRAY['sign_again'::text, 'raise_cap'::text, 'change_method'::text, 'change_contact'::text, 'answer_price_change'::text, 'end_subscription'::text, 'confirm_amount'::text, 'look_at_drift'::text])))
  constraint checkup_findings_code_check CHECK ((code = ANY (ARRAY['method_dead'::text, 'method_refused'::text, 'method_expiring'::text, 'cap_below_amount'::text, 'mandate_drift'::text, 'amount_unlike_contract'::text, 'amount_unlike_history'::text, 'duplicate_subscription'::text, 'unused_service'::text, 'notice_unreachable'::text, 'price_change_pending'::text, 'trial_converting'::text, 'approver_missing'::text])))
  constraint checkup_findings_end_has_its_time CHECK (((state = 'open'::text) = (ended_at IS NULL)))
  constraint checkup_findings_evidence_check CHECK ((jsonb_typeof(evidence) = 'array'::text))
  constraint checkup_findings_owner_check CHECK ((owner = ANY (ARRAY['payer'::text, 'admin'::text, 'support'::text, 'finance'::text])))
  constraint checkup_findings_remark_check CHECK ((length(remark) <= 500))
  constraint checkup_findings_sentence_en_check CHECK (((length(sentence_en) >= 1) AND (length(sentence_en) <= 500)))
  constraint checkup_findings_sentence_zh_check CHECK (((length(sentence_zh) >= 1) AND (length(sentence_zh) <= 500)))
  constraint checkup_findings_severity_check CHECK ((severity = ANY (ARRAY['info'::text, 'warn'::text, 'blocks'::text])))
  constraint checkup_findings_state_check CHECK ((state = ANY (ARRAY['open'::text, 'cured'::text, 'accepted'::text])))
  CREATE INDEX checkup_findings_approved ON public.checkup_findings USING btree (bucket, merchant_id, customer_id) WHERE ((state = 'accepted'::text) AND (code = 'approver_missing'::text))
  CREATE INDEX checkup_findings_of_checkup ON public.checkup_findings USING btree (bucket, merchant_id, checkup_id)
  CREATE INDEX checkup_findings_open ON public.checkup_findings USING btree (bucket, merchant_id, customer_id) WHERE (state = 'open'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table checkups (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  invoice_id uuid not null
  verdict text
  debit_date date not null
  rule_version integer not null
  looked_at timestamp with time zone
  look_at timestamp with time zone
  created_at timestamp with time zone not null
)
  constraint checkups_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint checkups_once UNIQUE (bucket, merchant_id, invoice_id)
  constraint checkups_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint checkups_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint checkups_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint checkups_rule_version_check CHECK ((rule_version >= 0))
  constraint checkups_verdict_check CHECK ((verdict = ANY (ARRAY['ok'::text, 'findings'::text, 'blocked'::text])))
  constraint checkups_verdict_has_its_look CHECK (((verdict IS NULL) = (looked_at IS NULL)))
  CREATE INDEX checkups_by_id ON public.checkups USING btree (merchant_id, id)
  CREATE INDEX checkups_of_customer ON public.checkups USING btree (bucket, merchant_id, customer_id)
  CREATE INDEX checkups_on_date ON public.checkups USING btree (merchant_id, debit_date, id)
  CREATE INDEX checkups_to_look ON public.checkups USING btree (bucket, look_at) WHERE (look_at IS NOT NULL)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table contacts (
  bucket smallint not null
  merchant_id uuid not null
  customer_id uuid not null
  channel text not null
  address text not null
  rank integer not null
  enabled boolean not null
  opted_out_at timestamp with time zone
  verified_at timestamp with time zone
  changed_at timestamp with time zone not null
)
  constraint contacts_pkey PRIMARY KEY (bucket, merchant_id, customer_id, channel)
  constraint contacts_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint contacts_address_check CHECK (((length(address) >= 1) AND (length(address) <= 3000)))
  constraint contacts_channel_check CHECK ((channel = ANY (ARRAY['mail'::text, 'sms'::text, 'official_account'::text, 'dingtalk'::text, 'wecom'::text, 'inbox'::text, 'webhook'::text])))
  constraint contacts_rank_check CHECK ((rank >= 0))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant delete, insert, select, update to daikou_app

table coupons (
  merchant_id uuid not null
  id uuid not null
  code text not null
  name_zh text not null
  name_en text not null
  rate numeric(13,12)
  amount_minor bigint
  currency character(3)
  duration text not null
  periods integer
  price_codes jsonb
  redeem_by date
  maximum_redemptions integer
)
  constraint coupons_pkey PRIMARY KEY (merchant_id, id)
  constraint coupons_code_once UNIQUE (merchant_id, code)
  constraint coupons_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint coupons_amount_minor_check CHECK ((amount_minor >= 0))
  constraint coupons_code_check CHECK ((code <> ''::text))
  constraint coupons_duration_check CHECK ((duration = ANY (ARRAY['once'::text, 'repeating'::text, 'forever'::text])))
  constraint coupons_maximum_redemptions_check CHECK ((maximum_redemptions >= 0))
  constraint coupons_periods_check CHECK ((periods > 0))
  constraint coupons_price_codes_check CHECK ((jsonb_typeof(price_codes) = 'array'::text))
  constraint coupons_rate_check CHECK (((rate >= (0)::numeric) AND (rate <= (1)::numeric)))
  constraint coupons_repeating_has_its_periods CHECK (((duration = 'repeating'::text) = (periods IS NOT NULL)))
  constraint coupons_take_a_share_or_an_amount CHECK ((((rate IS NULL) = (amount_minor IS NOT NULL)) AND ((amount_minor IS NULL) = (currency IS NULL))))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select to daikou_app

table credit_grants (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  kind text not null
  currency character(3) not null
  amount_minor bigint not null
  left_minor bigint not null
  expires_on date
  name_zh text not null
  name_en text not null
  created_at timestamp with time zone not null
  reference text
)
  constraint credit_grants_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint credit_grants_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint credit_grants_amount_minor_check CHECK ((amount_minor > 0))
  constraint credit_grants_kind_check CHECK ((kind = ANY (ARRAY['prepaid'::text, 'promotional'::text, 'credit_note'::text])))
  constraint credit_grants_left_is_within_amount CHECK (((left_minor >= 0) AND (left_minor <= amount_minor)))
  constraint credit_grants_reference_is_not_empty CHECK ((reference <> ''::text))
  CREATE UNIQUE INDEX credit_grants_reference_once ON public.credit_grants USING btree (bucket, merchant_id, customer_id, reference) WHERE (reference IS NOT NULL)
  CREATE INDEX credit_grants_to_use ON public.credit_grants USING btree (bucket, merchant_id, customer_id) WHERE (left_minor > 0)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER credit_grants_added_move_alerts AFTER INSERT ON public.credit_grants REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION daikou_grant_moves_alerts()
  CREATE TRIGGER credit_grants_added_move_top_ups AFTER INSERT ON public.credit_grants REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION daikou_grant_moves_top_ups()
  CREATE TRIGGER credit_grants_used_move_alerts AFTER UPDATE ON public.credit_grants REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION daikou_grant_moves_alerts()
  CREATE TRIGGER credit_grants_used_move_top_ups AFTER UPDATE ON public.credit_grants REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION daikou_grant_moves_top_ups()
  grant insert, select, update to daikou_app

table credit_note_lines (
  bucket smallint not null
  merchant_id uuid not null
  credit_note_id uuid not null
  position smallint not null
  invoice_id uuid not null
  amount_minor bigint not null
  net_minor bigint not null
  tax_minor bigint not null
)
  constraint credit_note_lines_pkey PRIMARY KEY (bucket, merchant_id, credit_note_id, "position")
  constraint credit_note_lines_bucket_merchant_id_credit_note_id_fkey FOREIGN KEY (bucket, merchant_id, credit_note_id) REFERENCES credit_notes(bucket, merchant_id, id)
  constraint credit_note_lines_bucket_merchant_id_invoice_id_position_fkey FOREIGN KEY (bucket, merchant_id, invoice_id, "position") REFERENCES invoice_lines(bucket, merchant_id, invoice_id, "position")
  constraint credit_note_lines_amount_minor_check CHECK ((amount_minor > 0))
  constraint credit_note_lines_net_and_tax_make_amount CHECK (((net_minor + tax_minor) = amount_minor))
  constraint credit_note_lines_net_minor_check CHECK ((net_minor >= 0))
  constraint credit_note_lines_tax_minor_check CHECK ((tax_minor >= 0))
  CREATE INDEX credit_note_lines_of_line ON public.credit_note_lines USING btree (bucket, merchant_id, invoice_id, "position")
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER credit_note_lines_append_only BEFORE DELETE OR UPDATE ON public.credit_note_lines FOR EACH ROW EXECUTE FUNCTION daikou_append_only()
  CREATE TRIGGER credit_note_lines_within_invoice_line AFTER INSERT ON public.credit_note_lines REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION daikou_credit_within_line()
  grant insert, select to daikou_app

table credit_notes (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  invoice_id uuid not null
  number text not null
  reason text not null
  disposition text not null
  grant_id uuid
  currency character(3) not null
  total_minor bigint not null
  net_minor bigint not null
  tax_minor bigint not null
  issued_at timestamp with time zone not null
  refund_id uuid
)
  constraint credit_notes_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint credit_notes_number_once UNIQUE (bucket, merchant_id, number)
  constraint credit_notes_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint credit_notes_bucket_merchant_id_grant_id_fkey FOREIGN KEY (bucket, merchant_id, grant_id) REFERENCES credit_grants(bucket, merchant_id, id)
  constraint credit_notes_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint credit_notes_balance_has_its_grant CHECK (((disposition = 'to_balance'::text) = (grant_id IS NOT NULL)))
  constraint credit_notes_disposition_check CHECK ((disposition = ANY (ARRAY['reduce_due'::text, 'to_balance'::text, 'to_refund'::text])))
  constraint credit_notes_net_and_tax_make_total CHECK (((net_minor + tax_minor) = total_minor))
  constraint credit_notes_reason_check CHECK ((reason = ANY (ARRAY['service_not_delivered'::text, 'billed_in_error'::text, 'goodwill'::text, 'termination'::text, 'duplicate'::text])))
  constraint credit_notes_refund_has_its_number CHECK (((disposition = 'to_refund'::text) = (refund_id IS NOT NULL)))
  constraint credit_notes_total_minor_check CHECK ((total_minor > 0))
  CREATE INDEX credit_notes_of_invoice ON public.credit_notes USING btree (bucket, merchant_id, invoice_id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER credit_notes_append_only BEFORE DELETE OR UPDATE ON public.credit_notes FOR EACH ROW EXECUTE FUNCTION daikou_append_only()
  grant insert, select to daikou_app

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
  kind text not null
  payer_id uuid
  consolidated_billing boolean not null
  moved_from uuid
  moved_to uuid
  reach jsonb
  notice_preferences jsonb
)
  constraint customers_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint customers_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint customers_payer_fkey FOREIGN KEY (bucket, merchant_id, payer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint customers_bucket_check CHECK (((bucket >= 0) AND (bucket <= 1023)))
  constraint customers_children_have_a_payer CHECK (((kind = ANY (ARRAY['department'::text, 'member'::text])) = (payer_id IS NOT NULL)))
  constraint customers_consolidation_is_of_organisations CHECK (((kind = 'organisation'::text) OR (NOT consolidated_billing)))
  constraint customers_event_sequence_check CHECK ((event_sequence >= 0))
  constraint customers_external_reference_check CHECK ((external_reference <> ''::text))
  constraint customers_kind_check CHECK ((kind = ANY (ARRAY['person'::text, 'organisation'::text, 'department'::text, 'member'::text])))
  constraint customers_locale_check CHECK ((locale = ANY (ARRAY['zh-CN'::text, 'en'::text])))
  constraint customers_notice_preferences_check CHECK ((jsonb_typeof(notice_preferences) = 'object'::text))
  constraint customers_only_children_move CHECK (((payer_id IS NOT NULL) OR ((moved_from IS NULL) AND (moved_to IS NULL))))
  constraint customers_preferred_channel_check CHECK ((preferred_channel = ANY (ARRAY['mail'::text, 'sms'::text, 'official_account'::text, 'dingtalk'::text, 'wecom'::text, 'inbox'::text, 'webhook'::text])))
  constraint customers_reach_check CHECK ((jsonb_typeof(reach) = 'array'::text))
  CREATE INDEX customers_by_id ON public.customers USING btree (merchant_id, id)
  CREATE INDEX customers_by_name ON public.customers USING btree (merchant_id, name)
  CREATE UNIQUE INDEX customers_child_reference_once ON public.customers USING btree (bucket, merchant_id, payer_id, external_reference) WHERE (payer_id IS NOT NULL)
  CREATE INDEX customers_consolidating ON public.customers USING btree (bucket, merchant_id, id) WHERE consolidated_billing
  CREATE UNIQUE INDEX customers_reference_once ON public.customers USING btree (bucket, merchant_id, external_reference) WHERE (payer_id IS NULL)
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
  returned_at timestamp with time zone
  moved_from uuid
  released_by text
  released_at timestamp with time zone
)
  constraint debits_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint debits_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint debits_bucket_merchant_id_mandate_id_fkey FOREIGN KEY (bucket, merchant_id, mandate_id) REFERENCES mandates(bucket, merchant_id, id)
  constraint debits_moved_from_is_ours FOREIGN KEY (bucket, merchant_id, moved_from) REFERENCES debits(bucket, merchant_id, id)
  constraint debits_amount_minor_check CHECK ((amount_minor > 0))
  constraint debits_attempt_count_check CHECK ((attempt_count >= 0))
  constraint debits_release_is_whole CHECK (((released_by IS NULL) = (released_at IS NULL)))
  constraint debits_state_check CHECK ((state = ANY (ARRAY['scheduled'::text, 'in_flight'::text, 'succeeded'::text, 'failed'::text, 'canceled'::text])))
  CREATE INDEX debits_awaiting_plan ON public.debits USING btree (bucket, collect_at) WHERE ((state = 'scheduled'::text) AND (blocked_by = 'planned_date_moving'::text))
  CREATE INDEX debits_by_id ON public.debits USING btree (merchant_id, id)
  CREATE INDEX debits_of_customer ON public.debits USING btree (bucket, merchant_id, customer_id)
  CREATE INDEX debits_of_mandate ON public.debits USING btree (bucket, merchant_id, mandate_id)
  CREATE INDEX debits_to_announce ON public.debits USING btree (bucket, announce_at) WHERE ((state = 'scheduled'::text) AND (announce_at IS NOT NULL))
  CREATE INDEX debits_to_submit ON public.debits USING btree (bucket, collect_at) WHERE (state = 'scheduled'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table dunning_cases (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  currency character(3) not null
  state text not null
  campaign_name text not null
  campaign_body jsonb not null
  started_on date not null
  next_step integer not null
  next_step_at timestamp with time zone
  waits_for text
  invoice_ids jsonb not null
  pause jsonb
  promise jsonb
  promise_count integer not null
  plan jsonb
  timeline jsonb not null
  ended_as text
  ended_at timestamp with time zone
  created_at timestamp with time zone not null
)
  constraint dunning_cases_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint dunning_cases_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint dunning_cases_campaign_body_check CHECK ((jsonb_typeof(campaign_body) = 'object'::text))
  constraint dunning_cases_campaign_name_check CHECK ((campaign_name <> ''::text))
  constraint dunning_cases_end_is_whole CHECK ((((state = 'ended'::text) = (ended_at IS NOT NULL)) AND ((ended_at IS NULL) = (ended_as IS NULL))))
  constraint dunning_cases_ended_are_not_due CHECK (((state <> 'ended'::text) OR (next_step_at IS NULL)))
  constraint dunning_cases_ended_as_check CHECK ((ended_as = ANY (ARRAY['paid'::text, 'written_off'::text, 'canceled'::text, 'exhausted'::text, 'disputed'::text])))
  constraint dunning_cases_invoice_ids_check CHECK ((jsonb_array_length(invoice_ids) > 0))
  constraint dunning_cases_next_step_check CHECK ((next_step >= 0))
  constraint dunning_cases_pause_says_why CHECK (((state <> 'paused'::text) OR (pause IS NOT NULL)))
  constraint dunning_cases_promise_count_check CHECK ((promise_count >= 0))
  constraint dunning_cases_state_check CHECK ((state = ANY (ARRAY['running'::text, 'paused'::text, 'ended'::text])))
  constraint dunning_cases_timeline_check CHECK ((jsonb_typeof(timeline) = 'array'::text))
  CREATE INDEX dunning_cases_by_id ON public.dunning_cases USING btree (merchant_id, id)
  CREATE INDEX dunning_cases_due ON public.dunning_cases USING btree (bucket, next_step_at) WHERE (next_step_at IS NOT NULL)
  CREATE INDEX dunning_cases_of_customer ON public.dunning_cases USING btree (bucket, merchant_id, customer_id)
  CREATE UNIQUE INDEX dunning_cases_open_once ON public.dunning_cases USING btree (bucket, merchant_id, customer_id, currency) WHERE (state <> 'ended'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER dunning_cases_are_final BEFORE UPDATE ON public.dunning_cases FOR EACH ROW EXECUTE FUNCTION daikou_dunning_case_is_final()
  grant insert, select, update to daikou_app

table dunning_invoices (
  bucket smallint not null
  merchant_id uuid not null
  invoice_id uuid not null
  customer_id uuid not null
  case_id uuid
  passed_over text
  is_live boolean not null
  seen_at timestamp with time zone not null
)
  constraint dunning_invoices_pkey PRIMARY KEY (bucket, merchant_id, invoice_id)
  constraint dunning_invoices_bucket_merchant_id_case_id_fkey FOREIGN KEY (bucket, merchant_id, case_id) REFERENCES dunning_cases(bucket, merchant_id, id)
  constraint dunning_invoices_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint dunning_invoices_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint dunning_invoices_chased_or_not CHECK (((case_id IS NULL) = (passed_over IS NOT NULL)))
  CREATE INDEX dunning_invoices_of_case ON public.dunning_invoices USING btree (bucket, merchant_id, case_id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table entitlement_overrides (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  kind text not null
  code text
  quantity bigint
  invoice_id uuid
  until date not null
  granted_by text not null
  why text not null
  created_at timestamp with time zone not null
  withdrawn_at timestamp with time zone
  withdrawn_by text
)
  constraint entitlement_overrides_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint entitlement_overrides_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint entitlement_overrides_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint entitlement_overrides_code_check CHECK (((length(code) >= 1) AND (length(code) <= 100)))
  constraint entitlement_overrides_granted_by_check CHECK (((length(granted_by) >= 1) AND (length(granted_by) <= 100)))
  constraint entitlement_overrides_have_an_end CHECK ((until <= (((created_at AT TIME ZONE 'UTC'::text))::date + 368)))
  constraint entitlement_overrides_have_their_parts CHECK ((((kind = ANY (ARRAY['no_suspension'::text, 'disputed_invoice'::text])) = (code IS NULL)) AND ((kind = ANY (ARRAY['seats'::text, 'limit'::text])) = (quantity IS NOT NULL)) AND ((kind = 'disputed_invoice'::text) = (invoice_id IS NOT NULL))))
  constraint entitlement_overrides_kind_check CHECK ((kind = ANY (ARRAY['module'::text, 'seats'::text, 'limit'::text, 'no_suspension'::text, 'disputed_invoice'::text, 'control_tag'::text])))
  constraint entitlement_overrides_quantity_check CHECK ((quantity > 0))
  constraint entitlement_overrides_why_check CHECK (((length(why) >= 1) AND (length(why) <= 500)))
  constraint entitlement_overrides_withdrawal_is_whole CHECK (((withdrawn_at IS NULL) = (withdrawn_by IS NULL)))
  constraint entitlement_overrides_withdrawn_by_check CHECK (((length(withdrawn_by) >= 1) AND (length(withdrawn_by) <= 100)))
  CREATE INDEX entitlement_overrides_by_id ON public.entitlement_overrides USING btree (merchant_id, id)
  CREATE INDEX entitlement_overrides_of_customer ON public.entitlement_overrides USING btree (bucket, merchant_id, customer_id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER entitlement_overrides_are_final BEFORE UPDATE ON public.entitlement_overrides FOR EACH ROW EXECUTE FUNCTION daikou_override_is_final()
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

table grant_uses (
  bucket smallint not null
  merchant_id uuid not null
  invoice_id uuid not null
  grant_id uuid not null
  currency character(3) not null
  amount_minor bigint not null
)
  constraint grant_uses_pkey PRIMARY KEY (bucket, merchant_id, invoice_id, grant_id)
  constraint grant_uses_bucket_merchant_id_grant_id_fkey FOREIGN KEY (bucket, merchant_id, grant_id) REFERENCES credit_grants(bucket, merchant_id, id)
  constraint grant_uses_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint grant_uses_amount_minor_check CHECK ((amount_minor > 0))
  CREATE INDEX grant_uses_of_grant ON public.grant_uses USING btree (bucket, merchant_id, grant_id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant delete, insert, select to daikou_app

table hand_payment_allocations (
  bucket smallint not null
  merchant_id uuid not null
  hand_payment_id uuid not null
  invoice_id uuid not null
  currency character(3) not null
  amount_minor bigint not null
  live boolean not null
)
  constraint hand_payment_allocations_pkey PRIMARY KEY (bucket, merchant_id, hand_payment_id, invoice_id)
  constraint hand_payment_allocations_bucket_merchant_id_hand_payment_i_fkey FOREIGN KEY (bucket, merchant_id, hand_payment_id) REFERENCES hand_payments(bucket, merchant_id, id)
  constraint hand_payment_allocations_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint hand_payment_allocations_amount_minor_check CHECK ((amount_minor > 0))
  CREATE UNIQUE INDEX hand_payment_allocations_once ON public.hand_payment_allocations USING btree (bucket, merchant_id, invoice_id) WHERE live
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table hand_payment_references (
  bucket smallint not null
  merchant_id uuid not null
  method text not null
  reference text not null
  hand_payment_id uuid not null
)
  constraint hand_payment_references_pkey PRIMARY KEY (bucket, merchant_id, method, reference)
  constraint hand_payment_references_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint hand_payment_references_bucket_check CHECK (((bucket >= 0) AND (bucket <= 1023)))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant delete, insert, select to daikou_app

table hand_payments (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  method text not null
  rail text
  currency character(3) not null
  amount_minor bigint not null
  to_balance_minor bigint not null
  grant_id uuid
  reference text not null
  received_at timestamp with time zone not null
  business_date date not null
  bank_line_id uuid
  pay_link_id uuid
  recorded_by text not null
  note text not null
  recorded_at timestamp with time zone not null
  state text not null
  reversed_at timestamp with time zone
  reversed_by text
  reversal_reason text
)
  constraint hand_payments_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint hand_payments_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint hand_payments_bucket_merchant_id_grant_id_fkey FOREIGN KEY (bucket, merchant_id, grant_id) REFERENCES credit_grants(bucket, merchant_id, id)
  constraint hand_payments_amount_minor_check CHECK ((amount_minor > 0))
  constraint hand_payments_balance_has_its_grant CHECK (((to_balance_minor > 0) = (grant_id IS NOT NULL)))
  constraint hand_payments_check CHECK (((to_balance_minor >= 0) AND (to_balance_minor <= amount_minor)))
  constraint hand_payments_line_is_a_transfer CHECK (((bank_line_id IS NULL) OR (method = 'bank_transfer'::text)))
  constraint hand_payments_link_names_its_rail CHECK ((((method = 'pay_link'::text) = (rail IS NOT NULL)) AND ((method = 'pay_link'::text) = (pay_link_id IS NOT NULL))))
  constraint hand_payments_method_check CHECK ((method = ANY (ARRAY['bank_transfer'::text, 'pay_link'::text, 'cash'::text])))
  constraint hand_payments_recorded_by_check CHECK ((recorded_by <> ''::text))
  constraint hand_payments_reference_check CHECK ((reference <> ''::text))
  constraint hand_payments_reversal_is_whole CHECK ((((state = 'reversed'::text) = (reversed_at IS NOT NULL)) AND ((reversed_at IS NULL) = (reversed_by IS NULL)) AND ((reversed_at IS NULL) = (reversal_reason IS NULL))))
  constraint hand_payments_reversal_reason_check CHECK ((reversal_reason <> ''::text))
  constraint hand_payments_reversed_by_check CHECK ((reversed_by <> ''::text))
  constraint hand_payments_state_check CHECK ((state = ANY (ARRAY['booked'::text, 'reversed'::text])))
  CREATE INDEX hand_payments_by_id ON public.hand_payments USING btree (merchant_id, id)
  CREATE INDEX hand_payments_of_customer ON public.hand_payments USING btree (bucket, merchant_id, customer_id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER hand_payments_are_final BEFORE UPDATE ON public.hand_payments FOR EACH ROW EXECUTE FUNCTION daikou_hand_payment_is_final()
  grant insert, select, update to daikou_app

table idempotency_keys (
  bucket smallint not null
  merchant_id uuid not null
  key_hash text not null
  fingerprint text not null
  state text not null
  status smallint
  content_type text
  location text
  body text
  created_at timestamp with time zone not null
)
  constraint idempotency_keys_pkey PRIMARY KEY (bucket, merchant_id, key_hash)
  constraint idempotency_keys_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint idempotency_keys_answered_has_a_body CHECK ((((state = 'answered'::text) = (body IS NOT NULL)) AND ((body IS NOT NULL) OR ((content_type IS NULL) AND (location IS NULL)))))
  constraint idempotency_keys_body_check CHECK ((octet_length(body) <= 262144))
  constraint idempotency_keys_content_type_check CHECK ((length(content_type) <= 200))
  constraint idempotency_keys_ended_has_a_status CHECK (((state = ANY (ARRAY['answered'::text, 'answer_not_kept'::text])) = (status IS NOT NULL)))
  constraint idempotency_keys_fingerprint_check CHECK ((fingerprint ~ '^[0-9a-f]{64}$'::text))
  constraint idempotency_keys_key_hash_check CHECK ((key_hash ~ '^[0-9a-f]{64}$'::text))
  constraint idempotency_keys_location_check CHECK ((length(location) <= 2048))
  constraint idempotency_keys_state_check CHECK ((state = ANY (ARRAY['in_flight'::text, 'answered'::text, 'answer_not_kept'::text, 'outcome_unknown'::text])))
  constraint idempotency_keys_status_check CHECK (((status >= 200) AND (status <= 499)))
  CREATE INDEX idempotency_keys_oldest ON public.idempotency_keys USING btree (merchant_id, created_at)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER idempotency_keys_end_once BEFORE UPDATE ON public.idempotency_keys FOR EACH ROW EXECUTE FUNCTION daikou_request_ends_once()
  grant delete, insert, select, update to daikou_app

table invoice_lines (
  bucket smallint not null
  merchant_id uuid not null
  invoice_id uuid not null
  position smallint not null
  kind text not null
  price_version_id uuid not null
  period_start date not null
  period_end date not null
  quantity numeric not null
  amount_minor bigint not null
  net_minor bigint not null
  tax_minor bigint not null
  tax_basis_points bigint not null
  rule text not null
  name_zh text not null
  name_en text not null
  price_code text not null
  subscription_id uuid
  item_id uuid
  beneficiary_id uuid
  service_days integer not null
  period_days integer not null
  unit_amount numeric(30,12)
  subtotal_minor bigint not null
  discount_minor bigint not null
  why jsonb
)
  constraint invoice_lines_pkey PRIMARY KEY (bucket, merchant_id, invoice_id, "position")
  constraint invoice_lines_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint invoice_lines_merchant_id_price_version_id_fkey FOREIGN KEY (merchant_id, price_version_id) REFERENCES price_versions(merchant_id, id)
  constraint invoice_lines_days_count CHECK (((service_days >= 0) AND (period_days > 0)))
  constraint invoice_lines_discount_comes_off CHECK (((discount_minor >= 0) AND (((subtotal_minor - discount_minor) = amount_minor) OR ((subtotal_minor - discount_minor) = net_minor))))
  constraint invoice_lines_kind_check CHECK ((kind = ANY (ARRAY['flat'::text, 'seat'::text, 'module'::text, 'metered'::text, 'one_off'::text])))
  constraint invoice_lines_net_and_tax_make_amount CHECK (((net_minor + tax_minor) = amount_minor))
  constraint invoice_lines_period_runs_forward CHECK ((period_end > period_start))
  constraint invoice_lines_rule_check CHECK ((rule = ANY (ARRAY['list_price'::text, 'agreed_price'::text, 'change_charge'::text, 'change_credit'::text, 'usage_correction'::text, 'minimum_spend'::text, 'commitment'::text, 'instalment'::text, 'termination'::text, 'late_fee'::text, 'top_up'::text])))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant delete, insert, select, update to daikou_app

table invoices (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  subscription_id uuid
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
  billing_key text not null
  balance_applied_minor bigint not null
  credited_minor bigint not null
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
  constraint invoices_taken_off_is_within_total CHECK (((balance_applied_minor >= 0) AND (credited_minor >= 0) AND ((balance_applied_minor + credited_minor) <= total_minor)))
  constraint invoices_total_minor_check CHECK ((total_minor >= 0))
  CREATE UNIQUE INDEX invoices_bill_once ON public.invoices USING btree (bucket, merchant_id, COALESCE(subscription_id, customer_id), billing_key) WHERE (state <> 'void'::text)
  CREATE INDEX invoices_by_id ON public.invoices USING btree (merchant_id, id)
  CREATE INDEX invoices_by_number ON public.invoices USING btree (merchant_id, number)
  CREATE INDEX invoices_of_customer ON public.invoices USING btree (bucket, merchant_id, customer_id)
  CREATE INDEX invoices_open_by_due ON public.invoices USING btree (merchant_id, (((total_minor - balance_applied_minor) - credited_minor))) WHERE (state = 'open'::text)
  CREATE INDEX invoices_open_past_due ON public.invoices USING btree (bucket, due_date) WHERE (state = 'open'::text)
  CREATE INDEX invoices_to_issue ON public.invoices USING btree (bucket, issue_at) WHERE (state = 'draft'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER invoices_move_arrears AFTER UPDATE ON public.invoices REFERENCING OLD TABLE AS unmoved NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION daikou_invoice_moves_arrears()
  CREATE TRIGGER invoices_move_top_ups AFTER UPDATE ON public.invoices REFERENCING NEW TABLE AS moved FOR EACH STATEMENT EXECUTE FUNCTION daikou_invoice_moves_top_ups()
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

table late_fee_lines (
  bucket smallint not null
  merchant_id uuid not null
  late_fee_id uuid not null
  first_day date not null
  last_day date not null
  part integer not null
  pending_line_id uuid not null
  currency character(3) not null
  amount_minor bigint not null
  taken_back_minor bigint not null
)
  constraint late_fee_lines_pkey PRIMARY KEY (bucket, merchant_id, late_fee_id, first_day, part)
  constraint late_fee_lines_bucket_merchant_id_late_fee_id_fkey FOREIGN KEY (bucket, merchant_id, late_fee_id) REFERENCES late_fees(bucket, merchant_id, id)
  constraint late_fee_lines_bucket_merchant_id_pending_line_id_fkey FOREIGN KEY (bucket, merchant_id, pending_line_id) REFERENCES pending_lines(bucket, merchant_id, id)
  constraint late_fee_lines_amount_minor_check CHECK ((amount_minor > 0))
  constraint late_fee_lines_have_days CHECK ((last_day >= first_day))
  constraint late_fee_lines_part_check CHECK ((part > 0))
  constraint late_fee_lines_take_back_what_they_have CHECK (((taken_back_minor >= 0) AND (taken_back_minor <= amount_minor)))
  CREATE INDEX late_fee_lines_of_line ON public.late_fee_lines USING btree (bucket, merchant_id, pending_line_id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table late_fee_waivers (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  late_fee_id uuid not null
  currency character(3)
  amount_minor bigint
  reason text not null
  state text not null
  requested_by text not null
  approval_hash text not null
  decided_by text
  requested_at timestamp with time zone not null
  decided_at timestamp with time zone
)
  constraint late_fee_waivers_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint late_fee_waivers_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint late_fee_waivers_bucket_merchant_id_late_fee_id_fkey FOREIGN KEY (bucket, merchant_id, late_fee_id) REFERENCES late_fees(bucket, merchant_id, id)
  constraint late_fee_waivers_amount_has_its_currency CHECK (((amount_minor IS NULL) = (currency IS NULL)))
  constraint late_fee_waivers_amount_minor_check CHECK ((amount_minor > 0))
  constraint late_fee_waivers_approval_hash_check CHECK ((approval_hash ~ '^[0-9a-f]{64}$'::text))
  constraint late_fee_waivers_decided_by_check CHECK ((decided_by <> ''::text))
  constraint late_fee_waivers_decision_is_whole CHECK ((((state = 'awaiting_approval'::text) = (decided_by IS NULL)) AND ((decided_by IS NULL) = (decided_at IS NULL))))
  constraint late_fee_waivers_reason_check CHECK (((length(reason) >= 1) AND (length(reason) <= 500)))
  constraint late_fee_waivers_requested_by_check CHECK ((requested_by <> ''::text))
  constraint late_fee_waivers_state_check CHECK ((state = ANY (ARRAY['awaiting_approval'::text, 'approved'::text, 'rejected'::text])))
  CREATE INDEX late_fee_waivers_of_fee ON public.late_fee_waivers USING btree (bucket, merchant_id, late_fee_id)
  CREATE UNIQUE INDEX late_fee_waivers_whole_once ON public.late_fee_waivers USING btree (bucket, merchant_id, late_fee_id) WHERE ((amount_minor IS NULL) AND (state <> 'rejected'::text))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table late_fees (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  invoice_id uuid not null
  policy_id uuid
  state text not null
  ended_for text
  look_at timestamp with time zone
  stops jsonb not null
  charged_through date
  created_at timestamp with time zone not null
)
  constraint late_fees_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint late_fees_once_per_invoice UNIQUE (bucket, merchant_id, invoice_id)
  constraint late_fees_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint late_fees_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint late_fees_merchant_id_policy_id_fkey FOREIGN KEY (merchant_id, policy_id) REFERENCES policies(merchant_id, id)
  constraint late_fees_are_declared CHECK (((policy_id IS NOT NULL) OR (ended_for = 'not_declared'::text)))
  constraint late_fees_end_has_its_reason CHECK (((state = 'ended'::text) = (ended_for IS NOT NULL)))
  constraint late_fees_ended_for_check CHECK ((ended_for = ANY (ARRAY['paid'::text, 'void'::text, 'waived'::text, 'not_declared'::text])))
  constraint late_fees_state_check CHECK ((state = ANY (ARRAY['watched'::text, 'ended'::text])))
  constraint late_fees_stops_check CHECK ((jsonb_typeof(stops) = 'array'::text))
  constraint late_fees_watched_has_its_look CHECK (((state = 'watched'::text) = (look_at IS NOT NULL)))
  CREATE INDEX late_fees_of_customer ON public.late_fees USING btree (bucket, merchant_id, customer_id)
  CREATE INDEX late_fees_to_look ON public.late_fees USING btree (bucket, look_at) WHERE (state = 'watched'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table mandate_drifts (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  mandate_id uuid not null
  customer_id uuid not null
  kind text not null
  action text not null
  state text not null
  evidence text not null
  found_at timestamp with time zone not null
  resolved_at timestamp with time zone
)
  constraint mandate_drifts_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint mandate_drifts_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint mandate_drifts_bucket_merchant_id_mandate_id_fkey FOREIGN KEY (bucket, merchant_id, mandate_id) REFERENCES mandates(bucket, merchant_id, id)
  constraint mandate_drifts_action_check CHECK ((action = ANY (ARRAY['end_at_rail'::text, 'ended_here'::text, 'ask_person'::text])))
  constraint mandate_drifts_evidence_check CHECK ((length(evidence) <= 500))
  constraint mandate_drifts_kind_check CHECK ((kind = ANY (ARRAY['ended_here_signed_there'::text, 'active_here_ended_there'::text, 'signed_without_subscription'::text])))
  constraint mandate_drifts_resolved_has_its_time CHECK (((state = 'resolved'::text) = (resolved_at IS NOT NULL)))
  constraint mandate_drifts_state_check CHECK ((state = ANY (ARRAY['open'::text, 'resolved'::text])))
  CREATE INDEX mandate_drifts_by_id ON public.mandate_drifts USING btree (merchant_id, id)
  CREATE UNIQUE INDEX mandate_drifts_open_once ON public.mandate_drifts USING btree (bucket, merchant_id, mandate_id, kind) WHERE (state = 'open'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table mandate_ends (
  bucket smallint not null
  merchant_id uuid not null
  mandate_id uuid not null
  customer_id uuid not null
  asked_by text not null
  remark text not null
  asked_at timestamp with time zone not null
  tries integer not null
  next_try_at timestamp with time zone
  answer text
  answered_at timestamp with time zone
)
  constraint mandate_ends_pkey PRIMARY KEY (bucket, merchant_id, mandate_id)
  constraint mandate_ends_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint mandate_ends_bucket_merchant_id_mandate_id_fkey FOREIGN KEY (bucket, merchant_id, mandate_id) REFERENCES mandates(bucket, merchant_id, id)
  constraint mandate_ends_answer_check CHECK ((length(answer) <= 500))
  constraint mandate_ends_answer_has_its_time CHECK (((answer IS NULL) = (answered_at IS NULL)))
  constraint mandate_ends_asked_by_check CHECK ((asked_by = ANY (ARRAY['customer'::text, 'merchant'::text, 'drift'::text])))
  constraint mandate_ends_remark_check CHECK (((length(remark) >= 1) AND (length(remark) <= 200)))
  constraint mandate_ends_tries_check CHECK ((tries >= 0))
  CREATE INDEX mandate_ends_to_try ON public.mandate_ends USING btree (bucket, next_try_at) WHERE (next_try_at IS NOT NULL)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table mandate_sweep_brakes (
  merchant_id uuid not null
  rail text not null
  compared integer not null
  not_found integer not null
  state text not null
  found_at timestamp with time zone not null
  decided_by text
  ended_at timestamp with time zone
)
  constraint mandate_sweep_brakes_pkey PRIMARY KEY (merchant_id, rail, found_at)
  constraint mandate_sweep_brakes_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint mandate_sweep_brakes_check CHECK (((not_found > 0) AND (not_found <= compared)))
  constraint mandate_sweep_brakes_compared_check CHECK ((compared > 0))
  constraint mandate_sweep_brakes_confirmed_by_a_person CHECK (((state = 'confirmed'::text) = (decided_by IS NOT NULL)))
  constraint mandate_sweep_brakes_decided_by_check CHECK ((decided_by <> ''::text))
  constraint mandate_sweep_brakes_end_has_its_time CHECK (((state = 'open'::text) = (ended_at IS NULL)))
  constraint mandate_sweep_brakes_state_check CHECK ((state = ANY (ARRAY['open'::text, 'confirmed'::text, 'cleared'::text])))
  CREATE UNIQUE INDEX mandate_sweep_brakes_open_once ON public.mandate_sweep_brakes USING btree (merchant_id, rail) WHERE (state = 'open'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

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
  account_kind text
  account_issuer text
  account_bin text
  account_last_four text
  account_card_type text
  preference smallint
  planned_date date
  account_expires_on date
)
  constraint mandates_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint mandates_contract_code_once UNIQUE (bucket, merchant_id, rail, contract_code)
  constraint mandates_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint mandates_account_bin_check CHECK ((account_bin ~ '^[0-9]{6}$'::text))
  constraint mandates_account_card_type_check CHECK ((account_card_type = ANY (ARRAY['debit'::text, 'credit'::text, 'prepaid'::text, 'quasi_credit'::text])))
  constraint mandates_account_is_whole CHECK ((((account_kind IS NULL) = (account_last_four IS NULL)) AND ((account_kind IS NOT NULL) OR ((account_issuer IS NULL) AND (account_bin IS NULL) AND (account_card_type IS NULL)))))
  constraint mandates_account_kind_check CHECK ((account_kind = ANY (ARRAY['card'::text, 'bank_account'::text])))
  constraint mandates_account_last_four_check CHECK ((account_last_four ~ '^[0-9A-Z]{4}$'::text))
  constraint mandates_active_is_signed CHECK (((state <> 'active'::text) OR (signed_at IS NOT NULL)))
  constraint mandates_ended_by_check CHECK ((ended_by = ANY (ARRAY['customer'::text, 'merchant'::text, 'rail'::text, 'expired'::text, 'unknown'::text])))
  constraint mandates_ended_has_its_time CHECK (((state = 'ended'::text) = (ended_at IS NOT NULL)))
  constraint mandates_only_cards_expire CHECK (((account_expires_on IS NULL) OR (account_kind = 'card'::text)))
  constraint mandates_preference_check CHECK ((preference > 0))
  constraint mandates_single_cap_minor_check CHECK ((single_cap_minor >= 0))
  constraint mandates_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'signing'::text, 'active'::text, 'ending'::text, 'revoke_failed'::text, 'ended'::text, 'sign_failed'::text])))
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

table meters (
  merchant_id uuid not null
  id uuid not null
  code text not null
  name_zh text not null
  name_en text not null
  event_type text not null
  aggregation text not null
  value_property text
  filters jsonb not null
  group_by jsonb not null
  rounding_mode text
  rounding_places smallint
  takes_negative boolean not null
  keeps text not null
  created_at timestamp with time zone not null
)
  constraint meters_pkey PRIMARY KEY (merchant_id, id)
  constraint meters_code_once UNIQUE (merchant_id, code)
  constraint meters_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint meters_aggregation_check CHECK ((aggregation = ANY (ARRAY['count'::text, 'sum'::text, 'max'::text, 'latest'::text, 'unique_count'::text, 'weighted_sum'::text, 'prorated_sum'::text, 'prorated_unique_count'::text])))
  constraint meters_code_check CHECK ((code <> ''::text))
  constraint meters_event_type_check CHECK ((event_type <> ''::text))
  constraint meters_keeps_check CHECK ((keeps = ANY (ARRAY['totals'::text, 'values'::text])))
  constraint meters_read_a_value CHECK (((aggregation = 'count'::text) OR (value_property IS NOT NULL)))
  constraint meters_rounding_is_whole CHECK (((rounding_mode IS NULL) = (rounding_places IS NULL)))
  constraint meters_rounding_mode_check CHECK ((rounding_mode = ANY (ARRAY['up'::text, 'down'::text, 'half_up'::text])))
  constraint meters_rounding_places_check CHECK (((rounding_places >= 0) AND (rounding_places <= 12)))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant)) with check (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant))
  grant insert, select to daikou_app

table money_exceptions (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  kind text not null
  debit_id uuid not null
  attempt_id uuid not null
  rail text not null
  order_number text not null
  rail_reference text not null
  currency character(3) not null
  amount_minor bigint not null
  happened_at timestamp with time zone not null
  detail text not null
  state text not null
  act_at timestamp with time zone
  decided_by text
  grant_id uuid
  opened_at timestamp with time zone not null
  ended_at timestamp with time zone
  owner text not null
)
  constraint money_exceptions_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint money_exceptions_bucket_merchant_id_attempt_id_fkey FOREIGN KEY (bucket, merchant_id, attempt_id) REFERENCES attempts(bucket, merchant_id, id)
  constraint money_exceptions_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint money_exceptions_bucket_merchant_id_grant_id_fkey FOREIGN KEY (bucket, merchant_id, grant_id) REFERENCES credit_grants(bucket, merchant_id, id)
  constraint money_exceptions_amount_minor_check CHECK ((amount_minor > 0))
  constraint money_exceptions_credit_has_its_grant CHECK (((state <> 'credited'::text) OR (grant_id IS NOT NULL)))
  constraint money_exceptions_decided_by_check CHECK ((decided_by <> ''::text))
  constraint money_exceptions_end_has_its_decider CHECK (((state = 'open'::text) OR (decided_by IS NOT NULL)))
  constraint money_exceptions_end_has_its_time CHECK (((state = ANY (ARRAY['refunded'::text, 'credited'::text, 'booked'::text])) = (ended_at IS NOT NULL)))
  constraint money_exceptions_kind_check CHECK ((kind = ANY (ARRAY['late_success'::text, 'surplus'::text, 'paid_other_amount'::text, 'return_unmatched'::text, 'refund_unexpected'::text, 'refund_sent_back'::text, 'refund_short'::text, 'refund_excess'::text])))
  constraint money_exceptions_only_open_acts CHECK (((act_at IS NULL) OR (state = 'open'::text)))
  constraint money_exceptions_owner_check CHECK (((length(owner) >= 1) AND (length(owner) <= 100)))
  constraint money_exceptions_state_check CHECK ((state = ANY (ARRAY['open'::text, 'refunding'::text, 'refunded'::text, 'credited'::text, 'booked'::text])))
  CREATE UNIQUE INDEX money_exceptions_once ON public.money_exceptions USING btree (bucket, merchant_id, attempt_id, kind, rail_reference)
  CREATE INDEX money_exceptions_open ON public.money_exceptions USING btree (merchant_id, id) WHERE (state = ANY (ARRAY['open'::text, 'refunding'::text]))
  CREATE INDEX money_exceptions_to_act ON public.money_exceptions USING btree (bucket, act_at) WHERE ((state = 'open'::text) AND (act_at IS NOT NULL))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table notice_templates (
  merchant_id uuid not null
  key text not null
  locale text not null
  version integer not null
  subject text not null
  paragraphs jsonb not null
  published_by text not null
  published_at timestamp with time zone not null
)
  constraint notice_templates_pkey PRIMARY KEY (merchant_id, key, locale, version)
  constraint notice_templates_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint notice_templates_key_check CHECK ((key ~ '^[a-z][a-z_]{0,62}$'::text))
  constraint notice_templates_locale_check CHECK ((locale = ANY (ARRAY['zh-CN'::text, 'en'::text])))
  constraint notice_templates_paragraphs_check CHECK ((jsonb_typeof(paragraphs) = 'array'::text))
  constraint notice_templates_published_by_check CHECK (((length(published_by) >= 1) AND (length(published_by) <= 100)))
  constraint notice_templates_version_check CHECK ((version > 0))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select to daikou_app

table notices (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  debit_id uuid
  purpose text not null
  channel text not null
  locale text not null
  state text not null
  currency character(3)
  amount_minor bigint
  collect_date date
  due_at timestamp with time zone not null
  lease_until timestamp with time zone
  sent_at timestamp with time zone
  delivered_at timestamp with time zone
  provider_reference text
  failure_code text
  window_from date
  window_until date
  created_at timestamp with time zone not null
  subject_kind text
  subject_id uuid
  template_key text
  template_version text
  variables jsonb
  text_hash text
  sent_to text
  follows_id uuid
  follow_at timestamp with time zone
  tried jsonb
  voided_at timestamp with time zone
)
  constraint notices_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint notices_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint notices_bucket_merchant_id_debit_id_fkey FOREIGN KEY (bucket, merchant_id, debit_id) REFERENCES debits(bucket, merchant_id, id)
  constraint notices_amount_minor_check CHECK ((amount_minor > 0))
  constraint notices_channel_check CHECK ((channel = ANY (ARRAY['mail'::text, 'sms'::text, 'official_account'::text, 'dingtalk'::text, 'wecom'::text, 'inbox'::text, 'webhook'::text, 'rail'::text])))
  constraint notices_delivered_has_its_time CHECK (((state <> 'delivered'::text) OR (delivered_at IS NOT NULL)))
  constraint notices_follow_another CHECK ((follows_id <> id))
  constraint notices_gate_names_its_debit CHECK ((((purpose = ANY (ARRAY['renewal'::text, 'retry'::text, 'rail'::text])) = ((debit_id IS NOT NULL) AND (currency IS NOT NULL) AND (amount_minor IS NOT NULL) AND (collect_date IS NOT NULL))) AND ((debit_id IS NULL) = (collect_date IS NULL))))
  constraint notices_locale_check CHECK ((locale = ANY (ARRAY['zh-CN'::text, 'en'::text])))
  constraint notices_message_is_about_something CHECK ((((purpose = ANY (ARRAY['renewal'::text, 'retry'::text, 'rail'::text])) = (subject_id IS NULL)) AND ((subject_id IS NULL) = (subject_kind IS NULL)) AND ((subject_id IS NULL) OR ((template_key IS NOT NULL) AND (variables IS NOT NULL)))))
  constraint notices_purpose_check CHECK ((purpose = ANY (ARRAY['renewal'::text, 'retry'::text, 'rail'::text, 'overdue'::text, 'service'::text, 'balance'::text, 'checkup'::text])))
  constraint notices_state_check CHECK ((state = ANY (ARRAY['planned'::text, 'sending'::text, 'sent'::text, 'delivered'::text, 'failed'::text])))
  constraint notices_text_hash_check CHECK ((text_hash ~ '^[0-9a-f]{64}$'::text))
  constraint notices_tried_check CHECK ((jsonb_typeof(tried) = 'array'::text))
  constraint notices_variables_check CHECK ((jsonb_typeof(variables) = 'object'::text))
  constraint notices_voided_was_sent CHECK (((voided_at IS NULL) OR (state = ANY (ARRAY['sending'::text, 'sent'::text, 'delivered'::text, 'failed'::text]))))
  constraint notices_window_runs_forward CHECK ((window_until >= window_from))
  CREATE INDEX notices_awaiting_delivery ON public.notices USING btree (bucket, sent_at) WHERE (state = 'sent'::text)
  CREATE UNIQUE INDEX notices_followed_once ON public.notices USING btree (bucket, merchant_id, follows_id) WHERE (follows_id IS NOT NULL)
  CREATE INDEX notices_of_customer ON public.notices USING btree (bucket, merchant_id, customer_id, id)
  CREATE INDEX notices_of_debit ON public.notices USING btree (bucket, merchant_id, debit_id)
  CREATE INDEX notices_of_reference ON public.notices USING btree (merchant_id, provider_reference) WHERE (state = 'sent'::text)
  CREATE INDEX notices_to_follow ON public.notices USING btree (bucket, follow_at) WHERE (follow_at IS NOT NULL)
  CREATE INDEX notices_to_send ON public.notices USING btree (bucket, due_at) WHERE (state = ANY (ARRAY['planned'::text, 'sending'::text]))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table pay_link_invoices (
  bucket smallint not null
  merchant_id uuid not null
  pay_link_id uuid not null
  invoice_id uuid not null
  live boolean not null
)
  constraint pay_link_invoices_pkey PRIMARY KEY (bucket, merchant_id, pay_link_id, invoice_id)
  constraint pay_link_invoices_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint pay_link_invoices_bucket_merchant_id_pay_link_id_fkey FOREIGN KEY (bucket, merchant_id, pay_link_id) REFERENCES pay_links(bucket, merchant_id, id)
  CREATE UNIQUE INDEX pay_link_invoices_once ON public.pay_link_invoices USING btree (bucket, merchant_id, invoice_id) WHERE live
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table pay_links (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  rail text not null
  order_number text not null
  currency character(3) not null
  amount_minor bigint not null
  state text not null
  url text
  expires_at timestamp with time zone not null
  ask_at timestamp with time zone
  ask_count integer not null
  close_wanted boolean not null
  created_by text not null
  created_at timestamp with time zone not null
  ended_at timestamp with time zone
)
  constraint pay_links_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint pay_links_number_once UNIQUE (bucket, merchant_id, order_number)
  constraint pay_links_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint pay_links_amount_minor_check CHECK ((amount_minor > 0))
  constraint pay_links_ask_count_check CHECK ((ask_count >= 0))
  constraint pay_links_created_by_check CHECK ((created_by <> ''::text))
  constraint pay_links_end_has_its_time CHECK (((state = 'open'::text) = (ended_at IS NULL)))
  constraint pay_links_only_open_is_asked CHECK (((ask_at IS NULL) OR (state = 'open'::text)))
  constraint pay_links_state_check CHECK ((state = ANY (ARRAY['open'::text, 'paid'::text, 'closed'::text, 'expired'::text])))
  CREATE INDEX pay_links_by_id ON public.pay_links USING btree (merchant_id, id)
  CREATE INDEX pay_links_open_of_customer ON public.pay_links USING btree (bucket, merchant_id, customer_id) WHERE (state = 'open'::text)
  CREATE INDEX pay_links_to_ask ON public.pay_links USING btree (bucket, ask_at) WHERE (ask_at IS NOT NULL)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table payment_returns (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  payment_id uuid not null
  debit_id uuid not null
  rail text not null
  rail_reference text not null
  currency character(3) not null
  amount_minor bigint not null
  code text not null
  message text not null
  mandate_gone boolean not null
  returned_at timestamp with time zone not null
  recorded_at timestamp with time zone not null
)
  constraint payment_returns_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint payment_returns_once UNIQUE (bucket, merchant_id, payment_id)
  constraint payment_returns_reference_once UNIQUE (bucket, merchant_id, rail, rail_reference)
  constraint payment_returns_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint payment_returns_bucket_merchant_id_payment_id_fkey FOREIGN KEY (bucket, merchant_id, payment_id) REFERENCES payments(bucket, merchant_id, id)
  constraint payment_returns_amount_minor_check CHECK ((amount_minor > 0))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER payment_returns_append_only BEFORE DELETE OR UPDATE ON public.payment_returns FOR EACH ROW EXECUTE FUNCTION daikou_append_only()
  grant insert, select to daikou_app

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
  CREATE INDEX payments_of_rail_and_date ON public.payments USING btree (merchant_id, rail, business_date, bucket)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER payments_append_only BEFORE DELETE OR UPDATE ON public.payments FOR EACH ROW EXECUTE FUNCTION daikou_append_only()
  grant insert, select to daikou_app

table pending_lines (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  subscription_id uuid not null
  state text not null
  not_before date not null
  invoice_id uuid
  created_at timestamp with time zone not null
  currency character(3) not null
  kind text not null
  price_code text not null
  price_version_id uuid not null
  line_subscription_id uuid
  item_id uuid
  beneficiary_id uuid
  period_start date not null
  period_end date not null
  service_days integer not null
  period_days integer not null
  quantity numeric not null
  unit_amount numeric(30,12)
  subtotal_minor bigint not null
  discount_minor bigint not null
  amount_minor bigint not null
  net_minor bigint not null
  tax_minor bigint not null
  tax_basis_points bigint not null
  rule text not null
  name_zh text not null
  name_en text not null
  why jsonb
)
  constraint pending_lines_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint pending_lines_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint pending_lines_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint pending_lines_bucket_merchant_id_subscription_id_fkey FOREIGN KEY (bucket, merchant_id, subscription_id) REFERENCES subscriptions(bucket, merchant_id, id)
  constraint pending_lines_merchant_id_price_version_id_fkey FOREIGN KEY (merchant_id, price_version_id) REFERENCES price_versions(merchant_id, id)
  constraint pending_lines_billed_names_its_invoice CHECK (((state = 'billed'::text) = (invoice_id IS NOT NULL)))
  constraint pending_lines_discount_minor_check CHECK ((discount_minor >= 0))
  constraint pending_lines_kind_check CHECK ((kind = ANY (ARRAY['flat'::text, 'seat'::text, 'module'::text, 'metered'::text, 'one_off'::text])))
  constraint pending_lines_net_and_tax_make_amount CHECK (((net_minor + tax_minor) = amount_minor))
  constraint pending_lines_period_runs_forward CHECK ((period_end > period_start))
  constraint pending_lines_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'billed'::text, 'dropped'::text])))
  CREATE INDEX pending_lines_of_invoice ON public.pending_lines USING btree (bucket, merchant_id, invoice_id) WHERE (invoice_id IS NOT NULL)
  CREATE INDEX pending_lines_waiting ON public.pending_lines USING btree (bucket, merchant_id, subscription_id) WHERE (state = 'pending'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

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

table policies (
  merchant_id uuid not null
  id uuid not null
  kind text not null
  code text not null
  version integer not null
  body jsonb not null
  published_by text not null
  published_at timestamp with time zone not null
)
  constraint policies_pkey PRIMARY KEY (merchant_id, id)
  constraint policies_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint policies_body_check CHECK ((jsonb_typeof(body) = 'object'::text))
  constraint policies_code_check CHECK ((code ~ '^[a-z0-9][a-z0-9_-]{0,62}$'::text))
  constraint policies_kind_check CHECK ((kind = ANY (ARRAY['notice_rules'::text, 'campaign'::text, 'arrears'::text, 'late_fee'::text, 'termination_fee'::text, 'checkup'::text])))
  constraint policies_published_by_check CHECK (((length(published_by) >= 1) AND (length(published_by) <= 100)))
  constraint policies_version_check CHECK ((version > 0))
  CREATE UNIQUE INDEX policies_version ON public.policies USING btree (merchant_id, kind, code, version)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select to daikou_app

table price_change_consents (
  bucket smallint not null
  merchant_id uuid not null
  price_change_id uuid not null
  subscription_id uuid not null
  customer_id uuid not null
  audience text not null
  direction text not null
  currency character(3) not null
  before_minor bigint not null
  after_minor bigint not null
  notice_channel text
  notice_due_at timestamp with time zone not null
  noticed_at timestamp with time zone
  notice_reference text
  answer text not null
  answered_at timestamp with time zone
  answer_channel text
  evidence_hash text
  outcome text not null
  effective_on date
  decided_at timestamp with time zone
  created_at timestamp with time zone not null
)
  constraint price_change_consents_pkey PRIMARY KEY (bucket, merchant_id, price_change_id, subscription_id)
  constraint price_change_consents_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint price_change_consents_bucket_merchant_id_subscription_id_fkey FOREIGN KEY (bucket, merchant_id, subscription_id) REFERENCES subscriptions(bucket, merchant_id, id)
  constraint price_change_consents_merchant_id_price_change_id_fkey FOREIGN KEY (merchant_id, price_change_id) REFERENCES price_changes(merchant_id, id)
  constraint price_change_consents_answer_channel_check CHECK ((answer_channel = ANY (ARRAY['portal'::text, 'mail'::text, 'sms'::text, 'phone'::text, 'letter'::text, 'in_person'::text])))
  constraint price_change_consents_answer_check CHECK ((answer = ANY (ARRAY['silent'::text, 'acknowledged'::text, 'objected'::text])))
  constraint price_change_consents_answer_has_its_evidence CHECK ((((answer = 'silent'::text) = (answered_at IS NULL)) AND ((answer = 'silent'::text) = (answer_channel IS NULL)) AND ((answer = 'silent'::text) = (evidence_hash IS NULL))))
  constraint price_change_consents_audience_check CHECK ((audience = ANY (ARRAY['consumer'::text, 'business'::text])))
  constraint price_change_consents_decided_has_its_time CHECK (((outcome = 'waiting'::text) = (decided_at IS NULL)))
  constraint price_change_consents_direction_check CHECK ((direction = ANY (ARRAY['rise'::text, 'decrease'::text, 'same'::text])))
  constraint price_change_consents_evidence_hash_check CHECK ((evidence_hash ~ '^[0-9a-f]{64}$'::text))
  constraint price_change_consents_notice_channel_check CHECK ((notice_channel = ANY (ARRAY['mail'::text, 'sms'::text, 'letter'::text, 'portal'::text])))
  constraint price_change_consents_outcome_check CHECK ((outcome = ANY (ARRAY['waiting'::text, 'applied'::text, 'downgraded'::text, 'left'::text, 'unchanged'::text, 'withdrawn'::text])))
  constraint price_change_consents_rise_needs_consent CHECK (((outcome <> 'applied'::text) OR (direction <> 'rise'::text) OR (answer = 'acknowledged'::text) OR ((audience = 'business'::text) AND (answer = 'silent'::text) AND (noticed_at IS NOT NULL))))
  CREATE INDEX price_change_consents_of_change ON public.price_change_consents USING btree (merchant_id, price_change_id, subscription_id)
  CREATE INDEX price_change_consents_of_customer ON public.price_change_consents USING btree (bucket, merchant_id, customer_id)
  CREATE INDEX price_change_consents_waiting ON public.price_change_consents USING btree (merchant_id, price_change_id, subscription_id) WHERE (outcome = 'waiting'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table price_changes (
  merchant_id uuid not null
  id uuid not null
  state text not null
  steps jsonb not null
  effective_on date not null
  audience text not null
  fallback jsonb not null
  notice_days integer not null
  reason text not null
  created_at timestamp with time zone not null
  published_at timestamp with time zone
  applied_at timestamp with time zone
  withdrawn_at timestamp with time zone
)
  constraint price_changes_pkey PRIMARY KEY (merchant_id, id)
  constraint price_changes_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint price_changes_audience_check CHECK ((audience = ANY (ARRAY['consumer'::text, 'business'::text])))
  constraint price_changes_fallback_check CHECK ((jsonb_typeof(fallback) = 'object'::text))
  constraint price_changes_notice_days_check CHECK ((notice_days >= 0))
  constraint price_changes_reason_check CHECK ((reason <> ''::text))
  constraint price_changes_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'published'::text, 'applied'::text, 'withdrawn'::text])))
  constraint price_changes_state_has_its_time CHECK ((((state = 'draft'::text) = ((published_at IS NULL) AND (withdrawn_at IS NULL))) AND ((state = 'applied'::text) = (applied_at IS NOT NULL)) AND ((state = 'withdrawn'::text) = (withdrawn_at IS NOT NULL))))
  constraint price_changes_steps_check CHECK ((jsonb_typeof(steps) = 'array'::text))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table price_versions (
  merchant_id uuid not null
  id uuid not null
  price_id uuid not null
  version integer not null
  currency character(3) not null
  tax_basis_points bigint not null
  interval_unit text not null
  interval_count integer not null
  effective_from date not null
  model jsonb not null
  tax_behavior text not null
  timing text not null
  meter_id uuid
  minimum_spend numeric(30,12)
  maximum_spend numeric(30,12)
  instalments integer
)
  constraint price_versions_pkey PRIMARY KEY (merchant_id, id)
  constraint price_versions_once UNIQUE (merchant_id, price_id, version)
  constraint price_versions_merchant_id_price_id_fkey FOREIGN KEY (merchant_id, price_id) REFERENCES prices(merchant_id, id)
  constraint price_versions_instalments_check CHECK ((instalments > 0))
  constraint price_versions_interval_count_check CHECK ((interval_count > 0))
  constraint price_versions_interval_unit_check CHECK ((interval_unit = ANY (ARRAY['day'::text, 'week'::text, 'month'::text, 'year'::text])))
  constraint price_versions_maximum_spend_check CHECK ((maximum_spend >= (0)::numeric))
  constraint price_versions_metered_is_in_arrears CHECK (((meter_id IS NULL) OR (timing = 'arrears'::text)))
  constraint price_versions_minimum_spend_check CHECK ((minimum_spend >= (0)::numeric))
  constraint price_versions_model_has_a_type CHECK ((jsonb_typeof((model -> 'type'::text)) = 'string'::text))
  constraint price_versions_spend_runs_upwards CHECK ((minimum_spend <= maximum_spend))
  constraint price_versions_tax_basis_points_check CHECK ((tax_basis_points >= 0))
  constraint price_versions_tax_behavior_check CHECK ((tax_behavior = ANY (ARRAY['inclusive'::text, 'exclusive'::text])))
  constraint price_versions_timing_check CHECK ((timing = ANY (ARRAY['advance'::text, 'arrears'::text])))
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
  product_id uuid
)
  constraint prices_pkey PRIMARY KEY (merchant_id, id)
  constraint prices_code_once_per_plan UNIQUE (merchant_id, plan_id, code)
  constraint prices_merchant_id_plan_id_fkey FOREIGN KEY (merchant_id, plan_id) REFERENCES plans(merchant_id, id)
  constraint prices_product_fkey FOREIGN KEY (merchant_id, product_id) REFERENCES products(merchant_id, id)
  constraint prices_kind_check CHECK ((kind = ANY (ARRAY['flat'::text, 'seat'::text, 'module'::text, 'metered'::text, 'one_off'::text])))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select to daikou_app

table products (
  merchant_id uuid not null
  id uuid not null
  code text not null
  name_zh text not null
  name_en text not null
  tax_code text not null
  tax_basis_points bigint not null
  goods_code text
)
  constraint products_pkey PRIMARY KEY (merchant_id, id)
  constraint products_code_once UNIQUE (merchant_id, code)
  constraint products_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint products_code_check CHECK ((code <> ''::text))
  constraint products_goods_code_check CHECK ((goods_code ~ '^[0-9]{19}$'::text))
  constraint products_tax_basis_points_check CHECK ((tax_basis_points >= 0))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select to daikou_app

table quarantine_findings (
  merchant_id uuid not null
  kind text not null
  rail text not null
  number text not null
  outcome text not null
  currency character(3)
  amount_minor bigint
  needs_person boolean not null
  found_at timestamp with time zone not null
  resolved_by text
  resolved_at timestamp with time zone
  note text
)
  constraint quarantine_findings_pkey PRIMARY KEY (merchant_id, rail, kind, number)
  constraint quarantine_findings_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint quarantine_findings_amount_is_whole CHECK (((currency IS NULL) = (amount_minor IS NULL)))
  constraint quarantine_findings_kind_check CHECK ((kind = ANY (ARRAY['mandate_signed'::text, 'mandate_ended'::text, 'attempt'::text, 'debit'::text, 'refund'::text, 'order_unknown'::text, 'refund_unknown'::text])))
  constraint quarantine_findings_number_check CHECK ((number <> ''::text))
  constraint quarantine_findings_outcome_check CHECK ((outcome <> ''::text))
  constraint quarantine_findings_resolution_is_whole CHECK ((((resolved_by IS NULL) = (resolved_at IS NULL)) AND ((resolved_by IS NULL) = (note IS NULL))))
  constraint quarantine_findings_resolved_by_check CHECK ((resolved_by <> ''::text))
  CREATE INDEX quarantine_findings_of_number ON public.quarantine_findings USING btree (merchant_id, rail, number)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table quarantines (
  merchant_id uuid not null
  restored_at timestamp with time zone not null
  backup_made_at timestamp with time zone not null
  state text not null
  asked_at timestamp with time zone
  learned_at timestamp with time zone
  progress jsonb not null
  released_by text
  released_at timestamp with time zone
)
  constraint quarantines_pkey PRIMARY KEY (merchant_id, restored_at)
  constraint quarantines_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint quarantines_progress_check CHECK ((jsonb_typeof(progress) = 'object'::text))
  constraint quarantines_release_is_whole CHECK ((((state = 'released'::text) = (released_by IS NOT NULL)) AND ((released_by IS NULL) = (released_at IS NULL))))
  constraint quarantines_released_by_check CHECK ((released_by <> ''::text))
  constraint quarantines_run_forward CHECK ((backup_made_at <= restored_at))
  constraint quarantines_state_check CHECK ((state = ANY (ARRAY['open'::text, 'released'::text])))
  CREATE UNIQUE INDEX quarantines_one_open ON public.quarantines USING btree (merchant_id) WHERE (state = 'open'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant select, update to daikou_app

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
  refund_number text
  is_pending boolean not null
)
  constraint rail_bill_lines_pkey PRIMARY KEY (bucket, merchant_id, bill_id, line_number)
  constraint rail_bill_lines_merchant_id_bill_id_fkey FOREIGN KEY (merchant_id, bill_id) REFERENCES rail_bills(merchant_id, id)
  constraint rail_bill_lines_bucket_check CHECK (((bucket >= 0) AND (bucket <= 1023)))
  constraint rail_bill_lines_kind_check CHECK ((kind = ANY (ARRAY['payment'::text, 'refund'::text])))
  constraint rail_bill_lines_line_number_check CHECK ((line_number > 0))
  CREATE INDEX rail_bill_lines_in_order ON public.rail_bill_lines USING btree (merchant_id, bill_id, line_number)
  CREATE INDEX rail_bill_lines_of_order ON public.rail_bill_lines USING btree (bucket, merchant_id, order_number, bill_id) WHERE (kind = 'payment'::text)
  CREATE INDEX rail_bill_lines_of_refund ON public.rail_bill_lines USING btree (merchant_id, refund_number, bill_id) WHERE (refund_number IS NOT NULL)
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
  refund_minor bigint not null
  issue smallint not null
)
  constraint rail_bills_pkey PRIMARY KEY (merchant_id, id)
  constraint rail_bills_same_file_once UNIQUE (merchant_id, rail, business_date, content_hash, issue)
  constraint rail_bills_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint rail_bills_break_count_check CHECK ((break_count >= 0))
  constraint rail_bills_issue_check CHECK ((issue > 0))
  constraint rail_bills_matched_count_check CHECK ((matched_count >= 0))
  constraint rail_bills_row_count_check CHECK ((row_count >= 0))
  constraint rail_bills_state_check CHECK ((state = ANY (ARRAY['loading'::text, 'matched'::text, 'superseded'::text])))
  CREATE UNIQUE INDEX rail_bills_one_counts ON public.rail_bills USING btree (merchant_id, rail, business_date) WHERE (state = 'matched'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table rail_terms (
  merchant_id uuid not null
  rail text not null
  valid_from date not null
  fee_basis_points integer not null
  fee_back_on_refund boolean not null
  payer_names jsonb not null
)
  constraint rail_terms_pkey PRIMARY KEY (merchant_id, rail, valid_from)
  constraint rail_terms_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint rail_terms_fee_basis_points_check CHECK (((fee_basis_points >= 0) AND (fee_basis_points <= 10000)))
  constraint rail_terms_payer_names_check CHECK ((jsonb_typeof(payer_names) = 'array'::text))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table reconciliation_day_moves (
  merchant_id uuid not null
  rail text not null
  business_date date not null
  step integer not null
  from_state text not null
  to_state text not null
  moved_by text not null
  moved_at timestamp with time zone not null
  note text
)
  constraint reconciliation_day_moves_pkey PRIMARY KEY (merchant_id, rail, business_date, step)
  constraint reconciliation_day_moves_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint reconciliation_day_moves_merchant_id_rail_business_date_fkey FOREIGN KEY (merchant_id, rail, business_date) REFERENCES reconciliation_days(merchant_id, rail, business_date)
  constraint reconciliation_day_moves_moved_by_check CHECK ((moved_by <> ''::text))
  constraint reconciliation_day_moves_step_check CHECK ((step > 0))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select to daikou_app

table reconciliation_days (
  merchant_id uuid not null
  rail text not null
  business_date date not null
  state text not null
  bill text not null
  bill_id uuid
  statement text not null
  statement_hash text
  posted_fee_currency character(3)
  posted_fee_minor bigint
  problem text
  asked_at timestamp with time zone not null
  closed_by text
  closed_at timestamp with time zone
)
  constraint reconciliation_days_pkey PRIMARY KEY (merchant_id, rail, business_date)
  constraint reconciliation_days_merchant_id_bill_id_fkey FOREIGN KEY (merchant_id, bill_id) REFERENCES rail_bills(merchant_id, id)
  constraint reconciliation_days_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint reconciliation_days_bill_check CHECK ((bill = ANY (ARRAY['expected'::text, 'loaded'::text, 'empty'::text])))
  constraint reconciliation_days_closed_has_files CHECK (((state <> 'closed'::text) OR ((bill <> 'expected'::text) AND (statement <> 'expected'::text))))
  constraint reconciliation_days_closed_is_signed CHECK ((((state = 'closed'::text) = (closed_by IS NOT NULL)) AND ((closed_by IS NULL) = (closed_at IS NULL))))
  constraint reconciliation_days_fee_is_whole CHECK (((posted_fee_minor IS NULL) = (posted_fee_currency IS NULL)))
  constraint reconciliation_days_loaded_has_a_bill CHECK (((bill = 'loaded'::text) <= (bill_id IS NOT NULL)))
  constraint reconciliation_days_state_check CHECK ((state = ANY (ARRAY['expected'::text, 'loading'::text, 'matched'::text, 'balanced'::text, 'exceptions'::text, 'closed'::text])))
  constraint reconciliation_days_statement_check CHECK ((statement = ANY (ARRAY['none'::text, 'expected'::text, 'loaded'::text, 'empty'::text])))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table redemptions (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  subscription_id uuid not null
  coupon_id uuid not null
  state text not null
  used_periods integer not null
  used_minor bigint
  used_currency character(3)
  redeemed_at timestamp with time zone not null
)
  constraint redemptions_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint redemptions_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint redemptions_bucket_merchant_id_subscription_id_fkey FOREIGN KEY (bucket, merchant_id, subscription_id) REFERENCES subscriptions(bucket, merchant_id, id)
  constraint redemptions_merchant_id_coupon_id_fkey FOREIGN KEY (merchant_id, coupon_id) REFERENCES coupons(merchant_id, id)
  constraint redemptions_state_check CHECK ((state = ANY (ARRAY['active'::text, 'used_up'::text, 'ended'::text])))
  constraint redemptions_used_amount_is_whole CHECK (((used_minor IS NULL) = (used_currency IS NULL)))
  constraint redemptions_used_minor_check CHECK ((used_minor >= 0))
  constraint redemptions_used_periods_check CHECK ((used_periods >= 0))
  CREATE INDEX redemptions_of_coupon ON public.redemptions USING btree (merchant_id, coupon_id)
  CREATE UNIQUE INDEX redemptions_once_at_a_time ON public.redemptions USING btree (bucket, merchant_id, subscription_id, coupon_id) WHERE (state = 'active'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table refunds (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  source text not null
  route text not null
  payment_id uuid
  exception_id uuid
  attempt_id uuid
  rail text
  order_number text
  payment_reference text
  paid_minor bigint
  paid_at timestamp with time zone
  refund_number text not null
  currency character(3) not null
  amount_minor bigint not null
  processing_minor bigint not null
  takes jsonb not null
  draws jsonb not null
  reason text not null
  remark text not null
  state text not null
  review text
  requested_by text not null
  approval_hash text not null
  approve_by timestamp with time zone
  approved_by text
  approved_at timestamp with time zone
  due_at timestamp with time zone
  submitted_at timestamp with time zone
  ask_at timestamp with time zone
  ask_count integer not null
  rail_reference text
  refusal_class text
  refusal_code text
  refusal_message text
  refunded_at timestamp with time zone
  transfer_reference text
  grant_id uuid
  ended_at timestamp with time zone
  created_at timestamp with time zone not null
)
  constraint refunds_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint refunds_number_once UNIQUE (bucket, merchant_id, refund_number)
  constraint refunds_bucket_merchant_id_attempt_id_fkey FOREIGN KEY (bucket, merchant_id, attempt_id) REFERENCES attempts(bucket, merchant_id, id)
  constraint refunds_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint refunds_bucket_merchant_id_exception_id_fkey FOREIGN KEY (bucket, merchant_id, exception_id) REFERENCES money_exceptions(bucket, merchant_id, id)
  constraint refunds_bucket_merchant_id_grant_id_fkey FOREIGN KEY (bucket, merchant_id, grant_id) REFERENCES credit_grants(bucket, merchant_id, id)
  constraint refunds_bucket_merchant_id_payment_id_fkey FOREIGN KEY (bucket, merchant_id, payment_id) REFERENCES payments(bucket, merchant_id, id)
  constraint refunds_amount_minor_check CHECK ((amount_minor > 0))
  constraint refunds_approval_hash_check CHECK ((approval_hash ~ '^[0-9a-f]{64}$'::text))
  constraint refunds_approval_is_whole CHECK (((approved_by IS NULL) = (approved_at IS NULL)))
  constraint refunds_ask_count_check CHECK ((ask_count >= 0))
  constraint refunds_draws_check CHECK ((jsonb_typeof(draws) = 'array'::text))
  constraint refunds_due_is_approved CHECK (((due_at IS NULL) OR (state = 'approved'::text)))
  constraint refunds_end_has_its_time CHECK (((state = ANY (ARRAY['succeeded'::text, 'withdrawn'::text])) = (ended_at IS NOT NULL)))
  constraint refunds_have_their_source CHECK ((((source <> 'payment'::text) OR (payment_id IS NOT NULL)) AND ((source = 'exception'::text) = (exception_id IS NOT NULL))))
  constraint refunds_only_open_is_asked CHECK (((ask_at IS NULL) OR (state = ANY (ARRAY['submitting'::text, 'accepted'::text, 'unknown'::text]))))
  constraint refunds_open_is_sent CHECK (((state <> ALL (ARRAY['submitting'::text, 'accepted'::text, 'unknown'::text])) OR (submitted_at IS NOT NULL)))
  constraint refunds_order_is_whole CHECK ((((attempt_id IS NULL) = (rail IS NULL)) AND ((attempt_id IS NULL) = (order_number IS NULL)) AND ((attempt_id IS NULL) = (payment_reference IS NULL)) AND ((attempt_id IS NULL) = (paid_minor IS NULL)) AND ((attempt_id IS NULL) = (paid_at IS NULL)) AND ((attempt_id IS NOT NULL) OR (route = 'bank_transfer'::text))))
  constraint refunds_processing_minor_check CHECK ((processing_minor >= 0))
  constraint refunds_reason_check CHECK ((reason = ANY (ARRAY['service_not_delivered'::text, 'billed_in_error'::text, 'goodwill'::text, 'termination'::text, 'duplicate'::text])))
  constraint refunds_refusal_class_check CHECK ((refusal_class = ANY (ARRAY['merchant_balance'::text, 'payer_account'::text, 'limit'::text, 'amount'::text, 'technical'::text, 'merchant_fault'::text])))
  constraint refunds_requested_by_check CHECK ((requested_by <> ''::text))
  constraint refunds_review_check CHECK ((review = ANY (ARRAY['refused'::text, 'bank_failed'::text, 'silent'::text, 'other_amount'::text, 'by_transfer'::text])))
  constraint refunds_review_says_why CHECK (((state = 'manual_review'::text) = (review IS NOT NULL)))
  constraint refunds_route_check CHECK ((route = ANY (ARRAY['original'::text, 'bank_transfer'::text])))
  constraint refunds_second_person CHECK ((approved_by <> requested_by))
  constraint refunds_source_check CHECK ((source = ANY (ARRAY['payment'::text, 'exception'::text, 'balance'::text])))
  constraint refunds_state_check CHECK ((state = ANY (ARRAY['awaiting_approval'::text, 'approved'::text, 'submitting'::text, 'accepted'::text, 'unknown'::text, 'manual_review'::text, 'succeeded'::text, 'withdrawn'::text])))
  constraint refunds_success_has_its_proof CHECK (((state <> 'succeeded'::text) OR ((rail_reference IS NOT NULL) AND (refunded_at IS NOT NULL)) OR (transfer_reference IS NOT NULL)))
  constraint refunds_takes_check CHECK ((jsonb_typeof(takes) = 'array'::text))
  constraint refunds_waiting_has_its_end CHECK (((state = 'awaiting_approval'::text) = (approve_by IS NOT NULL)))
  CREATE INDEX refunds_by_id ON public.refunds USING btree (merchant_id, id)
  CREATE INDEX refunds_of_customer ON public.refunds USING btree (bucket, merchant_id, customer_id)
  CREATE INDEX refunds_of_order ON public.refunds USING btree (bucket, merchant_id, attempt_id)
  CREATE UNIQUE INDEX refunds_one_live_per_exception ON public.refunds USING btree (bucket, merchant_id, exception_id) WHERE ((exception_id IS NOT NULL) AND (state <> 'withdrawn'::text))
  CREATE UNIQUE INDEX refunds_one_open_per_order ON public.refunds USING btree (bucket, merchant_id, attempt_id) WHERE (state = ANY (ARRAY['submitting'::text, 'accepted'::text, 'unknown'::text]))
  CREATE INDEX refunds_to_ask ON public.refunds USING btree (bucket, ask_at) WHERE ((state = ANY (ARRAY['submitting'::text, 'accepted'::text, 'unknown'::text])) AND (ask_at IS NOT NULL))
  CREATE INDEX refunds_to_submit ON public.refunds USING btree (bucket, due_at) WHERE ((state = 'approved'::text) AND (due_at IS NOT NULL))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER refunds_are_final BEFORE UPDATE ON public.refunds FOR EACH ROW EXECUTE FUNCTION daikou_refund_is_final()
  CREATE TRIGGER refunds_not_again_in_quarantine AFTER UPDATE ON public.refunds REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION daikou_quarantine_submits_nothing()
  CREATE TRIGGER refunds_not_in_quarantine AFTER INSERT ON public.refunds REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION daikou_quarantine_submits_nothing()
  CREATE TRIGGER refunds_within_payment BEFORE INSERT ON public.refunds FOR EACH ROW EXECUTE FUNCTION daikou_refunds_within_payment()
  grant insert, select, update to daikou_app

table resource_pack_burns (
  bucket smallint not null
  merchant_id uuid not null
  pack_id uuid not null
  invoice_id uuid not null
  units numeric not null
)
  constraint resource_pack_burns_pkey PRIMARY KEY (bucket, merchant_id, pack_id, invoice_id)
  constraint resource_pack_burns_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint resource_pack_burns_bucket_merchant_id_pack_id_fkey FOREIGN KEY (bucket, merchant_id, pack_id) REFERENCES resource_packs(bucket, merchant_id, id)
  constraint resource_pack_burns_units_check CHECK ((units > (0)::numeric))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant)) with check (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant))
  grant delete, insert, select to daikou_app

table resource_packs (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  meter_id uuid not null
  units_bought numeric not null
  units_left numeric not null
  valid_from date not null
  expires_on date not null
  price_version_id uuid
)
  constraint resource_packs_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint resource_packs_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint resource_packs_merchant_id_meter_id_fkey FOREIGN KEY (merchant_id, meter_id) REFERENCES meters(merchant_id, id)
  constraint resource_packs_merchant_id_price_version_id_fkey FOREIGN KEY (merchant_id, price_version_id) REFERENCES price_versions(merchant_id, id)
  constraint resource_packs_hold_what_they_can CHECK (((units_left >= (0)::numeric) AND (units_left <= units_bought)))
  constraint resource_packs_run_forward CHECK ((expires_on > valid_from))
  constraint resource_packs_units_bought_check CHECK ((units_bought > (0)::numeric))
  CREATE INDEX resource_packs_of_customer ON public.resource_packs USING btree (bucket, merchant_id, customer_id, meter_id, expires_on)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant)) with check (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant))
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

table self_audits (
  bucket smallint not null
  merchant_id uuid not null
  customer_id uuid not null
  next_at timestamp with time zone
  month date
)
  constraint self_audits_pkey PRIMARY KEY (bucket, merchant_id, customer_id)
  constraint self_audits_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint self_audits_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint self_audits_month_check CHECK ((EXTRACT(day FROM month) = (1)::numeric))
  CREATE INDEX self_audits_due ON public.self_audits USING btree (bucket, next_at) WHERE (next_at IS NOT NULL)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table settlement_lines (
  bucket smallint not null
  merchant_id uuid not null
  rail text not null
  business_date date not null
  content_hash text not null
  line_number integer not null
  kind text not null
  currency character(3) not null
  change_minor bigint not null
  balance_minor bigint
  order_number text
  rail_reference text not null
  at timestamp with time zone not null
  wording text not null
)
  constraint settlement_lines_pkey PRIMARY KEY (bucket, merchant_id, rail, business_date, content_hash, line_number)
  constraint settlement_lines_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint settlement_lines_bucket_check CHECK (((bucket >= 0) AND (bucket <= 1023)))
  constraint settlement_lines_kind_check CHECK ((kind = ANY (ARRAY['payment'::text, 'refund'::text, 'fee'::text, 'payout'::text, 'other'::text])))
  constraint settlement_lines_line_number_check CHECK ((line_number > 0))
  CREATE INDEX settlement_lines_in_order ON public.settlement_lines USING btree (merchant_id, rail, business_date, content_hash, line_number)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select to daikou_app

table settlements (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  rail text not null
  business_date date not null
  reference text not null
  source text not null
  currency character(3) not null
  amount_minor bigint not null
  state text not null
  bank_line_id uuid
  arrived_on date
)
  constraint settlements_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint settlements_once UNIQUE (bucket, merchant_id, rail, reference)
  constraint settlements_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint settlements_arrived_by_a_line CHECK ((((state = 'arrived'::text) = (bank_line_id IS NOT NULL)) AND ((bank_line_id IS NULL) = (arrived_on IS NULL))))
  constraint settlements_bucket_check CHECK (((bucket >= 0) AND (bucket <= 1023)))
  constraint settlements_reference_check CHECK ((reference <> ''::text))
  constraint settlements_source_check CHECK ((source = ANY (ARRAY['statement'::text, 'bill'::text])))
  constraint settlements_state_check CHECK ((state = ANY (ARRAY['sent'::text, 'overdue'::text, 'arrived'::text, 'withdrawn'::text])))
  CREATE INDEX settlements_by_id ON public.settlements USING btree (merchant_id, id)
  CREATE INDEX settlements_on_their_way ON public.settlements USING btree (merchant_id, rail, business_date) WHERE (state = ANY (ARRAY['sent'::text, 'overdue'::text]))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table subscription_changes (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  subscription_id uuid not null
  type text not null
  command jsonb not null
  effective_on date not null
  adjusted_minor bigint not null
  at timestamp with time zone not null
)
  constraint subscription_changes_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint subscription_changes_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint subscription_changes_bucket_merchant_id_subscription_id_fkey FOREIGN KEY (bucket, merchant_id, subscription_id) REFERENCES subscriptions(bucket, merchant_id, id)
  CREATE INDEX subscription_changes_of_subscription ON public.subscription_changes USING btree (bucket, merchant_id, subscription_id, id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER subscription_changes_append_only BEFORE DELETE OR UPDATE ON public.subscription_changes FOR EACH ROW EXECUTE FUNCTION daikou_append_only()
  grant insert, select to daikou_app

table subscription_items (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  subscription_id uuid not null
  position smallint not null
  kind text not null
  price_version_id uuid not null
  quantity bigint not null
  starts_on date not null
  ends_on date
  agreed_model jsonb
  continues uuid
)
  constraint subscription_items_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint subscription_items_bucket_merchant_id_subscription_id_fkey FOREIGN KEY (bucket, merchant_id, subscription_id) REFERENCES subscriptions(bucket, merchant_id, id)
  constraint subscription_items_merchant_id_price_version_id_fkey FOREIGN KEY (merchant_id, price_version_id) REFERENCES price_versions(merchant_id, id)
  constraint subscription_items_end_after_start CHECK ((ends_on >= starts_on))
  constraint subscription_items_kind_check CHECK ((kind = ANY (ARRAY['flat'::text, 'seat'::text, 'module'::text, 'metered'::text, 'one_off'::text])))
  constraint subscription_items_position_check CHECK (("position" > 0))
  CREATE INDEX subscription_items_of_subscription ON public.subscription_items USING btree (bucket, merchant_id, subscription_id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant delete, insert, select, update to daikou_app

table subscription_transfers (
  bucket smallint not null
  merchant_id uuid not null
  subscription_id uuid not null
  direction text not null
  other_subscription_id uuid not null
  customer_id uuid not null
  other_customer_id uuid not null
  on_date date not null
  keep_paid boolean not null
  at timestamp with time zone not null
)
  constraint subscription_transfers_pkey PRIMARY KEY (bucket, merchant_id, subscription_id, direction)
  constraint subscription_transfers_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint subscription_transfers_bucket_merchant_id_subscription_id_fkey FOREIGN KEY (bucket, merchant_id, subscription_id) REFERENCES subscriptions(bucket, merchant_id, id)
  constraint subscription_transfers_direction_check CHECK ((direction = ANY (ARRAY['from'::text, 'to'::text])))
  constraint subscription_transfers_have_two_sides CHECK (((subscription_id <> other_subscription_id) AND (customer_id <> other_customer_id)))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER subscription_transfers_append_only BEFORE DELETE OR UPDATE ON public.subscription_transfers FOR EACH ROW EXECUTE FUNCTION daikou_append_only()
  grant insert, select to daikou_app

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
  next_bill_at timestamp with time zone not null
  collection text not null
  payment_method_label text not null
  contract_start date
  contract_end date
  created_at timestamp with time zone not null
  beneficiary_id uuid
  starts_on date not null
  ends_on date
  trial_ends_on date
  pauses jsonb
  auto_renew boolean not null
  contract_terms jsonb
  billed_through date not null
  arrears_through date not null
  parked_reason text
  parked_sentence text
  parked_at timestamp with time zone
)
  constraint subscriptions_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint subscriptions_beneficiary_fkey FOREIGN KEY (bucket, merchant_id, beneficiary_id) REFERENCES customers(bucket, merchant_id, id)
  constraint subscriptions_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint subscriptions_merchant_id_plan_id_fkey FOREIGN KEY (merchant_id, plan_id) REFERENCES plans(merchant_id, id)
  constraint subscriptions_collection_check CHECK ((collection = ANY (ARRAY['auto_debit'::text, 'by_hand'::text])))
  constraint subscriptions_contract_is_whole CHECK ((((contract_start IS NULL) = (contract_end IS NULL)) AND ((contract_start IS NULL) = (contract_terms IS NULL))))
  constraint subscriptions_end_after_start CHECK ((ends_on >= starts_on))
  constraint subscriptions_interval_count_check CHECK ((interval_count > 0))
  constraint subscriptions_interval_unit_check CHECK ((interval_unit = ANY (ARRAY['day'::text, 'week'::text, 'month'::text, 'year'::text])))
  constraint subscriptions_parked_reason_check CHECK ((parked_reason = ANY (ARRAY['cannot_be_billed'::text, 'too_many_lines'::text, 'amount_beyond_history'::text, 'amount_beyond_contract'::text, 'by_hand'::text])))
  constraint subscriptions_parked_says_why CHECK ((((state = 'parked'::text) = (parked_reason IS NOT NULL)) AND ((parked_reason IS NULL) = (parked_sentence IS NULL)) AND ((parked_reason IS NULL) = (parked_at IS NULL))))
  constraint subscriptions_pauses_check CHECK ((jsonb_typeof(pauses) = 'array'::text))
  constraint subscriptions_state_check CHECK ((state = ANY (ARRAY['active'::text, 'paused'::text, 'ended'::text, 'parked'::text])))
  constraint subscriptions_term_runs_forward CHECK ((contract_end > contract_start))
  CREATE INDEX subscriptions_by_id ON public.subscriptions USING btree (merchant_id, id)
  CREATE INDEX subscriptions_of_beneficiary ON public.subscriptions USING btree (bucket, merchant_id, beneficiary_id) WHERE (beneficiary_id IS NOT NULL)
  CREATE INDEX subscriptions_of_customer ON public.subscriptions USING btree (bucket, merchant_id, customer_id)
  CREATE INDEX subscriptions_to_bill ON public.subscriptions USING btree (bucket, next_bill_at) WHERE (state = ANY (ARRAY['active'::text, 'paused'::text]))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table tasks (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid
  kind text not null
  subject_kind text not null
  subject_id uuid not null
  owner text not null
  state text not null
  data jsonb not null
  due_at timestamp with time zone not null
  opened_at timestamp with time zone not null
  ended_at timestamp with time zone
  ended_by text
  note text
)
  constraint tasks_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint tasks_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint tasks_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint tasks_data_check CHECK ((jsonb_typeof(data) = 'object'::text))
  constraint tasks_end_is_whole CHECK ((((state = 'open'::text) = (ended_at IS NULL)) AND ((ended_at IS NULL) = (ended_by IS NULL))))
  constraint tasks_ended_by_check CHECK (((length(ended_by) >= 1) AND (length(ended_by) <= 100)))
  constraint tasks_kind_check CHECK ((kind <> ''::text))
  constraint tasks_note_check CHECK ((length(note) <= 500))
  constraint tasks_owner_check CHECK ((owner = ANY (ARRAY['support'::text, 'finance'::text, 'operations'::text, 'admin'::text, 'developer'::text])))
  constraint tasks_state_check CHECK ((state = ANY (ARRAY['open'::text, 'done'::text, 'dropped'::text])))
  CREATE INDEX tasks_by_id ON public.tasks USING btree (merchant_id, id)
  CREATE INDEX tasks_of_customer ON public.tasks USING btree (bucket, merchant_id, customer_id)
  CREATE INDEX tasks_of_subject ON public.tasks USING btree (bucket, merchant_id, subject_id)
  CREATE UNIQUE INDEX tasks_open_once ON public.tasks USING btree (bucket, merchant_id, kind, subject_kind, subject_id) WHERE (state = 'open'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  CREATE TRIGGER tasks_are_final BEFORE UPDATE ON public.tasks FOR EACH ROW EXECUTE FUNCTION daikou_task_is_final()
  grant insert, select, update to daikou_app

table top_up_rules (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  subscription_id uuid not null
  currency character(3) not null
  low_minor bigint not null
  amount_minor bigint not null
  monthly_cap_minor bigint not null
  consent_at timestamp with time zone not null
  consent_channel text not null
  consent_hash text not null
  agreed_by text not null
  agreed_at timestamp with time zone not null
  stopped_by text
  stopped_at timestamp with time zone
  is_low boolean not null
  held_by text
  next_look_at timestamp with time zone
)
  constraint top_up_rules_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint top_up_rules_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint top_up_rules_bucket_merchant_id_subscription_id_fkey FOREIGN KEY (bucket, merchant_id, subscription_id) REFERENCES subscriptions(bucket, merchant_id, id)
  constraint top_up_rules_agreed_by_check CHECK (((length(agreed_by) >= 1) AND (length(agreed_by) <= 100)))
  constraint top_up_rules_amount_minor_check CHECK ((amount_minor > 0))
  constraint top_up_rules_cap_holds_one CHECK ((monthly_cap_minor >= amount_minor))
  constraint top_up_rules_consent_channel_check CHECK ((consent_channel = ANY (ARRAY['portal'::text, 'mail'::text, 'sms'::text, 'phone'::text, 'letter'::text, 'in_person'::text])))
  constraint top_up_rules_consent_comes_first CHECK ((consent_at <= agreed_at))
  constraint top_up_rules_consent_hash_check CHECK ((consent_hash ~ '^[0-9a-f]{64}$'::text))
  constraint top_up_rules_held_by_check CHECK ((held_by = ANY (ARRAY['no_mandate'::text, 'subscription_ended'::text, 'earlier_top_up'::text, 'monthly_cap'::text])))
  constraint top_up_rules_low_minor_check CHECK ((low_minor >= 0))
  constraint top_up_rules_stop_is_whole CHECK ((((stopped_at IS NULL) = (stopped_by IS NULL)) AND ((stopped_at IS NULL) OR (next_look_at IS NULL))))
  constraint top_up_rules_stopped_by_check CHECK (((length(stopped_by) >= 1) AND (length(stopped_by) <= 100)))
  CREATE UNIQUE INDEX top_up_rules_one_in_force ON public.top_up_rules USING btree (bucket, merchant_id, customer_id, currency) WHERE (stopped_at IS NULL)
  CREATE INDEX top_up_rules_to_look ON public.top_up_rules USING btree (bucket, next_look_at) WHERE (next_look_at IS NOT NULL)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table top_ups (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  rule_id uuid not null
  invoice_id uuid not null
  currency character(3) not null
  amount_minor bigint not null
  state text not null
  requested_on date not null
  requested_at timestamp with time zone not null
  grant_id uuid
  ended_at timestamp with time zone
  next_look_at timestamp with time zone
)
  constraint top_ups_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint top_ups_once_per_invoice UNIQUE (bucket, merchant_id, invoice_id)
  constraint top_ups_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint top_ups_bucket_merchant_id_grant_id_fkey FOREIGN KEY (bucket, merchant_id, grant_id) REFERENCES credit_grants(bucket, merchant_id, id)
  constraint top_ups_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint top_ups_bucket_merchant_id_rule_id_fkey FOREIGN KEY (bucket, merchant_id, rule_id) REFERENCES top_up_rules(bucket, merchant_id, id)
  constraint top_ups_amount_minor_check CHECK ((amount_minor > 0))
  constraint top_ups_paid_has_its_grant CHECK (((state = ANY (ARRAY['paid'::text, 'returned'::text])) = (grant_id IS NOT NULL)))
  constraint top_ups_requested_is_watched CHECK ((((state = 'requested'::text) = (next_look_at IS NOT NULL)) AND ((state = 'requested'::text) = (ended_at IS NULL))))
  constraint top_ups_state_check CHECK ((state = ANY (ARRAY['requested'::text, 'paid'::text, 'refused'::text, 'returned'::text])))
  CREATE INDEX top_ups_of_customer ON public.top_ups USING btree (bucket, merchant_id, customer_id, requested_on)
  CREATE UNIQUE INDEX top_ups_one_at_a_time ON public.top_ups USING btree (bucket, merchant_id, customer_id, currency) WHERE (state = 'requested'::text)
  CREATE INDEX top_ups_to_look ON public.top_ups USING btree (bucket, next_look_at) WHERE (state = 'requested'::text)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant insert, select, update to daikou_app

table usage_batches (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  received_at timestamp with time zone not null
  event_count integer not null
  folded_at timestamp with time zone
  set_aside_at timestamp with time zone
  set_aside_reason text
)
  constraint usage_batches_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint usage_batches_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint usage_batches_bucket_check CHECK (((bucket >= 0) AND (bucket <= 1023)))
  constraint usage_batches_event_count_check CHECK ((event_count > 0))
  constraint usage_batches_set_aside_is_not_folded CHECK (((set_aside_at IS NULL) OR (folded_at IS NULL)))
  constraint usage_batches_set_aside_reason_check CHECK ((set_aside_reason <> ''::text))
  constraint usage_batches_set_aside_says_why CHECK (((set_aside_at IS NULL) = (set_aside_reason IS NULL)))
  CREATE INDEX usage_batches_set_aside ON public.usage_batches USING btree (merchant_id, id) WHERE (set_aside_at IS NOT NULL)
  CREATE INDEX usage_batches_to_fold ON public.usage_batches USING btree (merchant_id, id) WHERE ((folded_at IS NULL) AND (set_aside_at IS NULL))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant)) with check (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant))
  grant delete, insert, select, update to daikou_app

table usage_billed (
  bucket smallint not null
  merchant_id uuid not null
  customer_id uuid not null
  subscription_id uuid not null
  subscription_item_id uuid not null
  meter_id uuid not null
  period_start date not null
  period_end date not null
  invoice_id uuid not null
  units numeric not null
  pack_units numeric not null
  amount_minor bigint not null
  currency character(3) not null
)
  constraint usage_billed_pkey PRIMARY KEY (bucket, merchant_id, subscription_item_id, period_start, invoice_id)
  constraint usage_billed_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint usage_billed_bucket_merchant_id_invoice_id_fkey FOREIGN KEY (bucket, merchant_id, invoice_id) REFERENCES invoices(bucket, merchant_id, id)
  constraint usage_billed_bucket_merchant_id_subscription_id_fkey FOREIGN KEY (bucket, merchant_id, subscription_id) REFERENCES subscriptions(bucket, merchant_id, id)
  constraint usage_billed_merchant_id_meter_id_fkey FOREIGN KEY (merchant_id, meter_id) REFERENCES meters(merchant_id, id)
  constraint usage_billed_pack_units_check CHECK ((pack_units >= (0)::numeric))
  constraint usage_billed_period_runs_forward CHECK ((period_end > period_start))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant)) with check (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant))
  grant delete, insert, select to daikou_app

table usage_events (
  bucket smallint not null
  merchant_id uuid not null
  source text not null
  event_id text not null
  type text not null
  customer_id uuid not null
  at timestamp with time zone not null
  day date not null
  data jsonb not null
  batch_id uuid not null
)
  constraint usage_events_pkey PRIMARY KEY (bucket, merchant_id, source, event_id)
  constraint usage_events_bucket_check CHECK (((bucket >= 0) AND (bucket <= 1023)))
  CREATE INDEX usage_events_of_batch ON public.usage_events USING btree (batch_id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant)) with check (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant))
  grant delete, insert, select to daikou_app

table usage_rollups (
  bucket smallint not null
  merchant_id uuid not null
  customer_id uuid not null
  meter_id uuid not null
  day date not null
  group_key text not null
  units numeric not null
  event_count bigint not null
  state jsonb
)
  constraint usage_rollups_pkey PRIMARY KEY (bucket, merchant_id, customer_id, meter_id, day, group_key)
  constraint usage_rollups_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint usage_rollups_merchant_id_meter_id_fkey FOREIGN KEY (merchant_id, meter_id) REFERENCES meters(merchant_id, id)
  constraint usage_rollups_event_count_check CHECK ((event_count >= 0))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant)) with check (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant))
  grant insert, select, update to daikou_app

table usage_threshold_crossings (
  bucket smallint not null
  merchant_id uuid not null
  threshold_id uuid not null
  period_start date not null
  crossed_at timestamp with time zone not null
)
  constraint usage_threshold_crossings_pkey PRIMARY KEY (bucket, merchant_id, threshold_id, period_start)
  constraint usage_threshold_crossings_bucket_merchant_id_threshold_id_fkey FOREIGN KEY (bucket, merchant_id, threshold_id) REFERENCES usage_thresholds(bucket, merchant_id, id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant)) with check (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant))
  grant delete, insert, select to daikou_app

table usage_thresholds (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  meter_id uuid not null
  kind text not null
  units numeric
  amount_minor bigint
  currency character(3)
  anchor date not null
  interval_unit text not null
  interval_count integer not null
  created_at timestamp with time zone not null
)
  constraint usage_thresholds_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint usage_thresholds_bucket_merchant_id_customer_id_fkey FOREIGN KEY (bucket, merchant_id, customer_id) REFERENCES customers(bucket, merchant_id, id)
  constraint usage_thresholds_merchant_id_meter_id_fkey FOREIGN KEY (merchant_id, meter_id) REFERENCES meters(merchant_id, id)
  constraint usage_thresholds_amount_minor_check CHECK ((amount_minor > 0))
  constraint usage_thresholds_have_one_limit CHECK ((((kind = 'units'::text) = (units IS NOT NULL)) AND ((kind = 'amount'::text) = (amount_minor IS NOT NULL)) AND ((amount_minor IS NULL) = (currency IS NULL))))
  constraint usage_thresholds_interval_count_check CHECK ((interval_count > 0))
  constraint usage_thresholds_interval_unit_check CHECK ((interval_unit = ANY (ARRAY['day'::text, 'week'::text, 'month'::text, 'year'::text])))
  constraint usage_thresholds_kind_check CHECK ((kind = ANY (ARRAY['units'::text, 'amount'::text])))
  constraint usage_thresholds_units_check CHECK ((units > (0)::numeric))
  CREATE INDEX usage_thresholds_of_customer ON public.usage_thresholds USING btree (bucket, merchant_id, customer_id, meter_id)
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant)) with check (merchant_id = ( SELECT daikou_merchant() AS daikou_merchant))
  grant delete, insert, select, update to daikou_app

table webhook_deliveries (
  bucket smallint not null
  merchant_id uuid not null
  id uuid not null
  customer_id uuid not null
  event_id uuid not null
  endpoint_id uuid not null
  round integer not null
  state text not null
  attempt_count integer not null
  due_at timestamp with time zone not null
  lease_until timestamp with time zone
  last_status smallint
  last_code text
  last_at timestamp with time zone
  ended_at timestamp with time zone
  created_at timestamp with time zone not null
)
  constraint webhook_deliveries_pkey PRIMARY KEY (bucket, merchant_id, id)
  constraint webhook_deliveries_once_a_round UNIQUE (bucket, merchant_id, event_id, endpoint_id, round)
  constraint webhook_deliveries_bucket_merchant_id_event_id_fkey FOREIGN KEY (bucket, merchant_id, event_id) REFERENCES events(bucket, merchant_id, id)
  constraint webhook_deliveries_attempt_count_check CHECK ((attempt_count >= 0))
  constraint webhook_deliveries_end_is_whole CHECK (((state = ANY (ARRAY['delivered'::text, 'given_up'::text])) = (ended_at IS NOT NULL)))
  constraint webhook_deliveries_last_code_check CHECK ((length(last_code) <= 200))
  constraint webhook_deliveries_last_status_check CHECK (((last_status >= 100) AND (last_status <= 599)))
  constraint webhook_deliveries_lease_is_of_those_that_wait CHECK (((lease_until IS NULL) OR (state = ANY (ARRAY['pending'::text, 'failed'::text]))))
  constraint webhook_deliveries_round_check CHECK ((round > 0))
  constraint webhook_deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'failed'::text, 'delivered'::text, 'given_up'::text])))
  CREATE INDEX webhook_deliveries_by_id ON public.webhook_deliveries USING btree (merchant_id, id)
  CREATE INDEX webhook_deliveries_due ON public.webhook_deliveries USING btree (merchant_id, endpoint_id, due_at) WHERE (state = ANY (ARRAY['pending'::text, 'failed'::text]))
  CREATE INDEX webhook_deliveries_ended ON public.webhook_deliveries USING btree (merchant_id, ended_at) WHERE (state = ANY (ARRAY['delivered'::text, 'given_up'::text]))
  CREATE UNIQUE INDEX webhook_deliveries_wait_once ON public.webhook_deliveries USING btree (bucket, merchant_id, event_id, endpoint_id) WHERE (state = ANY (ARRAY['pending'::text, 'failed'::text]))
  policy admin to daikou_admin using true with check true
  policy tenant to daikou_app using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant())
  grant delete, insert, select, update to daikou_app

table webhook_endpoints (
  merchant_id uuid not null
  id uuid not null
  url text not null
  description text not null
  types jsonb not null
  state text not null
  secret text not null
  former_secret text
  former_until timestamp with time zone
  failing_since timestamp with time zone
  retry_at timestamp with time zone
  disabled_reason text
  disabled_by text
  disabled_at timestamp with time zone
  created_by text not null
  created_at timestamp with time zone not null
)
  constraint webhook_endpoints_pkey PRIMARY KEY (merchant_id, id)
  constraint webhook_endpoints_merchant_id_fkey FOREIGN KEY (merchant_id) REFERENCES merchants(id)
  constraint webhook_endpoints_created_by_check CHECK ((length(created_by) <= 100))
  constraint webhook_endpoints_description_check CHECK ((length(description) <= 200))
  constraint webhook_endpoints_disabled_by_check CHECK ((length(disabled_by) <= 100))
  constraint webhook_endpoints_disabled_reason_check CHECK ((disabled_reason = ANY (ARRAY['by_person'::text, 'failing'::text, 'gone'::text])))
  constraint webhook_endpoints_end_is_whole CHECK ((((state = ANY (ARRAY['disabled'::text, 'removed'::text])) = (disabled_reason IS NOT NULL)) AND ((disabled_reason IS NULL) = (disabled_by IS NULL)) AND ((disabled_by IS NULL) = (disabled_at IS NULL))))
  constraint webhook_endpoints_failing_is_whole CHECK ((((state = 'failing'::text) = (failing_since IS NOT NULL)) AND ((failing_since IS NULL) = (retry_at IS NULL))))
  constraint webhook_endpoints_former_is_whole CHECK (((former_secret IS NULL) = (former_until IS NULL)))
  constraint webhook_endpoints_removed_has_no_secret CHECK ((((state = 'removed'::text) = (secret = ''::text)) AND ((state <> 'removed'::text) OR (former_secret IS NULL))))
  constraint webhook_endpoints_state_check CHECK ((state = ANY (ARRAY['enabled'::text, 'failing'::text, 'disabled'::text, 'removed'::text])))
  constraint webhook_endpoints_types_check CHECK (((jsonb_typeof(types) = 'array'::text) AND (jsonb_array_length(types) > 0)))
  constraint webhook_endpoints_url_check CHECK (((length(url) >= 1) AND (length(url) <= 2048)))
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
   where (a.amount_minor <> d.amount_minor or a.currency <> d.currency or a.rail <> d.rail
      or a.amount_minor > m.single_cap_minor or m.currency <> a.currency or m.rail <> a.rail
      or m.state <> 'active')
     and (a.state <> 'unknown' or not exists (
       select from quarantines q where q.merchant_id = a.merchant_id and q.state = 'open'))
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


CREATE OR REPLACE FUNCTION public.daikou_credit_within_line()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  beyond record;
begin
  perform from invoices i
    where (i.bucket, i.merchant_id, i.id) in (select bucket, merchant_id, invoice_id from added)
    order by i.id for no key update;
  select l.invoice_id, l.position into beyond
    from (select distinct bucket, merchant_id, invoice_id, position from added) a
    join invoice_lines l using (bucket, merchant_id, invoice_id, position)
    cross join lateral (
      select sum(c.amount_minor) as amount, sum(c.net_minor) as net, sum(c.tax_minor) as tax
        from credit_note_lines c
       where c.bucket = l.bucket and c.merchant_id = l.merchant_id
         and c.invoice_id = l.invoice_id and c.position = l.position) as taken
   where taken.amount > l.amount_minor or taken.net > l.net_minor or taken.tax > l.tax_minor
   limit 1;
  if found then
    raise exception 'line % of invoice % would be credited beyond what it billed',
      beyond.position, beyond.invoice_id
      using errcode = 'check_violation', table = 'credit_note_lines',
            constraint = 'credit_note_lines_within_invoice_line';
  end if;
  return null;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_delivery_id(event uuid, endpoint uuid, round integer)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE STRICT
AS $function$
    select (left(event::text, 15)
            || substr(m, 1, 3) || '-8' || substr(m, 4, 3) || '-' || substr(m, 7, 9)
            || right(event::text, 3))::uuid
      from md5(event::text || endpoint::text || round) as m
  $function$


CREATE OR REPLACE FUNCTION public.daikou_dunning_case_is_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.state = 'ended' and new is distinct from old then
    raise exception 'dunning case % has ended', old.id
      using errcode = 'restrict_violation', constraint = 'dunning_cases_end_is_final';
  end if;
  if jsonb_array_length(new.timeline) < jsonb_array_length(old.timeline) then
    raise exception 'the timeline of dunning case % only grows', old.id
      using errcode = 'restrict_violation', constraint = 'dunning_cases_timeline_grows';
  end if;
  return new;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_entitlement_facts(of_bucket smallint, of_customer uuid)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
AS $function$
begin
  return (
    select json_build_object(
      'id', c.id,
      'external_reference', c.external_reference,
      'payer_id', coalesce(c.payer_id, c.id),
      'subscriptions', (
        select json_agg(json_build_object('id', s.id, 'plan', l.code, 'state', s.state,
                 'starts_on', s.starts_on, 'ends_on', s.ends_on,
                 'trial_ends_on', s.trial_ends_on, 'pauses', s.pauses,
                 'auto_renew', s.auto_renew, 'billed_through', s.billed_through,
                 'items', (
                   select json_agg(json_build_object('kind', i.kind, 'code', p.code,
                            'quantity', i.quantity::text, 'from', i.starts_on,
                            'until', i.ends_on) order by i.position)
                     from subscription_items i
                     join price_versions v on v.merchant_id = i.merchant_id
                                          and v.id = i.price_version_id
                     join prices p on p.merchant_id = v.merchant_id and p.id = v.price_id
                    where i.bucket = s.bucket and i.merchant_id = s.merchant_id
                      and i.subscription_id = s.id))
                 order by s.id)
          from (
            select * from subscriptions o
             where o.bucket = c.bucket and o.merchant_id = c.merchant_id and o.customer_id = c.id
               and o.beneficiary_id is null
            union all
            select * from subscriptions u
             where u.bucket = c.bucket and u.merchant_id = c.merchant_id
               and u.beneficiary_id = c.id) as s
          join plans l on l.merchant_id = s.merchant_id and l.id = s.plan_id),
      'arrears', (
        select to_json(a) from arrears_states a
         where a.bucket = c.bucket and a.merchant_id = c.merchant_id
           and a.customer_id = coalesce(c.payer_id, c.id)),
      'overrides', (
        select json_agg(o order by o.id) from entitlement_overrides o
         where o.bucket = c.bucket and o.merchant_id = c.merchant_id and o.customer_id = c.id
           and o.withdrawn_at is null))
      from customers c
     where c.bucket = of_bucket and c.id = of_customer);
end $function$


CREATE OR REPLACE FUNCTION public.daikou_entries_balance()
 RETURNS trigger
 LANGUAGE plpgsql
 SET enable_seqscan TO 'off'
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
  select a.journal_id into wrong
    from (select bucket, merchant_id, journal_id, count(*) as given, max(position) as last
            from added group by bucket, merchant_id, journal_id) a
   cross join lateral (
          select entry_count from journals j
           where j.bucket = a.bucket and j.merchant_id = a.merchant_id and j.id = a.journal_id
          offset 0) j
   where a.given <> j.entry_count or a.last <> j.entry_count limit 1;
  if found then
    raise exception 'journal % was not given all its entries at once', wrong.journal_id
      using errcode = 'check_violation', constraint = 'entries_of_a_whole_journal';
  end if;
  return null;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_grant_moves_alerts()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  update balance_alerts b set next_look_at = timestamptz '1970-01-01 00:00:00+00'
    from moved n
   where b.bucket = n.bucket and b.merchant_id = n.merchant_id
     and b.customer_id = n.customer_id and b.currency = n.currency;
  return null;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_grant_moves_top_ups()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  update top_up_rules a set next_look_at = timestamptz '1970-01-01 00:00:00+00'
    from moved n
   where a.bucket = n.bucket and a.merchant_id = n.merchant_id
     and a.customer_id = n.customer_id and a.currency = n.currency and a.stopped_at is null;
  return null;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_hand_payment_is_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (old.customer_id, old.method, old.currency, old.amount_minor, old.to_balance_minor,
      old.grant_id, old.reference, old.received_at, old.recorded_at)
    is distinct from
    (new.customer_id, new.method, new.currency, new.amount_minor, new.to_balance_minor,
      new.grant_id, new.reference, new.received_at, new.recorded_at) then
    raise exception 'what payment % brought cannot change', old.id
      using errcode = 'restrict_violation', constraint = 'hand_payments_are_final';
  end if;
  if old.state = 'reversed' and new is distinct from old then
    raise exception 'payment % is reversed', old.id
      using errcode = 'restrict_violation', constraint = 'hand_payments_reversal_is_final';
  end if;
  return new;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_invoice_moves_arrears()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  update arrears_states s set next_look_at = timestamptz '1970-01-01 00:00:00+00'
    from moved n
    join unmoved o
      on o.bucket = n.bucket and o.merchant_id = n.merchant_id and o.id = n.id
   where s.bucket = n.bucket and s.merchant_id = n.merchant_id and s.customer_id = n.customer_id
     and s.next_look_at is not null
     and (o.state, o.credited_minor, o.balance_applied_minor, o.due_date)
         is distinct from (n.state, n.credited_minor, n.balance_applied_minor, n.due_date);
  return null;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_invoice_moves_top_ups()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  update top_ups t set next_look_at = timestamptz '1970-01-01 00:00:00+00'
    from moved n
   where t.bucket = n.bucket and t.merchant_id = n.merchant_id and t.invoice_id = n.id
     and t.state = 'requested' and n.state in ('paid', 'void');
  return null;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_made_at(id uuid)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE STRICT
AS $function$
    select 'epoch'::timestamptz + make_interval(secs =>
      ('x' || replace(left(id::text, 13), '-', ''))::bit(48)::bigint / 1000.0)
  $function$


CREATE OR REPLACE FUNCTION public.daikou_merchant()
 RETURNS uuid
 LANGUAGE sql
 STABLE
AS $function$ select nullif(current_setting('daikou.merchant_id', true), '')::uuid $function$


CREATE OR REPLACE FUNCTION public.daikou_override_is_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (old.customer_id, old.kind, old.code, old.quantity, old.invoice_id, old.until, old.granted_by,
      old.why, old.created_at)
    is distinct from
    (new.customer_id, new.kind, new.code, new.quantity, new.invoice_id, new.until, new.granted_by,
      new.why, new.created_at) or (old.withdrawn_at is not null and new is distinct from old) then
    raise exception 'what override % granted cannot change', old.id
      using errcode = 'restrict_violation', constraint = 'entitlement_overrides_are_final';
  end if;
  return new;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_quarantine_submits_nothing()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  held uuid;
begin
  if tg_op = 'INSERT' then
    select a.id into held from added a
     where a.state = 'submitting'
       and exists (select from quarantines q
                    where q.merchant_id = a.merchant_id and q.state = 'open')
     limit 1;
  else
    select a.id into held from added a
      join removed r on r.bucket = a.bucket and r.merchant_id = a.merchant_id and r.id = a.id
     where a.state = 'submitting' and r.state <> 'submitting'
       and exists (select from quarantines q
                    where q.merchant_id = a.merchant_id and q.state = 'open')
     limit 1;
  end if;
  if found then
    raise exception '% of % cannot be sent: the merchant is in quarantine after a restore', held,
      tg_table_name
      using errcode = 'check_violation', constraint = tg_table_name || '_not_in_quarantine',
            table = tg_table_name;
  end if;
  return null;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_refund_is_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (old.refund_number, old.attempt_id, old.payment_id, old.exception_id, old.currency,
      old.amount_minor, old.processing_minor, old.paid_minor, old.approval_hash)
    is distinct from
    (new.refund_number, new.attempt_id, new.payment_id, new.exception_id, new.currency,
      new.amount_minor, new.processing_minor, new.paid_minor, new.approval_hash) then
    raise exception 'what refund % asked for cannot change', old.id
      using errcode = 'restrict_violation', constraint = 'refunds_request_is_final';
  end if;
  if old.state in ('succeeded', 'withdrawn') and new is distinct from old then
    raise exception 'refund % has ended as % and cannot become %', old.id, old.state, new.state
      using errcode = 'restrict_violation', constraint = 'refunds_end_is_final';
  end if;
  return new;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_refunds_within_payment()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  taken numeric;
begin
  if new.attempt_id is null or new.state = 'withdrawn' then return new; end if;
  perform from attempts a
    where a.bucket = new.bucket and a.merchant_id = new.merchant_id and a.id = new.attempt_id
    for no key update;
  select coalesce(sum(r.amount_minor), 0) into taken
    from refunds r
   where r.bucket = new.bucket and r.merchant_id = new.merchant_id
     and r.attempt_id = new.attempt_id and r.id <> new.id and r.state <> 'withdrawn';
  if taken + new.amount_minor > new.paid_minor then
    raise exception 'refund % of % would exceed the % that was paid; % is taken', new.id,
      new.amount_minor, new.paid_minor, taken
      using errcode = 'check_violation', constraint = 'refunds_within_payment';
  end if;
  return new;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_request_ends_once()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if old.state <> 'in_flight'
    or (old.key_hash, old.fingerprint, old.created_at)
       is distinct from (new.key_hash, new.fingerprint, new.created_at) then
    raise exception 'a request under an idempotency key ends once'
      using errcode = 'restrict_violation', constraint = 'idempotency_keys_end_once';
  end if;
  return new;
end $function$


CREATE OR REPLACE FUNCTION public.daikou_task_is_final()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if (old.customer_id, old.kind, old.subject_kind, old.subject_id, old.opened_at)
    is distinct from
    (new.customer_id, new.kind, new.subject_kind, new.subject_id, new.opened_at) then
    raise exception 'what task % is about cannot change', old.id
      using errcode = 'restrict_violation', constraint = 'tasks_are_about_one_thing';
  end if;
  if old.state <> 'open' and new is distinct from old then
    raise exception 'task % has ended', old.id
      using errcode = 'restrict_violation', constraint = 'tasks_end_is_final';
  end if;
  return new;
end $function$

