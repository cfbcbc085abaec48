import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import {
  type MemoryBackend,
  openMemoryDatabase,
} from '../../packages/store/src/backends/pglite.ts';
import { storeOf } from '../../packages/store/src/open.ts';
import { forgetOthers, keyOfMigrations, pathKept, takeKept } from './kept.ts';

let template: Promise<Blob> | undefined;

/** A migrated database in memory: a copy of one that is made once for these migrations. */
export async function openMigratedDatabase(): Promise<MemoryBackend> {
  template ??= loadTemplate();
  return openMemoryDatabase(await template);
}

async function loadTemplate(): Promise<Blob> {
  const key = keyOfMigrations();
  const path = pathKept('embedded', `${key}.tar`);
  if (takeKept(path)) return new Blob([new Uint8Array(readFileSync(path))]);
  forgetOthers('embedded', key);
  const database = await openMemoryDatabase();
  const store = await storeOf(database);
  const file = await database.dump();
  await store.close();
  const half = `${path}.${process.pid}`;
  writeFileSync(half, new Uint8Array(await file.arrayBuffer()), { mode: 0o600 });
  renameSync(half, path);
  return file;
}
