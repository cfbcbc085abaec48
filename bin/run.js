#!/usr/bin/env node
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.js';
import { runOnPinnedNode } from './pinned.js';
import { Stop } from './stop.js';

/**
 * `node bin/run.js start|daikou|sandbox|test|conformance|bench|simulate|check|format …`: what the
 * npm scripts call.
 *
 * Installs when node_modules does not match the lock, then goes on under the pinned Node. stdout
 * belongs to the command alone; everything said here goes to stderr.
 */

const OLDEST_NODE = 20;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

const server = 'packages/server/src/cli/main.ts';
const commands = {
  start: (args) => [server, 'start', ...args],
  daikou: (args) => [server, ...args],
  sandbox: (args) => ['packages/sandbox/src/main.ts', ...homeOf(args), ...args],
  test: (args) => ['tools/test.ts', ...args],
  conformance: (args) => ['test/conformance/main.ts', ...args],
  bench: (args) => ['bench/main.ts', ...args],
  simulate: (args) => ['test/simulation/main.ts', ...args],
  'planted-bugs': (args) => ['test/planted-bugs/main.ts', ...args],
  'kill-loop': (args) => ['test/kill-loop/main.ts', ...args],
  'causes-table': (args) => ['test/causes/main.ts', ...args],
  check: (args) => ['tools/check.ts', ...args],
  format: (args) => ['node_modules/@biomejs/biome/bin/biome', 'check', '--write', ...args],
};

function homeOf(args) {
  const isGiven = args.some((arg) => arg === '--home' || arg.startsWith('--home='));
  return isGiven ? [] : ['--home', join(root, '.daikou', 'sandbox')];
}

async function main([name, ...args]) {
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE) {
    throw new Stop(`Node ${process.version} is too old; Daikou starts from Node ${OLDEST_NODE}.`);
  }
  if (!Object.hasOwn(commands, name ?? '')) {
    throw new Stop(`Usage: node bin/run.js ${Object.keys(commands).join('|')} [arguments]`);
  }
  await ensureInstalled(root);
  const [script, ...rest] = commands[name](args);
  await runOnPinnedNode({ root, script: join(root, script), args: rest });
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Stop)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
