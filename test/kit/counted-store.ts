import type { Backend } from '../../packages/store/src/backends/backend.ts';
import { type OpenedStore, storeOf } from '../../packages/store/src/open.ts';
import { openMigratedDatabase } from './embedded-template.ts';

/** Statements that reached the database since the last question. */
export class StatementCounter {
  #count = 0;

  /** How many since the last call, or since the beginning. */
  take(): number {
    const count = this.#count;
    this.#count = 0;
    return count;
  }

  over(backend: Backend): Backend {
    const db = backend.db.withPlugin({
      transformQuery: ({ node }) => node,
      transformResult: async ({ result }) => {
        this.#count += 1;
        return result;
      },
    });
    return { ...backend, db };
  }
}

/** A store over a migrated database in memory whose statements are counted. */
export async function openCountedStore(counter: StatementCounter): Promise<OpenedStore> {
  return await storeOf(counter.over(await openMigratedDatabase()));
}
