import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Break, money, type RailBillLine, type SettlementLine } from '@daikou/core';
import fc from 'fast-check';
import {
  returnLine,
  saveException,
  savePaidRefund,
  saveReturn,
  timeOn,
} from '../../../../test/kit/bill-money.ts';
import {
  type BillWorld,
  billLine,
  lineOf,
  makeBillWorld,
  netOf,
  paidOrder,
} from '../../../../test/kit/bill-world.ts';
import { NOW } from '../../../../test/kit/life.ts';
import { anExceptionOf, aRefundOf, aReturnOf } from '../../../../test/kit/refund-nouns.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { tenantsOf } from '../../../../test/kit/world.ts';

const DAYS = 10;
/** After these every shortage has left the pool. */
const QUIET_DAYS = 3;
/** The books of the days run over the end of a year. */
const FIRST = Temporal.PlainDate.from('2026-12-27');
const cny = (minor: bigint) => money(minor, 'CNY');

/** What happens to one order, and how many days beside ours the rail tells it. */
const FATES = ['paid', 'lost', 'refunded', 'returned', 'return_untold', 'late', 'stray'] as const;
type Order = {
  readonly fate: (typeof FATES)[number];
  readonly day: number;
  readonly shift: number;
};

const ORDERS = fc.array(
  fc.record({
    fate: fc.constantFrom(...FATES),
    day: fc.integer({ min: 0, max: DAYS - 1 }),
    shift: fc.integer({ min: 0, max: 2 }),
  }),
  { minLength: 4, maxLength: 14 },
);

const newTenantWorld = tenantsOf(BACKENDS[0]?.databases() ?? assert.fail('a database'));

test('over a new year clearing goes back to zero, and suspense is the open breaks', async () => {
  await fc.assert(
    fc.asyncProperty(ORDERS, async (orders) => {
      const options = { hasStatement: true, hasReturns: true };
      const world = await makeBillWorld(await newTenantWorld(), options);
      const bills = new Map<string, RailBillLine[]>();
      for (const [index, order] of orders.entries()) await play(world, bills, { order, index });
      for (let day = 0; day < DAYS + QUIET_DAYS; day += 1) {
        const date = FIRST.add({ days: day });
        const lines = (bills.get(date.toString()) ?? []).map((line, index) => ({
          ...line,
          lineNumber: index + 1,
        }));
        world.bills.set(date.toString(), { lines });
        world.statements.set(date.toString(), statementOf(date, lines));
        assert.equal((await world.reconcile(date)).kind, 'matched');
      }
      const breaks = await world.allBreaks();
      assert.equal(await world.clearing(), 0n);
      assert.ok(breaks.every(({ state }) => state !== 'pooled'));
      const open = breaks.filter(({ state }) => state === 'open');
      const parked = orders.filter(({ fate }) => fate === 'late').length;
      assert.equal(await world.balanceOf('1221'), -sumOf(open, (minor) => minor < 0n));
      assert.equal(
        await world.balanceOf('2241'),
        // Late money waits in suspense too; refunds were owed there before (not part of this play).
        -sumOf(open, (minor) => minor > 0n) - 50n * BigInt(parked) + refundsOf(orders),
      );
      assert.equal(
        open.length,
        orders.filter(({ fate }) => fate === 'lost' || fate === 'stray').length,
      );
    }),
    { numRuns: 3 },
  );
});

function sumOf(breaks: readonly Break[], isMeant: (minor: bigint) => boolean): bigint {
  return breaks
    .map(({ difference }) => difference?.minor ?? 0n)
    .filter(isMeant)
    .reduce((sum, minor) => sum + minor, 0n);
}

function refundsOf(orders: readonly Order[]): bigint {
  return 300n * BigInt(orders.filter(({ fate }) => fate === 'refunded').length);
}

/** Books one order on its day, and lets the rail tell it a few days later. */
async function play(
  world: BillWorld,
  bills: Map<string, RailBillLine[]>,
  { order, index }: { readonly order: Order; readonly index: number },
): Promise<void> {
  const { fate, shift } = order;
  const ours = FIRST.add({ days: order.day });
  const tell = (line: RailBillLine) => {
    const date = ours.add({ days: shift });
    const lines = bills.get(date.toString()) ?? [];
    bills.set(date.toString(), [...lines, { ...line, at: timeOn(date) }]);
  };
  if (fate === 'stray') return tell(billLine(`SHOP-${index}`, cny(700n), 1));
  const life = await paidOrder(world, ours);
  const line = lineOf(life, 1);
  // What came beyond the payment is parked: the rail tells both as one.
  if (fate === 'late') {
    await saveException(world, anExceptionOf(life), { how: 'arrived', date: ours });
    tell({ ...line, amount: cny(line.amount.minor + 50n) });
  } else if (fate !== 'lost') tell(line);
  if (fate === 'refunded') {
    const refund = aRefundOf(life, 300n);
    await savePaidRefund(world, refund, ours);
    const { refundNumber, amount } = refund;
    tell({ ...returnLine(life, life.payment.railReference), refundNumber, amount });
  }
  const { railReference } = aReturnOf(life);
  if (fate === 'returned') await saveReturn(world, life, ours);
  if (fate === 'returned' || fate === 'return_untold') tell(returnLine(life, railReference));
}

/** The rail's account on a day: what the bill moved, and the payout of all of it. */
function statementOf(date: Temporal.PlainDate, lines: readonly RailBillLine[]): SettlementLine[] {
  const sum = (kind: RailBillLine['kind']) =>
    lines.filter((line) => line.kind === kind).reduce((all, { amount }) => all + amount.minor, 0n);
  const fee = lines.reduce((all, line) => all + line.fee.minor, 0n);
  const rows = [
    ['payment', sum('payment'), `P-${date}`],
    ['refund', -sum('refund'), `R-${date}`],
    ['fee', -fee, `F-${date}`],
    ['payout', -netOf({ lines }), `OUT-${date}`],
  ] as const;
  return rows
    .filter(([, minor]) => minor !== 0n)
    .map(([kind, minor, railReference], index) => ({
      lineNumber: index + 1,
      kind,
      change: cny(minor),
      railReference,
      at: NOW,
      wording: kind,
    }));
}
