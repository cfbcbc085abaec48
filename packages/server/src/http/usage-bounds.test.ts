import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { draftInvoices } from '@daikou/engine';
import type { FastifyInstance } from 'fastify';
import { assertDocumented } from '../../../../test/kit/documented.ts';
import { catalogueOf, priceOf } from '../../../../test/kit/shop.ts';
import { BACKENDS, type FreshStore } from '../../../../test/kit/stores.ts';
import { makeUsageWorld, type UsageWorld } from '../../../../test/kit/usage-world.ts';
import { makeApp } from './app.ts';

type Answer = { readonly status: number; readonly body: unknown };

const TOKENS = {
  code: 'tokens',
  eventType: 'llm',
  aggregation: 'sum',
  valueProperty: 'tokens',
} as const;

const PRICES = catalogueOf({
  model: [
    priceOf('tokens', 'metered', {
      model: { type: 'per_unit', unit_amount: '0.5' },
      meter: 'tokens',
    }),
    priceOf('pack', 'one_off', { model: { type: 'flat', amount: '99' } }),
  ],
});

/** A value inside an answer, by its path. */
function at({ body }: Answer, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inside, key) => (inside as Record<string | number, unknown> | undefined)?.[key],
    body,
  );
}

for (const backend of BACKENDS) {
  describe(`resource packs and thresholds over HTTP on ${backend.name}`, () => {
    const databases = backend.databases();
    let store: FreshStore;
    let app: FastifyInstance;
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
    });
    after(() => app.close());

    async function client() {
      const world = await makeUsageWorld(store, { customers: 2, meters: [TOKENS] });
      worlds.set(world.merchant.code, world);
      const call = async (path: string, json?: object): Promise<Answer> => {
        const method = json === undefined ? 'GET' : 'POST';
        const response = await app.inject({
          method,
          url: path,
          headers: { authorization: `Bearer ${world.key}` },
          ...(json === undefined ? {} : { payload: json }),
        });
        const answer = { status: response.statusCode, body: response.json() };
        assertDocumented({ method, path }, answer);
        return answer;
      };
      return { world, call, packs: `/v1/customers/${world.customers.get('C-1')}/resource-packs` };
    }

    async function shop() {
      const made = await client();
      const { call, world } = made;
      assert.equal((await call('/v1/catalog', PRICES)).status, 200);
      const started = await call('/v1/subscriptions', {
        customer_id: world.customers.get('C-1'),
        plan: 'model',
        starts_on: '2026-11-01',
        collection: 'by_hand',
      });
      assert.equal(started.status, 200, JSON.stringify(started.body));
      const prices = (await call('/v1/prices')).body as {
        readonly data: readonly { readonly code: string; readonly versions: { id: string }[] }[];
      };
      const versionOf = (code: string) =>
        prices.data.find((price) => price.code === code)?.versions[0]?.id;
      return { ...made, versionOf, subscription: at(started, 'subscription', 'id') };
    }

    test('a pack is granted, and what an invoice burnt of it is gone', async () => {
      const { world, call, packs } = await shop();
      const pack = { meter: 'tokens', units: '100.5', expires_on: '2027-01-01' };
      const added = await call(packs, pack);
      assert.equal(added.status, 201, JSON.stringify(added.body));
      assert.equal(at(added, 'resource_pack', 'valid_from'), '2026-11-21');
      assert.deepEqual([at(added, 'lines'), at(added, 'billed')], [[], null]);
      const event = {
        specversion: '1.0',
        id: '1',
        source: 's',
        type: 'llm',
        subject: 'C-1',
        data: { tokens: '120' },
      };
      assert.equal((await call('/v1/usage/events', event)).status, 202);
      const december = Temporal.Instant.from('2026-12-02T00:00:00Z');
      const merchant = { ...world.merchant, testClock: december };
      assert.equal((await draftInvoices({ ...world.job, merchant })).drafted, 1);
      const list = await call(packs);
      assert.deepEqual(
        [at(list, 'data', 0, 'units_left'), at(list, 'data', 0, 'units_bought')],
        ['0', '100.5'],
      );
      const customer = world.customers.get('C-1');
      const invoices = await app.inject({
        url: `/v1/invoices?customer_id=${customer}`,
        headers: { authorization: `Bearer ${world.key}` },
      });
      // 19.5 units that the pack did not cover, at ¥0.50.
      assert.equal(invoices.json().data[0].total.amount, 975);
    });

    test('a pack that is sold waits for the next invoice, or is billed at once', async () => {
      const { call, packs, versionOf, subscription } = await shop();
      const pack = { meter: 'tokens', units: '100', expires_on: '2027-01-01' };
      const sale = { subscription_id: subscription, price_version_id: versionOf('pack') };
      const waiting = await call(packs, { ...pack, sale });
      assert.equal(waiting.status, 201, JSON.stringify(waiting.body));
      assert.equal(at(waiting, 'lines', 0, 'amount', 'amount'), 9_900);
      assert.equal(at(waiting, 'billed'), null);
      const billed = await call(packs, { ...pack, sale: { ...sale, bill: 'now' } });
      assert.equal(at(billed, 'billed', 'total', 'amount'), 9_900);
      assert.equal(at(billed, 'billed', 'due_date'), '2026-11-21');
      assert.equal(at(billed, 'resource_pack', 'price_version_id'), versionOf('pack'));
    });

    const PACK = { meter: 'tokens', units: '1', expires_on: '2027-01-01' };
    const refused: readonly (readonly [string, object, number, string, string])[] = [
      ['of no units', { units: '0' }, 422, 'pack_units_not_positive', 'units'],
      ['of fewer than none', { units: '-1' }, 422, 'pack_units_not_positive', 'units'],
      ['of units that are none', { units: '1e3' }, 422, 'decimal_not_a_number', 'units'],
      ['of an unknown meter', { meter: 'x' }, 422, 'meter_not_found', 'meter'],
      ['that is over', { expires_on: '2026-11-21' }, 422, 'pack_over_already', 'expires_on'],
      [
        'over before it begins',
        { valid_from: '2027-01-01' },
        422,
        'pack_ends_before_it_starts',
        'expires_on',
      ],
      ['until 30 February', { expires_on: '2027-02-30' }, 400, 'parameter_not_valid', 'expires_on'],
      ['with a field that is none', { unit: 1 }, 400, 'parameter_not_known', 'unit'],
    ];
    for (const [name, changes, status, code, param] of refused) {
      test(`a pack ${name} is refused`, async () => {
        const { call, packs } = await client();
        const answer = await call(packs, { ...PACK, ...changes });
        assert.deepEqual(
          [answer.status, at(answer, 'code'), at(answer, 'param')],
          [status, code, param],
        );
        assert.deepEqual(at(await call(packs), 'data'), []);
      });
    }

    test('a sale through a price that recurs, or to another customer, is refused', async () => {
      const { world, call, packs, versionOf, subscription } = await shop();
      const sale = { subscription_id: subscription, price_version_id: versionOf('tokens') };
      const recurs = await call(packs, { ...PACK, sale });
      assert.deepEqual(
        [at(recurs, 'code'), at(recurs, 'param')],
        ['pack_price_recurs', 'sale.price_version_id'],
      );
      const others = packs.replace(
        String(world.customers.get('C-1')),
        String(world.customers.get('C-0')),
      );
      const bought = { ...sale, price_version_id: versionOf('pack') };
      const other = await call(others, { ...PACK, sale: bought });
      assert.deepEqual(
        [at(other, 'code'), at(other, 'param')],
        ['subscription_not_of_customer', 'sale.subscription_id'],
      );
      assert.deepEqual([at(await call(packs), 'data'), at(await call(others), 'data')], [[], []]);
    });

    test('thresholds are added and listed', async () => {
      const { world, call } = await client();
      const customer = String(world.customers.get('C-1'));
      const wanted = { customer_id: customer, meter: 'tokens', units: '10' };
      const added = await call('/v1/usage/thresholds', wanted);
      assert.equal(added.status, 201, JSON.stringify(added.body));
      assert.deepEqual([at(added, 'anchor'), at(added, 'units')], ['2026-11-01', '10']);
      const amount = { amount: 500, currency: 'CNY' };
      const second = { customer_id: customer, meter: 'tokens', amount, anchor: '2026-11-05' };
      assert.equal((await call('/v1/usage/thresholds', second)).status, 201);
      const list = await call(`/v1/usage/thresholds?customer_id=${customer}`);
      assert.equal((at(list, 'data') as unknown[]).length, 2);
    });

    const THRESHOLD = { meter: 'tokens', units: '1' };
    const limits: readonly (readonly [string, object, string])[] = [
      ['without a limit', { units: undefined }, 'threshold_limit_not_valid'],
      ['with two limits', { amount: { amount: 1, currency: 'CNY' } }, 'threshold_limit_not_valid'],
      ['of zero', { units: '0' }, 'threshold_limit_not_valid'],
      ['of an unknown meter', { meter: 'x' }, 'meter_not_found'],
    ];
    for (const [name, changes, code] of limits) {
      test(`a threshold ${name} is refused`, async () => {
        const { world, call } = await client();
        const customer_id = world.customers.get('C-1');
        const answer = await call('/v1/usage/thresholds', {
          customer_id,
          ...THRESHOLD,
          ...changes,
        });
        assert.deepEqual([answer.status, at(answer, 'code')], [422, code]);
      });
    }

    test('customers of another merchant are not found', async () => {
      const [ours, theirs] = [await client(), await client()];
      assert.equal((await theirs.call(ours.packs, PACK)).status, 404);
      assert.equal((await theirs.call(ours.packs)).status, 404);
      const query = `customer_id=${ours.world.customers.get('C-1')}`;
      assert.equal((await theirs.call(`/v1/usage/thresholds?${query}`)).status, 404);
    });
  });
}
