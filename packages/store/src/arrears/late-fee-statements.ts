import {
  type ApprovalId,
  type BalancePayment,
  type BucketRange,
  bucketOf,
  type Claim,
  type CustomerId,
  type FirstTry,
  fromUuid,
  type InvoiceId,
  type LateFee,
  type LateFeeId,
  type LateFeeLine,
  type LateFeeParts,
  type LateFeeWaiver,
  type MerchantId,
  NOT_BY_PAYER,
  toUuid,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, rowsOfIds, wantedIds, writeRows } from '../array-write.ts';
import { fromAmount, fromInstant, toDate, toInstant } from '../columns.ts';
import { fromPendingRow } from '../invoice/pending-rows.ts';
import { limitOf } from '../pages.ts';
import {
  fromLateFeeLineRow,
  fromLateFeeRow,
  fromWaiverRow,
  toLateFeeLineRow,
  toLateFeeRow,
  toWaiverRow,
} from './late-fee-rows.ts';

/** Writes late fees whole. One of an invoice that has another is refused by the database. */
export async function saveLateFees(db: Database, rows: readonly LateFee[]): Promise<void> {
  await writeRows(db, 'late_fees', { rows: rows.map(toLateFeeRow), rule: 'replace' });
}

/** Adds late fees, but none for an invoice that has one. */
export async function addLateFees(db: Database, rows: readonly LateFee[]): Promise<void> {
  if (rows.length === 0) return;
  await writeRows(db, 'late_fees', { rows: rows.map(toLateFeeRow), rule: 'keep' });
}

/** `add`: a second charge of a first day is refused by the database. */
export async function saveLateFeeLines(
  db: Database,
  rows: readonly LateFeeLine[],
  about: { readonly merchant: MerchantId; readonly rule: 'add' | 'replace' },
): Promise<void> {
  const written = rows.map((row) => toLateFeeLineRow(row, about.merchant));
  await writeRows(db, 'late_fee_lines', { rows: written, rule: about.rule });
}

export async function saveWaivers(db: Database, rows: readonly LateFeeWaiver[]): Promise<void> {
  await writeRows(db, 'late_fee_waivers', { rows: rows.map(toWaiverRow), rule: 'replace' });
}

/**
 * What makes an invoice one to watch: open, due before `on`, issued since the first late fee was
 * published, and not watched; one that was watched to its payment, which the payer's bank has taken
 * back since, is one again. `invoices` is the table in the statement around it.
 */
export function isUnwatchedOverdue(on: Temporal.PlainDate): RawBuilder<unknown> {
  return sql`state = 'open' and due_date < ${toDate(on)}
    and issued_at >= (select min(p.published_at) from policies p where p.kind = 'late_fee')
    and not exists (
      select 1 from late_fees f
       where f.bucket = invoices.bucket and f.merchant_id = invoices.merchant_id
         and f.invoice_id = invoices.id
         and (f.state = 'watched' or f.ended_for <> 'paid'))`;
}

/** Invoices to watch from now on, in the order of their due dates. */
export async function findUnwatchedOverdue(
  db: Database,
  query: { readonly buckets: BucketRange; readonly on: Temporal.PlainDate; readonly limit: number },
): Promise<readonly InvoiceId[]> {
  const { buckets, on, limit } = query;
  const { rows } = await sql<{ id: string }>`
    select id from invoices
     where bucket >= ${buckets.from} and bucket < ${buckets.until} and ${isUnwatchedOverdue(on)}
     order by due_date, id limit ${limitOf(limit)}`.execute(db);
  return rows.map(({ id }) => fromUuid('inv', id));
}

/** Late fees whose look is due, earliest first; locked, skipping locked ones. */
export async function claimLateFeesToLook(db: Database, claim: Claim): Promise<readonly LateFee[]> {
  return await readLateFees(
    db,
    sql`
    select * from late_fees
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and state = 'watched' and look_at <= ${toInstant(claim.dueBy)}
     order by look_at, id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
}

export async function loadLateFees(
  db: Database,
  invoices: readonly InvoiceId[],
  lock: 'lock' | 'look' = 'look',
): Promise<readonly LateFee[]> {
  return await readLateFees(
    db,
    sql`
    select f.* from late_fees f
      join ${wantedIds(invoices)} on wanted.bucket = f.bucket and wanted.id = f.invoice_id
     order by f.id ${lock === 'lock' ? sql`for update of f` : sql``}`,
  );
}

export async function findLateFeeById(db: Database, id: LateFeeId): Promise<LateFee | undefined> {
  const [found] = await readLateFees(
    db,
    sql`select * from late_fees where bucket = ${bucketOf(id)} and id = ${toUuid(id)}`,
  );
  return found;
}

/** What was charged and waived of these late fees, and the lines that charged it. */
export async function loadLateFeeParts(
  db: Database,
  ids: readonly LateFeeId[],
): Promise<LateFeeParts> {
  if (ids.length === 0) return { charges: [], waivers: [], lines: [] };
  const charges = await readRows(
    db,
    'late_fee_lines',
    sql`select r.* from ${rowsOfIds('late_fee_lines', 'late_fee_id', ids)}
         order by r.late_fee_id, r.first_day, r.part`,
  );
  const waivers = await readRows(
    db,
    'late_fee_waivers',
    sql`select r.* from ${rowsOfIds('late_fee_waivers', 'late_fee_id', ids)} order by r.id`,
  );
  const lineIds = charges.map((row) => fromUuid('pli', row.pending_line_id));
  const lines =
    lineIds.length === 0
      ? []
      : await readRows(
          db,
          'pending_lines',
          sql`select r.* from ${rowsOfIds('pending_lines', 'id', lineIds)} order by r.id`,
        );
  return {
    charges: charges.map(fromLateFeeLineRow),
    waivers: waivers.map(fromWaiverRow),
    lines: lines.map(fromPendingRow),
  };
}

export async function loadWaivers(
  db: Database,
  ids: readonly ApprovalId[],
): Promise<readonly LateFeeWaiver[]> {
  const rows = await readRows(
    db,
    'late_fee_waivers',
    sql`select r.* from ${rowsOfIds('late_fee_waivers', 'id', ids)} order by r.id`,
  );
  return rows.map(fromWaiverRow);
}

/**
 * When a rail first refused each of these invoices for the payer's part, or the payer's bank first
 * took their money back, whether a try failed by somebody else's fault, and whether a debit waits
 * to collect it or has collected it: what our own first try took, however late it left, was never
 * late.
 */
export async function loadFirstTries(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly FirstTry[]> {
  const othersFaults = sql`${`{${NOT_BY_PAYER.join(',')}}`}::text[]`;
  const { rows } = await sql<{
    id: string;
    refused: string | null;
    waiting: boolean | null;
    others: boolean;
  }>`
    select wanted.id::text as id,
           least((select min(a.ended_at)
                    from debit_invoices i
                    join attempts a on a.bucket = i.bucket and a.merchant_id = i.merchant_id
                                   and a.debit_id = i.debit_id
                   where i.bucket = wanted.bucket and i.invoice_id = wanted.id
                     and a.state = 'refused' and a.refusal_class <> all (${othersFaults})),
                 (select min(d.returned_at)
                    from debit_invoices i
                    join debits d on d.bucket = i.bucket and d.merchant_id = i.merchant_id
                                 and d.id = i.debit_id
                   where i.bucket = wanted.bucket and i.invoice_id = wanted.id))::text as refused,
           (select bool_or(d.state in ('scheduled', 'in_flight')
                           or (d.state = 'succeeded' and d.returned_at is null))
              from debit_invoices i
              join debits d on d.bucket = i.bucket and d.merchant_id = i.merchant_id
                           and d.id = i.debit_id
             where i.bucket = wanted.bucket and i.invoice_id = wanted.id) as waiting,
           exists (select from debit_invoices i
              join attempts a on a.bucket = i.bucket and a.merchant_id = i.merchant_id
                             and a.debit_id = i.debit_id
             where i.bucket = wanted.bucket and i.invoice_id = wanted.id
               and (a.state = 'closed'
                    or (a.state = 'refused' and a.refusal_class = any (${othersFaults}))))
             as others
      from ${wantedIds(invoices)}`.execute(db);
  return rows.map(({ id, refused, waiting, others }) => ({
    invoiceId: fromUuid('inv', id),
    ...(refused === null ? {} : { firstRefusedAt: fromInstant(refused) }),
    isWaiting: waiting === true,
    ...(others ? { hasFailedWithoutPayer: true } : {}),
  }));
}

/** What grants gave to these invoices, each with the time at which its money came. */
export async function loadBalancePayments(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly BalancePayment[]> {
  const { rows } = await sql<{ id: string; currency: string; minor: string; since: string }>`
    select u.invoice_id::text as id, u.currency, u.amount_minor::text as minor,
           to_json(coalesce(h.received_at, g.created_at))#>>'{}' as since
      from ${wantedIds(invoices)}
      join grant_uses u on u.bucket = wanted.bucket and u.invoice_id = wanted.id
      join credit_grants g on g.bucket = u.bucket and g.merchant_id = u.merchant_id
                          and g.id = u.grant_id
      left join hand_payments h on h.bucket = g.bucket and h.merchant_id = g.merchant_id
                               and h.customer_id = g.customer_id and h.grant_id = g.id
     order by since, u.grant_id`.execute(db);
  return rows.map(({ id, currency, minor, since }) => ({
    invoiceId: fromUuid('inv', id),
    amount: fromAmount(BigInt(minor), currency),
    heldSince: fromInstant(since),
  }));
}

/** Late fees of these customers, made since, that were charged or waived. */
export async function loadLateFeesSince(
  db: Database,
  customers: readonly CustomerId[],
  since: Temporal.Instant,
): Promise<readonly LateFee[]> {
  return await readLateFees(
    db,
    sql`
    select f.* from late_fees f
      join ${wantedIds(customers)} on wanted.bucket = f.bucket and wanted.id = f.customer_id
     where f.created_at >= ${toInstant(since)}
       and (exists (select 1 from late_fee_lines c
                     where c.bucket = f.bucket and c.merchant_id = f.merchant_id
                       and c.late_fee_id = f.id)
            or exists (select 1 from late_fee_waivers w
                        where w.bucket = f.bucket and w.merchant_id = f.merchant_id
                          and w.late_fee_id = f.id and w.state = 'approved'))
     order by f.id`,
  );
}

async function readLateFees(db: Database, query: RawBuilder<unknown>): Promise<readonly LateFee[]> {
  return (await readRows(db, 'late_fees', query)).map(fromLateFeeRow);
}
