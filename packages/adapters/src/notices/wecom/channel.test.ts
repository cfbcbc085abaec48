import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { listen } from '../../kit/listener.ts';
import { makeNotice } from '../suite/facts.ts';
import { makeWecomChannel } from './channel.ts';
import { readWecomKey, WECOM_ENDPOINT } from './config.ts';

const ROBOT = `${WECOM_ENDPOINT}/cgi-bin/webhook/send?key=00000000-0000-4000-8000-000000000000`;
const now = () => Temporal.Instant.from('2026-12-01T01:00:00Z');

test('the longest content is 4,096 bytes of UTF-8, cut at a character', async (context) => {
  const provider = await listen(() => ({ status: 200, body: '{"errcode":0,"errmsg":"ok"}' }));
  context.after(() => provider.close());
  const channel = makeWecomChannel({
    endpoint: provider.origin,
    now,
    http: { allowLoopback: true },
  });
  const notice = makeNotice(ROBOT, { subject: '将扣款', text: '很长'.repeat(2_000) });
  assert.equal((await channel.send(notice)).kind, 'sent');
  const request = provider.received[0];
  assert.equal(request?.target, '/cgi-bin/webhook/send?key=00000000-0000-4000-8000-000000000000');
  const body = JSON.parse(Buffer.from(request?.body ?? []).toString());
  const bytes = Buffer.byteLength(body.markdown.content);
  assert.ok(bytes <= 4_096 && bytes > 4_090, String(bytes));
  assert.match(body.markdown.content, /^\*\*将扣款\*\*\n(很长)+很?…$/);
});

describe('addresses of robots', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    [ROBOT, true],
    [ROBOT.replace('qyapi', 'api'), false],
    [ROBOT.replace('https', 'http'), false],
    [ROBOT.replace('webhook/send', 'user/get'), false],
    [`${WECOM_ENDPOINT}/cgi-bin/webhook/send?key=`, false],
    ['', false],
  ];
  for (const [address, expected] of cases) {
    test(`${expected ? 'taken' : 'refused'}: ${address}`, () => {
      assert.equal(readWecomKey(address, WECOM_ENDPOINT) !== undefined, expected);
    });
  }
});
