import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aCustomer, anotherId, contextAt } from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import { type BalanceAlert, daysLeft, decideBalanceAlert, lookAtBalance } from './balance-alert.ts';

const CUSTOMER = aCustomer();
const yuan = (amount: bigint) => money(amount * 100n, 'CNY');
const CONTEXT = {
  ...contextAt('2026-03-20 10:00'),
  zone: 'Asia/Shanghai',
  ids: anotherId,
  merchantName: '云笔记',
};

function alertOf(wish: { lowDays?: number } = {}): BalanceAlert {
  const decision = decideBalanceAlert(CUSTOMER, { low: yuan(100n), by: 'Anna', ...wish }, CONTEXT);
  assert.ok(decision.ok);
  return decision.value;
}

/** Balances one after the other, and which of them told the customer. */
function tellsOf(alert: BalanceAlert, balances: readonly bigint[], used = 0n): readonly bigint[] {
  let before = alert;
  return balances.filter((left) => {
    const look = lookAtBalance(
      before,
      { customer: CUSTOMER, left: yuan(left), used: yuan(used) },
      CONTEXT,
    );
    before = look.alert;
    assert.equal(look.message === undefined, look.event === undefined);
    return look.message !== undefined;
  });
}

describe('a low balance', () => {
  test('is told once for each crossing, and again after it was above', () => {
    assert.deepEqual(tellsOf(alertOf(), [300n, 101n, 100n, 60n, 0n, 200n, 90n]), [100n, 90n]);
  });

  test('is told when it lasts too few days, however much it is', () => {
    assert.deepEqual(tellsOf(alertOf({ lowDays: 7 }), [800n, 700n], 3_000n), [700n]);
    assert.deepEqual(tellsOf(alertOf(), [800n, 700n], 3_000n), []);
  });

  test('lasts whole days, cut; without use nobody knows', () => {
    const lasts = (left: bigint, used: bigint) => daysLeft({ left: yuan(left), used: yuan(used) });
    assert.deepEqual([lasts(10n, 40n), lasts(0n, 40n), lasts(10n, 0n)], [7n, 0n, undefined]);
  });

  test('names what is left and how long it lasts', () => {
    const { message } = lookAtBalance(
      alertOf(),
      { customer: CUSTOMER, left: yuan(12n), used: yuan(60n) },
      CONTEXT,
    );
    assert.equal(message?.templateKey, 'balance_low');
    assert.equal(message?.variables['balance'], '¥12.00');
    assert.match(message?.variables['lasts'] ?? '', /6/);
  });

  test('is looked at daily only where days count', () => {
    const facts = { customer: CUSTOMER, left: yuan(500n), used: yuan(60n) };
    assert.equal(lookAtBalance(alertOf(), facts, CONTEXT).alert.nextLookAt, undefined);
    const daily = lookAtBalance(alertOf({ lowDays: 7 }), facts, CONTEXT).alert.nextLookAt;
    assert.equal(daily?.toString(), '2026-03-21T02:00:00Z');
  });

  test('belongs to who pays', () => {
    const department = aCustomer({ kind: 'department', payerId: CUSTOMER.id });
    const refused = decideBalanceAlert(department, { low: yuan(1n), by: 'Anna' }, CONTEXT);
    assert.equal(refused.ok ? '' : refused.refusal.code, 'alert_not_of_payer');
  });
});
