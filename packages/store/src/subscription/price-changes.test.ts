import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PriceChange, PriceChangeConsent, Subscription } from '@daikou/core';
import { NOW, newCatalog, newId, TODAY } from '../../../../test/kit/life.ts';
import { plain } from '../../../../test/kit/plain.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../../test/kit/world.ts';

const HASH = 'c'.repeat(64);

/** Another version of the world's price, and the change that brings it. */
function newPriceChange(world: World, changes: Partial<PriceChange> = {}): PriceChange {
  const [version] = world.catalog.versions;
  assert.ok(version);
  return {
    id: newId('pch'),
    merchantId: world.merchant.id,
    state: 'published',
    steps: [{ from: version.id, to: newId('prv') }],
    effectiveOn: TODAY,
    audience: 'consumer',
    fallback: { type: 'leave_without_penalty' },
    noticeDays: 30,
    reason: '上游成本上涨',
    createdAt: NOW,
    publishedAt: NOW,
    ...changes,
  };
}

function newConsent(
  change: PriceChange,
  subscription: Subscription,
  changes: Partial<PriceChangeConsent> = {},
): PriceChangeConsent {
  return {
    priceChangeId: change.id,
    subscriptionId: subscription.id,
    customerId: subscription.customerId,
    merchantId: change.merchantId,
    audience: 'consumer',
    direction: 'rise',
    before: { minor: 1_000n, currency: 'CNY' },
    after: { minor: 1_200n, currency: 'CNY' },
    notice: { dueAt: NOW },
    answer: 'silent',
    outcome: 'waiting',
    createdAt: NOW,
    ...changes,
  };
}

const answered = { at: NOW, channel: 'phone', evidenceHash: HASH } as const;
const notice = { channel: 'letter', dueAt: NOW, noticedAt: NOW, reference: 'RR 1' } as const;

for (const backend of BACKENDS) {
  describe(`price changes on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    test('come back as they were saved, with every fallback', async () => {
      const world = await newWorld();
      const [plan] = newCatalog().plans;
      assert.ok(plan);
      const steps = [{ from: newId('prv'), to: newId('prv') }];
      const { publishedAt: _time, ...drafted } = newPriceChange(world, { state: 'draft' });
      const changes: readonly PriceChange[] = [
        drafted,
        newPriceChange(world, { fallback: { type: 'stay_until', until: TODAY }, noticeDays: 45 }),
        newPriceChange(world, {
          state: 'applied',
          appliedAt: NOW,
          audience: 'business',
          fallback: { type: 'downgrade', planId: plan.id, steps },
        }),
        newPriceChange(world, { state: 'withdrawn', withdrawnAt: NOW }),
      ];
      const found = await world.store.transact(world.merchant.id, async (tx) => {
        await tx.save({ priceChanges: changes });
        return {
          all: await tx.listPriceChanges({ limit: 10 }),
          published: await tx.listPriceChanges({ limit: 10, state: 'published' }),
          locked: await tx.lockPriceChange(drafted.id),
          loaded: await tx.loadPriceChanges([drafted.id, newId('pch')]),
        };
      });
      assert.deepEqual(
        plain(found),
        plain({ all: changes, published: [changes[1]], locked: drafted, loaded: [drafted] }),
      );
    });

    test('a consent is added once and keeps what was said', async () => {
      const world = await newWorld();
      const { subscription } = await saveLife(world);
      const change = newPriceChange(world);
      const silent = newConsent(change, subscription);
      const said = newConsent(change, subscription, {
        answer: 'acknowledged',
        answered,
        notice,
        outcome: 'applied',
        effectiveOn: TODAY,
        decidedAt: NOW,
        audience: 'business',
      });
      const key = { priceChange: change.id, subscription: subscription.id };
      const found = await world.store.transact(world.merchant.id, async (tx) => {
        await tx.save({ priceChanges: [change] });
        await tx.addConsents([silent]);
        await tx.save({ priceChangeConsents: [said] });
        await tx.addConsents([silent]);
        return [
          await tx.lockConsents([key]),
          await tx.listConsents({ priceChange: change.id, limit: 10 }),
          await tx.listConsents({ priceChange: change.id, limit: 10, answer: 'silent' }),
          await tx.listConsents({ priceChange: change.id, limit: 10, outcome: 'applied' }),
          await tx.listConsents({ priceChange: change.id, limit: 10, after: subscription.id }),
          await tx.listConsents({
            priceChange: change.id,
            limit: 10,
            customer: subscription.customerId,
          }),
          await tx.listConsents({
            priceChange: change.id,
            limit: 10,
            billedBy: subscription.billedThrough,
          }),
          await tx.listConsents({
            priceChange: change.id,
            limit: 10,
            billedBy: subscription.billedThrough.subtract({ days: 1 }),
          }),
          await tx.countConsents(change.id),
        ];
      });
      assert.deepEqual(
        plain(found),
        plain([
          [said],
          [said],
          [],
          [said],
          [],
          [said],
          [said],
          [],
          [{ answer: 'acknowledged', outcome: 'applied', count: 1 }],
        ]),
      );
    });

    test('the database lets no rise be applied to a consumer who did not agree', async () => {
      const world = await newWorld();
      const { subscription } = await saveLife(world);
      const change = newPriceChange(world);
      const done = { outcome: 'applied', decidedAt: NOW, effectiveOn: TODAY, notice } as const;
      const objected = { answer: 'objected', answered } as const;
      const save = (changes: Partial<PriceChangeConsent>) =>
        world.store.transact(world.merchant.id, async (tx) => {
          await tx.save({ priceChanges: [change] });
          await tx.save({
            priceChangeConsents: [newConsent(change, subscription, { ...done, ...changes })],
          });
        });
      const rule = /price_change_consents_rise_needs_consent/;
      await assert.rejects(save({}), rule);
      await assert.rejects(save(objected), rule);
      await assert.rejects(save({ ...objected, audience: 'business' }), rule);
      await assert.rejects(save({ audience: 'business', notice: { dueAt: NOW } }), rule);
      await save({ audience: 'business' });
      await save({ direction: 'decrease', ...objected });
      await save({ answer: 'acknowledged', answered });
    });

    test('touched are those who hold the version and have not ended', async () => {
      const world = await newWorld();
      const lives = [await saveLife(world), await saveLife(world), await saveLife(world)];
      const [first, second, third] = lives.map(({ subscription }) => subscription);
      assert.ok(first && second && third);
      const change = newPriceChange(world);
      const versions = change.steps.map(({ from }) => from);
      const list = (more: { without?: PriceChange['id']; after?: string } = {}) =>
        world.store.transact(world.merchant.id, (tx) => {
          const { after, ...rest } = more;
          const page = { limit: 10, ...(after === undefined ? {} : { after }) };
          const on = TODAY.add({ days: 1 });
          return tx.listSubscriptionsOnVersions({ versions, on, page, ...rest });
        });
      assert.deepEqual(await list(), [first.id, second.id, third.id]);
      assert.deepEqual(await list({ after: first.id }), [second.id, third.id]);
      await world.store.transact(world.merchant.id, async (tx) => {
        const items = second.items.map((item) => ({ ...item, until: TODAY.add({ days: 1 }) }));
        await tx.save({
          subscriptions: [
            { ...first, state: 'ended', endsOn: TODAY.add({ days: 1 }) },
            { ...second, items },
          ],
          priceChanges: [change],
        });
      });
      assert.deepEqual(await list(), [third.id]);
      await world.store.transact(world.merchant.id, (tx) =>
        tx.addConsents([newConsent(change, third)]),
      );
      assert.deepEqual(await list({ without: change.id }), []);
      assert.deepEqual(await list({ without: newId('pch') }), [third.id]);
    });
  });
}
