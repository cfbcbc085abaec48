import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type MemoryBackend,
  openMemoryDatabase,
} from '../../packages/store/src/backends/pglite.ts';
import { storeOf } from '../../packages/store/src/open.ts';

const MIGRATIONS = new URL('../../packages/store/src/migrations/', import.meta.url);
const MIGRATE = new URL('../../packages/store/src/migrate.ts', import.meta.url);

let template: Promise<Blob> | undefined;

/**
 * A migrated database in memory. It is a copy of one that is made once for these migrations and
 * kept in the system's temporary folder: hundreds of test files would each make the same one.
 */
export async function openMigratedDatabase(): Promise<MemoryBackend> {
  template ??= loadTemplate();
  return openMemoryDatabase(await template);
}

async function loadTemplate(): Promise<Blob> {
  const path = join(tmpdir(), `daikou-tests-${process.getuid?.() ?? 0}-${keyOfMigrations()}.tar`);
  const kept = readOwn(path);
  if (kept !== undefined) return new Blob([kept]);
  const database = await openMemoryDatabase();
  const store = await storeOf(database);
  const file = await database.dump();
  await store.close();
  const half = `${path}.${process.pid}`;
  writeFileSync(half, new Uint8Array(await file.arrayBuffer()), { mode: 0o600 });
  renameSync(half, path);
  return file;
}

/** Everything that a migrated database is made of, and the program that makes it. */
function keyOfMigrations(): string {
  const hash = createHash('sha256').update(process.version).update(readFileSync(MIGRATE));
  for (const name of readdirSync(MIGRATIONS).sort()) {
    hash.update(name).update(readFileSync(new URL(`${name}/up.sql`, MIGRATIONS)));
  }
  return hash.digest('hex').slice(0, 24);
}

/** The file, unless it is absent or somebody else's. */
function readOwn(path: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    if (statSync(path).uid !== (process.getuid?.() ?? 0)) return undefined;
    return new Uint8Array(readFileSync(path));
  } catch {
    return undefined;
  }
}
