import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { inspect } from 'node:util';
import {
  makeId,
  money,
  type Rail,
  toContractCode,
  toOrderNumber,
  toRefundNumber,
} from '@daikou/core';
import { type Listener, listen } from '../../kit/listener.ts';
import type { Card } from './card-data.ts';
import { madeUpCard } from './card-fixture.ts';
import { describeConfig } from './config.ts';
import type { Fields } from './fields.ts';
import { type Fixture, openFixture } from './fixture.ts';
import { makeUnionpayRail } from './rail.ts';

/** The operations of the sandbox, each of which meets each fault. */
const OPERATIONS = [
  'send_code',
  'open',
  'query_token',
  'consume',
  'query',
  'refund',
  'refund_query',
  'file',
  'delete_token',
] as const;
const FAULTS = [
  undefined,
  'http_500',
  'html_error',
  'connection_reset',
  'garbage_body',
  'truncated_body',
  'wrong_signature',
] as const;

/** A reply as the rail writes it: raw values. */
function writeFields(fields: Fields): string {
  const pairs = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
  return pairs.join('&');
}

let made = 0;
function freshParts() {
  made += 1;
  const random = new Uint8Array(10).fill(made % 256);
  return { epochMilliseconds: Temporal.Now.instant().epochMilliseconds, random, bucket: 0 };
}

/** Everything that must never be seen again: number, ID, phone in both spellings, name. */
function secretsOf(card: Card): readonly string[] {
  const middle = card.number.slice(6, -4);
  const phone = card.phone.replaceAll(' ', '');
  return [card.number, middle, card.identityNumber, card.phone, phone, card.holderName];
}

function requireClean(text: string, card: Card, where: string): void {
  const decoded = decodeURIComponent(text.replace(/%(?![0-9A-Fa-f]{2})/g, '%25'));
  for (const secret of secretsOf(card)) {
    assert.ok(!text.includes(secret) && !decoded.includes(secret), `${where} shows card data`);
  }
}

/** One whole life with a card; every result and every error, as a debugger would print it. */
async function liveThrough(rail: Rail, card: Card): Promise<string> {
  const seen: unknown[] = [];
  const run = async <T>(call: () => Promise<T> | undefined): Promise<T | undefined> => {
    try {
      const result = await call();
      seen.push(result);
      return result;
    } catch (error) {
      seen.push(error, (error as Error).stack);
      return undefined;
    }
  };
  const contractCode = toContractCode(makeId('man', freshParts()));
  const orderNumber = toOrderNumber(makeId('dbt', freshParts()), 1);
  const amount = money(2_985n, 'CNY');
  await run(() =>
    rail.beginSigning({
      flow: 'message_code',
      account: card,
      contractCode,
      displayAccount: '客户 10023',
      singleCap: money(50_000n, 'CNY'),
      requestSerial: '1',
      clientIp: '192.0.2.10',
    }),
  );
  await run(() => rail.confirmSigning?.({ contractCode, account: card, code: '123456' }));
  await run(() => rail.confirmSigning?.({ contractCode, account: card, code: '111111' }));
  const report = await run(() => rail.queryMandate({ contractCode }));
  const railReference = report?.kind === 'active' ? report.railReference : '6235000000000000000';
  await run(() => rail.submit({ orderNumber, railReference, amount, description: '专业版' }));
  await new Promise((resolve) => setTimeout(resolve, 40));
  const outcome = await run(() => rail.ask(orderNumber));
  const refund = {
    refundNumber: toRefundNumber(makeId('rfd', freshParts())),
    orderNumber,
    paymentReference: outcome?.kind === 'succeeded' ? outcome.railReference : '2026',
    paid: amount,
    paidAt: Temporal.Now.instant(),
    amount: money(100n, 'CNY'),
    reason: '退款',
  };
  await run(() => rail.refund?.(refund));
  await run(() => rail.askRefund?.(refund));
  await run(() => rail.fetchBill(Temporal.Now.plainDateISO().subtract({ days: 1 })));
  await run(() => rail.endMandate({ contractCode, railReference }, '解约'));
  return inspect(seen, { depth: 20, showHidden: true, maxStringLength: null });
}

describe('card data never come out again', () => {
  let fixture: Fixture;
  let inbox: Listener;
  before(async () => {
    fixture = await openFixture();
    inbox = await listen(() => ({ status: 200, body: 'ok' }));
  });
  after(() => Promise.all([fixture.stop(), inbox.close()]));

  for (const fault of FAULTS) {
    test(`through every operation with ${fault ?? 'no fault'}`, async () => {
      const config = { ...fixture.config, notifyUrl: `${inbox.origin}/results` };
      for (const operation of fault === undefined ? ['none'] : OPERATIONS) {
        const rail = makeUnionpayRail(config);
        const card = madeUpCard();
        if (fault !== undefined) {
          const script = { rail: 'unionpay', operation, fault, times: 2, processed: true };
          await fixture.sandbox.admin('POST', '/admin/faults', script);
        }
        const start = inbox.received.length;
        const text = await liveThrough(rail, card);
        await fixture.sandbox.idle();
        requireClean(text, card, `${operation} with ${fault}`);
        requireClean(inspect(rail, { depth: 20, showHidden: true }), card, 'the rail itself');
        for (const one of inbox.received.slice(start)) {
          requireClean(Buffer.from(one.body).toString('utf8'), card, 'a callback');
          const reading = rail.readCallback({ ...one, receivedAt: Temporal.Now.instant() });
          requireClean(inspect(reading, { depth: 20 }), card, 'an event');
        }
        await fixture.sandbox.admin('DELETE', '/admin/faults');
      }
    });
  }

  test('on the way out number and phone are encrypted, and no address has them', async () => {
    const listener = await listen(() => ({ status: 503 }));
    const config = { ...fixture.config, gateway: listener.origin, fileGateway: listener.origin };
    const card = madeUpCard();
    await liveThrough(makeUnionpayRail(config), card);
    await listener.close();
    assert.ok(listener.received.length > 5);
    for (const { target, headers, body } of listener.received) {
      requireClean(target + JSON.stringify(headers), card, 'an address or a header');
      const form = new URLSearchParams(Buffer.from(body).toString('utf8'));
      const info = Buffer.from(form.get('customerInfo') ?? '', 'base64').toString('utf8');
      for (const hidden of [card.number, card.phone, card.phone.replaceAll(' ', '')]) {
        assert.ok(![...form.values()].join().includes(hidden) && !info.includes(hidden));
      }
    }
  });

  test('not even when the rail repeats them in its own signed words', async () => {
    const card = madeUpCard();
    const words = `卡号${card.number} 证件${card.identityNumber} 手机${card.phone}`;
    const codes = ['61', '66', '05', '00', '98', 'Z9'];
    for (const code of codes) {
      const reply = await fixture.sign({
        version: '5.1.0',
        signMethod: '01',
        merId: fixture.config.merId,
        respCode: code,
        respMsg: words,
        origRespCode: code,
        origRespMsg: words,
      });
      const server = await listen(() => ({ status: 200, body: writeFields(reply) }));
      const config = { ...fixture.config, gateway: server.origin, fileGateway: server.origin };
      const text = await liveThrough(makeUnionpayRail(config), card);
      await server.close();
      for (const hidden of secretsOf(card).filter((one) => one !== card.holderName)) {
        assert.ok(!text.includes(hidden), `${code} shows ${hidden.length} characters`);
      }
    }
  });

  test('a described configuration shows no key', () => {
    const text = JSON.stringify(describeConfig(fixture.config));
    assert.ok(text.includes(fixture.config.merId));
    const lines = fixture.config.signingKey.split('\n').filter((line) => line.length > 40);
    for (const one of lines) assert.ok(!text.includes(one));
  });
});
