import type { Store } from '@daikou/core';
import { sql } from 'kysely';
import type { Database } from './array-write.ts';
import type { Backend, RawResult } from './backends/backend.ts';
import { openEmbedded } from './backends/pglite.ts';
import { openPostgres } from './backends/postgres.ts';
import { toUnreachable } from './backends/unreachable.ts';
import { type BackUpOptions, type BackUpResult, backUp } from './backup/back-up.ts';
import { eraseDemoMerchant } from './customer/erase-demo.ts';
import * as merchants from './customer/merchants.ts';
import { findViolations } from './doctor/find-violations.ts';
import { sqlStateOf } from './errors.ts';
import { countOpenBrakes } from './mandate/brakes.ts';
import { migrate } from './migrate.ts';
import { releaseNotices } from './notice/statements.ts';
import { countQuarantines } from './reconciliation/quarantines.ts';
import { transact } from './transact.ts';
import { releaseAllWebhookDeliveries } from './webhook/deliveries.ts';

export type OpenOptions = {
  /** A PostgreSQL; absent or empty: the embedded database under `home`. */
  readonly databaseUrl?: string;
  /** The folder that belongs to this installation. */
  readonly home: string;
  /** For the jitter of retries; `Math.random` unless a simulation wants to repeat itself. */
  readonly random?: () => number;
};

/** The open database with what the command line wants to know of it. */
export type OpenedStore = Store & {
  readonly backend: 'pglite' | 'postgres';
  /** Runs SQL as the owner, past row-level security: `daikou sql`, tests, repairs. */
  readonly rawSql: (text: string) => Promise<RawResult>;
  /** Writes every row into one file, as one moment saw them; see `backUp`. */
  readonly backUp: (path: string, options?: BackUpOptions) => Promise<BackUpResult>;
  /** The schema's version before and after opening. */
  readonly migratedFrom: number;
  readonly migratedTo: number;
};

/**
 * Opens the database, makes it if it is the embedded one, and migrates it. Throws
 * `DatabaseUnreachable`, `DatabaseInUse` or `NewerSchema`, each with a sentence for people.
 */
export async function openStore(options: OpenOptions): Promise<OpenedStore> {
  const url = options.databaseUrl ?? '';
  if (url === '') {
    const backend = await openEmbedded(options.home);
    const store = await storeOf(backend, options);
    // Nobody else has this database, so whoever held a notice is dead: it need not be waited for.
    await releaseNotices(backend.db);
    await releaseAllWebhookDeliveries(backend.db);
    return store;
  }
  const backend = await openPostgres(url);
  try {
    return await storeOf(backend, options);
  } catch (error) {
    throw sqlStateOf(error) === NO_RIGHTS ? toUnreachable(error, url) : error;
  }
}

const NO_RIGHTS = '42501';

/** Migrates an open backend and puts the port on it; closes it when that fails. */
export async function storeOf(
  backend: Backend,
  options: { readonly random?: () => number } = {},
): Promise<OpenedStore> {
  const { db } = backend;
  try {
    const migrated = await migrate(db);
    await checkRoles(db);
    return {
      backend: backend.kind,
      rawSql: backend.rawSql,
      backUp: (path, how) => backUp(db, path, how),
      migratedFrom: migrated.from,
      migratedTo: migrated.to,
      ...portOf(db, options.random ?? Math.random),
      findViolations: async (limit, at) => {
        // The embedded database has no autovacuum; on the plans of empty tables a check over many
        // rows would not end.
        if (backend.kind === 'pglite') await backend.rawSql('analyze');
        return await findViolations(db, limit, at);
      },
      close: backend.close,
    };
  } catch (error) {
    await backend.close();
    throw error;
  }
}

function portOf(db: Database, random: () => number): Omit<Store, 'close'> {
  return {
    transact: (merchant, work) => transact(db, { merchant, random }, work),
    findMerchant: (code) => merchants.findMerchant(db, code),
    listMerchants: () => merchants.listMerchants(db),
    countQuarantines: () => countQuarantines(db),
    countOpenBrakes: () => countOpenBrakes(db),
    saveMerchant: (merchant) => merchants.saveMerchant(db, merchant),
    eraseDemoMerchant: (merchant) => eraseDemoMerchant(db, merchant),
    findViolations: (limit, at) => findViolations(db, limit, at),
    findMerchantByKeyHash: (keyHash) => merchants.findMerchantByKeyHash(db, keyHash),
    findKeyLabel: (keyHash) => merchants.findKeyLabel(db, keyHash),
    saveApiKey: (merchant, keyHash, label) =>
      merchants.saveApiKey(db, { merchant, keyHash, label }),
    countApiKeys: () => merchants.countApiKeys(db),
  };
}

/** Fails now and not at the first bill when the user may not become the application role. */
async function checkRoles(db: Database): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    await sql`select set_config('role', 'daikou_app', true)`.execute(transaction);
  });
}
