import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { BACKENDS, type FreshStore } from '../../../../test/kit/stores.ts';
import { makeUsageWorld, type UsageWorld } from '../../../../test/kit/usage-world.ts';
import { makeSender } from '../webhook-sender.ts';
import { makeApp } from './app.ts';
import { KEPT_ANSWER_BYTES } from './idempotency.ts';

type Sent = {
  readonly key?: string | readonly string[];
  readonly body?: unknown;
  readonly raw?: string;
  readonly method?: string;
  readonly type?: string;
  readonly by?: string;
};
type Heard = {
  readonly status: number;
  readonly bytes: string;
  readonly code: unknown;
  readonly type: string;
  readonly replayed: string | undefined;
  readonly retryAfter: string | undefined;
  readonly location: string | undefined;
};

/** Sends over a socket of its own, with headers as they are given: fetch would join two of one. */
function send(url: string, path: string, sent: Sent & { readonly bearer: string }): Promise<Heard> {
  const { method = 'POST', bearer, key, body, type = 'application/json' } = sent;
  const raw = sent.raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const headers = {
    authorization: `Bearer ${bearer}`,
    ...(raw === undefined
      ? {}
      : { 'content-type': type, 'content-length': Buffer.byteLength(raw) }),
    ...(key === undefined ? {} : { 'Idempotency-Key': typeof key === 'string' ? key : [...key] }),
  };
  return new Promise((resolve, reject) => {
    const asked = httpRequest(`${url}${path}`, { method, headers, agent: false }, (answer) => {
      const chunks: Uint8Array[] = [];
      answer.on('data', (chunk: Uint8Array) => chunks.push(chunk));
      answer.on('end', () => {
        const bytes = Buffer.concat(chunks).toString('utf8');
        const { headers: told, statusCode: status = 0 } = answer;
        const of = (name: string) => told[name] as string | undefined;
        const isJson = of('content-type')?.includes('json') === true;
        resolve({
          status,
          bytes,
          code: isJson ? JSON.parse(bytes).code : undefined,
          type: of('content-type') ?? '',
          replayed: of('idempotency-replayed'),
          retryAfter: of('retry-after'),
          location: of('location'),
        });
      });
    });
    asked.on('error', reject);
    asked.end(raw);
  });
}

const COUPON = {
  code: 'SPRING',
  name_zh: '春季',
  name_en: 'Spring',
  kind: { type: 'percentage', basis_points: 100 },
  duration: { type: 'once' },
};

const sender = makeSender(
  { vaultKey: Buffer.alloc(32, 7).toString('base64') },
  { folderKey: undefined, now: Temporal.Now.instant },
);

/** Asserts that an answer is another one again, byte for byte. */
function assertReplay(again: Heard, first: Heard): void {
  assert.ok(again.bytes === first.bytes, again.bytes.slice(0, 500));
  assert.deepEqual({ ...again, bytes: '' }, { ...first, bytes: '', replayed: 'true' });
}

for (const backend of BACKENDS) {
  describe(`an idempotency key over HTTP, on ${backend.name}`, () => {
    const databases = backend.databases();
    let store: FreshStore;
    let app: FastifyInstance;
    let url = '';
    let world: UsageWorld;
    let customer = '';
    const worlds = new Map<string, UsageWorld>();
    const log: string[] = [];
    /** How often the routes of this test were handled. */
    let handled = 0;
    let letGo: () => void = () => undefined;
    let isOpening = false;
    let keyCount = 0;
    const newKey = () => {
      keyCount += 1;
      return `secret-key-${keyCount}`;
    };

    /** A server over the same database, as another process would be. */
    async function serve(): Promise<{ readonly app: FastifyInstance; readonly url: string }> {
      const made = await makeApp({
        store,
        log: {
          info: (message, facts) => void log.push(`${message} ${JSON.stringify(facts)}`),
          warn: (message, facts) => void log.push(`${message} ${JSON.stringify(facts)}`),
        },
        isReady: () => true,
        targetOf: async (code) => {
          const known = worlds.get(code);
          if (known === undefined || isOpening) return undefined;
          return { engine: { ...known.job.engine, ...sender }, inbox: undefined as never };
        },
      });
      addRoutes(made);
      await made.listen({ host: '127.0.0.1', port: 0 });
      return { app: made, url: `http://127.0.0.1:${(made.server.address() as AddressInfo).port}` };
    }

    /** Handlers that end in ways that no route of ours ends in at will. */
    function addRoutes(made: FastifyInstance): void {
      made.addHook('preHandler', async ({ routeOptions }) => {
        if (routeOptions.url?.startsWith('/v1/test/') === true) handled += 1;
      });
      made.post('/v1/test/waits', async () => {
        await new Promise<void>((resolve) => {
          letGo = resolve;
        });
        return { done: true };
      });
      made.post('/v1/test/breaks', async () => {
        throw new Error('it broke');
      });
      made.post<{ Querystring: { readonly status: string } }>(
        '/v1/test/answers',
        async ({ query }, reply) => reply.code(Number(query.status)).send({ handled }),
      );
      made.post<{ Querystring: { readonly bytes: string } }>(
        '/v1/test/long',
        async ({ query }, reply) => reply.type('text/plain').send('a'.repeat(Number(query.bytes))),
      );
      made.post('/v1/test/makes', async (_request, reply) =>
        reply.code(201).header('location', '/v1/things/1').send({ handled }),
      );
      made.delete('/v1/test/one', async (_request, reply) => reply.code(204).send());
      made.put('/v1/test/one', async () => ({ handled }));
    }

    before(async () => {
      store = await databases.fresh();
      world = await openWorld();
      customer = String(world.customers.get('C-1'));
      ({ app, url } = await serve());
    });
    after(async () => {
      letGo();
      await app.close();
    });

    async function openWorld(): Promise<UsageWorld> {
      const made = await makeUsageWorld(store, { customers: 2, meters: [] });
      worlds.set(made.merchant.code, made);
      return made;
    }

    const call = (path: string, sent: Sent = {}) => send(url, path, { bearer: world.key, ...sent });
    /** The answer to a request that is sent twice, which is the same both times. */
    async function twice(path: string, sent: Sent): Promise<Heard> {
      const first = await call(path, sent);
      assert.equal(first.replayed, undefined, path);
      assertReplay(await call(path, sent), first);
      return first;
    }
    const read = async (path: string): Promise<readonly unknown[]> =>
      JSON.parse((await call(path, { method: 'GET' })).bytes).data;
    const grants = () => read(`/v1/customers/${customer}/credit-grants`);
    const gift = (amount: number) => ({
      kind: 'promotional',
      amount: { amount, currency: 'CNY' },
    });
    const transfer = (reference: string) => ({
      customer_id: customer,
      method: 'bank_transfer',
      amount: { amount: 2985, currency: 'CNY' },
      reference,
    });

    test('a payment that is sent twice is one payment, and the same bytes', async () => {
      const sent = { key: newKey(), body: transfer('B-1') };
      const first = await call('/v1/payments', sent);
      assert.deepEqual([first.status, JSON.parse(first.bytes).known], [200, false], first.bytes);
      assert.equal(first.replayed, undefined);
      assertReplay(await call('/v1/payments', sent), first);
      assertReplay(await call('/v1/payments', sent), first);
      assert.equal((await read('/v1/payments')).length, 1);
    });

    test('a gift without a reference, of which two would be two, is given once', async () => {
      const before = (await grants()).length;
      const path = `/v1/customers/${customer}/credit-grants`;
      const sent = { key: newKey(), body: gift(100) };
      const first = await call(path, sent);
      assert.equal(first.status, 200, first.bytes);
      assertReplay(await call(path, sent), first);
      assert.equal((await grants()).length, before + 1);
      await call(path, { body: gift(100) });
      assert.equal((await grants()).length, before + 2, 'without a key it is another one');
    });

    test('of many at once one is handled, and the others wait or get its answer', async () => {
      const before = (await grants()).length;
      const path = `/v1/customers/${customer}/credit-grants`;
      const sent = { key: newKey(), body: gift(7) };
      const all = await Promise.all(Array.from({ length: 8 }, () => call(path, sent)));
      const first = all.filter(({ status, replayed }) => status === 200 && replayed === undefined);
      assert.equal(first.length, 1);
      for (const { status, code, replayed } of all) {
        assert.ok(status === 200 || code === 'idempotency_in_flight', `${status} ${replayed}`);
      }
      assert.equal((await grants()).length, before + 1);
    });

    test('another request under the key is refused, and nothing of it is done', async () => {
      const before = (await grants()).length;
      const path = `/v1/customers/${customer}/credit-grants`;
      const key = newKey();
      const first = await call(path, { key, body: gift(1) });
      const others: readonly (readonly [string, string, Sent])[] = [
        ['another amount', path, { body: gift(2) }],
        ['the same in other bytes', path, { raw: JSON.stringify(gift(1), null, 1) }],
        ['another path', `/v1/customers/${world.customers.get('C-0')}/credit-grants`, {}],
        ['another query', '/v1/payments?dry_run=true', { body: transfer('B-2') }],
        ['another content type', path, { type: 'application/json; charset=utf-8' }],
        ['another method', '/v1/test/one', { method: 'PUT', body: {} }],
      ];
      for (const [what, where, sent] of others) {
        const refused = await call(where, { key, body: gift(1), ...sent });
        assert.deepEqual([refused.status, refused.code], [422, 'idempotency_key_reused'], what);
      }
      assertReplay(await call(path, { key, body: gift(1) }), first);
      assert.equal((await grants()).length, before + 1);
    });

    test('while the first is handled the second waits, then gets its answer', async () => {
      handled = 0;
      const sent = { key: newKey(), body: {} };
      const first = call('/v1/test/waits', sent);
      while (handled === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      const second = await call('/v1/test/waits', sent);
      assert.deepEqual([second.status, second.code], [409, 'idempotency_in_flight']);
      assert.match(second.retryAfter ?? '', /^[1-9]\d*$/);
      letGo();
      assert.equal((await first).bytes, '{"done":true}');
      assertReplay(await call('/v1/test/waits', sent), await first);
    });

    test('what a dead process was at is never handled again', async () => {
      const other = await serve();
      handled = 0;
      const sent = { key: newKey(), body: {}, bearer: world.key };
      const lost = send(other.url, '/v1/test/waits', sent).catch((error: Error) => error);
      while (handled === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      assert.equal((await call('/v1/test/waits', sent)).code, 'idempotency_in_flight');
      await age(3);
      const late = await call('/v1/test/waits', sent);
      assert.deepEqual([late.status, late.code], [409, 'idempotency_outcome_unknown']);
      assert.match(late.bytes, /Look whether it was done/);
      assert.equal(handled, 1);
      // An answer that comes after all is kept after all.
      letGo();
      const first = await lost;
      assert.ok(!(first instanceof Error));
      assertReplay(await call('/v1/test/waits', sent), first);
      await other.app.close();
    });

    /** Has every request in flight have begun so many minutes ago. */
    async function age(minutes: number): Promise<void> {
      await store.superSql(`
        alter table idempotency_keys disable trigger idempotency_keys_end_once;
        update idempotency_keys set created_at = created_at - interval '${minutes} minutes'
         where state = 'in_flight';
        alter table idempotency_keys enable trigger idempotency_keys_end_once`);
    }

    test('what ended in a 5xx is never handled again', async () => {
      handled = 0;
      const sent = { key: newKey(), body: {} };
      assert.equal((await call('/v1/test/breaks', sent)).code, 'internal_error');
      for (let time = 0; time < 2; time += 1) {
        const again = await call('/v1/test/breaks', sent);
        assert.deepEqual([again.status, again.code], [409, 'idempotency_outcome_unknown']);
      }
      const reused = await call('/v1/test/breaks', { ...sent, body: { other: 1 } });
      assert.equal(reused.code, 'idempotency_key_reused');
      assert.equal(handled, 1);
    });

    const NOBODY = `/v1/customers/cus_${'0'.repeat(32)}/credit-grants`;
    const refusals: readonly (readonly [string, string, unknown, string])[] = [
      ['a rule', '/v1/coupons', COUPON, 'coupon_code_taken'],
      ['a customer that is not there', NOBODY, gift(1), 'not_found'],
      ['an id that is none', '/v1/customers/none/credit-grants', gift(1), 'id_not_valid'],
    ];
    for (const [what, path, body, code] of refusals) {
      test(`the refusal of ${what} is the answer from then on`, async () => {
        await call('/v1/coupons', { body: COUPON });
        const first = await twice(path, { key: newKey(), body });
        assert.ok(first.status >= 400 && first.status < 500, first.bytes);
        assert.equal(first.code, code);
      });
    }

    test('a body that fails its schema leaves the key free', async () => {
      const key = newKey();
      const wrong = await call('/v1/payments', { key, body: { ...transfer('B-3'), amount: 1 } });
      assert.deepEqual([wrong.status, wrong.code], [400, 'parameter_not_valid']);
      const right = await call('/v1/payments', { key, body: transfer('B-3') });
      assert.deepEqual([right.status, right.replayed], [200, undefined], right.bytes);
    });

    const free: readonly (readonly [string, string, Sent, number])[] = [
      ['no JSON', '/v1/payments', { raw: '{' }, 400],
      ['a query that is not known', '/v1/payments?dry=true', { body: {} }, 400],
      ['a path that is not known', '/v1/nothing', { body: {} }, 404],
      ['a media type that is not known', '/v1/payments', { raw: 'a', type: 'text/x' }, 415],
      ['a body that is too large', '/v1/payments', { raw: ' '.repeat(1024 * 1024 + 1) }, 413],
      ['a key of nobody', '/v1/payments', { body: {}, by: 'dk_test_nobody' }, 401],
      ['too many requests', '/v1/test/answers?status=429', { body: {} }, 429],
      ['no right', '/v1/test/answers?status=403', { body: {} }, 403],
    ];
    for (const [what, path, sent, status] of free) {
      test(`${what} leaves the key free`, async () => {
        const key = newKey();
        const { by = world.key } = sent;
        assert.equal((await send(url, path, { ...sent, key, bearer: by })).status, status);
        const next = await call('/v1/test/makes', { key, body: { what } });
        assert.deepEqual([next.status, next.replayed], [201, undefined], next.bytes);
      });
    }

    test('a body that breaks off leaves the key free', async () => {
      const [key, raw] = [newKey(), JSON.stringify(transfer('B-8'))];
      await new Promise<void>((resolve) => {
        const headers = {
          authorization: `Bearer ${world.key}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(raw),
          'Idempotency-Key': key,
        };
        const half = httpRequest(`${url}/v1/payments`, { method: 'POST', headers, agent: false });
        half.on('error', () => resolve());
        half.write(raw.slice(0, 20), () => setTimeout(() => half.destroy(new Error('gone')), 20));
      });
      const whole = await call('/v1/payments', { key, raw });
      assert.deepEqual([whole.status, whole.replayed], [200, undefined], whole.bytes);
    });

    test('a file of a bank is part of what was asked, byte for byte', async () => {
      const type = 'application/octet-stream';
      const key = newKey();
      const path = `/v1/bank-statements?account=${encodeURIComponent('基本户')}`;
      const raw = '交易日期,金额,对方户名,摘要,流水号\n2026-11-20,29.85,张三,货款,F-1\n';
      const first = await twice(path, { key, raw, type });
      assert.equal(first.status, 200, first.bytes);
      const other = await call(path, { key, raw: raw.replace('29.85', '29.86'), type });
      assert.equal(other.code, 'idempotency_key_reused');
      assert.equal((await read('/v1/bank-lines')).length, 1);
    });

    test('a server that is still starting leaves the key free', async () => {
      const sent = { key: newKey(), body: transfer('B-4') };
      isOpening = true;
      assert.equal((await call('/v1/payments', sent)).code, 'not_ready');
      isOpening = false;
      assert.deepEqual([(await call('/v1/payments', sent)).status], [200]);
    });

    test('a trial is replayed as one, and is another request than the thing', async () => {
      const sent = { key: newKey(), body: transfer('B-5') };
      const first = await call('/v1/payments?dry_run=true', sent);
      assert.equal(JSON.parse(first.bytes).dry_run, true, first.bytes);
      assertReplay(await call('/v1/payments?dry_run=true', sent), first);
      assert.equal((await call('/v1/payments', sent)).code, 'idempotency_key_reused');
    });

    test('status, place and the lack of a body are replayed', async () => {
      const made = { key: newKey(), body: {} };
      const first = await twice('/v1/test/makes', made);
      assert.deepEqual([first.status, first.location], [201, '/v1/things/1']);
      const gone = { key: newKey(), method: 'DELETE' };
      const none = await twice('/v1/test/one', gone);
      assert.deepEqual([none.status, none.bytes], [204, '']);
    });

    test('an answer of 256 KiB is replayed; a longer one is not kept', async () => {
      const fits = { key: newKey(), body: {} };
      const path = `/v1/test/long?bytes=${KEPT_ANSWER_BYTES}`;
      assert.equal((await twice(path, fits)).bytes.length, KEPT_ANSWER_BYTES);
      handled = 0;
      const long = { key: newKey(), body: {} };
      const longer = `/v1/test/long?bytes=${KEPT_ANSWER_BYTES + 1}`;
      assert.equal((await call(longer, long)).bytes.length, KEPT_ANSWER_BYTES + 1);
      const again = await call(longer, long);
      assert.deepEqual([again.status, again.code], [409, 'idempotency_answer_not_kept']);
      assert.match(again.bytes, /status 200/);
      assert.equal(handled, 1);
    });

    test('a secret that is shown once is not kept', async () => {
      const sent = { key: newKey(), body: { url: 'https://hooks.example.test/' } };
      const first = await call('/v1/webhook-endpoints', sent);
      const { secret } = JSON.parse(first.bytes);
      assert.match(secret ?? first.bytes, /^whsec_/);
      assert.equal((await call('/v1/webhook-endpoints', sent)).code, 'idempotency_answer_not_kept');
      const { rows } = await store.rawSql('select k::text from idempotency_keys k');
      assert.ok(!JSON.stringify(rows).includes(secret));
      const refused = { key: newKey(), body: { url: 'http://hooks.example.test/' } };
      assert.equal((await twice('/v1/webhook-endpoints', refused)).status, 422);
    });

    test('another merchant’s same key is another key', async () => {
      const other = await openWorld();
      const key = newKey();
      const body = transfer('B-6');
      assert.equal((await call('/v1/payments', { key, body })).status, 200);
      const theirs = {
        ...body,
        customer_id: String(other.customers.get('C-1')),
        reference: 'B-7',
      };
      const sent = { key, body: theirs, bearer: other.key };
      const answer = await send(url, '/v1/payments', sent);
      assert.deepEqual([answer.status, answer.replayed], [200, undefined], answer.bytes);
      assertReplay(await send(url, '/v1/payments', sent), answer);
    });

    const malformed: readonly (readonly [string, string | readonly string[]])[] = [
      ['nothing', ''],
      ['256 characters', 'k'.repeat(256)],
      ['a letter that is not ASCII', 'k\u00e4'],
      ['a tab', 'a\tb'],
      ['two headers', ['a', 'b']],
    ];
    for (const [what, key] of malformed) {
      test(`${what} is no key`, async () => {
        handled = 0;
        const refused = await call('/v1/test/makes', { key, body: {} });
        assert.deepEqual([refused.status, refused.code], [400, 'idempotency_key_not_valid']);
        assert.equal(handled, 0);
      });
    }

    test('the longest and the oddest keys are keys', async () => {
      for (const key of ['k'.repeat(255), '"8e03978e-40d5"', '~ !', ',']) {
        await twice('/v1/test/makes', { key, body: {} });
      }
    });

    test('a key of usage events or of a question is not looked at', async () => {
      const rows = async () => (await store.rawSql('select count(*) from idempotency_keys')).rows;
      const before = await rows();
      const event = {
        specversion: '1.0',
        id: '1',
        source: 's',
        type: 'llm',
        subject: customer,
        data: { tokens: 1 },
      };
      for (const key of [newKey(), '']) {
        const sent = await call('/v1/usage/events', { key, body: event });
        assert.notEqual(sent.code, 'idempotency_key_not_valid');
        const asked = await call('/v1/customers', { key, method: 'GET' });
        assert.deepEqual([asked.status, asked.replayed], [200, undefined]);
      }
      assert.deepEqual(await rows(), before);
    });

    test('a stranger learns nothing of keys', async () => {
      const { code } = await send(url, '/v1/payments', { key: '', body: {}, bearer: 'dk_test_no' });
      assert.equal(code, 'api_key_not_valid');
    });

    test('where keeping fails the answer is sent, and nothing is handled again', async () => {
      handled = 0;
      await store.superSql('alter table idempotency_keys rename column location to elsewhere');
      const sent = { key: newKey(), body: {} };
      const first = await call('/v1/test/makes', sent);
      await store.superSql('alter table idempotency_keys rename column elsewhere to location');
      assert.equal(first.status, 201);
      assert.equal((await call('/v1/test/makes', sent)).code, 'idempotency_in_flight');
      await age(3);
      assert.equal((await call('/v1/test/makes', sent)).code, 'idempotency_outcome_unknown');
      assert.equal(handled, 1);
      assert.match(log.join('\n'), /was not kept/);
    });

    test('no key is in the log or in the database', async () => {
      const { rows } = await store.rawSql('select k::text from idempotency_keys k');
      assert.ok(rows.length > 10 && log.length > 0);
      assert.doesNotMatch(JSON.stringify([rows, log]), /secret-key-/);
    });
  });
}
