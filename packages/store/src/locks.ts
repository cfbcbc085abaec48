import type { Id } from '@daikou/core';
import { sql } from 'kysely';
import type { Database } from './array-write.ts';

/**
 * Keeps everybody else who asks for the same id waiting until this commit. For facts that are about
 * rows which do not exist yet, where no row can be locked.
 */
export async function lockUntilCommit(db: Database, id: Id): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${id}, 0))`.execute(db);
}
