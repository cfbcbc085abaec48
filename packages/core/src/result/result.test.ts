import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InvariantBroken, invariant, present, unreachable } from './invariant.ts';
import { ok, type Refusal, type Result, refuse } from './result.ts';

type TooLate = Refusal<'too_late'>;

function decide(late: boolean): Result<number, TooLate> {
  return late
    ? refuse({ code: 'too_late', sentence: 'The day is over.', next: 'Try tomorrow.' })
    : ok(7);
}

describe('what a decision answers', () => {
  test('a value', () => {
    assert.deepEqual(decide(false), { ok: true, value: 7 });
  });

  test('a refusal with a code, a sentence and what to do next', () => {
    assert.deepEqual(decide(true), {
      ok: false,
      refusal: { code: 'too_late', sentence: 'The day is over.', next: 'Try tomorrow.' },
    });
  });
});

describe('a bug of ours stops at once', () => {
  test('a broken invariant carries its message and its own name', () => {
    assert.throws(() => invariant(false, 'books balance'), {
      name: 'InvariantBroken',
      message: 'books balance',
    });
    invariant(true, 'books balance');
  });

  test('a missing value is named; zero, false and the empty text are present', () => {
    assert.throws(() => present(undefined, 'the mandate'), /the mandate is missing/);
    assert.throws(() => present(null, 'the mandate'), InvariantBroken);
    assert.equal(present(0, 'a count'), 0);
    assert.equal(present(false, 'a flag'), false);
    assert.equal(present('', 'a text'), '');
  });

  test('a state that the types do not know', () => {
    assert.throws(() => unreachable('half_paid' as never), /unlisted case: half_paid/);
  });
});
