-- Requests of the HTTP API that came with an `Idempotency-Key`, and what they were answered. They
-- belong to no customer and are bucketed by their own hash.
create table idempotency_keys (
  bucket smallint not null,
  merchant_id uuid not null references merchants (id),
  -- SHA-256: whoever reads the table learns no key and guesses no body.
  key_hash text not null check (key_hash ~ '^[0-9a-f]{64}$'),
  fingerprint text not null check (fingerprint ~ '^[0-9a-f]{64}$'),
  state text not null
    check (state in ('in_flight', 'answered', 'answer_not_kept', 'outcome_unknown')),
  status smallint check (status between 200 and 499),
  content_type text check (length(content_type) <= 200),
  location text check (length(location) <= 2048),
  body text check (octet_length(body) <= 262144),
  -- Of the wall clock.
  created_at timestamptz not null,
  primary key (bucket, merchant_id, key_hash),
  constraint idempotency_keys_ended_has_a_status
    check ((state in ('answered', 'answer_not_kept')) = (status is not null)),
  constraint idempotency_keys_answered_has_a_body
    check ((state = 'answered') = (body is not null)
           and (body is not null or (content_type is null and location is null)))
);
create index idempotency_keys_oldest on idempotency_keys (merchant_id, created_at);
alter table idempotency_keys enable row level security;
alter table idempotency_keys force row level security;
create policy tenant on idempotency_keys to daikou_app
  using (merchant_id = daikou_merchant()) with check (merchant_id = daikou_merchant());
create policy admin on idempotency_keys to daikou_admin using (true) with check (true);
grant select, insert, update, delete on idempotency_keys to daikou_app;

-- A request ends once: neither its answer nor that nobody knows it is ever written over.
create function daikou_request_ends_once() returns trigger
  language plpgsql
  as $$
begin
  if old.state <> 'in_flight'
    or (old.key_hash, old.fingerprint, old.created_at)
       is distinct from (new.key_hash, new.fingerprint, new.created_at) then
    raise exception 'a request under an idempotency key ends once'
      using errcode = 'restrict_violation', constraint = 'idempotency_keys_end_once';
  end if;
  return new;
end $$;
create trigger idempotency_keys_end_once before update on idempotency_keys
  for each row execute function daikou_request_ends_once();
