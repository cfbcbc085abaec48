import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Period } from '../calendar/periods.ts';
import { money } from '../money/money.ts';
import { parseRatio, type Ratio, ratio } from '../money/ratio.ts';
import { formatDecimal } from '../money/text.ts';
import { InvariantBroken } from '../result/invariant.ts';
import {
  type ChangeItem,
  changeLegs,
  directionOfChange,
  netLines,
  seatDifference,
} from './proration-change.ts';

const date = (text: string) => Temporal.PlainDate.from(text);
const MARCH: Period = { start: date('2026-03-01'), end: date('2026-04-01') };

function decimal(text: string): Ratio {
  const parsed = parseRatio(text);
  assert.ok(parsed.ok);
  return parsed.value;
}

const item = (
  price: string,
  quantity = 1n,
  kind: ChangeItem['kind'] = 'recurring',
): ChangeItem => ({ unitPrice: decimal(price), quantity: ratio(quantity), kind });

describe('a change in the middle of a period', () => {
  type Legs = readonly [credit: string, owed: string, net: string];
  const cases: readonly (readonly [string, string, ChangeItem[], ChangeItem[], Legs])[] = [
    [
      'a downgrade, each leg rounded before they are netted',
      '2026-03-15',
      [item('1000')],
      [item('500')],
      ['-548.39', '274.19', '-274.20'],
    ],
    [
      'an upgrade on the first day is the whole difference',
      '2026-03-01',
      [item('100')],
      [item('200')],
      ['-100.00', '200.00', '100.00'],
    ],
    [
      'a change on the end moves nothing',
      '2026-04-01',
      [item('100')],
      [item('200')],
      ['0.00', '0.00', '0.00'],
    ],
    [
      'seats added from the day they are added',
      '2026-03-22',
      [],
      [item('31', 3n)],
      ['0.00', '30.00', '30.00'],
    ],
    [
      'a one-time fee in full, and none credited',
      '2026-03-22',
      [item('500', 1n, 'one_time')],
      [item('500', 2n, 'one_time')],
      ['0.00', '1000.00', '1000.00'],
    ],
    [
      'usage moves nothing',
      '2026-03-22',
      [item('5', 10n, 'usage')],
      [item('7', 10n, 'usage')],
      ['0.00', '0.00', '0.00'],
    ],
    [
      'several items make one leg, rounded once',
      '2026-03-31',
      [item('0.15'), item('0.15')],
      [item('0.16'), item('0.16')],
      ['-0.01', '0.01', '0.00'],
    ],
  ];
  for (const [name, on, remove, add, [credit, owed, net]] of cases) {
    test(name, () => {
      const legs = changeLegs({ currency: 'CNY', period: MARCH, date: date(on), remove, add });
      assert.equal(formatDecimal(legs.credit), credit);
      assert.equal(formatDecimal(legs.owed), owed);
      assert.equal(formatDecimal(legs.net), net);
    });
  }

  test('outside its period is our bug', () => {
    for (const on of ['2026-02-28', '2026-04-02']) {
      assert.throws(
        () => changeLegs({ currency: 'CNY', period: MARCH, date: date(on), remove: [], add: [] }),
        InvariantBroken,
      );
    }
  });

  test('to the same price costs nothing on any day', () => {
    const prices = fc.bigInt({ min: 0n, max: 10n ** 8n }).map((fen) => ratio(fen, 100n));
    fc.assert(
      fc.property(prices, fc.integer({ min: 0, max: 31 }), (unitPrice, days) => {
        const same: ChangeItem = { unitPrice, quantity: ratio(1n), kind: 'recurring' };
        const on = MARCH.start.add({ days });
        const legs = changeLegs({
          currency: 'CNY',
          period: MARCH,
          date: on,
          remove: [same],
          add: [same],
        });
        assert.equal(legs.net.minor, 0n);
        assert.ok(legs.credit.minor <= 0n && legs.owed.minor >= 0n);
      }),
    );
  });
});

describe('the direction of a change', () => {
  const cases: readonly (readonly [ChangeItem[], ChangeItem[], string])[] = [
    [[], [item('100')], 'upgrade'],
    [[item('200')], [item('100')], 'downgrade'],
    [[item('50', 2n)], [item('100')], 'lateral'],
    [[item('100')], [item('100'), item('500', 1n, 'one_time')], 'lateral'],
    [[item('100'), item('9', 99n, 'usage')], [item('101')], 'upgrade'],
  ];
  for (const [index, [before, after, expected]] of cases.entries()) {
    test(`case ${index + 1} is ${expected}`, () => {
      assert.equal(directionOfChange(before, after), expected);
    });
  }
});

test('seats cost their full price for a whole period, and give it back', () => {
  const seats = (paid: bigint, next: bigint) =>
    formatDecimal(seatDifference(decimal('29.95'), { paid, next }, 'CNY'));
  assert.equal(seats(0n, 7n), '209.65');
  assert.equal(seats(7n, 5n), '-59.90');
  assert.equal(seats(5n, 5n), '0.00');
});

test('lines that cancel out need no line', () => {
  const lines = (...fen: bigint[]) =>
    netLines(
      fen.map((minor) => money(minor, 'CNY')),
      'CNY',
    );
  assert.equal(lines(-5_000n, 5_000n), undefined);
  assert.equal(lines(), undefined);
  assert.deepEqual(lines(-5_000n, 7_000n), money(2_000n, 'CNY'));
});
