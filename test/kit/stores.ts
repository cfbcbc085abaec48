import { after } from 'node:test';
import pg from 'pg';
import { openPostgres } from '../../packages/store/src/backends/postgres.ts';
import { type OpenedStore, storeOf } from '../../packages/store/src/open.ts';
import { openMigratedDatabase } from './embedded-template.ts';
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
} {
  return {
    ...closedAfterwards(async () => {
      const { url } = await theCluster();
      postgresTemplate ??= makePostgresTemplate(url);
      await postgresTemplate;
      const database = await makeDatabase(url, TEMPLATE);
      const store = await storeOf(await openPostgres(addressOf(url, OWNER, database)));
      return { ...store, superSql: (text) => query(withDatabase(url, database), text) };
    }),
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

function closedAfterwards(open: () => Promise<FreshStore>): Databases {
  const opened: FreshStore[] = [];
  after(async () => {
    for (const store of opened) await store.close();
  });
  return {
    fresh: async () => {
      const store = await open();
      opened.push(store);
      return store;
    },
  };
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

async function theCluster(): Promise<PostgresCluster> {
  cluster ??= startPostgres().then(async (started) => {
    await query(started.url, `create role ${OWNER} login createrole password '${USER_PASSWORD}'`);
    await query(started.url, `create role ${WEAK} login password '${USER_PASSWORD}'`);
    return started;
  });
  return await cluster;
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
