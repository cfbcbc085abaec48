import { conceptOrder } from './concept-order.ts';
import { testRule } from './sample.ts';

testRule(conceptOrder, [
  [
    'a concept imports those before it',
    {
      'packages/core/src/invoice/invoice.ts': `import { a } from '../catalog/price.ts';`,
      'packages/core/src/ports/store.ts': `import { a } from '../insight/report.ts';`,
      'packages/core/src/money/money.ts': `import { a } from '../result/result.ts';`,
      'packages/core/src/result/event.ts': `import { a } from '../ids/id.ts';`,
      'packages/engine/src/debit/submit.ts': `import { a } from '../ports/engine.ts';`,
      'packages/core/src/index.ts': `export { a } from './insight/report.ts';`,
      'packages/store/src/debit/rows.ts': `import { b } from '../backends/pglite.ts';`,
    },
    [],
  ],
  [
    'a concept may not import one after it',
    { 'packages/core/src/mandate/mandate.ts': `import { d } from '../debit/debit.ts';` },
    ['mandate comes before debit and may not import it; move the shared part'],
  ],
  [
    'no concept imports the ports',
    { 'packages/core/src/debit/debit.ts': `import type { Rail } from '../ports/rail.ts';` },
    ['debit comes before ports'],
  ],
  [
    'the alphabet may not import concepts',
    { 'packages/core/src/money/money.ts': `import { l } from '../ledger/ledger.ts';` },
    ['money comes before ledger'],
  ],
  [
    'the same order holds in the other packages and in the features of web',
    {
      'packages/store/src/catalog/rows.ts': `import { a } from '../invoice/rows.ts';`,
      'packages/engine/src/ports/engine.ts': `import { a } from '../debit/submit.ts';`,
      'packages/web/src/features/customer/list.tsx': `import { a } from '../debit/list.tsx';`,
    },
    ['catalog comes before invoice', 'ports comes before debit', 'customer comes before debit'],
  ],
  [
    'a folder of core that is no concept',
    { 'packages/core/src/billing/bill.ts': '' },
    ['billing is not a concept of core; move the file'],
  ],
]);
