import {
  bucketOfKey,
  type Customer,
  type CustomerId,
  type Merchant,
  makeId,
  type NewMeter,
} from '../../packages/core/src/index.ts';
import {
  ALL_BUCKETS,
  addMeter,
  idSource,
  type Job,
  NO_PROGRESS,
} from '../../packages/engine/src/index.ts';
import { composeEngine } from '../../packages/server/src/compose.ts';
import { hashKey } from '../../packages/server/src/http/keys.ts';
import type { OpenedStore } from '../../packages/store/src/index.ts';
import { ZONE } from './builders.ts';

/** The present of every world of usage: a Saturday afternoon in Shanghai. */
export const USAGE_NOW = Temporal.Instant.from('2026-11-21T08:00:00Z');

/** A merchant that meters: its customers by reference, an engine, an API key. */
export type UsageWorld = {
  readonly job: Job;
  readonly merchant: Merchant;
  readonly customers: ReadonlyMap<string, CustomerId>;
  /** Bearer key of the HTTP API. */
  readonly key: string;
};

/** Makes a merchant with customers `C-0` … `C-<count − 1>` and these meters. */
export async function makeUsageWorld(
  store: OpenedStore,
  wanted: { readonly customers: number; readonly meters: readonly NewMeter[] },
): Promise<UsageWorld> {
  const merchant: Merchant = {
    id: makeId('mer', {
      epochMilliseconds: Date.now(),
      random: crypto.getRandomValues(new Uint8Array(10)),
      bucket: 0,
    }),
    code: `u-${crypto.randomUUID()}`,
    name: '示例模型服务',
    zone: ZONE,
    mode: 'test',
    testClock: USAGE_NOW,
    demo: false,
  };
  await store.saveMerchant(merchant);
  const key = `dk_test_${crypto.randomUUID()}`;
  await store.saveApiKey(merchant.id, hashKey(key), 'usage world');
  const engine = composeEngine({
    store,
    log: { info() {}, warn() {} },
    connections: {},
    baseUrl: 'http://127.0.0.1',
    merchantCode: merchant.code,
  });
  const job: Job = { engine, merchant, buckets: ALL_BUCKETS, progress: NO_PROGRESS };
  const made = Array.from({ length: wanted.customers }, (_, index) =>
    newCustomer(job, `C-${index}`),
  );
  await store.transact(merchant.id, (tx) => tx.insertNewCustomers(made));
  for (const meter of wanted.meters) {
    const added = await addMeter({ ...job, merchant: beforeNow(merchant) }, meter);
    if (!added.ok) throw new Error(added.refusal.sentence);
  }
  const customers = new Map(made.map((one) => [one.externalReference, one.id]));
  return { job, merchant, customers, key };
}

/** Meters of a world were made a year before its present. */
function beforeNow(merchant: Merchant): Merchant {
  return { ...merchant, testClock: USAGE_NOW.subtract({ hours: 24 * 365 }) };
}

function newCustomer(job: Job, externalReference: string): Customer {
  const { merchant, engine } = job;
  return {
    id: idSource(engine)('cus', bucketOfKey(merchant.id, externalReference)),
    merchantId: merchant.id,
    kind: 'person',
    externalReference,
    name: externalReference,
    locale: 'zh-CN',
    preferredChannel: 'mail',
    consolidatedBilling: false,
    createdAt: USAGE_NOW,
  };
}
