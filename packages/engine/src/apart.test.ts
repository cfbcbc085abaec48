import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { settleApart } from './apart.ts';

/** Settles numbers in one go, as a transaction does: all of them or none. */
function worldOf(bad: ReadonlySet<number>, fault: () => Error) {
  const settled: number[] = [];
  const told: number[] = [];
  const settle = async (some: readonly number[]) => {
    if (some.some((one) => bad.has(one))) throw fault();
    settled.push(...some);
    return { applied: some.length, foreign: some.filter((one) => one > 90).map(String) };
  };
  const run = (news: readonly number[]) => settleApart(news, settle, (one) => told.push(one));
  return { settled, told, run };
}

describe('news of which some are at fault', () => {
  const all = [1, 2, 3, 4, 5, 6, 91];
  for (const bad of [[], [1], [91], [3, 4], all]) {
    test(`${bad.length === 0 ? 'none' : bad} at fault: the others are settled once`, async () => {
      const { settled, told, run } = worldOf(new Set(bad), () => new TypeError('x'));
      const counts = await run(all);
      const good = all.filter((one) => !bad.includes(one));
      assert.deepEqual(settled, good);
      assert.deepEqual(told, bad);
      assert.deepEqual(counts, {
        applied: good.length,
        foreign: good.includes(91) ? ['91'] : [],
      });
    });
  }

  test('a connection that is gone is no row’s fault: it is thrown, nothing is told', async () => {
    const { told, run } = worldOf(new Set([1]), () => new Error('the connection is gone'));
    await assert.rejects(run(all));
    assert.deepEqual(told, []);
  });
});
