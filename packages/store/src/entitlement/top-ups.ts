import {
  bucketOf,
  type Claim,
  type Currency,
  type CustomerId,
  fromUuid,
  type InvoiceId,
  type Money,
  type TopUp,
  type TopUpId,
  type TopUpRule,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, wantedIds, writeRows } from '../array-write.ts';
import {
  asIs,
  fromAmount,
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

export async function saveRules(db: Database, rules: readonly TopUpRule[]): Promise<void> {
  const rows = rules.map((one) => ({
    bucket: bucketOf(one.id),
    merchant_id: toUuid(one.merchantId),
    id: toUuid(one.id),
    customer_id: toUuid(one.customerId),
    subscription_id: toUuid(one.subscriptionId),
    currency: one.amount.currency,
    low_minor: one.low.minor,
    amount_minor: one.amount.minor,
    monthly_cap_minor: one.monthlyCap.minor,
    consent_at: toInstant(one.consent.at),
    consent_channel: one.consent.channel,
    consent_hash: one.consent.evidenceHash,
    agreed_by: one.agreedBy,
    agreed_at: toInstant(one.agreedAt),
    stopped_by: one.stopped?.by ?? null,
    stopped_at: orNull(one.stopped?.at, toInstant),
    is_low: one.isLow,
    held_by: one.heldBy ?? null,
    next_look_at: orNull(one.nextLookAt, toInstant),
  }));
  await writeRows(db, 'top_up_rules', { rows, rule: 'replace' });
}

export async function saveTopUps(db: Database, topUps: readonly TopUp[]): Promise<void> {
  const rows = topUps.map((one) => ({
    bucket: bucketOf(one.id),
    merchant_id: toUuid(one.merchantId),
    id: toUuid(one.id),
    customer_id: toUuid(one.customerId),
    rule_id: toUuid(one.ruleId),
    invoice_id: toUuid(one.invoiceId),
    currency: one.amount.currency,
    amount_minor: one.amount.minor,
    state: one.state,
    requested_on: toDate(one.requestedOn),
    requested_at: toInstant(one.requestedAt),
    grant_id: idOrNull(one.grantId),
    ended_at: orNull(one.endedAt, toInstant),
    next_look_at: orNull(one.nextLookAt, toInstant),
  }));
  await writeRows(db, 'top_ups', { rows, rule: 'replace' });
}

/** In force and due, earliest first; locked, skipping locked ones. */
export async function claimRules(db: Database, claim: Claim): Promise<readonly TopUpRule[]> {
  const rows = await readRows(
    db,
    'top_up_rules',
    sql`
    select * from top_up_rules
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and next_look_at <= ${toInstant(claim.dueBy)}
     order by next_look_at, id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
  return rows.map(fromRuleRow);
}

export async function lockRules(db: Database, customer: CustomerId): Promise<readonly TopUpRule[]> {
  const rows = await readRows(
    db,
    'top_up_rules',
    sql`
    select * from top_up_rules
     where bucket = ${bucketOf(customer)} and customer_id = ${toUuid(customer)}
       and stopped_at is null
     order by currency for update`,
  );
  return rows.map(fromRuleRow);
}

/** Requested and due; their invoices are locked first, so nothing is held here. */
export async function findTopUpsDue(db: Database, claim: Claim): Promise<readonly TopUp[]> {
  const rows = await readRows(
    db,
    'top_ups',
    sql`
    select * from top_ups
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and state = 'requested' and next_look_at <= ${toInstant(claim.dueBy)}
     order by next_look_at, id limit ${limitOf(claim.limit)}`,
  );
  return rows.map(fromTopUpRow);
}

export async function lockTopUp(db: Database, id: TopUpId): Promise<TopUp | undefined> {
  const rows = await readRows(
    db,
    'top_ups',
    sql`select * from top_ups where bucket = ${bucketOf(id)} and id = ${toUuid(id)} for update`,
  );
  return rows.map(fromTopUpRow)[0];
}

/** In the order of their ids. */
export async function lockTopUpsOf(
  db: Database,
  invoices: readonly InvoiceId[],
): Promise<readonly TopUp[]> {
  const rows = await readRows(
    db,
    'top_ups',
    sql`
    select t.* from top_ups t
      join ${wantedIds(invoices)} on t.bucket = wanted.bucket and t.invoice_id = wanted.id
     order by t.id for update of t`,
  );
  return rows.map(fromTopUpRow);
}

/** Newest first, at most `limit`. */
export async function listTopUps(
  db: Database,
  customer: CustomerId,
  limit: number,
): Promise<readonly TopUp[]> {
  const rows = await readRows(
    db,
    'top_ups',
    sql`
    select * from top_ups
     where bucket = ${bucketOf(customer)} and customer_id = ${toUuid(customer)}
     order by id desc limit ${limitOf(limit)}`,
  );
  return rows.map(fromTopUpRow);
}

/** Whether a top-up is open, and what those requested or due in some days came to. */
export async function loadTopUpUse(
  db: Database,
  customer: CustomerId,
  month: {
    readonly currency: Currency;
    readonly start: Temporal.PlainDate;
    readonly end: Temporal.PlainDate;
  },
): Promise<{ readonly hasOpen: boolean; readonly spent: Money }> {
  const { currency, start, end } = month;
  const { rows } = await sql<{ open: boolean; spent: string }>`
    select coalesce(bool_or(t.state = 'requested' or i.state = 'open'), false) as open,
           coalesce(sum(t.amount_minor) filter (
             where t.state <> 'refused'
               and (t.requested_on >= ${toDate(start)} and t.requested_on < ${toDate(end)}
                    or i.due_date >= ${toDate(start)} and i.due_date < ${toDate(end)})
           ), 0)::text as spent
      from top_ups t
      join invoices i on i.bucket = t.bucket and i.merchant_id = t.merchant_id
                     and i.id = t.invoice_id
     where t.bucket = ${bucketOf(customer)} and t.customer_id = ${toUuid(customer)}
       and t.currency = ${currency}`.execute(db);
  const [row] = rows;
  return {
    hasOpen: row?.open ?? false,
    spent: fromAmount(BigInt(row?.spent ?? '0'), currency),
  };
}

function fromRuleRow(row: Tables['top_up_rules']): TopUpRule {
  const { stopped_by: by, stopped_at: at } = row;
  return {
    id: fromUuid('tur', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    subscriptionId: fromUuid('sub', row.subscription_id),
    low: fromAmount(row.low_minor, row.currency),
    amount: fromAmount(row.amount_minor, row.currency),
    monthlyCap: fromAmount(row.monthly_cap_minor, row.currency),
    consent: {
      at: fromInstant(row.consent_at),
      channel: row.consent_channel as TopUpRule['consent']['channel'],
      evidenceHash: row.consent_hash,
    },
    agreedBy: row.agreed_by,
    agreedAt: fromInstant(row.agreed_at),
    ...(by === null || at === null ? {} : { stopped: { by, at: fromInstant(at) } }),
    isLow: row.is_low,
    ...given('heldBy', row.held_by as NonNullable<TopUpRule['heldBy']> | null, asIs),
    ...given('nextLookAt', row.next_look_at, fromInstant),
  };
}

function fromTopUpRow(row: Tables['top_ups']): TopUp {
  return {
    id: fromUuid('tup', row.id),
    merchantId: fromUuid('mer', row.merchant_id),
    customerId: fromUuid('cus', row.customer_id),
    ruleId: fromUuid('tur', row.rule_id),
    invoiceId: fromUuid('inv', row.invoice_id),
    amount: fromAmount(row.amount_minor, row.currency),
    state: row.state as TopUp['state'],
    requestedOn: fromDate(row.requested_on),
    requestedAt: fromInstant(row.requested_at),
    ...given('grantId', row.grant_id, (uuid) => fromUuid('crg', uuid)),
    ...given('endedAt', row.ended_at, fromInstant),
    ...given('nextLookAt', row.next_look_at, fromInstant),
  };
}
