import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anAttempt, at, clockOf } from '../../../../test/kit/builders.ts';
import {
  ASK_DELAYS_SECONDS,
  CLOSE_AFTER_QUESTIONS,
  isTimeToClose,
  nextAskAt,
} from './ask-schedule.ts';
import { afterAsking } from './settle.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('when the rail is asked about an open number', () => {
  const now = at('2026-03-10 07:30');
  const delays = [30, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR];
  const table = [...delays, ...Array.from({ length: 7 }, () => DAY)];

  test('is 13 times, then it is a person’s turn', () => {
    assert.deepEqual(ASK_DELAYS_SECONDS, table);
    assert.equal(nextAskAt(table.length, now), undefined);
    assert.equal(nextAskAt(table.length + 1, now), undefined);
  });

  for (const [askCount, delay] of table.entries()) {
    test(`after ${askCount} questions it is in ${delay} s`, () => {
      assert.equal(nextAskAt(askCount, now)?.since(now).total('second'), delay);
    });
  }

  test('the whole schedule of a silent rail ends after a week', () => {
    let attempt = anAttempt(1, 'unknown');
    const asked: string[] = [];
    for (let step = 0; step < 20 && attempt.askAt !== undefined; step += 1) {
      asked.push(clockOf(attempt.askAt));
      attempt = afterAsking(attempt, attempt.askAt);
    }
    assert.deepEqual(asked, [
      '2026-03-10 07:30:30',
      '2026-03-10 07:32:30',
      '2026-03-10 07:37:30',
      '2026-03-10 07:52:30',
      '2026-03-10 08:52:30',
      '2026-03-10 14:52:30',
      '2026-03-11 14:52:30',
      '2026-03-12 14:52:30',
      '2026-03-13 14:52:30',
      '2026-03-14 14:52:30',
      '2026-03-15 14:52:30',
      '2026-03-16 14:52:30',
      '2026-03-17 14:52:30',
    ]);
    assert.equal(attempt.askCount, 13);
    // Nobody may call it failed: only the rail can say what became of the money.
    assert.equal(attempt.state, 'unknown');
  });
});

describe('when an order that stays open is closed at the rail', () => {
  const asked = (askCount: number) => ({ ...anAttempt(1, 'unknown'), askCount });
  const { submittedAt } = anAttempt(1, 'unknown');
  const after = (seconds: number) => submittedAt.add({ seconds });

  const table = [
    {
      name: 'asked too seldom',
      askCount: CLOSE_AFTER_QUESTIONS - 1,
      close: 300,
      age: DAY,
      is: false,
    },
    {
      name: 'asked after an hour',
      askCount: CLOSE_AFTER_QUESTIONS,
      close: 300,
      age: HOUR,
      is: true,
    },
    { name: 'younger than the rail wants', askCount: 9, close: 300, age: 299, is: false },
    { name: 'exactly as old as the rail wants', askCount: 9, close: 300, age: 300, is: true },
    { name: 'a rail that cannot close', askCount: 9, close: undefined, age: DAY, is: false },
  ];
  for (const { name, askCount, close, age, is } of table) {
    test(`${name}: ${is ? 'closed' : 'left open'}`, () => {
      const rules = close === undefined ? {} : { closeAfterSeconds: close };
      assert.equal(isTimeToClose(asked(askCount), rules, after(age)), is);
    });
  }

  test('an order that the rail holds back for a day is left open for that day', () => {
    const rules = { closeAfterSeconds: 300, patienceSeconds: 25 * HOUR };
    assert.equal(isTimeToClose(asked(6), rules, after(8 * HOUR)), false);
    assert.equal(isTimeToClose(asked(9), rules, after(25 * HOUR - 1)), false);
    assert.equal(isTimeToClose(asked(7), rules, after(25 * HOUR)), true);
  });

  test('a number of yesterday that was sent again today gets its whole day again', () => {
    const rules = { closeAfterSeconds: 300, patienceSeconds: 25 * HOUR };
    assert.equal(isTimeToClose(asked(5), rules, after(26 * HOUR)), false);
    assert.equal(isTimeToClose(asked(7), rules, after(56 * HOUR)), true);
  });

  test('the question after an hour is the one that closes', () => {
    let attempt = anAttempt(1, 'unknown');
    let now = attempt.submittedAt;
    while (attempt.askCount < CLOSE_AFTER_QUESTIONS) {
      assert.ok(attempt.askAt !== undefined);
      now = attempt.askAt;
      attempt = afterAsking(attempt, now);
    }
    assert.ok(now.since(submittedAt).total('hour') >= 1);
  });
});
