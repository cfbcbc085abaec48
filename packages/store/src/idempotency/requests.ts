import {
  bucketOfKey,
  type IdempotencyTx,
  invariant,
  type KeyedRequest,
  type KnownRequest,
  type MerchantId,
  type RequestEnd,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import type { Database } from '../array-write.ts';
import { asIs, fromInstant, given, toInstant } from '../columns.ts';
import { limitOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';

/** Requests under idempotency keys: one line for each statement function. */
export function idempotencyCalls(db: Database, merchant: MerchantId): IdempotencyTx {
  return {
    beginRequest: (request) => beginRequest(db, merchant, request),
    endRequest: (keyHash, end) => endRequest(db, placeOf(merchant, keyHash), end),
    releaseRequest: (keyHash) => releaseRequest(db, placeOf(merchant, keyHash)),
    purgeRequests: (purge) => purgeRequests(db, purge),
  };
}

type Place = { readonly bucket: number; readonly keyHash: string };

function placeOf(merchant: MerchantId, keyHash: string): Place {
  return { bucket: bucketOfKey(merchant, keyHash), keyHash };
}

/** A key may be let go of between the insert that met it and the look at its row. */
const BEGIN_TRIES = 3;

async function beginRequest(
  db: Database,
  merchant: MerchantId,
  request: KeyedRequest,
): Promise<KnownRequest | undefined> {
  const { keyHash, fingerprint, createdAt } = request;
  const { bucket } = placeOf(merchant, keyHash);
  for (let tries = 0; tries < BEGIN_TRIES; tries += 1) {
    const inserted = await sql`
      insert into idempotency_keys (bucket, merchant_id, key_hash, fingerprint, state, created_at)
      values (${bucket}, ${toUuid(merchant)}, ${keyHash}, ${fingerprint}, 'in_flight',
              ${toInstant(createdAt)})
      on conflict do nothing returning 1`.execute(db);
    if (inserted.rows.length > 0) return undefined;
    const query = sql`
      select * from idempotency_keys where bucket = ${bucket} and key_hash = ${keyHash}`;
    const [known] = await readRows(db, 'idempotency_keys', query);
    if (known !== undefined) return fromRow(known);
  }
  throw new Error('A key was let go of each time that it was asked for.');
}

async function endRequest(
  db: Database,
  { bucket, keyHash }: Place,
  end: RequestEnd,
): Promise<void> {
  const answer = end.state === 'answered' ? end.answer : undefined;
  const status = end.state === 'answer_not_kept' ? end.status : (answer?.status ?? null);
  await sql`
    update idempotency_keys
       set state = ${end.state}, status = ${status}, content_type = ${answer?.contentType ?? null},
           location = ${answer?.location ?? null}, body = ${answer?.body ?? null}
     where bucket = ${bucket} and key_hash = ${keyHash} and state = 'in_flight'`.execute(db);
}

async function releaseRequest(db: Database, { bucket, keyHash }: Place): Promise<void> {
  await sql`
    delete from idempotency_keys
     where bucket = ${bucket} and key_hash = ${keyHash} and state = 'in_flight'`.execute(db);
}

async function purgeRequests(
  db: Database,
  purge: { readonly before: Temporal.Instant; readonly limit: number },
): Promise<number> {
  const { rows } = await sql<{ purged: number }>`
    with old as materialized (
      select bucket, merchant_id, key_hash from idempotency_keys
       where created_at < ${toInstant(purge.before)}::timestamptz
       order by created_at limit ${limitOf(purge.limit)} for update skip locked
    ), gone as (
      delete from idempotency_keys k using old o
       where k.bucket = o.bucket and k.merchant_id = o.merchant_id and k.key_hash = o.key_hash
      returning 1)
    select count(*)::int as purged from gone`.execute(db);
  return rows[0]?.purged ?? 0;
}

function fromRow(row: Tables['idempotency_keys']): KnownRequest {
  const request = {
    keyHash: row.key_hash,
    fingerprint: row.fingerprint,
    createdAt: fromInstant(row.created_at),
  };
  const state = row.state as KnownRequest['state'];
  if (state === 'in_flight' || state === 'outcome_unknown') return { ...request, state };
  const { status, body } = row;
  invariant(status !== null, 'a request that was answered has a status');
  if (state === 'answer_not_kept') return { ...request, state, status };
  invariant(body !== null, 'an answer that is kept has a body');
  const answer = {
    status,
    ...given('contentType', row.content_type, asIs),
    ...given('location', row.location, asIs),
    body,
  };
  return { ...request, state, answer };
}
