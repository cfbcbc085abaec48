import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { money, type RailBillLine } from '@daikou/core';
import {
  BILL_RAIL,
  type BillFile,
  type BillWorld,
  billLine,
  makeBillWorld,
  netOf,
  paidOrder,
  trueBill,
} from '../../../../test/kit/bill-world.ts';
import { type Life, TODAY } from '../../../../test/kit/life.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { tenantsOf } from '../../../../test/kit/world.ts';
import { setRailTerms } from './terms.ts';

const T1 = TODAY.add({ days: 1 });
const T2 = TODAY.add({ days: 2 });

/** Ways in which a bill goes wrong, and the breaks that each must make of it; `0` is its victim. */
const MUTATIONS: readonly {
  readonly name: string;
  readonly change: (lines: readonly RailBillLine[], victim: Life) => BillFile;
  /** Of the breaks: class, whose number, state, difference. */
  readonly expected: (victim: Life) => readonly string[];
  /** What `reconcileDay` answers where it is not `matched`. */
  readonly outcome?: string;
}[] = [
  {
    name: 'nothing: the truth',
    change: (lines) => ({ lines }),
    expected: () => [],
  },
  {
    name: 'a line is missing',
    change: (lines) => ({ lines: lines.slice(1) }),
    expected: ({ attempt }) => [`shortage ${attempt.orderNumber} pooled -${attempt.amount.minor}`],
  },
  {
    name: 'the whole bill is missing: nothing was traded, says the rail',
    change: () => ({ lines: [] }),
    expected: ({ attempt }) => [`shortage ${attempt.orderNumber} pooled -${attempt.amount.minor}`],
  },
  {
    name: 'a line is there twice',
    change: (lines) => ({ lines: [...lines, again(lines, 99)] }),
    expected: ({ attempt }) => [`duplicate ${attempt.orderNumber} open ${attempt.amount.minor}`],
  },
  {
    name: 'an extra line of a number that is none of ours',
    change: (lines) => ({ lines: [...lines, billLine('SHOP-7', money(500n, 'CNY'), 99)] }),
    expected: () => ['unknown_order SHOP-7 open 500'],
  },
  {
    name: 'an amount is higher',
    change: (lines) => ({ lines: withFirst(lines, { amount: plus(lines, 100n) }) }),
    expected: ({ attempt }) => [`amount_mismatch ${attempt.orderNumber} open 100`],
  },
  {
    name: 'an amount is one fen lower',
    change: (lines) => ({ lines: withFirst(lines, { amount: plus(lines, -1n) }) }),
    expected: ({ attempt }) => [`amount_mismatch ${attempt.orderNumber} open -1`],
  },
  {
    name: 'another currency',
    change: (lines) => ({
      lines: withFirst(lines, { amount: money(5_970n, 'EUR'), fee: money(0n, 'EUR') }),
    }),
    expected: ({ attempt }) => [`currency_mismatch ${attempt.orderNumber} open -`],
  },
  {
    name: 'a fee beyond the contract',
    change: (lines) => ({ lines: withFirst(lines, { fee: money(40n, 'CNY') }) }),
    expected: ({ attempt }) => [`fee_mismatch ${attempt.orderNumber} open 4`],
  },
  {
    name: 'a fee that was rounded the other way is within the tolerance',
    change: (lines) => ({ lines: withFirst(lines, { fee: money(35n, 'CNY') }) }),
    expected: () => [],
  },
  {
    name: 'a payment is told as a refund of nobody',
    change: (lines) => ({
      lines: withFirst(lines, { kind: 'refund', refundNumber: 'R-NOBODY', fee: money(0n, 'CNY') }),
    }),
    expected: ({ attempt }) => [
      `shortage ${attempt.orderNumber} pooled -${attempt.amount.minor}`,
      `unknown_order ${attempt.orderNumber} open -${attempt.amount.minor}`,
    ],
  },
  {
    name: 'the file ends in the middle',
    change: (lines) => ({ lines: lines.slice(0, 1), damage: 'The file ends in a line.' }),
    expected: () => [],
    outcome: 'unknown',
  },
  {
    name: 'the totals of the file do not match',
    change: (lines) => ({ lines, damage: 'The totals of the file are not those of its lines.' }),
    expected: () => [],
    outcome: 'unknown',
  },
];

function again(lines: readonly RailBillLine[], lineNumber: number): RailBillLine {
  const [first] = lines;
  assert.ok(first);
  return { ...first, lineNumber };
}

function withFirst(lines: readonly RailBillLine[], change: Partial<RailBillLine>) {
  return lines.map((line, index) => (index === 0 ? { ...line, ...change } : line));
}

function plus(lines: readonly RailBillLine[], minor: bigint) {
  const [first] = lines;
  assert.ok(first);
  return money(first.amount.minor + minor, 'CNY');
}

for (const backend of BACKENDS) {
  describe(`reconciliation on ${backend.name}`, () => {
    const newTenantWorld = tenantsOf(backend.databases());
    const newWorld = async (options: Parameters<typeof makeBillWorld>[1] = {}) => {
      const world = await makeBillWorld(await newTenantWorld(), options);
      await setRailTerms(world.jobAfter(TODAY), {
        rail: BILL_RAIL,
        validFrom: TODAY.subtract({ days: 9 }),
        feeBasisPoints: 60,
        feeBackOnRefund: true,
        payerNames: [],
      });
      return world;
    };

    describe('of a bill in which', () => {
      for (const { name, change, expected, outcome = 'matched' } of MUTATIONS) {
        test(`${name}`, async () => {
          const world = await newWorld();
          const lives = [await paidOrder(world)];
          const file = change(trueBill(lives).lines, lives[0] ?? assert.fail());
          world.bills.set(TODAY.toString(), file);
          assert.equal((await world.reconcile(TODAY)).kind, outcome);
          assert.deepEqual(await world.breaks(), [...expected(lives[0] ?? assert.fail())].sort());
          await isExplained(world, outcome === 'matched' ? file : undefined);
          // The same file again: nothing is found or posted twice.
          const before = [await world.breaks(), await world.clearing()];
          await world.reconcile(TODAY);
          assert.deepEqual([await world.breaks(), await world.clearing()], before);
        });
      }

      test('and in all of these books the doctor finds nothing', async () => {
        assert.deepEqual(await violationsOf(await newWorld()), []);
      });
    });

    test('money on the bill of the next day clears itself out of the pool', async () => {
      const world = await newWorld();
      const [late, onTime] = [await paidOrder(world), await paidOrder(world)];
      world.bills.set(TODAY.toString(), trueBill([onTime]));
      await world.reconcile(TODAY);
      assert.equal((await world.allBreaks())[0]?.state, 'pooled');
      world.bills.set(T1.toString(), trueBill([late]));
      await world.reconcile(T1);
      const [found, ...others] = await world.allBreaks();
      assert.equal(others.length, 0);
      assert.equal(found?.class, 'cut_off');
      assert.equal(found?.end?.how, 'matched_later');
      assert.match(found?.end?.evidence.reference ?? '', /^bil_[0-9a-f]{32}#1$/);
      assert.equal(await world.balanceOf('1221'), 0n);
      await dayIs(world, TODAY, 'balanced');
    });

    test('what no bill of two days names is a difference, and is parked', async () => {
      const world = await newWorld();
      const lost = await paidOrder(world);
      for (const date of [TODAY, T1, T2]) world.bills.set(date.toString(), 'empty');
      await world.reconcile(TODAY);
      await world.reconcile(T1);
      assert.equal((await world.allBreaks())[0]?.state, 'pooled');
      assert.equal(await world.balanceOf('1221'), 0n);
      await world.reconcile(T2);
      assert.deepEqual(await world.breaks(), [
        `shortage ${lost.attempt.orderNumber} open -${lost.payment.amount.minor}`,
      ]);
      assert.equal(await world.balanceOf('1221'), lost.payment.amount.minor);
      assert.equal(await world.clearing(), 0n);
      await dayIs(world, TODAY, 'exceptions');
    });

    test('a bill issued again replaces the former; only what changed is posted', async () => {
      const world = await newWorld();
      const lives = [await paidOrder(world), await paidOrder(world)];
      const truth = trueBill(lives);
      const stray = billLine('SHOP-1', money(700n, 'CNY'), 3);
      const other = billLine('SHOP-2', money(900n, 'CNY'), 4);
      world.bills.set(TODAY.toString(), { lines: [...truth.lines, stray, other] });
      await world.reconcile(TODAY);
      const [first] = (await world.allBreaks()).filter((one) => one.orderNumber === 'SHOP-1');
      const issuedAgain = { lines: [...truth.lines, stray] };
      world.bills.set(TODAY.toString(), issuedAgain);
      await world.reconcile(TODAY);
      const breaks = await world.allBreaks();
      const kept = breaks.find((one) => one.orderNumber === 'SHOP-1');
      assert.equal(kept?.id, first?.id, 'the same difference stays the same case');
      assert.notEqual(kept?.billId, first?.billId, 'it belongs to the bill that counts');
      const gone = breaks.find((one) => one.orderNumber === 'SHOP-2');
      assert.equal(gone?.end?.how, 'superseded');
      assert.equal(breaks.length, 2);
      assert.equal(await world.clearing(), netOf(issuedAgain));
      assert.equal(await world.balanceOf('2241'), -700n);
      const summary = await world.world.store.transact(world.merchant.id, (tx) => tx.loadSummary());
      assert.deepEqual(summary.reconciliation, {
        railRows: 3,
        matched: 2,
        breaks: 1,
        feeMinor: issuedAgain.lines.reduce((sum, { fee }) => sum + fee.minor, 0n),
      });
      assert.deepEqual(await violationsOf(world), []);
    });

    test('a damaged file does not touch the bill that counts, and the day says why', async () => {
      const world = await newWorld();
      const lives = [await paidOrder(world)];
      world.bills.set(TODAY.toString(), trueBill(lives));
      await world.reconcile(TODAY);
      const before = await world.clearing();
      world.bills.set(TODAY.toString(), { lines: [], damage: 'The bill is of another merchant.' });
      assert.equal((await world.reconcile(TODAY)).kind, 'unknown');
      assert.equal(await world.clearing(), before);
      const day = await dayIs(world, TODAY, 'balanced');
      assert.equal(day?.problem, 'The bill is of another merchant.');
    });
  });
}

/** The clearing account is the rail's balance, but for what waits in the pool. */
async function isExplained(world: BillWorld, file: BillFile | undefined): Promise<void> {
  if (file === undefined) return;
  const breaks = await world.allBreaks();
  const waiting = breaks
    .filter(({ state }) => state === 'pooled')
    .reduce((sum, { difference }) => sum + (difference?.minor ?? 0n), 0n);
  const foreign = file.lines.filter(({ amount }) => amount.currency !== 'CNY');
  // Money of another currency stands in the books as ours until a person decides.
  const asOurs = breaks
    .filter((one) => one.class === 'currency_mismatch')
    .reduce((sum, { ourAmount }) => sum + (ourAmount?.minor ?? 0n), 0n);
  const told = netOf({ lines: file.lines.filter((line) => !foreign.includes(line)) });
  assert.equal((await world.clearing()) + waiting - asOurs, told);
}

async function dayIs(world: BillWorld, date: Temporal.PlainDate, state: string) {
  const days = await world.world.store.transact(world.merchant.id, (tx) =>
    tx.loadDays({ rail: BILL_RAIL, from: date, until: date }),
  );
  assert.equal(days[0]?.state, state);
  return days[0];
}

/** What the doctor says of reconciliation in this merchant's rows. */
async function violationsOf(world: BillWorld): Promise<readonly string[]> {
  const found = await world.world.store.findViolations(50);
  return found
    .filter(({ table }) =>
      ['rail_bills', 'breaks', 'payments', 'reconciliation_days', 'settlements'].includes(table),
    )
    .map(({ invariant, sentence }) => `${invariant}: ${sentence}`);
}
