import { after } from 'node:test';
import pg from 'pg';
import { openPostgres } from '../../packages/store/src/backends/postgres.ts';
import { type OpenedStore, storeOf } from '../../packages/store/src/open.ts';
import { openMigratedDatabase } from './embedded-template.ts';
import { forgetOthers, keyOfMigrations, pathKept, takeKept } from './kept.ts';
import { type PostgresCluster, startPostgres } from './postgres.ts';

/** A store over a migrated database of its own, gone when the suite ends. */
export type FreshStore = OpenedStore & {
  /** Runs SQL as a superuser: to break what the schema forbids. */
  readonly superSql: (text: string) => Promise<void>;
};

export type Databases = {
  /** Opens a new migrated database. */
  readonly fresh: () => Promise<FreshStore>;
};

/**
 * Every database that we claim, for one suite that runs on each:
 * `for (const backend of BACKENDS) describe(… on ${backend.name}, () => { … })`.
 * Where one cannot start, its tests fail with the reason; they are never skipped.
 */
export const BACKENDS: readonly {
  readonly name: 'PGlite' | 'PostgreSQL';
  /** Called inside `describe`: what it opens is closed when that suite ends. */
  readonly databases: () => Databases;
}[] = [
  { name: 'PGlite', databases: embeddedDatabases },
  { name: 'PostgreSQL', databases: postgresDatabases },
];

function embeddedDatabases(): Databases {
  return closedAfterwards(async () => {
    const store = await storeOf(await openMigratedDatabase());
    return {
      ...store,
      superSql: async (text) => {
        await store.rawSql(text);
      },
    };
  });
}

/**
 * Databases on this test process's own PostgreSQL cluster, also for suites that need several
 * connections. The store is an ordinary user there, so that row-level security binds it.
 */
export function postgresDatabases(): Databases & {
  /** The address of a new, empty database that belongs to an ordinary user. */
  readonly empty: () => Promise<string>;
  /** The same for a user who may not create roles. */
  readonly emptyForWeakUser: () => Promise<string>;
  /** Stores over one new migrated database, each with connections of its own. */
  readonly shared: (count: number) => Promise<readonly FreshStore[]>;
} {
  const migrated = async () => {
    const { url } = await theCluster(keyOfMigrations());
    postgresTemplate ??= makePostgresTemplate(url);
    await postgresTemplate;
    return { url, database: await makeDatabase(url, TEMPLATE) };
  };
  const open = async ({ url, database }: Awaited<ReturnType<typeof migrated>>) => {
    const store = await storeOf(await openPostgres(addressOf(url, OWNER, database)));
    return { ...store, superSql: (text: string) => query(withDatabase(url, database), text) };
  };
  const { fresh, keep } = closedAfterwards(async () => open(await migrated()));
  return {
    fresh,
    shared: async (count) => {
      const place = await migrated();
      return await Promise.all(Array.from({ length: count }, async () => keep(await open(place))));
    },
    empty: async () => {
      const { url } = await theCluster();
      return addressOf(url, OWNER, await makeDatabase(url, 'template1'));
    },
    emptyForWeakUser: async () => {
      const { url } = await theCluster();
      const database = await makeDatabase(url, 'template1');
      await query(url, `alter database ${database} owner to ${WEAK}`);
      return addressOf(url, WEAK, database);
    },
  };
}

function closedAfterwards(open: () => Promise<FreshStore>) {
  const opened: FreshStore[] = [];
  const keep = (store: FreshStore): FreshStore => {
    opened.push(store);
    return store;
  };
  after(async () => {
    for (const store of opened) await store.close();
  });
  return { fresh: async () => keep(await open()), keep };
}

const TEMPLATE = 'daikou_template';
const OWNER = 'daikou_owner';
const WEAK = 'daikou_weak';
/** Of the throw-away cluster's users. */
export const USER_PASSWORD = 'user-of-tests';

let postgresTemplate: Promise<void> | undefined;
let cluster: Promise<PostgresCluster> | undefined;
let databaseCount = 0;

after(async () => {
  const started = await cluster?.catch(() => undefined);
  await started?.stop();
});

/**
 * This process's cluster. `key`: it begins on the one with the template of these migrations that is
 * kept, or makes it and keeps it for the others.
 */
async function theCluster(key?: string): Promise<PostgresCluster> {
  cluster ??= startCluster(key);
  return await cluster;
}

async function startCluster(key: string | undefined): Promise<PostgresCluster> {
  const from = key === undefined ? undefined : pathKept('postgresql', key);
  if (from !== undefined && takeKept(from)) {
    postgresTemplate = Promise.resolve();
    return await startPostgres({ from });
  }
  const started = await startPostgres();
  await query(started.url, `create role ${OWNER} login createrole password '${USER_PASSWORD}'`);
  await query(started.url, `create role ${WEAK} login password '${USER_PASSWORD}'`);
  if (key !== undefined && from !== undefined) {
    forgetOthers('postgresql', key);
    postgresTemplate = makePostgresTemplate(started.url);
    await postgresTemplate;
    await started.keepAt(from);
  }
  return started;
}

async function makeDatabase(url: string, template: string): Promise<string> {
  databaseCount += 1;
  const name = `t${databaseCount}`;
  await query(url, `create database ${name} template ${template} owner ${OWNER}`);
  return name;
}

async function makePostgresTemplate(url: string): Promise<void> {
  await query(url, `create database ${TEMPLATE} owner ${OWNER}`);
  const store = await storeOf(await openPostgres(addressOf(url, OWNER, TEMPLATE)));
  await store.close();
}

function addressOf(url: string, user: string, database: string): string {
  const address = new URL(withDatabase(url, database));
  address.username = user;
  address.password = USER_PASSWORD;
  return address.href;
}

function withDatabase(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.href;
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
