import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { makeWebhookSender } from '../../packages/adapters/src/index.ts';
import { toEventWire } from '../../packages/api/src/index.ts';
import {
  bucketOf,
  type EventType,
  type Merchant,
  type NewEvent,
  type Store,
  type WebhookDelivery,
  type WebhookEndpoint,
} from '../../packages/core/src/index.ts';
import {
  ALL_BUCKETS,
  addWebhookEndpoint,
  disableWebhookEndpoint,
  enableWebhookEndpoint,
  findWebhookEndpoint,
  idSource,
  type Job,
  listWebhookDeliveries,
  NO_PROGRESS,
  purgeWebhooksOfToday,
  removeWebhookEndpoint,
  replayWebhooks,
  sendWebhooks,
} from '../../packages/engine/src/index.ts';
import { composeEngine } from '../../packages/server/src/compose.ts';
import { newCustomer, newEvent, newMerchant } from '../kit/life.ts';
import { postgresDatabases } from '../kit/stores.ts';
import { type Answer, WebhookReceiver } from '../kit/webhook-receiver.ts';

const DEADLINE_MILLISECONDS = 400;
const KEY = Buffer.alloc(32, 7).toString('base64');
const OTHER_KEY = Buffer.alloc(32, 8).toString('base64');

/** How receivers fail, and what is said of it. */
const BAD: readonly [string, Answer, string][] = [
  ['slow', (_request, response) => void setTimeout(() => response.end(), 5_000), 'no answer'],
  ['closing', (request) => request.socket.destroy(), 'connection'],
  ['broken', (_request, response) => response.writeHead(500).end('no'), 'http_500'],
  ['elsewhere', (_r, response) => response.writeHead(302, { location: '/' }).end(), 'redirect'],
];

describe('webhooks, when receivers misbehave', () => {
  const databases = postgresDatabases();
  const receivers: WebhookReceiver[] = [];
  let stores: readonly Store[] = [];
  before(async () => {
    stores = await databases.shared(2);
  });
  after(() => {
    for (const receiver of receivers) receiver.close();
  });

  /** The work of one worker, by a wall clock that stands `hours` from now. */
  function jobAt(merchant: Merchant, hours = 0, { worker = 0, vaultKey = KEY } = {}): Job {
    const store = stores[worker];
    assert.ok(store !== undefined);
    const composed = composeEngine({
      store,
      log: { info() {}, warn() {} },
      connections: {},
      baseUrl: '',
      merchantCode: merchant.code,
    });
    const webhooks = makeWebhookSender({
      vaultKey,
      toBody: (message) => JSON.stringify(message.kind === 'event' && toEventWire(message.event)),
      now: () => Temporal.Now.instant(),
      http: {
        allowLoopback: true,
        timeoutMilliseconds: DEADLINE_MILLISECONDS,
        resolve: async () => [{ address: '10.0.0.8', family: 4 }],
      },
    });
    const now = () => Temporal.Now.instant().add({ milliseconds: Math.round(hours * 3_600_000) });
    const engine = { ...composed, webhooks, clock: { now } };
    return { engine, merchant, buckets: ALL_BUCKETS, progress: NO_PROGRESS };
  }

  async function open(job: Job, answer?: Answer) {
    const receiver = await WebhookReceiver.open();
    receivers.push(receiver);
    if (answer !== undefined) receiver.answer = answer;
    return { receiver, endpoint: await add(job, receiver.url, receiver) };
  }

  async function add(job: Job, url: string, receiver?: WebhookReceiver): Promise<WebhookEndpoint> {
    const added = await addWebhookEndpoint(job, { url, description: '', by: 'Anna' });
    assert.ok(added.ok, JSON.stringify(added));
    receiver?.know(added.value.secret);
    return added.value.endpoint;
  }

  async function happen(job: Job, count: number, type: EventType = 'invoice.paid') {
    const customer = newCustomer(job.merchant.id);
    const ids = idSource(job.engine);
    const events = Array.from({ length: count }, (): NewEvent => {
      const id = ids('evt', bucketOf(customer.id));
      return { ...newEvent(customer, type, customer.id), id };
    });
    await job.engine.store.transact(job.merchant.id, async (tx) => {
      await tx.insertNewCustomers([customer]);
      await tx.save({ events });
    });
    return events;
  }

  const fresh = async (): Promise<Merchant> => {
    const merchant = newMerchant();
    await stores[0]?.saveMerchant(merchant);
    return merchant;
  };

  const deliveriesOf = (job: Job, endpoint: WebhookEndpoint): Promise<readonly WebhookDelivery[]> =>
    listWebhookDeliveries(job, { limit: 1_000, endpointId: endpoint.id });

  const stateOf = async (job: Job, { id }: WebhookEndpoint) =>
    (await findWebhookEndpoint(job, id))?.state;

  test('a bad one holds up nobody but itself, and what it did is said', async () => {
    const merchant = await fresh();
    const job = jobAt(merchant);
    const good = await open(job);
    const huge = await open(job, (_request, response) => {
      response.writeHead(200);
      response.write('x'.repeat(1_000_000));
    });
    const bad = await Promise.all(BAD.map(async ([, answer]) => await open(job, answer)));
    const inside = await add(job, 'https://intranet.example.test/hooks');
    const events = await happen(job, 40);
    const begun = performance.now();
    const counts = await sendWebhooks(job);
    const took = performance.now() - begun;
    const told = good.receiver.told.map(({ id }) => id).sort();
    assert.deepEqual(told, events.map(({ id }) => id).sort());
    assert.ok(took < 4 * DEADLINE_MILLISECONDS + 4_000, `${took} ms`);
    assert.equal(counts.delivered, 2 * told.length);
    // A long answer is an answer: its status counts and nothing of it is read.
    assert.deepEqual(await stateOf(job, huge.endpoint), 'enabled');
    for (const [place, [name, , code]] of BAD.entries()) {
      const endpoint = bad[place]?.endpoint;
      assert.ok(endpoint !== undefined);
      const rows = await deliveriesOf(job, endpoint);
      const tried = rows.filter(({ attemptCount }) => attemptCount > 0);
      assert.ok(tried.length > 0 && tried.length <= 16, `${name}: ${tried.length} tries`);
      for (const one of tried) {
        assert.ok(one.lastCode?.startsWith(code), `${name}: ${one.lastCode}`);
        assert.equal(one.state, 'failed');
      }
      assert.deepEqual(
        rows.filter(({ leaseUntil }) => leaseUntil !== undefined),
        [],
        `${name}: what was not tried is let go`,
      );
      assert.equal(await stateOf(job, endpoint), 'failing');
    }
    const [first] = (await deliveriesOf(job, inside)).filter((one) => one.attemptCount > 0);
    assert.equal(first?.lastCode, 'address_not_public');
    // The next look leaves the failing ones alone, and tries each with one message after a pause.
    const quiet = bad[2]?.receiver.told.length ?? 0;
    await sendWebhooks(job);
    assert.equal(bad[2]?.receiver.told.length, quiet);
    await sendWebhooks(jobAt(merchant, 0.01));
    assert.equal(bad[2]?.receiver.told.length, quiet + 1);
  });

  test('addresses that are never called are refused when they are given', async () => {
    const job = jobAt(await fresh());
    for (const [url, fault] of [
      ['ftp://example.test/', 'not_https'],
      ['https://user:secret@example.test/', 'user_info'],
      ['https://example.test:25/', 'port_closed'],
      ['no address', 'not_a_url'],
    ] as const) {
      const added = await addWebhookEndpoint(job, { url, description: '', by: 'Anna' });
      assert.ok(!added.ok && added.refusal.code === 'webhook_url_not_allowed', url);
      assert.ok(added.refusal.sentence.includes(fault), added.refusal.sentence);
      assert.ok(!added.refusal.sentence.includes('secret'));
    }
    for (let count = 0; count < 16; count += 1) await add(job, 'https://example.test/');
    const one = { url: 'https://example.test/', description: '', by: 'Anna' };
    const more = await addWebhookEndpoint(job, one);
    assert.equal(more.ok ? '' : more.refusal.code, 'webhook_endpoints_too_many');
  });

  test('410 Gone disables it at once; a developer is asked; enabling drops the task', async () => {
    const job = jobAt(await fresh());
    const gone = await open(job, (_request, response) => response.writeHead(410).end());
    await happen(job, 5);
    await sendWebhooks(job);
    const found = await findWebhookEndpoint(job, gone.endpoint.id);
    assert.deepEqual([found?.state, found?.disabledReason], ['disabled', 'gone']);
    const tasks = () =>
      job.engine.store.transact(job.merchant.id, (tx) => tx.listTasks({ limit: 10 }));
    assert.deepEqual(
      (await tasks()).map(({ kind, owner, state }) => `${kind} ${owner} ${state}`),
      ['webhook_failing developer open'],
    );
    // What still waits is given up at the next look, and no event makes a delivery any more.
    await sendWebhooks(job);
    await happen(job, 1);
    const rows = await deliveriesOf(job, gone.endpoint);
    assert.deepEqual(
      rows.filter(({ state }) => state === 'pending' || state === 'failed'),
      [],
    );
    gone.receiver.answer = (_request, response) => response.writeHead(200).end();
    assert.ok((await enableWebhookEndpoint(job, gone.endpoint.id)).ok);
    assert.deepEqual(
      (await tasks()).map(({ state }) => state),
      ['dropped'],
    );
    gone.receiver.forget();
    const [last] = await happen(job, 1, 'debit.succeeded');
    await sendWebhooks(job);
    assert.ok(gone.receiver.told.some(({ id }) => id === last?.id));
  });

  test('three days of silence disable it; a success in between does not', async () => {
    const merchant = await fresh();
    const job = jobAt(merchant);
    const dead = await open(job, (_request, response) => response.writeHead(500).end());
    await happen(job, 1);
    for (const hours of [0, 1, 20, 40, 60, 71, 71.99]) await sendWebhooks(jobAt(merchant, hours));
    assert.equal(await stateOf(job, dead.endpoint), 'failing');
    await sendWebhooks(jobAt(merchant, 72.01));
    const found = await findWebhookEndpoint(job, dead.endpoint.id);
    assert.deepEqual([found?.state, found?.disabledReason], ['disabled', 'failing']);
    await sendWebhooks(jobAt(merchant, 72.02));
    const states = (await deliveriesOf(job, dead.endpoint)).map(({ state }) => state);
    assert.deepEqual([...new Set(states)], ['given_up']);
  });

  test('a wall clock that is set back delays nothing for longer than a pause', async () => {
    const merchant = await fresh();
    const job = jobAt(merchant);
    const receiver = await open(job, (_request, response) => response.writeHead(500).end());
    await happen(jobAt(merchant, 1_000), 1);
    // The events were made and tried once by a clock that was forty days ahead.
    await sendWebhooks(jobAt(merchant, 1_000));
    receiver.receiver.answer = (_request, response) => response.writeHead(200).end();
    await sendWebhooks(job);
    await sendWebhooks(job);
    const rows = await deliveriesOf(job, receiver.endpoint);
    assert.deepEqual([...new Set(rows.map(({ state }) => state))], ['delivered']);
    assert.equal(await stateOf(job, receiver.endpoint), 'enabled');
  });

  test('disabled or removed while messages wait: nothing leaves any more', async () => {
    const job = jobAt(await fresh());
    const [disabled, removed] = [await open(job), await open(job)];
    await happen(job, 3);
    assert.ok((await disableWebhookEndpoint(job, disabled.endpoint.id, 'Bao')).ok);
    assert.ok((await removeWebhookEndpoint(job, removed.endpoint.id, 'Bao')).ok);
    await sendWebhooks(job);
    for (const { endpoint, receiver } of [disabled, removed]) {
      assert.deepEqual(receiver.told, []);
      const rows = await deliveriesOf(job, endpoint);
      assert.ok(rows.length > 0);
      assert.deepEqual([...new Set(rows.map(({ state }) => state))], ['given_up']);
    }
  });

  test('a process without the key of the secret sends nothing and blames nobody', async () => {
    const merchant = await fresh();
    const job = jobAt(merchant);
    const { receiver, endpoint } = await open(job);
    await happen(job, 1);
    await sendWebhooks(jobAt(merchant, 0, { vaultKey: OTHER_KEY }));
    assert.deepEqual([receiver.told, receiver.forged], [[], 0]);
    assert.equal(await stateOf(job, endpoint), 'enabled');
    const held = (await deliveriesOf(job, endpoint)).filter((one) => one.lastCode !== undefined);
    assert.deepEqual(
      [...new Set(held.map((one) => `${one.lastCode} ${one.attemptCount}`))],
      ['secret_not_opened 0'],
    );
    await sendWebhooks(jobAt(merchant, 0.2));
    assert.ok(receiver.told.length > 0);
  });

  test('what ended is kept for 30 days, given up for 90, and goes once a day', async () => {
    const merchant = await fresh();
    const job = jobAt(merchant);
    const day = (days: number) => jobAt(merchant, days * 24);
    const [good, gone] = [await open(job), await open(job, (_r, to) => to.writeHead(410).end())];
    const [event] = await happen(job, 12);
    await sendWebhooks(job);
    await sendWebhooks(job);
    const kept = async () => [
      (await deliveriesOf(job, good.endpoint)).length,
      (await deliveriesOf(job, gone.endpoint)).length,
    ];
    const [delivered, givenUp] = await kept();
    assert.ok(delivered !== undefined && givenUp !== undefined && delivered >= 12);
    assert.equal(await purgeWebhooksOfToday(day(29)), 0);
    const stopped = AbortSignal.abort();
    assert.equal(await purgeWebhooksOfToday(day(31), stopped), 0, 'stopped before its first batch');
    assert.equal(await purgeWebhooksOfToday(day(31)), delivered);
    assert.deepEqual(await kept(), [0, givenUp]);
    assert.ok(event !== undefined);
    const replayed = await replayWebhooks(job, good.endpoint.id, { events: [event.id] });
    assert.deepEqual(replayed, { ok: true, value: { events: 1 } }, 'from the event, which stays');
    await sendWebhooks(job);
    assert.equal(good.receiver.told.filter(({ id }) => id === event.id).length, 2);
    assert.equal(await purgeWebhooksOfToday(day(31)), 0, 'once a day');
    assert.equal(await purgeWebhooksOfToday(day(89)), 1);
    assert.deepEqual(await kept(), [0, givenUp]);
    assert.equal(await purgeWebhooksOfToday(day(91)), givenUp);
    assert.deepEqual(await kept(), [0, 0]);
  });

  test('two workers at once: each message is sent by one of them', async () => {
    const merchant = await fresh();
    const job = jobAt(merchant);
    const { receiver } = await open(job);
    const events = await happen(job, 300);
    const both = [jobAt(merchant, 0, { worker: 0 }), jobAt(merchant, 0, { worker: 1 })];
    const counts = await Promise.all(both.map((one) => sendWebhooks(one)));
    const ids = receiver.told.map(({ id }) => id);
    assert.equal(ids.length, new Set(ids).size, 'none is sent twice');
    assert.ok(ids.length >= events.length);
    const sent = counts.map(({ delivered }) => delivered);
    assert.equal(sent[0] !== undefined && sent[1] !== undefined && sent[0] + sent[1], ids.length);
  });
});
