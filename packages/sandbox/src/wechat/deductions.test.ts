import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openStage, type Stage } from '../testing/stage.ts';
import { openWechatMerchant, resultOf, type WechatMerchant } from '../testing/wechat-merchant.ts';
import { isSignedV2, type Params } from './signature.ts';
import { parseXml } from './xml.ts';

/** One step of a story: what the merchant does at a Beijing time, and what it is told. */
type Step =
  | readonly [at: string, act: 'notice', expected: string, amount?: number, count?: number]
  | readonly [at: string, act: 'pay', expected: string, fee?: number, number?: string]
  | readonly [at: string, act: 'remind', expected: string];

/** A story of one contract, signed on 1 December 2026 at 08:00. */
interface Story {
  readonly name: string;
  readonly mode?: 'pre_notice' | 'delay_24h';
  readonly steps: readonly Step[];
}

const STORIES: readonly Story[] = [
  {
    name: 'a first deduction within 12 hours of signing needs no notice',
    steps: [['01 19:59', 'pay', 'SUCCESS']],
  },
  {
    name: 'after 12 hours it does',
    steps: [['01 20:00', 'pay', 'INVALID_REQUEST']],
  },
  {
    name: 'a notice within the 12 hours ends the exemption',
    steps: [
      ['01 08:00', 'notice', '204'],
      ['01 08:00', 'pay', 'INVALID_REQUEST'],
    ],
  },
  {
    name: 'notified on the 2nd, chargeable from the 4th 07:00',
    steps: [
      ['02 09:00', 'notice', '204'],
      ['03 09:00', 'pay', 'INVALID_REQUEST'],
      ['04 06:59', 'pay', 'INVALID_REQUEST'],
      ['04 07:00', 'pay', 'SUCCESS'],
    ],
  },
  {
    name: 'a window of three days ends with the 6th at 22:00',
    steps: [
      ['02 09:00', 'notice', '204'],
      ['06 22:00', 'pay', 'INVALID_REQUEST'],
    ],
  },
  {
    name: 'on its last day it is open',
    steps: [
      ['02 09:00', 'notice', '204'],
      ['06 21:59', 'pay', 'SUCCESS'],
    ],
  },
  {
    name: 'after the window a new notice is needed',
    steps: [
      ['02 09:00', 'notice', '204', 1990, 1],
      ['05 09:00', 'pay', 'INVALID_REQUEST'],
      ['05 09:00', 'notice', '204'],
      ['07 09:00', 'pay', 'SUCCESS'],
    ],
  },
  {
    name: 'notices are taken from 07:00 to 22:00',
    steps: [
      ['02 06:59', 'notice', 'INVALID_REQUEST'],
      ['02 22:00', 'notice', 'INVALID_REQUEST'],
      ['03 07:00', 'notice', '204'],
    ],
  },
  {
    name: 'the same notice again exists already, another one is invalid',
    steps: [
      ['02 09:00', 'notice', '204'],
      ['02 10:00', 'notice', 'RESOURCE_ALREADY_EXISTS'],
      ['02 10:00', 'notice', 'INVALID_REQUEST', 1000],
      ['02 10:00', 'notice', 'INVALID_REQUEST', 1990, 2],
    ],
  },
  {
    name: 'the amount is at most the announced one, less is allowed',
    steps: [
      ['02 09:00', 'notice', '204'],
      ['04 09:00', 'pay', 'INVALID_REQUEST', 1991],
      ['04 09:00', 'pay', 'SUCCESS', 1000],
    ],
  },
  {
    name: 'the first success closes the cycle',
    steps: [
      ['02 09:00', 'notice', '204'],
      ['04 09:00', 'pay', 'SUCCESS'],
      ['05 09:00', 'pay', 'INVALID_REQUEST'],
      ['05 09:00', 'notice', '204'],
    ],
  },
  {
    name: 'one success a calendar day',
    steps: [
      ['01 08:00', 'pay', 'SUCCESS'],
      ['01 08:30', 'pay', 'RULELIMIT'],
    ],
  },
  {
    name: 'two successes a cycle, the third waits for the next month',
    steps: [
      ['01 08:00', 'pay', 'SUCCESS'],
      ['02 09:00', 'notice', '204'],
      ['04 09:00', 'pay', 'SUCCESS'],
      ['05 09:00', 'notice', '204'],
      ['07 09:00', 'pay', 'RULELIMIT'],
    ],
  },
  {
    name: 'the template caps notice and deduction at 500 yuan',
    steps: [
      ['01 08:00', 'pay', 'RULELIMIT', 50_001],
      ['01 08:00', 'notice', 'RULELIMIT', 50_001],
      ['01 08:00', 'pay', 'SUCCESS', 50_000],
    ],
  },
  {
    name: 'the same order number is one order',
    steps: [
      ['01 08:00', 'pay', 'SUCCESS', 1990, 'SAME'],
      ['01 08:00', 'pay', 'ORDERPAID', 1990, 'SAME'],
      ['01 08:00', 'pay', 'OUT_TRADE_NO_USED', 1991, 'SAME'],
    ],
  },
  {
    name: 'the reminder after a failure is taken in the open hours',
    steps: [
      ['02 09:00', 'remind', '204'],
      ['02 23:00', 'remind', 'INVALID_REQUEST'],
    ],
  },
  {
    name: 'the other mode knows no notices',
    mode: 'delay_24h',
    steps: [['02 09:00', 'notice', 'INVALID_REQUEST']],
  },
  {
    name: 'the other mode accepts at any hour, one order at a time',
    mode: 'delay_24h',
    steps: [
      ['02 23:00', 'pay', 'SUCCESS', 1990, 'NIGHT'],
      ['03 09:00', 'pay', 'INVALID_REQUEST'],
      ['03 09:00', 'pay', 'ORDER_ACCEPTED', 1990, 'NIGHT'],
    ],
  },
];

const CLOCK = (at: string) => `2026-12-${at.slice(0, 2)}T${at.slice(3)}:00+08:00`;

describe('what WeChat accepts and refuses', { concurrency: 4 }, () => {
  for (const story of STORIES) {
    test(story.name, async () => {
      const stage = await openStage();
      try {
        await tell(stage, story);
      } finally {
        await stage.close();
      }
    });
  }
});

async function tell(stage: Stage, story: Story): Promise<void> {
  const merchant = openWechatMerchant(stage);
  const { templates } = stage.credentials.wechat;
  const mode = story.mode ?? 'pre_notice';
  const planId = templates.find((template) => template.mode === mode)?.planId ?? '';
  const contractId = await merchant.signContract('STORY', { planId });
  for (const [index, step] of story.steps.entries()) {
    const [at, act, expected] = step;
    const moved = await stage.admin('PUT', '/admin/clock', { now: CLOCK(at) });
    assert.equal(moved.status, 200, String(moved.body['error']));
    assert.equal(
      await perform(merchant, { step, act, contractId, index }),
      expected,
      step.join(' '),
    );
    await stage.settled();
  }
}

async function perform(
  merchant: WechatMerchant,
  ask: {
    readonly step: Step;
    readonly act: string;
    readonly contractId: string;
    readonly index: number;
  },
): Promise<string> {
  const { step, contractId, index } = ask;
  if (step[1] === 'pay') {
    const number = step[4] ?? `ORDER${index}`;
    return resultOf(await merchant.pay(contractId, number, step[3] ?? 1990));
  }
  const operation = step[1] === 'remind' ? 'fail-notify' : 'notify';
  const terms = step[1] === 'notice' ? { amount: step[3] ?? 1990, count: step[4] ?? 3 } : {};
  const reply = await merchant.notice(contractId, { operation, ...terms });
  assert.ok(reply.signed, 'every V3 reply is signed');
  return reply.code ?? String(reply.status);
}

describe('the result of a WeChat deduction', () => {
  let stage: Stage;
  let merchant: WechatMerchant;
  before(async () => {
    stage = await openStage();
    merchant = openWechatMerchant(stage);
  });
  after(() => stage.close());

  const callbackOf = async (orderNumber: string): Promise<Params | undefined> => {
    const received = await stage.settled('/wechat/pay');
    const messages = received.map((request) => parseXml(request.body) ?? {});
    return messages.find((message) => message['out_trade_no'] === orderNumber);
  };
  const script = (fault: string, orderNumber: string) =>
    stage.admin('POST', '/admin/faults', { rail: 'wechat', fault, orderNumber, times: 1 });

  test('accepted first; then told by callback and by query', async () => {
    const contractId = await merchant.signContract('RESULT');
    await merchant.pay(contractId, 'RESULT1');
    const callback = await callbackOf('RESULT1');
    assert.ok(callback && isSignedV2(callback, stage.credentials.wechat.apiV2Key));
    assert.equal(callback['total_fee'], '1990');
    assert.equal(callback['time_end'], '20261201080000');
    const query = await merchant.v2('/pay/paporderquery', { out_trade_no: 'RESULT1' });
    assert.equal(query['trade_state'], 'SUCCESS');
    assert.equal(query['transaction_id'], callback['transaction_id']);
    const other = { transaction_id: callback['transaction_id'] ?? '' };
    const byTheirs = await merchant.v2('/pay/orderquery', other, 'HMAC-SHA256');
    assert.equal(byTheirs['out_trade_no'], 'RESULT1');
  });

  const refusals = ['NOTENOUGH', 'BANKERROR', 'RULELIMIT', 'ACCOUNTERROR', 'USER_ACCOUNT_ABNORMAL'];
  for (const fault of refusals) {
    test(`${fault} closes the order and is told by callback`, async () => {
      const number = `REFUSED_${fault}`;
      const contractId = await merchant.signContract(number);
      await script(fault, number);
      assert.equal(resultOf(await merchant.pay(contractId, number)), 'SUCCESS');
      const callback = await callbackOf(number);
      assert.equal(callback?.['err_code'], fault);
      const full = await merchant.v2('/pay/orderquery', { out_trade_no: number });
      assert.equal(full['trade_state'], 'CLOSED');
      const papay = await merchant.v2('/pay/paporderquery', { out_trade_no: number });
      assert.equal(resultOf(papay), 'INVALID_REQUEST');
      assert.equal(resultOf(await merchant.pay(contractId, number)), 'ORDERCLOSED');
      assert.equal(resultOf(await merchant.pay(contractId, `${number}2`)), 'SUCCESS');
    });
  }

  const uncertain: readonly [fault: string, answer: string, state: string, callback: boolean][] = [
    ['SYSTEMERROR_THEN_PAID', 'SYSTEMERROR', 'SUCCESS', true],
    ['SYSTEMERROR_THEN_CLOSED', 'SYSTEMERROR', 'CLOSED', false],
    ['TIMEOUT_THEN_PAID', 'silence', 'SUCCESS', true],
    ['TIMEOUT_NOT_RECEIVED', 'silence', 'ORDERNOTEXIST', false],
    ['LOST_CALLBACK', 'SUCCESS', 'SUCCESS', false],
  ];
  for (const [fault, answer, state, callback] of uncertain) {
    test(`${fault}: the merchant hears ${answer}, the truth is ${state}`, async () => {
      const contractId = await merchant.signContract(`U_${fault}`);
      await script(fault, `U_${fault}`);
      const told = await merchant.pay(contractId, `U_${fault}`).then(resultOf, () => 'silence');
      assert.equal(told, answer);
      assert.equal((await callbackOf(`U_${fault}`)) !== undefined, callback);
      const query = await merchant.v2('/pay/orderquery', { out_trade_no: `U_${fault}` });
      assert.equal(query['trade_state'] ?? resultOf(query), state);
    });
  }

  test('a swallowed order is processed when the same number is sent again', async () => {
    const contractId = await merchant.signContract('SWALLOWED');
    await script('TIMEOUT_NOT_RECEIVED', 'SWALLOWED');
    await assert.rejects(merchant.pay(contractId, 'SWALLOWED'));
    assert.equal(resultOf(await merchant.pay(contractId, 'SWALLOWED')), 'SUCCESS');
    assert.equal((await callbackOf('SWALLOWED'))?.['result_code'], 'SUCCESS');
  });

  test('two orders at once on one contract: one is paid', async () => {
    const contractId = await merchant.signContract('RACE');
    await Promise.all([merchant.pay(contractId, 'RACE1'), merchant.pay(contractId, 'RACE2')]);
    await stage.settled();
    const states = await Promise.all(
      ['RACE1', 'RACE2'].map(async (number) => {
        const query = await merchant.v2('/pay/orderquery', { out_trade_no: number });
        return query['trade_state'];
      }),
    );
    assert.deepEqual(states.sort(), ['CLOSED', 'SUCCESS']);
  });

  test('a contract that ended cannot be charged', async () => {
    const contractId = await merchant.signContract('ENDED');
    await stage.admin('POST', '/admin/wallet/terminate', { rail: 'wechat', contractId });
    assert.equal(resultOf(await merchant.pay(contractId, 'ENDED1')), 'CONTRACT_NOT_EXIST');
    const notice = await merchant.notice(contractId);
    assert.equal(notice.code, 'CONTRACT_NOT_EXIST');
  });

  test('forged and stale requests are refused', async () => {
    const contractId = await merchant.signContract('FORGED');
    assert.equal((await merchant.notice(contractId, { tamper: true })).code, 'SIGN_ERROR');
    assert.equal((await merchant.notice(contractId, { skewSeconds: -310 })).code, 'SIGN_ERROR');
    assert.equal((await merchant.notice(contractId, { skewSeconds: 310 })).code, 'SIGN_ERROR');
    const { mchid, appid } = stage.credentials.wechat;
    const sign = '0'.repeat(32);
    const body = `<xml><appid>${appid}</appid><mch_id>${mchid}</mch_id><sign>${sign}</sign></xml>`;
    const url = `${stage.endpoints.wechat}/pay/pappayapply`;
    const reply = parseXml(await (await fetch(url, { method: 'POST', body })).text());
    assert.deepEqual({ ...reply }, { return_code: 'FAIL', return_msg: '签名失败' });
    const huge = await fetch(url, { method: 'POST', body: 'x'.repeat(70_000) });
    assert.equal(huge.status, 413);
  });

  test('an order closes after five minutes at the earliest, and is never charged', async () => {
    const planId = '120002';
    const contractId = await merchant.signContract('CLOSING', { planId });
    await stage.admin('PUT', '/admin/clock', { now: '2026-12-02T09:00:00+08:00' });
    await merchant.pay(contractId, 'CLOSING1');
    const close = () => merchant.v2('/pay/closeorder', { out_trade_no: 'CLOSING1' }).then(resultOf);
    assert.equal(await close(), 'INVALID_REQUEST');
    await stage.admin('PUT', '/admin/clock', { now: '2026-12-02T09:05:00+08:00' });
    assert.equal(await close(), 'SUCCESS');
    assert.equal(await close(), 'ORDERCLOSED');
    await stage.admin('PUT', '/admin/clock', { now: '2026-12-03T10:00:00+08:00' });
    assert.equal(await callbackOf('CLOSING1'), undefined);
    const paid = await merchant.v2('/pay/closeorder', { out_trade_no: 'RESULT1' });
    assert.equal(resultOf(paid), 'ORDERPAID');
  });

  test('the other mode charges 24 hours later, at that time', async () => {
    const contractId = await merchant.signContract('DELAYED', { planId: '120002' });
    await stage.admin('PUT', '/admin/clock', { now: '2026-12-04T09:00:00+08:00' });
    await merchant.pay(contractId, 'DELAYED1');
    await stage.admin('PUT', '/admin/clock', { now: '2026-12-05T08:59:59+08:00' });
    const waiting = await merchant.v2('/pay/paporderquery', { out_trade_no: 'DELAYED1' });
    assert.equal(waiting['trade_state'], 'ACCEPT');
    await stage.admin('PUT', '/admin/clock', { now: '2026-12-07T00:00:00+08:00' });
    const paid = await merchant.v2('/pay/paporderquery', { out_trade_no: 'DELAYED1' });
    assert.equal(paid['time_end'], '20261205090000');
    assert.equal((await callbackOf('DELAYED1'))?.['result_code'], 'SUCCESS');
  });
});
