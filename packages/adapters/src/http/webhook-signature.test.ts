import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { describe, test } from 'node:test';
import { formatWebhookSecret, isWebhookSecret, signWebhook } from './webhook-signature.ts';

/** The published vector of Standard Webhooks' reference libraries ("sign function works"). */
const VECTOR = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: Temporal.Instant.fromEpochMilliseconds(1_614_265_330_000),
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

const OTHER = formatWebhookSecret(Buffer.alloc(32, 7));

test('the published vector', () => {
  const { id, timestamp, body, secret } = VECTOR;
  assert.deepEqual(signWebhook({ id, timestamp, body, secrets: [secret] }), {
    'webhook-id': id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': VECTOR.signature,
  });
});

test('while a secret is rotated the old and the new one sign, newest first', () => {
  const { id, timestamp, body, secret } = VECTOR;
  const headers = signWebhook({ id, timestamp, body, secrets: [OTHER, secret] });
  const expected = createHmac('sha256', Buffer.alloc(32, 7))
    .update(`${id}.1614265330.${body}`)
    .digest('base64');
  assert.equal(headers['webhook-signature'], `v1,${expected} ${VECTOR.signature}`);
});

test('the signature is over the bytes of the text, Chinese included', () => {
  const { id, timestamp, secret } = VECTOR;
  const body = '{"plan":"专业版"}';
  const expected = createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(Buffer.from(`${id}.1614265330.${body}`, 'utf8'))
    .digest('base64');
  const headers = signWebhook({ id, timestamp, body, secrets: [secret] });
  assert.equal(headers['webhook-signature'], `v1,${expected}`);
});

test('parts of a second are dropped, not rounded', () => {
  const timestamp = VECTOR.timestamp.add({ milliseconds: 999 });
  const { id, body, secret } = VECTOR;
  const headers = signWebhook({ id, timestamp, body, secrets: [secret] });
  assert.equal(headers['webhook-timestamp'], '1614265330');
});

describe('what cannot be signed is our own mistake', () => {
  const { timestamp, body, secret } = VECTOR;
  for (const id of ['', 'msg.1', 'msg 1', 'msg\n1', '信']) {
    test(`id ${JSON.stringify(id)}`, () => {
      assert.throws(() => signWebhook({ id, timestamp, body, secrets: [secret] }), /webhook id/);
    });
  }
  test('no secret', () => {
    assert.throws(() => signWebhook({ id: 'msg_1', timestamp, body, secrets: [] }), /secret/);
  });
  test('a secret that is none does not stand in the error', () => {
    const call = () => signWebhook({ id: 'msg_1', timestamp, body, secrets: ['hunter2hunter2'] });
    assert.throws(call, (error: Error) => !error.message.includes('hunter2'));
  });
});

describe('what is a secret', () => {
  const cases: readonly (readonly [string, boolean])[] = [
    [VECTOR.secret, true],
    [OTHER, true],
    [VECTOR.secret.slice(6), false],
    ['whsec_', false],
    [`whsec_${Buffer.alloc(23).toString('base64')}`, false],
    [`whsec_${Buffer.alloc(65).toString('base64')}`, false],
    [`${VECTOR.secret} `, false],
    [`whsec_${'é'.repeat(40)}`, false],
  ];
  for (const [text, expected] of cases) {
    test(JSON.stringify(text), () => assert.equal(isWebhookSecret(text), expected));
  }
  test('a key of a wrong length has no secret', () => {
    assert.throws(() => formatWebhookSecret(Buffer.alloc(23)));
    assert.throws(() => formatWebhookSecret(Buffer.alloc(65)));
  });
});
