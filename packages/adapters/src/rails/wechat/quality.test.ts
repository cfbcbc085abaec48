import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type DebitRequest, money, type Rail, type RawCallback } from '@daikou/core';
import fc from 'fast-check';
import { type Listener, listen } from '../../kit/listener.ts';
import { startSandbox } from '../../kit/sandbox.ts';
import { decideOnPage } from '../../kit/wallet.ts';
import { FIRST_DAY, freshNumber, openInbox, type RailWorld } from '../suite/subject.ts';
import type { WechatConfig } from './config.ts';
import { makeWechatRail, toEntrustUrl } from './rail.ts';
import { sandboxConfig } from './sandbox-config.ts';
import { signV2, verifyV2 } from './signature.ts';
import { parseFlatXml } from './xml.ts';

/**
 * WeChat Pay's own quality list for 委托代扣 (rails.md appendix B), point by point, adapter against
 * simulator. Points 3, 10, 13, 14 and 25 live in the engine and the server: see
 * test/scenarios/wechat-quality.test.ts.
 */

const AMOUNT = money(2_985n, 'CNY');
let world: RailWorld;
let rail: Rail;
let slow: Rail;

before(async () => {
  const sandbox = await startSandbox();
  const inbox = await openInbox();
  world = { sandbox, inbox };
  await sandbox.setClock(`${FIRST_DAY}T09:00:00+08:00`);
  await configure({ terminationUrl: `${inbox.origin}/ends`, callbackTimeScale: 0.001 });
  rail = makeWechatRail(sandboxConfig(world));
  slow = makeWechatRail(sandboxConfig(world, {}, 'delay_24h'));
});
after(async () => {
  await world.sandbox.stop();
  await world.inbox.close();
});

function configure(wechat: Readonly<Record<string, unknown>>): Promise<unknown> {
  return world.sandbox.admin('PUT', '/admin/configure', { wechat });
}

function fault(fields: Readonly<Record<string, unknown>>): Promise<unknown> {
  return world.sandbox.admin('POST', '/admin/faults', { rail: 'wechat', times: 1, ...fields });
}

function changed(change: Partial<WechatConfig>): Rail {
  return makeWechatRail({ ...sandboxConfig(world), ...change });
}

function signing(contractCode = freshNumber('C')) {
  return {
    contractCode,
    displayAccount: freshNumber('customer-'),
    singleCap: money(50_000n, 'CNY'),
    requestSerial: String(Date.now()),
    clientIp: '192.0.2.10',
  };
}

/** A contract that was signed just now on this rail, and a debit of 29.85 by it. */
async function signed(by: Rail = rail): Promise<{ contractCode: string; debit: DebitRequest }> {
  const request = signing();
  const started = await by.beginSigning({ ...request, flow: 'browser_page' });
  assert.equal(started.kind, 'open_url');
  if (started.kind === 'open_url') await decideOnPage(started.url, 'agree');
  const report = await by.queryMandate({ contractCode: request.contractCode });
  assert.equal(report.kind, 'active');
  const railReference = report.kind === 'active' ? report.railReference : '';
  const orderNumber = freshNumber('D');
  const debit = { orderNumber, railReference, amount: AMOUNT, description: '专业版 12 月' };
  return { contractCode: request.contractCode, debit };
}

async function paid(): Promise<DebitRequest & { readonly reference: string }> {
  const { debit } = await signed();
  await rail.submit(debit);
  await world.sandbox.idle();
  const outcome = await rail.ask(debit.orderNumber);
  assert.equal(outcome.kind, 'succeeded');
  return { ...debit, reference: outcome.kind === 'succeeded' ? outcome.railReference : '' };
}

async function refundOf(minor: bigint, refundNumber = freshNumber('R')) {
  const debit = await paid();
  return {
    refundNumber,
    orderNumber: debit.orderNumber,
    paymentReference: debit.reference,
    paid: AMOUNT,
    paidAt: Temporal.Instant.from('2026-12-01T01:00:00Z'),
    amount: money(minor, 'CNY'),
    reason: '未使用天数退回',
  };
}

function pass(seconds: number): Promise<void> {
  return (async () => {
    const { now } = (await world.sandbox.admin('GET', '/admin/clock')) as { now: string };
    await world.sandbox.setClock(Temporal.Instant.from(now).add({ seconds }).toString());
  })();
}

function about(text: string): (one: RawCallback) => boolean {
  return (one) => Buffer.from(one.body).toString('utf8').includes(text);
}

/** What the rail sends, with nothing answered. */
async function sentBy(call: (silent: Rail) => Promise<unknown>): Promise<Listener['received']> {
  const listener = await listen(() => ({ status: 503 }));
  const secureBaseUrl = listener.origin;
  await call(changed({ baseUrl: listener.origin, secureBaseUrl }));
  await listener.close();
  return listener.received;
}

function fieldsOf(received: Listener['received']) {
  return received.map((one) => parseFlatXml(one.body) ?? {});
}

describe('replies and callbacks', () => {
  test('1 reply verified: nothing is believed whose signature does not hold', async () => {
    const { debit, contractCode } = await signed();
    const mandate = { contractCode, railReference: debit.railReference };
    const refund = await refundOf(1_000n);
    const first = { orderNumber: freshNumber('D'), amount: AMOUNT, description: '首期' };
    const link = { ...first, expiresAt: Temporal.Now.instant(), clientIp: '192.0.2.10' };
    const day = FIRST_DAY.subtract({ days: 1 });
    const calls: readonly (readonly [string, () => Promise<{ kind: string } | undefined>])[] = [
      ['pappayapply', () => rail.submit(debit)],
      ['paporderquery', () => rail.ask(debit.orderNumber)],
      ['closeorder', () => rail.close(debit.orderNumber)],
      ['querycontract', () => rail.queryMandate(mandate)],
      ['preentrustweb', () => rail.beginSigning({ ...signing(), flow: 'app' })],
      [
        'contractorder',
        () => rail.beginSigning({ ...signing(), flow: 'pay_and_sign', firstPayment: first }),
      ],
      ['unifiedorder', async () => rail.beginPayment?.(link)],
      ['notify', async () => rail.announce?.({ ...debit })],
      ['refund', async () => rail.refund?.(refund)],
      ['refundquery', async () => rail.askRefund?.(refund)],
      ['fundflowbill', async () => rail.fetchSettlement?.(day)],
    ];
    for (const [operation, call] of calls) {
      await fault({ operation, fault: 'wrong_signature' });
      assert.equal((await call())?.kind, 'unknown', operation);
    }
    const left = (await world.sandbox.admin('GET', '/admin/faults')) as { faults: unknown[] };
    assert.deepEqual(left.faults, []);
  });

  test('1 reply verified: a 2xx of V3 without signature is forged', async () => {
    const unsigned = await listen(() => ({ status: 204 }));
    const outcome = await changed({ baseUrl: unsigned.origin }).announce?.({
      railReference: 'W1',
      amount: AMOUNT,
    });
    await unsigned.close();
    assert.equal(outcome?.kind, 'unknown');
  });

  test('2 callback verified first: what is not signed is neither decrypted nor read', async () => {
    const { debit } = await signed();
    await rail.submit(debit);
    const raw = await world.inbox.wait(about(debit.orderNumber));
    const text = Buffer.from(raw.body).toString('utf8');
    // Without an order number it would be malformed; the signature is what is wrong first.
    const body = Buffer.from(text.replace(/<out_trade_no>.*?<\/out_trade_no>/s, ''));
    const reading = rail.readCallback({ ...raw, body });
    assert.equal(reading.kind === 'refused' && reading.reason, 'bad_signature');
    const headers = {
      'wechatpay-signature': 'AAAA',
      'wechatpay-timestamp': String(Math.floor(Date.now() / 1000)),
      'wechatpay-nonce': 'n',
      'wechatpay-serial': 'PUB_KEY_ID_0',
    };
    const v3 = rail.readCallback({ ...raw, headers, body: Buffer.from('not even JSON') });
    assert.equal(v3.kind === 'refused' && v3.reason, 'bad_signature');
  });

  test('4 probe traffic: a SIGNTEST signature is refused like any bad one', async () => {
    for (const contractCallbacks of ['v2', 'v3']) {
      await configure({ contractCallbacks });
      const request = signing();
      await fault({ contractCode: request.contractCode, fault: 'signtest_callback' });
      const started = await rail.beginSigning({ ...request, flow: 'browser_page' });
      if (started.kind === 'open_url') await decideOnPage(started.url, 'agree');
      const isProbe = (one: RawCallback): boolean =>
        one.headers['wechatpay-signature']?.startsWith('WECHATPAY/SIGNTEST/') === true ||
        (about('WECHATPAY/SIGNTEST/')(one) && about(request.contractCode)(one));
      const reading = rail.readCallback(await world.inbox.wait(isProbe));
      assert.equal(reading.kind === 'refused' && reading.reason, 'bad_signature');
      assert.ok(reading.answer.status >= 400);
    }
    await configure({ contractCallbacks: 'v2' });
  });

  test('11 callback routing: all four notices on one address reach their own events', async () => {
    const url = `${world.inbox.origin}/all`;
    await configure({ terminationUrl: url });
    const one = changed({ notifyUrl: url, contractNotifyUrl: url, refundNotifyUrl: url });
    const { contractCode, debit } = await signed(one);
    await one.submit(debit);
    await world.sandbox.idle();
    const outcome = await one.ask(debit.orderNumber);
    assert.equal(outcome.kind, 'succeeded');
    if (outcome.kind !== 'succeeded') return;
    const refundNumber = freshNumber('R');
    await one.refund?.({
      ...debit,
      refundNumber,
      paymentReference: outcome.railReference,
      paid: AMOUNT,
      paidAt: outcome.paidAt,
      reason: '退回',
    });
    await one.endMandate({ contractCode }, '客户关闭');
    await world.sandbox.idle();
    const here = world.inbox.received.filter(({ target }) => target === '/all');
    const kinds = here.flatMap(({ headers, body }) => {
      const reading = one.readCallback({ headers, body, receivedAt: Temporal.Now.instant() });
      return reading.kind === 'verified'
        ? reading.events.map((event) =>
            event.kind === 'mandate' ? `mandate ${event.report.kind}` : event.kind,
          )
        : [reading.reason];
    });
    assert.deepEqual(kinds.sort(), ['attempt', 'mandate active', 'mandate ended', 'refund']);
    await configure({ terminationUrl: `${world.inbox.origin}/ends` });
  });

  test('12 openid: the payer is the one whom the sign callback names', async () => {
    const request = signing();
    const started = await rail.beginSigning({ ...request, flow: 'browser_page' });
    assert.equal(started.kind, 'open_url');
    if (started.kind !== 'open_url') return;
    const body = new URLSearchParams({ decision: 'agree', user: 'openid-of-the-wallet' });
    await fetch(started.url, { method: 'POST', body });
    const isSigned = (one: RawCallback): boolean =>
      about(request.contractCode)(one) && rail.readCallback(one).kind === 'verified';
    const reading = rail.readCallback(await world.inbox.wait(isSigned));
    const event = reading.kind === 'verified' ? reading.events[0] : undefined;
    const report = event?.kind === 'mandate' ? event.report : undefined;
    assert.equal(report?.kind === 'active' && report.payerReference, 'openid-of-the-wallet');
  });
});

describe('keys and messages', () => {
  const SOURCES = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .filter((name) => name !== 'fixture.ts')
    .map((name) => readFileSync(`${import.meta.dirname}/${name}`, 'utf8'));

  test('5 V2 key source: from the configuration, and none in the code', async () => {
    const apiV2Key = 'another-key-of-32-characters-long'.slice(0, 32);
    const [fields = {}] = fieldsOf(await sentBy((silent) => silent.ask('D1N1')));
    assert.ok(verifyV2(fields, sandboxConfig(world).apiV2Key));
    assert.ok(!verifyV2(fields, apiV2Key));
    for (const source of SOURCES) assert.doesNotMatch(source, /['"`][0-9A-Za-z]{32}['"`]/);
  });

  test('6 character set: one to three bytes in every text, and cut to its length', async () => {
    const listener = await listen(() => ({ status: 503 }));
    const { origin: baseUrl } = listener;
    const silent = changed({ baseUrl, secureBaseUrl: baseUrl });
    const text = fc.string({ unit: 'binary', maxLength: 300 });
    const refund = await refundOf(1n);
    await fc.assert(
      fc.asyncProperty(text, async (words) => {
        const start = listener.received.length;
        const railReference = 'W1';
        await silent.submit({
          orderNumber: 'D1',
          railReference,
          amount: AMOUNT,
          description: words,
        });
        await silent.refund?.({ ...refund, reason: words });
        await silent.endMandate({ contractCode: 'C1' }, words);
        const request = { ...signing(), displayAccount: words, flow: 'app' } as const;
        await silent.beginSigning(request);
        for (const fields of fieldsOf(listener.received.slice(start))) {
          for (const value of Object.values(fields)) {
            assert.doesNotMatch(value ?? '', /[\u{10000}-\u{10ffff}]/u);
          }
          assert.ok(Buffer.byteLength(fields['body'] ?? '') <= 128);
          assert.ok((fields['contract_display_account'] ?? '').length <= 32);
        }
      }),
      { numRuns: 25 },
    );
    await listener.close();
  });

  test('7 notify_url encoding: once, escapes in upper case', () => {
    const config = sandboxConfig(world);
    const url = toEntrustUrl(
      { ...config, contractNotifyUrl: 'https://a.example.test/b' },
      signing(),
    );
    assert.ok(url.includes('notify_url=https%3A%2F%2Fa.example.test%2Fb&'), url);
    assert.doesNotMatch(url, /%25|%[0-9a-f]*[a-f]/);
  });

  test('8 signing input: the raw notify_url, keys in ASCII order', () => {
    const config = sandboxConfig(world);
    const { searchParams } = new URL(toEntrustUrl(config, signing()));
    const { sign, ...fields } = Object.fromEntries(searchParams);
    assert.equal(fields['notify_url'], config.contractNotifyUrl);
    assert.equal(sign, signV2(fields, config.apiV2Key, 'MD5'));
    const names = [...searchParams.keys()].filter((name) => name !== 'sign');
    assert.deepEqual(names, [...names].sort());
  });

  test('18 notice is V3: RSA, its own configuration, its own path', async () => {
    const [request] = await sentBy(async (silent) =>
      silent.announce?.({ railReference: 'Wx1', amount: AMOUNT }),
    );
    assert.equal(request?.target, '/v3/papay/contracts/Wx1/notify');
    const authorization = request?.headers['authorization'] ?? '';
    assert.match(authorization, /^WECHATPAY2-SHA256-RSA2048 /);
    assert.ok(authorization.includes(`serial_no="${sandboxConfig(world).merchantSerial}"`));
  });

  test('26 integer fen: no fraction in any amount, sent or read', async () => {
    await fc.assert(
      fc.asyncProperty(fc.bigInt({ min: 1n, max: 10n ** 12n }), async (minor) => {
        const amount = money(minor, 'CNY');
        const [fields = {}] = fieldsOf(
          await sentBy((silent) =>
            silent.submit({ orderNumber: 'D1', railReference: 'W1', amount, description: 'x' }),
          ),
        );
        assert.equal(fields['total_fee'], minor.toString());
      }),
      { numRuns: 10 },
    );
    for (const source of SOURCES) assert.doesNotMatch(source, /parseFloat|toFixed/);
  });

  test('27 keys not mixed: each generation stands and falls with its own keys', async () => {
    const other = 'x'.repeat(32);
    const { debit } = await signed();
    const withoutV2 = changed({ apiV2Key: other });
    assert.equal((await withoutV2.submit(debit)).kind, 'unknown');
    const announced = await withoutV2.announce?.(debit);
    assert.deepEqual(announced, { kind: 'done' });
    const withoutV3 = changed({ apiV3Key: other });
    assert.equal((await withoutV3.queryMandate({ contractCode: 'C0' })).kind, 'not_found');
    await configure({ contractCallbacks: 'v3' });
    const { contractCode } = await signed();
    await configure({ contractCallbacks: 'v2' });
    const isOurs = (one: RawCallback): boolean => {
      const reading = rail.readCallback(one);
      const event = reading.kind === 'verified' ? reading.events[0] : undefined;
      const report = event?.kind === 'mandate' ? event.report : undefined;
      return report?.kind === 'active' && report.contractCode === contractCode;
    };
    const raw = await world.inbox.wait(isOurs);
    const undecrypted = withoutV3.readCallback(raw);
    assert.equal(undecrypted.kind === 'refused' && undecrypted.reason, 'malformed');
  });
});

describe('signing', () => {
  test('19 first signing: a deduction runs at once, without the rail’s notice', async () => {
    assert.equal(rail.capabilities.announcement?.exemptAfterSigningSeconds, 43_200);
    const { debit } = await signed();
    assert.deepEqual(await rail.submit(debit), { kind: 'accepted' });
    await world.sandbox.idle();
    assert.equal((await rail.ask(debit.orderNumber)).kind, 'succeeded');
  });

  test('20 duplicate signing: refused with a code, and the query finds the contract', async () => {
    const { contractCode } = await signed();
    const again = await rail.beginSigning({ ...signing(contractCode), flow: 'browser_page' });
    assert.equal(again.kind, 'refused');
    assert.equal((await rail.queryMandate({ contractCode })).kind, 'active');
  });

  test('21 支付中签约 half success: the payment goes on, the contract does not', async () => {
    const request = signing();
    const orderNumber = freshNumber('D');
    await fault({ contractCode: request.contractCode, fault: 'CONTRACT_REFUSED' });
    const started = await rail.beginSigning({
      ...request,
      flow: 'pay_and_sign',
      firstPayment: { orderNumber, amount: AMOUNT, description: '首期' },
    });
    assert.equal(started.kind, 'open_url');
    if (started.kind !== 'open_url') return;
    assert.deepEqual(started.contractRefused, { code: 'CONTRACT_EXISTED', message: '已签约' });
    await decideOnPage(started.url, 'agree');
    await world.sandbox.idle();
    assert.equal((await rail.ask(orderNumber)).kind, 'succeeded');
    const { contractCode } = request;
    assert.deepEqual(await rail.queryMandate({ contractCode }), {
      kind: 'not_found',
      contractCode,
    });
  });

  test('21 支付中签约 half success: who pays and does not agree has signed nothing', async () => {
    const request = signing();
    const orderNumber = freshNumber('D');
    const started = await rail.beginSigning({
      ...request,
      flow: 'pay_and_sign',
      firstPayment: { orderNumber, amount: AMOUNT, description: '首期', payerReference: 'payer-1' },
    });
    assert.equal(started.kind, 'launch');
    if (started.kind !== 'launch') return;
    assert.equal(started.contractRefused, undefined);
    const { paySign, ...fields } = started.parameters;
    assert.equal(paySign, signV2(fields, sandboxConfig(world).apiV2Key, 'MD5'));
    const page = (fields['package'] ?? '').replace('prepay_id=', '/wallet/pay/');
    const url = `${world.sandbox.endpoint<string>('wechat')}${page}`;
    await fetch(url, { method: 'POST', body: new URLSearchParams({ decision: 'pay_only' }) });
    assert.equal((await rail.ask(orderNumber)).kind, 'succeeded');
    const report = await rail.queryMandate({ contractCode: request.contractCode });
    assert.notEqual(report.kind, 'active');
  });

  test('22 app signing: the launch of the mini program, not the retired web view', async () => {
    const started = await rail.beginSigning({ ...signing(), flow: 'app' });
    assert.equal(started.kind, 'launch');
    if (started.kind !== 'launch') return;
    assert.deepEqual(Object.keys(started.parameters).sort(), [
      'path',
      'pre_entrustweb_id',
      'userName',
    ]);
  });
});

describe('orders', () => {
  test('15 SYSTEMERROR: asked, closed, then a new number with its delay again', async () => {
    const { debit } = await signed(slow);
    // Past the twelve hours of the signing, so that the notice of 24 hours is wanted.
    await pass(13 * 3_600);
    await fault({ orderNumber: debit.orderNumber, fault: 'SYSTEMERROR_THEN_PAID' });
    assert.equal((await slow.submit(debit)).kind, 'unknown');
    assert.deepEqual(await slow.ask(debit.orderNumber), { kind: 'accepted' });
    await pass(300);
    assert.deepEqual(await slow.close(debit.orderNumber), { kind: 'closed' });
    const next = { ...debit, orderNumber: freshNumber('D') };
    assert.deepEqual(await slow.submit(next), { kind: 'accepted' });
    await pass(24 * 3_600 - 1);
    assert.deepEqual(await slow.ask(next.orderNumber), { kind: 'accepted' });
    await pass(1);
    await world.sandbox.idle();
    assert.equal((await slow.ask(next.orderNumber)).kind, 'succeeded');
    assert.equal((await slow.ask(debit.orderNumber)).kind, 'closed');
  });

  test('15 an order that waits for its 24 hours is not one that hangs', () => {
    const { announcement, patienceSeconds = 0, submitWindow } = slow.capabilities;
    assert.equal(announcement, undefined);
    assert.equal(slow.announce, undefined);
    assert.equal(submitWindow, undefined);
    assert.ok(patienceSeconds > 24 * 3_600);
  });

  test('16 query as fallback: accepted, system error and silence are no refusals', async () => {
    for (const outcome of ['SYSTEMERROR_THEN_PAID', 'TIMEOUT_THEN_PAID']) {
      const { debit } = await signed();
      await fault({ orderNumber: debit.orderNumber, fault: outcome });
      assert.equal((await rail.submit(debit)).kind, 'unknown', outcome);
      await world.sandbox.idle();
      assert.equal((await rail.ask(debit.orderNumber)).kind, 'succeeded', outcome);
    }
    const { debit } = await signed(slow);
    await pass(13 * 3_600);
    assert.deepEqual(await slow.submit(debit), { kind: 'accepted' });
    // ORDER_ACCEPTED: the same order is under way.
    assert.deepEqual(await slow.submit(debit), { kind: 'accepted' });
  });

  test('16 query as fallback: a FAIL that says nothing definite is unknown', async () => {
    const codes = ['SYSTEMERROR', '0', 'OUT_TRADE_NO_USED', 'NEW_ONE'];
    for (const code of codes) {
      const { debit } = await signed();
      const { orderNumber } = debit;
      await fault({
        orderNumber,
        operation: 'pappayapply',
        fault: 'business_fail',
        code,
        processed: true,
      });
      assert.equal((await rail.submit(debit)).kind, 'unknown', code);
      await world.sandbox.idle();
      assert.equal((await rail.ask(orderNumber)).kind, 'succeeded', code);
    }
  });

  test('16 a request that arrives after the query had not found it takes money once', async () => {
    await world.sandbox.setClock('2026-12-06T09:00:00+08:00');
    const { debit } = await signed();
    await fault({ orderNumber: debit.orderNumber, fault: 'ARRIVES_LATE' });
    assert.equal((await rail.submit(debit)).kind, 'unknown');
    assert.deepEqual(await rail.ask(debit.orderNumber), { kind: 'not_found' });
    // The same number again: whichever comes first, there is one order.
    await rail.submit(debit);
    await world.sandbox.idle();
    assert.equal((await rail.ask(debit.orderNumber)).kind, 'succeeded');
    const summary = await world.sandbox.admin('GET', '/admin/books/summary');
    const { doubleDebits } = (summary as { wechat: { doubleDebits: unknown[] } }).wechat;
    assert.deepEqual(doubleDebits, []);
  });

  test('17 auto-close recognised: CLOSED ends the old number for good', async () => {
    const { debit } = await signed();
    await fault({ orderNumber: debit.orderNumber, fault: 'NOTENOUGH' });
    await rail.submit(debit);
    await world.sandbox.idle();
    const outcome = await rail.ask(debit.orderNumber);
    assert.equal(outcome.kind === 'refused' && outcome.refusal.class, 'funds');
    assert.deepEqual(await rail.submit(debit), { kind: 'closed' });
    assert.equal(rail.capabilities.numberDiscipline.afterRefusal, 'new_number');
  });

  test('23 refund number: every retry is one refund, the order is never overdrawn', async () => {
    const request = await refundOf(2_000n);
    await fault({ operation: 'refund', fault: 'connection_reset', processed: true });
    assert.equal((await rail.refund?.(request))?.kind, 'unknown');
    for (let retry = 0; retry < 3; retry += 1) await rail.refund?.(request);
    await world.sandbox.idle();
    const outcome = await rail.askRefund?.(request);
    assert.equal(outcome?.kind === 'succeeded' && outcome.refunded.minor, 2_000n);
    await pass(60);
    const more = { ...request, refundNumber: freshNumber('R'), amount: money(986n, 'CNY') };
    const refused = await rail.refund?.(more);
    assert.equal(refused?.kind === 'refused' && refused.refusal.class, 'amount');
  });

  test('23 refund number: a reply about another refund says nothing', async () => {
    const request = await refundOf(1_000n);
    const { appid, mchid, apiV2Key } = sandboxConfig(world);
    const right = {
      return_code: 'SUCCESS',
      result_code: 'SUCCESS',
      appid,
      mch_id: mchid,
      out_refund_no: request.refundNumber,
      out_trade_no: request.orderNumber,
      refund_fee: '1000',
      refund_id: '50',
    };
    const CHANGES = [{}, { out_refund_no: 'R0' }, { out_trade_no: 'D0' }, { refund_fee: '1001' }];
    const kinds: (string | undefined)[] = [];
    for (const change of CHANGES) {
      const fields = { ...right, ...change };
      const all = Object.entries({ ...fields, sign: signV2(fields, apiV2Key, 'MD5') });
      const children = all.map(([name, value]) => `<${name}>${value}</${name}>`);
      const body = `<xml>${children.join('')}</xml>`;
      const server = await listen(() => ({ status: 200, body }));
      const outcome = await changed({ secureBaseUrl: server.origin }).refund?.(request);
      await server.close();
      kinds.push(outcome?.kind);
    }
    assert.deepEqual(kinds, ['accepted', 'unknown', 'unknown', 'unknown']);
  });

  test('24 refund mTLS: only the merchant’s own valid certificate opens the way', async () => {
    const request = await refundOf(1_000n);
    const { clientCertificate: _, ...without } = sandboxConfig(world);
    assert.equal(makeWechatRail(without).refund, undefined);
    const plain = changed({ secureBaseUrl: sandboxConfig(world).baseUrl ?? '' });
    assert.equal((await plain.refund?.(request))?.kind, 'unknown');
    const expired = await world.sandbox.admin('GET', '/admin/wechat/expired-client');
    const late = changed({ clientCertificate: expired as { certificate: string; key: string } });
    assert.notEqual((await late.refund?.(request))?.kind, 'accepted');
    const { secureAuthority: __, ...strange } = sandboxConfig(world);
    assert.notEqual((await makeWechatRail(strange).refund?.(request))?.kind, 'accepted');
    assert.deepEqual(await rail.askRefund?.(request), { kind: 'not_found' });
    assert.equal((await rail.refund?.(request))?.kind, 'accepted');
  });

  test('9 window check: declared, and the refusal for the hour is recognised', async () => {
    assert.equal(rail.capabilities.submitWindow?.from.toString(), '07:00:00');
    assert.equal(rail.capabilities.announcement?.window.until.toString(), '22:00:00');
    const { debit } = await signed();
    await world.sandbox.setClock('2026-12-08T22:00:00+08:00');
    const submitted = await rail.submit(debit);
    assert.equal(submitted.kind === 'refused' && submitted.refusal.class, 'reschedule');
    const announced = await rail.announce?.(debit);
    assert.equal(announced?.kind === 'refused' && announced.code, 'INVALID_REQUEST');
  });
});
