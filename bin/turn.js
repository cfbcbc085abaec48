import {
  accessSync,
  constants,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Stop } from './stop.js';

const POLL_MILLISECONDS = 300;
/** A cold install over a slow line takes minutes, not a quarter of an hour. */
const LONGEST_WAIT_MILLISECONDS = 15 * 60 * 1000;

/**
 * Takes the one turn to install in this checkout and returns the path to release.
 *
 * The turn is a file with the owner's pid. It appears complete (a hard link of a finished file),
 * and a turn whose owner is gone is taken over, so a killed install blocks nobody.
 */
export async function waitForTurn(root) {
  const turn = join(root, 'tmp', 'install.turn');
  prepareFolder(dirname(turn));
  const deadline = Date.now() + LONGEST_WAIT_MILLISECONDS;
  for (let told = false; Date.now() < deadline; told = true) {
    if (take(turn)) return turn;
    if (!told) process.stderr.write('Another command is installing here; waiting for it …\n');
    await pause(POLL_MILLISECONDS);
  }
  throw new Stop(`The install of process ${ownerOf(turn)} has not ended; look at it, then retry.`);
}

function prepareFolder(folder) {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
  } catch (error) {
    const advice = 'run the command as the owner of the checkout, or make it yours';
    throw new Stop(
      `${folder} is not writable (${error.code}), so nothing can be installed; ${advice}.`,
    );
  }
}

/** Gives the turn back. */
export function releaseTurn(turn) {
  try {
    unlinkSync(turn);
  } catch {
    // Somebody removed the file by hand; the turn is free either way.
  }
}

function take(turn) {
  const mine = `${turn}.${process.pid}`;
  writeFileSync(mine, String(process.pid));
  try {
    linkSync(mine, turn);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (!isAlive(ownerOf(turn))) removeAbandoned(turn);
    return false;
  } finally {
    unlinkSync(mine);
  }
}

/** Moves the file away before looking again: two waiters must not remove a fresh turn twice. */
function removeAbandoned(turn) {
  const aside = `${turn}.abandoned.${process.pid}`;
  try {
    renameSync(turn, aside);
    if (isAlive(ownerOf(aside))) linkSync(aside, turn);
    unlinkSync(aside);
  } catch {
    // Another waiter was faster; the next look decides.
  }
}

function ownerOf(turn) {
  try {
    return Number(readFileSync(turn, 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
