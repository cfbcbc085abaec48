import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fromUuid, type Invoice, type Subscription } from '@daikou/core';
import { plain } from '../../../test/kit/plain.ts';
import { openMemoryDatabase } from './backends/pglite.ts';
import { loadMigrations, migrate } from './migrate.ts';
import { type OpenedStore, storeOf } from './open.ts';

// A database of version 7, as it was before prices had models and subscriptions had dates.

/** Bucket 5: the last ten bits of an id are its bucket. */
const uuidOf = (kind: number, number = 1) =>
  `019ca6b1-dd34-7${kind.toString(16).padStart(3, '0')}-8000-00000000${number}005`;
const MERCHANT = uuidOf(0);
const SUBSCRIPTIONS = ['active', 'paused', 'ended', 'parked'].map((state, index) => ({
  state,
  id: uuidOf(3, index + 1),
}));

const ROWS = `
  insert into merchants values ('${MERCHANT}', 'old', 'Old', 'Asia/Shanghai', 'test', null, false);
  insert into plans values ('${MERCHANT}', '${uuidOf(1)}', 'basic', '基础版', 'Basic');
  insert into prices values
    ('${MERCHANT}', '${uuidOf(1)}', '${uuidOf(1)}', 'base', 'flat', '基础费', 'Base fee'),
    ('${MERCHANT}', '${uuidOf(1, 2)}', '${uuidOf(1)}', 'yen', 'module', '日元', 'Yen');
  insert into price_versions values
    ('${MERCHANT}', '${uuidOf(1)}', '${uuidOf(1)}', 1, 'CNY', 2985, 600, 'month', 1, '2026-01-01'),
    ('${MERCHANT}', '${uuidOf(1, 2)}', '${uuidOf(1, 2)}', 1, 'JPY', 500, 1000, 'month', 1,
     '2026-01-01'),
    ('${MERCHANT}', '${uuidOf(1, 3)}', '${uuidOf(1)}', 2, 'KWD', 1500, 0, 'month', 1,
     '2026-01-01');
  insert into customers values (5, '${MERCHANT}', '${uuidOf(2)}', 'C-1', '王小明', 'zh-CN', null,
    null, 'mail', '2026-01-01T00:00:00Z', 0);
  ${SUBSCRIPTIONS.map(
    ({ state, id }) => `
  insert into subscriptions values (5, '${MERCHANT}', '${id}', '${uuidOf(2)}', '${uuidOf(1)}',
    '${state}', '2026-01-31', 'month', 1, 2, '2026-03-23T00:00:00Z', 'auto_debit', '自动扣款',
    ${state === 'active' ? "'2025-01-31', '2027-01-31'" : 'null, null'}, '2026-01-01T00:00:00Z');`,
  ).join('')}
  insert into subscription_items values
    (5, '${MERCHANT}', '${uuidOf(4)}', '${uuidOf(3)}', 1, 'flat', '${uuidOf(1)}', 1, 2005, 'CNY'),
    (5, '${MERCHANT}', '${uuidOf(4, 2)}', '${uuidOf(3)}', 2, 'seat', '${uuidOf(1)}', 3, null, null);
  insert into invoices values
    (5, '${MERCHANT}', '${uuidOf(5)}', '${uuidOf(2)}', '${uuidOf(3)}', 'B1', 'open', 'auto_debit',
     '2026-02-28', '2026-03-31', '2026-02-28', '2026-02-23T00:00:00Z', 'CNY', 2005, 1892, 113,
     '2026-02-20T00:00:00Z', '2026-02-23T00:00:00Z', null);
  insert into invoice_lines values
    (5, '${MERCHANT}', '${uuidOf(5)}', 1, 'flat', '${uuidOf(1)}', '2026-02-28', '2026-03-31', 1,
     2005, 2005, 1892, 113, 600, 'agreed_price', '基础费', 'Base fee');
`;

describe('a database of version 7 with rows', () => {
  let store: OpenedStore;
  const merchant = fromUuid('mer', MERCHANT);
  before(async () => {
    const backend = await openMemoryDatabase();
    await migrate(backend.db, loadMigrations().slice(0, 7));
    await backend.rawSql(ROWS);
    store = await storeOf(backend);
  });
  after(() => store.close());

  const load = () =>
    store.transact(merchant, (tx) =>
      tx.loadSubscriptions(SUBSCRIPTIONS.map(({ id }) => fromUuid('sub', id))),
    );
  const one = async (index: number): Promise<Partial<Subscription>> =>
    plain((await load())[index]) as Partial<Subscription>;

  test('amounts become models in major units of their currency', async () => {
    const { versions } = await store.transact(merchant, (tx) => tx.loadCatalog());
    assert.deepEqual(
      versions.map(({ model, currency }) => ({ model, currency })),
      [
        perUnit({ numerator: 2_985n, denominator: 100n }, 'CNY'),
        perUnit({ numerator: 15n, denominator: 10n }, 'KWD'),
        perUnit({ numerator: 500n, denominator: 1n }, 'JPY'),
      ],
    );
    assert.ok(versions.every((version) => version.taxBehavior === 'inclusive'));
    assert.ok(versions.every((version) => version.timing === 'advance'));
  });

  test('the counter of periods becomes the days that are billed, clamped', async () => {
    const active = await one(0);
    assert.equal(String(active.startsOn), '2026-01-31');
    assert.equal(String(active.arrearsThrough), '2026-02-28');
    assert.equal(String(active.billedThrough), '2026-03-31');
    assert.equal(active.autoRenew, true);
    assert.deepEqual(active.contract, {
      start: '2025-01-31',
      end: '2027-01-31',
      renewal: 'open_ended',
      earlyTermination: { type: 'free' },
    });
  });

  test('agreed amounts become agreed models, and quantities stay', async () => {
    const { items = [] } = await one(0);
    assert.deepEqual(
      items.map(({ quantity, agreedModel, from }) => ({ quantity, agreedModel, from })),
      [
        {
          quantity: 1n,
          agreedModel: perUnit({ numerator: 2_005n, denominator: 100n }, 'CNY').model,
          from: '2026-01-31',
        },
        { quantity: 3n, agreedModel: undefined, from: '2026-01-31' },
      ],
    );
  });

  test('paused, ended and parked subscriptions say since when and why', async () => {
    assert.deepEqual((await one(1)).pauses, [{ from: '2026-03-31' }]);
    assert.equal(String((await one(2)).endsOn), '2026-03-31');
    assert.equal((await one(3)).parked?.reason, 'cannot_be_billed');
  });

  test('an invoice keeps its amounts and gets what today’s lines say', async () => {
    const [invoice] = await store.transact(merchant, (tx) =>
      tx.loadInvoices([fromUuid('inv', uuidOf(5))]),
    );
    const { billingKey, lines, total, balanceApplied, credited }: Partial<Invoice> = invoice ?? {};
    assert.equal(billingKey, 'period:2026-02-28');
    assert.deepEqual([total?.minor, balanceApplied?.minor, credited?.minor], [2_005n, 0n, 0n]);
    const line = lines?.[0];
    assert.deepEqual(
      [line?.priceCode, line?.serviceDays, line?.periodDays, line?.subtotal.minor],
      ['base', 31, 31, 2_005n],
    );
    assert.deepEqual(line?.quantity, { numerator: 1n, denominator: 1n });
    assert.deepEqual(line?.unitAmount, { numerator: 2_005n, denominator: 100n });
    assert.equal(line?.subscriptionId, fromUuid('sub', uuidOf(3)));
  });

  test('nothing that was sound is broken afterwards, but for the journal of the bill', async () => {
    const found = await store.findViolations(100);
    assert.deepEqual(
      found.filter(({ invariant }) => !invariant.startsWith('I5')),
      [],
    );
  });
});

function perUnit(
  unitAmount: { readonly numerator: bigint; readonly denominator: bigint },
  currency: string,
) {
  return { model: { type: 'per_unit', unitAmount }, currency };
}
