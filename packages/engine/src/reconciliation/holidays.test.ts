import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isWorkday } from '@daikou/core';
import { BILL_RAIL, makeBillWorld, paidOrder, trueBill } from '../../../../test/kit/bill-world.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { tenantsOf } from '../../../../test/kit/world.ts';
import { closeDay } from './day.ts';

const newTenantWorld = tenantsOf(BACKENDS[0]?.databases() ?? assert.fail('a database'));

/** Within the National Day of 2026, which is off from 1 to 7 October. */
const HOLIDAY = Temporal.PlainDate.from('2026-10-03');
const FIRST_WORKDAY = Temporal.PlainDate.from('2026-10-08');

test('banks that rest on holidays tell their money on the first bill after them', async () => {
  const world = await makeBillWorld(await newTenantWorld(), { settlesOn: isWorkday });
  const told = await paidOrder(world, HOLIDAY);
  const lost = await paidOrder(world, HOLIDAY);
  const breaks = async () => (await world.breaks()).filter((one) => !one.includes(' resolved '));
  const day = { rail: BILL_RAIL, businessDate: HOLIDAY };

  assert.equal((await world.reconcile(HOLIDAY)).kind, 'not_ready');
  world.bills.set(FIRST_WORKDAY.toString(), trueBill([told]));
  await world.reconcile(FIRST_WORKDAY);
  assert.deepEqual(await breaks(), [], 'five days later, and nobody has to look at it');

  // The rail makes no file of the holiday itself: it is compared with nothing, now that it may be.
  assert.equal((await world.reconcile(HOLIDAY)).kind, 'matched');
  const minor = lost.payment.amount.minor;
  const { orderNumber } = lost.attempt;
  assert.deepEqual(await breaks(), [`shortage ${orderNumber} pooled ${-minor}`]);
  const before = await closeDay(world.jobAfter(FIRST_WORKDAY), day, 'Anna');
  assert.ok(!before.ok, 'not before the pool is empty');

  const second = FIRST_WORKDAY.add({ days: 1 });
  world.bills.set(second.toString(), 'empty');
  await world.reconcile(second);
  assert.deepEqual(await breaks(), [`shortage ${orderNumber} open ${-minor}`]);
  assert.ok((await closeDay(world.jobAfter(second), day, 'Anna')).ok);
});
