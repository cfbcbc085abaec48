import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bucketOf, type Claim, type Id, type Tx } from '@daikou/core';
import { type Life, NOW, openAttempt } from '../../../test/kit/life.ts';
import { BACKENDS, postgresDatabases } from '../../../test/kit/stores.ts';
import { saveLife, tenantsOf, type World } from '../../../test/kit/world.ts';

const ALL = { from: 0, until: 1024 };

type Kind = {
  /** Claimed in the order of the index, so that a claim reads its own rows only. */
  readonly bucketByBucket?: true;
  readonly name: string;
  readonly claim: (tx: Tx, claim: Claim) => Promise<readonly Id[]>;
  /** Makes the life's row due at this instant. */
  readonly make: (world: World, life: Life, dueAt: Temporal.Instant) => Promise<void>;
  readonly idOf: (life: Life) => Id;
};

const save = (world: World, changes: Parameters<Tx['save']>[0]) =>
  world.store.transact(world.merchant.id, (tx) => tx.save(changes));

const lease = { wallNow: NOW, leaseUntil: NOW.add({ seconds: 60 }) };

const KINDS: readonly Kind[] = [
  {
    name: 'subscriptions to bill',
    bucketByBucket: true,
    claim: async (tx, claim) => (await tx.claimSubscriptionsToBill(claim)).map(({ id }) => id),
    make: (world, { subscription }, nextBillAt) =>
      save(world, { subscriptions: [{ ...subscription, nextBillAt }] }),
    idOf: ({ subscription }) => subscription.id,
  },
  {
    name: 'invoices to issue',
    claim: async (tx, claim) => (await tx.claimInvoicesToIssue(claim)).map(({ id }) => id),
    make: (world, { invoice: { issuedAt: _issued, paidAt: _paid, ...invoice } }, issueAt) =>
      save(world, { invoices: [{ ...invoice, state: 'draft', issueAt }] }),
    idOf: ({ invoice }) => invoice.id,
  },
  {
    name: 'notices to send',
    claim: async (tx, claim) =>
      (await tx.claimNoticesToSend({ ...claim, ...lease })).map(({ id }) => id),
    make: (world, { notice }, dueAt) =>
      save(world, { notices: [{ ...notice, state: 'planned', dueAt }] }),
    idOf: ({ notice }) => notice.id,
  },
  {
    name: 'debits to announce',
    claim: async (tx, claim) =>
      (await tx.claimDebitsToAnnounce(claim)).map(({ debit }) => debit.id),
    make: (world, { debit }, announceAt) =>
      save(world, { debits: [{ ...debit, state: 'scheduled', announceAt }] }),
    idOf: ({ debit }) => debit.id,
  },
  {
    name: 'debits to submit',
    claim: async (tx, claim) => (await tx.claimDebitsToSubmit(claim)).map(({ debit }) => debit.id),
    make: (world, { debit }, collectAt) =>
      save(world, { debits: [{ ...debit, state: 'scheduled', collectAt }] }),
    idOf: ({ debit }) => debit.id,
  },
  {
    name: 'attempts to ask',
    claim: async (tx, claim) => (await tx.claimAttemptsToAsk(claim)).map(({ debitId }) => debitId),
    make: (world, { debit }, askAt) =>
      save(world, { attempts: [{ ...openAttempt(debit, 2), askAt }] }),
    idOf: ({ debit }) => debit.id,
  },
];

const orderOf = (kind: Kind) => (kind.bucketByBucket === true ? 'by bucket' : 'earliest first');

/** Ids that fell due in this order, as a claim returns them. */
function inOrder(kind: Kind, ids: readonly Id[]): readonly Id[] {
  if (kind.bucketByBucket !== true) return ids;
  return ids.toSorted((left, right) => bucketOf(left) - bucketOf(right));
}

const at = (hours: number) => NOW.add({ hours });

async function makeDue(kind: Kind, world: World, hours: readonly number[]) {
  const lives: Life[] = [];
  for (const hour of hours) {
    const life = await saveLife(world, ({ subscription }) => ({
      subscription: { ...subscription, nextBillAt: at(9_000) },
    }));
    await kind.make(world, life, at(hour));
    lives.push(life);
  }
  return lives.map(kind.idOf);
}

for (const backend of BACKENDS) {
  describe(`claims on ${backend.name}`, () => {
    const newWorld = tenantsOf(backend.databases());

    for (const kind of KINDS) {
      test(`${kind.name} come when due, ${orderOf(kind)}, up to the limit`, async () => {
        const world = await newWorld();
        const [later, earlier, notYet] = await makeDue(kind, world, [2, 1, 4]);
        assert.ok(later !== undefined && earlier !== undefined && notYet !== undefined);
        const claim = (changes: Partial<Claim>) =>
          world.store.transact(world.merchant.id, async (tx) => {
            const ids = await kind.claim(tx, { buckets: ALL, dueBy: at(3), limit: 10, ...changes });
            throw new Ids(ids);
          });
        const bucket = bucketOf(earlier);
        const ordered = inOrder(kind, [earlier, later]);
        assert.deepEqual(await idsOf(claim({})), ordered);
        assert.deepEqual(await idsOf(claim({ limit: 1 })), ordered.slice(0, 1));
        assert.deepEqual(await idsOf(claim({ dueBy: at(1) })), [earlier]);
        assert.deepEqual(await idsOf(claim({ dueBy: at(0) })), []);
        const own = await idsOf(claim({ buckets: { from: bucket, until: bucket + 1 } }));
        assert.ok(own.includes(earlier));
        assert.ok(!(await idsOf(claim({ buckets: { from: 0, until: bucket } }))).includes(earlier));
      });
    }

    test('a claimed notice is claimed again when its lease has run out', async () => {
      const world = await newWorld();
      const kind = KINDS[2];
      assert.ok(kind !== undefined);
      const [id] = await makeDue(kind, world, [0]);
      const claim = (wallNow: Temporal.Instant) =>
        world.store.transact(world.merchant.id, (tx) =>
          tx.claimNoticesToSend({
            buckets: ALL,
            dueBy: at(1),
            limit: 10,
            wallNow,
            leaseUntil: wallNow.add({ seconds: 60 }),
          }),
        );
      const [claimed] = await claim(NOW);
      assert.equal(claimed?.id, id);
      assert.equal(claimed?.state, 'sending');
      assert.equal(claimed?.leaseUntil?.toString(), NOW.add({ seconds: 60 }).toString());
      assert.deepEqual(await claim(NOW.add({ seconds: 59 })), []);
      assert.equal((await claim(NOW.add({ seconds: 60 }))).length, 1);
    });

    test('a claim without a limit is our bug', async () => {
      const { store, merchant } = await newWorld();
      for (const limit of [0, -1, 1.5, 1e9]) {
        const claim = store.transact(merchant.id, (tx) =>
          tx.claimInvoicesToIssue({ buckets: ALL, dueBy: NOW, limit }),
        );
        await assert.rejects(claim, { name: 'InvariantBroken' });
      }
    });
  });
}

describe('claims of two workers on PostgreSQL', () => {
  const newWorld = tenantsOf(postgresDatabases());

  for (const kind of KINDS) {
    test(`${kind.name}: neither waits for the other nor takes its rows`, async () => {
      const world = await newWorld();
      const ids = inOrder(kind, await makeDue(kind, world, [1, 2, 3]));
      const claim = { buckets: ALL, dueBy: at(5) };
      const { transact } = world.store;
      const release = Promise.withResolvers<void>();
      const holding = Promise.withResolvers<readonly Id[]>();
      const first = transact(world.merchant.id, async (tx) => {
        holding.resolve(await kind.claim(tx, { ...claim, limit: 2 }));
        await release.promise;
      });
      const held = await holding.promise;
      const second = await transact(world.merchant.id, (tx) =>
        kind.claim(tx, { ...claim, limit: 10 }),
      );
      release.resolve();
      await first;
      assert.deepEqual([held, second], [ids.slice(0, 2), ids.slice(2)]);
    });
  }
});

/** Carries the ids out of a transaction that is rolled back, so that rows stay due. */
class Ids extends Error {
  readonly ids: readonly Id[];

  constructor(ids: readonly Id[]) {
    super('rolled back');
    this.ids = ids;
  }
}

async function idsOf(claim: Promise<never>): Promise<readonly Id[]> {
  try {
    return await claim;
  } catch (error) {
    if (error instanceof Ids) return error.ids;
    throw error;
  }
}
