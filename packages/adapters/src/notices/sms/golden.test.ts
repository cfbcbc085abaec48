import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expectGolden } from '../../kit/golden.ts';
import { type Listener, listen } from '../../kit/listener.ts';
import { makeNotice } from '../suite/facts.ts';
import { makeSmsChannel } from './channel.ts';
import { describeSmsConfig, type SmsConfig } from './config.ts';

const CONFIG: SmsConfig = {
  accessKeyId: 'test-only-access-key',
  accessKeySecret: 'test-only-access-secret',
  signName: '云笔记',
  templateCodes: {
    'zh-CN': { renewal: 'SMS_100001', retry: 'SMS_100002' },
    en: { renewal: 'SMS_100003', retry: 'SMS_100004' },
  },
  now: () => Temporal.Instant.from('2026-12-01T01:00:00.123Z'),
};

/** The last request, with what is drawn anew each time named. */
function requestAt(listener: Listener, place: number): string {
  const request = listener.received[place];
  assert.ok(request !== undefined);
  const names = [
    'authorization',
    'content-type',
    'x-acs-action',
    'x-acs-content-sha256',
    'x-acs-date',
    'x-acs-signature-nonce',
    'x-acs-version',
  ];
  const head = names.map((name) => `${name}: ${request.headers[name]}`).join('\n');
  assert.match(head, /Signature=[0-9a-f]{64}\n/);
  const shown = head
    .replace(/Signature=[0-9a-f]{64}/, 'Signature={signature}')
    .replace(/nonce: [0-9a-f-]{36}/, 'nonce: {nonce}');
  const body = Buffer.from(request.body).toString('utf8');
  return `${request.method} ${request.target}\n${shown}\n\n${body}\n`;
}

test('the requests to Aliyun were reviewed; no phone stands in an address', async () => {
  const listener = await listen(() => ({ status: 200, body: '{"Code":"OK","BizId":"1"}' }));
  const channel = makeSmsChannel({ ...CONFIG, endpoint: listener.origin });
  const notice = makeNotice('+12125550100', { noticeId: `not_${'1'.repeat(32)}` });
  await channel.send(notice);
  expectGolden(new URL('./golden/send.http', import.meta.url), requestAt(listener, 0));
  await channel.queryDelivery?.({
    noticeId: notice.noticeId,
    address: notice.address,
    providerReference: '900619746936498440',
    sentOn: Temporal.PlainDate.from('2026-12-01'),
  });
  expectGolden(new URL('./golden/query.http', import.meta.url), requestAt(listener, 1));
  for (const request of listener.received) assert.equal(request.target, '/');
  await listener.close();
});

test('answers of the provider', async () => {
  const CASES = [
    ['{"Code":"OK","Message":"OK","BizId":"1"}', 'sent'],
    ['{"Code":"OK","Message":"OK"}', 'unknown'],
    ['{"Code":"isv.DAY_LIMIT_CONTROL","Message":"日限"}', 'refused'],
    ['{"Code":"isp.SYSTEM_ERROR","Message":""}', 'unknown'],
    ['{"Code":"isv.NEW_ONE","Message":""}', 'unknown'],
    ['{"Code":"constructor"}', 'unknown'],
    ['[]', 'unknown'],
    ['', 'unknown'],
  ] as const;
  for (const [body, expected] of CASES) {
    const listener = await listen(() => ({ status: 200, body }));
    const channel = makeSmsChannel({ ...CONFIG, endpoint: listener.origin });
    const outcome = await channel.send(makeNotice('+12125550100'));
    await listener.close();
    assert.equal(outcome.kind, expected, body);
  }
});

test('a delivery that is not listed, or listed for another notice, is unknown', async () => {
  const row = (change: object) =>
    JSON.stringify({
      Code: 'OK',
      SmsSendDetailDTOs: {
        SmsSendDetailDTO: [
          { SendStatus: 3, OutId: 'not_1', ReceiveDate: '2026-12-01 09:00:05', ...change },
        ],
      },
    });
  const CASES = [
    [row({}), 'delivered'],
    [row({ SendStatus: 1 }), 'waiting'],
    [row({ SendStatus: 2, ErrCode: 'MOBILE_NOT_ON_SERVICE' }), 'failed'],
    [row({ SendStatus: 9 }), 'unknown'],
    [row({ ReceiveDate: '' }), 'unknown'],
    [row({ OutId: 'not_2' }), 'unknown'],
    ['{"Code":"OK"}', 'unknown'],
    ['{"Code":"isv.ACCOUNT_ABNORMAL"}', 'unknown'],
  ] as const;
  for (const [body, expected] of CASES) {
    const listener = await listen(() => ({ status: 200, body }));
    const channel = makeSmsChannel({ ...CONFIG, endpoint: listener.origin });
    const outcome = await channel.queryDelivery?.({
      noticeId: 'not_1',
      address: '+12125550100',
      providerReference: '1',
      sentOn: Temporal.PlainDate.from('2026-12-01'),
    });
    await listener.close();
    assert.equal(outcome?.kind, expected, body);
  }
});

test('a described configuration shows no secret', () => {
  const text = JSON.stringify(describeSmsConfig(CONFIG));
  assert.ok(text.includes('SMS_100004'));
  assert.ok(!text.includes('test-only-access'));
});
