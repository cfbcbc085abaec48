import { appendFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  bucketOf,
  bucketOfKey,
  type CustomerId,
  type MerchantId,
  makeId,
  toUuid,
} from '../packages/core/src/index.ts';
import type { Job } from '../packages/engine/src/index.ts';
import type { BenchDatabase } from './databases.ts';
import { DRAFT_AT, makeDraftWorld } from './draft-world.ts';

/** Rows of one COPY: the file of one table is this large at most. */
const CHUNK = 50_000;

/** One of this many customers is in arrears, and one has something granted. */
const ONE_OF = 100;

/** What COPY writes, in the order in which keys refer to each other. */
const TABLES = [
  'customers',
  'subscriptions',
  'subscription_items',
  'arrears_states',
  'entitlement_overrides',
] as const;
type Table = (typeof TABLES)[number];

type Row = Readonly<Record<string, unknown>>;

export type EntitlementWorld = {
  readonly job: Job;
  /** Some customers, spread over all. */
  readonly customers: readonly CustomerId[];
};

/**
 * A merchant with `count` customers, one subscription of three items each. The first one is made by
 * the product's own code; the others are copies of its rows under other keys, loaded by COPY.
 */
export async function makeEntitlementWorld(
  database: BenchDatabase,
  count: number,
  say: (line: string) => void,
): Promise<EntitlementWorld> {
  const job = await makeDraftWorld(database.store, 1);
  const templates = await readTemplates(database);
  const customers: CustomerId[] = [];
  for (let made = 1; made < count; made += CHUNK) {
    const until = Math.min(made + CHUNK, count);
    const lines = new Map<Table, string[]>(TABLES.map((table) => [table, []]));
    for (let number = made; number < until; number += 1) {
      const id = addCustomer(lines, templates, { number, merchant: job.merchant.id });
      if (number % Math.max(1, Math.floor(count / 5_000)) === 0) customers.push(id);
    }
    for (const table of TABLES) await copyIn(database, table, { lines, templates });
    say(`${until} of ${count} subscriptions`);
  }
  await database.admin('vacuum analyze');
  await database.admin('checkpoint');
  return { job, customers };
}

type Templates = Readonly<Record<Table, readonly Row[]>>;

/** The rows of the first customer; arrears and overrides are written down here. */
async function readTemplates({ store }: BenchDatabase): Promise<Templates> {
  const read = async (table: Table): Promise<readonly Row[]> => {
    const { rows } = await store.rawSql(`select row_to_json(t)::text from ${table} t`);
    return rows.map(([text]) => JSON.parse(String(text)) as Row);
  };
  const date = '2026-03-01';
  return {
    customers: await read('customers'),
    subscriptions: await read('subscriptions'),
    subscription_items: await read('subscription_items'),
    arrears_states: [
      {
        state: 'suspended',
        since: date,
        changed_at: '2026-03-01T02:00:00Z',
        warned_on: '2026-02-22',
        earliest_unpaid: '2026-02-19',
        unpaid_invoices: 1,
        unpaid: '[{"minor": "29400", "currency": "CNY"}]',
        next_look_at: '2026-03-06T02:00:00Z',
      },
    ],
    entitlement_overrides: [
      {
        kind: 'seats',
        code: 'seat',
        quantity: 2,
        until: '2026-06-01',
        granted_by: 'bench',
        why: 'bench',
        created_at: '2026-03-01T02:00:00Z',
      },
    ],
  };
}

function addCustomer(
  lines: ReadonlyMap<Table, string[]>,
  templates: Templates,
  about: { readonly number: number; readonly merchant: MerchantId },
): CustomerId {
  const { number, merchant } = about;
  const reference = `C-${number}`;
  const bucket = bucketOfKey(merchant, reference);
  const newId = (prefix: 'cus' | 'sub' | 'sit' | 'ovr') =>
    makeId(prefix, {
      epochMilliseconds: DRAFT_AT.epochMilliseconds + number,
      random: crypto.getRandomValues(new Uint8Array(10)),
      bucket,
    });
  const customer = newId('cus') as CustomerId;
  const subscription = toUuid(newId('sub'));
  const own = { bucket, merchant_id: toUuid(merchant) };
  const ofCustomer = { ...own, customer_id: toUuid(customer) };
  const add = (table: Table, changes: Row) => {
    for (const template of templates[table]) {
      lines.get(table)?.push(lineOf({ ...template, ...changes }));
    }
  };
  add('customers', { ...own, id: toUuid(customer), external_reference: reference });
  add('subscriptions', { ...ofCustomer, id: subscription });
  for (const item of templates.subscription_items) {
    const changes = { ...own, id: toUuid(newId('sit')), subscription_id: subscription };
    lines.get('subscription_items')?.push(lineOf({ ...item, ...changes }));
  }
  if (number % ONE_OF === 0) add('arrears_states', ofCustomer);
  if (number % ONE_OF === 1) {
    add('entitlement_overrides', { ...ofCustomer, id: toUuid(newId('ovr')) });
  }
  return customer;
}

/** A row in the text format of COPY. */
function lineOf(row: Row): string {
  return Object.values(row)
    .map((value) => {
      if (value === null || value === undefined) return '\\N';
      return typeof value === 'object' ? JSON.stringify(value) : String(value);
    })
    .join('\t');
}

/** The columns of a table's lines: those of its template, then those that were added. */
function columnsOf(table: Table, templates: Templates): readonly string[] {
  const [template] = templates[table];
  const keys = { bucket: 0, merchant_id: '' };
  const ofCustomer = table === 'subscription_items' || table === 'customers' ? {} : OF_CUSTOMER;
  const id = table === 'arrears_states' ? {} : { id: '' };
  const added = table === 'subscription_items' ? { subscription_id: '' } : {};
  return Object.keys({ ...template, ...keys, ...ofCustomer, ...id, ...added });
}

const OF_CUSTOMER = { customer_id: '' };

async function copyIn(
  database: BenchDatabase,
  table: Table,
  facts: { readonly lines: ReadonlyMap<Table, string[]>; readonly templates: Templates },
): Promise<void> {
  const lines = facts.lines.get(table) ?? [];
  if (lines.length === 0) return;
  const file = join(database.folder, `${table}.copy`);
  appendFileSync(file, `${lines.join('\n')}\n`);
  const columns = columnsOf(table, facts.templates).join(', ');
  // Copies of rows that were checked need no keys checked: a million of them load in minutes so.
  await database.admin(
    `begin; set local session_replication_role = replica;
     copy ${table} (${columns}) from '${file}'; commit`,
  );
  rmSync(file);
}

/** The bucket of a customer, for statements that are written by hand. */
export function placeOf(customer: CustomerId): { readonly bucket: number; readonly uuid: string } {
  return { bucket: bucketOf(customer), uuid: toUuid(customer) };
}
