import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_REFUND_POLICY, money, needsApproval, processingOf } from '@daikou/core';
import { readRefundPolicy } from './refund-policy.ts';

test('what the settings leave out is the default', () => {
  assert.deepEqual(readRefundPolicy({}), DEFAULT_REFUND_POLICY);
});

test('a limit holds for its currency; every other one wants a second person', () => {
  const policy = readRefundPolicy({ approveAbove: { CNY: 1_000 } });
  assert.equal(needsApproval(money(1_000n, 'CNY'), policy), false);
  assert.equal(needsApproval(money(1_001n, 'CNY'), policy), true);
  assert.equal(needsApproval(money(1n, 'EUR'), policy), true);
});

test('what is kept of a balance: a share and a fixed part, capped, and never all of it', () => {
  const policy = readRefundPolicy({ processing: { basisPoints: 100, fixed: 10, cap: 50 } });
  assert.equal(processingOf(money(1_000n, 'CNY'), policy).minor, 20n);
  assert.equal(processingOf(money(9_000n, 'CNY'), policy).minor, 50n);
  assert.equal(processingOf(money(5n, 'CNY'), policy).minor, 4n);
});

for (const [name, settings] of [
  ['a limit of a half', { approveAbove: { CNY: 0.5 } }],
  ['a limit below zero', { approveAbove: { CNY: -1 } }],
  ['a currency that is none', { approveAbove: { XXX: 1 } }],
  ['hours as a text', { approvalHours: '72' as unknown as number }],
] as const) {
  test(`${name} is refused`, () => assert.throws(() => readRefundPolicy(settings), /config\.json/));
}
