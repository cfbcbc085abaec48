import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_TYPES } from '../../packages/core/src/index.ts';
import { type Job, sendWebhooks } from '../../packages/engine/src/index.ts';
import type { Io } from '../../packages/server/src/cli/io.ts';
import { runCommandLine } from '../../packages/server/src/cli/program.ts';
import { hashKey } from '../../packages/server/src/http/keys.ts';
import { Live } from '../../packages/server/src/live.ts';
import { readSettings } from '../../packages/server/src/settings.ts';
import type { OpenedStore } from '../../packages/store/src/index.ts';
import { assertDocumented } from '../kit/documented.ts';
import { onStage } from '../kit/on-stage.ts';
import type { Play } from '../kit/stage.ts';
import { temporaryFolder } from '../kit/telco.ts';
import { type Told, WebhookReceiver } from '../kit/webhook-receiver.ts';

const CUSTOMERS = ['A-1', 'W-1'] as const;
const MAIL_AND_NAMES = /@|example\.test|A-1|W-1|\+1\d{10}/;

type Body = Readonly<Record<string, unknown>> & { readonly data?: readonly Body[] };
type Call = { readonly method?: 'GET' | 'POST'; readonly path: string; readonly body?: unknown };

/** A request with the merchant's key; its answer is as the API's document says. */
async function call(play: Play, { method = 'GET', path, body }: Call, status = 200): Promise<Body> {
  const response = await fetch(`${play.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${keyOf(play)}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = { status: response.status, body: (await response.json()) as Body };
  assert.equal(answer.status, status, JSON.stringify(answer.body));
  if (status === 200) assertDocumented({ method, path }, answer);
  return answer.body;
}

const keyOf = ({ merchant }: Play) => `dk_test_webhooks-of-${merchant.code}`;

/** The same work by a wall clock that stands `hours` ahead. */
function ahead(job: Job, hours: number): Job {
  const now = () => Temporal.Now.instant().add({ minutes: hours * 60 });
  return { ...job, engine: { ...job.engine, clock: { now } } };
}

/** Each customer's sequence numbers in the order of arrival, repeats of an id left out. */
function sequencesOf(told: readonly Told[]): ReadonlyMap<unknown, readonly unknown[]> {
  const once = new Map(told.map((one) => [one.id, one.body]));
  const found = new Map<unknown, unknown[]>();
  for (const { customer_id: customer, sequence } of once.values()) {
    found.set(customer, [...(found.get(customer) ?? []), sequence]);
  }
  return found;
}

async function assertToldAll(play: Play, told: readonly Told[]): Promise<void> {
  const sequences = sequencesOf(told);
  for (const reference of CUSTOMERS) {
    const events = await play.rawEventsOf(reference);
    const { id } = await play.customer(reference);
    const numbers = [...(sequences.get(id) ?? [])].sort((a, b) => Number(a) - Number(b));
    assert.deepEqual(
      numbers,
      events.map(({ sequence }) => sequence),
      `${reference} without gaps`,
    );
  }
}

type Scene = {
  readonly play: Play;
  readonly receiver: WebhookReceiver;
  readonly id: string;
  readonly path: string;
  /** The first secret. */
  readonly secret: string;
};

onStage('events as webhooks', (_newPlay, stage) => {
  test('a month, a day of outage, a rotation and a replay', async (t) => {
    const vaultKey = Buffer.alloc(32, 1).toString('base64');
    const play = await stage().newPlay('2026-11-20 09:00', (connections) => ({
      ...connections,
      webhooks: { vaultKey, allowLoopback: true },
    }));
    await stage().store.saveApiKey(play.merchant.id, hashKey(keyOf(play)), 'webhooks');
    const receiver = await WebhookReceiver.open();
    t.after(() => receiver.close());
    const scene = await addEndpoint(play, receiver);
    await firstHalf(scene);
    await replayAll(scene, await outage(scene));
    await assertRefusals(scene);
    await play.end(2_985, 3_000);
  });

  test('on the command line: add, follow what happens, replay, remove', async (t) => {
    const play = await stage().newPlay();
    const receiver = await WebhookReceiver.open();
    const folder = temporaryFolder();
    t.after(() => {
      receiver.close();
      folder.remove();
    });
    const webhooks = { allowLoopback: true };
    const connections = JSON.stringify({ [play.merchant.code]: { webhooks } });
    writeFileSync(join(folder.path, 'config.json'), connections);
    const daikou = await commandLine(play, stage().store, folder.path);

    const added = await daikou('webhook', 'add', receiver.url, '--type', 'customer.*', '--json')
      .end;
    const { endpoint, secret } = JSON.parse(added.out) as Body & {
      readonly endpoint: { readonly id: string };
      readonly secret: string;
    };
    receiver.know(secret);
    assert.equal((await daikou('webhook', 'test', endpoint.id).end).out, 'delivered 204\n');
    const tail = daikou('events', 'tail', '--type', 'customer.imported', '--json');
    await play.subscribe([
      { reference: 'B-1', by: 'alipay', charge: '29.85' },
      { reference: 'B-2', by: 'alipay', charge: '29.85' },
    ]);
    // Two looks of the tail: what it reads again it does not print again.
    await tail.says(2);
    await sleep(1_200);
    tail.stop();
    const followed = await tail.end;
    const lines = followed.out.trim().split('\n');
    assert.deepEqual([followed.code, lines.length], [0, 2]);
    const since = await daikou('events', 'tail', '--since', '1d', '--no-follow', '--json').end;
    for (const line of lines) assert.ok(since.out.includes(line));

    receiver.forget();
    const replay = await daikou('webhook', 'replay', endpoint.id, '--since', '1d', '--json').end;
    assert.deepEqual(JSON.parse(replay.out), { events: 2 });
    const sent = await daikou('run', 'webhooks', '--json').end;
    assert.deepEqual(JSON.parse(sent.out), { delivered: 2, failed: 0, givenUp: 0 });
    const bodies = receiver.told.map(({ body }) => JSON.stringify(body)).sort();
    assert.deepEqual(bodies, [...lines].sort());
    const listed = await daikou('webhook', 'deliveries', '--endpoint', endpoint.id).end;
    assert.equal(listed.out.match(/ delivered {2}1×/g)?.length, 2);
    await daikou('webhook', 'remove', endpoint.id, '--by', 'Anna').end;
    assert.equal((await daikou('webhook', 'list').end).out, '');
    const refused = await daikou('webhook', 'replay', endpoint.id, '--since', '1d').end;
    assert.equal(refused.code, 1);
    await play.stop();
  });
});

/** Runs `daikou <words>` for the merchant of the play, in this process, until it ends. */
async function commandLine(play: Play, store: OpenedStore, home: string) {
  const settings = readSettings({ DAIKOU_HOME: home });
  assert.ok('home' in settings);
  const live = await Live.make({ settings, store, log: { info() {}, warn() {} } });
  return (...words: readonly string[]) => {
    const said = { out: '', err: '' };
    const stop = new AbortController();
    const io: Io = {
      out: (text) => (said.out += text),
      err: (text) => (said.err += text),
      isTty: false,
      columns: 80,
      language: 'en',
      cwd: home,
      signal: stop.signal,
      beginService() {},
    };
    const host = { settings, live: async () => live, isInside: true, publish() {} };
    const argv = [...words, '--merchant', play.merchant.code];
    return {
      stop: () => stop.abort(),
      says: async (count: number) => {
        while (said.out.split('\n').length <= count) await sleep(20);
      },
      end: runCommandLine(argv, { io, host }).then((code) => ({ code, ...said })),
    };
  };
}

/** The receiver is added and tried; nobody is shown its secret again. */
async function addEndpoint(play: Play, receiver: WebhookReceiver): Promise<Scene> {
  const added = await call(play, {
    method: 'POST',
    path: '/v1/webhook-endpoints',
    body: { url: receiver.url, by: 'Anna' },
  });
  const secret = String(added['secret']);
  receiver.know(secret);
  const { id } = added['endpoint'] as { readonly id: string };
  const path = `/v1/webhook-endpoints/${id}`;
  assert.doesNotMatch(JSON.stringify(await call(play, { path })), /whsec|w1\./);
  const tested = await call(play, { method: 'POST', path: `${path}/test` });
  assert.deepEqual([tested['delivered'], tested['http_status']], [true, 204]);
  assert.equal(receiver.told[0]?.body['type'], 'webhook.test');
  receiver.forget();
  return { play, receiver, id, path, secret };
}

/** Who reads the books and who is told know the same, and no message names a person. */
async function firstHalf({ play, receiver }: Scene): Promise<void> {
  await play.subscribe([
    { reference: 'A-1', by: 'alipay', charge: '29.85' },
    { reference: 'W-1', by: 'wechat', charge: '30.00' },
  ]);
  await play.advanceTo('2026-11-30 12:00');
  await assertToldAll(play, receiver.told);
  const types = new Set<unknown>(EVENT_TYPES);
  for (const { id, body } of receiver.told) {
    assert.ok(types.has(body['type']), String(body['type']));
    assert.deepEqual(await call(play, { path: `/v1/events/${id}` }), body);
    assert.doesNotMatch(JSON.stringify(body), MAIL_AND_NAMES, 'no personal data');
  }
}

/**
 * The receiver is down on the day of the debits and for a day by the wall clock; meanwhile its
 * secret is replaced. Returns the secret that signs from then on.
 */
async function outage({ play, receiver, id, path, secret }: Scene): Promise<string> {
  const arrived = receiver.told.map((one) => one.id);
  receiver.answer = (_request, response) => response.writeHead(503).end();
  await play.advanceTo('2026-12-02 12:00');
  for (const hours of [0.1, 1, 6, 23]) await sendWebhooks(ahead(play.job(), hours));
  assert.equal((await call(play, { path }))['state'], 'failing');
  const waiting = await call(play, {
    path: `/v1/webhook-deliveries?endpoint_id=${id}&state=failed`,
  });
  assert.equal(waiting.data?.[0]?.['last_code'], 'http_503');
  receiver.forget();
  receiver.answer = (_request, response) => response.writeHead(204).end();
  const body = { overlap_hours: 48 };
  const rotated = await call(play, { method: 'POST', path: `${path}/rotate`, body });
  const second = String(rotated['secret']);
  receiver.know(secret, second);
  for (const hours of [24, 24.1, 47]) await sendWebhooks(ahead(play.job(), hours));
  assert.ok(receiver.told.length > 0);
  assert.ok(receiver.told.every(({ signedBy }) => signedBy.length === 2));
  const late = receiver.told.map((one) => one.id);
  assert.deepEqual([...new Set([...arrived, ...late])].sort(), await eventIds(play));
  assert.equal((await call(play, { path }))['state'], 'enabled');
  return second;
}

/** The receiver lost its database: it is told the whole month again, under the same ids. */
async function replayAll({ play, receiver, path }: Scene, secret: string): Promise<void> {
  receiver.forget();
  receiver.know(secret);
  const body = { since: '2026-11-01T00:00:00.000Z' };
  const replayed = await call(play, { method: 'POST', path: `${path}/replay`, body });
  const ids = await eventIds(play);
  assert.equal(replayed['events'], ids.length);
  await play.settle();
  assert.deepEqual(receiver.told.map((one) => one.id).sort(), ids);
  await assertToldAll(play, receiver.told);
  assert.equal(receiver.forged, 0);
}

async function eventIds(play: Play): Promise<readonly string[]> {
  const all = await Promise.all(CUSTOMERS.map((reference) => play.rawEventsOf(reference)));
  return all
    .flat()
    .map((event) => event.id)
    .sort();
}

/** What is asked wrongly is refused with a sentence, and the lists hold what they are asked for. */
async function assertRefusals({ play, path: endpoint }: Scene): Promise<void> {
  const refused: readonly [Call, number, string][] = [
    [{ path: '/v1/webhook-endpoints', body: { url: 'https://a:b@example.test/' } }, 422, 'url'],
    [{ path: '/v1/webhook-endpoints', body: { url: play.url, types: ['invoice'] } }, 422, 'types'],
    [{ path: `${endpoint}/replay`, body: {} }, 422, 'since'],
    [{ path: `${endpoint}/replay`, body: { since: '2026-13-01T00:00:00.000Z' } }, 400, 'since'],
    [{ path: `${endpoint}/rotate`, body: { overlap_hours: 200 } }, 400, 'overlap_hours'],
  ];
  for (const [asked, status, param] of refused) {
    const answer = await call(play, { ...asked, method: 'POST' }, status);
    assert.equal(answer['param'], param, JSON.stringify(answer));
  }
  await call(play, { path: '/v1/events?type=invoice.payed' }, 422);
  const paid = await call(play, { path: '/v1/events?type=invoice.paid,debit.succeeded' });
  assert.deepEqual(paid.data?.map(({ type }) => type).sort(), [
    'debit.succeeded',
    'debit.succeeded',
    'invoice.paid',
    'invoice.paid',
  ]);
  const removed = await call(play, { method: 'POST', path: `${endpoint}/remove`, body: {} });
  assert.equal(removed['state'], 'removed');
  assert.deepEqual((await call(play, { path: '/v1/webhook-endpoints' })).data, []);
  const body = { since: '2026-11-01T00:00:00.000Z' };
  await call(play, { method: 'POST', path: `${endpoint}/replay`, body }, 422);
}
