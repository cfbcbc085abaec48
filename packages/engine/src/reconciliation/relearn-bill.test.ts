import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucketOf, money, type RailBillLine, toPayLinkNumber, toRefundNumber } from '@daikou/core';
import { paidLink, returnLine } from '../../../../test/kit/bill-money.ts';
import {
  BILL_RAIL,
  type BillWorld,
  billLine,
  lineOf,
  makeBillWorld,
  paidOrder,
} from '../../../../test/kit/bill-world.ts';
import { type Life, newId, TODAY } from '../../../../test/kit/life.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { tenantsOf } from '../../../../test/kit/world.ts';
import { relearnBill } from './relearn-bill.ts';

const newTenantWorld = tenantsOf(BACKENDS[0]?.databases() ?? assert.fail('a database'));

async function readBill(world: BillWorld, lines: readonly RailBillLine[]): Promise<void> {
  const job = world.jobAfter(TODAY);
  const stream = (async function* () {
    yield* lines;
  })();
  await relearnBill(job, { rail: BILL_RAIL, businessDate: TODAY }, stream);
}

async function findings(world: BillWorld): Promise<readonly string[]> {
  const { store } = world.world;
  const found = await store.transact(world.merchant.id, (tx) => tx.listFindings(100));
  return found
    .map(({ kind, number, outcome, needsPerson }) =>
      [kind, number, outcome, ...(needsPerson ? ['for a person'] : [])].join(' '),
    )
    .sort();
}

function refundLine(life: Life, minor: bigint, number: number): RailBillLine {
  const refundNumber = toRefundNumber(newId('rfd', bucketOf(life.payment.customerId)));
  const amount = money(minor, 'CNY');
  return { ...returnLine(life, `RFD-${number}`, number), refundNumber, amount };
}

test('refunds of the lost days become refunds again, once, whatever their place', async () => {
  const world = await makeBillWorld(await newTenantWorld());
  const life = await paidOrder(world);
  const done = refundLine(life, 300n, 1);
  const pending = { ...refundLine(life, 200n, 2), isPending: true };
  const tooMuch = refundLine(life, life.payment.amount.minor - 400n, 3);
  const lines = [done, pending, tooMuch, lineOf(life, 4)];
  const before = await world.clearing();
  await readBill(world, lines);
  await readBill(world, lines);
  assert.deepEqual(
    await findings(world),
    [
      `refund ${done.refundNumber} succeeded`,
      `refund ${pending.refundNumber} accepted`,
      `refund_unknown ${tooMuch.refundNumber} on the bill of ${TODAY} for a person`,
    ].sort(),
  );
  const { store } = world.world;
  const { refunds, notes, open } = await store.transact(world.merchant.id, async (tx) => ({
    refunds: await tx.loadRefundsOfAttempts([life.attempt.id]),
    notes: await tx.loadCreditNotes([life.invoice.id]),
    open: await tx.listOpenNumbers(10),
  }));
  const told = refunds.map(({ state, refundNumber }) => `${state} ${refundNumber}`).sort();
  assert.deepEqual(told, [`succeeded ${done.refundNumber}`, `unknown ${pending.refundNumber}`]);
  assert.deepEqual(notes.map(({ total }) => total.minor).sort(), [200n, 300n]);
  assert.deepEqual(open, [pending.refundNumber], 'what became of it is asked before a release');
  assert.equal(await world.clearing(), before - 300n);
  assert.equal(await world.balanceOf('2241'), -200n, 'owed until the rail has said');
});

test('a pay link of the lost days waits for a person, and one that is known does not', async () => {
  const world = await makeBillWorld(await newTenantWorld());
  const { link } = await paidLink(world, 8_000n);
  const lost = toPayLinkNumber(newId('plk'));
  const lines = [lost, link.orderNumber].map((number, index) =>
    billLine(number, link.amount, index + 1),
  );
  await readBill(world, [...lines, billLine('SHOP-1', link.amount, 3)]);
  assert.deepEqual(await findings(world), [
    `order_unknown ${lost} on the bill of ${TODAY} for a person`,
  ]);
});
