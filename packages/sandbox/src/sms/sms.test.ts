import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { openStage, type Stage } from '../testing/stage.ts';
import { parseAuthorization, sha256Hex, signAcs3 } from './signature.ts';

describe('ACS3-HMAC-SHA256', () => {
  const published = [
    [
      '2023-10-26T10:22:32Z',
      '3156853299f313e23d1673dc12e1703d',
      '06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0',
    ],
    [
      '2023-10-26T09:01:01Z',
      'd410180a5abf7fe235dd9b74aca91fc0',
      'e521358f7776c97df52e6b2891a8bc73026794a071b50c3323388c4e0df64804',
    ],
  ] as const;
  for (const [date, nonce, signature] of published) {
    test(`the published example of ${date}`, () => {
      const bodySha256 = sha256Hex('');
      const headers = {
        host: 'ecs.cn-shanghai.aliyuncs.com',
        'x-acs-action': 'RunInstances',
        'x-acs-content-sha256': bodySha256,
        'x-acs-date': date,
        'x-acs-signature-nonce': nonce,
        'x-acs-version': '2014-05-26',
      };
      const query = new URLSearchParams({
        RegionId: 'cn-shanghai',
        ImageId: 'win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd',
      });
      const request = { method: 'POST', path: '/', query, headers, bodySha256 };
      assert.equal(signAcs3(request, Object.keys(headers), 'YourAccessKeySecret'), signature);
    });
  }

  test('headers of another kind are not read', () => {
    assert.equal(parseAuthorization('Bearer x'), undefined);
    assert.equal(parseAuthorization('ACS3-HMAC-SHA256 Credential=a,Signature=00'), undefined);
  });
});

interface Sent {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

interface Change {
  readonly headers?: Readonly<Record<string, string>>;
  readonly secret?: string;
  readonly inBody?: boolean;
  readonly tamper?: boolean;
  /** A header that is sent without being signed. */
  readonly unsigned?: string;
}

async function call(
  stage: Stage,
  action: string,
  ask: { readonly params: Readonly<Record<string, string>>; readonly change?: Change },
): Promise<Sent> {
  const { params, change = {} } = ask;
  const { accessKeyId, accessKeySecret } = stage.credentials.sms;
  const form = new URLSearchParams(params);
  const query = change.inBody ? new URLSearchParams() : form;
  const body = change.inBody ? form.toString() : '';
  const bodySha256 = sha256Hex(body);
  const headers: Record<string, string> = {
    host: new URL(stage.endpoints.sms).host,
    ...(change.inBody && { 'content-type': 'application/x-www-form-urlencoded' }),
    'x-acs-action': action,
    'x-acs-content-sha256': bodySha256,
    'x-acs-date': new Date().toISOString().replace(/\.\d+Z/, 'Z'),
    'x-acs-signature-nonce': randomUUID(),
    'x-acs-version': '2017-05-25',
    ...change.headers,
  };
  const names = Object.keys(headers)
    .filter((name) => name !== change.unsigned)
    .sort();
  const request = { method: 'POST', path: '/', query, headers, bodySha256 };
  const signature = signAcs3(request, names, change.secret ?? accessKeySecret);
  const covered = `Credential=${accessKeyId},SignedHeaders=${names.join(';')}`;
  const authorization = `ACS3-HMAC-SHA256 ${covered},Signature=${signature}`;
  const { host: _, ...sent } = headers;
  const suffix = change.tamper ? '&SignName=other' : '';
  const response = await fetch(`${stage.endpoints.sms}/?${query}${suffix}`, {
    method: 'POST',
    headers: { ...sent, authorization },
    ...(change.inBody && { body }),
  });
  return { status: response.status, body: (await response.json()) as Sent['body'] };
}

describe('the short-message service', () => {
  let stage: Stage;
  before(async () => {
    stage = await openStage();
    const reportUrl = `${stage.merchantUrl}/sms`;
    await stage.admin('PUT', '/admin/configure', { sms: { reportUrl, reportDelayMs: 5 } });
  });
  after(() => stage.close());

  const send = (phone: string, params: Readonly<Record<string, string>> = {}, change?: Change) =>
    call(stage, 'SendSms', {
      params: {
        PhoneNumbers: phone,
        SignName: stage.credentials.sms.signName,
        TemplateCode: stage.credentials.sms.templateCodes[0] ?? '',
        TemplateParam: JSON.stringify({ amount: '19.90', date: '2026-12-05' }),
        OutId: 'notice-1',
        ...params,
      },
      ...(change && { change }),
    });
  const query = async (phone: string, bizId = '') => {
    const params = {
      PhoneNumber: phone,
      BizId: bizId,
      SendDate: '20261201',
      PageSize: '10',
      CurrentPage: '1',
    };
    const reply = await call(stage, 'QuerySendDetails', { params });
    const list = reply.body['SmsSendDetailDTOs'] as { SmsSendDetailDTO: Sent['body'][] };
    return list.SmsSendDetailDTO;
  };

  test('a message is accepted, delivered, found by query and reported', async () => {
    const reply = await send('+12025550101', {}, { inBody: true });
    assert.equal(reply.body['Code'], 'OK');
    const reports = await stage.settled('/sms');
    const [detail] = await query('+12025550101', String(reply.body['BizId']));
    assert.equal(detail?.['SendStatus'], 3);
    assert.equal(detail?.['ErrCode'], 'DELIVERED');
    assert.equal(detail?.['OutId'], 'notice-1');
    assert.match(String(detail?.['Content']), /^【.+】amount：19\.90/);
    const [report] = JSON.parse(reports.at(-1)?.body ?? '[]') as Sent['body'][];
    assert.equal(report?.['success'], true);
    assert.equal(report?.['biz_id'], reply.body['BizId']);
  });

  test('a number that cannot be reached fails, whenever it is tried', async () => {
    await stage.admin('PUT', '/admin/configure', { sms: { failBp: 10_000 } });
    await send('+12025550102');
    await stage.admin('PUT', '/admin/configure', { sms: { failBp: 0 } });
    await stage.settled();
    const [detail] = await query('+12025550102');
    assert.equal(detail?.['SendStatus'], 2);
  });

  test('a repeat sends again, and the fiftieth of a day is the last', async () => {
    for (let n = 0; n < 50; n += 1) assert.equal((await send('+12025550103')).body['Code'], 'OK');
    const more = await send('+12025550103');
    assert.equal(more.body['Code'], 'isv.BUSINESS_LIMIT_CONTROL');
  });

  test('a reply before the carrier has reported says waiting', async () => {
    await stage.admin('PUT', '/admin/configure', { sms: { reportDelayMs: 300 } });
    await send('+12025550104');
    await stage.admin('PUT', '/admin/configure', { sms: { reportDelayMs: 5 } });
    assert.equal((await query('+12025550104'))[0]?.['SendStatus'], 1);
    await stage.settled();
    assert.equal((await query('+12025550104'))[0]?.['SendStatus'], 3);
  });

  const business: readonly [what: string, params: Record<string, string>, code: string][] = [
    ['a number that is none', { PhoneNumbers: 'abc' }, 'isv.MOBILE_NUMBER_ILLEGAL'],
    ['another signature name', { SignName: 'x' }, 'isv.SMS_SIGNATURE_ILLEGAL'],
    ['an unknown template', { TemplateCode: 'SMS_1' }, 'isv.SMS_TEMPLATE_ILLEGAL'],
    ['parameters that are no JSON', { TemplateParam: '{' }, 'isv.INVALID_JSON_PARAM'],
  ];
  for (const [what, params, code] of business) {
    test(`${what} is refused`, async () => {
      assert.equal((await send('+12025550105', params)).body['Code'], code);
    });
  }

  const forged: readonly [what: string, change: Change, code: string][] = [
    ['a wrong secret', { secret: 'x' }, 'SignatureDoesNotMatch'],
    ['a changed parameter', { tamper: true }, 'SignatureDoesNotMatch'],
    [
      'a date of 16 minutes ago',
      { headers: { 'x-acs-date': new Date(Date.now() - 960_000).toISOString() } },
      'InvalidTimeStamp.Expired',
    ],
    ['a header that is not signed', { unsigned: 'x-acs-action' }, 'SignatureDoesNotMatch'],
    ['another version', { headers: { 'x-acs-version': '2014-01-01' } }, 'InvalidVersion'],
    [
      'a body hash of another body',
      { headers: { 'x-acs-content-sha256': sha256Hex('x') } },
      'SignatureDoesNotMatch',
    ],
  ];
  for (const [what, change, code] of forged) {
    test(`${what} is refused`, async () => {
      const reply = await send('+12025550106', {}, change);
      assert.equal(reply.body['Code'], code);
      assert.ok(reply.status >= 400);
    });
  }

  test('a signed request is good for one use', async () => {
    const headers = { 'x-acs-signature-nonce': 'once' };
    assert.equal((await send('+12025550107', {}, { headers })).body['Code'], 'OK');
    const again = await send('+12025550107', {}, { headers });
    assert.equal(again.body['Code'], 'SignatureNonceUsed');
  });
});
