import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';
import { differences, thisPlatform } from './installed.js';
import { Stop } from './stop.js';
import { releaseTurn, waitForTurn } from './turn.js';

/** Makes node_modules match package-lock.json; does nothing when it already does. */
export async function ensureInstalled(root) {
  if (missing(root).length === 0) return;
  const turn = await waitForTurn(root);
  try {
    const gaps = missing(root);
    if (gaps.length === 0) return;
    announce(root, gaps);
    await runNpm(root);
    rememberOptionalGaps(root, missing(root));
  } finally {
    releaseTurn(turn);
  }
}

function missing(root) {
  const lockText = readLock(root);
  const found = differences({
    lock: JSON.parse(lockText),
    installed: readJson(join(root, 'node_modules/.package-lock.json')),
    platform: thisPlatform(),
    exists: (path) => existsSync(join(root, path, 'package.json')),
  });
  const noted = readJson(notePath(root));
  const accepted = noted?.lock === hash(lockText) ? noted.without : [];
  return found.filter(({ path, optional }) => !(optional && accepted.includes(path)));
}

function readLock(root) {
  try {
    return readFileSync(join(root, 'package-lock.json'), 'utf8');
  } catch {
    throw new Stop('package-lock.json is missing; check the project out again.');
  }
}

/**
 * npm may leave out an optional package that the registry lacks. We note it, so that the next start
 * does not install again; a gap in what is required stops here.
 */
function rememberOptionalGaps(root, gaps) {
  const required = gaps.filter(({ optional }) => !optional);
  if (required.length > 0) {
    const [first] = required;
    throw new Stop(`npm ci ended well, yet ${first.path} ${first.reason}; run npm ci by hand.`);
  }
  if (gaps.length === 0) return;
  const without = gaps.map(({ path }) => path);
  writeFileSync(notePath(root), JSON.stringify({ lock: hash(readLock(root)), without }));
  process.stderr.write(`Installed without these optional packages: ${without.join(', ')}.\n`);
}

function notePath(root) {
  return join(root, 'node_modules/.daikou-install.json');
}

function announce(root, gaps) {
  const isFirst = !existsSync(join(root, 'node_modules'));
  const [{ path, reason }] = gaps;
  const why = isFirst ? '' : ` (${path} ${reason})`;
  process.stderr.write(
    `Installing what package-lock.json names, about 200 packages; once, a minute or less${why} …\n`,
  );
}

/**
 * Runs `npm ci`. Its stdout goes to our stderr, because stdout belongs to the command that follows
 * (`daikou … --json`). Development packages are included whatever NODE_ENV says: `npm test` needs
 * them, and one tree for all commands keeps the comparison simple.
 */
async function runNpm(root) {
  const args = ['ci', '--loglevel=error', '--no-audit', '--no-fund'];
  const { command, before } = npmCommand(root);
  const child = spawn(command, [...before, ...args, '--include=dev', '--include=optional'], {
    cwd: root,
    env: npmEnvironment(root),
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32' && before.length === 0,
  });
  const ended = await endOf(child);
  if (ended.error?.code === 'ENOENT') {
    throw new Stop('npm is not on the PATH; install Node.js 20 or newer with its npm.');
  }
  if (ended.code !== 0) {
    throw new Stop(
      `npm ci failed (${ended.signal ?? ended.error?.message ?? `exit ${ended.code}`}); its ` +
        'reason is above. Offline? Connect once, or point npm at a reachable registry with ' +
        '`npm config set registry <url>`, then run the same command again.',
    );
  }
}

/** The npm that started us when there is one, under the Node that runs it; else the PATH's. */
function npmCommand(root) {
  const script = process.env.npm_execpath ?? '';
  if (basename(script) !== 'npm-cli.js') return { command: 'npm', before: [] };
  const node = process.env.npm_node_execpath ?? process.execPath;
  const isOurs = node.startsWith(join(root, 'node_modules'));
  return { command: isOurs ? 'node' : node, before: [script] };
}

/** Without our node_modules on the PATH: npm ci removes the Node inside it while it works. */
function npmEnvironment(root) {
  const ours = join(root, 'node_modules');
  const folders = (process.env.PATH ?? '').split(delimiter);
  const path = folders.filter((folder) => !folder.startsWith(ours)).join(delimiter);
  return { ...process.env, PATH: path };
}

/** Waits for a child, passing on the signals that would end us, so that it never outlives us. */
function endOf(child) {
  const pass = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, pass);
  return new Promise((resolve) => {
    const end = (result) => {
      for (const signal of signals) process.off(signal, pass);
      resolve(result);
    };
    child.on('error', (error) => end({ code: 1, error }));
    child.on('close', (code, signal) => end({ code, signal }));
  });
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

function hash(text) {
  return createHash('sha256').update(text).digest('hex');
}
