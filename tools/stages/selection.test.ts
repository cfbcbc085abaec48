import assert from 'node:assert/strict';
import { test } from 'node:test';
import { selectStages } from './selection.ts';
import { CHECK_STAGES, STAGES } from './stage.ts';

const FILES: Readonly<Record<string, readonly string[]>> = {
  'packages/core/src/money': ['packages/core/src/money/split.test.ts'],
  'tools/run.test.ts': ['tools/run.test.ts'],
};
const filesAt = (path: string) => FILES[path] ?? [];

const cases: readonly [words: string, stages: string, options?: string][] = [
  ['', 'format types tidy core unit conformance scenarios simulation end-to-end'],
  ['unit', 'unit'],
  ['unit format', 'format unit'],
  ['tools/run.test.ts', 'tools/run.test.ts'],
  ['packages/core/src/money tools/run.test.ts', 'packages/core/src/money tools/run.test.ts'],
  ['unit --test-name-pattern=split', 'unit', '--test-name-pattern=split'],
];
for (const [words, stages, options = ''] of cases) {
  test(`npm test -- ${words}`, () => {
    const selection = selectStages(words.split(' ').filter(Boolean), filesAt);
    assert.equal(selection.kind, 'run');
    if (selection.kind !== 'run') return;
    assert.equal(selection.stages.map(({ name }) => name).join(' '), stages);
    assert.equal(selection.options.join(' '), options);
  });
}

test('a folder runs the test files in it', () => {
  const selection = selectStages(['packages/core/src/money'], filesAt);
  const [stage] = selection.kind === 'run' ? selection.stages : [];
  assert.deepEqual(stage?.kind === 'tests' && stage.globs, FILES['packages/core/src/money']);
});

test('a word that is neither stage nor file is answered with the stages', () => {
  const selection = selectStages(['unti'], filesAt);
  assert.equal(selection.kind, 'not_understood');
  assert.match(
    JSON.stringify(selection),
    /unti.* is neither a stage \(format, types, tidy, core, unit/,
  );
});

test('only stages whose folder may not exist yet may be empty; check runs no tests', () => {
  const mayBeEmpty = STAGES.filter((stage) => stage.kind === 'tests' && stage.mayBeEmpty);
  assert.deepEqual(
    mayBeEmpty.map(({ name }) => name),
    ['scenarios', 'end-to-end'],
  );
  for (const name of CHECK_STAGES) {
    assert.equal(STAGES.find((stage) => stage.name === name)?.kind, 'commands');
  }
});
