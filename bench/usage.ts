import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { foldUsage } from '../packages/engine/src/index.ts';
import { makeApp } from '../packages/server/src/http/app.ts';
import { makeUsageWorld, USAGE_NOW, type UsageWorld } from '../test/kit/usage-world.ts';
import { type BenchDatabase, openEmbeddedBench, openPostgresBench } from './databases.ts';
import { alternate, median, perSecond, secondsOf } from './rounds.ts';

/** Events of one request, as the issue asks. */
const BATCH = 100;
const CONNECTIONS = 64;
const CUSTOMERS = 1_000;

/** Events of one round. The embedded database is slower; both take a few seconds. */
const EVENTS = { pglite: 20_000, postgres: 100_000 } as const;

/** Rounds before the first that counts: a server is measured warm, as it runs for weeks. */
const WARM_ROUNDS = 3;

/** What is written: the events, and the batches that wait for the fold. */
const TABLES = ['usage_events', 'usage_batches'] as const;

const SENDER = fileURLToPath(new URL('./usage-load.ts', import.meta.url));

type Sent = {
  readonly seconds: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
};

export type UsageResult = {
  readonly backend: string;
  readonly events: number;
  readonly batch: number;
  readonly events_per_second: number;
  /** The same rows by COPY into copies of the same tables with the same indexes, in one commit. */
  readonly copy_rows_per_second: number;
  readonly ratio: number;
  readonly fold_events_per_second: number;
  readonly fold_keeps_up: boolean;
  readonly rounds: readonly {
    readonly http: number;
    readonly copy: number;
    readonly fold: number;
  }[];
};

/** Measures taking usage in over HTTP beside COPY of the same rows, on both databases. */
export async function run(say: (line: string) => void) {
  const results: UsageResult[] = [];
  for (const open of [openEmbeddedBench, openPostgresBench]) {
    const database = await open();
    try {
      results.push(await measure(database, say));
    } finally {
      await database.close();
    }
  }
  return { bench: 'usage', results };
}

async function measure(database: BenchDatabase, say: (line: string) => void): Promise<UsageResult> {
  const { backend, store } = database;
  const events = EVENTS[backend];
  const world = await makeUsageWorld(store, {
    customers: CUSTOMERS,
    meters: [
      { code: 'tokens', eventType: 'llm.request', aggregation: 'sum', valueProperty: 'tokens' },
    ],
  });
  const app = await makeApp({
    store,
    log: world.job.engine.log,
    isReady: () => true,
    targetOf: async () => ({ engine: world.job.engine, inbox: noCallbacks() }),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  const address = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const http = { url: `http://127.0.0.1:${address.port}`, world, events };
  for (const table of TABLES) {
    await database.admin(`create table ${table}_copy (like ${table} including all)`);
  }
  // What is not counted warms everything up and gives the rows that COPY will write.
  for (let round = 0; round < WARM_ROUNDS; round += 1) await overHttp(database, http, 0);
  for (const table of TABLES) {
    await database.admin(`copy ${table} to '${database.folder}/${table}.copy'`);
  }
  const { first, second } = await alternate(
    (round) => overHttp(database, http, round + 1),
    () => byCopy(database, events),
  );
  await app.close();
  const rounds = first.map((one, index) => ({
    http: perSecond(events, one.seconds),
    copy: perSecond(events, second[index] ?? 0),
    fold: perSecond(events, one.foldSeconds),
  }));
  for (const round of rounds) say(`${backend} ${JSON.stringify(round)}`);
  return summarise({ backend, events, rounds });
}

function summarise(facts: Pick<UsageResult, 'backend' | 'events' | 'rounds'>): UsageResult {
  const http = median(facts.rounds.map((round) => round.http));
  const copy = median(facts.rounds.map((round) => round.copy));
  const fold = median(facts.rounds.map((round) => round.fold));
  return {
    backend: facts.backend,
    events: facts.events,
    batch: BATCH,
    events_per_second: http,
    copy_rows_per_second: copy,
    ratio: Math.round((http / copy) * 100) / 100,
    fold_events_per_second: fold,
    fold_keeps_up: fold >= http,
    rounds: facts.rounds,
  };
}

type Http = { readonly url: string; readonly world: UsageWorld; readonly events: number };

async function overHttp(database: BenchDatabase, { url, world, events }: Http, round: number) {
  await database.admin('truncate usage_events, usage_batches, usage_rollups');
  const sent = await send({
    url,
    key: world.key,
    events,
    batch: BATCH,
    connections: CONNECTIONS,
    customers: CUSTOMERS,
    round,
    time: USAGE_NOW.toString(),
  });
  if (sent.accepted !== events) throw new Error(`sent ${events}: ${JSON.stringify(sent)}`);
  await check(database, 'select count(*) from usage_events', events);
  await check(database, 'select sum(event_count) from usage_batches', events);
  const foldSeconds = round === 0 ? 0 : await secondsOf(() => foldUsage(world.job));
  if (round > 0) {
    await check(database, 'select sum(event_count) from usage_rollups', events);
    await check(database, 'select sum(units) from usage_rollups', unitsOf(events));
  }
  return { seconds: sent.seconds, foldSeconds };
}

/** What the sender's values add up to. */
function unitsOf(events: number): number {
  let units = 0;
  for (let number = 0; number < events; number += 1) units += (number % 997) + 1;
  return units;
}

async function check(database: BenchDatabase, text: string, wanted: number): Promise<void> {
  const found = await database.count(text);
  if (found !== wanted) throw new Error(`${text}: ${found} instead of ${wanted}`);
}

async function byCopy(database: BenchDatabase, events: number): Promise<number> {
  for (const table of TABLES) await database.admin(`truncate ${table}_copy`);
  const seconds = await secondsOf(async () => {
    for (const table of TABLES) {
      await database.admin(`copy ${table}_copy from '${database.folder}/${table}.copy'`);
    }
  });
  await check(database, 'select count(*) from usage_events_copy', events);
  return seconds;
}

async function send(plan: Readonly<Record<string, unknown>>): Promise<Sent> {
  const sender = fork(SENDER, [JSON.stringify(plan)], { stdio: 'inherit' });
  await once(sender, 'message');
  const answered = once(sender, 'message');
  const failed = once(sender, 'exit').then(([code]) => {
    throw new Error(`the sender ended with ${code}`);
  });
  sender.send('go');
  const [sent] = await Promise.race([answered, failed]);
  failed.catch(() => undefined);
  return sent as Sent;
}

/** The benchmark has no rails, so nothing ever calls back. */
function noCallbacks(): never {
  return undefined as never;
}
