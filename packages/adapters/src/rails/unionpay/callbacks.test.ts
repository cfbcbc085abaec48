import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  makeId,
  money,
  type Rail,
  type RailEvent,
  toContractCode,
  toOrderNumber,
  toRefundNumber,
} from '@daikou/core';
import type { Fields } from './fields.ts';
import { type Fixture, openFixture } from './fixture.ts';
import { makeUnionpayRail } from './rail.ts';

const PARTS = {
  epochMilliseconds: Date.parse('2026-12-31T15:59:50Z'),
  random: new Uint8Array(10),
  bucket: 1,
};
const ORDER = toOrderNumber(makeId('dbt', PARTS), 1);
const REFUND = toRefundNumber(makeId('rfd', PARTS));
const CONTRACT = toContractCode(makeId('man', PARTS));
const NOW = Temporal.Instant.from('2026-12-31T16:10:00Z');

let fixture: Fixture;
let rail: Rail;
before(async () => {
  fixture = await openFixture();
  rail = makeUnionpayRail(fixture.config);
});
after(() => fixture.stop());

const common = (): Fields => ({
  version: '5.1.0',
  encoding: 'UTF-8',
  signMethod: '01',
  bizType: '000902',
  accessType: '0',
  merId: fixture.config.merId,
  txnTime: '20261231235950',
  respCode: '00',
  respMsg: '成功[0000000]',
});
const paid = (): Fields => ({
  ...common(),
  txnType: '01',
  txnSubType: '01',
  orderId: ORDER,
  queryId: '202612319999999999999',
  txnAmt: '2985',
  currencyCode: '156',
  traceTime: '0101000005',
});

async function read(fields: Fields) {
  const body = Buffer.from(new URLSearchParams(await fixture.sign(fields)).toString());
  return rail.readCallback({ headers: {}, body, receivedAt: NOW });
}

async function eventOf(fields: Fields): Promise<RailEvent | string> {
  const reading = await read(fields);
  if (reading.kind === 'refused') return reading.reason;
  return reading.events[0] ?? 'nothing';
}

describe('notices of debits', () => {
  test('a payment just after midnight of New Year has the new year', async () => {
    assert.deepEqual(await eventOf(paid()), {
      kind: 'attempt',
      orderNumber: ORDER,
      outcome: {
        kind: 'succeeded',
        railReference: '202612319999999999999',
        paid: money(2_985n, 'CNY'),
        paidAt: Temporal.Instant.from('2026-12-31T16:00:05Z'),
      },
    });
  });

  const CHANGES: readonly (readonly [string, Fields, string])[] = [
    ['a success with a defect', { respCode: 'A6' }, 'succeeded'],
    ['not enough on the card', { respCode: '64' }, 'refused'],
    ['being worked on', { respCode: '05' }, 'unknown'],
    ['an unlisted code', { respCode: 'Z9' }, 'unknown'],
    ['no such order, about an order that it names', { respCode: '34' }, 'unknown'],
    ['no amount', { txnAmt: '' }, 'unknown'],
    ['an amount in another currency', { currencyCode: '840' }, 'unknown'],
    ['an amount that is no whole number', { txnAmt: '29.85' }, 'unknown'],
    ['no number of the rail', { queryId: '' }, 'unknown'],
    ['no time', { traceTime: '' }, 'unknown'],
  ];
  for (const [name, change, expected] of CHANGES) {
    test(`${name}: ${expected}`, async () => {
      const event = await eventOf({ ...paid(), ...change });
      assert.ok(typeof event !== 'string' && event.kind === 'attempt');
      assert.equal(event.outcome.kind, expected);
    });
  }
});

describe('notices of refunds', () => {
  const returned = (): Fields => ({
    ...paid(),
    txnType: '04',
    txnSubType: '00',
    orderId: REFUND,
    txnAmt: '985',
    reqReserved: ORDER,
  });

  test('a refund names its number, the paid order and what was returned', async () => {
    assert.deepEqual(await eventOf(returned()), {
      kind: 'refund',
      refundNumber: REFUND,
      orderNumber: ORDER,
      outcome: {
        kind: 'succeeded',
        railReference: '202612319999999999999',
        refunded: money(985n, 'CNY'),
        refundedAt: Temporal.Instant.from('2026-12-31T16:00:05Z'),
      },
    });
  });

  test('a refund that the bank did not take is a failure: the money is owed', async () => {
    const event = await eventOf({ ...returned(), respCode: '63' });
    assert.ok(typeof event !== 'string' && event.kind === 'refund');
    assert.equal(event.outcome.kind, 'failed');
  });
});

describe('notices of openings', () => {
  const opened = (token: string): Fields => ({
    ...common(),
    txnType: '79',
    txnSubType: '00',
    orderId: CONTRACT,
    accNo: '621626*********0018',
    tokenPayData: token,
  });
  const DATES = 'tokenBegin=20261231235951&tokenEnd=20311231235959';
  const TOKEN = `{token=6235240000020757577&trId=62000000001&${DATES}}`;

  test('an opened card is an active mandate, with the little that may be kept', async () => {
    assert.deepEqual(await eventOf(opened(TOKEN)), {
      kind: 'mandate',
      report: {
        kind: 'active',
        contractCode: CONTRACT,
        railReference: '6235240000020757577',
        account: { kind: 'card', bin: '621626', lastFour: '0018' },
        at: Temporal.Instant.from('2026-12-31T15:59:51Z'),
      },
    });
  });

  test('a token that is past its end is an ended mandate', async () => {
    const event = await eventOf(opened(TOKEN.replace('tokenEnd=2031', 'tokenEnd=2020')));
    assert.ok(typeof event !== 'string' && event.kind === 'mandate');
    assert.equal(event.report.kind === 'ended' && event.report.endedBy, 'expired');
  });

  test('without a token it is malformed, and a failed try is no news', async () => {
    assert.equal(await eventOf(opened('')), 'malformed');
    assert.equal(await eventOf({ ...opened(TOKEN), respCode: '66' }), 'unsupported');
  });
});

describe('notices that are refused', () => {
  const REFUSED: readonly (readonly [string, Fields, string])[] = [
    ['another merchant', { merId: '777000000000000' }, 'not_for_us'],
    ['the old version', { version: '5.0.0' }, 'malformed'],
    ['a key instead of a certificate', { signMethod: '11' }, 'malformed'],
    ['another encoding', { encoding: 'GBK' }, 'malformed'],
    ['no order', { orderId: '' }, 'malformed'],
    ['another kind of trade', { txnType: '02' }, 'unsupported'],
    ['another subtype of a debit', { txnSubType: '03' }, 'unsupported'],
  ];
  for (const [name, change, reason] of REFUSED) {
    test(`${name}: ${reason}`, async () => {
      const reading = await read({ ...paid(), ...change });
      assert.equal(reading.kind === 'refused' && reading.reason, reason);
      assert.ok(reading.answer.status >= 400);
    });
  }

  test('a notice whose certificate has run out when it comes', async () => {
    const body = Buffer.from(new URLSearchParams(await fixture.sign(paid())).toString());
    const receivedAt = Temporal.Instant.from('2050-06-01T00:00:00Z');
    const reading = rail.readCallback({ headers: {}, body, receivedAt });
    assert.equal(reading.kind === 'refused' && reading.reason, 'bad_signature');
  });
});
