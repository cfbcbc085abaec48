import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a new process waits for the former owner of the home to end, in milliseconds. */
const PATIENCE_MS = 5_000;

/**
 * Takes the home for this process and returns the way to give it back.
 *
 * Two processes would keep two different memories over one journal, so a second one waits for the
 * first
 * to end (a restart after a kill overlaps for a moment) and then refuses with a sentence.
 */
export async function takeHome(home: string): Promise<() => void> {
  mkdirSync(home, { recursive: true });
  const path = join(home, 'owner.pid');
  const deadline = Date.now() + PATIENCE_MS;
  while (isAlive(ownerOf(path))) {
    if (Date.now() > deadline) {
      throw new Error(
        `The sandbox in ${home} is already running as process ${ownerOf(path)}. ` +
          `Stop that process first, or choose another --home.`,
      );
    }
    await sleep(50);
  }
  writeFileSync(path, String(process.pid));
  return () => {
    if (ownerOf(path) === process.pid) rmSync(path, { force: true });
  };
}

function ownerOf(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10);
  } catch {
    return undefined;
  }
}

/** A file naming this very process is left from a former life with the same number. */
function isAlive(pid: number | undefined): boolean {
  if (pid === undefined || Number.isNaN(pid) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
