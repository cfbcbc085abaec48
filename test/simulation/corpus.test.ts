import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertKeptApart, CORPUS } from './keep.ts';
import { sumHappened, type Tally } from './tally.ts';

describe('runs that are kept', () => {
  const tallies: Pick<Tally, 'happened'>[] = [];

  // A run keeps one core busy for half a minute and more: each has a process of its own.
  describe('one by one', { concurrency: true }, () => {
    for (const options of CORPUS) {
      test(`seed ${options.seed}, ${options.days} days: every promise is kept`, async () => {
        tallies.push(await assertKeptApart(options));
      });
    }
  });

  test('together they show every kind of thing that can happen', () => {
    const never = Object.entries(sumHappened(tallies)).filter(([, times]) => times === 0);
    assert.deepEqual(never, []);
    assert.equal(tallies.length, CORPUS.length);
  });
});
