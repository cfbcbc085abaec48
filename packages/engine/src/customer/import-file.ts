import { type CustomerId, ok, present, type Result, type Run, refuse, type Tx } from '@daikou/core';
import type { CsvError } from 'csv-parse';
import { idSource, type Job, nowOf } from '../job.ts';
import { checkSubscriberFile, type ImportRefusal, readSubscriberRows } from './read-file.ts';
import { buildSubscriber, type NewSubscriber, type SubscriberImport } from './subscriber-import.ts';
import { TELECOM_PLAN_CODE, telecomCatalog, versionsByCode } from './subscriber-plan.ts';
import type { Rejection, SubscriberRow } from './subscriber-row.ts';

/** Rows that one transaction imports: memory stays flat however long the file is. */
export const IMPORT_BATCH_ROWS = 500;

/** Rejections that are kept with the run; more are only counted. */
export const REJECTIONS_KEPT = 10_000;

export type ImportResult = {
  readonly rows: number;
  readonly imported: number;
  readonly refused: number;
  readonly rejections: readonly Rejection[];
  readonly warnings: readonly string[];
  readonly blankTotals: number;
};

/**
 * Imports a subscriber file as a stream. Rows that cannot be trusted are refused with their line;
 * the rest go on. The place reached is saved with each batch, so the same file again (by its
 * SHA-256) goes on where it stopped, or answers with the result that it had.
 */
export async function importSubscriberFile(
  job: Job,
  path: string,
  plan: SubscriberImport,
): Promise<Result<ImportResult, ImportRefusal>> {
  const checked = await checkSubscriberFile(path);
  if (!checked.ok) return checked;
  const { hash, warnings } = checked.value;
  const run = await openRun(job, hash);
  if (run.state === 'done') return ok(fromRun(run));
  const importer = await makeImporter(job, run, { plan, warnings });
  job.progress.start('import', checked.value.rows);
  job.progress.advance(importer.startLine > 1 ? importer.startLine - 1 : 0);
  const read = await readRows(path, importer);
  if (!read.ok) return read;
  const result = await importer.finish();
  job.progress.finish();
  return ok(result);
}

async function openRun(job: Job, key: string): Promise<Run> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const known = await tx.findRun('import', key);
    if (known !== undefined) return known;
    const run: Run = {
      id: idSource(job.engine)('run', 0),
      merchantId: job.merchant.id,
      kind: 'import',
      key,
      state: 'running',
      progress: {
        line: 1,
        rows: 0,
        imported: 0,
        refused: 0,
        blankTotals: 0,
        rejections: [],
        warnings: [],
      },
      startedAt: nowOf(job.engine, job.merchant),
    };
    await tx.saveRun(run);
    return run;
  });
}

function fromRun(run: Run): ImportResult {
  const { rows, imported, refused, rejections, warnings, blankTotals } =
    run.progress as unknown as ImportResult;
  return { rows, imported, refused, rejections, warnings, blankTotals };
}

type Importer = {
  readonly startLine: number;
  readonly add: (item: SubscriberRow | Rejection) => Promise<void>;
  readonly methods: ReadonlySet<string>;
  readonly finish: () => Promise<ImportResult>;
};

async function makeImporter(
  job: Job,
  run: Run,
  about: { readonly plan: SubscriberImport; readonly warnings: readonly string[] },
): Promise<Importer> {
  const { plan, warnings } = about;
  const catalog = await job.engine.store.transact(job.merchant.id, async (tx) => {
    const known = await tx.loadCatalog();
    if (known.plans.some((one) => one.code === TELECOM_PLAN_CODE)) return known;
    await tx.addToCatalog(telecomCatalog(idSource(job.engine), plan.firstDueDate));
    return tx.loadCatalog();
  });
  const sold = present(
    catalog.plans.find((one) => one.code === TELECOM_PLAN_CODE),
    'the plan',
  );
  const full = { ...plan, planId: sold.id, versions: versionsByCode(catalog) };
  const totals = { ...fromRun(run), rejections: [...fromRun(run).rejections], warnings };
  let line = run.progress['line'] as number;
  let pending: (SubscriberRow | Rejection)[] = [];
  const saveBatch = async (state: Run['state']) => {
    const batch = pending;
    pending = [];
    const last = batch.at(-1)?.line ?? line;
    const built = batch.map((item) => ('reason' in item ? item : buildSubscriber(job, item, full)));
    const saved = await job.engine.store.transact(job.merchant.id, async (tx) => {
      const outcome = await saveSubscribers(tx, { batch, built });
      const next = addUp(totals, batch, outcome);
      await tx.saveRun({
        ...run,
        state,
        progress: { ...next, line: last },
        ...(state === 'done' ? { finishedAt: nowOf(job.engine, job.merchant) } : {}),
      });
      return next;
    });
    Object.assign(totals, saved);
    line = last;
    job.progress.advance(batch.length);
  };
  return {
    startLine: line,
    methods: new Set(plan.methods.keys()),
    add: async (item) => {
      if (item.line <= line) return;
      pending.push(item);
      if (pending.length >= IMPORT_BATCH_ROWS) await saveBatch('running');
    },
    finish: async () => {
      await saveBatch('done');
      return totals;
    },
  };
}

/** Saves the new ones; returns the rejections of the batch, duplicates included. */
async function saveSubscribers(
  tx: Tx,
  work: {
    readonly batch: readonly (SubscriberRow | Rejection)[];
    readonly built: readonly (NewSubscriber | Rejection)[];
  },
): Promise<readonly Rejection[]> {
  const fresh = new Map<string, { readonly subscriber: NewSubscriber; readonly line: number }>();
  const rejections: Rejection[] = [];
  work.built.forEach((item, index) => {
    if ('reason' in item) {
      rejections.push(item);
      return;
    }
    const line = present(work.batch[index], 'the row of a subscriber').line;
    const reference = item.customer.externalReference;
    if (fresh.has(reference)) rejections.push(duplicate(line));
    else fresh.set(reference, { subscriber: item, line });
  });
  const all = [...fresh.values()];
  const inserted: ReadonlySet<CustomerId> = await tx.insertNewCustomers(
    all.map((one) => one.subscriber.customer),
  );
  for (const one of all) {
    if (!inserted.has(one.subscriber.customer.id)) rejections.push(duplicate(one.line));
  }
  const kept = all.map((one) => one.subscriber).filter((one) => inserted.has(one.customer.id));
  await tx.save({
    subscriptions: kept.map((one) => one.subscription),
    mandates: kept.flatMap((one) => one.mandate ?? []),
    events: kept.map((one) => one.event),
  });
  return rejections.sort((a, b) => a.line - b.line);
}

function duplicate(line: number): Rejection {
  return { line, field: 'customerID', reason: 'duplicate_customer' };
}

function addUp(
  totals: ImportResult,
  batch: readonly (SubscriberRow | Rejection)[],
  rejected: readonly Rejection[],
): ImportResult {
  const blank = batch.filter((item) => 'warnings' in item && item.warnings.length > 0).length;
  return {
    rows: totals.rows + batch.length,
    imported: totals.imported + batch.length - rejected.length,
    refused: totals.refused + rejected.length,
    rejections: [...totals.rejections, ...rejected].slice(0, REJECTIONS_KEPT),
    warnings: totals.warnings,
    blankTotals: totals.blankTotals + blank,
  };
}

async function readRows(path: string, importer: Importer): Promise<Result<true, ImportRefusal>> {
  try {
    for await (const row of readSubscriberRows(path, importer.methods)) await importer.add(row);
    return ok(true);
  } catch (error) {
    const { code } = error as CsvError;
    if (typeof code !== 'string' || !code.startsWith('CSV_')) throw error;
    return refuse({
      code: 'file_malformed',
      sentence: `The file is not valid CSV: ${(error as CsvError).message}`,
      next: 'Mend the file and import it again; who is in already is not added twice.',
    });
  }
}
