import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aCustomer, anotherId, at, day } from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import { postBalanceUsed, postPrepaidExpired, postPrepaidReceived } from './balance-templates.ts';
import type { Journal } from './journal.ts';

const FACTS = {
  id: anotherId('jrn', 0),
  merchantId: aCustomer().merchantId,
  customerId: aCustomer().id,
  businessDate: day('2026-03-05'),
  postedAt: at('2026-03-05 09:00'),
};
const grantId = anotherId('crg', 0);
const yuan = (minor: bigint) => money(minor, 'CNY');
const entries = (journal: Journal | undefined) =>
  journal?.entries.map(({ account, minor }) => `${account} ${minor}`);

describe('the books of balances', () => {
  test('money that is paid in advance, through a rail or to the bank', () => {
    const amount = yuan(10_000n);
    const through = postPrepaidReceived({ ...FACTS, grantId, amount, rail: 'alipay' });
    assert.deepEqual(entries(through), ['1012.02 10000', '2203 -10000']);
    assert.equal(through.sourceId, grantId);
    assert.deepEqual(entries(postPrepaidReceived({ ...FACTS, grantId, amount })), [
      '1002 10000',
      '2203 -10000',
    ]);
  });

  test('what expires unused is other income, and nothing is nothing', () => {
    assert.deepEqual(entries(postPrepaidExpired({ ...FACTS, grantId, left: yuan(7n) })), [
      '2203 7',
      '6051 -7',
    ]);
    assert.equal(postPrepaidExpired({ ...FACTS, grantId, left: yuan(0n) }), undefined);
  });

  test('a balance that pays nothing is no fact of the books', () => {
    const invoiceId = anotherId('inv', 0);
    const used = { ...FACTS, invoiceId, own: yuan(0n), gift: yuan(0n) };
    assert.equal(postBalanceUsed(used), undefined);
  });
});
