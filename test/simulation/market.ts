import {
  bucketOf,
  bucketOfKey,
  type Catalog,
  type Contact,
  type Customer,
  DEFAULT_TIMETABLE,
  draftAt,
  fromMoney,
  type IdSource,
  type Mandate,
  type Merchant,
  money,
  plannedDateFor,
  present,
  ratio,
  type Store,
  type Subscription,
  toContractCode,
} from '../../packages/core/src/index.ts';
import { makeContacts, type PayerContact } from './contacts.ts';
import type { Rng } from './dice.ts';
import { PROFILES } from './rails/profiles.ts';

const ZONE = 'Asia/Shanghai';
/** The first day of every run, in Shanghai. */
export const FIRST_DAY = Temporal.PlainDate.from('2026-11-20');

/** What kind of payer this is, for what happens to them and what is expected at the end. */
export type Payer = {
  readonly reference: string;
  readonly house: number;
  readonly rail: string;
  readonly firstDue: Temporal.PlainDate;
  readonly minor: bigint;
  readonly capMinor: bigint;
  /** The ways to reach them, in turn. */
  readonly contacts: readonly PayerContact[];
  /** Seconds after the start at which they end the agreement in the wallet, if they do. */
  readonly endsAfter?: number;
  /** Seconds until they agree on the rail's page. */
  readonly signsAfter: number;
  /** A second method, tried when the first one cannot. */
  readonly second?: string;
  /** Pays the price of the catalogue, which is raised, and says this to it; absent: agreed. */
  readonly saysToRaise?: 'acknowledged' | 'objected' | 'nothing';
};

const RAISE_ANSWERS = [
  'acknowledged',
  'acknowledged',
  'acknowledged',
  'objected',
  'nothing',
] as const;

/** Minor units of the catalogue's price, and of the one that follows it. */
export const LISTED_MINOR = 2_985n;
export const RAISED_MINOR = 3_985n;
/** The raise holds for periods from this day on: the notice and its thirty days come before. */
export const RAISED_FROM = FIRST_DAY.add({ days: 33 });

/** The payers of a run, from the seed. */
export function makePayers(rng: Rng, size: { readonly customers: number; readonly days: number }) {
  const rails = [...PROFILES.keys()];
  return Array.from({ length: size.customers }, (_, index): Payer => {
    const own = rng.fork(`payer ${index}`);
    const isListed = own.chance(400);
    const agreed = BigInt(rng.between(990, 19_900));
    const minor = isListed ? LISTED_MINOR : agreed;
    const isAboveCap = rng.chance(80);
    const rail = present(rails[rng.int(rails.length)], 'a rail');
    const reference = `P-${index + 1}`;
    return {
      reference,
      // Two of three live with the first merchant, so that neither is ever without customers.
      house: index % 3 === 2 ? 1 : 0,
      rail,
      firstDue: FIRST_DAY.add({ days: rng.between(8, Math.max(8, Math.min(34, size.days - 18))) }),
      minor,
      capMinor: isAboveCap ? minor - 1n : minor * 2n,
      contacts: makeContacts(own.fork('contacts'), {
        index,
        first: rng.chance(500) ? 'mail' : 'sms',
        isUnreachable: rng.chance(60),
      }),
      ...(rng.chance(200) ? { endsAfter: rng.int(size.days * 86_400) } : {}),
      signsAfter: rng.between(1, 7_200),
      ...(own.chance(500) ? { second: own.pick(rails.filter((other) => other !== rail)) } : {}),
      ...(isListed ? { saysToRaise: own.pick(RAISE_ANSWERS) } : {}),
    };
  });
}

export function makeMerchants(ids: IdSource): readonly Merchant[] {
  return ['one', 'two'].map((code) => ({
    id: ids('mer', 0),
    code,
    name: `示例公司 ${code}`,
    zone: ZONE,
    mode: 'live',
    demo: false,
  }));
}

function makeCatalog(ids: IdSource): Catalog {
  const plan = { id: ids('pln', 0), code: 'basic', nameZh: '基础版', nameEn: 'Basic' };
  const price = {
    id: ids('prc', 0),
    planId: plan.id,
    code: 'base',
    kind: 'flat' as const,
    nameZh: '基础费',
    nameEn: 'Base fee',
  };
  const version = {
    id: ids('prv', 0),
    priceId: price.id,
    version: 1,
    currency: 'CNY' as const,
    model: { type: 'flat' as const, amount: ratio(LISTED_MINOR, 100n) },
    taxBasisPoints: 600n,
    taxBehavior: 'inclusive' as const,
    interval: { unit: 'month' as const, count: 1 },
    timing: 'advance' as const,
    effectiveFrom: Temporal.PlainDate.from('2026-01-01'),
  };
  const dearer = {
    ...version,
    id: ids('prv', 0),
    version: 2,
    model: { type: 'flat' as const, amount: ratio(RAISED_MINOR, 100n) },
    effectiveFrom: RAISED_FROM,
  };
  return { plans: [plan], prices: [price], versions: [version, dearer] };
}

/** Writes merchants, catalogue, customers, subscriptions and their mandates, still to be signed. */
export async function openMarket(
  store: Store,
  parts: {
    readonly merchants: readonly Merchant[];
    readonly payers: readonly Payer[];
    readonly ids: IdSource;
    readonly now: Temporal.Instant;
  },
): Promise<void> {
  const { merchants, payers, ids, now } = parts;
  for (const [house, merchant] of merchants.entries()) {
    await store.saveMerchant(merchant);
    const catalog = makeCatalog(ids);
    await store.transact(merchant.id, async (tx) => {
      await tx.addToCatalog(catalog);
      const rows = payers
        .filter((payer) => payer.house === house)
        .map((payer) => rowsOf(payer, { merchant, catalog, ids, now }));
      await tx.insertNewCustomers(rows.map(({ customer }) => customer));
      await tx.save({
        subscriptions: rows.map(({ subscription }) => subscription),
        mandates: rows.flatMap(({ mandates }) => mandates),
        contacts: rows.flatMap(({ contacts }) => contacts),
      });
    });
  }
}

function rowsOf(
  payer: Payer,
  context: {
    readonly merchant: Merchant;
    readonly catalog: Catalog;
    readonly ids: IdSource;
    readonly now: Temporal.Instant;
  },
) {
  const { merchant, ids, now } = context;
  const { reference } = payer;
  const customer: Customer = {
    id: ids('cus', bucketOfKey(merchant.id, reference)),
    merchantId: merchant.id,
    kind: 'person',
    externalReference: reference,
    name: reference,
    locale: 'zh-CN',
    ...reachOf(payer),
    createdAt: now,
  };
  return {
    customer,
    contacts: contactRowsOf(customer, payer),
    subscription: subscriptionOf(customer, payer, context),
    mandates: [payer.rail, payer.second].flatMap((rail) =>
      rail === undefined ? [] : [mandateOf(customer, { ...payer, rail }, context)],
    ),
  };
}

type Context = Parameters<typeof rowsOf>[1];

/** Channels beside mail and phone are rows of their own, and then all of them are. */
function hasRows({ contacts }: Payer): boolean {
  return contacts.some(({ channel }) => channel !== 'mail' && channel !== 'sms');
}

function reachOf(payer: Payer): Pick<Customer, 'mail' | 'phone' | 'preferredChannel' | 'reach'> {
  const { contacts } = payer;
  const mail = contacts.find(({ channel }) => channel === 'mail')?.address;
  const phone = contacts.find(({ channel }) => channel === 'sms')?.address;
  return {
    ...(mail === undefined ? {} : { mail }),
    ...(phone === undefined ? {} : { phone }),
    preferredChannel: present(contacts[0], 'the first contact').channel,
    ...(hasRows(payer) ? { reach: contacts.map(({ channel }) => channel) } : {}),
  };
}

function contactRowsOf(customer: Customer, payer: Payer): readonly Contact[] {
  if (!hasRows(payer)) return [];
  const { id: customerId, merchantId, createdAt: changedAt } = customer;
  return payer.contacts.map(({ channel, address }, rank) => {
    return { customerId, merchantId, channel, address, rank, enabled: true, changedAt };
  });
}

function subscriptionOf(customer: Customer, payer: Payer, context: Context): Subscription {
  const { catalog, ids, now } = context;
  const bucket = bucketOf(customer.id);
  const { firstDue } = payer;
  const amount = fromMoney(money(payer.minor, 'CNY'));
  return {
    id: ids('sub', bucket),
    merchantId: customer.merchantId,
    customerId: customer.id,
    planId: present(catalog.plans[0], 'a plan').id,
    state: 'active',
    anchor: firstDue,
    interval: { unit: 'month', count: 1 },
    startsOn: firstDue,
    pauses: [],
    autoRenew: true,
    billedThrough: firstDue,
    arrearsThrough: firstDue,
    nextBillAt: draftAt(firstDue, DEFAULT_TIMETABLE, ZONE),
    collection: 'auto_debit',
    paymentMethodLabel: '自动扣款',
    items: [
      {
        id: ids('sit', bucket),
        kind: 'flat',
        priceVersionId: present(catalog.versions[0], 'a price').id,
        quantity: 1n,
        from: firstDue,
        ...(payer.saysToRaise === undefined ? { agreedModel: { type: 'flat', amount } } : {}),
      },
    ],
    createdAt: now,
  };
}

function mandateOf(customer: Customer, payer: Payer, { ids, now }: Context): Mandate {
  const id = ids('man', bucketOf(customer.id));
  const rule = present(PROFILES.get(payer.rail), 'the profile of a rail').plannedDate;
  return {
    id,
    merchantId: customer.merchantId,
    customerId: customer.id,
    rail: payer.rail,
    state: 'draft',
    contractCode: toContractCode(id),
    displayAccount: payer.reference,
    singleCap: money(payer.capMinor, 'CNY'),
    ...(rule === undefined ? {} : { firstPlannedDate: plannedDateFor(payer.firstDue, rule) }),
    createdAt: now,
  };
}
