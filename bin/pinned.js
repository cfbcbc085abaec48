import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { thisPlatform } from './installed.js';
import { Stop } from './stop.js';

/** Temporal and type stripping without flags begin here. */
const OLDEST_MAJOR = 26;

/**
 * Runs `script` with `args` on the Node that the lock pins.
 *
 * When this process already is that Node, the script runs right here: a signal then reaches it with
 * nobody in between. Otherwise a child takes over, with our terminal, our signals and its own exit.
 */
export async function runOnPinnedNode({ root, script, args }) {
  const node = chooseNode(root);
  if (node === process.execPath) {
    process.argv = [process.execPath, script, ...args];
    await import(pathToFileURL(script).href);
    return;
  }
  await runChild(node, [script, ...args]);
}

/** The path of the Node to run on; ours when it is the pinned one, or new enough and no other. */
function chooseNode(root) {
  const name = `node-${process.platform}-${process.arch}`;
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const wanted = lock.packages[`node_modules/${name}`]?.version;
  if (wanted !== undefined && process.version === `v${wanted}`) return process.execPath;
  const path = join(root, 'node_modules', name, 'bin', 'node');
  if (thisPlatform().libc !== 'musl' && existsSync(path)) return path;
  if (Number.parseInt(process.versions.node, 10) >= OLDEST_MAJOR) return process.execPath;
  throw new Stop(
    `There is no pinned Node for ${process.platform}-${process.arch}, and this one is ` +
      `${process.version}; install Node ${OLDEST_MAJOR} or newer and run the same command with it.`,
  );
}

function runChild(node, args) {
  const child = spawn(node, args, { stdio: 'inherit' });
  // A terminal sends Ctrl-C to the child as well; a second one would read as "stop at once".
  const onInterrupt = () => process.stdin.isTTY || child.kill('SIGINT');
  process.on('SIGINT', onInterrupt);
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.on('error', (error) => reject(new Stop(`${node} did not start: ${error.message}`)));
    child.on('close', (code, signal) => {
      if (signal !== null) endBy(signal);
      process.exitCode = code ?? 1;
      resolve();
    });
  });
}

/** Ends this process by the signal that ended the child, so that the caller sees the same end. */
function endBy(signal) {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
