import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Socket } from 'node:net';
import { firstLineOf } from './child-lines.ts';

/** A running PostgreSQL cluster that belongs to this test process. */
export type PostgresCluster = {
  /** The superuser's address, database `postgres`. */
  readonly url: string;
  /** Stops the cluster and removes its folder. It also happens when this process just ends. */
  readonly stop: () => Promise<void>;
};

/**
 * Starts a real PostgreSQL (the binaries come with npm) on a free port, in a folder under the
 * system's temporary directory. Rejects with the reason when it cannot start: a suite that needs
 * PostgreSQL fails then, it is never skipped.
 */
export async function startPostgres(): Promise<PostgresCluster> {
  const keeper = spawn(
    process.execPath,
    [new URL('./postgres-keeper.ts', import.meta.url).pathname],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let complaint = '';
  keeper.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const gone = once(keeper, 'exit');
  const url = await firstLineOf(keeper);
  if (url === undefined) throw new Error(`PostgreSQL is needed here. ${complaint}`);
  letGo(keeper);
  return {
    url,
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
