import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completeLock } from './complete.ts';
import type { LockPackages } from './missing.ts';
import { missingEntries } from './missing.ts';

const lock: LockPackages = {
  '': { dependencies: { parser: '1.0.0' }, devDependencies: { tool: '2.0.0' } },
  'node_modules/parser': {
    version: '1.0.0',
    optionalDependencies: {
      '@parser/linux-x64-gnu': '1.0.0',
      '@parser/linux-arm-musleabihf': '1.0.0',
      '@parser/win32-arm64-msvc': '1.0.0',
    },
  },
  'node_modules/@parser/linux-x64-gnu': { version: '1.0.0', optional: true },
  'node_modules/tool': {
    version: '2.0.0',
    dev: true,
    dependencies: { nested: '3.0.0' },
    optionalDependencies: { 'tool-darwin-arm64': '2.0.0' },
  },
  'node_modules/tool/node_modules/nested': { version: '3.0.0', dev: true },
};

test('a nested package is found where Node would find it', () => {
  assert.deepEqual(
    missingEntries(lock).map(({ name }) => name),
    ['@parser/linux-arm-musleabihf', '@parser/win32-arm64-msvc', 'tool-darwin-arm64'],
  );
});

test('packages of other platforms are added with what their names say', () => {
  const { packages, added, refused } = completeLock(lock);
  assert.equal(added.length, 3);
  assert.deepEqual(refused, []);
  assert.deepEqual(missingEntries(packages), []);
  assert.deepEqual(packages['node_modules/@parser/linux-arm-musleabihf'], {
    version: '1.0.0',
    cpu: ['arm'],
    libc: ['musl'],
    optional: true,
    os: ['linux'],
  });
  assert.deepEqual(packages['node_modules/tool-darwin-arm64'], {
    version: '2.0.0',
    cpu: ['arm64'],
    dev: true,
    optional: true,
    os: ['darwin'],
  });
});

test('a complete lock keeps its content and its order', () => {
  const { packages } = completeLock(lock);
  const again = completeLock(packages);
  assert.deepEqual(again.added, []);
  assert.deepEqual(Object.keys(again.packages), Object.keys(packages));
});

test('what cannot be known without a registry is refused', () => {
  const cases: readonly [string, LockPackages][] = [
    ['a required package', { '': { dependencies: { 'part-linux-x64': '1.0.0' } } }],
    ['a range', { '': { optionalDependencies: { 'part-linux-x64': '^1.0.0' } } }],
    ['a name without a platform', { '': { optionalDependencies: { part: '1.0.0' } } }],
  ];
  for (const [name, packages] of cases) {
    assert.equal(completeLock(packages).refused.length, 1, name);
  }
});
