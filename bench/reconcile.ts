import { parseArgs } from 'node:util';
import {
  type Break,
  bucketOfKey,
  type Merchant,
  makeId,
  money,
  type Rail,
  type RailCapabilities,
} from '../packages/core/src/index.ts';
import { ALL_BUCKETS, type Job, NO_PROGRESS, reconcileDay } from '../packages/engine/src/index.ts';
import { composeEngine } from '../packages/server/src/compose.ts';
import { ZONE } from '../test/kit/builders.ts';
import { type BenchDatabase, openPostgresBench } from './databases.ts';
import {
  BILL_DATE,
  billOf,
  expectedBreaks,
  FEE_BASIS_POINTS,
  FETCHED_AT,
  RAIL,
  seedBooks,
  statementOf,
} from './reconcile-world.ts';
import { perSecond, secondsOf } from './rounds.ts';

type Size = { readonly rows: number; readonly seed: number };

export type ReconcileResult = Size & {
  readonly bench: 'reconcile';
  readonly backend: string;
  /** Reading, storing and comparing every line, with fee, break rows and postings. */
  readonly rows_per_second: number;
  readonly seconds: number;
  /** The lines of the same bill by COPY into a table of the same columns and indexes. */
  readonly copy_rows_per_second: number;
  readonly ratio: number;
  readonly seeded_breaks: number;
  readonly found_breaks: number;
  readonly missed: number;
  readonly invented: number;
  readonly rss_megabytes: {
    readonly before: number;
    readonly early: number;
    readonly late: number;
  };
};

const CAPABILITIES: RailCapabilities = {
  currencies: ['CNY'],
  signingFlows: [],
  orderNumberMaxLength: 32,
  numberDiscipline: { afterRefusal: 'new_number', afterNeverSent: 'same_number' },
  completion: 'reply',
  defaultSingleCap: money(50_000n, 'CNY'),
  submitPerSecond: 100,
  billReadyAt: Temporal.PlainTime.from('10:00'),
  zone: ZONE,
};

/**
 * Compares a bill of `--rows` lines with as many payments, one in a thousand of them wrong in a
 * way that is known, on PostgreSQL; beside COPY of the same lines. Fails when a break is missed,
 * invented or of another class.
 */
export async function run(
  say: (line: string) => void,
  options: readonly string[],
): Promise<ReconcileResult> {
  const { values } = parseArgs({
    args: [...options],
    options: {
      rows: { type: 'string', default: '100000' },
      seed: { type: 'string', default: '7' },
      json: { type: 'boolean' },
    },
  });
  const size = { rows: Number(values.rows), seed: Number(values.seed) };
  const database = await openPostgresBench();
  try {
    return await measure(database, size, say);
  } finally {
    await database.close();
  }
}

async function measure(
  database: BenchDatabase,
  size: Size,
  say: (line: string) => void,
): Promise<ReconcileResult> {
  const job = await makeJob(database, size);
  const seeding = await secondsOf(() => seedBooks(database, job.merchant, size));
  await database.admin('analyze attempts, payments');
  say(`${size.rows} attempts and payments seeded in ${seeding.toFixed(0)} s`);
  const before = megabytes();
  const memory = watchMemory();
  const seconds = await secondsOf(async () => {
    const outcome = await reconcileDay(job, { rail: RAIL, businessDate: BILL_DATE });
    if (outcome.kind !== 'matched') throw new Error(`the bill was not compared: ${outcome.kind}`);
  });
  const { early, late } = memory.stop();
  say(`compared in ${seconds.toFixed(1)} s, ${perSecond(size.rows, seconds)} rows/s`);
  const copySeconds = await copyLines(database);
  say(`copied in ${copySeconds.toFixed(1)} s, ${perSecond(size.rows, copySeconds)} rows/s`);
  const found = await loadBreaks(job);
  const expected = expectedBreaks(size.rows, size.seed);
  const missed = [...expected].filter((one) => !found.includes(one));
  const invented = found.filter((one) => !expected.has(one));
  if (missed.length + invented.length > 0) {
    say(`missed: ${missed.slice(0, 5).join('; ')}; invented: ${invented.slice(0, 5).join('; ')}`);
    process.exitCode = 1;
  }
  return {
    bench: 'reconcile',
    backend: database.backend,
    ...size,
    rows_per_second: perSecond(size.rows, seconds),
    seconds,
    copy_rows_per_second: perSecond(size.rows, copySeconds),
    ratio: copySeconds / seconds,
    seeded_breaks: expected.size,
    found_breaks: found.length,
    missed: missed.length,
    invented: invented.length,
    rss_megabytes: { before, early, late },
  };
}

async function makeJob(database: BenchDatabase, size: Size): Promise<Job> {
  const { store } = database;
  const merchant: Merchant = {
    id: makeId('mer', {
      epochMilliseconds: FETCHED_AT.epochMilliseconds,
      random: new Uint8Array(10),
      bucket: bucketOfKey('bench'),
    }),
    code: 'bench',
    name: 'Bench',
    zone: ZONE,
    mode: 'test',
    testClock: FETCHED_AT,
    demo: false,
  };
  await store.saveMerchant(merchant);
  await store.transact(merchant.id, (tx) =>
    tx.saveTerms({
      merchantId: merchant.id,
      rail: RAIL,
      validFrom: BILL_DATE.subtract({ days: 30 }),
      feeBasisPoints: FEE_BASIS_POINTS,
      feeBackOnRefund: true,
      payerNames: [],
    }),
  );
  const engine = composeEngine({
    store,
    log: { info() {}, warn() {} },
    connections: {},
    baseUrl: 'http://127.0.0.1',
    merchantCode: merchant.code,
  });
  const rails = new Map([[RAIL, billingRail(size)]]);
  return {
    engine: { ...engine, rails },
    merchant,
    buckets: ALL_BUCKETS,
    progress: NO_PROGRESS,
  };
}

/** A rail that only issues its files: the comparison asks it for nothing else. */
function billingRail({ rows, seed }: Size): Rail {
  const never = () => Promise.reject(new Error('the comparison moves no money'));
  return {
    id: RAIL,
    capabilities: CAPABILITIES,
    beginSigning: never,
    queryMandate: never,
    endMandate: never,
    submit: never,
    ask: never,
    close: never,
    readCallback: () => {
      throw new Error('the comparison takes no callbacks');
    },
    fetchBill: async () => ({
      kind: 'ready',
      contentHash: '1'.repeat(64),
      lines: billOf(rows, seed),
    }),
    fetchSettlement: async () => ({
      kind: 'ready',
      contentHash: '2'.repeat(64),
      lines: statementOf(rows, seed),
    }),
  };
}

/** The same lines out to a file and in again, into a copy of the table with its indexes. */
async function copyLines(database: BenchDatabase): Promise<number> {
  const path = `${database.folder}/lines.copy`;
  await database.admin(`copy rail_bill_lines to '${path}'`);
  await database.admin('create table copied_lines (like rail_bill_lines including all)');
  return secondsOf(() => database.admin(`copy copied_lines from '${path}'`));
}

/** Every break as "class number". */
async function loadBreaks(job: Job): Promise<readonly string[]> {
  const found: string[] = [];
  let after: Break['id'] | undefined;
  do {
    const page = await job.engine.store.transact(job.merchant.id, (tx) =>
      tx.listBreaks({ limit: 1_000, ...(after === undefined ? {} : { after }) }),
    );
    for (const one of page) found.push(`${one.class} ${one.orderNumber}`);
    after = page.length === 1_000 ? page.at(-1)?.id : undefined;
  } while (after !== undefined);
  return found;
}

const MEGABYTE = 1_048_576;

function megabytes(): number {
  return Math.round(process.memoryUsage.rss() / MEGABYTE);
}

/** The highest memory of the process in the first and in the second half of a run. */
function watchMemory() {
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(megabytes()), 50);
  return {
    stop: () => {
      clearInterval(timer);
      const half = samples.length >> 1;
      return {
        early: Math.max(0, ...samples.slice(0, half)),
        late: Math.max(0, ...samples.slice(half)),
      };
    },
  };
}
