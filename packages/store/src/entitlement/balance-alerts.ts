import {
  type BalanceAlert,
  bucketOf,
  type Claim,
  type Currency,
  type CustomerId,
  fromUuid,
  type Money,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, writeRows } from '../array-write.ts';
import { asIs, fromAmount, fromInstant, given, orNull, toDate, toInstant } from '../columns.ts';
import { limitOf } from '../pages.ts';
import type { Tables } from '../schema.generated.ts';

export async function saveBalanceAlerts(
  db: Database,
  alerts: readonly BalanceAlert[],
): Promise<void> {
  const rows = alerts.map((alert) => ({
    bucket: bucketOf(alert.customerId),
    merchant_id: toUuid(alert.merchantId),
    customer_id: toUuid(alert.customerId),
    currency: alert.low.currency,
    low_minor: alert.low.minor,
    low_days: orNull(alert.lowDays, asIs),
    is_low: alert.isLow,
    told_at: orNull(alert.toldAt, toInstant),
    set_by: alert.setBy,
    set_at: toInstant(alert.setAt),
    next_look_at: orNull(alert.nextLookAt, toInstant),
  }));
  await writeRows(db, 'balance_alerts', { rows, rule: 'replace' });
}

/** Due alerts, earliest first; locked, skipping locked ones. */
export async function claimBalanceAlerts(
  db: Database,
  claim: Claim,
): Promise<readonly BalanceAlert[]> {
  const rows = await readRows(
    db,
    'balance_alerts',
    sql`
    select * from balance_alerts
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and next_look_at <= ${toInstant(claim.dueBy)}
     order by next_look_at, customer_id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
  return rows.map(fromAlertRow);
}

export async function listBalanceAlerts(
  db: Database,
  customer: CustomerId,
): Promise<readonly BalanceAlert[]> {
  const rows = await readRows(
    db,
    'balance_alerts',
    sql`
    select * from balance_alerts
     where bucket = ${bucketOf(customer)} and customer_id = ${toUuid(customer)} order by currency`,
  );
  return rows.map(fromAlertRow);
}

/** Takes an alert away; false where there was none. */
export async function removeBalanceAlert(
  db: Database,
  customer: CustomerId,
  currency: Currency,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    delete from balance_alerts
     where bucket = ${bucketOf(customer)} and customer_id = ${toUuid(customer)}
       and currency = ${currency}`.execute(db);
  return (numAffectedRows ?? 0n) > 0n;
}

/** What is left of a customer's grants in a currency, and what invoices since `since` took. */
export async function loadBalanceUse(
  db: Database,
  customer: CustomerId,
  about: {
    readonly currency: Currency;
    readonly since: Temporal.PlainDate;
    readonly on: Temporal.PlainDate;
  },
): Promise<{ readonly left: Money; readonly used: Money }> {
  const { rows } = await sql<{ left: string; used: string }>`
    select
      (select coalesce(sum(g.left_minor), 0)::text from credit_grants g
        where g.bucket = ${bucketOf(customer)} and g.customer_id = ${toUuid(customer)}
          and g.currency = ${about.currency} and g.left_minor > 0
          and (g.expires_on is null or g.expires_on > ${toDate(about.on)})) as left,
      (select coalesce(sum(i.balance_applied_minor), 0)::text from invoices i
        where i.bucket = ${bucketOf(customer)} and i.customer_id = ${toUuid(customer)}
          and i.currency = ${about.currency} and i.state in ('open', 'paid')
          and i.issued_at >= ${toDate(about.since)}) as used`.execute(db);
  const [row] = rows;
  const amountOf = (text: string | undefined) => fromAmount(BigInt(text ?? '0'), about.currency);
  return { left: amountOf(row?.left), used: amountOf(row?.used) };
}

function fromAlertRow(row: Tables['balance_alerts']): BalanceAlert {
  return {
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    low: fromAmount(row.low_minor, row.currency),
    ...given('lowDays', row.low_days, asIs),
    isLow: row.is_low,
    ...given('toldAt', row.told_at, fromInstant),
    setBy: row.set_by,
    setAt: fromInstant(row.set_at),
    ...given('nextLookAt', row.next_look_at, fromInstant),
  };
}
