import {
  type BucketRange,
  bucketOf,
  type DriftId,
  fromUuid,
  type MandateDrift,
  type MandateId,
  type Page,
  type SweptMandate,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, insertNewRows, type NewRow, wantedIds } from '../array-write.ts';
import { fromInstant, given, orNull, toInstant } from '../columns.ts';
import { inState, limitOf, pageOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';
import { fromMandateRow } from './rows.ts';

/**
 * Mandates to compare with the rail's word, after a cursor: active ones, and those that ended after
 * `endedSince` by anyone but the rail or the payer there.
 */
export async function loadMandatesToSweep(
  db: Database,
  query: {
    readonly buckets: BucketRange;
    readonly endedSince: Temporal.Instant;
    readonly after?: MandateId;
    readonly limit: number;
  },
): Promise<readonly SweptMandate[]> {
  const after = query.after === undefined ? sql`true` : sql`id > ${toUuid(query.after)}`;
  const rows = await readRows(
    db,
    'mandates',
    sql`
    select * from mandates
     where bucket >= ${query.buckets.from} and bucket < ${query.buckets.until}
       and (state = 'active' or (state = 'ended' and ended_at > ${toInstant(query.endedSince)}))
       and ${after}
     order by id limit ${limitOf(query.limit)}`,
  );
  const mandates = rows.map(fromMandateRow);
  const served = await findCollectedCustomers(
    db,
    mandates.map(({ customerId }) => customerId),
  );
  return mandates.map((mandate) => ({ mandate, hasSubscription: served.has(mandate.customerId) }));
}

/** Those of the customers who have a subscription that is still billed and collected by debit. */
async function findCollectedCustomers(
  db: Database,
  customers: readonly MandateDriftCustomer[],
): Promise<ReadonlySet<string>> {
  if (customers.length === 0) return new Set();
  const { rows } = await sql<{ id: string }>`
    select distinct wanted.id from ${wantedIds([...new Set(customers)])}
      join subscriptions s on s.bucket = wanted.bucket and s.customer_id = wanted.id
     where s.state in ('active', 'paused', 'parked') and s.collection = 'auto_debit'`.execute(db);
  return new Set(rows.map(({ id }) => fromUuid('cus', id)));
}

type MandateDriftCustomer = MandateDrift['customerId'];

/** Adds findings; one that is open already for its mandate and kind stays as it is. */
export async function addDrifts(
  db: Database,
  drifts: readonly MandateDrift[],
): Promise<readonly DriftId[]> {
  const ids = await insertNewRows(db, 'mandate_drifts', drifts.map(toDriftRow));
  return ids.map((id) => fromUuid('drf', id));
}

export async function resolveDrifts(
  db: Database,
  about: {
    readonly mandates: readonly MandateId[];
    readonly kind: MandateDrift['kind'];
    readonly at: Temporal.Instant;
  },
): Promise<void> {
  if (about.mandates.length === 0) return;
  await sql`
    update mandate_drifts d set state = 'resolved', resolved_at = ${toInstant(about.at)}
      from ${wantedIds(about.mandates)}
     where wanted.bucket = d.bucket and wanted.id = d.mandate_id
       and d.state = 'open' and d.kind = ${about.kind}`.execute(db);
}

export async function listDrifts(
  db: Database,
  page: Page & { readonly state?: string },
): Promise<readonly MandateDrift[]> {
  const rows = await readRows(
    db,
    'mandate_drifts',
    sql`select * from mandate_drifts where ${inState(page.state)} and ${pageOf(page)}`,
  );
  return rows.map(fromDriftRow);
}

function toDriftRow(drift: MandateDrift): NewRow<'mandate_drifts'> {
  return {
    bucket: bucketOf(drift.id),
    merchant_id: toUuid(drift.merchantId),
    id: toUuid(drift.id),
    mandate_id: toUuid(drift.mandateId),
    customer_id: toUuid(drift.customerId),
    kind: drift.kind,
    action: drift.action,
    state: drift.state,
    evidence: drift.evidence,
    found_at: toInstant(drift.foundAt),
    resolved_at: orNull(drift.resolvedAt, toInstant),
  };
}

export function fromDriftRow(row: Tables['mandate_drifts']): MandateDrift {
  return {
    id: fromUuid('drf', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    mandateId: fromUuid('man', row.mandate_id),
    kind: row.kind as MandateDrift['kind'],
    action: row.action as MandateDrift['action'],
    state: row.state as MandateDrift['state'],
    evidence: row.evidence,
    foundAt: fromInstant(row.found_at),
    ...given('resolvedAt', row.resolved_at, fromInstant),
  };
}
