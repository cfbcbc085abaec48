import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { filesOf, STAGES } from './stage.ts';

const root = resolve(import.meta.dirname, '../..');

test('every test file of the repository belongs to one stage, in a new package as well', () => {
  const all = globSync('{packages,tools,bench,test}/**/*.test.ts', {
    cwd: root,
    exclude: ['**/node_modules/**'],
  });
  const staged = STAGES.flatMap((stage) => (stage.kind === 'tests' ? filesOf(stage, root) : []));
  assert.deepEqual(staged.toSorted(), all.toSorted());
  const unit = STAGES.find(({ name }) => name === 'unit');
  assert.ok(unit?.kind === 'tests' && unit.globs.includes('packages/*/src/**/*.test.ts'));
});
