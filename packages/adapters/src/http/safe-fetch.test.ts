import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer as createPlain, type RequestListener, type Server } from 'node:http';
import { createServer as createSecure } from 'node:https';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { deadOrigin, type Listener, listen } from '../kit/listener.ts';
import type { Address } from './addresses.ts';
import { makeSafeFetch, type SafeFetchOptions, type SafeOutcome } from './safe-fetch.ts';

/** A self-signed certificate for hooks.example.test, made for this test, and its key. */
const pem = (name: string): string =>
  readFileSync(new URL(`./golden/${name}.pem`, import.meta.url), 'utf8');
const CERTIFICATE = pem('test-only-receiver');
const KEY = pem('test-only-receiver-key');

const LOOPBACK: readonly Address[] = [{ address: '127.0.0.1', family: 4 }];

async function post(url: string, options: SafeFetchOptions = {}): Promise<SafeOutcome> {
  return makeSafeFetch({ allowLoopback: true, timeoutMilliseconds: 1_000, ...options })({
    url,
    headers: { 'content-type': 'application/json' },
    body: '{"plan":"专业版"}',
    wantsAnswer: true,
  });
}

async function started(server: Server, context: { after: (end: () => void) => void }) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

describe('a receiver on this machine, as tests allow it', () => {
  let receiver: Listener;
  before(async () => {
    receiver = await listen(({ target }) => {
      if (target === '/moved') return { status: 302, headers: { location: '/' } };
      if (target === '/huge') return { status: 200, body: 'a'.repeat(200_000) };
      const status = /^\/(\d+)$/.exec(target)?.[1];
      return { status: Number(status ?? 200), body: 'taken' };
    });
  });
  after(() => receiver.close());

  test('takes the body, and its answer is read when it was asked for', async () => {
    assert.deepEqual(await post(`${receiver.origin}/take?x=1`), {
      kind: 'delivered',
      status: 200,
      answer: 'taken',
    });
    const last = receiver.received.at(-1);
    assert.equal(last?.target, '/take?x=1');
    assert.equal(Buffer.from(last?.body ?? []).toString(), '{"plan":"专业版"}');
    assert.equal(last?.headers['content-type'], 'application/json');
    assert.equal(last?.headers['content-length'], '20');
  });

  test('its answer is not handed on to one who did not ask for it', async () => {
    const outcome = await makeSafeFetch({ allowLoopback: true })({
      url: receiver.origin,
      headers: {},
      body: '{}',
    });
    assert.deepEqual(outcome, { kind: 'delivered', status: 200 });
  });

  test('a redirect is a refusal and is not followed', async () => {
    const before = receiver.received.length;
    const outcome = await post(`${receiver.origin}/moved`);
    assert.deepEqual(outcome, { kind: 'refused', code: 'redirect', status: 302 });
    assert.equal(receiver.received.length, before + 1);
  });

  test('a huge answer is cut: the status counts, the text is dropped', async () => {
    assert.deepEqual(await post(`${receiver.origin}/huge`), { kind: 'delivered', status: 200 });
    const all = await post(`${receiver.origin}/huge`, { answerLimitBytes: 200_000 });
    assert.equal(all.kind === 'delivered' && all.answer?.length, 200_000);
  });

  for (const status of [400, 404, 410, 429, 500, 503]) {
    test(`HTTP ${status} is a refusal with its number`, async () => {
      const outcome = await post(`${receiver.origin}/${status}`);
      assert.deepEqual(outcome, { kind: 'refused', code: `http_${status}`, status });
    });
  }

  test('without the leave of a test neither http nor this machine is called', async () => {
    const before = receiver.received.length;
    const { port } = new URL(receiver.origin);
    const closed = { allowLoopback: false };
    for (const [url, code] of [
      [receiver.origin, 'not_https'],
      [`https://127.0.0.1:${port}/`, 'address_not_public'],
      [`https://localhost:${port}/`, 'address_not_public'],
      [`https://a.localhost:${port}/`, 'address_not_public'],
      [`https://2130706433:${port}/`, 'address_not_public'],
      [`https://0177.0.0.1:${port}/`, 'address_not_public'],
      [`https://0x7f000001:${port}/`, 'address_not_public'],
      [`https://[::1]:${port}/`, 'address_not_public'],
      [`https://[::ffff:127.0.0.1]:${port}/`, 'address_not_public'],
      ['https://169.254.169.254/latest/meta-data/', 'address_not_public'],
      ['https://[fd00:ec2::254]/', 'address_not_public'],
      ['https://me:secret@hooks.example.test/', 'user_info'],
      ['https://hooks.example.test:6379/', 'port_closed'],
    ] as const) {
      assert.deepEqual(await post(url, closed), { kind: 'refused', code }, url);
    }
    assert.equal(receiver.received.length, before);
  });
});

describe('receivers that misbehave', () => {
  const serve = (answer: RequestListener): Server => createPlain(answer);

  test('one that never answers: unknown at the deadline', async (context) => {
    const port = await started(
      serve(() => {}),
      context,
    );
    const start = performance.now();
    const outcome = await post(`http://127.0.0.1:${port}/`, { timeoutMilliseconds: 150 });
    assert.deepEqual(outcome, { kind: 'unknown', detail: 'no answer in time' });
    assert.ok(performance.now() - start < 1_000);
  });

  test('an answer drop by drop is cut at the deadline: its status counts', async (context) => {
    const server = serve((_, response) => {
      response.writeHead(200);
      const drops = setInterval(() => response.write('a'), 20);
      response.on('close', () => clearInterval(drops));
    });
    const port = await started(server, context);
    const outcome = await post(`http://127.0.0.1:${port}/`, { timeoutMilliseconds: 200 });
    assert.deepEqual(outcome, { kind: 'delivered', status: 200 });
  });

  test('one that closes without an answer: unknown', async (context) => {
    const port = await started(
      serve((request) => request.socket.destroy()),
      context,
    );
    const outcome = await post(`http://127.0.0.1:${port}/`);
    assert.deepEqual(outcome, { kind: 'unknown', detail: 'connection: ECONNRESET' });
  });

  test('one that speaks another protocol: unknown, and none of its words', async (context) => {
    const server = createTcp((socket) => socket.end('220 mail.example.test ESMTP secret\r\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    context.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const outcome = await post(`http://127.0.0.1:${port}/`);
    assert.equal(outcome.kind, 'unknown');
    assert.ok(!JSON.stringify(outcome).includes('secret'));
  });

  test('one that promises an upgrade: unknown', async (context) => {
    const server = createTcp((socket) =>
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    context.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    assert.equal((await post(`http://127.0.0.1:${port}/`)).kind, 'unknown');
  });

  test('nobody listens: unknown, without the address and its token', async () => {
    const outcome = await post(`${await deadOrigin()}/?token=abcdef`);
    assert.deepEqual(outcome, { kind: 'unknown', detail: 'connection: ECONNREFUSED' });
  });
});

describe('names', () => {
  const named = (resolve: () => Promise<readonly Address[]>): SafeFetchOptions => ({
    resolve,
    allowLoopback: false,
  });

  for (const private_ of ['127.0.0.1', '10.0.0.8', '169.254.169.254']) {
    test(`a name of ${private_} is refused`, async () => {
      const outcome = await post(
        'https://hooks.example.test/',
        named(async () => [{ address: private_, family: 4 }]),
      );
      assert.deepEqual(outcome, { kind: 'refused', code: 'address_not_public' });
    });
  }

  test('a name with a public and a private address is refused', async () => {
    const outcome = await post(
      'https://hooks.example.test/',
      named(async () => [
        { address: '8.8.8.8', family: 4 },
        { address: 'fd00::1', family: 6 },
      ]),
    );
    assert.deepEqual(outcome, { kind: 'refused', code: 'address_not_public' });
  });

  test('no such name, no address, and a look-up that fails', async () => {
    const failing = (code: string) => async () => {
      throw Object.assign(new Error('queryA hooks.example.test'), { code });
    };
    const url = 'https://hooks.example.test/';
    const gone = { kind: 'refused', code: 'name_not_found' };
    assert.deepEqual(
      await post(
        url,
        named(async () => []),
      ),
      gone,
    );
    assert.deepEqual(await post(url, named(failing('ENOTFOUND'))), gone);
    assert.deepEqual(await post(url, named(failing('ESERVFAIL'))), {
      kind: 'unknown',
      detail: 'connection: ESERVFAIL',
    });
  });

  test('a look-up that never answers ends at the deadline', async () => {
    const outcome = await post('https://hooks.example.test/', {
      ...named(() => new Promise(() => {})),
      timeoutMilliseconds: 100,
    });
    assert.deepEqual(outcome, { kind: 'unknown', detail: 'no answer in time' });
  });
});

describe('over TLS', () => {
  let port = 0;
  let taken = 0;
  const server = createSecure({ cert: CERTIFICATE, key: KEY }, (_, response) => {
    taken += 1;
    response.end('taken');
  });
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  after(() => {
    server.close();
    server.closeAllConnections();
  });

  test('the connection goes to the address that was checked, asked for once', async () => {
    let asked = 0;
    // A name that answers something else the second time, as an attacker's server does.
    const resolve = async (): Promise<readonly Address[]> => {
      asked += 1;
      return asked === 1 ? LOOPBACK : [{ address: '10.0.0.1', family: 4 }];
    };
    const options = { trustedRoots: CERTIFICATE, resolve };
    const outcome = await post(`https://hooks.example.test:${port}/`, options);
    assert.deepEqual(outcome, { kind: 'delivered', status: 200, answer: 'taken' });
    assert.equal(asked, 1);
  });

  test('a certificate that nobody vouches for is refused before anything is sent', async () => {
    const before = taken;
    const options = { resolve: async () => LOOPBACK };
    const outcome = await post(`https://hooks.example.test:${port}/`, options);
    assert.deepEqual(outcome, { kind: 'refused', code: 'certificate' });
    assert.equal(taken, before);
  });

  test('a certificate of another name is refused, whatever the environment says', async () => {
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    const options = { trustedRoots: CERTIFICATE, resolve: async () => LOOPBACK };
    const outcome = await post(`https://other.example.test:${port}/`, options);
    delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    assert.deepEqual(outcome, { kind: 'refused', code: 'certificate' });
  });
});
