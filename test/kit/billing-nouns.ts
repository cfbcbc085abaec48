import fc from 'fast-check';
import type {
  Contract,
  Coupon,
  LineWhy,
  Money,
  Pause,
  PriceModel,
  RatedStep,
  Ratio,
  SubscriptionCommand,
} from '../../packages/core/src/index.ts';
import { fromDecimal } from '../../packages/store/src/columns.ts';
import { newId } from './life.ts';
import { someDate, someOf, somePositive, someText } from './nouns.ts';

// Values for property tests of billing: every option of every noun that the store keeps.

/** Zero or more with at most `places` decimals, as the store reads it back. */
export function someDecimal(places = 12): fc.Arbitrary<Ratio> {
  return fc
    .tuple(fc.bigInt(0n, 10n ** 12n), fc.integer({ min: 0, max: places }))
    .map(([digits, count]) => {
      const text = digits.toString().padStart(count + 1, '0');
      return fromDecimal(count === 0 ? text : `${text.slice(0, -count)}.${text.slice(-count)}`);
    });
}

/** Exact numbers that decimals cannot say as well. */
export const someExact: fc.Arbitrary<Ratio> = fc.oneof(
  someDecimal(),
  fc.constant({ numerator: 100n, denominator: 31n }),
  fc.constant({ numerator: -1n, denominator: 3n }),
);

/** Small enough for the wire as well. */
const someAmount: fc.Arbitrary<Money> = fc.record(
  { minor: fc.bigInt(1n, 10n ** 12n), currency: fc.constantFrom('CNY', 'EUR', 'JPY') },
  { noNullPrototype: true },
);

export const someCny: fc.Arbitrary<Money<'CNY'>> = fc
  .bigInt(0n, 10n ** 12n)
  .map((minor) => ({ minor, currency: 'CNY' as const }));

const one = fromDecimal('1');

const someTiers = fc.tuple(someDecimal(), someDecimal()).map(([unitAmount, flatAmount]) => [
  { upTo: one, unitAmount, flatAmount },
  { upTo: fromDecimal('2.5'), unitAmount: flatAmount, flatAmount: unitAmount },
  { unitAmount: one, flatAmount: fromDecimal('0') },
]);

export const someModel: fc.Arbitrary<PriceModel> = fc.oneof(
  someDecimal().map((amount): PriceModel => ({ type: 'flat', amount })),
  fc
    .tuple(someDecimal(), someDecimal())
    .map(([unitAmount, freeUnits]): PriceModel => ({ type: 'per_unit', unitAmount, freeUnits })),
  someTiers.map((tiers): PriceModel => ({ type: 'graduated', tiers })),
  someTiers.map((tiers): PriceModel => ({ type: 'volume', tiers, freeUnits: one })),
  someDecimal().map(
    (packageAmount): PriceModel => ({
      type: 'package',
      packageSize: fromDecimal('1000'),
      packageAmount,
      rounding: 'down',
    }),
  ),
  fc.constant<PriceModel>({
    type: 'percentage',
    rate: fromDecimal('0.029'),
    fixedAmount: one,
    freeEvents: 3n,
    minimumPerEvent: fromDecimal('0.5'),
    maximumPerEvent: fromDecimal('50'),
  }),
  fc.constant<PriceModel>({ type: 'dynamic' }),
  fc.constant<PriceModel>({ type: 'buckets', price: { type: 'flat', amount: one } }),
  fc.constant<PriceModel>({
    type: 'block_graduated',
    tiers: [
      { blockSize: one, maxBlocks: 3n, blockAmount: one },
      { blockSize: one, blockAmount: one },
    ],
  }),
);

export const somePause: fc.Arbitrary<Pause> = fc.record(
  { from: someDate, until: someDate },
  { requiredKeys: ['from'], noNullPrototype: true },
);

export const someContract: fc.Arbitrary<Contract> = fc
  .tuple(
    someDate,
    fc.integer({ min: 1, max: 60 }),
    someOf<Contract>({ minimumPerPeriod: someAmount, minimumForTerm: someAmount }),
    fc.constantFrom<Contract['renewal']>('same_term', 'open_ended', 'ends'),
    fc.oneof(
      fc.constant<Contract['earlyTermination']>({ type: 'free' }),
      fc
        .bigInt(0n, 10_000n)
        .map((basisPoints) => ({ type: 'share_of_remaining' as const, basisPoints })),
      someAmount.map((amount) => ({ type: 'fixed' as const, amount })),
    ),
  )
  .map(([start, months, minimums, renewal, earlyTermination]) => ({
    start,
    end: start.add({ months }),
    renewal,
    earlyTermination,
    ...minimums,
  }));

const someStep = fc
  .tuple(
    someExact,
    someOf<RatedStep>({
      price: someExact,
      size: someExact,
      bucket: fc.integer({ min: 1, max: 99 }),
      tier: fc.constant({ number: 2, from: one, upTo: fromDecimal('2.5') }),
    }),
  )
  .map(([amount, rest]): RatedStep => ({ kind: 'units', quantity: amount, amount, ...rest }));

export const someWhy: fc.Arbitrary<LineWhy> = someOf<LineWhy>({
  steps: fc.array(someStep, { maxLength: 3 }),
  packUnits: someExact,
  usedUnits: someExact,
  discounts: fc.array(
    fc.record({ couponCode: someText, amount: someAmount }, { noNullPrototype: true }),
    { maxLength: 2 },
  ),
  change: fc.record({ type: someText, on: someDate }, { noNullPrototype: true }),
  credits: fc.constant({ invoiceId: newId('inv'), position: 3 }),
  instalment: fc.constant({ number: 2, of: 3 }),
});

export const someCoupon: fc.Arbitrary<Coupon> = fc
  .tuple(
    fc.oneof(
      someDecimal(12)
        .filter(({ numerator, denominator }) => numerator <= denominator)
        .map((rate) => ({ type: 'percentage' as const, rate })),
      someAmount.map((amount) => ({ type: 'fixed' as const, amount })),
    ),
    fc.oneof(
      fc.constantFrom({ type: 'once' as const }, { type: 'forever' as const }),
      fc.integer({ min: 1, max: 99 }).map((periods) => ({ type: 'repeating' as const, periods })),
    ),
    fc.oneof(
      fc.constant('all' as const),
      fc.array(someText, { maxLength: 3 }).map((priceCodes) => ({ priceCodes })),
    ),
    someOf<Coupon>({ redeemBy: someDate, maximumRedemptions: fc.nat(1_000) }),
  )
  .map(([kind, duration, appliesTo, rest]) => ({
    id: newId('cpn'),
    code: newId('cpn').slice(-12),
    nameZh: '优惠券',
    nameEn: 'Coupon',
    kind,
    duration,
    appliesTo,
    ...rest,
  }));

const someWhen = fc.oneof(
  fc.constantFrom({ at: 'now' as const }, { at: 'period_end' as const }),
  someDate.map((date) => ({ at: 'date' as const, date })),
);

/** Every command at least once, with every option. */
export const someCommands: fc.Arbitrary<readonly SubscriptionCommand[]> = fc
  .tuple(someWhen, someModel, somePositive, someDate, someContract)
  .map(([when, agreedModel, quantity, date, contract]) => [
    { type: 'quantity', itemId: newId('sit'), quantity, when },
    { type: 'add_item', priceVersionId: newId('prv'), quantity, agreedModel, when },
    { type: 'remove_item', itemId: newId('sit'), when },
    {
      type: 'plan',
      planId: newId('pln'),
      items: [
        { priceVersionId: newId('prv'), quantity },
        { priceVersionId: newId('prv'), quantity, agreedModel },
      ],
      when,
    },
    { type: 'prices', versions: [{ from: newId('prv'), to: newId('prv') }], when },
    { type: 'pause', when, resumesOn: date },
    { type: 'pause', when },
    { type: 'resume', when },
    { type: 'end', when, waiveTermination: true },
    { type: 'end', when },
    { type: 'auto_renew', on: false },
    { type: 'align', expiresOn: date },
    { type: 'contract', contract },
    { type: 'unpark' },
  ]);
