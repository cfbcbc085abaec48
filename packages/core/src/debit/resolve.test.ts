import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anAttempt, at } from '../../../../test/kit/builders.ts';
import type { AttemptState } from './attempt.ts';
import { type Answer, decideAnswer } from './resolve.ts';

const now = at('2026-03-20 10:00');
const PAID: Answer = { outcome: 'paid', evidence: '账单第 12 行', by: 'Bao', railReference: 'T-1' };
const parkedOf = (attemptId: ReturnType<typeof anAttempt>['id']) => [
  { attemptId, kind: 'paid_other_amount', railReference: 'T-1' },
];

function said(state: AttemptState, answer: Answer, isParked = false): string {
  const attempt = anAttempt(1, state);
  const parked = isParked ? parkedOf(attempt.id) : [];
  const decided = decideAnswer(attempt, answer, { now, parked });
  return decided.ok ? decided.value.kind : decided.refusal.code;
}

describe('what a person says became of an attempt', () => {
  const table: readonly (readonly [string, string, string])[] = [
    ['paid, with the rail’s number', said('unknown', PAID), 'succeeded'],
    ['unpaid', said('accepted', { ...PAID, outcome: 'unpaid' }), 'closed'],
    ['after the rail told its end', said('refused', PAID), 'attempt_has_ended'],
    ['by nobody', said('unknown', { ...PAID, by: ' ' }), 'person_missing'],
    ['without evidence', said('unknown', { ...PAID, evidence: 'ok' }), 'evidence_missing'],
    [
      'paid, without the rail’s number',
      said('unknown', { ...PAID, railReference: '' }),
      'rail_reference_missing',
    ],
    [
      'paid, while money of it in another amount is parked: it would be booked twice',
      said('unknown', PAID, true),
      'money_is_parked',
    ],
    [
      'unpaid, while money of it in another amount is parked',
      said('unknown', { ...PAID, outcome: 'unpaid' }, true),
      'closed',
    ],
  ];
  for (const [name, outcome, expected] of table) {
    test(`${name}: ${expected}`, () => assert.equal(outcome, expected));
  }
});
