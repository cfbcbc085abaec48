import {
  type ArrearsFinding,
  type BucketRange,
  bucketOf,
  CAUSE_RULE_SET,
  type CauseFinding,
  type CauseGroup,
  type CauseSum,
  fromUuid,
  type InvoiceId,
  toUuid,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, type NewRow, wantedIds, writeRows } from '../array-write.ts';
import {
  asIs,
  fromAmount,
  fromCurrency,
  fromDate,
  fromInstant,
  given,
  idOrNull,
  orNull,
  toDate,
  toInstant,
} from '../columns.ts';
import { limitOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';
import { fromFindingJson, toFindingJson } from './finding-json.ts';

/** Open invoices of before today without a finding of these rules: what `countDue` counts too. */
export function isUnexplained(today: Temporal.PlainDate): RawBuilder<unknown> {
  return sql`state = 'open' and due_date < ${toDate(today)}
       and not exists (
         select from arrears_causes_open as found
          where found.bucket = invoices.bucket and found.merchant_id = invoices.merchant_id
            and found.invoice_id = invoices.id and found.rule_set = ${CAUSE_RULE_SET})
       and not exists (
         select from debit_invoices as link
           join debits as planned on planned.bucket = link.bucket
            and planned.merchant_id = link.merchant_id and planned.id = link.debit_id
          where link.bucket = invoices.bucket and link.merchant_id = invoices.merchant_id
            and link.invoice_id = invoices.id
            and ((planned.state = 'scheduled' and planned.attempt_count = 0
                  and planned.blocked_by is null and planned.collect_date >= ${toDate(today)})
              or exists (
                select from attempts as taken
                 where taken.bucket = planned.bucket and taken.merchant_id = planned.merchant_id
                   and taken.debit_id = planned.id and taken.state = 'accepted')))`;
}

/** Arrears of the queue whose invoice is no longer open. */
export const hasEnded = sql`not exists (
         select from invoices as owed
          where owed.bucket = arrears_causes_open.bucket
            and owed.merchant_id = arrears_causes_open.merchant_id
            and owed.id = arrears_causes_open.invoice_id and owed.state = 'open')`;

function inBuckets({ from, until }: BucketRange): RawBuilder<unknown> {
  return sql`bucket >= ${from} and bucket < ${until}`;
}

export async function findUnexplainedArrears(
  db: Database,
  query: {
    readonly buckets: BucketRange;
    readonly today: Temporal.PlainDate;
    readonly limit: number;
  },
): Promise<readonly InvoiceId[]> {
  const { rows } = await sql<{ id: string }>`
    select id from invoices
     where ${inBuckets(query.buckets)} and ${isUnexplained(query.today)}
     order by due_date, id limit ${limitOf(query.limit)}`.execute(db);
  return rows.map(({ id }) => fromUuid('inv', id));
}

export async function findEndedArrears(
  db: Database,
  query: { readonly buckets: BucketRange; readonly limit: number },
): Promise<readonly InvoiceId[]> {
  const { rows } = await sql<{ id: string }>`
    select invoice_id as id from arrears_causes_open
     where ${inBuckets(query.buckets)} and ${hasEnded}
     order by invoice_id limit ${limitOf(query.limit)}`.execute(db);
  return rows.map(({ id }) => fromUuid('inv', id));
}

/** Adds findings and keeps the queue: in with the first one, out with that of the end. */
export async function saveFindings(
  db: Database,
  findings: readonly ArrearsFinding[],
): Promise<void> {
  await writeRows(db, 'arrears_causes', { rows: findings.map(toFindingRow), rule: 'keep' });
  const begun = findings.filter(({ moment }) => moment === 'overdue');
  const rows = begun.map((one) => {
    const { bucket, merchant_id, invoice_id, rule_set } = toFindingRow(one);
    return { bucket, merchant_id, invoice_id, rule_set };
  });
  await writeRows(db, 'arrears_causes_open', { rows, rule: 'replace' });
  const ended = findings.filter(({ moment }) => moment === 'ended');
  if (ended.length === 0) return;
  const buckets = arrayLiteral(
    'smallint',
    ended.map(({ invoiceId }) => bucketOf(invoiceId)),
  );
  const ids = arrayLiteral(
    'uuid',
    ended.map(({ invoiceId }) => toUuid(invoiceId)),
  );
  await sql`
    delete from arrears_causes_open as queued
     using unnest(${buckets}::smallint[], ${ids}::uuid[]) as wanted (bucket, id)
     where queued.bucket = wanted.bucket and queued.invoice_id = wanted.id`.execute(db);
}

export async function loadFindings(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly ArrearsFinding[]> {
  const rows = await readRows(
    db,
    'arrears_causes',
    sql`
    select f.* from arrears_causes f
      join ${wantedIds(invoices)} on wanted.bucket = f.bucket and wanted.id = f.invoice_id
     order by f.invoice_id, f.at, f.moment desc, f.rule_set`,
  );
  return rows.map(fromFindingRow);
}

const GROUP_COLUMNS: Readonly<Record<CauseGroup, RawBuilder<unknown>>> = {
  rail: sql`coalesce(f.rail, '')`,
  plan: sql`coalesce((select p.code from plans p
                       where p.merchant_id = f.merchant_id and p.id = f.plan_id), '')`,
  segment: sql`f.segment`,
};

/** One statement: the newest finding of each invoice, taken apart into its causes, and summed. */
export async function sumCauses(
  db: Database,
  query: {
    readonly from: Temporal.PlainDate;
    readonly until: Temporal.PlainDate;
    readonly by?: CauseGroup;
  },
): Promise<readonly CauseSum[]> {
  const group = query.by === undefined ? sql`''` : GROUP_COLUMNS[query.by];
  const { rows } = await sql<{
    group: string;
    cause: string;
    currency: string;
    primary: number;
    points: string;
    weighted: string;
  }>`
    with newest as (
      select distinct on (bucket, merchant_id, invoice_id) *
        from arrears_causes
       where due_date >= ${toDate(query.from)} and due_date < ${toDate(query.until)}
       order by bucket, merchant_id, invoice_id, rule_set desc, moment
    ), found as (
      select ${group} as name, f.currency, f.owed_minor, one ->> 'cause' as cause,
             (one ->> 'share')::numeric as points,
             (one ->> 'cause') = f.primary_cause as is_primary
        from newest f cross join lateral jsonb_array_elements(f.finding -> 'causes') as one
    )
    select name as group, cause, currency,
           count(*) filter (where is_primary)::int as primary,
           sum(points)::text as points, sum(points * owed_minor)::text as weighted
      from found group by name, cause, currency order by name, cause, currency`.execute(db);
  return rows.map((row) => ({
    group: row.group,
    cause: row.cause as CauseSum['cause'],
    currency: fromCurrency(row.currency),
    primary: row.primary,
    basisPoints: BigInt(row.points),
    weighted: BigInt(row.weighted),
  }));
}

function toFindingRow(one: ArrearsFinding): NewRow<'arrears_causes'> {
  return {
    bucket: bucketOf(one.invoiceId),
    merchant_id: toUuid(one.merchantId),
    invoice_id: toUuid(one.invoiceId),
    moment: one.moment,
    rule_set: one.ruleSet,
    customer_id: toUuid(one.customerId),
    due_date: toDate(one.dueDate),
    currency: one.owed.currency,
    owed_minor: one.owed.minor,
    rail: orNull(one.rail, asIs),
    plan_id: idOrNull(one.planId),
    segment: one.segment,
    primary_cause: one.finding.primary,
    finding: toFindingJson(one.finding),
    at: toInstant(one.at),
  };
}

function fromFindingRow(row: Tables['arrears_causes']): ArrearsFinding {
  const primary = row.primary_cause as CauseFinding['primary'];
  return {
    invoiceId: fromUuid('inv', row.invoice_id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    moment: row.moment as ArrearsFinding['moment'],
    ruleSet: row.rule_set,
    dueDate: fromDate(row.due_date),
    owed: fromAmount(row.owed_minor, row.currency),
    ...given('rail', row.rail, asIs),
    ...given('planId', row.plan_id, (id) => fromUuid('pln', id)),
    segment: row.segment,
    finding: fromFindingJson(row.finding, { ruleSet: row.rule_set, primary }),
    at: fromInstant(row.at),
  };
}
