import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aMandate } from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import { checkAuthority } from './authority.ts';
import type { Mandate, MandateState } from './mandate.ts';

function answer(mandate: Mandate, minor: bigint): string {
  const result = checkAuthority(mandate, money(minor, 'CNY'));
  return result.ok ? 'allowed' : result.refusal.code;
}
const { railReference: _reference, ...WITHOUT_REFERENCE } = aMandate();
const EURO = money(50_000n, 'EUR');

describe('whether a mandate lets us take an amount', () => {
  const cases: readonly (readonly [string, Mandate, bigint, string])[] = [
    ['active, below the cap', aMandate(), 2_985n, 'allowed'],
    ['active, at the cap', aMandate(), 50_000n, 'allowed'],
    ['active, a fen above the cap', aMandate(), 50_001n, 'mandate_cap_exceeded'],
    ['in another currency', aMandate({ singleCap: EURO }), 1n, 'mandate_currency'],
    ['without the rail’s number', WITHOUT_REFERENCE, 1n, 'mandate_not_active'],
    [
      'ended, in another currency, above its cap',
      aMandate({ state: 'ended', singleCap: money(1n, 'EUR') }),
      2n,
      'mandate_not_active',
    ],
    [
      'active, in another currency, above its cap',
      aMandate({ singleCap: money(1n, 'EUR') }),
      2n,
      'mandate_currency',
    ],
  ];
  for (const [name, mandate, minor, expected] of cases) {
    test(`${name}: ${expected}`, () => assert.equal(answer(mandate, minor), expected));
  }

  for (const state of ['draft', 'signing', 'ended', 'sign_failed'] satisfies MandateState[]) {
    test(`${state}: nothing at all`, () => {
      assert.equal(answer(aMandate({ state }), 1n), 'mandate_not_active');
    });
  }
});
