import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RailBillLine } from '@daikou/core';
import fc from 'fast-check';
import {
  BILL_RAIL,
  type BillFile,
  type BillWorld,
  lineOf,
  makeBillWorld,
  netOf,
  paidOrder,
} from '../../../../test/kit/bill-world.ts';
import { type Life, TODAY } from '../../../../test/kit/life.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { tenantsOf } from '../../../../test/kit/world.ts';
import { resolveBreak } from './breaks.ts';
import { reconcileDay } from './reconcile.ts';

const DAYS = [0, 1, 2].map((days) => TODAY.add({ days }));

const newTenantWorld = tenantsOf(BACKENDS[0]?.databases() ?? assert.fail('a database'));

/** A file that names each order as often as it says. */
function naming(lives: readonly Life[], times: readonly number[]): BillFile {
  const lines = lives.flatMap((life, index) =>
    Array.from({ length: times[index] ?? 0 }, (): RailBillLine => lineOf(life, 1)),
  );
  return {
    lines: lines.map((line, index) => ({
      ...line,
      lineNumber: index + 1,
      railReference: `T-${line.orderNumber}-${index}`,
    })),
  };
}

async function issue(world: BillWorld, day: number, file: BillFile): Promise<void> {
  const date = DAYS[day] ?? assert.fail('a day');
  world.bills.set(date.toString(), file);
  const { kind } = await world.reconcile(date);
  assert.ok(kind === 'matched' || kind === 'already_matched', kind);
}

/** Compares today's bill with a process that dies after so many commits; false: it lived. */
async function reconcileKilledAfter(world: BillWorld, steps: number): Promise<boolean> {
  const job = world.jobAfter(TODAY);
  const { store } = job.engine;
  let left = steps;
  const transact: typeof store.transact = (merchant, work) => {
    if (left === 0) throw new Error('killed');
    left -= 1;
    return store.transact(merchant, work);
  };
  const dying = Object.assign(Object.create(store), { transact });
  const engine = { ...job.engine, store: dying };
  const day = { rail: BILL_RAIL, businessDate: TODAY };
  try {
    await reconcileDay({ ...job, engine }, day);
    return false;
  } catch {
    return true;
  }
}

const DIFFERENCES = ['duplicate', 'shortage', 'cut_off'];

/** Unresolved breaks as "class state difference". */
async function unresolved(world: BillWorld): Promise<readonly string[]> {
  return (await world.allBreaks())
    .filter(({ state }) => state !== 'resolved')
    .map((one) => [one.class, one.state, one.difference?.minor].join(' '))
    .sort();
}

/** How often a bill names each of the two orders. */
type Times = [number, number];

type Story = {
  readonly first: readonly number[];
  readonly files: readonly [Times, Times, Times];
  readonly again: readonly (readonly [number, Times])[];
};

describe('one payment on the bills of several days', () => {
  for (const order of [
    [0, 1],
    [1, 0],
  ]) {
    test(`day ${order[0]} compared first: the second naming is a duplicate`, async () => {
      const world = await makeBillWorld(await newTenantWorld());
      const life = await paidOrder(world);
      const file = naming([life], [1]);
      for (const day of order) await issue(world, day, file);
      assert.deepEqual(await unresolved(world), [`duplicate open ${life.payment.amount.minor}`]);
      assert.equal(await world.clearing(), 2n * netOf(file));
    });
  }

  test('a duplicate that was written off, and is none any more: a difference again', async () => {
    const world = await makeBillWorld(await newTenantWorld());
    const file = naming([await paidOrder(world)], [1]);
    for (const day of [0, 1]) await issue(world, day, file);
    const [found] = await world.allBreaks();
    assert.ok(found);
    const end = { how: 'write_off', by: 'Anna', approvedBy: 'Ben' } as const;
    assert.ok((await resolveBreak(world.jobAfter(TODAY), found.id, end)).ok);
    // The rail takes the line of our own date away: the other one is the money of our books.
    await issue(world, 0, naming([], []));
    assert.equal(await world.clearing(), netOf(file));
    const { minor } = found.difference ?? assert.fail('a difference');
    assert.deepEqual(await unresolved(world), [`settlement_mismatch open ${-minor}`]);
    assert.deepEqual(await world.world.store.findViolations(10), []);
  });

  test('issued again and killed anywhere on the way: the next look makes it whole', async () => {
    let isKilled = true;
    for (let steps = 1; isKilled; steps += 1) {
      const world = await makeBillWorld(await newTenantWorld());
      const file = naming([await paidOrder(world)], [1]);
      for (const day of [0, 1]) await issue(world, day, file);
      // The line of our own date goes away: the other one is the money of our books.
      world.bills.set(TODAY.toString(), naming([], []));
      isKilled = await reconcileKilledAfter(world, steps);
      await world.reconcile(TODAY);
      assert.equal(await world.clearing(), netOf(file), `killed after ${steps} steps`);
      assert.deepEqual(await unresolved(world), [], `killed after ${steps} steps`);
    }
  });

  const TIMES = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 1 }));
  const STORY: fc.Arbitrary<Story> = fc.record({
    first: fc.shuffledSubarray([0, 1, 2], { minLength: 3, maxLength: 3 }),
    files: fc.tuple(TIMES, TIMES, TIMES),
    again: fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), TIMES), { maxLength: 4 }),
  });

  /** The only naming, twice on one bill, goes away again: the money is missing then. */
  const TAKEN_BACK: Story = {
    first: [2, 0, 1],
    files: [
      [0, 0],
      [0, 0],
      [2, 0],
    ],
    again: [[2, [0, 0]]],
  };

  test('in any order, issued again and again: clearing is what the last bills say', async () => {
    await fc.assert(
      fc.asyncProperty(STORY, async ({ first, files, again }) => {
        const world = await makeBillWorld(await newTenantWorld());
        const lives = [await paidOrder(world), await paidOrder(world)];
        const counted = files.map((times) => naming(lives, times));
        for (const day of first) await issue(world, day, counted[day] ?? assert.fail('a file'));
        for (const next of [undefined, ...again]) {
          if (next !== undefined) {
            const [day, times] = next;
            counted[day] = naming(lives, times);
            await issue(world, day, counted[day]);
          }
          const expected = counted.reduce((sum, file) => sum + netOf(file), 0n);
          assert.equal(await world.clearing(), expected);
          const classes = (await world.allBreaks()).map((one) => one.class);
          assert.ok(classes.every((one) => DIFFERENCES.includes(one)));
        }
        assert.deepEqual(await world.world.store.findViolations(10), []);
      }),
      { numRuns: 4, examples: [[TAKEN_BACK]] },
    );
  });
});
