import { fromUuid, type JsonObject, type Policy, type PolicyKind, toUuid } from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, insertNewRows, type NewRow } from '../array-write.ts';
import { fromInstant, toInstant } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';

/** The newest version of each code of a kind, by code. */
export async function loadPolicies(db: Database, kind: PolicyKind): Promise<readonly Policy[]> {
  const rows = await readRows(
    db,
    'policies',
    sql`
    select distinct on (code) * from policies where kind = ${kind} order by code, version desc`,
  );
  return rows.map(fromPolicyRow);
}

/** Every version of a kind, or of all, oldest first. */
export async function listPolicies(db: Database, kind?: PolicyKind): Promise<readonly Policy[]> {
  const wanted = kind === undefined ? sql`true` : sql`kind = ${kind}`;
  const rows = await readRows(
    db,
    'policies',
    sql`select * from policies where ${wanted} order by kind, code, version`,
  );
  return rows.map(fromPolicyRow);
}

/** Adds a version; false where that version is there already. */
export async function addPolicy(db: Database, policy: Policy): Promise<boolean> {
  const inserted = await insertNewRows(db, 'policies', [toPolicyRow(policy)]);
  return inserted.length === 1;
}

function toPolicyRow(policy: Policy): NewRow<'policies'> {
  return {
    merchant_id: toUuid(policy.merchantId),
    id: toUuid(policy.id),
    kind: policy.kind,
    code: policy.code,
    version: policy.version,
    body: policy.body,
    published_by: policy.publishedBy,
    published_at: toInstant(policy.publishedAt),
  };
}

function fromPolicyRow(row: Tables['policies']): Policy {
  return {
    id: fromUuid('pol', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    kind: row.kind as PolicyKind,
    code: row.code,
    version: row.version,
    body: row.body as JsonObject,
    publishedBy: row.published_by,
    publishedAt: fromInstant(row.published_at),
  };
}
