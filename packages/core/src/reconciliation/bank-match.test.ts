import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { day } from '../../../../test/kit/builders.ts';
import { newId } from '../../../../test/kit/life.ts';
import { money } from '../money/money.ts';
import { lastDayOf, matchBankLines, type StoredBankLine, SUBSET_LIMIT } from './bank-match.ts';
import { type BankStatement, checkStatement } from './bank-statement.ts';
import type { Settlement } from './settlement.ts';

const NAMES = new Map([
  ['one', { names: ['财付通'] }],
  ['two', { names: ['Other Pay'] }],
]);
const cny = (minor: bigint) => money(minor, 'CNY');

/** A payout of 2026-03-10, a Tuesday. */
function payout(minor: bigint, changes: Partial<Settlement> = {}): Settlement {
  return {
    id: newId('stl', 7),
    merchantId: newId('mer'),
    rail: 'one',
    businessDate: day('2026-03-10'),
    reference: `P${minor}`,
    source: 'statement',
    amount: cny(minor),
    state: 'sent',
    ...changes,
  };
}

function line(minor: bigint, changes: Partial<StoredBankLine> = {}): StoredBankLine {
  return {
    id: newId('bsl', 7),
    merchantId: newId('mer'),
    statementId: newId('bst', 7),
    account: '基本户',
    lineNumber: 1,
    bookedOn: day('2026-03-11'),
    amount: cny(minor),
    counterparty: '财付通支付科技有限公司',
    bankReference: `B${minor}`,
    rawHash: '0'.repeat(64),
    state: 'unmatched',
    ...changes,
  };
}

/** "matched: P1+P2; left: 5; unclaimed: 7". */
function told(lines: readonly StoredBankLine[], payouts: readonly Settlement[]): string {
  const { matches, left, unclaimed, other } = matchBankLines(lines, payouts, NAMES);
  const sums = (some: readonly StoredBankLine[]) =>
    some.map(({ amount }) => amount.minor).join(' ');
  return [
    [
      'matched',
      matches.map((one) => one.settlements.map((row) => row.reference).join('+')).join(' '),
    ],
    ['left', sums(left)],
    ['unclaimed', sums(unclaimed)],
    ['other', sums(other)],
  ]
    .filter(([, what]) => what !== '')
    .map((parts) => parts.join(': '))
    .join('; ');
}

describe('bank lines and payouts', () => {
  const late = day('2026-03-16');
  const stranger = { counterparty: '王小明' };
  const many = Array.from({ length: SUBSET_LIMIT + 1 }, (_, index) => payout(BigInt(index + 1)));
  const cases: readonly (readonly [
    string,
    readonly StoredBankLine[],
    readonly Settlement[],
    string,
  ])[] = [
    ['the same amount the next day', [line(5n)], [payout(5n)], 'matched: P5'],
    [
      'three workdays later',
      [line(5n, { bookedOn: day('2026-03-13') })],
      [payout(5n)],
      'matched: P5',
    ],
    ['after the weekend: too late', [line(5n, { bookedOn: late })], [payout(5n)], 'left: 5'],
    ['before it left', [line(5n, { bookedOn: day('2026-03-09') })], [payout(5n)], 'left: 5'],
    ['another amount', [line(6n)], [payout(5n)], 'left: 6'],
    ['another rail’s name', [line(5n, { counterparty: 'OTHER PAY' })], [payout(5n)], 'left: 5'],
    ['no name, one candidate', [line(5n, stranger)], [payout(5n)], 'matched: P5'],
    [
      'no name, two candidates: nobody guesses',
      [line(5n, stranger)],
      [payout(5n), payout(5n, { rail: 'two' })],
      'unclaimed: 5',
    ],
    ['two payouts in one line', [line(12n)], [payout(5n), payout(7n)], 'matched: P5+P7'],
    [
      'a stranger’s line is no sum',
      [line(12n, stranger)],
      [payout(5n), payout(7n)],
      'unclaimed: 12',
    ],
    [
      'too many to try',
      [line(3n)],
      many.slice(3).concat(many.slice(0, 2), payout(90n), payout(91n)),
      'left: 3',
    ],
    [
      'of equals the oldest',
      [line(5n)],
      [payout(5n, { businessDate: day('2026-03-11'), reference: 'new' }), payout(5n)],
      'matched: P5',
    ],
    [
      'what waited over the spring festival comes at once, however many days it was',
      [line(91n, { bookedOn: day('2026-02-24') })],
      many.map((one, index) => ({ ...one, businessDate: day('2026-02-12').add({ days: index }) })),
      `matched: ${many.map(({ reference }) => reference).join('+')}`,
    ],
    ['a payout is used once', [line(5n), line(5n)], [payout(5n)], 'matched: P5; left: 5'],
    ['money out of ours', [line(-5n, stranger)], [payout(5n)], 'other: -5'],
    ['the rail takes money back', [line(-5n)], [payout(-5n)], 'matched: P-5'],
  ];
  for (const [name, lines, payouts, expected] of cases) {
    test(`${name}: ${expected}`, () => assert.equal(told(lines, payouts), expected));
  }

  test('the days of waiting are workdays: the spring festival is none', () => {
    const until = (date: string, source: Settlement['source']) =>
      lastDayOf({ businessDate: day(date), source }).toString();
    assert.equal(until('2026-03-10', 'statement'), '2026-03-13');
    assert.equal(until('2026-03-10', 'bill'), '2026-03-16');
    assert.ok(until('2026-02-14', 'statement') > '2026-02-20');
    // A rail of another country has the holidays of its own banks: here 25 and 26 December.
    const isOff = (date: Temporal.PlainDate) =>
      date.dayOfWeek > 5 || (date.month === 12 && [25, 26].includes(date.day));
    const christmas = { businessDate: day('2026-12-24'), source: 'statement' } as const;
    assert.equal(lastDayOf(christmas).toString(), '2026-12-29');
    assert.equal(lastDayOf(christmas, (date) => !isOff(date)).toString(), '2026-12-30');
  });
});

describe('a bank statement that proves itself', () => {
  const good: BankStatement = {
    account: '基本户',
    format: 'csv',
    currency: 'CNY',
    from: day('2026-03-10'),
    until: day('2026-03-11'),
    opening: cny(100n),
    closing: cny(130n),
    contentHash: '0'.repeat(64),
    lines: [
      { ...line(50n), bookedOn: day('2026-03-10'), balanceAfter: cny(150n), bankReference: 'a' },
      { ...line(-20n), bookedOn: day('2026-03-11'), balanceAfter: cny(130n), bankReference: 'b' },
    ],
  };
  const [first, second] = good.lines;
  assert.ok(first && second);
  const cases: readonly (readonly [string, Partial<BankStatement>, string])[] = [
    ['whole', {}, 'ok'],
    ['a line is missing', { lines: [first] }, 'statement_totals_do_not_match'],
    ['the wrong order', { lines: [second, first] }, 'statement_running_balance_breaks'],
    ['a line twice', { lines: [first, { ...second, bankReference: 'a' }] }, 'statement_line_twice'],
    ['a day outside', { until: day('2026-03-10') }, 'statement_line_outside_period'],
    [
      'another currency',
      { lines: [first, { ...second, amount: money(-20n, 'EUR') }] },
      'statement_currency_differs',
    ],
    [
      'a line of zero',
      { lines: [first, { ...second, amount: cny(0n) }] },
      'statement_line_is_zero',
    ],
  ];
  for (const [name, changes, expected] of cases) {
    test(`${name}: ${expected}`, () => {
      const result = checkStatement({ ...good, ...changes });
      assert.equal(result.ok ? 'ok' : result.refusal.code, expected);
    });
  }

  test('without an opening balance the running balances prove it', () => {
    const { opening: _opening, ...rest } = good;
    assert.ok(checkStatement(rest).ok);
  });

  test('nothing at all is no statement', () => {
    const { opening: _opening, closing: _closing, ...rest } = good;
    const result = checkStatement({ ...rest, lines: [] });
    assert.equal(!result.ok && result.refusal.code, 'statement_is_empty');
  });
});
