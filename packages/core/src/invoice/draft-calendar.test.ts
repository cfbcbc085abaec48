import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  anItem,
  aPrice,
  aSubscription,
  contextOf,
  day,
  factsOf,
} from '../../../../test/kit/builders.ts';
import type { Interval } from '../calendar/periods.ts';
import type { PriceModel } from '../catalog/price-model.ts';
import { ratio } from '../money/ratio.ts';
import { decideDraft } from './draft.ts';
import { usageKey } from './draft-facts.ts';
import { usageNeeds } from './draft-usage.ts';

// Every model over every rhythm, across month ends and leap years: which days each bill is for, and
// that a whole period costs the whole price whatever its days.

const every = (unit: Interval['unit'], count = 1): Interval => ({ unit, count });

const RHYTHMS: readonly (readonly [string, Interval, string, readonly string[]])[] = [
  ['daily', every('day'), '2028-02-28', ['02-28', '02-29', '03-01', '03-02']],
  ['thirty days', every('day', 30), '2028-01-31', ['01-31', '03-01', '03-31', '04-30']],
  ['weekly', every('week'), '2028-02-22', ['02-22', '02-29', '03-07', '03-14']],
  ['every two weeks', every('week', 2), '2026-12-28', ['12-28', '01-11', '01-25', '02-08']],
  ['monthly from the 28th', every('month'), '2026-01-28', ['01-28', '02-28', '03-28', '04-28']],
  ['monthly from the 29th', every('month'), '2026-01-29', ['01-29', '02-28', '03-29', '04-29']],
  ['monthly, leap year', every('month'), '2028-01-30', ['01-30', '02-29', '03-30', '04-30']],
  ['monthly from the 31st', every('month'), '2026-01-31', ['01-31', '02-28', '03-31', '04-30']],
  ['every five months', every('month', 5), '2026-08-31', ['08-31', '01-31', '06-30', '11-30']],
  ['quarterly', every('month', 3), '2027-11-30', ['11-30', '02-29', '05-30', '08-30']],
  ['half-yearly', every('month', 6), '2026-08-31', ['08-31', '02-28', '08-31', '02-29']],
  ['yearly from 29 February', every('year'), '2028-02-29', ['02-29', '02-28', '02-28', '02-28']],
  ['every two years', every('year', 2), '2028-02-29', ['02-29', '02-28', '02-29', '02-28']],
];

const tier = (upTo: bigint | undefined, unit: bigint, flat = 0n) => ({
  ...(upTo === undefined ? {} : { upTo: ratio(upTo) }),
  unitAmount: ratio(unit),
  flatAmount: ratio(flat),
});

/** Seven units, or seven yuan of events, under each model, in 分. */
const MODELS: readonly (readonly [PriceModel, bigint])[] = [
  [{ type: 'flat', amount: ratio(100n) }, 10_000n],
  [{ type: 'per_unit', unitAmount: ratio(3n) }, 2_100n],
  [{ type: 'per_unit', unitAmount: ratio(3n), freeUnits: ratio(2n) }, 1_500n],
  [{ type: 'graduated', tiers: [tier(5n, 3n), tier(undefined, 2n, 1n)] }, 2_000n],
  [{ type: 'volume', tiers: [tier(5n, 3n), tier(undefined, 2n)] }, 1_400n],
  [{ type: 'package', packageSize: ratio(3n), packageAmount: ratio(5n) }, 1_500n],
  [{ type: 'percentage', rate: ratio(1n, 2n) }, 350n],
  [
    {
      type: 'graduated_percentage',
      tiers: [
        { upTo: ratio(5n), rate: ratio(1n, 2n), flatAmount: ratio(0n) },
        { rate: ratio(1n, 10n), flatAmount: ratio(1n) },
      ],
    },
    370n,
  ],
  [{ type: 'dynamic' }, 4_200n],
  [{ type: 'buckets', price: { type: 'per_unit', unitAmount: ratio(3n) } }, 2_100n],
];

const USED = {
  units: ratio(7n),
  eventCount: 1n,
  carriedAmount: ratio(42n),
  buckets: [ratio(3n), ratio(4n)],
};

function bills(about: {
  readonly model: PriceModel;
  readonly interval: Interval;
  readonly anchor: string;
  readonly kind: 'seat' | 'metered';
}) {
  const { interval, model, kind } = about;
  const anchor = day(about.anchor);
  const price = aPrice(kind, 0n, { model, interval });
  const item = anItem(price, { from: anchor, quantity: kind === 'seat' ? 7n : 1n });
  const context = contextOf([price], {
    bounds: { linesPerDay: 9, timesRecent: 9n, floorMinor: 9n ** 9n },
  });
  let subscription = aSubscription({ anchor, interval, items: [item] });
  const found: { readonly start: string; readonly minor: bigint | undefined }[] = [];
  while (found.length < 4) {
    const needs = usageNeeds(subscription, { ...context, usageBilled: [] });
    const usage = new Map(needs.map(({ itemId, period }) => [usageKey(itemId, period), USED]));
    // Only the newest period counts here: corrections have a table of their own.
    const newest = [...usage].slice(0, 1);
    const decision = decideDraft(factsOf(subscription, { usage: new Map(newest) }), context);
    subscription = decision.subscription;
    const [line] = decision.invoice?.lines ?? [];
    if (line === undefined) {
      assert.equal(found.length, 0, 'only a first period has nothing to look back on');
      continue;
    }
    assert.equal(line.serviceDays, line.periodDays);
    found.push({ start: line.period.start.toString().slice(5), minor: line.amount.minor });
  }
  return found;
}

describe('the bills of every model and rhythm', () => {
  for (const [name, interval, anchor, starts] of RHYTHMS) {
    test(`${name} from ${anchor}`, () => {
      for (const [model, minor] of MODELS) {
        const expected = starts.map((start) => ({ start, minor }));
        const metered = bills({ model, interval, anchor, kind: 'metered' });
        assert.deepEqual(metered, expected, `${model.type} after its period`);
        const priced = ['flat', 'per_unit', 'graduated', 'volume', 'package'];
        if (!priced.includes(model.type)) continue;
        const seats = bills({ model, interval, anchor, kind: 'seat' });
        assert.deepEqual(seats, expected, `${model.type} in advance`);
      }
    });
  }
});
