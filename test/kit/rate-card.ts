import assert from 'node:assert/strict';
import {
  bucketOf,
  type Customer,
  draftAt,
  formatMoney,
  type PriceVersion,
  type Subscription,
  type SubscriptionId,
  type SubscriptionItem,
} from '../../packages/core/src/index.ts';
import { idSource, nowOf } from '../../packages/engine/src/index.ts';
import { ZONE } from './builders.ts';
import { catalogueOf, invoicesOf, priceOf, publish } from './shop.ts';
import type { Play } from './stage.ts';

/** Amounts in yuan of one price, each with the first day on which it holds. */
export type RateCard = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Publishes plan "team": each price with its versions, oldest first. A seat costs per unit. */
export async function publishCard(play: Play, card: RateCard): Promise<void> {
  const rounds = Math.max(...Object.values(card).map((versions) => Object.keys(versions).length));
  for (let round = 0; round < rounds; round += 1) {
    const prices = Object.entries(card).flatMap(([code, versions]) => {
      const version = Object.entries(versions)[round];
      if (version === undefined) return [];
      const [effectiveFrom, amount] = version;
      const model =
        code === 'seat' ? { type: 'per_unit', unit_amount: amount } : { type: 'flat', amount };
      const kind = code === 'seat' ? 'seat' : 'flat';
      return [priceOf(code, kind, { model, effective_from: effectiveFrom })];
    });
    await publish(play, catalogueOf({ team: prices }));
  }
}

/** The n-th version of a price, by its code. */
export async function versionOf(play: Play, code: string, number = 1): Promise<PriceVersion> {
  const { prices, versions } = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.loadCatalog(),
  );
  const price = prices.find((one) => one.code === code);
  const version = versions.find((one) => one.priceId === price?.id && one.version === number);
  assert.ok(version, `${code} has version ${number}`);
  return version;
}

export type Wanted = {
  readonly startsOn: string;
  /** Units by the code of the price; its first version. */
  readonly items: Readonly<Record<string, bigint>>;
  readonly beneficiary?: Customer;
  readonly changes?: Partial<Subscription>;
};

/** A monthly subscription of the payer from a day on, paid by hand. */
export async function subscribeTo(
  play: Play,
  payer: Customer,
  wanted: Wanted,
): Promise<Subscription> {
  const startsOn = Temporal.PlainDate.from(wanted.startsOn);
  const ids = idSource(play.engine);
  const bucket = bucketOf(payer.id);
  const catalog = await play.engine.store.transact(play.merchant.id, (tx) => tx.loadCatalog());
  const [plan] = catalog.plans;
  assert.ok(plan);
  const items: SubscriptionItem[] = [];
  for (const [code, quantity] of Object.entries(wanted.items)) {
    items.push({
      id: ids('sit', bucket),
      kind: code === 'seat' ? 'seat' : 'flat',
      priceVersionId: (await versionOf(play, code)).id,
      quantity,
      from: startsOn,
    });
  }
  const subscription: Subscription = {
    id: ids('sub', bucket),
    merchantId: payer.merchantId,
    customerId: payer.id,
    ...(wanted.beneficiary === undefined ? {} : { beneficiaryId: wanted.beneficiary.id }),
    planId: plan.id,
    state: 'active',
    anchor: startsOn,
    interval: { unit: 'month', count: 1 },
    startsOn,
    pauses: [],
    autoRenew: true,
    billedThrough: startsOn,
    arrearsThrough: startsOn,
    nextBillAt: draftAt(startsOn, play.engine.timetable, ZONE),
    collection: 'by_hand',
    paymentMethodLabel: '对公转账',
    items,
    createdAt: nowOf(play.engine, play.merchant),
    ...wanted.changes,
  };
  await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.save({ subscriptions: [subscription] }),
  );
  return subscription;
}

/** What a payer was billed: "03-10 ¥100.00" for each period, oldest first. */
export async function paidFor(play: Play, payer: Customer): Promise<readonly string[]> {
  const bills = await invoicesOf(play, payer);
  return bills
    .toSorted((a, b) => Temporal.PlainDate.compare(a.period.start, b.period.start))
    .map(({ period, total }) => `${period.start.toString().slice(5)} ${formatMoney(total)}`);
}

/** A subscription's state and its end: "ended 2026-05-10", "active". */
export async function stateOf(play: Play, id: SubscriptionId): Promise<string> {
  const [found] = await play.engine.store.transact(play.merchant.id, (tx) =>
    tx.loadSubscriptions([id]),
  );
  assert.ok(found);
  return found.endsOn === undefined ? found.state : `${found.state} ${found.endsOn}`;
}

/** Saves another subscription like this one, under ids of its own. */
export async function saveCopy(play: Play, like: Subscription): Promise<Subscription> {
  const ids = idSource(play.engine);
  const bucket = bucketOf(like.customerId);
  const items = like.items.map((item) => ({ ...item, id: ids('sit', bucket) }));
  const copy: Subscription = { ...like, id: ids('sub', bucket), items };
  await play.engine.store.transact(play.merchant.id, (tx) => tx.save({ subscriptions: [copy] }));
  return copy;
}
