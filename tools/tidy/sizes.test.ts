import { testRule } from './sample.ts';
import { fileSize, functionSize, lineLength, parameterCount, parses } from './sizes.ts';

const lines = (count: number) => 'x();\n'.repeat(count);
const named = (name: string, count: number) => `function ${name}() {\n${lines(count - 2)}}`;

testRule(functionSize, [
  ['at the limit', { 'tools/a.ts': named('f', 70) }, []],
  ['over it', { 'tools/a.ts': `\n${named('f', 71)}` }, ['a.ts:2 f has 71 lines; split it into']],
  [
    'an arrow is named by its variable',
    { 'tools/a.ts': `const g = () => {${lines(71)}};` },
    ['g has'],
  ],
  [
    'describe is a heading, the test inside is not',
    { 'tools/a.test.ts': `describe('x', () => {\ntest('y', () => {\n${lines(80)}});\n});` },
    ['a.test.ts:2 this function has 82 lines'],
  ],
  [
    'onStage is a heading as well',
    { 'test/a.test.ts': `onStage('x', () => {\n${lines(80)}\n});` },
    [],
  ],
  ['so is withWorkers', { 'test/a.test.ts': `withWorkers('x', 2, () => {\n${lines(80)}\n});` }, []],
  ['a component', { 'packages/web/src/page.tsx': named('Page', 150) }, []],
  ['too long a component', { 'packages/web/src/page.tsx': named('Page', 151) }, ['at most 150']],
  ['not a component', { 'packages/web/src/page.tsx': named('page', 71) }, ['at most 70']],
]);

testRule(fileSize, [
  ['core at its limit', { 'packages/core/src/a.ts': lines(400) }, []],
  [
    'core over it',
    { 'packages/core/src/a.ts': lines(401) },
    ['has 401 lines; split it by subject'],
  ],
  [
    'elsewhere',
    { 'packages/store/src/a.ts': lines(600), 'packages/x/src/golden/a.ts': lines(900) },
    [],
  ],
  ['elsewhere over it', { 'packages/store/src/a.ts': lines(601) }, ['at most 600']],
]);

testRule(lineLength, [
  ['at the limit, characters not bytes', { 'tools/a.ts': `// ${'代'.repeat(97)}` }, []],
  [
    'over it',
    { 'tools/a.ts': `\n// ${'a b'.repeat(33)}` },
    ['a.ts:2 has 102 characters; break it'],
  ],
  ['an address', { 'tools/a.ts': `// https://example.test/${'a/'.repeat(60)}` }, []],
  ['an encoded key', { 'tools/a.ts': `const key = '${'QUJD'.repeat(30)}';` }, []],
]);

testRule(parameterCount, [
  ['three', { 'tools/a.ts': 'function f(this: X, a: 1, b: 2, c: 3) {}' }, []],
  [
    'four',
    { 'packages/store/src/a.ts': 'const f = (a: 1, b: 2, c: 3, d: 4) => a;' },
    ['f takes 4 arguments; take an options object'],
  ],
  ['four in a test', { 'packages/store/src/a.test.ts': 'const f = (a, b, c, d) => a;' }, []],
]);

testRule(parses, [
  [
    'TypeScript and JSX',
    { 'packages/web/src/a.tsx': 'export const A = () => <b>{1 as number}</b>;' },
    [],
  ],
  ['a slip', { 'tools/a.ts': 'const = 1;' }, ['does not parse']],
]);
