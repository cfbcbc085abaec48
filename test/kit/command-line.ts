import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

// The real command line as a process of its own, as people run it.

const MAIN = fileURLToPath(new URL('../../packages/server/src/cli/main.ts', import.meta.url));

/** Milliseconds in which a process must say what a test waits for. */
const SAYS_WITHIN_MILLISECONDS = 60_000;
const LOOK_MILLISECONDS = 20;

export type Surroundings = {
  /** DAIKOU_HOME of the command. */
  readonly home: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
};

/** What a command that has ended printed, and how it ended. */
export type Finished = {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
};

/** A command that runs. */
export type Running = {
  readonly child: ChildProcess;
  /** What it printed until now. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** The match of `pattern` in its standard output, as soon as there is one. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly ended: Promise<Finished>;
};

/**
 * Starts `daikou <words>` in a process group of its own. Nothing of this terminal's environment
 * reaches it but the path, so a DATABASE_URL of the developer is never touched.
 */
export function startDaikou(words: readonly string[], where: Surroundings): Running {
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: where.cwd ?? process.cwd(),
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      TMPDIR: process.env['TMPDIR'],
      DAIKOU_HOME: where.home,
      DAIKOU_PORT: '0',
      DAIKOU_LANG: 'en',
      CI: '1',
      ...where.env,
    },
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, stdout, stderr }));
  const running = { child, stdout: () => stdout, stderr: () => stderr, ended };
  return { ...running, says: (pattern) => waitForWords(running, pattern) };
}

/** Runs `daikou <words>` to its end. */
export async function daikou(words: readonly string[], where: Surroundings): Promise<Finished> {
  return await startDaikou(words, where).ended;
}

/** Kills the command and everything that it started, at once, as a power cut would. */
export function killAll({ child }: Running): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    // The whole group has ended by itself: there is nothing left to kill.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether any process of the group that the command led is still alive. */
export function isGroupAlive({ child }: Running): boolean {
  if (child.pid === undefined) return false;
  try {
    process.kill(-child.pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function waitForWords(
  running: Omit<Running, 'says'>,
  pattern: RegExp,
): Promise<RegExpExecArray> {
  const deadline = performance.now() + SAYS_WITHIN_MILLISECONDS;
  while (performance.now() < deadline) {
    const match = pattern.exec(running.stdout());
    if (match !== null) return match;
    if (running.child.exitCode !== null || running.child.signalCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MILLISECONDS));
  }
  const last = pattern.exec(running.stdout());
  if (last !== null) return last;
  throw new Error(`never said ${pattern}: ${running.stdout()}${running.stderr()}`);
}
