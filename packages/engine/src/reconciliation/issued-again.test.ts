import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { money, type RailBillLine } from '@daikou/core';
import {
  BILL_RAIL,
  type BillFile,
  type BillWorld,
  billLine,
  lineOf,
  makeBillWorld,
  netOf,
  paidOrder,
  trueBill,
} from '../../../../test/kit/bill-world.ts';
import { TODAY } from '../../../../test/kit/life.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { tenantsOf } from '../../../../test/kit/world.ts';
import { resolveBreak } from './breaks.ts';
import { listDayMoves } from './read.ts';
import { setRailTerms } from './terms.ts';

const cny = (minor: bigint) => money(minor, 'CNY');

const newTenantWorld = tenantsOf(BACKENDS[0]?.databases() ?? assert.fail('a database'));
const newWorld = async () => makeBillWorld(await newTenantWorld());

/** The rail hands out this file for the date from now on, and it is compared. */
async function issue(world: BillWorld, date: Temporal.PlainDate, file: BillFile): Promise<string> {
  world.bills.set(date.toString(), file);
  return (await world.reconcile(date)).kind;
}

async function unresolved(world: BillWorld): Promise<readonly string[]> {
  return (await world.breaks()).filter((one) => !one.includes(' resolved '));
}

describe('a bill that is issued again', () => {
  test('and a third time as it was first: the day follows, and all that was is kept', async () => {
    const world = await newWorld();
    const first = trueBill([await paidOrder(world)]);
    const [line] = first.lines;
    assert.ok(line);
    const dear = { ...line, amount: cny(line.amount.minor + 300n), fee: cny(40n) };
    const second = { lines: [dear, billLine('SHOP-1', cny(700n), 2)] };
    for (const file of [first, second, first, second, first]) {
      assert.equal(await issue(world, TODAY, file), 'matched');
      assert.equal(await world.clearing(), netOf(file));
      assert.equal((await unresolved(world)).length, file === first ? 0 : 2);
      assert.equal(await issue(world, TODAY, file), 'already_matched');
    }
    assert.equal(await world.balanceOf('2241'), 0n);
    const ended = (await world.allBreaks()).map(({ state, end }) => `${state} ${end?.how}`);
    assert.deepEqual(ended, Array(4).fill('resolved superseded'), 'each issue has its own cases');
    const day = { rail: BILL_RAIL, businessDate: TODAY };
    const again = (await listDayMoves(world.jobAfter(TODAY), day)).filter(({ note }) => note);
    assert.equal(again.length, 4);
  });

  test('with another fee than the one claimed: the claim is taken back, once', async () => {
    const world = await newWorld();
    const job = world.jobAfter(TODAY);
    const terms = { validFrom: TODAY, feeBasisPoints: 60, feeBackOnRefund: false, payerNames: [] };
    await setRailTerms(job, { rail: BILL_RAIL, ...terms });
    const lives = [await paidOrder(world), await paidOrder(world)];
    const [line, other] = lives.map((life, index) => lineOf(life, index + 1));
    assert.ok(line && other);
    const right = line.fee.minor;
    const withFee = (minor: bigint, extra: readonly RailBillLine[] = []) => ({
      lines: [{ ...line, fee: cny(minor) }, other, ...extra],
    });
    await issue(world, TODAY, withFee(right + 50n));
    const [found] = await world.allBreaks();
    assert.ok(found);
    const claim = { how: 'claim_fee', by: 'Anna', note: 'Mail of today.' } as const;
    assert.ok((await resolveBreak(job, found.id, claim)).ok);
    const cost = () => world.balanceOf('6603');
    assert.equal(await world.balanceOf('1221'), 50n);
    assert.equal(await cost(), 2n * right);

    // Another line changes: the fee and its claim stay as they are.
    const stray = billLine('SHOP-1', cny(700n), 3);
    await issue(world, TODAY, withFee(right + 50n, [stray]));
    assert.equal(await world.balanceOf('1221'), 50n);
    for (const fee of [right + 20n, right, right + 50n, right]) {
      await issue(world, TODAY, withFee(fee));
      assert.equal(await world.balanceOf('1221'), 0n, 'the rail owes nothing more');
      assert.equal(await cost(), right + fee);
      assert.equal(await world.clearing(), netOf(withFee(fee)));
    }
  });
});
