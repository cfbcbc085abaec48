import { after, before, describe } from 'node:test';
import pg from 'pg';
import { openMemoryDatabase } from '../../packages/store/src/backends/pglite.ts';
import { openPostgres } from '../../packages/store/src/backends/postgres.ts';
import { type OpenedStore, storeOf } from '../../packages/store/src/open.ts';
import { type PostgresCluster, startPostgres } from './postgres.ts';

/** A store over a migrated database of its own, gone when the suite ends. */
export type FreshStore = OpenedStore & {
  /** Runs SQL as a superuser: to break what the schema forbids. */
  readonly superSql: (text: string) => Promise<void>;
  /** Where another process or pool finds the database; undefined for the embedded one. */
  readonly url?: string;
};

export type TestedBackend = {
  readonly name: 'PGlite' | 'PostgreSQL';
  readonly fresh: () => Promise<FreshStore>;
};

/**
 * Declares the same suite for the embedded database and for a real PostgreSQL, where the store is
 * an ordinary user: not a superuser, so that row-level security binds it.
 */
export function forEachBackend(name: string, declare: (backend: TestedBackend) => void): void {
  describe(`${name} on PGlite`, () => {
    const opened: FreshStore[] = [];
    let template: Blob | undefined;
    declare({
      name: 'PGlite',
      fresh: async () => {
        template ??= await makeTemplate();
        const store = await openClone(template);
        opened.push(store);
        return store;
      },
    });
    after(async () => {
      for (const store of opened) await store.close();
    });
  });
  describe(`${name} on PostgreSQL`, () => {
    const databases = postgresDatabases();
    declare({ name: 'PostgreSQL', fresh: databases.fresh });
  });
}

/** Databases on this process's own PostgreSQL cluster; for suites that need several connections. */
export function postgresDatabases(): {
  readonly fresh: () => Promise<FreshStore>;
  /** The address of a new, empty database that belongs to an ordinary user. */
  readonly empty: () => Promise<string>;
  /** The same for a user who may not create roles. */
  readonly ownerless: () => Promise<string>;
} {
  const opened: FreshStore[] = [];
  let cluster: PostgresCluster | undefined;
  before(async () => {
    cluster = await startPostgres();
    await query(cluster.url, OWNER);
  });
  after(async () => {
    for (const store of opened) await store.close();
    await cluster?.stop();
  });
  const urlOf = () => {
    if (cluster === undefined) throw new Error('the cluster starts before the tests');
    return cluster.url;
  };
  let template: Promise<void> | undefined;
  return {
    fresh: async () => {
      template ??= makePostgresTemplate(urlOf());
      await template;
      const database = await makeDatabase(urlOf(), TEMPLATE);
      const store = await openFresh(urlOf(), database);
      opened.push(store);
      return store;
    },
    ownerless: async () => {
      // Roles belong to the cluster; earlier databases of this suite may have made ours.
      const url = new URL(asOwner(urlOf(), await makeDatabase(urlOf(), 'template1')));
      await query(urlOf(), `alter database ${url.pathname.slice(1)} owner to daikou_weak`);
      url.username = 'daikou_weak';
      return url.href;
    },
    empty: async () => asOwner(urlOf(), await makeDatabase(urlOf(), 'template1')),
  };
}

const TEMPLATE = 'daikou_template';
const OWNER_PASSWORD = 'owner-of-tests';
const OWNER = `create role daikou_owner login createrole password '${OWNER_PASSWORD}';
  create role daikou_weak login password '${OWNER_PASSWORD}'`;

let databaseCount = 0;

async function makeDatabase(url: string, template: string): Promise<string> {
  databaseCount += 1;
  const name = `t${databaseCount}`;
  await query(url, `create database ${name} template ${template} owner daikou_owner`);
  return name;
}

async function makePostgresTemplate(url: string): Promise<void> {
  await query(url, `create database ${TEMPLATE} owner daikou_owner`);
  const store = await storeOf(await openPostgres(asOwner(url, TEMPLATE)));
  await store.close();
}

async function openFresh(url: string, database: string): Promise<FreshStore> {
  const ownerUrl = asOwner(url, database);
  const store = await storeOf(await openPostgres(ownerUrl));
  const superUrl = new URL(url);
  superUrl.pathname = `/${database}`;
  return { ...store, url: ownerUrl, superSql: (text) => query(superUrl.href, text) };
}

function asOwner(url: string, database: string): string {
  const owner = new URL(url);
  owner.username = 'daikou_owner';
  owner.password = OWNER_PASSWORD;
  owner.pathname = `/${database}`;
  return owner.href;
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

/** A migrated database as one file: a copy of it opens faster than a new one is made. */
async function makeTemplate(): Promise<Blob> {
  const database = await openMemoryDatabase();
  const store = await storeOf(database);
  const file = await database.dump();
  await store.close();
  return file;
}

async function openClone(template: Blob): Promise<FreshStore> {
  const store = await storeOf(await openMemoryDatabase(template));
  return {
    ...store,
    superSql: async (text) => {
      await store.rawSql(text);
    },
  };
}
