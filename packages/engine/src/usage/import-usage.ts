import { createHash } from 'node:crypto';
import {
  makeTimeReader,
  ok,
  type Result,
  type Run,
  readUsageEvent,
  refuse,
  statedWindow,
  type Tx,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import {
  type FileForm,
  type FileRefusal,
  fileName,
  formOf,
  openContent,
  type RowMapping,
  RowTooLong,
  readFileRows,
} from './file-rows.ts';
import { foldUsage, metersByType } from './fold.ts';
import { appendEvents, EventChecker, type RawEvent, type RefusedEvent } from './intake.ts';

/** Rows of one commit of an import. */
export const IMPORT_ROWS = 4_000;

/** Refusals that are kept with the run; more are only counted. */
export const REFUSALS_KEPT = 1_000;

const RUN_KIND = 'usage-import';
const NEWLINE = 0x0a;

/** What an import is told besides its file. */
export type UsageImport = {
  /** Events have to lie inside: from inside, until outside. */
  readonly from: Temporal.Instant;
  readonly until: Temporal.Instant;
  readonly mapping: RowMapping;
  /** Times without an offset are UTC. */
  readonly assumeUtc: boolean;
};

export type UsageImportResult = {
  readonly rows: number;
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused: number;
  /** The first refusals, by line. */
  readonly refusals: readonly (Omit<RefusedEvent, 'index'> & { readonly line: number })[];
  /** True when the same import was finished before: nothing was read again. */
  readonly wasDone: boolean;
};

type Counts = Omit<UsageImportResult, 'wasDone'>;

/**
 * Imports a file of usage as a stream: CSV or lines of JSON, gzipped or not. Good rows are kept
 * and bad ones listed by line. The place reached is saved with each commit, so an import that was
 * killed goes on where it stopped; one that was finished answers as it did. Whatever else happens,
 * the same (source, id) is counted once.
 */
export async function importUsageFile(
  job: Job,
  path: string,
  plan: UsageImport,
): Promise<Result<UsageImportResult, FileRefusal>> {
  const form = formOf(path);
  if (form === undefined) return refuse(TYPE_NOT_KNOWN);
  const checked = await checkFile(path, form);
  if (!checked.ok) return checked;
  const run = await openRun(job, keyOf(checked.value.hash, path, plan));
  const before = countsOf(run);
  if (run.state === 'done') return ok({ ...before, wasDone: true });
  job.progress.start('usage', checked.value.lines);
  job.progress.advance(before.rows);
  const read = await readAll(job, { path, form, plan, run });
  if (!read.ok) return read;
  job.progress.finish();
  await foldUsage(job);
  return ok({ ...read.value, wasDone: false });
}

type Reading = {
  readonly path: string;
  readonly form: FileForm;
  readonly plan: UsageImport;
  readonly run: Run;
};

async function readAll(job: Job, reading: Reading): Promise<Result<Counts, FileRefusal>> {
  const importer = await makeImporter(job, reading.plan, reading.run);
  try {
    for await (const row of readFileRows(reading.path, reading.form, reading.plan.mapping)) {
      await importer.add(row);
    }
  } catch (error) {
    const refusal = malformedFrom(error);
    if (refusal === undefined) throw error;
    return refuse(refusal);
  }
  return ok(await importer.finish());
}

async function makeImporter(job: Job, plan: UsageImport, run: Run) {
  const checker = new EventChecker();
  const meters = await job.engine.store.transact(job.merchant.id, (tx) => tx.loadMeters());
  const context = {
    meters: metersByType(meters),
    readTime: makeTimeReader(job.merchant.zone, { assumeUtc: plan.assumeUtc }),
    window: statedWindow(plan),
    receivedAt: nowOf(job.engine, job.merchant).toString(),
  };
  const read = (value: unknown) => readUsageEvent(value, context);
  let counts = countsOf(run);
  let line = Number(run.progress['line'] ?? 0);
  let expectsRepeats = counts.rows > 0;
  let pending: RawEvent[] = [];
  const saveBatch = async (state: Run['state']) => {
    const raws = pending;
    pending = [];
    const checked = await checker.check(job, raws, read);
    const last = raws.at(-1)?.index ?? line;
    const saved = await job.engine.store.transact(job.merchant.id, async (tx) => {
      const isNew = await appendEvents(tx, job, { events: checked.events, expectsRepeats });
      const next = addUp(counts, raws.length, { isNew, refused: checked.refused });
      await noteProgress(tx, job, { ...run, state, progress: { ...next, line: last } });
      return { next, isNew };
    });
    expectsRepeats ||= saved.isNew.includes(false);
    counts = saved.next;
    line = last;
    job.progress.advance(raws.length);
  };
  return {
    add: async (row: RawEvent) => {
      if (row.index <= line) return;
      pending.push(row);
      if (pending.length >= IMPORT_ROWS) await saveBatch('running');
    },
    finish: async (): Promise<Counts> => {
      await saveBatch('done');
      return counts;
    },
  };
}

async function noteProgress(tx: Tx, job: Job, run: Run): Promise<void> {
  const now = nowOf(job.engine, job.merchant);
  await tx.saveRun(run.state === 'done' ? { ...run, finishedAt: now } : run);
}

function addUp(
  counts: Counts,
  rows: number,
  saved: { readonly isNew: readonly boolean[]; readonly refused: readonly RefusedEvent[] },
): Counts {
  const accepted = saved.isNew.filter(Boolean).length;
  const refusals = saved.refused.map(({ index: line, ...refusal }) => ({ line, ...refusal }));
  return {
    rows: counts.rows + rows,
    accepted: counts.accepted + accepted,
    duplicates: counts.duplicates + saved.isNew.length - accepted,
    refused: counts.refused + saved.refused.length,
    refusals: [...counts.refusals, ...refusals].slice(0, REFUSALS_KEPT),
  };
}

/** One run for the same bytes read in the same way. */
function keyOf(hash: string, path: string, plan: UsageImport): string {
  const how = JSON.stringify([
    fileName(path),
    plan.from.toString(),
    plan.until.toString(),
    plan.mapping,
    plan.assumeUtc,
  ]);
  return createHash('sha256').update(`${hash} ${how}`).digest('hex');
}

async function openRun(job: Job, key: string): Promise<Run> {
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const known = await tx.findRun(RUN_KIND, key);
    if (known !== undefined) return known;
    const run: Run = {
      id: idSource(job.engine)('run', 0),
      merchantId: job.merchant.id,
      kind: RUN_KIND,
      key,
      state: 'running',
      progress: { line: 0, rows: 0, accepted: 0, duplicates: 0, refused: 0, refusals: [] },
      startedAt: nowOf(job.engine, job.merchant),
    };
    await tx.saveRun(run);
    return run;
  });
}

function countsOf({ progress }: Run): Counts {
  const { rows, accepted, duplicates, refused, refusals } = progress as unknown as Counts;
  return { rows, accepted, duplicates, refused, refusals };
}

/** One pass over the content before anything is written: its hash and its lines. */
async function checkFile(
  path: string,
  form: FileForm,
): Promise<Result<{ readonly hash: string; readonly lines: number }, FileRefusal>> {
  const hash = createHash('sha256');
  let lines = 0;
  let bytes = 0;
  try {
    for await (const chunk of openContent(path, form)) {
      const part = chunk as Buffer;
      hash.update(part);
      bytes += part.length;
      for (let at = part.indexOf(NEWLINE); at >= 0; at = part.indexOf(NEWLINE, at + 1)) lines += 1;
    }
  } catch (error) {
    return refuse({
      code: 'file_unreadable',
      sentence: `The file cannot be read (${(error as NodeJS.ErrnoException).code ?? 'error'}).`,
      next: 'Check its name, that this user may read it, and that a .gz file is whole.',
      field: path,
    });
  }
  if (bytes === 0) return refuse(FILE_EMPTY);
  return ok({ hash: hash.digest('hex'), lines });
}

function malformedFrom(error: unknown): FileRefusal | undefined {
  const { code } = error as { readonly code?: unknown };
  const isCsv = typeof code === 'string' && code.startsWith('CSV_');
  if (!isCsv && !(error instanceof RowTooLong)) return undefined;
  return {
    code: 'file_malformed',
    sentence: `The file is not what its name says: ${(error as Error).message}.`,
    next: 'Mend the file and import it again; what is in already is not counted twice.',
  };
}

const TYPE_NOT_KNOWN: FileRefusal = {
  code: 'file_type_not_known',
  sentence: 'The name does not say whether the file is CSV or lines of JSON.',
  next: 'Name it .csv, .ndjson or .jsonl, with .gz behind it when it is compressed.',
};

const FILE_EMPTY: FileRefusal = {
  code: 'file_empty',
  sentence: 'The file is empty.',
  next: 'Export it again with its rows.',
};
