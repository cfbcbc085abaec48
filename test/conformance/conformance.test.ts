import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readCaseFolder } from './case-files.ts';
import { OPERATIONS } from './operations.ts';
import { type Case, type Operation, reportOf, runCase } from './run.ts';

const CASES = join(import.meta.dirname, 'cases');
const MORE_CASES = join(import.meta.dirname, 'more-cases');

/** Reminders and overdue states are not built yet; their cases wait here. */
const NOT_BUILT = [
  'backoff_seconds',
  'campaign_due',
  'campaign_timeline',
  'payment_retries',
  'retry_count',
];

for (const { name, folder, atLeast } of [
  { name: 'the cases that other billing systems decided', folder: CASES, atLeast: 437 },
  { name: 'more rows of the tests that those cases name', folder: MORE_CASES, atLeast: 600 },
]) {
  describe(name, () => checkFolder(folder, atLeast));
}

test('no two cases share an id', () => {
  const ids = [CASES, MORE_CASES].flatMap((folder) => readCaseFolder(folder).cases);
  assert.equal(new Set(ids.map(({ id }) => id)).size, ids.length);
});

function checkFolder(folder: string, atLeast: number) {
  const { cases, notes } = readCaseFolder(folder);
  const ran = cases.map((one) => ({ case: one, outcome: runCase(one, OPERATIONS) }));
  const report = reportOf(ran);

  test('are all read', () => {
    assert.deepEqual(notes, []);
    assert.ok(cases.length >= atLeast);
  });

  for (const [op, tally] of Object.entries(report.by_op)) {
    if (NOT_BUILT.includes(op)) continue;
    test(`${op}: all ${tally.cases} give the expected numbers`, () => {
      const wrong = ran.filter((one) => one.case.op === op && one.outcome.kind !== 'passed');
      assert.deepEqual(
        wrong.map((one) => [one.case.id, one.outcome]),
        [],
      );
    });
  }

  test('leave only those of dunning without an operation', () => {
    const unsupported = Object.entries(report.by_op).flatMap(([op, tally]) =>
      tally.unsupported > 0 ? [op] : [],
    );
    assert.deepEqual(
      unsupported.filter((op) => !NOT_BUILT.includes(op)),
      [],
    );
  });
}

describe('one case', () => {
  const operations: Readonly<Record<string, Operation>> = {
    double: () => ({ amount: '2.00', note: 'not asked for', list: [{ a: '1' }], none: null }),
    broken: () => {
      throw new Error('the arithmetic broke');
    },
  };
  const outcome = (op: string, expect: Case['expect']) =>
    runCase({ id: 'one', op, given: { op }, expect }, operations).kind;

  const outcomes: readonly (readonly [string, string, Case['expect'], string])[] = [
    ['passes on the keys that it expects', 'double', { amount: '2.00' }, 'passed'],
    ['passes on lists and objects', 'double', { list: [{ a: '1' }] }, 'passed'],
    ['passes on nothing where nothing is expected', 'double', { none: null }, 'passed'],
    ['fails on another text of the same number', 'double', { amount: '2.0' }, 'failed'],
    ['fails on a number for a text', 'double', { amount: 2 }, 'failed'],
    ['fails on one more entry', 'double', { list: [{ a: '1' }, { a: '1' }] }, 'failed'],
    ['fails on a key that is missing', 'double', { other: null }, 'failed'],
    ['fails when the operation throws', 'broken', { amount: '2.00' }, 'failed'],
    ['is unsupported without an operation', 'triple', { amount: '2.00' }, 'unsupported'],
    ['is unsupported where the name is inherited', 'toString', {}, 'unsupported'],
  ];
  for (const [name, op, expect, kind] of outcomes) {
    test(name, () => assert.equal(outcome(op, expect), kind));
  }
});

describe('the command', () => {
  const right = {
    id: 'right',
    given: { op: 'clamp_billing_day', date: '2026-02-10', billing_day: 31 },
    expect: { date: '2026-02-28' },
  };
  const wrong = { ...right, id: 'wrong', expect: { date: '2026-02-27' } };
  const unknown = { id: 'unknown', given: { op: 'no_such_operation' }, expect: {} };

  function run(files: Readonly<Record<string, string>>, ...options: string[]) {
    const folder = mkdtempSync(join(tmpdir(), 'daikou-cases-'));
    try {
      for (const [name, content] of Object.entries(files)) {
        writeFileSync(join(folder, name), content);
      }
      return runOn(folder, ...options);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  function runOn(...args: string[]) {
    const main = join(import.meta.dirname, 'main.ts');
    return spawnSync(process.execPath, [main, ...args], { encoding: 'utf8' });
  }

  test('prints one object and nothing else with --json, and exits 1 when a case fails', () => {
    const files = {
      'a.json': JSON.stringify([right, wrong]),
      'b.json': JSON.stringify([unknown]),
      'settings.json': JSON.stringify({ not: 'cases' }),
      'README.md': 'not JSON',
    };
    const { status, stdout, stderr } = run(files, '--json');
    assert.equal(status, 1);
    assert.deepEqual(JSON.parse(stdout), {
      cases: 3,
      passed: 1,
      failed: 1,
      unsupported: 1,
      by_op: {
        clamp_billing_day: { cases: 2, passed: 1, failed: 1, unsupported: 0 },
        no_such_operation: { cases: 1, passed: 0, failed: 0, unsupported: 1 },
      },
      failing: ['wrong'],
    });
    assert.match(stderr, /^settings\.json is not an array of cases; skipped\.\n$/);
  });

  test('shows what a failing case expected and got', () => {
    const { status, stdout } = run({ 'a.json': JSON.stringify([wrong]) });
    assert.equal(status, 1);
    assert.match(stdout, /✗ wrong\n {2}expected .*2026-02-27.*\n {2}got .*2026-02-28/);
  });

  test('exits 0 when nothing fails, even where an operation is missing', () => {
    assert.equal(run({ 'a.json': JSON.stringify([right, unknown]) }).status, 0);
  });

  const refused: readonly (readonly [string, () => ReturnType<typeof runOn>, RegExp])[] = [
    ['a file that is not JSON', () => run({ 'a.json': '[{' }), /^a\.json cannot be read as JSON: /],
    [
      'an entry that is no case',
      () => run({ 'a.json': JSON.stringify([right, { id: 'x' }]) }),
      /^Entry 2 of a\.json has no id, given\.op or expect\.\n$/,
    ],
    ['a folder that is not there', () => runOn('no-such-folder'), /^The folder no-such-folder /],
    ['a folder without cases', () => run({}), /holds no cases\.\n$/],
    ['no folder', () => runOn('--json'), /^Usage: /],
  ];
  for (const [name, start, sentence] of refused) {
    test(`says so and exits 2 for ${name}`, () => {
      const { status, stdout, stderr } = start();
      assert.equal(status, 2);
      assert.equal(stdout, '');
      assert.match(stderr, sentence);
    });
  }
});
