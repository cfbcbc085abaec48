import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  daikou,
  isGroupAlive,
  killAll,
  type Running,
  type Surroundings,
  startDaikou,
} from '../kit/command-line.ts';
import { makeTelcoSlice, temporaryFolder } from '../kit/telco.ts';

/** Seconds that a second start may take: what is there already is not made again. */
const SECOND_START_SECONDS = 10;
const STOP_SECONDS = 5;

const folder = temporaryFolder();
const where: Surroundings = { home: join(folder.path, 'home') };
let server: Running;
let url = '';
let key = '';
let dataFile = '';

before(async () => {
  dataFile = makeTelcoSlice(folder.path, 40).path;
  const made = await daikou(['demo', '--json', '--data', dataFile], where);
  assert.equal(made.code, 0, made.stderr);
  server = startDaikou(['start'], where);
  url = (await server.says(/^ready (http:\S+)$/m))[1] ?? '';
  key = (await server.says(/^api-key (\S+)$/m))[1] ?? '';
});
after(() => {
  killAll(server);
  folder.remove();
});

function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(`${url}${path}`, { headers });
}

function withKey(path: string, bearer = key): Promise<Response> {
  return get(path, { authorization: `Bearer ${bearer}` });
}

type List = { readonly data: readonly { readonly id: string }[]; readonly has_more: boolean };

const RESOURCES = ['customers', 'subscriptions', 'mandates', 'invoices', 'debits'];

describe('the server that `start` leaves running', () => {
  for (const path of ['/healthz', '/readyz', '/metrics', '/openapi.json']) {
    test(`${path} answers everybody`, async () => {
      const response = await get(path);
      assert.equal(response.status, 200);
      assert.notEqual((await response.text()).length, 0);
    });
  }

  test('the document is OpenAPI 3.1 and lists every resource', async () => {
    const document = (await (await get('/openapi.json')).json()) as {
      openapi: string;
      paths: Readonly<Record<string, unknown>>;
    };
    assert.match(document.openapi, /^3\.1\./);
    for (const name of RESOURCES) assert.ok(document.paths[`/v1/${name}`], name);
  });

  for (const name of RESOURCES) {
    test(`${name}: 401 without a key or with another one, 200 with the printed one`, async () => {
      assert.equal((await get(`/v1/${name}`)).status, 401);
      assert.equal((await withKey(`/v1/${name}`, `${key}x`)).status, 401);
      const response = await withKey(`/v1/${name}?limit=3`);
      assert.equal(response.status, 200);
      const { data, has_more } = (await response.json()) as List;
      assert.equal(data.length, 3);
      assert.equal(has_more, true);
      const one = await withKey(`/v1/${name}/${data[0]?.id}`);
      assert.equal(one.status, 200);
      assert.equal(((await one.json()) as { id: string }).id, data[0]?.id);
    });
  }

  const REFUSED = [
    [404, 'not_found', `/v1/customers/cus_${'0'.repeat(32)}`],
    [404, 'not_found', `/v1/debits/dbt_${'f'.repeat(32)}`],
    [400, 'id_not_valid', `/v1/customers/inv_${'0'.repeat(32)}`],
    [400, 'id_not_valid', "/v1/customers/cus_1'or'1"],
    [400, 'parameter_not_known', '/v1/customers?stat=active'],
    [400, 'parameter_not_valid', '/v1/customers?limit=0'],
    [400, 'parameter_not_valid', '/v1/invoices?limit=1000'],
    [400, 'cursor_not_valid', '/v1/invoices?after=inv_1'],
    [404, 'path_not_known', '/v1/nothing'],
  ] as const;
  for (const [status, code, path] of REFUSED) {
    test(`${path}: ${status} ${code}`, async () => {
      const response = await withKey(path);
      assert.equal(response.status, status);
      assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
      const problem = (await response.json()) as { code: string; request_id: string };
      assert.equal(problem.code, code);
      assert.equal(problem.request_id, response.headers.get('request-id'));
    });
  }

  test('pages follow each other without a gap or a repeat', async () => {
    const seen: string[] = [];
    let cursor = '';
    for (let page = 0; page < 10; page += 1) {
      const answer = await withKey(`/v1/customers?limit=15${cursor}`);
      const { data, has_more } = (await answer.json()) as List;
      seen.push(...data.map((one) => one.id));
      if (!has_more) break;
      cursor = `&after=${data.at(-1)?.id}`;
    }
    assert.equal(seen.length, 40);
    assert.deepEqual(seen, [...new Set(seen)].sort());
  });

  test('no answer shows an address or an account of a customer in full', async () => {
    const text = await (await withKey('/v1/customers?limit=40')).text();
    assert.doesNotMatch(text, /\+1\d{10}/);
    assert.doesNotMatch(text, /[a-z0-9-]{4,}\.\d+@example\.test/);
  });
});

describe('other commands while it lives run inside it', () => {
  test('doctor', async () => {
    const answer = await daikou(['doctor', '--json'], where);
    assert.deepEqual(JSON.parse(answer.stdout), { ok: true, violations: [] });
    assert.equal(answer.code, 0);
  });

  test('explain', async () => {
    const debits = (await (await withKey('/v1/debits?state=succeeded&limit=1')).json()) as List;
    const answer = await daikou(['explain', '--json', debits.data[0]?.id ?? ''], where);
    assert.equal(answer.code, 0, answer.stderr);
    const { kind, state, explanation } = JSON.parse(answer.stdout);
    assert.equal(kind, 'found');
    assert.equal(state, 'succeeded');
    assert.ok(explanation.evidence.length > 0);
  });

  test('explain of what is not there: exit 1', async () => {
    const answer = await daikou(['explain', '--json', 'C-nobody'], where);
    assert.equal(answer.code, 1);
    assert.deepEqual(JSON.parse(answer.stdout), { kind: 'not_found' });
  });

  test('the demo again: everything is done, the totals are the same, nothing is sent', async () => {
    const before = await (await withKey('/v1/debits?limit=100')).text();
    const answer = await daikou(['demo', '--json', '--data', dataFile], where);
    assert.equal(answer.code, 0, answer.stderr);
    const { customers, double_debits } = JSON.parse(answer.stdout);
    assert.deepEqual({ customers, double_debits }, { customers: 40, double_debits: 0 });
    assert.equal(await (await withKey('/v1/debits?limit=100')).text(), before);
  });

  test('a wrong option: exit 2 and a hint, and the server lives on', async () => {
    const answer = await daikou(['doctor', '--jsn'], where);
    assert.equal(answer.code, 2);
    assert.match(answer.stderr, /--jsn/);
    assert.equal((await get('/readyz')).status, 200);
  });

  test('a second start is refused with exit 3 and names the address', async () => {
    const answer = await daikou(['start'], where);
    assert.equal(answer.code, 3);
    assert.ok(answer.stderr.includes(url), answer.stderr);
    assert.doesNotMatch(answer.stderr, /\n\s+at /);
    assert.equal(answer.stdout, '');
  });
});

describe('stopping and starting again', () => {
  test('SIGINT ends it in time with exit 0, and the simulators with it', async () => {
    const askedAt = performance.now();
    server.child.kill('SIGINT');
    const { code } = await server.ended;
    const seconds = (performance.now() - askedAt) / 1000;
    assert.equal(code, 0);
    assert.ok(seconds < STOP_SECONDS, `took ${seconds} s`);
    assert.equal(isGroupAlive(server), false);
  });

  test('the second start is quick and keeps the data and the key', async () => {
    const startedAt = performance.now();
    server = startDaikou(['start'], where);
    url = (await server.says(/^ready (http:\S+)$/m))[1] ?? '';
    const seconds = (performance.now() - startedAt) / 1000;
    assert.ok(seconds < SECOND_START_SECONDS, `took ${seconds} s`);
    assert.doesNotMatch(server.stdout(), /api-key/);
    const { data } = (await (await withKey('/v1/customers?limit=100')).json()) as List;
    assert.equal(data.length, 40);
  });

  test('SIGTERM ends it as well', async () => {
    server.child.kill('SIGTERM');
    assert.equal((await server.ended).code, 0);
    assert.equal(isGroupAlive(server), false);
  });
});
