import { cycles } from './cycles.ts';
import { testRule } from './sample.ts';

testRule(cycles, [
  [
    'a chain and a diamond are no cycle',
    {
      'tools/a.ts': `import './b.ts'; import './c.ts';`,
      'tools/b.ts': `import './d.ts';`,
      'tools/c.ts': `import './d.ts';`,
      'tools/d.ts': '',
    },
    [],
  ],
  [
    'three files in a ring, one of them through a type',
    {
      'tools/a.ts': `import './b.ts';`,
      'tools/b.ts': `import type { C } from './c.ts';`,
      'tools/c.ts': `export * from './a.ts';`,
    },
    ['tools/a.ts, tools/b.ts, tools/c.ts; move what they share'],
  ],
  ['a file that imports itself', { 'tools/a.ts': `import './a.ts';` }, ['tools/a.ts:1']],
  [
    'a file that imports its own package by name',
    {
      'packages/core/src/index.ts': `export * from './money.ts';`,
      'packages/core/src/money.ts': `import { x } from '@daikou/core';`,
    },
    ['import each other'],
  ],
]);
