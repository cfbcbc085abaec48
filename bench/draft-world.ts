import { randomBytes, randomFillSync } from 'node:crypto';
import {
  bucketOf,
  bucketOfKey,
  type Catalog,
  type Customer,
  DEFAULT_TIMETABLE,
  draftAt,
  type IdPrefix,
  type Merchant,
  makeId,
  type PriceKind,
  present,
  ratio,
  type Subscription,
} from '../packages/core/src/index.ts';
import { ALL_BUCKETS, type Job, NO_PROGRESS } from '../packages/engine/src/index.ts';
import type { OpenedStore } from '../packages/store/src/index.ts';

/** The day on which every subscription's period starts. */
export const DUE = Temporal.PlainDate.from('2026-03-10');
const ZONE = 'Asia/Shanghai';
/** When the drafts of that day fall due. */
export const DRAFT_AT = draftAt(DUE, DEFAULT_TIMETABLE, ZONE);

/** Rows of one transaction while the world is made. */
const BATCH = 2_000;

/** A base fee, five seats and a module: what one subscription has. */
const PRICES: readonly {
  readonly code: string;
  readonly kind: PriceKind;
  readonly yuan: bigint;
}[] = [
  { code: 'base', kind: 'flat', yuan: 99n },
  { code: 'seat', kind: 'seat', yuan: 30n },
  { code: 'reports', kind: 'module', yuan: 45n },
];
const SEATS = 5n;

const newId = <P extends IdPrefix>(prefix: P, bucket = 0) =>
  makeId(prefix, {
    epochMilliseconds: DRAFT_AT.epochMilliseconds,
    random: randomBytes(10),
    bucket,
  });

/** A merchant with `count` subscriptions of three items that are all due to be drafted. */
export async function makeDraftWorld(store: OpenedStore, count: number): Promise<Job> {
  const merchant: Merchant = {
    id: newId('mer'),
    code: 'bench',
    name: 'Bench',
    zone: ZONE,
    mode: 'test',
    testClock: DRAFT_AT.add({ hours: 1 }),
    demo: false,
  };
  await store.saveMerchant(merchant);
  const catalog = newCatalog();
  await store.transact(merchant.id, (tx) => tx.addToCatalog(catalog));
  for (let made = 0; made < count; made += BATCH) {
    const customers = Array.from({ length: Math.min(BATCH, count - made) }, (_, index) =>
      newCustomer(merchant, made + index),
    );
    await store.transact(merchant.id, async (tx) => {
      await tx.insertNewCustomers(customers);
      await tx.save({ subscriptions: customers.map((one) => newSubscription(one, catalog)) });
    });
  }
  return {
    engine: {
      store,
      rails: new Map(),
      channels: new Map(),
      clock: { now: () => Temporal.Now.instant() },
      entropy: pooledEntropy(),
      timetable: DEFAULT_TIMETABLE,
      railNames: new Map(),
      log: { info() {}, warn() {} },
    },
    merchant,
    buckets: ALL_BUCKETS,
    progress: NO_PROGRESS,
  };
}

/** Random bytes are drawn by the pool, as the server draws them. */
function pooledEntropy() {
  const pool = new Uint8Array(8192);
  let used = pool.length;
  return {
    bytes: (length: number) => {
      if (used + length > pool.length) {
        randomFillSync(pool);
        used = 0;
      }
      used += length;
      return pool.slice(used - length, used);
    },
  };
}

function newCatalog(): Catalog {
  const plan = { id: newId('pln'), code: 'team', nameZh: '团队版', nameEn: 'Team' };
  const prices = PRICES.map(({ code, kind }) => ({
    id: newId('prc'),
    planId: plan.id,
    code,
    kind,
    nameZh: '团队版',
    nameEn: 'Team',
  }));
  return {
    plans: [plan],
    prices,
    versions: prices.map(({ id }, index) => ({
      id: newId('prv'),
      priceId: id,
      version: 1,
      currency: 'CNY' as const,
      model: {
        type: 'per_unit' as const,
        unitAmount: ratio(present(PRICES[index], 'a price').yuan),
      },
      taxBasisPoints: 600n,
      taxBehavior: 'inclusive' as const,
      interval: { unit: 'month' as const, count: 1 },
      timing: 'advance' as const,
      effectiveFrom: DUE.subtract({ years: 1 }),
    })),
  };
}

function newCustomer(merchant: Merchant, number: number): Customer {
  const externalReference = `C-${number}`;
  return {
    id: newId('cus', bucketOfKey(merchant.id, externalReference)),
    merchantId: merchant.id,
    kind: 'organisation',
    externalReference,
    name: '示例公司',
    locale: 'zh-CN',
    mail: `payer-${number}@example.test`,
    preferredChannel: 'mail',
    createdAt: DRAFT_AT,
  };
}

function newSubscription(customer: Customer, catalog: Catalog): Subscription {
  const bucket = bucketOf(customer.id);
  return {
    id: newId('sub', bucket),
    merchantId: customer.merchantId,
    customerId: customer.id,
    planId: present(catalog.plans[0], 'the plan').id,
    state: 'active',
    anchor: DUE,
    interval: { unit: 'month', count: 1 },
    startsOn: DUE,
    pauses: [],
    autoRenew: true,
    billedThrough: DUE,
    arrearsThrough: DUE,
    nextBillAt: DRAFT_AT,
    collection: 'auto_debit',
    paymentMethodLabel: '自动扣款',
    items: catalog.versions.map((version, index) => {
      const { kind } = present(PRICES[index], 'a price');
      return {
        id: newId('sit', bucket),
        kind,
        priceVersionId: version.id,
        quantity: kind === 'seat' ? SEATS : 1n,
        from: DUE,
      };
    }),
    createdAt: DRAFT_AT,
  };
}
