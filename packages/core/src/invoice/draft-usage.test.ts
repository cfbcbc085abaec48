import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  anItem,
  anotherId,
  aPrice,
  aSubscription,
  contextOf,
  day,
  factsOf,
  invoiceOf,
} from '../../../../test/kit/builders.ts';
import type { Period } from '../calendar/periods.ts';
import type { PriceVersion } from '../catalog/catalog.ts';
import type { Usage } from '../catalog/rate.ts';
import { money } from '../money/money.ts';
import { formatRatio, ratio } from '../money/ratio.ts';
import { DEFAULT_TIMETABLE } from '../subscription/timetable.ts';
import type { ResourcePack } from '../usage/resource-pack.ts';
import type { UsageBilled } from '../usage/usage-billed.ts';
import { decideDraft } from './draft.ts';
import { type DraftFacts, usageKey } from './draft-facts.ts';
import { usageNeeds } from './draft-usage.ts';

// March has been used, and April begins: ¥0.10 a call.
const MARCH: Period = { start: day('2026-03-01'), end: day('2026-04-01') };
const FEBRUARY: Period = { start: day('2026-02-01'), end: day('2026-03-01') };
const BASE = aPrice('flat', 10_000n);
const units = (count: bigint): Usage => ({ units: ratio(count) });

function calls(changes: Partial<PriceVersion> = {}) {
  const price = aPrice('metered', 10n, changes);
  const item = anItem(price, { from: day('2026-01-01') });
  const subscription = aSubscription({
    anchor: day('2026-01-01'),
    billedThrough: MARCH.end,
    arrearsThrough: MARCH.start,
    items: [anItem(BASE, { from: day('2026-01-01') }), item],
  });
  const meterId = price.version.meterId;
  assert.ok(meterId);
  const draftWith = (used: bigint | undefined, more: Partial<DraftFacts> = {}) =>
    decideDraft(
      factsOf(subscription, {
        usage: new Map(used === undefined ? [] : [[usageKey(item.id, MARCH), units(used)]]),
        ...more,
      }),
      contextOf([BASE, price]),
    );
  const pack = (bought: bigint, expiresOn: string): ResourcePack => ({
    id: anotherId('rsp', 0),
    merchantId: subscription.merchantId,
    customerId: subscription.customerId,
    meterId,
    unitsBought: ratio(bought),
    unitsLeft: ratio(bought),
    validFrom: day('2026-01-01'),
    expiresOn: day(expiresOn),
  });
  const billed = (count: bigint, minor: bigint, period = FEBRUARY): UsageBilled => ({
    merchantId: subscription.merchantId,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    itemId: item.id,
    meterId,
    period,
    invoiceId: anotherId('inv', 0),
    units: ratio(count),
    packUnits: ratio(0n),
    amount: money(minor, 'CNY'),
  });
  return { price, item, subscription, draftWith, pack, billed };
}

type Drafted = ReturnType<typeof decideDraft>;
const story = (decision: Drafted) =>
  invoiceOf(decision).lines.map(
    ({ rule, quantity, amount, period }) =>
      `${rule} ${period.start.toString().slice(5)} ${formatRatio(quantity)} = ${amount.minor}`,
  );
const APRIL_BASE = 'list_price 04-01 1 = 10000';

describe('usage of the month that has ended', () => {
  test('is billed beside the month that begins, a day after it, due nine days after it', () => {
    const { draftWith } = calls();
    const decision = draftWith(123n);
    assert.deepEqual(story(decision), [APRIL_BASE, 'list_price 03-01 123 = 1230']);
    const invoice = invoiceOf(decision);
    assert.equal(invoice.dueDate.toString(), '2026-04-10');
    assert.equal(`${invoice.period.start} ${invoice.period.end}`, '2026-04-01 2026-05-01');
    assert.equal(decision.subscription.arrearsThrough.toString(), '2026-04-01');
    const [record] = decision.usageBilled;
    assert.equal(record?.amount.minor, 1_230n);
    assert.equal(record?.invoiceId, invoice.id);
  });

  test('none is no line; a first tier’s flat amount is due all the same', () => {
    assert.deepEqual(story(calls().draftWith(0n)), [APRIL_BASE]);
    assert.deepEqual(story(calls().draftWith(undefined)), [APRIL_BASE]);
    const tiers = [{ unitAmount: ratio(1n, 10n), flatAmount: ratio(5n) }];
    const graduated = calls({ model: { type: 'graduated', tiers } });
    assert.deepEqual(story(graduated.draftWith(0n)), [APRIL_BASE, 'list_price 03-01 1 = 500']);
  });

  test('alone is an invoice of the month that it was used in', () => {
    const { subscription, item, price } = calls();
    const decision = decideDraft(
      factsOf(
        { ...subscription, items: [item] },
        { usage: new Map([[usageKey(item.id, MARCH), units(1n)]]) },
      ),
      contextOf([BASE, price]),
    );
    const { period } = invoiceOf(decision);
    assert.equal(`${period.start} ${period.end}`, '2026-03-01 2026-04-01');
  });

  test('is kept within what the price says it is at least and at most', () => {
    const bounds = calls({ minimumSpend: ratio(5n), maximumSpend: ratio(20n) });
    assert.deepEqual(story(bounds.draftWith(10n)), [
      APRIL_BASE,
      'list_price 03-01 10 = 100',
      'minimum_spend 03-01 1 = 400',
    ]);
    assert.deepEqual(story(bounds.draftWith(1_000n)), [APRIL_BASE, 'list_price 03-01 1000 = 2000']);
  });

  test('that a price cannot be rated on parks the subscription', () => {
    const model = {
      type: 'percentage',
      rate: ratio(1n, 100n),
      minimumPerEvent: ratio(1n),
    } as const;
    const { subscription } = calls({ model }).draftWith(100n);
    assert.equal(subscription.parked?.reason, 'cannot_be_billed');
    assert.match(subscription.parked?.sentence ?? '', /single events/);
  });
});

describe('resource packs', () => {
  test('are burnt before the price applies, the earliest expiry first', () => {
    const { draftWith, pack } = calls();
    const packs = [pack(100n, '2027-01-01'), pack(30n, '2026-05-01')];
    const decision = draftWith(90n, { packs });
    assert.deepEqual(story(decision), [APRIL_BASE, 'list_price 03-01 90 = 0']);
    assert.deepEqual(
      decision.packs.map(({ unitsLeft }) => formatRatio(unitsLeft)),
      ['40', '0'],
    );
    assert.deepEqual(
      decision.packBurns.map(({ units: burnt }) => formatRatio(burnt)),
      ['30', '60'],
    );
    assert.equal(invoiceOf(decision).lines[1]?.why.packUnits?.numerator, 90n);
  });

  test('leave the rest to the price', () => {
    const { draftWith, pack } = calls();
    const decision = draftWith(90n, { packs: [pack(50n, '2027-01-01')] });
    assert.deepEqual(story(decision), [APRIL_BASE, 'list_price 03-01 40 = 400']);
    assert.equal(decision.usageBilled[0]?.amount.minor, 400n);
  });
});

describe('usage that came late', () => {
  const late = (
    { draftWith, item, billed }: ReturnType<typeof calls>,
    [before, minor, now]: readonly [bigint, bigint, bigint],
    more: Partial<DraftFacts> = {},
  ) =>
    draftWith(undefined, {
      usage: new Map([[usageKey(item.id, FEBRUARY), units(now)]]),
      usageBilled: [billed(before, minor)],
      ...more,
    });

  const cases: readonly (readonly [string, readonly [bigint, bigint, bigint], string[]])[] = [
    ['is billed as the difference', [100n, 1_000n, 120n], ['usage_correction 02-01 20 = 200']],
    ['or given back', [100n, 1_000n, 70n], ['usage_correction 02-01 30 = -300']],
    ['and nothing when nothing changed', [100n, 1_000n, 100n], []],
  ];
  for (const [name, facts, expected] of cases) {
    test(name, () => {
      const decision = late(calls(), facts);
      assert.deepEqual(story(decision), [APRIL_BASE, ...expected]);
    });
  }

  test('is rated with all of its month: the tier that it reaches', () => {
    const model = {
      type: 'graduated',
      tiers: [
        { upTo: ratio(100n), unitAmount: ratio(1n), flatAmount: ratio(0n) },
        { unitAmount: ratio(1n, 2n), flatAmount: ratio(0n) },
      ],
    } as const;
    const decision = late(calls({ model }), [90n, 9_000n, 110n]);
    assert.deepEqual(story(decision), [APRIL_BASE, 'usage_correction 02-01 20 = 1500']);
    const february = decision.usageBilled.find(({ period }) => period.start.month === 2);
    assert.equal(february?.amount.minor, 10_500n);
  });

  test('of a month in which nothing was billed', () => {
    const { draftWith, item } = calls();
    const usage = new Map([[usageKey(item.id, FEBRUARY), units(7n)]]);
    assert.deepEqual(story(draftWith(undefined, { usage })), [
      APRIL_BASE,
      'usage_correction 02-01 7 = 70',
    ]);
  });

  test('given back beyond the invoice waits for the next one, exactly', () => {
    const decision = late(calls(), [200_000n, 2_000_000n, 0n]);
    assert.deepEqual(story(decision), [APRIL_BASE, 'usage_correction 02-01 200000 = -10000']);
    assert.equal(invoiceOf(decision).total.minor, 0n);
    assert.deepEqual(
      decision.pendingLines.map(({ state, line }) => [state, line.amount.minor]),
      [['pending', -1_990_000n]],
    );
  });
});

test('the usage that a draft reads is told beforehand', () => {
  const { subscription, price, item, billed } = calls();
  const january = { start: day('2026-01-01'), end: day('2026-02-01') };
  const needs = usageNeeds(subscription, {
    prices: contextOf([BASE, price]).prices,
    timetable: DEFAULT_TIMETABLE,
    usageBilled: [billed(1n, 10n, january)],
  });
  assert.deepEqual(
    needs.map(({ itemId, period }) => usageKey(itemId, period)).sort(),
    [january, FEBRUARY, MARCH].map((period) => usageKey(item.id, period)),
  );
});
