import { packageOrder } from './package-order.ts';
import { testRule } from './sample.ts';

testRule(packageOrder, [
  [
    'the allowed directions',
    {
      'packages/engine/src/debit/collect.ts': `import { decideDebit } from '@daikou/core';`,
      'packages/server/src/compose.ts': `import '@daikou/store'; export * from '@daikou/api';`,
      'packages/web/src/app.tsx': `import type { Invoice } from '@daikou/api';`,
      'packages/core/src/money/money.test.ts': `import test from 'node:test';`,
      'test/scenarios/renewal.test.ts': `import { x } from '../../packages/core/src/index.ts';`,
    },
    [],
  ],
  [
    'siblings never import each other',
    { 'packages/store/src/debit/rows.ts': `\nimport { collect } from '@daikou/engine';` },
    ['rows.ts:2 store may import core; pass what it needs from engine as an argument'],
  ],
  [
    'the sandbox imports nothing of ours, not even its types',
    { 'packages/sandbox/src/main.ts': `import type { Money } from '@daikou/core';` },
    ['sandbox imports none of ours'],
  ],
  [
    'an import expression is an import',
    { 'packages/api/src/index.ts': `export const s = () => import('@daikou/store');` },
    ['api may import core'],
  ],
  [
    'a relative path may not leave its package',
    {
      'packages/engine/src/debit/a.ts': `import { m } from '../../../core/src/money/money.ts';`,
      'packages/engine/src/debit/b.ts': `import { kit } from '../../../../test/kit/clock.ts';`,
    },
    [`import from '@daikou/core' instead`, 'a package may not import test/'],
  ],
  [
    'a package is entered through its door',
    { 'packages/engine/src/a.ts': `import { m } from '@daikou/core/src/money/money.ts';` },
    [`export it from core's index.ts`],
  ],
  [
    'core imports nothing, not even from Node',
    { 'packages/core/src/ids/id.ts': `import { randomUUID } from 'node:crypto';` },
    [`core imports nothing; take the result of 'node:crypto' as an argument`],
  ],
]);
