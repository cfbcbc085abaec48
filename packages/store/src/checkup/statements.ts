import {
  type Checkup,
  type CheckupFinding,
  type CheckupFindingId,
  type CheckupHold,
  type CheckupId,
  type CheckupTx,
  type Claim,
  type CustomerId,
  type FindingCode,
  fromUuid,
  type InvoiceId,
  type SelfAuditPlan,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, wantedIds, writeRows } from '../array-write.ts';
import { toDate, toInstant } from '../columns.ts';
import { limitOf, pageOf } from '../pages.ts';
import {
  fromCheckupRow,
  fromFindingRow,
  fromSelfAuditRow,
  toCheckupRow,
  toFindingRow,
  toSelfAuditRow,
} from './rows.ts';

export async function saveCheckups(db: Database, checkups: readonly Checkup[]): Promise<void> {
  await writeRows(db, 'checkups', { rows: checkups.map(toCheckupRow), rule: 'replace' });
}

export async function saveFindings(
  db: Database,
  findings: readonly CheckupFinding[],
): Promise<void> {
  await writeRows(db, 'checkup_findings', { rows: findings.map(toFindingRow), rule: 'replace' });
}

export async function saveSelfAudits(db: Database, plans: readonly SelfAuditPlan[]): Promise<void> {
  await writeRows(db, 'self_audits', { rows: plans.map(toSelfAuditRow), rule: 'replace' });
}

/** Due looks, earliest first; locked, skipping locked ones. */
export async function claimCheckups(db: Database, claim: Claim): Promise<readonly Checkup[]> {
  return await readCheckups(
    db,
    sql`
    select * from checkups
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and look_at <= ${toInstant(claim.dueBy)}
     order by look_at, id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
}

/** Held until the commit, in the order of their ids. */
export async function lockCheckups(
  db: Database,
  ids: readonly CheckupId[],
): Promise<readonly Checkup[]> {
  return await readCheckups(
    db,
    sql`
    select c.* from checkups c join ${wantedIds(ids)} using (bucket, id)
     order by c.id for update of c`,
  );
}

export async function loadCheckupsOf(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly Checkup[]> {
  return await readCheckups(
    db,
    sql`
    select c.* from checkups c
      join ${wantedIds(invoices)} on wanted.bucket = c.bucket and wanted.id = c.invoice_id
     order by c.id`,
  );
}

/** A page of checkups, oldest first; of one verdict or one day where they are named. */
export async function listCheckups(
  db: Database,
  page: Parameters<CheckupTx['listCheckups']>[0],
): Promise<readonly Checkup[]> {
  const { verdict, date } = page;
  const ofVerdict = verdict === undefined ? sql`true` : sql`verdict = ${verdict}`;
  const onDate = date === undefined ? sql`true` : sql`debit_date = ${toDate(date)}`;
  return await readCheckups(
    db,
    sql`select * from checkups where ${ofVerdict} and ${onDate} and ${pageOf(page)}`,
  );
}

/** Findings of these checkups in any state, oldest first. */
export async function loadFindingsOf(
  db: Database,
  checkups: readonly CheckupId[],
): Promise<readonly CheckupFinding[]> {
  return await readFindings(
    db,
    sql`
    select f.* from checkup_findings f
      join ${wantedIds(checkups)} on wanted.bucket = f.bucket and wanted.id = f.checkup_id
     order by f.id`,
  );
}

export async function findFinding(
  db: Database,
  id: CheckupFindingId,
): Promise<CheckupFinding | undefined> {
  const query = sql`select f.* from checkup_findings f join ${wantedIds([id])} using (bucket, id)`;
  return (await readFindings(db, query))[0];
}

export async function loadOpenFindings(
  db: Database,
  customers: readonly CustomerId[],
): Promise<readonly CheckupFinding[]> {
  return await readFindings(
    db,
    sql`
    select f.* from checkup_findings f
      join ${wantedIds(customers)} on wanted.bucket = f.bucket and wanted.id = f.customer_id
     where f.state = 'open' order by f.id`,
  );
}

/** Of these invoices, those whose findings say something to their debit. */
export async function loadCheckupHolds(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly CheckupHold[]> {
  if (invoices.length === 0) return [];
  const { rows } = await sql<{ invoice_id: string; open: string | null; accepted: boolean }>`
    select f.invoice_id,
           string_agg(f.code, ',' order by f.code) filter (where f.state = 'open') as open,
           bool_or(f.state = 'accepted' and f.code = 'amount_unlike_history') as accepted
      from ${wantedIds(invoices)}
      join checkup_findings f on f.bucket = wanted.bucket and f.invoice_id = wanted.id
     where (f.state = 'open' and f.severity = 'blocks')
        or (f.state = 'accepted' and f.code = 'amount_unlike_history')
     group by f.invoice_id`.execute(db);
  return rows.map((row) => ({
    invoiceId: fromUuid('inv', row.invoice_id),
    open: (row.open?.split(',') ?? []) as FindingCode[],
    isAmountAccepted: row.accepted,
  }));
}

/** Due self-audits, earliest first; locked, skipping locked ones. */
export async function claimSelfAudits(
  db: Database,
  claim: Claim,
): Promise<readonly SelfAuditPlan[]> {
  const rows = await readRows(
    db,
    'self_audits',
    sql`
    select * from self_audits
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and next_at <= ${toInstant(claim.dueBy)}
     order by next_at, customer_id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
  return rows.map(fromSelfAuditRow);
}

async function readCheckups(db: Database, query: RawBuilder<unknown>): Promise<readonly Checkup[]> {
  return (await readRows(db, 'checkups', query)).map(fromCheckupRow);
}

async function readFindings(
  db: Database,
  query: RawBuilder<unknown>,
): Promise<readonly CheckupFinding[]> {
  return (await readRows(db, 'checkup_findings', query)).map(fromFindingRow);
}
