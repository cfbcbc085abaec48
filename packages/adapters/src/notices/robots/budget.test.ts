import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RobotBudget } from './budget.ts';

function clock() {
  let now = Temporal.Instant.from('2026-12-01T01:00:00Z');
  return {
    now: () => now,
    pass: (seconds: number) => {
      now = now.add({ seconds });
    },
  };
}

test('twenty messages in any minute, for each robot', () => {
  const time = clock();
  const budget = new RobotBudget(time.now);
  for (let count = 0; count < 20; count += 1) {
    assert.ok(budget.take('one'), `message ${count + 1}`);
    time.pass(1);
  }
  assert.ok(!budget.take('one'));
  assert.ok(budget.take('another'));
  time.pass(39);
  assert.ok(!budget.take('one'), 'the first is 59 seconds old');
  time.pass(1);
  assert.ok(budget.take('one'), 'the first is a minute old');
  assert.ok(!budget.take('one'), 'the second is not');
});

test('a robot that its provider found too fast is silent for ten minutes', () => {
  const time = clock();
  const budget = new RobotBudget(time.now);
  budget.silence('one');
  assert.ok(!budget.take('one'));
  assert.ok(budget.take('another'));
  time.pass(599);
  assert.ok(!budget.take('one'));
  time.pass(1);
  assert.ok(budget.take('one'));
});
