import { storeOf } from '../../packages/store/src/open.ts';
import { openMigratedDatabase } from '../kit/embedded-template.ts';
import { Run, type RunOptions, type RunResult } from './run.ts';

/** Runs one seed on a fresh database. The same options give the same result, hash and all. */
export async function simulate(options: RunOptions): Promise<RunResult> {
  const database = await openMigratedDatabase();
  const store = await storeOf(database, { random: () => 0 });
  try {
    return await new Run(store, options).live();
  } finally {
    await store.close();
  }
}
