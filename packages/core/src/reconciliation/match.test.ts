import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anAttempt, aPayment, at, day, PRICE } from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import { decideMatch } from './match.ts';
import type { RailBillLine } from './rail-bill.ts';

const ATTEMPT = anAttempt(1, 'succeeded');
const LINE: RailBillLine = {
  lineNumber: 1,
  kind: 'payment',
  orderNumber: ATTEMPT.orderNumber,
  railReference: 'T-1',
  amount: PRICE,
  fee: money(18n, 'CNY'),
  at: at('2026-03-10 07:30:05'),
};
const DAY = { businessDate: day('2026-03-10'), duplicate: false };
const TWICE = { ...DAY, duplicate: true };
const OURS = { attempt: ATTEMPT, payment: aPayment(ATTEMPT) };

/** "surplus 2985/-": the class, the rail's amount and ours. */
function match(...about: Parameters<typeof decideMatch>): string {
  const decision = decideMatch(...about);
  if (decision.kind === 'matched') return 'matched';
  const amounts = [decision.railAmount, decision.ourAmount].map((one) => one?.minor ?? '-');
  return `${decision.class} ${amounts.join('/')}`;
}

describe('a line of the rail’s bill and our books', () => {
  const less = { ...LINE, amount: money(2_984n, 'CNY') };
  const cases: readonly (readonly [string, Parameters<typeof decideMatch>, string])[] = [
    ['the same', [LINE, OURS, DAY], 'matched'],
    ['a number that is none of ours', [LINE, undefined, DAY], 'unknown_order 2985/-'],
    ['an unknown number twice', [LINE, undefined, TWICE], 'unknown_order 2985/-'],
    ['the same number twice', [LINE, OURS, TWICE], 'duplicate 2985/2985'],
    ['a fen less than we booked', [less, OURS, DAY], 'amount_mismatch 2984/2985'],
    [
      'money of another day',
      [LINE, { ...OURS, payment: { ...OURS.payment, businessDate: day('2026-03-09') } }, DAY],
      'state_mismatch 2985/2985',
    ],
    [
      'another amount and another day: the amount is said',
      [less, { ...OURS, payment: { ...OURS.payment, businessDate: day('2026-03-09') } }, DAY],
      'amount_mismatch 2984/2985',
    ],
  ];
  for (const [name, about, expected] of cases) {
    test(`${name}: ${expected}`, () => assert.equal(match(...about), expected));
  }

  for (const state of ['refused', 'closed', 'never_sent', 'late_success', 'unknown'] as const) {
    test(`money for a number that we hold as ${state}, without payment: surplus`, () => {
      assert.equal(match(LINE, { attempt: anAttempt(1, state) }, DAY), 'surplus 2985/2985');
    });
  }
});
