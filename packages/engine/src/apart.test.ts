import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lookApart, settleApart } from './apart.ts';

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

/** Rows that are due, in order; each look is a commit: all of its rows or none. */
function dueRows(rows: readonly number[], bad: ReadonlySet<number>, fault: () => Error) {
  let due = [...rows];
  const putOff: number[] = [];
  const run = (limit: number) =>
    lookApart<number, number>(limit, {
      lookAt: async (most, noted) => {
        const claimed = due.slice(0, most);
        noted(claimed);
        if (claimed.some((one) => bad.has(one))) throw fault();
        due = due.slice(claimed.length);
        return claimed;
      },
      putOff: async (one) => {
        putOff.push(one);
        due = due.filter((other) => other !== one);
      },
    });
  return { putOff, run };
}

describe('due rows of which some are at fault', () => {
  const rows = [1, 2, 3, 4, 5, 6, 7];
  for (const limit of [1, 2, 3, 7, 100]) {
    for (const bad of [[], [1], [7], [3, 4], [1, 4, 7], rows]) {
      const name = bad.length === 0 ? 'none' : bad;
      test(`${name} at fault, ${limit} at a time: the others are looked at once`, async () => {
        const { putOff, run } = dueRows(rows, new Set(bad), () => new TypeError('x'));
        assert.deepEqual(
          await run(limit),
          rows.filter((one) => !bad.includes(one)),
        );
        assert.deepEqual(putOff, bad);
      });
    }
  }

  test('a connection that is gone is no row’s fault: it is thrown, none is put off', async () => {
    const { putOff, run } = dueRows(rows, new Set([3]), () => new Error('the connection is gone'));
    await assert.rejects(run(7));
    assert.deepEqual(putOff, []);
  });
});
