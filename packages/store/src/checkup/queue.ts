import {
  bucketOf,
  type Changes,
  type Checkup,
  type CustomerId,
  fromUuid,
  type Invoice,
  LOOK_AGAIN_ON,
  type NewEvent,
  type Subscription,
  toUuid,
} from '@daikou/core';
import { sql } from 'kysely';
import { arrayLiteral, type Database, wantedIds, writeRows } from '../array-write.ts';
import { toInstant } from '../columns.ts';
import { toCheckupRow } from './rows.ts';

/**
 * Plans the looks that these changes ask for, in their own commit: the first one at an invoice that
 * a debit will collect, another one where something happened to its customer, and the self-audits
 * of whoever has a subscription. Here, because a dozen use cases make invoices, end mandates and
 * change prices, and one that forgot would debit unseen.
 */
export async function planLooks(db: Database, changes: Changes): Promise<void> {
  const { invoices = [], events = [], mandates = [] } = changes;
  const first = invoices.filter(isToCollect);
  if (first.length > 0) {
    await writeRows(db, 'checkups', { rows: first.map(toFirstLook), rule: 'keep' });
  }
  await lookAgain(db, earliestOf(events.filter(({ type }) => LOOK_AGAIN_ON.has(type))));
  await lookAtOnce(db, [...new Set(mandates.map(({ customerId }) => customerId))]);
  const running = (changes.subscriptions ?? []).filter(({ state }) => state !== 'ended');
  if (running.length > 0) await planAudits(db, running);
}

function isToCollect({ collection, state }: Invoice): boolean {
  return collection === 'auto_debit' && (state === 'draft' || state === 'open');
}

/** A checkup has its invoice's own number: one for each, and found without a look-up. */
function toFirstLook(invoice: Invoice) {
  const checkup: Checkup = {
    id: fromUuid('chk', toUuid(invoice.id)),
    merchantId: invoice.merchantId,
    customerId: invoice.customerId,
    invoiceId: invoice.id,
    debitDate: invoice.dueDate,
    ruleVersion: 0,
    lookAt: invoice.createdAt,
    createdAt: invoice.createdAt,
  };
  return toCheckupRow(checkup);
}

/** Each customer once, with the first moment at which something happened to it. */
function earliestOf(events: readonly NewEvent[]): ReadonlyMap<CustomerId, Temporal.Instant> {
  const earliest = new Map<CustomerId, Temporal.Instant>();
  for (const { customerId, at } of events) {
    const known = earliest.get(customerId);
    if (known === undefined || Temporal.Instant.compare(at, known) < 0) {
      earliest.set(customerId, at);
    }
  }
  return earliest;
}

async function lookAgain(
  db: Database,
  customers: ReadonlyMap<CustomerId, Temporal.Instant>,
): Promise<void> {
  if (customers.size === 0) return;
  const ids = [...customers.keys()];
  const buckets = arrayLiteral('smallint', ids.map(bucketOf));
  const uuids = arrayLiteral('uuid', ids.map(toUuid));
  const times = arrayLiteral('timestamptz', [...customers.values()].map(toInstant));
  await sql`
    update checkups c set look_at = n.at
      from unnest(${buckets}::smallint[], ${uuids}::uuid[], ${times}::timestamptz[])
           as n (bucket, customer_id, at)
     where c.bucket = n.bucket and c.customer_id = n.customer_id
       and (c.look_at is null or c.look_at > n.at)
       and (exists (select from invoices i
                     where i.bucket = c.bucket and i.merchant_id = c.merchant_id
                       and i.id = c.invoice_id and i.state in ('draft', 'open'))
            or exists (select from checkup_findings f
                        where f.bucket = c.bucket and f.merchant_id = c.merchant_id
                          and f.checkup_id = c.id and f.state = 'open'))`.execute(db);
}

/**
 * A method that was put first, or whose card is another, tells no event; its customers are looked
 * at by the next worker: what was due when the checkup began is due on any clock.
 */
async function lookAtOnce(db: Database, customers: readonly CustomerId[]): Promise<void> {
  if (customers.length === 0) return;
  await sql`
    update checkups c set look_at = c.created_at
      from ${wantedIds(customers)}
     where c.bucket = wanted.bucket and c.customer_id = wanted.id
       and exists (select from invoices i
                    where i.bucket = c.bucket and i.merchant_id = c.merchant_id
                      and i.id = c.invoice_id and i.state in ('draft', 'open'))`.execute(db);
}

/** Due at once: the first look only learns the date of the next self-audit. */
async function planAudits(db: Database, running: readonly Subscription[]): Promise<void> {
  const payers = [...new Map(running.map((one) => [one.customerId, one])).values()];
  const buckets = arrayLiteral(
    'smallint',
    payers.map(({ customerId }) => bucketOf(customerId)),
  );
  const merchants = arrayLiteral(
    'uuid',
    payers.map(({ merchantId }) => toUuid(merchantId)),
  );
  const customers = arrayLiteral(
    'uuid',
    payers.map(({ customerId }) => toUuid(customerId)),
  );
  const times = arrayLiteral(
    'timestamptz',
    payers.map(({ createdAt }) => toInstant(createdAt)),
  );
  await sql`
    insert into self_audits (bucket, merchant_id, customer_id, next_at)
    select * from unnest(${buckets}::smallint[], ${merchants}::uuid[], ${customers}::uuid[],
                         ${times}::timestamptz[])
        on conflict (bucket, merchant_id, customer_id)
        do update set next_at = excluded.next_at where self_audits.next_at is null`.execute(db);
}
