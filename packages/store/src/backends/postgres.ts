import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Tables } from '../schema.generated.ts';
import type { Backend, RawResult } from './backend.ts';
import { COLUMN_PARSERS } from './column-types.ts';
import { toUnreachable } from './unreachable.ts';

/** Connections of one process. Workers share them; more would only queue inside the database. */
export const POOL_SIZE = 8;

/** A statement that runs longer than this is our bug or a sick database. */
const STATEMENT_TIMEOUT_MS = 60_000;

/** At the start: who gave a wrong address wants to know at once. */
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Afterwards: the time counts while a caller waits for one of our busy connections as well, and a
 * machine under load must not make failures of what is only slow.
 */
const WAIT_TIMEOUT_MS = 30_000;

/** The oldest PostgreSQL that the suite has been run on. */
const OLDEST_VERSION = 150_000;

/** Opens the PostgreSQL that `databaseUrl` names, or throws `DatabaseUnreachable`. */
export async function openPostgres(databaseUrl: string): Promise<Backend> {
  assertAddress(databaseUrl);
  await checkServer(databaseUrl);
  const pool = makePool(databaseUrl);
  // An idle connection that breaks is replaced at its next use; unheard, it would end the process.
  pool.on('error', () => {});
  return {
    kind: 'postgres',
    db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }),
    rawSql: (text) => runRaw(pool, text),
    close: async () => {
      await pool.end();
    },
  };
}

/** The driver would take any other text as the name of a database on this machine. */
function assertAddress(databaseUrl: string): void {
  const protocol = URL.canParse(databaseUrl) ? new URL(databaseUrl).protocol : undefined;
  if (protocol === 'postgres:' || protocol === 'postgresql:') return;
  throw toUnreachable(new Error('Invalid URL'), databaseUrl);
}

/** On a connection of its own, thrown away afterwards: it may have left anything set or open. */
async function runRaw(pool: pg.Pool, text: string): Promise<RawResult> {
  const client = await pool.connect();
  try {
    const result: pg.QueryArrayResult | pg.QueryArrayResult[] = await client.query({
      text,
      rowMode: 'array',
    });
    const last = Array.isArray(result) ? result.at(-1) : result;
    return {
      columns: last?.fields.map((field: pg.FieldDef) => field.name) ?? [],
      rows: last?.rows ?? [],
      rowCount: last?.rowCount ?? 0,
    };
  } finally {
    client.release(true);
  }
}

function makePool(databaseUrl: string): pg.Pool {
  return new pg.Pool({
    connectionString: databaseUrl,
    max: POOL_SIZE,
    application_name: 'daikou',
    statement_timeout: STATEMENT_TIMEOUT_MS,
    connectionTimeoutMillis: WAIT_TIMEOUT_MS,
    options: '-c timezone=UTC -c datestyle=ISO',
    types: {
      getTypeParser: (type, format) => COLUMN_PARSERS[type] ?? pg.types.getTypeParser(type, format),
    },
  });
}

/** Throws `DatabaseUnreachable` unless a server that we can run on answers there. */
async function checkServer(databaseUrl: string): Promise<void> {
  try {
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'daikou',
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<{ version: number }>(
        "select current_setting('server_version_num')::int as version",
      );
      const version = rows[0]?.version ?? 0;
      if (version < OLDEST_VERSION) throw new TooOld(Math.trunc(version / 10_000));
    } finally {
      await client.end();
    }
  } catch (error) {
    throw toUnreachable(error, databaseUrl);
  }
}

/** The server answers but is older than what we run on. */
export class TooOld extends Error {
  override readonly name = 'TooOld';
  readonly major: number;

  constructor(major: number) {
    super(`PostgreSQL ${major}`);
    this.major = major;
  }
}
