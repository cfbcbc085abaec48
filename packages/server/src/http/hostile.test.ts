import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FastifyInstance } from 'fastify';
import { catalogueOf, priceOf } from '../../../../test/kit/shop.ts';
import { BACKENDS, type FreshStore } from '../../../../test/kit/stores.ts';
import { makeUsageWorld, type UsageWorld } from '../../../../test/kit/usage-world.ts';
import { makeApp } from './app.ts';

const TOKENS = {
  code: 'tokens',
  eventType: 'llm',
  aggregation: 'sum',
  valueProperty: 'tokens',
} as const;

const PRICES = catalogueOf({
  team: [
    priceOf('seat', 'seat', { model: { type: 'per_unit', unit_amount: '31' } }),
    priceOf('large', 'seat', { model: { type: 'per_unit', unit_amount: '99999999999' } }),
    priceOf('pack', 'one_off', { model: { type: 'flat', amount: '99' } }),
  ],
});

const COUPON = {
  code: 'SPRING',
  name_zh: '春季',
  name_en: 'Spring',
  kind: { type: 'percentage', basis_points: 100 },
  duration: { type: 'once' },
};

type Wire = { readonly [key: string]: unknown };
type Answer = { readonly status: number; readonly body: Wire };

for (const backend of BACKENDS) {
  describe(`requests that nobody should send, on ${backend.name}`, () => {
    const databases = backend.databases();
    let store: FreshStore;
    let app: FastifyInstance;
    const warnings: string[] = [];
    const worlds = new Map<string, UsageWorld>();
    let ours: Shop;
    let theirs: Shop;

    before(async () => {
      store = await databases.fresh();
      app = await makeApp({
        store,
        log: { info() {}, warn: (message) => void warnings.push(message) },
        isReady: () => true,
        targetOf: async (code) => {
          const world = worlds.get(code);
          return world && { engine: world.job.engine, inbox: undefined as never };
        },
      });
      ours = await open();
      theirs = await open();
    });
    after(() => app.close());

    /** A merchant with one subscription, and the ids that a stranger might try. */
    async function open() {
      const world = await makeUsageWorld(store, { customers: 2, meters: [TOKENS] });
      worlds.set(world.merchant.code, world);
      const call = async (path: string, json?: object, method = 'POST'): Promise<Answer> => {
        const response = await app.inject({
          method: json === undefined ? 'GET' : (method as 'POST'),
          url: path,
          headers: { authorization: `Bearer ${world.key}` },
          ...(json === undefined ? {} : { payload: json }),
        });
        return { status: response.statusCode, body: response.json() };
      };
      assert.equal((await call('/v1/catalog', PRICES)).status, 200);
      const customer = String(world.customers.get('C-1'));
      const start = {
        customer_id: customer,
        plan: 'team',
        starts_on: '2026-11-01',
        collection: 'by_hand',
        items: [{ price: 'seat', quantity: 2 }],
      };
      const { body } = await call('/v1/subscriptions', start);
      const subscription = body['subscription'] as Wire & {
        readonly id: string;
        readonly items: readonly [{ readonly id: string; readonly price_version_id: string }];
      };
      return { call, customer, start, subscription };
    }
    type Shop = Awaited<ReturnType<typeof open>>;

    const values: readonly (readonly [string, (shop: Shop) => Promise<Answer>, string])[] = [
      [
        'more units than a number is exact for',
        ({ call, start }) =>
          call('/v1/subscriptions', { ...start, items: [{ price: 'seat', quantity: 9e15 }] }),
        'parameter_not_valid',
      ],
      [
        'units of 301 digits',
        ({ call, start }) =>
          call('/v1/subscriptions', { ...start, items: [{ price: 'seat', quantity: 1e300 }] }),
        'parameter_not_valid',
      ],
      [
        'one coupon twice',
        ({ call, start }) => call('/v1/subscriptions', { ...start, coupons: ['A', 'A'] }),
        'parameter_not_valid',
      ],
      [
        'a thousand years of bills',
        ({ call, start, subscription }) =>
          call('/v1/subscriptions', {
            ...start,
            items: [{ price_version_id: subscription.items[0].price_version_id }],
            starts_on: '1026-11-01',
            backdated: true,
          }),
        'start_beyond_backdating',
      ],
      [
        'a term of eight thousand years',
        ({ call, start }) =>
          call('/v1/subscriptions', {
            ...start,
            contract: {
              start: '2026-11-01',
              end: '9999-12-01',
              renewal: 'ends',
              early_termination: { type: 'share_of_remaining', basis_points: 100 },
            },
          }),
        'contract_too_long',
      ],
      [
        'a coupon for more than the database counts',
        ({ call }) => call('/v1/coupons', { ...COUPON, maximum_redemptions: 1e12 }),
        'parameter_not_valid',
      ],
      [
        'the year 0000',
        ({ call, customer }) =>
          call(`/v1/customers/${customer}/usage?from=0000-01-01&until=2026-01-01`),
        'date_not_valid',
      ],
      [
        'U+0000 in a name',
        ({ call }) =>
          call('/v1/customers', { kind: 'person', external_reference: 'x', name: 'a\u0000' }),
        'parameter_not_valid',
      ],
      [
        'U+0000 in a question',
        ({ call }) => call('/v1/customers?external_reference=%00'),
        'parameter_not_valid',
      ],
    ];
    for (const [what, ask, code] of values) {
      test(`${what}: refused, as asking again would not help`, async () => {
        const { status, body } = await ask(ours);
        assert.ok(status === 400 || status === 422, `${status} ${JSON.stringify(body)}`);
        assert.equal(body['code'], code);
        assert.deepEqual(warnings, []);
      });
    }

    const untyped: readonly (readonly [string, unknown])[] = [
      ['true', true],
      ['text', '2'],
      ['null', null],
    ];
    for (const [what, quantity] of untyped) {
      test(`${what} is no quantity`, async () => {
        const { call, start } = ours;
        const items = [{ price: 'seat', quantity }];
        const { status, body } = await call('/v1/subscriptions', { ...start, items });
        assert.deepEqual([status, body['code']], [400, 'parameter_not_valid']);
      });
    }

    const queries: readonly (readonly [string, number])[] = [
      ['limit=1', 200],
      ['limit=true', 400],
      ['limit=1.5', 400],
      ['limit=', 400],
      ['limit=1&limit=2', 400],
    ];
    for (const [query, expected] of queries) {
      test(`customers with ${query}`, async () => {
        assert.equal((await ours.call(`/v1/customers?${query}`)).status, expected);
      });
    }

    test('a start is tried in vain with dry_run=true, and refused with dry_run=1', async () => {
      const { call, start } = ours;
      const { status, body } = await call('/v1/subscriptions?dry_run=true', start);
      assert.deepEqual([status, body['dry_run']], [200, true]);
      assert.equal((await call('/v1/subscriptions?dry_run=1', start)).status, 400);
    });

    test('the departments of another merchant’s customer are not there', async () => {
      const { status } = await ours.call(`/v1/customers/${theirs.customer}/children`);
      assert.equal(status, 404);
      assert.equal((await ours.call(`/v1/customers/${ours.customer}/children`)).status, 200);
    });

    test('a bill that no number can show is parked, and the start is answered', async () => {
      const { call, start } = ours;
      const items = [{ price: 'large', quantity: 1_000_000 }];
      const { status, body } = await call('/v1/subscriptions', { ...start, items });
      assert.deepEqual([status, body['first_invoice']], [200, null], JSON.stringify(body));
      assert.deepEqual(warnings, []);
    });

    const PACK = { meter: 'tokens', units: '1', expires_on: '2027-01-01' };
    type Try = (our: Shop, their: Shop) => readonly [string, object];
    const foreign: readonly (readonly [string, Try])[] = [
      [
        'a customer',
        (our, { customer }) => ['/v1/subscriptions', { ...our.start, customer_id: customer }],
      ],
      [
        'a beneficiary',
        (our, { customer }) => ['/v1/subscriptions', { ...our.start, beneficiary_id: customer }],
      ],
      [
        'a subscription to change',
        (_our, { subscription }) => [
          `/v1/subscriptions/${subscription.id}/changes`,
          { type: 'end', when: 'now' },
        ],
      ],
      [
        'an item to change',
        (our, { subscription }) => [
          `/v1/subscriptions/${our.subscription.id}/changes`,
          { type: 'quantity', item_id: subscription.items[0].id, quantity: 9 },
        ],
      ],
      [
        'a price version',
        (our, { subscription }) => [
          `/v1/subscriptions/${our.subscription.id}/changes`,
          { type: 'add_item', price_version_id: subscription.items[0].price_version_id },
        ],
      ],
      [
        'a subscription to transfer',
        (our, { subscription }) => [
          '/v1/subscriptions/transfer',
          { subscription_ids: [subscription.id], to: our.customer, on_date: '2026-12-01' },
        ],
      ],
      [
        'a payer to transfer to',
        (our, { customer }) => [
          '/v1/subscriptions/transfer',
          { subscription_ids: [our.subscription.id], to: customer, on_date: '2026-12-01' },
        ],
      ],
      [
        'a customer to align',
        (_our, { customer }) => [`/v1/customers/${customer}/align`, { expires_on: '2026-12-31' }],
      ],
      [
        'a customer to give money to',
        (_our, { customer }) => [
          `/v1/customers/${customer}/credit-grants`,
          { kind: 'promotional', amount: { amount: 1, currency: 'CNY' } },
        ],
      ],
      [
        'a customer to give a pack to',
        (_our, { customer }) => [`/v1/customers/${customer}/resource-packs`, PACK],
      ],
      [
        'a subscription that pays a pack',
        (our, { subscription }) => [
          `/v1/customers/${our.customer}/resource-packs`,
          {
            ...PACK,
            sale: {
              subscription_id: subscription.id,
              price_version_id: our.subscription.items[0].price_version_id,
            },
          },
        ],
      ],
      [
        'a customer to watch',
        (_our, { customer }) => [
          '/v1/usage/thresholds',
          { customer_id: customer, meter: 'tokens', units: '1' },
        ],
      ],
      [
        'a subscription to preview',
        (_our, { subscription }) => ['/v1/invoices/preview', { subscription_id: subscription.id }],
      ],
      [
        'an organisation for a department',
        (_our, { customer }) => [
          `/v1/customers/${customer}/children`,
          { children: [{ kind: 'member', external_reference: 'a', name: 'b' }] },
        ],
      ],
      [
        'a customer whose usage is sent',
        (_our, { customer }) => [
          '/v1/usage/events',
          {
            specversion: '1.0',
            id: '1',
            source: 's',
            type: 'llm',
            subject: customer,
            data: { tokens: 1 },
          },
        ],
      ],
    ];
    for (const [what, make] of foreign) {
      test(`${what} of another merchant is not there`, async () => {
        const [path, json] = make(ours, theirs);
        const { status, body } = await ours.call(path, json);
        assert.ok(status === 404 || status === 422, `${status} ${JSON.stringify(body)}`);
        assert.deepEqual(warnings, []);
      });
    }
  });
}
