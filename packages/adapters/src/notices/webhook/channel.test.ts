import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { formatWebhookSecret } from '../../http/webhook-signature.ts';
import { listen } from '../../kit/listener.ts';
import { makeNotice } from '../suite/facts.ts';
import { makeWebhookChannel } from './channel.ts';

const KEY = Buffer.alloc(32, 5);
const SECRET = formatWebhookSecret(KEY);
const now = () => Temporal.Instant.from('2026-12-01T01:00:00.900Z');

test('what the receiver gets, and how it proves who sent it', async (context) => {
  const receiver = await listen(() => ({ status: 202 }));
  context.after(() => receiver.close());
  const channel = makeWebhookChannel({ now, http: { allowLoopback: true } });
  const notice = makeNotice(`${receiver.origin}/daikou?tenant=1#${SECRET}`);
  assert.equal((await channel.send(notice)).kind, 'sent');
  assert.equal((await channel.send(notice)).kind, 'sent');
  const [first, second] = receiver.received;
  assert.equal(first?.target, '/daikou?tenant=1');
  // A repeat is the same message: the same number and the same bytes.
  assert.equal(first?.headers['webhook-id'], notice.noticeId);
  assert.deepEqual(first?.body, second?.body);
  const text = Buffer.from(first?.body ?? []).toString();
  const mac = createHmac('sha256', KEY).update(`${notice.noticeId}.1796086800.${text}`);
  assert.equal(first?.headers['webhook-timestamp'], '1796086800');
  assert.equal(first?.headers['webhook-signature'], `v1,${mac.digest('base64')}`);
  const { subject, variables, text: words, template_key: key } = JSON.parse(text);
  assert.deepEqual(
    { subject, variables, text: words, key },
    {
      subject: notice.subject,
      variables: notice.variables,
      text: notice.text,
      key: 'renewal',
    },
  );
  assert.ok(!text.includes(SECRET));
});

test('addresses that are none, or lead into our own network, are refused unsent', async () => {
  const channel = makeWebhookChannel({ now });
  for (const [address, code] of [
    ['https://hooks.example.test/daikou', 'address_not_valid'],
    ['https://hooks.example.test/daikou#secret', 'address_not_valid'],
    [`#${SECRET}`, 'address_not_valid'],
    [`http://hooks.example.test/#${SECRET}`, 'not_https'],
    [`https://127.0.0.1/#${SECRET}`, 'address_not_public'],
    [`https://169.254.169.254/#${SECRET}`, 'address_not_public'],
    [`https://me:pass@hooks.example.test/#${SECRET}`, 'user_info'],
  ] as const) {
    const outcome = await channel.send(makeNotice(address));
    assert.equal(outcome.kind === 'refused' && outcome.code, code, address);
    assert.ok(!JSON.stringify(outcome).includes(SECRET));
  }
});
