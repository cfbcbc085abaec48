import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aMandate, at } from '../../../../test/kit/builders.ts';
import { decideBrake, isImplausible, type SweepBrake } from './sweep-brake.ts';

const { merchantId, rail } = aMandate();
const now = at('2026-03-02 03:00');

describe('mandates that a rail does not find', () => {
  const table = [
    // compared, not found, implausible
    [1, 1, false],
    [2, 2, false],
    [3, 3, true],
    [15, 3, false],
    [14, 3, true],
    [1_000, 200, false],
    [1_000, 201, true],
    [1_000_000, 1_000_000, true],
    [10, 0, false],
  ] as const;
  for (const [compared, notFound, expected] of table) {
    const says = expected ? 'nobody is ended' : 'they end';
    test(`${notFound} of ${compared}: ${says}`, () => {
      assert.equal(isImplausible({ rail, compared, notFound }), expected);
      const { kind } = decideBrake({ rail, compared, notFound }, { merchantId }, now);
      assert.equal(kind, expected ? 'hold' : 'end');
    });
  }

  const open: SweepBrake = {
    merchantId,
    rail,
    compared: 10,
    notFound: 10,
    state: 'open',
    foundAt: at('2026-03-01 03:00'),
  };

  test('a brake that stays on keeps its first day and tells what was seen last', () => {
    const swept = { rail, compared: 12, notFound: 9 };
    const { kind, brake } = decideBrake(swept, { merchantId, open }, now);
    assert.equal(kind, 'hold');
    assert.deepEqual(brake, { ...open, compared: 12, notFound: 9 });
  });

  test('a person confirms it, and they end', () => {
    const swept = { rail, compared: 10, notFound: 10 };
    const decided = decideBrake(swept, { merchantId, open, confirmedBy: 'Anna' }, now);
    assert.deepEqual(decided, {
      kind: 'end',
      brake: { ...open, state: 'confirmed', decidedBy: 'Anna', endedAt: now },
    });
  });

  test('found again with the right key: the brake is off by itself', () => {
    const swept = { rail, compared: 10, notFound: 1 };
    const decided = decideBrake(swept, { merchantId, open }, now);
    assert.deepEqual(decided, { kind: 'end', brake: { ...open, state: 'cleared', endedAt: now } });
  });

  const doubts: readonly (readonly [
    name: string,
    seen: readonly [compared: number, notFound: number],
    facts: { readonly open?: SweepBrake; readonly confirmedBy?: string },
  ])[] = [
    ['few answers of a rail with a brake, none of them a contract', [2, 2], { open }],
    ['few answers, most of them no contract', [3, 2], { open }],
    ['confirmed, and more are missing by now', [12, 11], { open, confirmedBy: 'Anna' }],
    ['confirmed before anybody saw how many', [10, 10], { confirmedBy: 'Anna' }],
  ];
  for (const [name, [compared, notFound], facts] of doubts) {
    test(`${name}: nobody is ended`, () => {
      const swept = { rail, compared, notFound };
      const { kind, brake } = decideBrake(swept, { merchantId, ...facts }, now);
      assert.deepEqual([kind, brake?.state, brake?.notFound], ['hold', 'open', notFound]);
    });
  }

  test('nobody is active at the rail any more: the brake is off', () => {
    const decided = decideBrake({ rail, compared: 0, notFound: 0 }, { merchantId, open }, now);
    assert.equal(decided.brake?.state, 'cleared');
  });
});
