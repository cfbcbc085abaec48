import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type {
  Attempt,
  CreditGrant,
  CreditNote,
  Currency,
  Customer,
  Debit,
  DebitNotice,
  IdPrefix,
  Invoice,
  Mandate,
  Money,
  Period,
  PriceVersion,
  Subscription,
} from '@daikou/core';
import { CURRENCY_EXPONENTS, makeId } from '@daikou/core';
import fc from 'fast-check';
import type { TSchema } from 'typebox';
import { Value } from 'typebox/value';
import {
  someContract,
  someCoupon,
  someDecimal,
  someExact,
  someModel,
  someWhy,
} from '../../../test/kit/billing-nouns.ts';
import {
  CouponSchema,
  PriceVersionSchema,
  toCouponWire,
  toPriceVersionWire,
} from './catalog/catalog.ts';
import { CustomerSchema, toCustomerWire } from './customer/customer.ts';
import { AttemptSchema, toAttemptWire } from './debit/attempt.ts';
import { DebitListSchema, DebitSchema, toDebitWire } from './debit/debit.ts';
import {
  CreditGrantSchema,
  CreditNoteSchema,
  toCreditGrantWire,
  toCreditNoteWire,
} from './invoice/credit.ts';
import { InvoiceSchema, toInvoiceWire } from './invoice/invoice.ts';
import { MandateSchema, toMandateWire } from './mandate/mandate.ts';
import { NoticeSchema, toNoticeWire } from './notice/notice.ts';
import { toListWire } from './result/list.ts';
import { SubscriptionSchema, toSubscriptionWire } from './subscription/subscription.ts';

const SECRET_PAYER = 'openid-of-the-payer';

const idOf = <P extends IdPrefix>(prefix: P) =>
  fc
    .record({
      epochMilliseconds: fc.integer({ min: 0, max: 2 ** 41 }),
      random: fc.uint8Array({ minLength: 10, maxLength: 10 }),
      bucket: fc.integer({ min: 0, max: 1023 }),
    })
    .map((parts) => makeId(prefix, parts));

const instants = fc
  .bigInt({ min: 0n, max: 4_000_000_000_000_000_000n })
  .map((nanoseconds) => Temporal.Instant.fromEpochNanoseconds(nanoseconds));
const dates = fc
  .integer({ min: 0, max: 40_000 })
  .map((days) => Temporal.PlainDate.from('1999-12-31').add({ days }));
const currencies = fc.constantFrom(...(Object.keys(CURRENCY_EXPONENTS) as Currency[]));
const amounts: fc.Arbitrary<Money> = fc.record({
  minor: fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n }),
  currency: currencies,
});
const quantities = fc.bigInt({ min: 0n, max: 10n ** 9n });
const texts = fc.string({ unit: 'binary', maxLength: 30 });
const periods: fc.Arbitrary<Period> = fc
  .tuple(dates, fc.integer({ min: 1, max: 366 }))
  .map(([start, days]) => ({ start, end: start.add({ days }) }));
const kinds = fc.constantFrom('flat', 'seat', 'module', 'metered', 'one_off');
/** Amounts of one noun have one currency. */
const fen = fc
  .bigInt({ min: -(2n ** 50n), max: 2n ** 50n })
  .map((minor): Money => ({ minor, currency: 'CNY' }));
const locales = fc.constantFrom('zh-CN', 'en');
const collections = fc.constantFrom('auto_debit', 'by_hand');

/** A record whose optional fields are absent as often as not, never present and undefined. */
function noun<T>(
  shape: {
    readonly [K in keyof Required<T>]: fc.Arbitrary<Required<T>[K]>;
  },
): (optional: readonly (keyof T)[]) => fc.Arbitrary<T> {
  return (optional) => {
    const requiredKeys = (Object.keys(shape) as (keyof T)[]).filter(
      (key) => !optional.includes(key),
    );
    return fc.record(shape, { requiredKeys } as never) as fc.Arbitrary<T>;
  };
}

const phones = fc
  .integer({ min: 100, max: 199 })
  .chain((line) => fc.integer({ min: 201, max: 989 }).map((area) => `+1${area}5550${line}`));
const mails = fc
  .stringMatching(/^[a-z][a-z0-9.]{3,20}$/)
  .map((name) => `${name}.confidential@example.test`);

const customers = noun<Customer>({
  id: idOf('cus'),
  merchantId: idOf('mer'),
  kind: fc.constantFrom('person', 'organisation', 'department', 'member'),
  payerId: idOf('cus'),
  consolidatedBilling: fc.boolean(),
  movedFrom: idOf('cus'),
  movedTo: idOf('cus'),
  externalReference: texts,
  name: texts,
  locale: locales,
  mail: mails,
  phone: phones,
  preferredChannel: fc.constantFrom('mail', 'sms', 'inbox'),
  reach: fc.constant(['mail', 'inbox']),
  noticePreferences: fc.record({ extraDays: fc.nat(30) }),
  createdAt: instants,
})([
  'mail',
  'phone',
  'payerId',
  'consolidatedBilling',
  'movedFrom',
  'movedTo',
  'reach',
  'noticePreferences',
]);

const labels = fc.record(
  {
    kind: fc.constantFrom('card' as const, 'bank_account' as const),
    issuer: texts,
    bin: fc.constant('621700'),
    lastFour: fc.constant('0018'),
    cardType: fc.constantFrom('debit' as const, 'credit' as const),
  },
  { requiredKeys: ['kind', 'lastFour'] },
);

const mandates = noun<Mandate>({
  id: idOf('man'),
  merchantId: idOf('mer'),
  customerId: idOf('cus'),
  rail: texts,
  state: fc.constantFrom(
    'draft',
    'signing',
    'active',
    'ending',
    'revoke_failed',
    'ended',
    'sign_failed',
  ),
  contractCode: texts,
  displayAccount: texts,
  railReference: texts,
  payerReference: fc.constant(SECRET_PAYER),
  account: labels,
  singleCap: amounts,
  firstPlannedDate: dates,
  plannedDate: dates,
  preference: fc.integer({ min: 1, max: 50 }),
  signedAt: instants,
  endedAt: instants,
  endedBy: fc.constantFrom('customer', 'merchant', 'rail', 'expired', 'unknown'),
  lastRailEventAt: instants,
  createdAt: instants,
})([
  'railReference',
  'account',
  'firstPlannedDate',
  'plannedDate',
  'preference',
  'signedAt',
  'endedAt',
  'endedBy',
  'lastRailEventAt',
]);

const subscriptions = noun<Subscription>({
  id: idOf('sub'),
  merchantId: idOf('mer'),
  customerId: idOf('cus'),
  beneficiaryId: idOf('cus'),
  planId: idOf('pln'),
  state: fc.constantFrom('active', 'paused', 'ended', 'parked'),
  anchor: dates,
  interval: fc.record({
    unit: fc.constantFrom('day', 'week', 'month', 'year'),
    count: fc.integer({ min: 1, max: 36 }),
  }),
  startsOn: dates,
  endsOn: dates,
  trialEndsOn: dates,
  pauses: fc.array(
    fc.record({ from: dates, until: dates }, { requiredKeys: ['from'] }) as fc.Arbitrary<
      Subscription['pauses'][number]
    >,
    { maxLength: 2 },
  ),
  autoRenew: fc.boolean(),
  contract: someContract,
  billedThrough: dates,
  arrearsThrough: dates,
  nextBillAt: instants,
  collection: collections,
  paymentMethodLabel: texts,
  parked: fc.record({
    reason: fc.constantFrom('cannot_be_billed', 'by_hand'),
    sentence: texts,
    at: instants,
  }),
  items: fc.array(
    noun<Subscription['items'][number]>({
      id: idOf('sit'),
      kind: kinds,
      priceVersionId: idOf('prv'),
      quantity: quantities,
      from: dates,
      until: dates,
      agreedModel: someModel,
      continues: idOf('sit'),
    })(['until', 'agreedModel', 'continues']),
    { maxLength: 3 },
  ),
  createdAt: instants,
})(['beneficiaryId', 'endsOn', 'trialEndsOn', 'contract', 'parked']);

const invoices = noun<Invoice>({
  id: idOf('inv'),
  merchantId: idOf('mer'),
  customerId: idOf('cus'),
  subscriptionId: idOf('sub'),
  number: texts,
  state: fc.constantFrom('draft', 'open', 'paid', 'void'),
  collection: collections,
  period: periods,
  dueDate: dates,
  issueAt: instants,
  billingKey: texts,
  total: fen,
  net: fen,
  tax: fen,
  balanceApplied: fen,
  credited: fen,
  lines: fc.array(
    noun<Invoice['lines'][number]>({
      position: fc.integer({ min: 1, max: 999 }),
      kind: kinds,
      priceCode: texts,
      priceVersionId: idOf('prv'),
      subscriptionId: idOf('sub'),
      itemId: idOf('sit'),
      beneficiaryId: idOf('cus'),
      period: periods,
      serviceDays: fc.nat(),
      periodDays: fc.integer({ min: 1, max: 366 }),
      quantity: someExact,
      unitAmount: someExact,
      subtotal: fen,
      discount: fen,
      amount: fen,
      net: fen,
      tax: fen,
      taxBasisPoints: fc.bigInt({ min: 0n, max: 10_000n }),
      rule: fc.constantFrom('list_price', 'agreed_price', 'change_credit', 'usage_correction'),
      nameZh: texts,
      nameEn: texts,
      why: someWhy,
    })(['itemId', 'beneficiaryId', 'unitAmount']),
    { maxLength: 3 },
  ),
  createdAt: instants,
  issuedAt: instants,
  paidAt: instants,
})(['subscriptionId', 'issuedAt', 'paidAt']);

const versions = noun<PriceVersion>({
  id: idOf('prv'),
  priceId: idOf('prc'),
  version: fc.integer({ min: 1, max: 99 }),
  currency: currencies,
  model: someModel,
  taxBasisPoints: fc.bigInt({ min: 0n, max: 10_000n }),
  taxBehavior: fc.constantFrom('inclusive', 'exclusive'),
  interval: fc.constant({ unit: 'day', count: 30 }),
  timing: fc.constantFrom('advance', 'arrears'),
  meterId: idOf('mtr'),
  minimumSpend: someDecimal(),
  maximumSpend: someDecimal(),
  instalments: fc.integer({ min: 1, max: 12 }),
  effectiveFrom: dates,
})(['meterId', 'minimumSpend', 'maximumSpend', 'instalments']);

const grants = noun<CreditGrant>({
  id: idOf('crg'),
  merchantId: idOf('mer'),
  customerId: idOf('cus'),
  kind: fc.constantFrom('prepaid', 'promotional', 'credit_note'),
  amount: fen,
  left: fen,
  expiresOn: dates,
  nameZh: texts,
  nameEn: texts,
  reference: texts,
  createdAt: instants,
})(['expiresOn', 'reference']);

const notes = noun<CreditNote>({
  id: idOf('cdn'),
  merchantId: idOf('mer'),
  customerId: idOf('cus'),
  invoiceId: idOf('inv'),
  number: texts,
  reason: fc.constantFrom('goodwill', 'duplicate'),
  disposition: fc.constantFrom('reduce_due', 'to_balance', 'to_refund'),
  grantId: idOf('crg'),
  refundId: idOf('rfd'),
  lines: fc.array(
    fc.record({ position: fc.integer({ min: 1, max: 99 }), amount: fen, net: fen, tax: fen }),
    { maxLength: 2 },
  ),
  total: fen,
  net: fen,
  tax: fen,
  issuedAt: instants,
})(['grantId', 'refundId']);

const notices = noun<Omit<DebitNotice, 'subjectId'>>({
  id: idOf('not'),
  merchantId: idOf('mer'),
  customerId: idOf('cus'),
  debitId: idOf('dbt'),
  purpose: fc.constantFrom('renewal', 'retry', 'rail'),
  channel: fc.constantFrom('mail', 'sms', 'inbox', 'rail'),
  locale: locales,
  state: fc.constantFrom('planned', 'sending', 'sent', 'delivered', 'failed'),
  amount: amounts,
  collectDate: dates,
  dueAt: instants,
  leaseUntil: instants,
  sentAt: instants,
  deliveredAt: instants,
  providerReference: texts,
  failureCode: texts,
  followAt: instants,
  tried: fc.constant(['mail']),
  followsId: idOf('not'),
  sentTo: mails,
  voidedAt: instants,
  templateKey: fc.constant('renewal'),
  templateVersion: fc.constant('daikou/1'),
  variables: fc.dictionary(fc.string(), texts),
  textHash: fc.constant('0'.repeat(64)),
  windowFrom: dates,
  windowUntil: dates,
  createdAt: instants,
})([
  'leaseUntil',
  'sentAt',
  'deliveredAt',
  'providerReference',
  'failureCode',
  'followAt',
  'tried',
  'followsId',
  'sentTo',
  'voidedAt',
  'templateKey',
  'templateVersion',
  'variables',
  'textHash',
  'windowFrom',
  'windowUntil',
]);

const attempts = noun<Attempt>({
  id: idOf('att'),
  merchantId: idOf('mer'),
  customerId: idOf('cus'),
  debitId: idOf('dbt'),
  rail: texts,
  ordinal: fc.integer({ min: 1, max: 9_999 }),
  orderNumber: texts,
  state: fc.constantFrom(
    'submitting',
    'accepted',
    'unknown',
    'succeeded',
    'refused',
    'closed',
    'never_sent',
    'late_success',
  ),
  amount: amounts,
  submittedAt: instants,
  askAt: instants,
  askCount: fc.nat(),
  railReference: texts,
  refusal: fc.record({
    class: fc.constantFrom(
      'funds',
      'limit',
      'technical',
      'account',
      'mandate',
      'risk',
      'reschedule',
      'merchant_fault',
    ),
    code: texts,
    message: texts,
  }),
  endedAt: instants,
})(['askAt', 'railReference', 'refusal', 'endedAt']);

const debits = noun<Debit>({
  id: idOf('dbt'),
  merchantId: idOf('mer'),
  customerId: idOf('cus'),
  mandateId: idOf('man'),
  rail: texts,
  state: fc.constantFrom('scheduled', 'in_flight', 'succeeded', 'failed', 'canceled'),
  amount: amounts,
  invoiceIds: fc.array(idOf('inv'), { maxLength: 3 }),
  dueDate: dates,
  collectAt: instants,
  collectDate: dates,
  announceAt: instants,
  attemptCount: fc.nat(),
  blockedBy: texts,
  movedFrom: idOf('dbt'),
  released: fc.record({ by: texts, at: instants }),
  returnedAt: instants,
  createdAt: instants,
})(['returnedAt', 'announceAt', 'blockedBy', 'movedFrom', 'released']);

/** What the wire form becomes when it has been through JSON, as a caller gets it. */
function received(wire: unknown): unknown {
  return JSON.parse(JSON.stringify(wire));
}

function assertFits(schema: TSchema, wire: unknown): void {
  const value = received(wire);
  assert.deepEqual([...Value.Errors(schema, value)], []);
}

describe('every noun of the platform has a wire form that its schema accepts', () => {
  const forms: readonly (readonly [string, () => void])[] = [
    ['a customer', () => check(customers, CustomerSchema, toCustomerWire)],
    ['a mandate', () => check(mandates, MandateSchema, toMandateWire)],
    ['a subscription', () => check(subscriptions, SubscriptionSchema, toSubscriptionWire)],
    ['an invoice', () => check(invoices, InvoiceSchema, toInvoiceWire)],
    ['a price version', () => check(versions, PriceVersionSchema, toPriceVersionWire)],
    ['a coupon', () => check(someCoupon, CouponSchema, toCouponWire)],
    ['a credit note', () => check(notes, CreditNoteSchema, toCreditNoteWire)],
    ['a credit grant', () => check(grants, CreditGrantSchema, toCreditGrantWire)],
    ['a notice', () => check(notices, NoticeSchema, toNoticeWire)],
    ['an attempt', () => check(attempts, AttemptSchema, toAttemptWire)],
    ['a debit', () => check(debits, DebitSchema, (debit) => toDebitWire(debit))],
  ];
  function check<T>(arbitrary: fc.Arbitrary<T>, schema: TSchema, toWire: (noun: T) => unknown) {
    fc.assert(fc.property(arbitrary, (some) => assertFits(schema, toWire(some))));
  }
  for (const [name, act] of forms) test(name, act);

  test('a debit with its attempts and notices', () => {
    fc.assert(
      fc.property(
        debits,
        fc.array(attempts, { maxLength: 2 }),
        fc.array(notices, { maxLength: 2 }),
        (debit, itsAttempts, itsNotices) => {
          const wire = toDebitWire(debit, { attempts: itsAttempts, notices: itsNotices });
          assertFits(DebitSchema, wire);
          assert.equal(wire.attempts?.length, itsAttempts.length);
          assert.equal(wire.notices?.length, itsNotices.length);
        },
      ),
    );
  });

  test('a field that the schema does not know is refused', () => {
    fc.assert(
      fc.property(customers, (customer) => {
        const wire = { ...toCustomerWire(customer), secret: 1 };
        assert.equal(Value.Check(CustomerSchema, received(wire)), false);
      }),
      { numRuns: 10 },
    );
  });
});

describe('what never leaves the house', () => {
  test('the phone and the mail of a customer in full', () => {
    fc.assert(
      fc.property(customers, (customer) => {
        const { phone, mail } = customer;
        const wire = toCustomerWire(customer);
        if (phone !== undefined) {
          assert.ok(!JSON.stringify(wire.phone).includes(phone.slice(4, -4)));
          assert.equal(wire.phone?.slice(-4), phone.slice(-4));
        } else assert.equal(wire.phone, null);
        if (mail !== undefined) {
          assert.ok(!wire.mail?.includes('confidential'));
          assert.ok(wire.mail?.endsWith('@example.test'));
        } else assert.equal(wire.mail, null);
      }),
    );
  });

  test("the payer's identity at the rail", () => {
    fc.assert(
      fc.property(mandates, (mandate) => {
        assert.equal(mandate.payerReference, SECRET_PAYER);
        assert.ok(!JSON.stringify(toMandateWire(mandate)).includes(SECRET_PAYER));
      }),
    );
  });
});

describe('a page of a list', () => {
  const someDebits = fc.array(debits, { minLength: 0, maxLength: 8 });

  test('walks over all rows once, whatever its size', () => {
    fc.assert(
      fc.property(someDebits, fc.integer({ min: 1, max: 5 }), (all, limit) => {
        const rows = all.map((debit) => toDebitWire(debit));
        const seen: string[] = [];
        let from = 0;
        for (let page = 0; page <= rows.length; page += 1) {
          const list = toListWire(rows.slice(from, from + limit + 1), limit);
          assertFits(DebitListSchema, list);
          assert.ok(list.data.length <= limit);
          seen.push(...list.data.map(({ id }) => id));
          assert.equal(list.has_more, seen.length < rows.length);
          assert.equal(list.has_more, list.next_cursor !== null);
          if (!list.has_more) break;
          assert.equal(list.next_cursor, seen.at(-1));
          from += list.data.length;
        }
        assert.deepEqual(
          seen,
          rows.map(({ id }) => id),
        );
      }),
    );
  });
});
