import type { Violation } from '@daikou/core';
import { openEmbedded } from '../backends/pglite.ts';
import { openPostgres } from '../backends/postgres.ts';
import { findViolations } from '../doctor/find-violations.ts';
import { type RestoreOptions, type RestoreResult, restoreInto } from './restore.ts';

export type RestoredStore = RestoreResult & {
  /** What the doctor finds in the restored books; empty as a rule. */
  readonly violations: readonly Violation[];
};

/** Violations of one invariant that are named; a thousand more would say the same. */
const NAMED = 100;

/**
 * Opens the database that `databaseUrl` names, or the embedded one under `home`, restores a backup
 * into it and has the doctor look at it. The database is closed again. Throws what opening and
 * restoring throw; a database with rows is never touched.
 */
export async function restoreStore(
  path: string,
  where: { readonly databaseUrl?: string; readonly home: string },
  options: RestoreOptions,
): Promise<RestoredStore> {
  const url = where.databaseUrl ?? '';
  const backend = url === '' ? await openEmbedded(where.home) : await openPostgres(url);
  try {
    const restored = await restoreInto(backend.db, path, options);
    return { ...restored, violations: await findViolations(backend.db, NAMED) };
  } finally {
    await backend.close();
  }
}
