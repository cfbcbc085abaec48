import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type DebitRequest,
  makeId,
  money,
  type Rail,
  toOrderNumber,
  toRefundNumber,
} from '@daikou/core';
import { type Listener, listen } from '../../kit/listener.ts';
import { type Fixture, openFixture } from './fixture.ts';
import { txnTimeOf } from './order-times.ts';
import { makeUnionpayRail } from './rail.ts';

let fixture: Fixture;
let listener: Listener;
before(async () => {
  fixture = await openFixture();
  listener = await listen(() => ({ status: 503 }));
});
after(() => Promise.all([fixture.stop(), listener.close()]));

const PARTS = {
  epochMilliseconds: Date.parse('2026-11-25T00:00:00Z'),
  random: new Uint8Array(10),
  bucket: 1,
};
const REQUEST: DebitRequest = {
  orderNumber: toOrderNumber(makeId('dbt', PARTS), 2),
  railReference: '6235240000020757577',
  amount: money(2_985n, 'CNY'),
  description: '专业版 12 月',
};

const railAt = (committedAt?: () => Promise<Temporal.Instant | undefined>): Rail =>
  makeUnionpayRail({
    ...fixture.config,
    gateway: listener.origin,
    ...(committedAt === undefined ? {} : { committedAt }),
  });

/** The times that a debit, its question and its close carry. */
async function timesOf(rail: Rail): Promise<readonly (string | null)[]> {
  const start = listener.received.length;
  await rail.submit(REQUEST);
  await rail.ask(REQUEST.orderNumber);
  await rail.close(REQUEST.orderNumber);
  return listener.received.slice(start).map(({ body }) => timeIn(body));
}

function timeIn(body: Uint8Array): string | null {
  return new URLSearchParams(Buffer.from(body).toString()).get('txnTime');
}

describe('the time that names an order', () => {
  test('is the one on record, for the debit and for every question about it', async () => {
    const at = Temporal.Instant.from('2026-12-01T01:02:03.456Z');
    const times = await timesOf(railAt(async () => at));
    assert.deepEqual(times, Array(3).fill('20261201090203'));
  });

  test('is the one within the number where there is no record', async () => {
    const expected = Array(3).fill(txnTimeOf(REQUEST.orderNumber));
    assert.deepEqual(await timesOf(railAt()), expected);
    assert.deepEqual(await timesOf(railAt(async () => undefined)), expected);
  });

  test('when the record cannot be read, nothing is sent and nothing is said', async () => {
    const rail = railAt(async () => {
      throw new Error('the database is away');
    });
    const start = listener.received.length;
    assert.equal((await rail.submit(REQUEST)).kind, 'never_sent');
    assert.equal((await rail.ask(REQUEST.orderNumber)).kind, 'unknown');
    assert.equal(listener.received.length, start);
  });

  test('of a refund is found in the same way, for its question too', async () => {
    const at = Temporal.Instant.from('2026-12-03T01:02:03Z');
    const refund = {
      refundNumber: toRefundNumber(makeId('rfd', PARTS)),
      orderNumber: REQUEST.orderNumber,
      paymentReference: '202611259999999999999',
      paid: REQUEST.amount,
      paidAt: at,
      amount: REQUEST.amount,
      reason: '退款',
    };
    const start = listener.received.length;
    const rail = railAt(async () => at);
    await rail.refund?.(refund);
    await rail.askRefund?.(refund);
    const times = listener.received.slice(start).map(({ body }) => timeIn(body));
    assert.deepEqual(times, ['20261203090203', '20261203090203']);
  });

  test('a number that is not ours is never sent', async () => {
    const outcome = await railAt().submit({ ...REQUEST, orderNumber: 'ELSEWHERE0001' });
    assert.equal(outcome.kind, 'never_sent');
  });
});
