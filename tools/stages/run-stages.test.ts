import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { addCounts, formatCounts, parseCounts } from './counts.ts';
import type { Stage } from './stage.ts';

/** Files of a small project, and what its stages print and end with. */
async function runIn(context: TestContext, files: Record<string, string>, stages: Stage[]) {
  const root = mkdtempSync(join(tmpdir(), 'daikou-stages-'));
  context.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, name), text);
  const script = `
    const { runStages } = await import(${JSON.stringify(import.meta.resolve('./run-stages.ts'))});
    const run = { root: ${JSON.stringify(root)}, options: [] };
    process.exitCode = await runStages(${JSON.stringify(stages)}, run);`;
  // A runner inside a runner would report to the outer one instead of printing.
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { env });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const code = await new Promise((done) => child.on('close', done));
  return { code, output, lastLine: output.trimEnd().split('\n').at(-1) };
}

const tests = (name: string, mayBeEmpty = false): Stage => {
  return { kind: 'tests', name, title: name, globs: [`${name}*.test.mjs`], mayBeEmpty };
};
const command = (name: string, code: string): Stage => {
  return { kind: 'commands', name, title: name, commands: [['--eval', code]] };
};
/** Three files of tests, as text. */
const GOOD = `import { test } from 'node:test'; test('adds', () => {});`;
const BAD = `import { test } from 'node:test'; test('subtracts', () => { throw new Error('1'); });`;
const SKIPPED = `import { test } from 'node:test'; test('on Citus', { skip: 'no URL' }, () => {});`;

test('every stage passes: the summary of Node, and the total on the last line', async (t) => {
  const files = { 'a1.test.mjs': GOOD, 'a2.test.mjs': GOOD, 'b.test.mjs': GOOD };
  const { code, output, lastLine } = await runIn(t, files, [tests('a'), tests('b')]);
  assert.equal(code, 0, output);
  assert.match(output, /ℹ tests 2\n/);
  assert.match(output, /── a done in \d/);
  assert.equal(lastLine, '3 passed, 0 failed');
});

test('a failing stage stops the run and says how to repeat it', async (t) => {
  const files = { 'a.test.mjs': GOOD, 'a2.test.mjs': BAD, 'b.test.mjs': GOOD };
  const { code, output, lastLine } = await runIn(t, files, [tests('a'), tests('b')]);
  assert.equal(code, 1);
  assert.match(output, /The stage "a" failed. Repeat just this: npm test -- a\n/);
  assert.doesNotMatch(output, /── b/);
  assert.equal(lastLine, '1 passed, 1 failed');
});

test('a failing command stops the run before the tests', async (t) => {
  const stages = [command('types', 'process.exit(2)'), tests('a')];
  const { code, output } = await runIn(t, { 'a.test.mjs': GOOD }, stages);
  assert.equal(code, 1);
  assert.match(output, /── types FAILED/);
  assert.doesNotMatch(output, /passed/);
});

test('a file that cannot even start is a failure', async (t) => {
  const { code, lastLine } = await runIn(t, { 'a.test.mjs': 'import "./no.mjs";' }, [tests('a')]);
  assert.deepEqual([code, lastLine], [1, '0 passed, 1 failed']);
});

test('a stage without files fails, unless its folder may not exist yet', async (t) => {
  const empty = await runIn(t, {}, [tests('a')]);
  assert.equal(empty.code, 1);
  assert.match(empty.output, /a stage without tests has proved nothing/);
  const later = await runIn(t, {}, [tests('a', true)]);
  assert.equal(later.code, 0);
  assert.match(later.output, /SKIPPED a: no file matches a\*\.test\.mjs yet/);
});

test('a skipped test is named with its reason and counted', async (t) => {
  const files = { 'a.test.mjs': GOOD, 'a2.test.mjs': SKIPPED };
  const { code, output, lastLine } = await runIn(t, files, [tests('a')]);
  assert.equal(code, 0);
  assert.match(output, /\nSKIPPED on Citus: no URL\n/);
  assert.equal(lastLine, '1 passed, 0 failed, 1 skipped');
});

test('counts: sums, cancelled tests count as failed, a dead runner counts nothing', () => {
  const total = { tests: 5, passed: 2, skipped: 1, todo: 0 };
  const counts = parseCounts(`{"skipped":"x: y"}\n${JSON.stringify({ total })}\n`);
  assert.deepEqual(counts, { passed: 2, failed: 2, skipped: ['x: y'] });
  assert.ok(counts);
  assert.equal(formatCounts(addCounts(counts, counts)), '4 passed, 4 failed, 2 skipped');
  assert.equal(parseCounts(''), null);
});
