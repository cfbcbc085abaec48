import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { listen } from '../../kit/listener.ts';
import { makeNotice } from '../suite/facts.ts';
import { makeDingtalkChannel } from './channel.ts';
import { describeDingtalkConfig, readDingtalkRobot } from './config.ts';

const ENDPOINT = 'https://oapi.dingtalk.com';
const ROBOT = `${ENDPOINT}/robot/send?access_token=0123456789abcdef`;
const NOW = Temporal.Instant.from('2026-12-01T01:00:00.123Z');

async function stage(
  context: { after: (end: () => Promise<void>) => void },
  answer: () => { status: number; body: string },
) {
  const provider = await listen(answer);
  context.after(() => provider.close());
  const channel = makeDingtalkChannel({
    endpoint: provider.origin,
    now: () => NOW,
    http: { allowLoopback: true },
  });
  return { provider, channel };
}

const ok = () => ({ status: 200, body: '{"errcode":0,"errmsg":"ok"}' });

test('the call: token, time and signature in the address; markdown', async (context) => {
  const { provider, channel } = await stage(context, ok);
  const notice = makeNotice(`${ROBOT}#SECtest-only`);
  assert.deepEqual(await channel.send(notice), {
    kind: 'sent',
    providerReference: notice.noticeId,
  });
  const request = provider.received[0];
  const url = new URL(request?.target ?? '', provider.origin);
  const signed = createHmac('sha256', 'SECtest-only').update('1796086800123\nSECtest-only');
  assert.deepEqual(Object.fromEntries(url.searchParams), {
    access_token: '0123456789abcdef',
    timestamp: '1796086800123',
    sign: signed.digest('base64'),
  });
  const body = JSON.parse(Buffer.from(request?.body ?? []).toString());
  assert.equal(body.msgtype, 'markdown');
  assert.equal(body.markdown.title, notice.subject);
  assert.ok(body.markdown.text.startsWith(`### ${notice.subject}\n\n`));
  // The secret itself never leaves.
  assert.ok(!`${request?.target}${Buffer.from(request?.body ?? [])}`.includes('SECtest-only'));
});

test('a robot without a secret is called without a signature', async (context) => {
  const { provider, channel } = await stage(context, ok);
  await channel.send(makeNotice(ROBOT));
  assert.equal(provider.received[0]?.target, '/robot/send?access_token=0123456789abcdef');
});

test('the twenty-first message of a minute waits: it goes again', async (context) => {
  const { provider, channel } = await stage(context, ok);
  for (let count = 0; count < 20; count += 1) {
    assert.equal((await channel.send(makeNotice(ROBOT))).kind, 'sent');
  }
  assert.deepEqual(await channel.send(makeNotice(ROBOT)), {
    kind: 'unknown',
    detail: 'rate_limited',
  });
  assert.equal(provider.received.length, 20);
});

describe('HTTP 200 is not yes', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['{"errcode":310000,"errmsg":"sign not match"}', 'refused'],
    ['{"errcode":400102,"errmsg":"机器人已停用"}', 'refused'],
    ['{"errcode":-1,"errmsg":"系统繁忙"}', 'unknown'],
    ['{"errcode":999999,"errmsg":"not in any document"}', 'unknown'],
    ['{"errcode":"0"}', 'unknown'],
    ['{}', 'unknown'],
    ['[]', 'unknown'],
    ['ok', 'unknown'],
    ['', 'unknown'],
  ];
  for (const [body, expected] of cases) {
    test(`${body} → ${expected}`, async (context) => {
      const { channel } = await stage(context, () => ({ status: 200, body }));
      assert.equal((await channel.send(makeNotice(ROBOT))).kind, expected);
    });
  }
});

describe('addresses of robots', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    [ROBOT, true],
    [`${ROBOT}#SEC1`, true],
    ['https://oapi.dingtalk.com/robot/send', false],
    ['https://oapi.dingtalk.com/robot/send?access_token=x', false],
    ['https://oapi.dingtalk.com.evil.example.test/robot/send?access_token=0123456789abcdef', false],
    ['http://oapi.dingtalk.com/robot/send?access_token=0123456789abcdef', false],
    ['https://oapi.dingtalk.com/user/get?access_token=0123456789abcdef', false],
    ['+12125550100', false],
  ];
  for (const [address, expected] of cases) {
    test(`${expected ? 'taken' : 'refused'}: ${address}`, async () => {
      assert.equal(readDingtalkRobot(address, ENDPOINT) !== undefined, expected);
      if (expected) return;
      const channel = makeDingtalkChannel({ now: () => NOW });
      const outcome = await channel.send(makeNotice(address));
      assert.equal(outcome.kind === 'refused' && outcome.code, 'address_not_valid');
    });
  }
});

test('the configuration has no secret to hide', () => {
  assert.deepEqual(describeDingtalkConfig({ now: () => NOW }), { endpoint: ENDPOINT });
});
