import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite, type PGliteOptions } from '@electric-sql/pglite';
import { Kysely } from 'kysely';
import type { Tables } from '../schema.generated.ts';
import type { Backend, RawResult } from './backend.ts';
import { COLUMN_PARSERS } from './column-types.ts';
import { takeOwnerLock } from './owner-lock.ts';
import { SerialPGliteDialect } from './serial-dialect.ts';

const FOLDER = 'database';
const NEW_FOLDER_PREFIX = 'database.new-';

/**
 * Opens the embedded database in `<home>/database`, making it when it is not there, as the only
 * process that does. A new one is made under another name and renamed, so that a kill during the
 * first start leaves nothing half made.
 *
 * Commits reach the operating system before they are acknowledged: a killed process loses none.
 * A power cut may lose the last ones, because the WebAssembly file system does not pass fsync on;
 * a company's books belong on a PostgreSQL.
 */
export async function openEmbedded(home: string): Promise<Backend> {
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const lock = takeOwnerLock(home);
  try {
    removeHalfMade(home);
    if (!existsSync(join(home, FOLDER))) await makeDatabase(home);
    return serve(await create({ dataDir: join(home, FOLDER) }), lock.release);
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** A database in memory, and a copy of it as one file. */
export type MemoryBackend = Backend & { readonly dump: () => Promise<Blob> };

/** Opens a database in memory, empty or a copy of a dumped one: for generators and tests. */
export async function openMemoryDatabase(copyOf?: Blob): Promise<MemoryBackend> {
  const pglite = await create(copyOf === undefined ? {} : { loadDataDir: copyOf });
  return { ...serve(pglite, () => {}), dump: () => pglite.dumpDataDir('none') };
}

async function makeDatabase(home: string): Promise<void> {
  const folder = join(home, `${NEW_FOLDER_PREFIX}${process.pid}-${randomBytes(4).toString('hex')}`);
  const database = await create({ dataDir: folder });
  await database.close();
  renameSync(folder, join(home, FOLDER));
}

/** Only called by the owner, so every folder under another name belongs to a process that died. */
function removeHalfMade(home: string): void {
  for (const name of readdirSync(home)) {
    if (name.startsWith(NEW_FOLDER_PREFIX)) rmSync(join(home, name), { recursive: true });
  }
}

async function create(options: PGliteOptions): Promise<PGlite> {
  return await PGlite.create({ ...options, parsers: COLUMN_PARSERS });
}

function serve(pglite: PGlite, release: () => void): Backend {
  const dialect = new SerialPGliteDialect(pglite);
  const db = new Kysely<Tables>({ dialect });
  return {
    kind: 'pglite',
    db,
    // Through Kysely's connection, so that it waits for the transaction that is running.
    rawSql: (text) =>
      db.connection().execute(async () => {
        try {
          return await runRaw(pglite, text);
        } finally {
          if (CHANGES_PLANS.test(text)) await dialect.forgetPlans();
        }
      }),
    close: async () => {
      await db.destroy();
      release();
    },
  };
}

async function runRaw(pglite: PGlite, text: string): Promise<RawResult> {
  try {
    const results = await pglite.exec(text, { rowMode: 'array' });
    const last = results.at(-1);
    return {
      columns: last?.fields.map(({ name }) => name) ?? [],
      rows: (last?.rows ?? []) as unknown as readonly (readonly unknown[])[],
      rowCount: last === undefined ? 0 : last.affectedRows || last.rows.length,
    };
  } finally {
    // The connection is everybody's: nothing that the text has set or left open may stay.
    if (pglite.isInTransaction()) await pglite.exec('rollback');
    await pglite.exec(DISCARD_BUT_PLANS);
  }
}

/** What a text says that changes tables or discards plans itself; more than needed does no harm. */
const CHANGES_PLANS = /\b(?:create|alter|drop|discard|deallocate|do|call)\b/i;

/** As `discard all`, which would have every statement planned again. */
const DISCARD_BUT_PLANS = `
  close all; set session authorization default; reset all; unlisten *;
  select pg_advisory_unlock_all(); discard temp; discard sequences`;
