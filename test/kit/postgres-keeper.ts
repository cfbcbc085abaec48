import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { isKept } from './kept.ts';
import { type Account, findAccount, findBinaries } from './postgres-binaries.ts';

// Keeps one PostgreSQL cluster for the process that started it: prints its address on the first
// line, and when its standard input ends, which it does however that process ends, stops the
// cluster and removes its folder. The line `crash` ends the server at once (what `pg_ctl -m
// immediate` does: no checkpoint, no goodbye), starts it again on the same data and answers `up`.
// The line `keep PATH` stops it in order, copies its data there, starts it again and answers `up`.
// `--durable`: a cluster that will be crashed keeps what it acknowledged. `--from=PATH`: it begins
// on a copy of data that was kept.

const { values: options } = parseArgs({
  options: { durable: { type: 'boolean', default: false }, from: { type: 'string' } },
});
const PASSWORD = 'tests-only';
const START_TRIES = 5;
const START_WAIT_MS = 30_000;

const folder = mkdtempSync(join(tmpdir(), 'daikou-postgres-'));
let server: ChildProcess | undefined;

/** Where the server runs, to start it again there. */
type Place = {
  readonly postgres: string;
  readonly data: string;
  readonly port: number;
  readonly account: Account | undefined;
};
let place: Place | undefined;

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === 'crash') void restart('SIGQUIT');
  if (line.startsWith('keep ')) void restart('SIGINT', line.slice('keep '.length));
});
process.stdin.once('end', () => void finish(0));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => void finish(1));
}

try {
  const port = await startCluster();
  process.stdout.write(`postgres://postgres:${PASSWORD}@127.0.0.1:${port}/postgres\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  await finish(1);
}

async function restart(signal: 'SIGQUIT' | 'SIGINT', keepAt?: string): Promise<void> {
  const old = server;
  if (old === undefined || place === undefined) return;
  const gone = new Promise((resolve) => old.once('exit', resolve));
  old.kill(signal);
  await gone;
  if (keepAt !== undefined) keep(place.data, keepAt);
  const why = await startServer(place.postgres, place);
  process.stdout.write(why === undefined ? 'up\n' : `down ${JSON.stringify(why)}\n`);
}

/** The copy appears whole or not at all; one that is there already stays. */
function keep(data: string, path: string): void {
  const half = `${path}.${process.pid}`;
  mkdirSync(half, { mode: 0o700 });
  copy(data, join(half, 'data'));
  try {
    renameSync(half, path);
  } catch {
    rmSync(half, { recursive: true, force: true });
  }
}

/** With owners and modes, which PostgreSQL insists on. */
function copy(from: string, to: string): void {
  const done = spawnSync('cp', ['-a', from, to], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`the data was not copied: ${done.stderr}`);
}

async function finish(code: number): Promise<never> {
  if (server !== undefined && server.exitCode === null) {
    const gone = new Promise((resolve) => server?.once('exit', resolve));
    // Immediate shutdown: nothing in it is kept.
    server.kill('SIGQUIT');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}

async function startCluster(): Promise<number> {
  const account = findAccount();
  const data = join(folder, 'data');
  if (account !== undefined) chownSync(folder, account.uid, account.gid);
  const { initdb, postgres } = await findBinaries(folder, account);
  if (options.from !== undefined && isKept(options.from)) copy(join(options.from, 'data'), data);
  else initialise(initdb, data, account);
  let why = '';
  for (let attempt = 0; attempt < START_TRIES; attempt += 1) {
    const port = await findFreePort();
    const result = await startServer(postgres, { data, port, account });
    if (result === undefined) {
      place = { postgres, data, port, account };
      return port;
    }
    why = result;
  }
  throw new Error(`PostgreSQL did not start: ${why}`);
}

function initialise(initdb: string, data: string, account: Account | undefined): void {
  mkdirSync(data, { mode: 0o700 });
  if (account !== undefined) chownSync(data, account.uid, account.gid);
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, `${PASSWORD}\n`);
  if (account !== undefined) chownSync(passwordFile, account.uid, account.gid);
  const options = ['--auth=scram-sha-256', '--username=postgres', `--pwfile=${passwordFile}`];
  const locale = ['--encoding=UTF8', '--locale=C'];
  const made = spawnSync(initdb, [`--pgdata=${data}`, '--no-sync', ...options, ...locale], {
    ...account,
    cwd: folder,
    encoding: 'utf8',
  });
  if (made.status !== 0) {
    throw new Error(`initdb failed: ${made.error?.message ?? made.stderr}`);
  }
}

/** Starts the server; returns why it did not start, or undefined when it accepts connections. */
async function startServer(
  postgres: string,
  at: { readonly data: string; readonly port: number; readonly account: Account | undefined },
): Promise<string | undefined> {
  const settings = [
    `port=${at.port}`,
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=80',
    'fsync=off',
    `synchronous_commit=${options.durable ? 'on' : 'off'}`,
    'full_page_writes=off',
    'autovacuum=off',
    'shared_buffers=32MB',
  ];
  const child = spawn(postgres, ['-D', at.data, ...settings.flatMap((set) => ['-c', set])], {
    ...at.account,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  server = child;
  return await new Promise((resolve) => {
    let log = '';
    const deadline = setTimeout(() => {
      child.kill('SIGQUIT');
      resolve(`no answer in ${START_WAIT_MS} ms: ${log}`);
    }, START_WAIT_MS);
    const settle = (result: string | undefined): void => {
      clearTimeout(deadline);
      resolve(result);
    };
    child.once('error', (error) => settle(error.message));
    child.once('exit', () => settle(log));
    child.stderr?.on('data', (chunk: Buffer) => {
      log = `${log}${chunk.toString()}`.slice(-4_000);
      if (log.includes('database system is ready to accept connections')) settle(undefined);
    });
  });
}

async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
