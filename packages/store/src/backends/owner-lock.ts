import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseInUse } from '../errors.ts';
import { identityOf, type ProcessIdentity } from './process-identity.ts';

/** How often a start looks again when others take over or leave at the same moment. */
const TAKE_OVER_TRIES = 20;

export type OwnerLock = { readonly release: () => void };

/**
 * Takes `<home>/owner.lock` for this process, or throws `DatabaseInUse` with the pid of the living
 * owner. A dead owner's lock is taken over by exactly one process: the right to do so is a file of
 * its own, named after the dead owner and made exclusively; whoever made it looks at the lock once
 * more before replacing it.
 */
export function takeOwnerLock(home: string): OwnerLock {
  const path = join(home, 'owner.lock');
  const mine = `${JSON.stringify({ ...identityOf(process.pid), nonce: nonce() })}\n`;
  for (let attempt = 0; attempt < TAKE_OVER_TRIES; attempt += 1) {
    if (createWhole(path, mine)) return lockOf(path, mine);
    const found = readText(path);
    if (found === undefined) continue;
    const owner = parseIdentity(found);
    if (owner !== undefined && isAlive(owner)) throw new DatabaseInUse(owner.pid);
    if (takeOver(path, { mine, dead: found })) return lockOf(path, mine);
  }
  throw new Error(`${path} keeps changing hands; try again in a moment.`);
}

/** Replaces the dead owner's lock; false when another process was faster. */
function takeOver(path: string, texts: { readonly mine: string; readonly dead: string }): boolean {
  const claims: string[] = [];
  let predecessor = texts.dead;
  // Each round passes one process that died while taking over.
  for (let depth = 0; depth < TAKE_OVER_TRIES; depth += 1) {
    const claim = `${path}.after-${nameOf(predecessor)}`;
    claims.push(claim);
    if (createWhole(claim, texts.mine)) {
      const isStillDead = readText(path) === texts.dead;
      if (isStillDead) replaceWhole(path, texts.mine);
      for (const made of isStillDead ? claims : [claim]) rmSync(made, { force: true });
      return isStillDead;
    }
    const rival = readText(claim);
    if (rival === undefined) return false;
    const identity = parseIdentity(rival);
    if (identity !== undefined && isAlive(identity)) {
      if (identity.pid === process.pid) return false;
      throw new DatabaseInUse(identity.pid);
    }
    predecessor = rival;
  }
  return false;
}

function lockOf(path: string, mine: string): OwnerLock {
  return {
    release: () => {
      if (readText(path) === mine) rmSync(path, { force: true });
    },
  };
}

/** Makes `path` with its whole text at once; false when it is there already. */
function createWhole(path: string, text: string): boolean {
  const draft = `${path}.draft-${nonce()}`;
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function replaceWhole(path: string, text: string): void {
  const draft = `${path}.draft-${nonce()}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseIdentity(text: string): ProcessIdentity | undefined {
  const match = /^\{"pid":(\d{1,10}),"started":"([^"]{0,64})"/.exec(text);
  if (match === null) return undefined;
  return { pid: Number(match[1]), started: match[2] ?? '' };
}

/** Whether that very process still runs; another that was given its pid later is not it. */
function isAlive(owner: ProcessIdentity): boolean {
  return identityOf(owner.pid).started === owner.started && owner.started !== '';
}

function nameOf(text: string): string {
  return text.replace(/[^0-9A-Za-z]+/g, '-').slice(0, 120);
}

function nonce(): string {
  return randomBytes(8).toString('hex');
}
