import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import {
  type AlipayMerchant,
  type Content,
  MONTHLY,
  openAlipayMerchant,
  readReply,
  resultOf,
  signed,
} from '../testing/alipay-merchant.ts';
import { openStage, type Stage } from '../testing/stage.ts';
import { isSignedNotification, type Params } from './signature.ts';

describe('signing an Alipay agreement', () => {
  let stage: Stage;
  let merchant: AlipayMerchant;
  before(async () => {
    stage = await openStage();
    merchant = openAlipayMerchant(stage);
    await stage.admin('PUT', '/admin/configure', {
      alipay: { appGatewayUrl: `${stage.merchantUrl}/alipay/gateway` },
    });
  });
  after(() => stage.close());

  const noticesAbout = async (path: string, externalNo: string): Promise<readonly Params[]> => {
    const received = await stage.settled(path);
    const notices = received.map(
      (request) => Object.fromEntries(new URLSearchParams(request.body)) as Params,
    );
    return notices.filter((notice) => notice['external_agreement_no'] === externalNo);
  };
  const decide = (link: string, decision = 'agree') =>
    fetch(link, { method: 'POST', body: new URLSearchParams({ decision }) });

  test('agreeing makes an agreement and one signed dut_user_sign', async () => {
    const agreementNo = await merchant.signAgreement('AGREE');
    const [notice, ...more] = await noticesAbout('/alipay/sign', 'AGREE');
    assert.equal(more.length, 0);
    const key = createPublicKey(stage.credentials.alipay.alipayPublicKey);
    assert.ok(notice && isSignedNotification(notice, key));
    assert.equal(notice['notify_type'], 'dut_user_sign');
    assert.equal(notice['agreement_no'], agreementNo);
    assert.equal(notice['status'], 'NORMAL');
    const query = await merchant.call('alipay.user.agreement.query', {
      personal_product_code: 'CYCLE_PAY_AUTH_P',
      sign_scene: 'INDUSTRY|DIGITAL_MEDIA',
      external_agreement_no: 'AGREE',
    });
    assert.equal(query['agreement_no'], agreementNo);
    assert.equal(query['next_deduct_time'], '2026-12-05');
  });

  test('the page names the rule; the decision of one link is made once', async () => {
    const link = merchant.signLink('ONCE');
    const page = await (await fetch(link)).text();
    assert.match(page, /每 1 个月扣款一次，单次不超过 ¥50\.00/);
    const first = await (await decide(link)).json();
    assert.deepEqual(await (await decide(link)).json(), first);
    assert.equal((await noticesAbout('/alipay/sign', 'ONCE')).length, 1);
    const another = merchant.signLink('ONCE', { external_logon_id: 'somebody' });
    assert.equal((await decide(another)).status, 409);
  });

  test('refusing makes nothing', async () => {
    const decided = await (await decide(merchant.signLink('NO'), 'refuse')).json();
    assert.deepEqual(decided, {
      agreement_no: null,
      external_agreement_no: 'NO',
      state: 'refused',
    });
    assert.deepEqual(await noticesAbout('/alipay/sign', 'NO'), []);
  });

  test('a browser is sent back to the return_url', async () => {
    const method = 'alipay.user.agreement.page.sign';
    const biz = JSON.parse(
      new URL(merchant.signLink('BACK')).searchParams.get('biz_content') ?? '',
    );
    const extra = { return_url: `${stage.merchantUrl}/back` };
    const query = new URLSearchParams(signed(stage, { method, biz, extra }));
    const link = `${stage.endpoints.alipay}?${query}`;
    const response = await fetch(link, {
      method: 'POST',
      body: new URLSearchParams({ decision: 'agree' }),
      headers: { accept: 'text/html' },
      redirect: 'manual',
    });
    assert.equal(response.status, 303);
    assert.equal(response.headers.get('location'), `${stage.merchantUrl}/back`);
  });

  const rule = (change: Content): Content => ({ period_rule_params: { ...MONTHLY, ...change } });
  const wrong: readonly [what: string, change: Content][] = [
    ['a period of six days', rule({ period_type: 'DAY', period: 6 })],
    ['a first date on the 29th', rule({ execute_time: '2026-12-29' })],
    ['a first date in the past', rule({ execute_time: '2026-11-28' })],
    ['a date that does not exist', rule({ execute_time: '2026-02-30' })],
    ['a ceiling that is no amount', rule({ single_amount: '50.001' })],
    ['a week as period type', rule({ period_type: 'WEEK' })],
    ['no rule for a periodic product', { period_rule_params: undefined }],
    ['a scene without industry', { sign_scene: 'DEFAULT|DEFAULT' }],
    ['an unknown channel', { access_params: { channel: 'POST' } }],
    ['a number with a dash', { external_agreement_no: 'A-1' }],
    ['another product', { personal_product_code: 'OTHER_P' }],
    [
      'products that do not match',
      { personal_product_code: 'GENERAL_WITHHOLDING_P', product_code: 'CYCLE_PAY_AUTH' },
    ],
  ];
  for (const [what, change] of wrong) {
    test(`a request with ${what} is refused`, async () => {
      const response = await decide(merchant.signLink('WRONG', change));
      assert.equal(response.status, 400);
      assert.ok(((await response.json()) as { error: string }).error);
    });
  }

  test('seven days are a period, the 28th is a first date', async () => {
    const weekly = rule({ period_type: 'DAY', period: 7, execute_time: '2026-12-31' });
    assert.ok(await merchant.signAgreement('WEEKLY', weekly));
    assert.ok(await merchant.signAgreement('LAST28', rule({ execute_time: '2026-12-28' })));
  });

  test('a forged link is refused', async () => {
    const response = await decide(merchant.signLink('FORGED').replace('50.00', '99.00'));
    assert.equal(response.status, 400);
  });

  test('a user has at most ten agreements with the merchant', async () => {
    const same = { external_logon_id: 'busy' };
    for (let n = 0; n < 10; n += 1) await merchant.signAgreement(`BUSY${n}`, same);
    assert.equal((await decide(merchant.signLink('BUSY10', same))).status, 409);
  });

  test('the merchant ends it: told at the notify_url of the request', async () => {
    const agreement_no = await merchant.signAgreement('MERCHANT');
    const unsign = () =>
      merchant.call(
        'alipay.user.agreement.unsign',
        { agreement_no },
        { notify_url: `${stage.merchantUrl}/alipay/unsign` },
      );
    assert.equal(resultOf(await unsign()), '10000');
    assert.equal(resultOf(await unsign()), 'USER_AGREEMENT_NOT_EXIST');
    const [notice] = await noticesAbout('/alipay/unsign', 'MERCHANT');
    assert.equal(notice?.['status'], 'UNSIGN');
    const query = await merchant.call('alipay.user.agreement.query', { agreement_no });
    assert.equal(resultOf(query), 'USER_AGREEMENT_NOT_EXIST');
    assert.equal(resultOf(await merchant.pay(agreement_no, 'GONE')), 'ACQ.AGREEMENT_NOT_EXIST');
  });

  test('the user ends it: told at the gateway of the app', async () => {
    const agreementNo = await merchant.signAgreement('WALLET');
    const body = { rail: 'alipay', agreementNo };
    assert.equal((await stage.admin('POST', '/admin/wallet/terminate', body)).status, 200);
    const [notice] = await noticesAbout('/alipay/gateway', 'WALLET');
    assert.equal(notice?.['notify_type'], 'dut_user_unsign');
  });

  test('a plan can be moved later, never earlier, and never past the 28th', async () => {
    const agreement_no = await merchant.signAgreement('PLAN');
    const move = (deduct_time: string) =>
      merchant
        .call('alipay.user.agreement.executionplan.modify', { agreement_no, deduct_time })
        .then(resultOf);
    assert.equal(await move('2026-12-04'), 'ILLEGAL_EXECUTION_TIME');
    assert.equal(await move('2026-12-05'), 'ILLEGAL_EXECUTION_TIME');
    assert.equal(await move('2026-12-29'), 'ILLEGAL_EXECUTION_TIME');
    assert.equal(await move('2026-12-20'), '10000');
    assert.equal(
      resultOf(await merchant.pay(agreement_no, 'MOVED')),
      'ACQ.CYCLE_PAY_DATE_NOT_MATCH',
    );
  });

  const gateway: readonly [what: string, extra: Params, expected: string][] = [
    ['another app', { app_id: '1' }, 'isv.invalid-app-id'],
    ['another algorithm', { sign_type: 'RSA' }, 'isv.invalid-signature-type'],
    ['an old timestamp', { timestamp: '2020-01-01 00:00:00' }, 'isv.invalid-timestamp'],
    ['no timestamp', { timestamp: '' }, 'isv.invalid-timestamp'],
  ];
  for (const [what, extra, expected] of gateway) {
    test(`the gateway refuses ${what}`, async () => {
      const reply = await merchant.call('alipay.trade.query', { out_trade_no: 'X' }, extra);
      assert.equal(resultOf(reply), expected);
    });
  }

  test('the gateway refuses a changed request, and a method that it does not have', async () => {
    const method = 'alipay.trade.query';
    const params = signed(stage, { method, biz: { out_trade_no: 'X' }, extra: {} });
    const changed = { ...params, biz_content: '{"out_trade_no":"Y"}' };
    const post = async (sent: Params) => {
      const body = new URLSearchParams(sent);
      const response = await fetch(stage.endpoints.alipay, { method: 'POST', body });
      return resultOf(readReply(stage, await response.text()));
    };
    assert.equal(await post(changed), 'isv.invalid-signature');
    // The same parameters in the body alone are understood as well.
    assert.equal(await post(params), 'ACQ.TRADE_NOT_EXIST');
    assert.equal(resultOf(await merchant.call('alipay.no.such', {})), 'isv.invalid-method');
  });
});
