import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { REFUND_CODES, TRADE_CODES } from './statuses.ts';

/** Every code of the published list, by hand. */
const DOCUMENTED = [
  '00',
  'A6',
  'A1',
  '01',
  '02',
  '03',
  '04',
  '05',
  '06',
  '10',
  '11',
  '12',
  '13',
  '14',
  '30',
  '31',
  '32',
  '33',
  '34',
  '35',
  '36',
  '37',
  '38',
  '39',
  '40',
  '41',
  '42',
  '43',
  '44',
  '45',
  '60',
  '61',
  '62',
  '63',
  '64',
  '65',
  '66',
  '67',
  '68',
  '69',
  '70',
  '71',
  '72',
  '73',
  '74',
  '75',
  '76',
  '77',
  '78',
  '79',
  '80',
  '81',
  '82',
  '83',
  '84',
  '90',
  '91',
  '98',
  '99',
];

describe('the answer codes', () => {
  test('every documented code has a row for debits and one for refunds, and no other has', () => {
    assert.deepEqual(Object.keys(TRADE_CODES).sort(), [...DOCUMENTED].sort());
    assert.deepEqual(Object.keys(REFUND_CODES).sort(), [...DOCUMENTED].sort());
  });

  test('only 00 and A6 say that money moved', () => {
    const moved = Object.keys(TRADE_CODES).filter((code) => TRADE_CODES[code] === 'paid');
    assert.deepEqual(moved.sort(), ['00', 'A6']);
    const back = Object.keys(REFUND_CODES).filter((code) => REFUND_CODES[code] === 'done');
    assert.deepEqual(back.sort(), ['00', 'A6']);
  });

  test('a code that may hide a payment is never a refusal', () => {
    for (const code of ['03', '04', '05', '12', '37', '42', '45', '74', '75', 'A1', '98']) {
      assert.equal(TRADE_CODES[code], 'ask', code);
      assert.equal(REFUND_CODES[code], 'ask', code);
    }
  });

  const CLASSES = [
    ['64', 'funds'],
    ['90', 'funds'],
    ['81', 'limit'],
    ['67', 'limit'],
    ['02', 'technical'],
    ['06', 'technical'],
    ['39', 'technical'],
    ['61', 'account'],
    ['63', 'account'],
    ['73', 'account'],
    ['40', 'mandate'],
    ['80', 'mandate'],
    ['38', 'risk'],
    ['30', 'risk'],
    ['10', 'merchant_fault'],
    ['11', 'merchant_fault'],
    ['31', 'merchant_fault'],
    ['33', 'merchant_fault'],
    ['70', 'open'],
    ['83', 'open'],
    ['34', 'not_found'],
  ] as const;
  for (const [code, expected] of CLASSES) {
    test(`${code} of a debit is ${expected}`, () => assert.equal(TRADE_CODES[code], expected));
  }
});
