import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  bucketOf,
  EVENT_TYPES,
  type EventType,
  makeId,
  type NewEvent,
  namesOfType,
  type Tx,
  type WebhookDelivery,
  type WebhookEndpoint,
} from '@daikou/core';
import { type Life, newEvent, newId } from '../../../../test/kit/life.ts';
import { BACKENDS } from '../../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../../test/kit/world.ts';

/** The wall clock of these tests. */
const WALL = Temporal.Instant.from('2026-12-01T00:00:00Z');
const LEASE_SECONDS = 120;
const ALL = { from: 0, until: 1_024 };

function anEndpoint(world: World, change: Partial<WebhookEndpoint> = {}): WebhookEndpoint {
  return {
    id: newId('whe', 0),
    merchantId: world.merchant.id,
    url: 'https://hooks.example.test/',
    description: '',
    types: ['*'],
    state: 'enabled',
    secret: 'sealed',
    createdBy: 'Anna',
    createdAt: WALL,
    ...change,
  };
}

/** An event whose id was made at `wall`. */
function eventAt({ customer }: Life, type: EventType, wall = WALL): NewEvent {
  const random = crypto.getRandomValues(new Uint8Array(10));
  const bucket = bucketOf(customer.id);
  const { epochMilliseconds } = wall;
  const id = makeId('evt', { epochMilliseconds, random, bucket });
  return { ...newEvent(customer, type, customer.id), id };
}

for (const backend of BACKENDS) {
  describe(`webhooks on ${backend.name}`, () => {
    const newTenant = tenantsOf(backend.databases());
    const within = <T>({ store, merchant }: World, work: (tx: Tx) => Promise<T>): Promise<T> =>
      store.transact(merchant.id, work);
    const claim = (world: World, endpoint: WebhookEndpoint, wallNow = WALL) =>
      within(world, (tx) =>
        tx.claimWebhookDeliveries({
          endpointId: endpoint.id,
          buckets: ALL,
          wallNow,
          leaseUntil: wallNow.add({ seconds: LEASE_SECONDS }),
          limit: 100,
        }),
      );
    const typesOf = async (world: World, deliveries: readonly WebhookDelivery[]) => {
      const ids = deliveries.map(({ eventId }) => eventId);
      const events = await within(world, (tx) => tx.loadEvents(ids));
      return events.map(({ type }) => type).sort();
    };

    test('every column comes back as it was saved', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const failing = anEndpoint(world, {
        types: ['invoice.*', 'debit.succeeded'],
        description: '仓库 “A”',
        state: 'failing',
        formerSecret: 'older',
        formerUntil: WALL.add({ hours: 24 }),
        failingSince: WALL,
        retryAt: WALL.add({ seconds: 5 }),
      });
      const disabled = anEndpoint(world, {
        state: 'disabled',
        disabledReason: 'gone',
        disabledBy: 'daikou',
        disabledAt: WALL,
      });
      await within(world, (tx) => tx.save({ webhookEndpoints: [failing, disabled] }));
      assert.deepEqual(await within(world, (tx) => tx.loadWebhookEndpoints()), [failing, disabled]);
      await within(world, (tx) => tx.save({ events: [eventAt(life, 'debit.succeeded')] }));
      const [made, ...others] = await within(world, (tx) =>
        tx.listWebhookDeliveries({ limit: 10 }),
      );
      assert.ok(made !== undefined && others.length === 0, 'one for the failing endpoint');
      const ended: WebhookDelivery = {
        ...made,
        state: 'given_up',
        attemptCount: 3,
        lastStatus: 503,
        lastCode: 'http_503',
        lastAt: WALL,
        endedAt: WALL,
      };
      await within(world, (tx) => tx.save({ webhookDeliveries: [ended] }));
      const read = await within(world, (tx) => tx.lockWebhookDeliveries([ended.id]));
      assert.deepEqual(read, [ended]);
    });

    test('an event is delivered to the endpoints that want its type, and to no other', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const all = anEndpoint(world);
      const family = anEndpoint(world, { types: ['invoice.*', 'refund.*'] });
      const one = anEndpoint(world, { types: ['debit.succeeded'] });
      const off = anEndpoint(world, {
        state: 'disabled',
        disabledReason: 'by_person',
        disabledBy: 'Bao',
        disabledAt: WALL,
      });
      const endpoints = [all, family, one, off];
      await within(world, (tx) => tx.save({ webhookEndpoints: endpoints }));
      const events = EVENT_TYPES.map((type) => eventAt(life, type));
      await within(world, (tx) => tx.save({ events }));
      for (const endpoint of endpoints) {
        const claimed = await claim(world, endpoint);
        const wanted = EVENT_TYPES.filter(
          (type) =>
            endpoint.state === 'enabled' &&
            namesOfType(type).some((name) => endpoint.types.includes(name)),
        );
        assert.deepEqual(await typesOf(world, claimed), [...wanted].sort(), endpoint.types.join());
        for (const delivery of claimed) {
          assert.equal(bucketOf(delivery.id), bucketOf(life.customer.id));
          assert.deepEqual([delivery.dueAt, delivery.createdAt], [WALL, WALL]);
        }
      }
      assert.deepEqual(await world.store.findViolations(10), []);
    });

    test('another merchant’s endpoint is told nothing', async () => {
      const [world, other] = [await newTenant(), await newTenant()];
      const strange = anEndpoint(other);
      await within(other, (tx) => tx.save({ webhookEndpoints: [strange] }));
      const life = await saveLife(world);
      await within(world, (tx) => tx.save({ events: [eventAt(life, 'invoice.paid')] }));
      assert.deepEqual(await claim(other, strange), []);
      assert.deepEqual(await within(world, (tx) => tx.lockWebhookEndpoints([strange.id])), []);
    });

    test('one claim each: leases hold, run out, and end when the clock is set back', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const endpoint = anEndpoint(world);
      await within(world, (tx) => tx.save({ webhookEndpoints: [endpoint] }));
      const event = eventAt(life, 'invoice.paid');
      await within(world, (tx) => tx.save({ events: [event] }));
      const count = async (wallNow: Temporal.Instant) => {
        const dueBy = Temporal.Instant.from('2000-01-01T00:00:00Z');
        const expiredBy = Temporal.PlainDate.from('2000-01-01');
        const due = await within(world, (tx) =>
          tx.countDue({ buckets: ALL, dueBy, expiredBy, wallNow }),
        );
        return due.webhooksToSend;
      };
      const steps: readonly [string, Temporal.Instant, number][] = [
        ['before its time', WALL.subtract({ seconds: 1 }), 0],
        ['in its time', WALL, 1],
        ['while it is held', WALL.add({ seconds: LEASE_SECONDS - 1 }), 0],
        ['when the lease is over', WALL.add({ seconds: LEASE_SECONDS }), 1],
        ['a clock set back by minutes waits for the lease', WALL.add({ seconds: 60 }), 0],
        ['a clock set back by days waits for nothing', WALL.subtract({ hours: 100 }), 1],
      ];
      for (const [name, wallNow, expected] of steps) {
        assert.equal(await count(wallNow), expected, name);
        assert.equal((await claim(world, endpoint, wallNow)).length, expected, name);
      }
    });

    test('what was claimed and not tried is let go; what is of dead endpoints ends', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const endpoint = anEndpoint(world);
      await within(world, (tx) => tx.save({ webhookEndpoints: [endpoint] }));
      const events = [eventAt(life, 'invoice.paid'), eventAt(life, 'debit.succeeded')];
      await within(world, (tx) => tx.save({ events }));
      const claimed = await claim(world, endpoint);
      const ids = claimed.map(({ id }) => id);
      await within(world, (tx) => tx.releaseWebhookDeliveries(ids));
      assert.equal((await claim(world, endpoint)).length, 2);
      const dead = {
        endpoints: [endpoint.id],
        buckets: ALL,
        code: 'endpoint_disabled',
        wallNow: WALL,
      };
      assert.equal(await within(world, (tx) => tx.giveUpWebhookDeliveries(dead)), 2);
      assert.equal(await within(world, (tx) => tx.giveUpWebhookDeliveries(dead)), 0);
      const ended = await within(world, (tx) =>
        tx.listWebhookDeliveries({ limit: 10, endpointId: endpoint.id, state: 'given_up' }),
      );
      assert.deepEqual(
        ended.map(({ lastCode }) => lastCode),
        ['endpoint_disabled', 'endpoint_disabled'],
      );
    });

    test('a replay: a second round of what ended, the same one of what waits', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const endpoint = anEndpoint(world, { types: ['invoice.*'] });
      await within(world, (tx) => tx.save({ webhookEndpoints: [endpoint] }));
      const [waits, delivered, lost, other] = [
        eventAt(life, 'invoice.issued'),
        eventAt(life, 'invoice.paid'),
        eventAt(life, 'invoice.voided'),
        eventAt(life, 'debit.failed'),
      ];
      await within(world, (tx) => tx.save({ events: [waits, delivered, lost, other] }));
      for (const one of await claim(world, endpoint)) {
        const { leaseUntil: _, ...free } = one;
        const ended = { ...free, attemptCount: 1, lastAt: WALL, endedAt: WALL };
        if (one.eventId === delivered.id) {
          const row: WebhookDelivery = { ...ended, state: 'delivered' };
          await within(world, (tx) => tx.save({ webhookDeliveries: [row] }));
        }
        if (one.eventId === lost.id) {
          const row: WebhookDelivery = { ...ended, state: 'given_up' };
          await within(world, (tx) => tx.save({ webhookDeliveries: [row] }));
        }
      }
      const later = WALL.add({ hours: 80 });
      const replay = (choice: Parameters<Tx['replayWebhook']>[0]['choice'], limit = 10) =>
        within(world, (tx) => tx.replayWebhook({ endpoint, choice, wallNow: later, limit }));
      const roundsOf = async () => {
        const rows = await within(world, (tx) =>
          tx.listWebhookDeliveries({ limit: 50, endpointId: endpoint.id }),
        );
        const names = new Map([
          [waits.id, 'waits'],
          [delivered.id, 'delivered'],
          [lost.id, 'lost'],
          [other.id, 'other'],
        ]);
        return rows.map((row) => `${names.get(row.eventId)} ${row.round} ${row.state}`).sort();
      };
      const before = await roundsOf();
      const since = Temporal.Instant.from('2000-01-01T00:00:00Z');
      assert.equal(
        await replay({ since, failedOnly: false }, 2),
        3,
        'too many: nothing is written',
      );
      assert.deepEqual(await roundsOf(), before);
      assert.equal(await replay({ since, until: since, failedOnly: false }), 0);
      assert.equal(await replay({ since, failedOnly: true }), 1);
      assert.deepEqual(await roundsOf(), [...before, 'lost 2 pending'].sort());
      assert.equal(await replay({ events: [other.id, delivered.id, waits.id] }), 3);
      assert.deepEqual(
        await roundsOf(),
        [...before, 'delivered 2 pending', 'lost 2 pending', 'other 1 pending'].sort(),
      );
      const due = await claim(world, endpoint, later);
      assert.equal(due.length, 4);
      for (const one of due) assert.deepEqual(one.createdAt, later);
      assert.deepEqual(await world.store.findViolations(10), []);
    });

    test('what ended long ago is deleted in batches; the event stays and is replayed', async () => {
      const world = await newTenant();
      const life = await saveLife(world);
      const endpoint = anEndpoint(world);
      await within(world, (tx) => tx.save({ webhookEndpoints: [endpoint] }));
      const names = ['delivered', 'lost', 'waits', 'fresh', 'second'] as const;
      const events = names.map(() => eventAt(life, 'invoice.paid'));
      await within(world, (tx) => tx.save({ events }));
      const nameOf = new Map(events.map(({ id }, at) => [id, names[at] ?? '']));
      const end = (one: WebhookDelivery, state: 'delivered' | 'given_up', endedAt = WALL) => {
        const { leaseUntil: _, ...free } = one;
        const ended: WebhookDelivery = { ...free, state, attemptCount: 1, endedAt };
        return within(world, (tx) => tx.save({ webhookDeliveries: [ended] }));
      };
      for (const one of await claim(world, endpoint)) {
        const name = nameOf.get(one.eventId);
        if (name === 'delivered') await end(one, 'delivered');
        if (name === 'lost' || name === 'second') await end(one, 'given_up');
        if (name === 'fresh') await end(one, 'delivered', WALL.add({ hours: 24 }));
      }
      const second = events[names.indexOf('second')];
      assert.ok(second !== undefined);
      const replayOf = (id: NewEvent['id'], wallNow: Temporal.Instant) =>
        within(world, (tx) =>
          tx.replayWebhook({ endpoint, choice: { events: [id] }, wallNow, limit: 10 }),
        );
      await replayOf(second.id, WALL);
      for (const one of await claim(world, endpoint)) {
        if (one.round === 2) await end(one, 'delivered');
      }
      const left = async () => {
        const rows = await within(world, (tx) => tx.listWebhookDeliveries({ limit: 50 }));
        return rows.map((row) => `${nameOf.get(row.eventId)} ${row.round} ${row.state}`).sort();
      };
      const purge = async (delivered: Temporal.Instant, givenUp: Temporal.Instant, limit = 10) =>
        await within(world, (tx) => tx.purgeWebhookDeliveries({ delivered, givenUp, limit }));
      const late = WALL.add({ seconds: 1 });
      assert.equal(await purge(WALL, WALL), 0, 'nothing ended before');
      // A second round that was delivered never leaves a first one that says it was given up.
      const all = [await purge(late, WALL, 1), await purge(late, WALL), await purge(late, WALL)];
      assert.deepEqual(
        all.reduce((sum, one) => sum + one, 0),
        3,
        'delivered, and both rounds of the second',
      );
      assert.equal(all[0], 1, 'a batch is bounded');
      assert.equal(await purge(late, WALL), 0);
      assert.deepEqual(await left(), ['fresh 1 delivered', 'lost 1 given_up', 'waits 1 pending']);
      assert.equal(await purge(late, late), 1);
      assert.deepEqual(await left(), ['fresh 1 delivered', 'waits 1 pending']);
      const lost = events[names.indexOf('lost')];
      assert.ok(lost !== undefined);
      assert.equal(await replayOf(lost.id, late), 1);
      const again = (await claim(world, endpoint, late)).filter((one) => one.eventId === lost.id);
      assert.deepEqual(
        again.map(({ round, state }) => `${round} ${state}`),
        ['1 pending'],
      );
      assert.deepEqual(await world.store.findViolations(10), []);
    });

    test('the list of events: in order, by page, by type and by customer', async () => {
      const world = await newTenant();
      const lives = [await saveLife(world), await saveLife(world)];
      const made = lives.flatMap((life) =>
        (['invoice.issued', 'debit.failed', 'invoice.paid'] as const).map((type, at) =>
          eventAt(life, type, WALL.add({ seconds: at })),
        ),
      );
      await within(world, (tx) => tx.save({ events: made }));
      const after = makeId('evt', {
        epochMilliseconds: WALL.epochMilliseconds,
        random: new Uint8Array(10),
        bucket: 0,
      });
      const list = (page: Parameters<Tx['listEvents']>[0]) =>
        within(world, (tx) => tx.listEvents(page));
      const ids = (await list({ limit: 50, after })).map(({ id }) => id);
      assert.deepEqual(ids, made.map(({ id }) => id).sort());
      const paged: string[] = [];
      for (let page = 0; page < 3; page += 1) {
        const rows = await list({ limit: 2, after: paged.at(-1) ?? after });
        paged.push(...rows.map(({ id }) => id));
      }
      assert.deepEqual(paged, ids);
      const [first] = lives;
      assert.ok(first !== undefined);
      const own = await list({ limit: 50, after, customerId: first.customer.id });
      assert.deepEqual(
        own.map(({ sequence, type }) => `${sequence} ${type}`),
        ['3 invoice.issued', '4 debit.failed', '5 invoice.paid'],
      );
      const invoices = await list({ limit: 50, after, types: ['invoice.*'] });
      assert.deepEqual([...new Set(invoices.map(({ type }) => type))].sort(), [
        'invoice.issued',
        'invoice.paid',
      ]);
      assert.equal((await list({ limit: 50, after, types: ['debit.failed'] })).length, 2);
      assert.deepEqual(await list({ limit: 50, after, types: ['refund.*'] }), []);
    });
  });
}
