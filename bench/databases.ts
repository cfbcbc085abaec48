import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type OpenedStore, openStore } from '../packages/store/src/index.ts';
import { findAccount, findBinaries } from '../test/kit/postgres-binaries.ts';

/** A migrated database to measure, durable: what it has acknowledged survives a power cut. */
export type BenchDatabase = {
  readonly backend: 'pglite' | 'postgres';
  readonly store: OpenedStore;
  /** Runs one statement past all policies; COPY reads and writes files of `folder`. */
  readonly admin: (text: string) => Promise<void>;
  /** The one number that a query gives, past all policies. */
  readonly count: (text: string) => Promise<number>;
  /** A folder that the database can read and write. */
  readonly folder: string;
  readonly close: () => Promise<void>;
};

/** The embedded database in a folder on disk, as an installation has it. */
export async function openEmbeddedBench(): Promise<BenchDatabase> {
  const home = mkdtempSync(join(tmpdir(), 'daikou-bench-'));
  const store = await openStore({ home });
  return {
    backend: 'pglite',
    store,
    admin: async (text) => {
      await store.rawSql(text);
    },
    count: async (text) => Number((await store.rawSql(text)).rows[0]?.[0]),
    // Inside the file system of the embedded database, which is not ours.
    folder: '/pglite/data',
    close: async () => {
      await store.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

const PASSWORD = 'bench-only';
const OWNER = 'daikou_bench';

/** A PostgreSQL of its own with fsync and synchronous commits, the store an ordinary user of it. */
export async function openPostgresBench(): Promise<BenchDatabase> {
  const folder = mkdtempSync(join(tmpdir(), 'daikou-bench-'));
  const { port, child } = await startDurable(folder);
  const address = (user: string, database: string) =>
    `postgres://${user}:${PASSWORD}@127.0.0.1:${port}/${database}`;
  const root = new pg.Client({ connectionString: address('postgres', 'postgres') });
  await root.connect();
  await root.query(`create role ${OWNER} login createrole password '${PASSWORD}'`);
  await root.query(`create database daikou owner ${OWNER}`);
  await root.end();
  const store = await openStore({ home: folder, databaseUrl: address(OWNER, 'daikou') });
  // Two connections, so that COPY can be given as many as what it is compared with.
  const admin = new pg.Pool({ connectionString: address('postgres', 'daikou'), max: 2 });
  // The server may say that it stops while the pool is ending; that is no failure.
  admin.on('error', () => {});
  return {
    backend: 'postgres',
    store,
    admin: async (text) => {
      await admin.query(text);
    },
    count: async (text) => Number((await admin.query({ text, rowMode: 'array' })).rows[0]?.[0]),
    folder: join(folder, 'exchange'),
    close: async () => {
      await admin.end();
      await store.close();
      const gone = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGINT');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const START_WAIT_MILLISECONDS = 30_000;

async function startDurable(
  folder: string,
): Promise<{ readonly port: number; readonly child: ChildProcess }> {
  const account = findAccount();
  const data = join(folder, 'data');
  for (const one of [data, join(folder, 'exchange')]) {
    mkdirSync(one, { mode: 0o700 });
    if (account !== undefined) chownSync(one, account.uid, account.gid);
  }
  chmodSync(folder, 0o755);
  const { initdb, postgres } = await findBinaries(folder, account);
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o644 });
  const options = ['--auth=scram-sha-256', '--username=postgres', `--pwfile=${passwordFile}`];
  const made = spawnSync(
    initdb,
    [`--pgdata=${data}`, ...options, '--encoding=UTF8', '--locale=C'],
    {
      ...account,
      cwd: folder,
      encoding: 'utf8',
    },
  );
  if (made.status !== 0) throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`);
  const port = await freePort();
  const settings = [
    `port=${port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'fsync=on',
    'synchronous_commit=on',
    'full_page_writes=on',
    'shared_buffers=512MB',
    'max_wal_size=4GB',
    'checkpoint_timeout=30min',
  ];
  const child = spawn(postgres, ['-D', data, ...settings.flatMap((set) => ['-c', set])], {
    ...account,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await ready(child);
  return { port, child };
}

async function ready(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    let log = '';
    const deadline = setTimeout(() => reject(new Error(log)), START_WAIT_MILLISECONDS);
    child.once('exit', () => reject(new Error(`PostgreSQL did not start: ${log}`)));
    child.stderr?.on('data', (chunk: Buffer) => {
      log = `${log}${chunk.toString()}`.slice(-4_000);
      if (!log.includes('database system is ready to accept connections')) return;
      clearTimeout(deadline);
      resolve();
    });
  });
}

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
