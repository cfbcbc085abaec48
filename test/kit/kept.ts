import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

// Hundreds of test files begin with the same migrated database. It is made once and kept in the
// system's temporary folder; every file begins on a copy.

const MIGRATIONS = new URL('../../packages/store/src/migrations/', import.meta.url);
const MIGRATE = new URL('../../packages/store/src/migrate.ts', import.meta.url);

/** Where something is kept that is made of `key`; another user's is another place. */
export function pathKept(name: string, key: string): string {
  return join(tmpdir(), `daikou-tests-${ownId()}-${name}-${key}`);
}

/**
 * Minutes for which what was kept for another key stays after its last use: another checkout may be
 * in the middle of its own run.
 */
const OTHERS_STAY_MINUTES = 30;

/** Removes what was kept for other keys and is used no more: each is tens of megabytes. */
export function forgetOthers(name: string, key: string): void {
  const oldest = Date.now() - OTHERS_STAY_MINUTES * 60 * 1000;
  const prefix = basename(pathKept(name, ''));
  for (const other of readdirSync(tmpdir())) {
    const path = join(tmpdir(), other);
    const isOther = other.startsWith(prefix) && !other.startsWith(`${prefix}${key}`);
    if (isOther && isKept(path) && lastUse(path) < oldest) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

/** Whether it is there and ours: what somebody else laid there is not used. */
export function isKept(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.uid === ownId();
}

/** The same for who is about to use it: nobody forgets it then. */
export function takeKept(path: string): boolean {
  if (!isKept(path)) return false;
  const now = new Date();
  utimesSync(path, now, now);
  return true;
}

function lastUse(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** Changes with everything that a migrated database is made of, and the program that makes it. */
export function keyOfMigrations(): string {
  const hash = createHash('sha256').update(process.version).update(readFileSync(MIGRATE));
  for (const name of readdirSync(MIGRATIONS).sort()) {
    hash.update(name).update(readFileSync(new URL(`${name}/up.sql`, MIGRATIONS)));
  }
  return hash.digest('hex').slice(0, 24);
}

function ownId(): number {
  return process.getuid?.() ?? 0;
}
