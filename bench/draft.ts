import type { BucketRange } from '../packages/core/src/index.ts';
import { draftInvoices, type Job } from '../packages/engine/src/index.ts';
import { type BenchDatabase, openEmbeddedBench, openPostgresBench } from './databases.ts';
import { DRAFT_AT, DUE, makeDraftWorld } from './draft-world.ts';
import { alternate, median, perSecond, secondsOf } from './rounds.ts';

/** Subscriptions of three items; the cost of one invoice is compared between the two. */
const SIZES = [10_000, 100_000] as const;
const ITEMS = 3;

/**
 * Workers in as many ranges of buckets at once, each on its own connection; COPY gets as many. The
 * embedded database has one connection.
 */
const WORKERS = { pglite: 1, postgres: 2 } as const;

const BUCKETS = 1024;

/** What drafting adds, in the order in which keys refer to each other. */
const TABLES = ['invoices', 'invoice_lines', 'events'] as const;

export type DraftRun = {
  readonly subscriptions: number;
  readonly workers: number;
  readonly invoices_per_second: number;
  /**
   * The same rows by COPY into the same emptied tables, with all their keys, checks and indexes, in
   * one commit for each connection, on as many connections as drafting uses.
   */
  readonly copy_invoices_per_second: number;
  readonly ratio: number;
  /** The same on one connection, as somebody who loads a dump would do it. */
  readonly copy_on_one_connection_per_second: number;
  readonly ratio_to_one_connection: number;
  readonly microseconds_per_invoice: number;
  readonly rounds: readonly { readonly drafted: number; readonly copied: number }[];
};

export type DraftResult = {
  readonly backend: string;
  readonly runs: readonly DraftRun[];
  /** The cost of an invoice at 100,000 subscriptions over that at 10,000. */
  readonly cost_quotient: number;
};

/** Measures drafting beside COPY of the same rows, on both databases, at both sizes. */
export async function run(say: (line: string) => void) {
  const results: DraftResult[] = [];
  for (const open of [openEmbeddedBench, openPostgresBench]) {
    const runs: DraftRun[] = [];
    let backend = '';
    for (const size of SIZES) {
      const database = await open();
      backend = database.backend;
      try {
        runs.push(await measure(database, size, say));
      } finally {
        await database.close();
      }
    }
    const costs = runs.map((one) => one.microseconds_per_invoice);
    const quotient = (costs[1] ?? 0) / (costs[0] ?? 1);
    results.push({ backend, runs, cost_quotient: Math.round(quotient * 100) / 100 });
  }
  return { bench: 'draft', results };
}

/** One size on one new database. */
export async function measure(
  database: BenchDatabase,
  size: number,
  say: (line: string) => void,
): Promise<DraftRun> {
  const job = await makeDraftWorld(database.store, size);
  await database.admin('vacuum analyze');
  // A round that is not counted warms everything up and gives the rows that COPY will write.
  await draft(database, job, size);
  for (const range of rangesOf(database)) {
    for (const table of TABLES) {
      await database.admin(
        `copy (select * from ${table} where bucket >= ${range.from} and bucket < ${range.until})
           to '${fileOf(database, table, range)}'`,
      );
    }
  }
  const { first, second } = await alternate(
    () => draft(database, job, size),
    () => copy(database, size),
  );
  const rounds = first.map((seconds, index) => ({
    drafted: perSecond(size, seconds),
    copied: perSecond(size, second[index] ?? 0),
  }));
  for (const round of rounds) say(`${database.backend} ${size} ${JSON.stringify(round)}`);
  const alone = perSecond(size, await copyOnOne(database, size));
  say(`${database.backend} ${size} ${JSON.stringify({ copied_on_one_connection: alone })}`);
  const drafted = median(rounds.map((round) => round.drafted));
  const copied = median(rounds.map((round) => round.copied));
  return {
    subscriptions: size,
    workers: WORKERS[database.backend],
    invoices_per_second: drafted,
    copy_invoices_per_second: copied,
    ratio: Math.round((drafted / copied) * 100) / 100,
    copy_on_one_connection_per_second: alone,
    ratio_to_one_connection: Math.round((drafted / alone) * 100) / 100,
    microseconds_per_invoice: Math.round((median(first) * 1e6) / size),
    rounds,
  };
}

/** Every subscription due again, no invoice yet, and the tables as compact as new ones. */
async function restore({ admin }: BenchDatabase): Promise<void> {
  await admin(`truncate ${TABLES.join(', ')} cascade`);
  await admin(
    `update subscriptions set billed_through = '${DUE}', arrears_through = '${DUE}',
       next_bill_at = '${DRAFT_AT}'`,
  );
  await admin('update customers set event_sequence = 0');
  await admin('vacuum analyze subscriptions');
  await admin('vacuum analyze customers');
  await admin('checkpoint');
}

async function draft(database: BenchDatabase, job: Job, size: number): Promise<number> {
  await restore(database);
  const drafted: number[] = [];
  const seconds = await secondsOf(() =>
    Promise.all(
      rangesOf(database).map(async (buckets) => {
        drafted.push((await draftInvoices({ ...job, buckets })).drafted);
      }),
    ),
  );
  const total = drafted.reduce((sum, one) => sum + one, 0);
  if (total !== size) throw new Error(`${total} of ${size} were drafted`);
  await checkRows(database, size);
  return seconds;
}

async function copy(database: BenchDatabase, size: number): Promise<number> {
  await restore(database);
  const seconds = await secondsOf(() =>
    Promise.all(
      rangesOf(database).map((range) =>
        database.admin(`begin; ${copiesOf(database, range)} commit;`),
      ),
    ),
  );
  await checkRows(database, size);
  return seconds;
}

async function copyOnOne(database: BenchDatabase, size: number): Promise<number> {
  await restore(database);
  const copies = rangesOf(database).map((range) => copiesOf(database, range));
  const seconds = await secondsOf(() => database.admin(`begin; ${copies.join(' ')} commit;`));
  await checkRows(database, size);
  return seconds;
}

/** The statements that copy the rows of these buckets into all tables. */
function copiesOf(database: BenchDatabase, range: BucketRange): string {
  return TABLES.map((table) => `copy ${table} from '${fileOf(database, table, range)}';`).join(' ');
}

/** One range of buckets for each worker. */
function rangesOf({ backend }: BenchDatabase): readonly BucketRange[] {
  const workers = WORKERS[backend];
  return Array.from({ length: workers }, (_, index) => ({
    from: Math.floor((BUCKETS * index) / workers),
    until: Math.floor((BUCKETS * (index + 1)) / workers),
  }));
}

function fileOf({ folder }: BenchDatabase, table: string, range: BucketRange): string {
  return `${folder}/${table}-${range.from}.copy`;
}

async function checkRows(database: BenchDatabase, size: number): Promise<void> {
  for (const [table, wanted] of [
    ['invoices', size],
    ['invoice_lines', size * ITEMS],
  ] as const) {
    const found = await database.count(`select count(*) from ${table}`);
    if (found !== wanted) throw new Error(`${table} has ${found} rows instead of ${wanted}`);
  }
}
