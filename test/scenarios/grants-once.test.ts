import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Customer, type GrantRequest, money } from '../../packages/core/src/index.ts';
import { expireCredits, grantCredit, listCredits } from '../../packages/engine/src/index.ts';
import { granted, newPayer } from '../kit/shop.ts';
import { BACKENDS, postgresDatabases } from '../kit/stores.ts';
import { Till } from '../kit/till.ts';

const OPENS = Temporal.PlainDate.from('2026-03-01');

type Wish = Omit<GrantRequest, 'merchantId'>;

function transferOf({ id: customerId }: Customer, changes: Partial<Wish> = {}): Wish {
  return {
    customerId,
    kind: 'prepaid',
    amount: money(5_000n, 'CNY'),
    reference: 'BANK-1',
    ...changes,
  };
}

/** What a customer has left and how often it was told of a grant. */
async function tally(till: Till, { id }: Customer) {
  const grants = granted(await listCredits(till.job(), id));
  const events = await till.engine.store.transact(till.merchant.id, (tx) =>
    tx.loadEventsOf(id, { afterSequence: 0, limit: 100 }),
  );
  return {
    left: grants.reduce((sum, { left }) => sum + left.minor, 0n),
    told: events.filter(({ type }) => type === 'credit.granted').length,
  };
}

for (const backend of BACKENDS) {
  describe(`a bank transfer is granted once on ${backend.name}`, () => {
    const databases = backend.databases();

    test('sent again it is the grant that is there; other words of it are refused', async () => {
      const store = await databases.fresh();
      const till = await Till.open(store, { number: 1, opens: OPENS });
      const payer = await newPayer(till, 'C-1');
      const first = granted(await grantCredit(till.job(), transferOf(payer)));
      assert.equal(first.reference, 'BANK-1');
      const again = granted(await grantCredit(till.job(), transferOf(payer)));
      assert.equal(again.id, first.id);
      const others: readonly Partial<Wish>[] = [
        { amount: money(5_001n, 'CNY') },
        { amount: money(5_000n, 'EUR') },
        { kind: 'promotional' },
        { expiresOn: Temporal.PlainDate.from('2026-12-31') },
      ];
      for (const changes of others) {
        const other = await grantCredit(till.job(), transferOf(payer, changes));
        assert.ok(!other.ok);
        assert.deepEqual(
          [other.refusal.code, other.refusal.field],
          ['reference_used', 'reference'],
        );
      }
      assert.deepEqual(await tally(till, payer), { left: 5_000n, told: 1 });
      assert.deepEqual(await store.findViolations(5), []);
    });

    test('another transfer, another customer or no number is another grant', async () => {
      const store = await databases.fresh();
      const till = await Till.open(store, { number: 2, opens: OPENS });
      const [payer, other] = [await newPayer(till, 'C-1'), await newPayer(till, 'C-2')];
      const gift: Wish = {
        customerId: payer.id,
        kind: 'promotional',
        amount: money(100n, 'CNY'),
      };
      for (const wish of [
        transferOf(payer),
        transferOf(payer, { reference: 'BANK-2' }),
        transferOf(other),
        gift,
        gift,
      ]) {
        granted(await grantCredit(till.job(), wish));
      }
      assert.deepEqual(await tally(till, payer), { left: 10_200n, told: 4 });
      assert.deepEqual(await tally(till, other), { left: 5_000n, told: 1 });
    });

    test('a gift with a number is given once, and still known after it expired', async () => {
      const store = await databases.fresh();
      const till = await Till.open(store, { number: 3, opens: OPENS });
      const payer = await newPayer(till, 'C-1');
      const gift = transferOf(payer, { kind: 'promotional', expiresOn: OPENS.add({ days: 2 }) });
      const first = granted(await grantCredit(till.job(), gift));
      await till.wait(3);
      assert.equal(await expireCredits(till.job()), 1);
      const again = granted(await grantCredit(till.job(), gift));
      assert.deepEqual([again.id, again.left.minor], [first.id, 0n]);
      assert.deepEqual(await tally(till, payer), { left: 0n, told: 1 });
    });
  });
}

describe('clients that send one transfer at the same moment', () => {
  const databases = postgresDatabases();

  test('on PostgreSQL: all are answered with one grant', async () => {
    const store = await databases.fresh();
    const till = await Till.open(store, { number: 4, opens: OPENS });
    for (let round = 1; round <= 10; round += 1) {
      const payer = await newPayer(till, `C-${round}`);
      const answers = await Promise.all(
        [1, 2].map(() => grantCredit(till.job(), transferOf(payer))),
      );
      const ids = answers.map((answer) => granted(answer).id);
      assert.equal(new Set(ids).size, 1);
      assert.deepEqual(await tally(till, payer), { left: 5_000n, told: 1 });
    }
    const [low, high] = [5_000n, 6_000n].map((minor) => money(minor, 'CNY'));
    assert.ok(low !== undefined && high !== undefined);
    const payer = await newPayer(till, 'two-amounts');
    const answers = await Promise.all(
      [low, high].map((amount) => grantCredit(till.job(), transferOf(payer, { amount }))),
    );
    const codes = answers.map((answer) => (answer.ok ? 'done' : answer.refusal.code));
    assert.deepEqual(codes.toSorted(), ['done', 'reference_used']);
    assert.deepEqual(await store.findViolations(5), []);
  });
});
