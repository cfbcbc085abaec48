import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { anAttempt, at, day, PRICE } from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import { feeDifference, type RailTerms, termsOn } from './fee.ts';
import { type Booked, decideMatch, decideMissing, type LineContext } from './match.ts';
import type { RailBillLine } from './rail-bill.ts';

const ATTEMPT = anAttempt(1, 'succeeded');
const DATE = day('2026-03-10');
const LINE: RailBillLine = {
  lineNumber: 1,
  kind: 'payment',
  orderNumber: ATTEMPT.orderNumber,
  railReference: 'T-1',
  amount: PRICE,
  fee: money(18n, 'CNY'),
  at: at('2026-03-10 07:30:05'),
};
const REFUND: RailBillLine = { ...LINE, kind: 'refund', refundNumber: 'R-1' };
const HERE: LineContext = { businessDate: DATE, isInAnotherBill: false };
const OURS: Booked = { attempt: ATTEMPT, asked: PRICE, amount: PRICE, businessDate: DATE };
const twice = (minor: bigint): LineContext => ({
  ...HERE,
  repeated: { times: 2, total: money(minor, 'CNY') },
});
const on = (text: string): Booked => ({ ...OURS, businessDate: day(text) });

/** "surplus open 2985/- +2985": class, state, the rail's amount and ours, the difference. */
function match(...about: Parameters<typeof decideMatch>): string {
  const decision = decideMatch(...about);
  if (decision.kind === 'matched') return 'matched';
  const { found } = decision;
  const amounts = [found.railAmount, found.ourAmount].map((one) => one?.minor ?? '-').join('/');
  return `${found.class} ${found.state} ${amounts} ${found.difference?.minor ?? '-'}`;
}

/** Days off from 5 to 9 March. */
const afterFestival = (date: Temporal.PlainDate) => date.day < 5 || date.day > 9;

describe('a line of the rail’s bill and our books', () => {
  const less = { ...LINE, amount: money(2_984n, 'CNY') };
  const euros = { ...LINE, amount: money(2_985n, 'EUR') };
  const refunded: Booked = { asked: PRICE, amount: PRICE, businessDate: DATE };
  const cases: readonly (readonly [string, Parameters<typeof decideMatch>, string])[] = [
    ['the same', [LINE, OURS, HERE], 'matched'],
    ['a number that is none of ours', [LINE, undefined, HERE], 'unknown_order open 2985/- 2985'],
    ['an unknown number twice', [LINE, undefined, twice(5_970n)], 'unknown_order open 5970/- 5970'],
    ['the same number twice', [LINE, OURS, twice(5_970n)], 'duplicate open 5970/2985 2985'],
    [
      'a number twice that we hold as unpaid',
      [LINE, { attempt: ATTEMPT, asked: PRICE }, twice(5_970n)],
      'duplicate open 5970/2985 5970',
    ],
    ['a fen less than we booked', [less, OURS, HERE], 'amount_mismatch open 2984/2985 -1'],
    ['another currency', [euros, OURS, HERE], 'currency_mismatch open 2985/2985 -'],
    ['money of the day before', [LINE, on('2026-03-09'), HERE], 'cut_off resolved 2985/2985 -'],
    ['money of two days after', [LINE, on('2026-03-12'), HERE], 'cut_off resolved 2985/2985 -'],
    ['money of three days ago', [LINE, on('2026-03-07'), HERE], 'state_mismatch open 2985/2985 -'],
    [
      'another amount and another day: the amount is said',
      [less, on('2026-03-09'), HERE],
      'amount_mismatch open 2984/2985 -1',
    ],
    [
      'money of another day that the bill of that day names too',
      [LINE, on('2026-03-09'), { ...HERE, isInAnotherBill: true }],
      'duplicate open 2985/2985 2985',
    ],
    [
      'money that this day’s bill and another’s name: the other has it',
      [LINE, OURS, { ...HERE, isInAnotherBill: true }],
      'duplicate open 2985/2985 2985',
    ],
    [
      'a number twice, beside a bill that has its money: all of it is too much',
      [LINE, OURS, { ...twice(5_970n), isInAnotherBill: true }],
      'duplicate open 5970/2985 5970',
    ],
    [
      'money of a holiday on the first bill after it',
      [LINE, on('2026-03-05'), { ...HERE, settlesOn: afterFestival }],
      'cut_off resolved 2985/2985 -',
    ],
    [
      'money of three bills before the holiday',
      [LINE, on('2026-03-02'), { ...HERE, settlesOn: afterFestival }],
      'state_mismatch open 2985/2985 -',
    ],
    ['a refund that we know', [REFUND, refunded, HERE], 'matched'],
    ['a refund of nobody', [REFUND, undefined, HERE], 'unknown_order open 2985/- -2985'],
    [
      'a refund that we hold as not paid',
      [REFUND, { asked: PRICE }, HERE],
      'state_mismatch open 2985/2985 -2985',
    ],
    ['a refund twice', [REFUND, refunded, twice(5_970n)], 'duplicate open 5970/2985 -2985'],
    [
      'a refund of less than we booked',
      [{ ...REFUND, amount: money(2_984n, 'CNY') }, refunded, HERE],
      'amount_mismatch open 2984/2985 1',
    ],
  ];
  for (const [name, about, expected] of cases) {
    test(`${name}: ${expected}`, () => assert.equal(match(...about), expected));
  }

  for (const state of ['refused', 'closed', 'never_sent', 'late_success', 'unknown'] as const) {
    test(`money for a number that we hold as ${state}, not booked: surplus`, () => {
      const ours = { attempt: anAttempt(1, state), asked: PRICE };
      assert.equal(match(LINE, ours, HERE), 'surplus open 2985/2985 2985');
    });
  }

  test('the difference is always what makes our clearing account the rail’s balance', () => {
    const amounts = fc.bigInt({ min: 1n, max: 10n ** 12n });
    const booked = fc.option(amounts, { nil: undefined });
    fc.assert(
      fc.property(amounts, booked, fc.boolean(), (rail, ours, isRefund) => {
        const line = { ...(isRefund ? REFUND : LINE), amount: money(rail, 'CNY') };
        const held = ours === undefined ? {} : { amount: money(ours, 'CNY'), businessDate: DATE };
        const decision = decideMatch(line, { asked: PRICE, ...held }, HERE);
        const sign = isRefund ? -1n : 1n;
        const told = decision.kind === 'matched' ? 0n : (decision.found.difference?.minor ?? 0n);
        assert.equal(sign * (ours ?? 0n) + told, sign * rail);
      }),
    );
  });

  test('money that no bill names waits in the pool; a refund the other way round', () => {
    const told = (kind: RailBillLine['kind']) => {
      const { class: name, state, difference } = decideMissing(kind, PRICE);
      return `${name} ${state} ${difference.minor}`;
    };
    assert.equal(told('payment'), 'shortage pooled -2985');
    assert.equal(told('refund'), 'shortage pooled 2985');
  });
});

describe('the fee of a line and the contract', () => {
  const terms: RailTerms = {
    merchantId: ATTEMPT.merchantId,
    rail: ATTEMPT.rail,
    validFrom: day('2026-01-01'),
    feeBasisPoints: 60,
    feeBackOnRefund: true,
    payerNames: [],
  };
  const cases: readonly (readonly [string, bigint, bigint | undefined, Partial<RailTerms>])[] = [
    ['¥29.85 at 0.60 % is ¥0.18', 18n, undefined, {}],
    ['a fen more is rounding', 19n, undefined, {}],
    ['a fen less is rounding', 17n, undefined, {}],
    ['two fen more are not', 20n, 2n, {}],
    ['two fen less are not', 16n, -2n, {}],
    ['half a fen goes up: ¥29.85 at 1.00 % is ¥0.30', 30n, undefined, { feeBasisPoints: 100 }],
    ['no fee agreed', 2n, 2n, { feeBasisPoints: 0 }],
  ];
  for (const [name, minor, expected, changes] of cases) {
    test(name, () => {
      const line = { ...LINE, fee: money(minor, 'CNY') };
      assert.equal(feeDifference(line, { ...terms, ...changes })?.minor, expected);
    });
  }

  test('a refund brings the fee back, where the contract says so', () => {
    const line = { ...REFUND, fee: money(-18n, 'CNY') };
    assert.equal(feeDifference(line, terms), undefined);
    assert.equal(feeDifference(line, { ...terms, feeBackOnRefund: false })?.minor, -18n);
  });

  test('the latest terms that are valid by the date hold', () => {
    const later = { ...terms, validFrom: day('2026-03-10'), feeBasisPoints: 54 };
    const at = (text: string) => termsOn([terms, later], day(text))?.feeBasisPoints;
    assert.deepEqual([at('2025-12-31'), at('2026-03-09'), at('2026-03-10')], [undefined, 60, 54]);
  });
});
