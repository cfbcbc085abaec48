import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { completeLockFile } from './lock.ts';
import { readRepository } from './repository.ts';
import { check, RULES } from './rules.ts';
import { sourcesOf, testRule } from './sample.ts';

test('every rule has its own name and finds nothing in an empty repository', () => {
  assert.equal(new Set(RULES.map(({ name }) => name)).size, RULES.length);
  assert.deepEqual(check([]), []);
});

test('findings come in the order of paths and lines, each with its rule', () => {
  const sources = sourcesOf({
    'tools/b.ts': 'for (;;) {}',
    'tools/a.ts': `test.only('x');\nfor (;;) {}`,
  });
  assert.deepEqual(
    check(sources).map(({ path, line, rule }) => `${path}:${line} ${rule}`),
    [
      'tools/a.ts:1 banned-constructs',
      'tools/a.ts:2 banned-constructs',
      'tools/b.ts:1 banned-constructs',
    ],
  );
});

test('without git the files are read from the disk; binary files keep their names only', (t) => {
  const root = mkdtempSync(join(tmpdir(), 'daikou-tidy-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  writeFileSync(join(root, 'a.ts'), 'export {};');
  writeFileSync(join(root, 'b.png'), new Uint8Array([137, 0, 1]));
  assert.deepEqual(readRepository(root), [
    { path: 'a.ts', text: 'export {};' },
    { path: 'b.png', text: '' },
  ]);
});

const lock = (extra: object) =>
  JSON.stringify({
    packages: {
      '': { dependencies: { a: '1.0.0' } },
      'node_modules/a': { version: '1.0.0', optionalDependencies: { 'a-linux-x64': '1.0.0' } },
      ...extra,
    },
  });
testRule(completeLockFile, [
  ['complete', { 'package-lock.json': lock({ 'node_modules/a-linux-x64': {} }) }, []],
  [
    'a platform is missing',
    { 'package-lock.json': lock({}) },
    ['node_modules/a asks for a-linux-x64, which has no entry; run node tools/lock/main.ts'],
  ],
]);

test('CONTRIBUTING.md lists every rule in its table, and none that is gone', () => {
  const guide = readFileSync(join(import.meta.dirname, '../../CONTRIBUTING.md'), 'utf8');
  const rows = guide.split('\n').filter((line) => line.includes('`tools/tidy/'));
  const listed = rows.flatMap((row) => row.split('|')[1]?.trim().split(', ') ?? []);
  assert.deepEqual(listed.sort(), RULES.map(({ name }) => name).sort());
});
