import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { foldUsage } from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { BACKENDS, type FreshStore } from '../../../../test/kit/stores.ts';
import { makeUsageWorld, type UsageWorld } from '../../../../test/kit/usage-world.ts';
import { makeApp } from './app.ts';
import { JSON_BODY_MAX_BYTES } from './usage-body.ts';

const EVENT = {
  specversion: '1.0',
  source: 'gateway',
  type: 'llm',
  subject: 'C-1',
  time: '2026-11-21T07:00:00Z',
  data: { tokens: 5, model: 'm1' },
};

const METERS = [
  {
    code: 'tokens',
    eventType: 'llm',
    aggregation: 'sum',
    valueProperty: 'tokens',
    groupBy: ['model'],
  },
  { code: 'models', eventType: 'llm', aggregation: 'unique_count', valueProperty: 'model' },
] as const;

const event = (id: string, changes: object = {}) => ({ ...EVENT, id, ...changes });

type Answer = {
  readonly accepted: number;
  readonly duplicates: number;
  readonly refused_count: number;
  readonly refused: readonly {
    readonly index: number;
    readonly code: string;
    readonly field: string | null;
  }[];
};

type UsageAnswer = {
  readonly code: string;
  readonly meters: readonly {
    readonly meter: string;
    readonly units: string;
    readonly events: number;
    readonly groups: readonly unknown[];
  }[];
};

for (const backend of BACKENDS) {
  describe(`usage over HTTP on ${backend.name}`, () => {
    const databases = backend.databases();
    let store: FreshStore;
    let app: FastifyInstance;
    let url: string;
    const worlds = new Map<string, UsageWorld>();

    before(async () => {
      store = await databases.fresh();
      app = await makeApp({
        store,
        log: { info() {}, warn() {} },
        isReady: () => true,
        targetOf: async (code) => {
          const world = worlds.get(code);
          return world && { engine: world.job.engine, inbox: undefined as never };
        },
      });
      await app.listen({ host: '127.0.0.1', port: 0 });
      const address = app.server.address();
      assert.ok(address !== null && typeof address !== 'string');
      url = `http://127.0.0.1:${address.port}`;
    });
    after(() => app.close());

    const newWorld = async () => {
      const world = await makeUsageWorld(store, { customers: 4, meters: METERS });
      worlds.set(world.merchant.code, world);
      return world;
    };
    const post = async (
      { key }: { readonly key: string },
      body: string | Uint8Array,
      type = 'application/json',
    ) => {
      const response = await fetch(`${url}/v1/usage/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': type },
        body,
      });
      return {
        status: response.status,
        body: (await response.json()) as Answer & { code: string },
      };
    };
    const usageOf = async (world: UsageWorld, query: string, reference = 'C-1') => {
      const response = await fetch(
        `${url}/v1/customers/${world.customers.get(reference)}/usage?${query}`,
        { headers: { authorization: `Bearer ${world.key}` } },
      );
      return { status: response.status, body: (await response.json()) as UsageAnswer };
    };
    const tokens = async (world: UsageWorld, reference = 'C-1') => {
      const query = 'from=2026-11-01&until=2026-12-01&meter=tokens';
      const { body } = await usageOf(world, query, reference);
      return body.meters[0]?.units ?? '';
    };

    test('a single event, an array and a batch are taken and counted once each', async () => {
      const world = await newWorld();
      const id = world.customers.get('C-1');
      const one = await post(world, JSON.stringify(event('1')), 'application/cloudevents+json');
      assert.equal(one.status, 202);
      assert.equal(one.body.accepted, 1);
      const more = JSON.stringify([event('2'), event('3', { subject: id })]);
      const two = await post(world, more, 'application/cloudevents-batch+json');
      assert.equal(two.body.accepted, 2);
      assert.equal(await tokens(world), '15');
    });

    test('what comes again changes nothing, whatever it says the second time', async () => {
      const world = await newWorld();
      await post(world, JSON.stringify([event('1'), event('2')]));
      const again = [
        event('1', { subject: 'C-2', data: { tokens: 99, model: 'm1' } }),
        event('3'),
        event('3'),
      ];
      const { body } = await post(world, JSON.stringify(again));
      assert.deepEqual([body.accepted, body.duplicates], [1, 2]);
      assert.equal(await tokens(world), '15');
      assert.equal((await usageOf(world, 'from=2026-11-01&until=2026-12-01', 'C-2')).status, 200);
      const other = [event('1', { source: 'another' })];
      assert.equal((await post(world, JSON.stringify(other))).body.accepted, 1);
    });

    test('in a batch the good are kept and the bad listed by index', async () => {
      const world = await newWorld();
      const batch = [
        event('1'),
        event('2', { subject: 'nobody' }),
        event('3', { type: 'unheard' }),
        event('4', { time: '2024-11-21T07:00:00Z' }),
        event('5', { time: '2026-11-22T08:00:00Z' }),
        event('6', { data: { tokens: 'NaN', model: 'm1' } }),
        event('7', { data: { tokens: -3, model: 'm1' } }),
        'text',
        event('9', { data: { tokens: '0.5', model: 'm2' } }),
      ];
      const { status, body } = await post(world, JSON.stringify(batch));
      assert.equal(status, 202);
      assert.deepEqual([body.accepted, body.refused_count], [2, 7]);
      assert.deepEqual(
        body.refused.map(({ index, code, field }) => [index, code, field]),
        [
          [1, 'customer_unknown', 'subject'],
          [2, 'meter_unknown', 'type'],
          [3, 'time_too_old', 'time'],
          [4, 'time_in_future', 'time'],
          [5, 'value_not_decimal', 'data.tokens'],
          [6, 'value_negative', 'data.tokens'],
          [7, 'event_not_object', null],
        ],
      );
      assert.equal(await tokens(world), '5.5');
    });

    test('numbers that JSON readers round are refused or kept exactly', async () => {
      const world = await newWorld();
      const raw = (id: string, number: string) =>
        JSON.stringify(event(id)).replace('"tokens":5', `"tokens":${number}`);
      const batch = [raw('1', '1e309'), raw('2', '12345678901234567'), raw('3', '0.100000000001')];
      const { body } = await post(world, `[${batch.join(',')}]`);
      assert.deepEqual(
        body.refused.map(({ code }) => code),
        ['value_not_decimal', 'value_too_large'],
      );
      assert.equal(await tokens(world), '0.100000000001');
    });

    test('a request of which nothing is taken is answered 422', async () => {
      const world = await newWorld();
      const { status, body } = await post(world, JSON.stringify(event('1', { subject: 'nobody' })));
      assert.equal(status, 422);
      assert.equal(body.refused[0]?.code, 'customer_unknown');
    });

    const bodies: readonly (readonly [string, string | Uint8Array, string, number, string])[] = [
      ['no JSON', '{', 'application/json', 400, 'body_not_json'],
      ['a bare NaN', '[NaN]', 'application/json', 400, 'body_not_json'],
      ['nothing', '', 'application/json', 400, 'body_not_json'],
      ['not UTF-8', Uint8Array.from([0x22, 0xff, 0x22]), 'application/json', 400, 'body_not_json'],
      ['XML', '<event/>', 'application/xml', 415, 'media_type_not_known'],
    ];
    for (const [name, body, type, status, code] of bodies) {
      test(`a body with ${name} is refused as ${code}`, async () => {
        const answer = await post(await newWorld(), body, type);
        assert.deepEqual([answer.status, answer.body.code], [status, code]);
      });
    }

    test('a JSON body of 50 MB is refused before it is read', async () => {
      const world = await newWorld();
      const sent = request(`${url}/v1/usage/events`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${world.key}`,
          'content-type': 'application/json',
          'content-length': 50 * 1024 * 1024,
        },
      });
      sent.on('error', () => undefined);
      sent.write('[');
      const [response] = await once(sent, 'response');
      assert.equal(response.statusCode, 413);
      let text = '';
      for await (const chunk of response) text += String(chunk);
      assert.equal(JSON.parse(text).code, 'payload_too_large');
      sent.destroy();
      assert.ok(JSON_BODY_MAX_BYTES < 50 * 1024 * 1024);
    });

    test('without a key, or with a wrong one, nothing is read', async () => {
      await newWorld();
      const { status, body } = await post({ key: 'dk_test_wrong' }, JSON.stringify(event('1')));
      assert.deepEqual([status, body.code], [401, 'api_key_not_valid']);
    });

    test('a stream whose key is none is answered at once, and its connection closed', async () => {
      await newWorld();
      for (const authorization of ['', 'Bearer dk_test_wrong']) {
        const sent = request(`${url}/v1/usage/events`, {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/x-ndjson' },
        });
        sent.on('error', () => undefined);
        sent.write(`${JSON.stringify(event('1'))}\n`);
        const [response] = await once(sent, 'response');
        assert.equal(response.statusCode, 401);
        assert.equal(response.headers.connection, 'close');
        response.resume();
        await once(response.socket, 'close', { signal: AbortSignal.timeout(5_000) });
      }
    });

    test('a stream of lines is taken however long, its bad lines by themselves', async () => {
      const world = await newWorld();
      const lines = Array.from({ length: 5_000 }, (_, index) =>
        JSON.stringify(event(`s-${index}`)),
      );
      lines[10] = 'NaN';
      lines[20] = `{"data":"${'x'.repeat(70_000)}"}`;
      lines[30] = 'null';
      lines.splice(40, 0, '', '   ');
      const { status, body } = await post(world, lines.join('\n'), 'application/x-ndjson');
      assert.equal(status, 202);
      assert.deepEqual([body.accepted, body.refused_count], [4_997, 3]);
      assert.deepEqual(
        body.refused.map(({ index, code }) => [index, code]),
        [
          [10, 'event_not_json'],
          [20, 'data_too_large'],
          [30, 'event_not_object'],
        ],
      );
      assert.equal(await tokens(world), String(4_997 * 5));
    });

    test('many requests at once are all committed, each event once', async () => {
      const world = await newWorld();
      const batches = Array.from({ length: 40 }, (_, batch) =>
        Array.from({ length: 50 }, (_, place) => event(`p-${(batch * 50 + place) % 1_500}`)),
      );
      const answers = await Promise.all(batches.map((batch) => post(world, JSON.stringify(batch))));
      const accepted = answers.reduce((sum, { body }) => sum + body.accepted, 0);
      const duplicates = answers.reduce((sum, { body }) => sum + body.duplicates, 0);
      assert.deepEqual([accepted, duplicates], [1_500, 500]);
      assert.equal(await tokens(world), '7500');
    });

    test('usage is read by meter and by group, and everything acknowledged is in it', async () => {
      const world = await newWorld();
      const batch = [
        event('1'),
        event('2', { data: { tokens: 7, model: 'm2' } }),
        event('3', { data: { tokens: 1, model: 'm2' }, time: '2026-10-31T15:59:59Z' }),
      ];
      await post(world, JSON.stringify(batch));
      const { body } = await usageOf(world, 'from=2026-11-01&until=2026-12-01');
      assert.deepEqual(
        body.meters.map(({ meter, units, events }) => [meter, units, events]),
        [
          ['tokens', '12', 2],
          ['models', '2', 2],
        ],
      );
      assert.deepEqual(body.meters[0]?.groups, [
        { group: { model: 'm1' }, units: '5', events: 1 },
        { group: { model: 'm2' }, units: '7', events: 1 },
      ]);
      const october = await usageOf(
        world,
        'from=2026-10-01&until=2026-11-01&meter=tokens&group_by=model',
      );
      assert.equal(october.body.meters[0]?.units, '1');
    });

    const questions: readonly (readonly [string, string, number, string])[] = [
      ['without a period', '', 400, 'parameter_not_valid'],
      ['that ends before it begins', 'from=2026-12-01&until=2026-11-01', 422, 'period_not_forward'],
      ['of a day that is none', 'from=2026-02-30&until=2026-11-01', 400, 'parameter_not_valid'],
      [
        'of a meter that is none',
        'from=2026-11-01&until=2026-12-01&meter=x',
        422,
        'meter_not_found',
      ],
      [
        'by what no meter keeps apart',
        'from=2026-11-01&until=2026-12-01&group_by=x',
        422,
        'group_not_found',
      ],
      [
        'with a filter that is none',
        'from=2026-11-01&until=2026-12-01&metre=x',
        400,
        'parameter_not_known',
      ],
    ];
    for (const [name, query, status, code] of questions) {
      test(`a question ${name} is refused`, async () => {
        const answer = await usageOf(await newWorld(), query);
        assert.deepEqual([answer.status, answer.body.code], [status, code]);
      });
    }

    test('meters are made and listed; a code that is taken is refused', async () => {
      const world = await newWorld();
      const headers = {
        authorization: `Bearer ${world.key}`,
        'content-type': 'application/json',
      };
      const body = JSON.stringify({ code: 'calls', event_type: 'call', aggregation: 'count' });
      const made = await fetch(`${url}/v1/meters`, { method: 'POST', headers, body });
      assert.equal(made.status, 201);
      const again = await fetch(`${url}/v1/meters`, { method: 'POST', headers, body });
      assert.deepEqual(
        [again.status, ((await again.json()) as UsageAnswer).code],
        [422, 'meter_code_taken'],
      );
      const listed = (await (await fetch(`${url}/v1/meters`, { headers })).json()) as {
        readonly data: readonly { readonly code: string }[];
      };
      assert.deepEqual(listed.data.map(({ code }) => code).sort(), ['calls', 'models', 'tokens']);
      const taken = await post(world, JSON.stringify(event('1', { type: 'call', data: {} })));
      assert.equal(taken.body.accepted, 1);
    });

    test('events of one merchant are not seen by another', async () => {
      const [ours, theirs] = [await newWorld(), await newWorld()];
      await post(ours, JSON.stringify(event('1')));
      assert.equal((await post(theirs, JSON.stringify(event('1')))).body.accepted, 1);
      assert.equal(await tokens(ours), '5');
      const stranger = ours.customers.get('C-1');
      const answer = await post(theirs, JSON.stringify(event('2', { subject: stranger })));
      assert.equal(answer.body.refused[0]?.code, 'customer_unknown');
    });

    test('two folders at once give what one gives', async () => {
      const world = await newWorld();
      for (let round = 0; round < 6; round += 1) {
        const batch = Array.from({ length: 80 }, (_, place) =>
          event(`f-${round}-${place}`, {
            subject: `C-${(place % 3) + 1}`,
            data: { tokens: place, model: `m${place % 4}` },
          }),
        );
        await post(world, JSON.stringify(batch));
      }
      await Promise.all([foldUsage(world.job), foldUsage(world.job), foldUsage(world.job)]);
      const totals = await Promise.all(['C-1', 'C-2', 'C-3'].map((one) => tokens(world, one)));
      const sum = totals.reduce((total, units) => total + Number(units), 0);
      assert.equal(sum, 6 * ((79 * 80) / 2));
    });
  });
}
