import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { KnownRequest } from '../../packages/core/src/index.ts';
import { makeApp } from '../../packages/server/src/http/app.ts';
import { type FreshStore, postgresDatabases } from '../kit/stores.ts';
import { makeUsageWorld, type UsageWorld } from '../kit/usage-world.ts';

const PROCESSES = 2;
const ROUNDS = 20;
const GIFT = { kind: 'promotional', amount: { amount: 100, currency: 'CNY' } };

type App = Awaited<ReturnType<typeof makeApp>>;
type Answer = { readonly status: number; readonly text: string; readonly isReplayed: boolean };

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('one idempotency key at two processes on one PostgreSQL', () => {
  const databases = postgresDatabases();
  let stores: readonly FreshStore[] = [];
  let apps: readonly App[] = [];
  let world: UsageWorld;

  before(async () => {
    stores = await databases.shared(PROCESSES);
    const [first] = stores;
    assert.ok(first);
    world = await makeUsageWorld(first, { customers: 1, meters: [] });
    apps = await Promise.all(stores.map(serve));
  });
  after(() => Promise.all(apps.map((app) => app.close())));

  async function serve(store: FreshStore): Promise<App> {
    const engine = { ...world.job.engine, store };
    return await makeApp({
      store,
      log: { info() {}, warn: (message) => assert.fail(message) },
      isReady: () => true,
      targetOf: async () => ({ engine, inbox: undefined as never }),
    });
  }

  const path = () => `/v1/customers/${world.customers.get('C-0')}/credit-grants`;
  const authorization = () => `Bearer ${world.key}`;

  async function give(app: App, key: string): Promise<Answer> {
    const answer = await app.inject({
      method: 'POST',
      url: path(),
      headers: { authorization: authorization(), 'idempotency-key': key },
      payload: GIFT,
    });
    const isReplayed = answer.headers['idempotency-replayed'] === 'true';
    return { status: answer.statusCode, text: answer.body, isReplayed };
  }

  test('the insert decides: one begins, the others learn of it', async () => {
    const begin = (store: FreshStore, number: number): Promise<KnownRequest | undefined> =>
      store.transact(world.merchant.id, async (tx) => {
        const known = await tx.beginRequest({
          keyHash: sha256(`k${number}`),
          fingerprint: sha256('body'),
          createdAt: Temporal.Now.instant(),
        });
        // Held open, so that the other meets a row that is not committed.
        await new Promise((resolve) => setTimeout(resolve, 5));
        return known;
      });
    for (let number = 0; number < ROUNDS; number += 1) {
      const both = await Promise.all(stores.map((store) => begin(store, number)));
      assert.deepEqual(both.map((known) => known?.state ?? 'begun').toSorted(), [
        'begun',
        'in_flight',
      ]);
    }
  });

  test('two gifts at once under one key: one is given, and both hear of that one', async () => {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const key = `gift-${round}`;
      const answers = await Promise.all([...apps, ...apps].map((app) => give(app, key)));
      const handled = answers.filter(({ status, isReplayed }) => status === 200 && !isReplayed);
      assert.equal(handled.length, 1, JSON.stringify(answers));
      for (const { status, isReplayed, text } of answers) {
        if (status === 200) assert.equal(text, handled[0]?.text);
        else assert.deepEqual([status, isReplayed], [409, false], text);
        if (status === 409) assert.equal(JSON.parse(text).code, 'idempotency_in_flight');
      }
      for (const app of apps) {
        const again = await give(app, key);
        assert.deepEqual(again, { ...handled[0], isReplayed: true });
      }
      const [app] = apps;
      const listed = await app?.inject({
        url: path(),
        headers: { authorization: authorization() },
      });
      assert.equal(listed?.json().data.length, round);
    }
  });
});
