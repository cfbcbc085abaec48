import type { CustomerId, MerchantId } from '../packages/core/src/index.ts';
import { toUuid } from '../packages/core/src/index.ts';
import { makeApp } from '../packages/server/src/http/app.ts';
import { hashKey } from '../packages/server/src/http/keys.ts';
import { type BenchDatabase, openPostgresBench } from './databases.ts';
import { type EntitlementWorld, makeEntitlementWorld, placeOf } from './entitlements-world.ts';
import { median } from './rounds.ts';

/** Subscriptions that the table holds while one customer's answer is measured. */
const SUBSCRIPTIONS = 1_000_000;

/** Questions of one round, one after the other, each about another customer. */
const QUESTIONS = 2_000;
const ROUNDS = 3;

/** Questions before the first that counts: a server is measured warm, as it runs for weeks. */
const WARM_QUESTIONS = 1_000;

const KEY = 'dk_test_bench-entitlements';

/** Milliseconds. */
type Times = { readonly p50: number; readonly p99: number };

export type EntitlementsResult = {
  readonly bench: 'entitlements';
  readonly backend: string;
  readonly subscriptions: number;
  /** `GET /v1/entitlements/{customer}` through the whole server in this process. */
  readonly route: Times;
  /** The same for 100 customers in one request. */
  readonly route_of_100: Times;
  /** The limits of this machine: a statement that reads nothing, and one row by its key. */
  readonly select_1: Times;
  readonly key_read: Times;
  readonly p50_to_select_1: number;
  readonly p50_to_key_read: number;
  readonly p99_below_5_ms: boolean;
  readonly rounds: readonly Readonly<Record<string, Times>>[];
};

/**
 * Measures what a customer may use, beside the least that a question to this database costs.
 * `--subscriptions=100000` measures a smaller table.
 */
export async function run(
  say: (line: string) => void,
  options: readonly string[] = [],
): Promise<EntitlementsResult> {
  const wanted = options.find((one) => one.startsWith('--subscriptions='))?.split('=')[1];
  const subscriptions = wanted === undefined ? SUBSCRIPTIONS : Number(wanted);
  const database = await openPostgresBench();
  try {
    const world = await makeEntitlementWorld(database, subscriptions, say);
    return await measure(database, world, { subscriptions, say });
  } finally {
    await database.close();
  }
}

async function measure(
  database: BenchDatabase,
  { job, customers }: EntitlementWorld,
  about: { readonly subscriptions: number; readonly say: (line: string) => void },
): Promise<EntitlementsResult> {
  const { store } = database;
  await store.saveApiKey(job.merchant.id, hashKey(KEY), 'bench');
  const app = await makeApp({
    store,
    log: job.engine.log,
    isReady: () => true,
    targetOf: async () => ({ engine: job.engine, inbox: { add: async () => {} } as never }),
  });
  const ask = async (url: string): Promise<void> => {
    const headers = { authorization: `Bearer ${KEY}` };
    const answer = await app.inject({ method: 'GET', url, headers });
    if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${answer.body}`);
  };
  const one = (at: number) => ask(`/v1/entitlements/${customers[at % customers.length]}`);
  const hundred = (at: number) =>
    ask(`/v1/entitlements?customers=${hundredFrom(customers, at).join(',')}`);
  const nothing = async () => void (await database.count('select 1'));
  const row = (at: number) => readRow(database, job.merchant.id, customers[at % customers.length]);
  await timesOf(one, WARM_QUESTIONS);
  await timesOf(hundred, WARM_QUESTIONS / 20);
  const rounds: Record<string, Times>[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const times = {
      route: await timesOf(one, QUESTIONS, round * QUESTIONS),
      select_1: await timesOf(nothing, QUESTIONS),
      key_read: await timesOf(row, QUESTIONS, round * QUESTIONS),
      route_of_100: await timesOf(hundred, QUESTIONS / 20, round * QUESTIONS),
    };
    about.say(JSON.stringify(times));
    rounds.push(times);
  }
  await app.close();
  return summarise(rounds, { backend: database.backend, subscriptions: about.subscriptions });
}

function hundredFrom(customers: readonly CustomerId[], at: number): readonly CustomerId[] {
  return Array.from(
    { length: 100 },
    (_, index) => customers[(at + index) % customers.length] as CustomerId,
  );
}

async function readRow(
  database: BenchDatabase,
  merchant: MerchantId,
  customer: CustomerId | undefined,
): Promise<void> {
  if (customer === undefined) throw new Error('a world without customers');
  const { bucket, uuid } = placeOf(customer);
  const found = await database.count(
    `select bucket from customers
      where bucket = ${bucket} and merchant_id = '${toUuid(merchant)}' and id = '${uuid}'`,
  );
  if (found !== bucket) throw new Error('the customer is not there');
}

/** Milliseconds of `count` pieces of work, one after the other: the middle and the 99th of 100. */
async function timesOf(
  work: (at: number) => Promise<void>,
  count: number,
  from = 0,
): Promise<Times> {
  const times: number[] = [];
  for (let at = 0; at < count; at += 1) {
    const start = performance.now();
    await work(from + at * 7);
    times.push(performance.now() - start);
  }
  times.sort((left, right) => left - right);
  const at = (share: number) => rounded(times[Math.floor((times.length - 1) * share)] ?? 0);
  return { p50: at(0.5), p99: at(0.99) };
}

function summarise(
  rounds: readonly Record<string, Times>[],
  about: { readonly backend: string; readonly subscriptions: number },
): EntitlementsResult {
  const middle = (name: string): Times => ({
    p50: median(rounds.map((round) => round[name]?.p50 ?? 0)),
    p99: median(rounds.map((round) => round[name]?.p99 ?? 0)),
  });
  const [route, nothing, row] = [middle('route'), middle('select_1'), middle('key_read')];
  return {
    bench: 'entitlements',
    ...about,
    route,
    route_of_100: middle('route_of_100'),
    select_1: nothing,
    key_read: row,
    p50_to_select_1: rounded(route.p50 / nothing.p50),
    p50_to_key_read: rounded(route.p50 / row.p50),
    p99_below_5_ms: route.p99 < 5,
    rounds,
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
