import { railIds } from './rail-ids.ts';
import { testRule } from './sample.ts';

testRule(railIds, [
  [
    'a rail in its own folder, in the wiring, in tests and where people read it',
    {
      'packages/adapters/src/rails/wechat/rail.ts': `export const wechatRail = 'wechatpay';`,
      'packages/adapters/src/index.ts': `export { wechatRail } from './rails/wechat/rail.ts';`,
      'packages/server/src/compose.ts': `import { alipayRail } from '@daikou/adapters';`,
      'packages/server/src/demo/story.ts': `export const rails = ['wechat', 'alipay'];`,
      'packages/sandbox/src/alipay/gateway.ts': `export const alipay = 1;`,
      'packages/engine/src/debit/debit.test.ts': `const rail = 'alipay';`,
      'packages/core/src/ledger/chart.ts': `export const account = 'alipay';`,
    },
    [],
  ],
  [
    'shared code that asks which rail it is',
    {
      'packages/engine/src/debit/a.ts': `export const names = ['WeChat Pay', 'wechat'];`,
    },
    [`names wechat; ask the rail's capabilities instead`, 'names wechat'],
  ],
  [
    'an identifier, once for each name',
    { 'packages/core/src/mandate/a.ts': `const isAlipay = true; export const b = isAlipay;` },
    ['names alipay'],
  ],
  [
    'one rail that knows another',
    { 'packages/adapters/src/rails/alipay/rail.ts': `export const twin = 'unionpay';` },
    ['a rail knows itself only'],
  ],
  [
    'sepa as a word, not as part of one; comments are free',
    {
      'packages/core/src/mandate/a.ts': `// SEPA says so.
        export const separate = 'a separate line';`,
      'packages/core/src/mandate/b.ts': `export const sepaMandate = 1;`,
    },
    ['b.ts:1 names sepa'],
  ],
]);
