import { glossary } from './glossary.ts';
import { testRule } from './sample.ts';

testRule(glossary, [
  [
    'the words of the house',
    {
      'packages/core/src/debit/debit.ts': `export interface Debit { orderNumber: string }
        export const chargeableDays = 3; export const charge = 1;`,
      'packages/store/src/debit/rows.ts': 'export const transaction = 1;',
    },
    [],
  ],
  [
    'other words for the same things',
    {
      'packages/core/src/debit/a.ts': `export const agreementId = 1;
        export const TENANTS = 2; export const openTransaction = () => agreementId;`,
    },
    ['a.ts:1 agreementId says "agreement"; say mandate', 'TENANTS', 'a transaction is one of the'],
  ],
  [
    'words that are wrong as the name of a type',
    { 'packages/core/src/debit/a.ts': 'export type ChargeState = 1; export interface Order {}' },
    ['ChargeState says "charge"', 'Order says "order"; say debit'],
  ],
]);
