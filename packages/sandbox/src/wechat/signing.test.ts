import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { openStage, type Stage } from '../testing/stage.ts';
import {
  openWechatMerchant,
  resultOf,
  signingFields,
  type WechatMerchant,
} from '../testing/wechat-merchant.ts';
import { isSignedV2, type Params, signV2 } from './signature.ts';
import { parseXml } from './xml.ts';

describe('signing a WeChat contract', () => {
  let stage: Stage;
  let merchant: WechatMerchant;
  before(async () => {
    stage = await openStage();
    merchant = openWechatMerchant(stage);
    await stage.admin('PUT', '/admin/configure', {
      wechat: { terminationUrl: `${stage.merchantUrl}/wechat/end` },
    });
  });
  after(() => stage.close());

  const noticesAbout = async (path: string, code: string): Promise<readonly Params[]> => {
    const received = await stage.settled(path);
    const messages = received.map((request) => parseXml(request.body) ?? {});
    return messages.filter((message) => message['contract_code'] === code);
  };

  test('agreeing makes a contract and one signed ADD notice', async () => {
    const contractId = await merchant.signContract('AGREE');
    const [notice, ...more] = await noticesAbout('/wechat/sign', 'AGREE');
    assert.equal(more.length, 0);
    assert.ok(notice && isSignedV2(notice, stage.credentials.wechat.apiV2Key));
    const { change_type, contract_id, operate_time, plan_id } = notice;
    assert.deepEqual(
      { change_type, contract_id, operate_time, plan_id },
      {
        change_type: 'ADD',
        contract_id: contractId,
        operate_time: '2026-12-01 08:00:00',
        plan_id: '120001',
      },
    );
  });

  test('refusing makes no contract, no notice, and the query says not signed', async () => {
    const link = (await merchant.askForLink('REFUSE'))['redirect_url'] ?? '';
    const query = { plan_id: '120001', contract_code: 'REFUSE', version: '1.0' };
    const waiting = await merchant.v2('/papay/querycontract', query);
    assert.equal(waiting['contract_state'], '9');
    const body = new URLSearchParams({ decision: 'refuse' });
    const decided = await (await fetch(link, { method: 'POST', body })).json();
    assert.deepEqual(decided, { contract_id: null, contract_code: 'REFUSE', state: 'refused' });
    assert.deepEqual(await noticesAbout('/wechat/sign', 'REFUSE'), []);
    const after = await merchant.v2('/papay/querycontract', query);
    assert.equal(after['contract_state'], '1');
  });

  test('a link opens once, lives ten minutes, and its decision is made once', async () => {
    const link = (await merchant.askForLink('LINK'))['redirect_url'] ?? '';
    const page = await (await fetch(link)).text();
    assert.match(page, /每次扣费不高于 ¥500\.00/);
    assert.equal((await fetch(link)).status, 410);
    const agree = { method: 'POST', body: new URLSearchParams({ decision: 'agree' }) };
    const first = await (await fetch(link, agree)).json();
    const second = await (await fetch(link, agree)).json();
    assert.deepEqual(second, first);
    const late = (await merchant.askForLink('LATE'))['redirect_url'] ?? '';
    await stage.admin('PUT', '/admin/clock', { now: '2026-12-01T08:11:00+08:00' });
    assert.equal((await fetch(late)).status, 410);
    assert.equal((await fetch(late, agree)).status, 410);
  });

  test('an app gets an id and a path for the mini program', async () => {
    const reply = await merchant.v2('/papay/preentrustweb', signingFields(stage, 'APP'));
    assert.ok(reply['pre_entrustweb_id']);
    const page = `${stage.endpoints.wechat}${reply['miniprogram_path']}`;
    const body = new URLSearchParams({ decision: 'agree' });
    const decided = (await (await fetch(page, { method: 'POST', body })).json()) as Params;
    assert.equal(decided['state'], 'active');
  });

  test('the browser flow signs with MD5 only, and the same link is the same request', async () => {
    const { apiV2Key } = stage.credentials.wechat;
    const fields = signingFields(stage, 'BROWSER');
    const link = (sign: string) =>
      `${stage.endpoints.wechat}/papay/entrustweb?${new URLSearchParams({ ...fields, sign })}`;
    assert.equal((await fetch(link(signV2(fields, apiV2Key, 'HMAC-SHA256')))).status, 400);
    const right = link(signV2(fields, apiV2Key));
    assert.equal((await fetch(right)).status, 200);
    const agree = { method: 'POST', body: new URLSearchParams({ decision: 'agree' }) };
    const first = await (await fetch(right, agree)).json();
    assert.deepEqual(await (await fetch(right, agree)).json(), first);
    assert.equal((await noticesAbout('/wechat/sign', 'BROWSER')).length, 1);
  });

  const wrong: readonly [what: string, change: Params, expected: string | RegExp][] = [
    ['an unknown template', { plan_id: '9' }, 'PARAM_ERROR'],
    ['a code longer than 32', { contract_code: 'x'.repeat(33) }, 'PARAM_ERROR'],
    ['a serial with a leading zero', { request_serial: '01' }, 'PARAM_ERROR'],
    ['a serial beyond int64', { request_serial: '9223372036854775808' }, 'PARAM_ERROR'],
    ['a notify_url with a query', { notify_url: 'http://127.0.0.1/a?b=1' }, 'PARAM_ERROR'],
    ['another version', { version: '2.0' }, 'PARAM_ERROR'],
    ['no client address', { clientip: '' }, 'PARAM_ERROR'],
    ['an emoji', { contract_display_account: '😀' }, '参数含有不支持的字符'],
    ['an MD5 signature on the H5 flow', { sign_type: 'MD5' }, '签名失败'],
    ['another merchant', { mch_id: '1' }, 'mch_id参数错误'],
  ];
  for (const [what, change, expected] of wrong) {
    test(`a request with ${what} is refused`, async () => {
      assert.equal(resultOf(await merchant.askForLink('WRONG', { change })), expected);
    });
  }

  test('a code is signed once and never again, even after the contract ended', async () => {
    const contractId = await merchant.signContract('ONCE');
    assert.equal(resultOf(await merchant.askForLink('ONCE')), 'CONTRACT_EXISTS');
    const ended = await merchant.v2('/papay/deletecontract', {
      contract_id: contractId,
      contract_termination_remark: '用户退订',
      version: '1.0',
    });
    assert.equal(resultOf(ended), 'SUCCESS');
    assert.equal(resultOf(await merchant.askForLink('ONCE')), 'CONTRACT_CODE_USED');
    const [notice] = await noticesAbout('/wechat/end', 'ONCE');
    assert.equal(notice?.['change_type'], 'DELETE');
    assert.equal(notice?.['contract_termination_mode'], '3');
    const query = await merchant.v2('/papay/querycontract', { contract_id: contractId });
    assert.equal(query['contract_state'], '1');
    assert.equal(query['contract_termination_remark'], '用户退订');
  });

  test('a user has one active contract a template, and may sign again after it', async () => {
    const options = { user: 'oSameUser' };
    const first = await merchant.signContract('USER1', options);
    const link = (await merchant.askForLink('USER2', options))['redirect_url'] ?? '';
    const body = new URLSearchParams({ decision: 'agree', user: 'oSameUser' });
    assert.equal((await fetch(link, { method: 'POST', body })).status, 409);
    const terminate = { rail: 'wechat', contractId: first };
    assert.equal((await stage.admin('POST', '/admin/wallet/terminate', terminate)).status, 200);
    assert.equal((await stage.admin('POST', '/admin/wallet/terminate', terminate)).status, 404);
    assert.equal((await fetch(link, { method: 'POST', body })).status, 200);
    const [notice] = await noticesAbout('/wechat/end', 'USER1');
    assert.equal(notice?.['contract_termination_mode'], '2');
  });

  test('a contract that nobody asked for does not exist', async () => {
    const query = { plan_id: '120001', contract_code: 'NOBODY', version: '1.0' };
    const reply = await merchant.v2('/papay/querycontract', query);
    assert.equal(resultOf(reply), 'CONTRACT_NOT_EXIST');
  });

  test('a browser sees pages where a program gets JSON', async () => {
    const link = (await merchant.askForLink('PAGES'))['redirect_url'] ?? '';
    const response = await fetch(link, {
      method: 'POST',
      body: new URLSearchParams({ decision: 'agree' }),
      headers: { accept: 'text/html' },
    });
    assert.match(await response.text(), /开通成功/);
  });
});
