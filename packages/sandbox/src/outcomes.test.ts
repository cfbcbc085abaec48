import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import fc from 'fast-check';
import { Books } from './books.ts';
import { drawBasisPoints } from './chance.ts';
import { Outcomes, pick } from './outcomes.ts';

describe('the outcome of an order', () => {
  const root = mkdtempSync(join(tmpdir(), 'daikou-outcomes-'));
  let homes = 0;
  after(() => rmSync(root, { recursive: true }));

  const open = (plan: unknown) => {
    const outcomes = new Outcomes(Books.open(join(root, String(homes++))));
    assert.equal(outcomes.set(plan), undefined);
    return (orderNumber: string, account: string, scripted?: string) =>
      outcomes.decide({ rail: 'wechat', orderNumber, account, scripted: () => scripted });
  };
  const MIXED = { SUCCESS: 5000, NOTENOUGH: 3000, BANKERROR: 2000 };
  const plan = (seed: string) => ({ seed, wechat: { first: MIXED, later: MIXED } });

  test('depends on seed, account and ordinal, not on numbers or on who comes first', () => {
    const accounts = Array.from({ length: 40 }, (_, n) => `account-${n}`);
    const oneWay = open(plan('s'));
    const other = open(plan('s'));
    const a = accounts.map((account) => oneWay(`A-${account}`, account));
    const reversed = accounts.toReversed().map((account) => other(`B-${account}`, account));
    assert.deepEqual(a, reversed.toReversed());
    const secondSeed = open(plan('t'));
    assert.notDeepEqual(
      a,
      accounts.map((account) => secondSeed(`A-${account}`, account)),
    );
  });

  test('a number seen again keeps its outcome and uses up no ordinal', () => {
    const decide = open({
      seed: 's',
      wechat: { first: { NOTENOUGH: 10000 }, later: { SUCCESS: 10000 } },
    });
    const sequence = ['N1', 'N1', 'N2', 'N1'].map((number) => decide(number, 'alice'));
    assert.deepEqual(sequence, ['NOTENOUGH', 'NOTENOUGH', 'SUCCESS', 'NOTENOUGH']);
  });

  test('a swallowed request is processed when it is sent again', () => {
    const decide = open({ seed: 's', wechat: { first: { TIMEOUT_NOT_RECEIVED: 10000 } } });
    const sequence = ['N1', 'N1', 'N1'].map((number) => decide(number, 'alice'));
    assert.deepEqual(sequence, ['TIMEOUT_NOT_RECEIVED', 'SUCCESS', 'SUCCESS']);
  });

  test('every new number of an account is a new draw', () => {
    const decide = open(plan('s'));
    const drawn = Array.from({ length: 40 }, (_, n) => decide(`N${n}`, 'alice'));
    assert.deepEqual([...new Set(drawn)].sort(), ['BANKERROR', 'NOTENOUGH', 'SUCCESS']);
  });

  test('without a plan everything succeeds, and a script goes first', () => {
    const decide = open({ seed: 's' });
    assert.equal(decide('N1', 'alice'), 'SUCCESS');
    assert.equal(decide('N2', 'alice', 'ACCOUNTERROR'), 'ACCOUNTERROR');
  });

  test('shares come out near their basis points', () => {
    const decide = open(plan('shares'));
    const drawn = Array.from({ length: 2000 }, (_, n) => decide(`N${n}`, `account-${n}`));
    const success = drawn.filter((outcome) => outcome === 'SUCCESS').length;
    assert.ok(success > 900 && success < 1100, `${success} of 2000 succeeded`);
  });

  test('the order in which a table is written does not matter', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9999 }), (point) => {
        const turned = Object.fromEntries(Object.entries(MIXED).toReversed());
        assert.equal(pick(MIXED, point), pick(turned, point));
      }),
    );
  });

  test('a draw is 0 to 9999 for any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const point = drawBasisPoints(text);
        assert.ok(Number.isInteger(point) && point >= 0 && point < 10_000);
      }),
    );
  });

  const wrongPlans: readonly [reason: string, plan: unknown][] = [
    ['a sum that is not 10000', { seed: 's', wechat: { first: { SUCCESS: 9999 } } }],
    ['a name of the other rail', { seed: 's', wechat: { first: { 'ACQ.PAYMENT_FAIL': 10000 } } }],
    ['a fraction', { seed: 's', wechat: { first: { SUCCESS: 9999.5, NOTENOUGH: 0.5 } } }],
    ['no seed', { wechat: { first: { SUCCESS: 10000 } } }],
    ['no object', undefined],
  ];
  for (const [reason, wrong] of wrongPlans) {
    test(`a plan with ${reason} is refused with a sentence`, () => {
      const outcomes = new Outcomes(Books.open(join(root, String(homes++))));
      assert.match(outcomes.set(wrong) ?? '', /\.$/);
    });
  }
});
