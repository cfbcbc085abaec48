import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertKept, CORPUS } from './keep.ts';
import { sumHappened, type Tally } from './tally.ts';

describe('runs that are kept', () => {
  const tallies: Tally[] = [];
  for (const options of CORPUS) {
    test(`seed ${options.seed}, ${options.days} days: every promise is kept`, async () => {
      tallies.push(await assertKept(options));
    });
  }

  test('together they show every kind of thing that can happen', () => {
    const never = Object.entries(sumHappened(tallies)).filter(([, times]) => times === 0);
    assert.deepEqual(never, []);
    assert.ok(tallies.length > 0);
  });
});
