import {
  bucketOf,
  bucketOfKey,
  type CustomerId,
  type EntitledItem,
  type EntitledSubscription,
  type EntitlementFacts,
  type EntitlementQuery,
  fromUuid,
  type MerchantId,
  toUuid,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { arrayLiteral, type Database } from '../array-write.ts';
import { fromArrearsRow } from '../arrears/rows.ts';
import { fromDate, given } from '../columns.ts';
import type { Tables } from '../schema.generated.ts';
import { fromOverrideRow } from './overrides.ts';

type ItemJson = {
  readonly kind: string;
  readonly code: string;
  readonly quantity: string;
  readonly from: string;
  readonly until: string | null;
};

type SubscriptionJson = {
  readonly id: string;
  readonly plan: string;
  readonly state: string;
  readonly starts_on: string;
  readonly ends_on: string | null;
  readonly trial_ends_on: string | null;
  readonly pauses: readonly { readonly from: string; readonly until?: string }[] | null;
  readonly auto_renew: boolean;
  readonly billed_through: string;
  readonly items: readonly ItemJson[] | null;
};

type FactRow = {
  readonly id: string;
  readonly external_reference: string;
  readonly payer_id: string;
  readonly subscriptions: readonly SubscriptionJson[] | null;
  readonly arrears: Tables['arrears_states'] | null;
  readonly overrides: readonly Parameters<typeof fromOverrideRow>[0][] | null;
};

/**
 * What decides about the use of each customer that is asked for, in one statement that reads by
 * keys alone: the customer, its subscriptions with the codes of what is sold, its payer's arrears,
 * its overrides. Who is not there is left out.
 */
export async function loadEntitlementFacts(
  db: Database,
  merchant: MerchantId,
  query: EntitlementQuery,
): Promise<readonly EntitlementFacts[]> {
  const asked = 'ids' in query ? byId(query.ids) : byReference(merchant, query.references);
  const { rows } = await sql<{ facts: FactRow | null }>`
    select daikou_entitlement_facts(asked.bucket, asked.id) as facts from ${asked}`.execute(db);
  return rows.flatMap(({ facts }) => (facts === null ? [] : [fromFactRow(facts)]));
}

function byId(ids: readonly CustomerId[]): RawBuilder<unknown> {
  const buckets = arrayLiteral('smallint', ids.map(bucketOf));
  const uuids = arrayLiteral('uuid', ids.map(toUuid));
  return sql`unnest(${buckets}::smallint[], ${uuids}::uuid[]) as asked (bucket, id)`;
}

/** Those who pay: departments and members have references of their organisation only. */
function byReference(merchant: MerchantId, references: readonly string[]): RawBuilder<unknown> {
  const buckets = arrayLiteral(
    'smallint',
    references.map((reference) => bucketOfKey(merchant, reference)),
  );
  const texts = arrayLiteral('text', references);
  return sql`unnest(${buckets}::smallint[], ${texts}::text[]) as wanted (bucket, reference)
    join customers asked on asked.bucket = wanted.bucket
                        and asked.external_reference = wanted.reference
                        and asked.merchant_id = ${toUuid(merchant)} and asked.payer_id is null`;
}

function fromFactRow(row: FactRow): EntitlementFacts {
  return {
    customerId: fromUuid('cus', row.id),
    externalReference: row.external_reference,
    payerId: fromUuid('cus', row.payer_id),
    subscriptions: (row.subscriptions ?? []).map(fromSubscriptionJson),
    ...given('arrears', row.arrears, fromArrearsRow),
    overrides: (row.overrides ?? []).map(fromOverrideRow),
  };
}

function fromSubscriptionJson(json: SubscriptionJson): EntitledSubscription {
  return {
    id: fromUuid('sub', json.id),
    planCode: json.plan,
    state: json.state as EntitledSubscription['state'],
    startsOn: fromDate(json.starts_on),
    ...given('endsOn', json.ends_on, fromDate),
    ...given('trialEndsOn', json.trial_ends_on, fromDate),
    pauses: (json.pauses ?? []).map(({ from, until }) => ({
      from: fromDate(from),
      ...given('until', until ?? null, fromDate),
    })),
    autoRenew: json.auto_renew,
    billedThrough: fromDate(json.billed_through),
    items: (json.items ?? []).map(fromItemJson),
  };
}

function fromItemJson(json: ItemJson): EntitledItem {
  return {
    kind: json.kind as EntitledItem['kind'],
    code: json.code,
    quantity: BigInt(json.quantity),
    from: fromDate(json.from),
    ...given('until', json.until, fromDate),
  };
}
