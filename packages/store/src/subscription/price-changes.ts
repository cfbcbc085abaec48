import {
  bucketOf,
  type ConsentCount,
  type ConsentKey,
  type CustomerId,
  fromUuid,
  type OrganisationTx,
  type PriceChange,
  type PriceChangeConsent,
  type PriceChangeId,
  type SubscriptionId,
  toUuid,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { arrayLiteral, type Database, wantedIds, writeRows } from '../array-write.ts';
import { toDate } from '../columns.ts';
import { inState, limitOf, pageOf } from '../pages.ts';
import {
  fromConsentRow,
  fromPriceChangeRow,
  toConsentRow,
  toPriceChangeRow,
} from './price-change-rows.ts';

type Query<K extends keyof OrganisationTx> = Parameters<OrganisationTx[K]>[0];

export async function savePriceChanges(
  db: Database,
  changes: readonly PriceChange[],
): Promise<void> {
  await writeRows(db, 'price_changes', { rows: changes.map(toPriceChangeRow), rule: 'replace' });
}

export async function loadPriceChanges(
  db: Database,
  ids: readonly PriceChangeId[],
): Promise<readonly PriceChange[]> {
  const rows = await readRows(
    db,
    'price_changes',
    sql`
    select * from price_changes
     where id = any(${arrayLiteral('uuid', ids.map(toUuid))}::uuid[]) order by id`,
  );
  return rows.map(fromPriceChangeRow);
}

/** Locked until the commit. */
export async function lockPriceChange(
  db: Database,
  id: PriceChangeId,
): Promise<PriceChange | undefined> {
  const rows = await readRows(
    db,
    'price_changes',
    sql`
    select * from price_changes where id = ${toUuid(id)} for update`,
  );
  return rows.map(fromPriceChangeRow).at(0);
}

export async function listPriceChanges(
  db: Database,
  page: Query<'listPriceChanges'>,
): Promise<readonly PriceChange[]> {
  const rows = await readRows(
    db,
    'price_changes',
    sql`
    select * from price_changes where ${inState(page.state)} and ${pageOf(page)}`,
  );
  return rows.map(fromPriceChangeRow);
}

/**
 * Subscriptions that have not ended and hold one of these versions beyond the day `on`, oldest
 * first; with `without`, those that this price change does not know yet.
 */
export async function listSubscriptionsOnVersions(
  db: Database,
  { versions, on, without, page }: Query<'listSubscriptionsOnVersions'>,
): Promise<readonly SubscriptionId[]> {
  const unknown =
    without === undefined
      ? sql`true`
      : sql`not exists (
        select from price_change_consents c
         where c.bucket = s.bucket and c.merchant_id = s.merchant_id
           and c.price_change_id = ${toUuid(without)} and c.subscription_id = s.id)`;
  return await idsOf(
    db,
    sql`
    select s.id from subscriptions s
     where s.state <> 'ended' and ${unknown}
       and exists (
         select from subscription_items i
          where i.bucket = s.bucket and i.merchant_id = s.merchant_id
            and i.subscription_id = s.id and (i.ends_on is null or i.ends_on > ${toDate(on)})
            and i.price_version_id = any(${arrayLiteral('uuid', versions.map(toUuid))}::uuid[]))
       and ${pageOf(page)}`,
  );
}

/** Subscriptions that somebody uses and another pays, oldest first. */
export async function listSubscriptionsFor(
  db: Database,
  beneficiary: CustomerId,
  page: Query<'listPriceChanges'>,
): Promise<readonly SubscriptionId[]> {
  return await idsOf(
    db,
    sql`
    select id from subscriptions
     where bucket = ${bucketOf(beneficiary)} and beneficiary_id = ${toUuid(beneficiary)}
       and state <> 'ended' and ${pageOf(page)}`,
  );
}

async function idsOf(db: Database, query: RawBuilder<unknown>): Promise<SubscriptionId[]> {
  const { rows } = await sql<{ id: string }>`${query}`.execute(db);
  return rows.map(({ id }) => fromUuid('sub', id));
}

/** Adds consents that are new; one that is there keeps its answer. */
export async function addConsents(
  db: Database,
  consents: readonly PriceChangeConsent[],
): Promise<void> {
  await writeRows(db, 'price_change_consents', { rows: consents.map(toConsentRow), rule: 'keep' });
}

export async function saveConsents(
  db: Database,
  consents: readonly PriceChangeConsent[],
): Promise<void> {
  const rows = consents.map(toConsentRow);
  await writeRows(db, 'price_change_consents', { rows, rule: 'replace' });
}

/** Locked until the commit, in the order of their subscriptions. */
export async function lockConsents(
  db: Database,
  keys: readonly ConsentKey[],
): Promise<readonly PriceChangeConsent[]> {
  const changes = arrayLiteral(
    'uuid',
    keys.map(({ priceChange }) => toUuid(priceChange)),
  );
  const rows = await readRows(
    db,
    'price_change_consents',
    sql`
    select c.* from price_change_consents c
      join ${wantedIds(keys.map(({ subscription }) => subscription))}
        on wanted.bucket = c.bucket and wanted.id = c.subscription_id
     where c.price_change_id = any(${changes}::uuid[])
     order by c.subscription_id for update of c`,
  );
  const wanted = new Set(keys.map(({ priceChange, subscription }) => priceChange + subscription));
  return rows
    .map(fromConsentRow)
    .filter((consent) => wanted.has(consent.priceChangeId + consent.subscriptionId));
}

export async function listConsents(
  db: Database,
  query: Query<'listConsents'>,
): Promise<readonly PriceChangeConsent[]> {
  const { customer, answer, outcome, after, billedBy } = query;
  const rows = await readRows(
    db,
    'price_change_consents',
    sql`
    select * from price_change_consents
     where price_change_id = ${toUuid(query.priceChange)}
       and ${customer === undefined ? sql`true` : ofPayer(customer)}
       and ${answer === undefined ? sql`true` : sql`answer = ${answer}`}
       and ${outcome === undefined ? sql`true` : sql`outcome = ${outcome}`}
       and ${after === undefined ? sql`true` : sql`subscription_id > ${uuidOf(after)}`}
       and ${billedBy === undefined ? sql`true` : isBilledBy(billedBy)}
     order by subscription_id limit ${limitOf(query.limit)}`,
  );
  return rows.map(fromConsentRow);
}

function ofPayer(customer: CustomerId): RawBuilder<unknown> {
  return sql`bucket = ${bucketOf(customer)} and customer_id = ${toUuid(customer)}`;
}

function isBilledBy(day: Temporal.PlainDate): RawBuilder<unknown> {
  return sql`exists (
    select from subscriptions s
     where s.bucket = price_change_consents.bucket
       and s.merchant_id = price_change_consents.merchant_id
       and s.id = price_change_consents.subscription_id
       and (s.state = 'ended' or s.billed_through <= ${toDate(day)}))`;
}

function uuidOf(cursor: string): string {
  return toUuid(cursor as SubscriptionId);
}

export async function countConsents(
  db: Database,
  priceChange: PriceChangeId,
): Promise<readonly ConsentCount[]> {
  const { rows } = await sql<{ answer: string; outcome: string; count: number }>`
    select answer, outcome, count(*)::int as count from price_change_consents
     where price_change_id = ${toUuid(priceChange)}
     group by answer, outcome order by answer, outcome`.execute(db);
  return rows.map(({ answer, outcome, count }) => ({
    answer: answer as ConsentCount['answer'],
    outcome: outcome as ConsentCount['outcome'],
    count,
  }));
}
