import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import type { WebhookMessage } from '@daikou/core';
import { at, countingIds } from '../../../../test/kit/builders.ts';
import { isWebhookSecret } from '../http/webhook-signature.ts';
import { makeWebhookSender } from './sender.ts';
import { openSecret, openVault, sealSecret } from './vault.ts';

const OLD = Buffer.alloc(32, 1).toString('base64');
const NEW = Buffer.alloc(32, 2).toString('base64');
const ids = countingIds();
const [ONE, OTHER] = [ids('whe', 0), ids('whe', 0)];
const TEST: WebhookMessage = { kind: 'test', id: ids('evt', 0), at: at('2026-12-01 07:30') };

describe('a sealed secret', () => {
  test('opens for its owner only, and by any key of the vault', () => {
    const sealed = sealSecret(openVault(OLD), 'whsec_x', ONE);
    assert.ok(!sealed.includes('whsec_x'));
    assert.equal(openSecret(openVault(OLD), sealed, ONE), 'whsec_x');
    assert.equal(openSecret(openVault(NEW, [OLD]), sealed, ONE), 'whsec_x');
    assert.equal(openSecret(openVault(NEW), sealed, ONE), undefined);
    assert.equal(openSecret(openVault(OLD), sealed, OTHER), undefined);
    assert.notEqual(sealSecret(openVault(OLD), 'whsec_x', ONE), sealed);
  });

  test('a text that was changed or cut does not open', () => {
    const vault = openVault(OLD);
    const sealed = sealSecret(vault, 'whsec_x', ONE);
    for (const text of ['', 'w1.', sealed.slice(0, -1), sealed.replace('w1.', 'w2.')]) {
      assert.equal(openSecret(vault, text, ONE), undefined, text);
    }
  });

  test('a key of another length stops the start, without being shown', () => {
    const short = Buffer.alloc(16, 9).toString('base64');
    assert.throws(
      () => openVault(NEW, [short]),
      (error) => error instanceof Error && !error.message.includes(short),
    );
  });
});

describe('the sender', () => {
  const heard: string[][] = [];
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = [];
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    request.on('end', () => {
      const { 'webhook-id': id, 'webhook-signature': signature = '' } = request.headers;
      heard.push([String(id), String(signature), Buffer.concat(chunks).toString('utf8')]);
      response.writeHead(202).end();
    });
  });
  let url = '';
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
  });
  after(() => server.close());
  const sender = (vaultKey: string, allowLoopback = true) =>
    makeWebhookSender({
      vaultKey,
      toBody: ({ kind }) => JSON.stringify({ kind }),
      now: () => Temporal.Now.instant(),
      http: { allowLoopback },
    });

  test('signs with each secret that it is given', async () => {
    const [first, second] = [sender(OLD).makeSecret(ONE), sender(OLD).makeSecret(ONE)];
    assert.ok(isWebhookSecret(first.secret) && first.secret !== second.secret);
    const secrets = [first.sealed, second.sealed];
    const outcome = await sender(OLD).send({ endpointId: ONE, url, secrets, message: TEST });
    assert.deepEqual(outcome, { kind: 'delivered', status: 202 });
    const [id, signature, body] = heard.at(-1) ?? [];
    assert.deepEqual([id, body], [TEST.kind === 'test' && TEST.id, '{"kind":"test"}']);
    assert.equal(signature?.split(' ').length, 2);
  });

  test('holds a message whose newest secret it cannot open, and sends nothing', async () => {
    const known = heard.length;
    const [former, present] = [sender(OLD).makeSecret(ONE), sender(NEW).makeSecret(ONE)];
    const secrets = [present.sealed, former.sealed];
    const outcome = await sender(OLD).send({ endpointId: ONE, url, secrets, message: TEST });
    assert.deepEqual(outcome, { kind: 'held', code: 'secret_not_opened' });
    assert.equal(heard.length, known);
  });

  test('calls no private address, and takes none that is not https', async () => {
    const strict = sender(OLD, false);
    assert.equal(strict.urlFault(url), 'not_https');
    assert.equal(strict.urlFault('https://example.test/hooks'), undefined);
    const secrets = [strict.makeSecret(ONE).sealed];
    for (const [target, code] of [
      [url, 'not_https'],
      ['https://127.0.0.1/', 'address_not_public'],
      ['https://[::ffff:10.0.0.1]/', 'address_not_public'],
      ['https://0x7f000001/', 'address_not_public'],
      ['https://169.254.169.254/latest', 'address_not_public'],
    ] as const) {
      const outcome = await strict.send({ endpointId: ONE, url: target, secrets, message: TEST });
      assert.deepEqual(outcome, { kind: 'refused', code }, target);
    }
  });
});
