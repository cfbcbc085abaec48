import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { openAlipayMerchant } from './testing/alipay-merchant.ts';
import { ACKNOWLEDGE, openStage, type Received, type Stage } from './testing/stage.ts';
import { openWechatMerchant, type WechatMerchant } from './testing/wechat-merchant.ts';
import { isSignedV2, type Params } from './wechat/signature.ts';
import { parseXml } from './wechat/xml.ts';

describe('callbacks', () => {
  let stage: Stage;
  let merchant: WechatMerchant;
  let serial = 0;
  before(async () => {
    stage = await openStage();
    merchant = openWechatMerchant(stage);
    await stage.admin('PUT', '/admin/configure', {
      wechat: { callbackTimeScale: 0.001, terminationUrl: `${stage.merchantUrl}/wechat/end` },
      alipay: { callbackTimeScale: 0.00001 },
    });
  });
  beforeEach(() => stage.answerWith(ACKNOWLEDGE));
  after(() => stage.close());

  /**
   * Pays once on a fresh contract, after scripting a fault, and returns what the merchant
   * received.
   */
  const payWith = async (fault?: string, operation?: string): Promise<readonly Params[]> => {
    serial += 1;
    const name = `CB${serial}`;
    const contractId = await merchant.signContract(name);
    await stage.settled();
    if (fault !== undefined) {
      await stage.admin('POST', '/admin/faults', {
        rail: 'wechat',
        fault,
        orderNumber: name,
        ...(operation && { operation }),
      });
    }
    await merchant.pay(contractId, name);
    await untilQuiet(stage);
    return messagesAbout(name);
  };
  const messagesAbout = (name: string): readonly Params[] =>
    stage.received
      .filter((request) => request.path === '/wechat/pay')
      .map((request) => parseXml(request.body) ?? {})
      .filter((message) => (message['out_trade_no'] ?? '').startsWith(name));
  const isGenuine = (message: Params) => isSignedV2(message, stage.credentials.wechat.apiV2Key);

  test('one that is acknowledged comes once', async () => {
    assert.equal((await payWith()).length, 1);
  });

  test('one that is refused comes again, unchanged, until it is acknowledged', async () => {
    let refusals = 3;
    stage.answerWith((request) => {
      if (request.path !== '/wechat/pay' || refusals === 0) return ACKNOWLEDGE(request);
      refusals -= 1;
      return {
        status: refusals === 1 ? 500 : 200,
        body: '<xml><return_code>FAIL</return_code></xml>',
      };
    });
    const messages = await payWith();
    assert.equal(messages.length, 4);
    assert.equal(new Set(messages.map((message) => JSON.stringify(message))).size, 1);
  });

  test('a rail gives up after its schedule', async () => {
    stage.answerWith(() => ({ status: 500, body: '' }));
    const agreement = openAlipayMerchant(stage);
    const count = () => stage.received.filter((r) => r.path === '/alipay/sign').length;
    await agreement.signAgreement('GIVEUP');
    const deadline = Date.now() + 15_000;
    while (count() < 8 && Date.now() < deadline) await pause(20);
    await pause(100);
    assert.equal(count(), 8);
    const books = (await stage.admin('GET', '/admin/books')).body['callbacks'];
    const jobs = Object.values(books as Record<string, { state: string; subject: string }>);
    assert.ok(jobs.some((job) => job.state === 'given_up'));
  });

  test('Alipay takes exactly "success" for an answer', async () => {
    const answers = ['success\n', '"success"', 'SUCCESS', 'success'];
    stage.answerWith(() => ({ status: 200, body: answers.shift() ?? 'success' }));
    await openAlipayMerchant(stage).signAgreement('EXACTLY');
    await untilQuiet(stage);
    const received = stage.received.filter((request) => request.body.includes('EXACTLY'));
    assert.equal(received.length, 4);
    assert.equal(new Set(received.map((request) => notifyIdOf(request))).size, 1);
  });

  test('a duplicate is the same message twice', async () => {
    const messages = await payWith('duplicate_callback');
    assert.equal(messages.length, 2);
    assert.deepEqual(messages[0], messages[1]);
  });

  test('a lost one never comes', async () => {
    assert.equal((await payWith('lost_callback')).length, 0);
  });

  test('a probe has a signature that must be refused, the true message follows', async () => {
    const messages = await payWith('signtest_callback');
    assert.equal(messages.length, 2);
    const probe = messages.find((message) => !isGenuine(message));
    assert.match(probe?.['sign'] ?? '', /^WECHATPAY\/SIGNTEST\//);
    assert.ok(messages.some(isGenuine));
  });

  const lies: readonly [fault: string, operation: string | undefined, field: string][] = [
    ['swapped_amount', undefined, 'total_fee'],
    ['swapped_order', undefined, 'out_trade_no'],
    ['wrong_signature', 'pay_callback', 'sign'],
  ];
  for (const [fault, operation, field] of lies) {
    test(`${fault}: the first delivery lies, the next tells the truth`, async () => {
      let refused = false;
      stage.answerWith((request) => {
        if (request.path !== '/wechat/pay' || refused) return ACKNOWLEDGE(request);
        refused = true;
        return { status: 200, body: '<xml><return_code>FAIL</return_code></xml>' };
      });
      const messages = await payWith(fault, operation);
      assert.equal(messages.length, 2);
      const [lie, truth] = messages;
      assert.notEqual(lie?.[field], truth?.[field]);
      assert.equal(lie !== undefined && isGenuine(lie), fault !== 'wrong_signature');
      assert.ok(truth && isGenuine(truth));
    });
  }

  test('a reordered ADD comes after the DELETE', async () => {
    const fault = { rail: 'wechat', fault: 'reordered_callback', contractCode: 'REORDER' };
    await stage.admin('POST', '/admin/faults', fault);
    const contractId = await merchant.signContract('REORDER');
    await stage.admin('POST', '/admin/wallet/terminate', { rail: 'wechat', contractId });
    await untilQuiet(stage);
    const types = stage.received
      .map((request) => parseXml(request.body) ?? {})
      .filter((message) => message['contract_code'] === 'REORDER')
      .map((message) => message['change_type']);
    assert.deepEqual(types, ['DELETE', 'ADD']);
  });

  test('the configured share is duplicated, the same one for the same seed', async () => {
    await stage.admin('PUT', '/admin/configure', { callbacks: { duplicateBp: 10_000 } });
    const messages = await payWith();
    await stage.admin('PUT', '/admin/configure', { callbacks: { duplicateBp: 0 } });
    assert.equal(messages.length, 2);
  });

  test('one that waits for its retry does not keep idle waiting', async () => {
    await stage.admin('PUT', '/admin/configure', { wechat: { callbackTimeScale: 1 } });
    stage.answerWith(() => ({ status: 500, body: '' }));
    await merchant.signContract('BACKOFF');
    const idle = await stage.admin('POST', '/admin/idle');
    assert.deepEqual(idle.body, { pending: 0, retrying: 1 });
  });
});

function notifyIdOf(request: Received): string | null {
  return new URLSearchParams(request.body).get('notify_id');
}

/** Waits until no callback waits, not even for a retry. */
async function untilQuiet(stage: Stage): Promise<void> {
  const deadline = Date.now() + 15_000;
  while (Date.now() < deadline) {
    const { body } = await stage.admin('POST', '/admin/idle');
    if (body['retrying'] === 0 && body['pending'] === 0) return;
    await pause(10);
  }
  assert.fail('callbacks are still being retried');
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
