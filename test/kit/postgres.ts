import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { firstLineOf } from './child-lines.ts';

/** A running PostgreSQL cluster that belongs to this test process. */
export type PostgresCluster = {
  /** The superuser's address, database `postgres`. */
  readonly url: string;
  /** Ends the server without a checkpoint and starts it again on the same data and port. */
  readonly crash: () => Promise<void>;
  /** Keeps what the cluster holds at `path`, for others to begin on; it is restarted for that. */
  readonly keepAt: (path: string) => Promise<void>;
  /** Stops the cluster and removes its folder. It also happens when this process just ends. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts a real PostgreSQL (the binaries come with npm) on a free port, in a folder under the
 * system's temporary directory. Rejects with the reason when it cannot start: a suite that needs
 * PostgreSQL fails then, it is never skipped. `durable`: what it acknowledged outlives a crash.
 * `from`: it begins on a copy of what was kept at that path.
 */
export async function startPostgres(
  options: { readonly durable?: boolean; readonly from?: string } = {},
): Promise<PostgresCluster> {
  const keeper = spawn(
    process.execPath,
    [
      new URL('./postgres-keeper.ts', import.meta.url).pathname,
      ...(options.durable === true ? ['--durable'] : []),
      ...(options.from === undefined ? [] : [`--from=${options.from}`]),
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let complaint = '';
  keeper.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const gone = once(keeper, 'exit');
  const died = gone.then(() => {
    throw new Error(`PostgreSQL’s keeper has ended. ${complaint}`);
  });
  // It ends in the end; only who waits for an answer wants to hear of it.
  died.catch(() => undefined);
  const url = await firstLineOf(keeper);
  if (url === undefined) throw new Error(`PostgreSQL is needed here. ${complaint}`);
  letGo(keeper);
  const tell = async (line: string) => {
    hold(keeper);
    const answer = once(keeper.stdout, 'data');
    keeper.stdin.write(`${line}\n`);
    const [said] = (await Promise.race([answer, died])) as [Buffer];
    letGo(keeper);
    if (said.toString() !== 'up\n') throw new Error(`after ${line}: ${said.toString()}`);
  };
  return {
    url,
    crash: () => tell('crash'),
    keepAt: (path) => tell(`keep ${path}`),
    stop: async () => {
      keeper.ref();
      keeper.stdin.end();
      await gone;
    },
  };
}

/** A forgotten cluster does not keep this process alive; its keeper sees the end of the pipe. */
function letGo(keeper: ChildProcess): void {
  keeper.unref();
  for (const pipe of keeper.stdio) if (pipe instanceof Socket) pipe.unref();
}

/** While its answer is awaited, this process stays. */
function hold(keeper: ChildProcess): void {
  keeper.ref();
  for (const pipe of keeper.stdio) if (pipe instanceof Socket) pipe.ref();
}
