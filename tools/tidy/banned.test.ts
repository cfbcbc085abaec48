import { bannedConstructs, unfinishedWork } from './banned.ts';
import { testRule } from './sample.ts';

const core = 'packages/core/src/invoice/invoice.ts';
const each = (path: string, code: string, words: string) =>
  [`${code} in ${path}`, { [path]: code }, [words]] as const;

testRule(bannedConstructs, [
  each(core, 'const a = Date.now();', 'Date.now: take `now` as an argument'),
  each(core, 'const a = new Date(0);', 'new Date: take `now`'),
  each(core, 'const a = Temporal.Now.instant();', 'Temporal.Now: take `now`'),
  each(core, 'const a = Math.random();', 'Math.random: take the id'),
  each(core, 'const a = crypto.randomUUID();', 'crypto.randomUUID: take the id'),
  each(core, 'const a = process.env.ZONE;', 'process.env: take the setting'),
  each(core, 'const a = globalThis.process;', 'process(): take the setting'),
  each(core, `const a = fetch('x');`, 'fetch(): decide here'),
  each(core, 'const a = async () => 1;', 'async: decide here'),
  each(core, 'setTimeout(() => 1, 2);', 'setTimeout(): return the instant'),
  each(core, `console.log('x');`, 'console.log: return what happened'),
  each(core, `const a = parseFloat('1');`, 'parseFloat(): use bigint'),
  each(core, 'const a = 0.06;', 'decimal literal: use bigint'),
  each(core, 'const a = Number(1n);', 'Number(): keep the amount a bigint'),
  each(core, 'const a = 5n / 2n;', 'division: call the division of core/src/money'),
  each(core, 'let a = 5n; a /= 2n;', 'division: call the division'),
  each('packages/engine/src/debit/collect.ts', 'const a = Date.now();', 'Date.now: take `now`'),
  each('packages/store/src/a.test.ts', `mock.module('pg', {});`, 'mock.module: pass a fake'),
  each('packages/store/src/a.test.ts', `test.only('x', () => 1);`, 'test.only: run one file'),
  each('packages/store/src/a.test.ts', `describe.skip('x', () => 1);`, 'describe.skip: repair'),
  each('packages/store/src/a.ts', 'while (true) {}', 'endless loop: loop to a named limit'),
  each('tools/a.ts', 'for (;;) {}', 'endless loop: loop to a named limit'),
  each(
    'packages/sandbox/src/main.ts',
    'if (import.meta.main) go();',
    'import.meta.main: run at once',
  ),
  [
    'the same words where they are allowed',
    {
      'packages/core/src/money/divide.ts': 'export const half = (a: bigint) => Number(a / 2n);',
      'packages/core/src/calendar/days.ts': 'export const weeks = (days: number) => days / 7;',
      'packages/core/src/invoice/invoice.test.ts': 'const a = new Date(); const b = 1.5;',
      'packages/server/src/clock.ts': 'export const now = () => Date.now();',
      'packages/server/src/worker/loop.ts': 'while (true) {}',
      'packages/engine/src/debit/collect.ts': 'export const f = async () => await g();',
    },
    [],
  ],
  [
    'comments, strings, property names and types do not count',
    {
      [core]: `// Date.now, new Date( and fetch( are only words here: 0.5
        export const text = 'await fetch(process.env) / 0.5';
        export interface Row { readonly process: string; readonly date: Date }
        export const name = (row: Row) => row.process;`,
    },
    [],
  ],
]);

testRule(unfinishedWork, [
  ['a comment that announces work', { [core]: `// ${'TO'}DO: round\n` }, ['finish it']],
  ['the word in a string', { [core]: `export const a = '${'TO'}DO';` }, []],
]);
