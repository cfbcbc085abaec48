import { declaredDependencies } from './declared.ts';
import { testRule } from './sample.ts';

const manifest = (name: string, dependencies: Record<string, string>) =>
  JSON.stringify({ name, dependencies }, null, 2);
const root = JSON.stringify({ devDependencies: { 'fast-check': '4.0.0', '@types/node': '1.0.0' } });

testRule(declaredDependencies, [
  [
    'everything imported is declared and the other way round',
    {
      'package.json': root,
      'packages/store/package.json': manifest('@daikou/store', {
        pg: '8.0.0',
        '@daikou/core': '1',
      }),
      'packages/store/src/a.ts': `import pg from 'pg'; import { m } from '@daikou/core';
        import { join } from 'node:path'; import './b.ts';`,
      'packages/store/src/a.test.ts': `import fc from 'fast-check';`,
    },
    [],
  ],
  [
    'an import that nobody declared',
    {
      'package.json': root,
      'packages/store/package.json': manifest('@daikou/store', {}),
      'packages/store/src/a.ts': `import { types } from 'pg/lib/types.js';`,
      'packages/store/src/a.test.ts': `import fc from 'fast-check';`,
    },
    ['imports pg, which is not declared; add it to packages/store/package.json'],
  ],
  [
    'what only tests may use',
    {
      'package.json': root,
      'packages/store/package.json': manifest('@daikou/store', {}),
      'packages/store/src/a.ts': `import fc from 'fast-check';`,
    },
    ['imports fast-check, which is not declared'],
  ],
  [
    'a declared part that nobody uses',
    {
      'package.json': JSON.stringify({ devDependencies: { typescript: '7.0.0' } }),
      'packages/store/package.json': manifest('@daikou/store', { pg: '8.0.0' }),
      'packages/store/src/a.ts': '',
    },
    ['packages/store/package.json:4 pg is declared and never used; remove it'],
  ],
]);
