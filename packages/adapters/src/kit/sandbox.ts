import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * Test kit: the simulators of the outside world as a process of their own. Only tests know its
 * admin interface; to the adapters it is just the addresses and keys that they are configured with.
 */
export type Sandbox = {
  /** The address of one simulator; whoever runs against it knows its name and shape. */
  readonly endpoint: <T>(name: string) => T;
  /** The keys and numbers that one simulator gives its merchant. */
  readonly credentials: <T>(name: string) => T;
  /** Calls the admin interface; throws with its sentence when it refuses. */
  readonly admin: (method: string, path: string, body?: unknown) => Promise<unknown>;
  /** Moves the business clock, for example to `2026-12-01T09:00:00+08:00`. */
  readonly setClock: (now: string) => Promise<void>;
  /** Waits until no callback, report or processing is under way. */
  readonly idle: () => Promise<void>;
  readonly stop: () => Promise<void>;
};

type Named = Readonly<Record<string, unknown>>;

function part<T>(named: Named, name: string): T {
  if (named[name] === undefined) throw new Error(`the sandbox has no ${name}`);
  return named[name] as T;
}

const MAIN = fileURLToPath(new URL('../../../sandbox/src/main.ts', import.meta.url));

/** Starts a fresh sandbox; it ends with this process whatever happens, because its stdin does. */
export async function startSandbox(): Promise<Sandbox> {
  const home = await mkdtemp(join(tmpdir(), 'daikou-adapters-'));
  const child = spawn(process.execPath, [MAIN, '--home', home, '--exit-with-stdin'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const endpoints = await readyLine(child.stdout, ended);
  const admin = (method: string, path: string, body?: unknown): Promise<unknown> =>
    callAdmin(`${String(endpoints['admin'])}${path}`, method, body);
  const credentials = (await admin('GET', '/admin/credentials')) as Named;
  return {
    endpoint: (name) => part(endpoints, name),
    credentials: (name) => part(credentials, name),
    admin,
    setClock: async (now) => {
      await admin('PUT', '/admin/clock', { now });
    },
    idle: async () => {
      await admin('POST', '/admin/idle');
    },
    stop: async () => {
      child.stdin.end();
      await ended;
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function readyLine(stdout: NodeJS.ReadableStream, ended: Promise<void>): Promise<Named> {
  const lines = createInterface({ input: stdout });
  const line = new Promise<string>((resolve) => lines.once('line', resolve));
  const first = await Promise.race([line, ended.then(() => undefined)]);
  if (first === undefined) throw new Error('the sandbox ended before it was ready');
  return JSON.parse(first) as Named;
}

async function callAdmin(url: string, method: string, body: unknown): Promise<unknown> {
  const response = await fetch(url, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`${method} ${url}: ${JSON.stringify(answer)}`);
  return answer;
}
