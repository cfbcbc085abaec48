import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aSubscription, day } from '../../../../test/kit/builders.ts';
import type { Interval, Period } from '../calendar/periods.ts';
import { fitsInto, isSameInterval } from './intervals.ts';
import { isPausedOn, serviceSpans } from './service.ts';
import { subtractSpans } from './spans.ts';
import type { Contract, Subscription } from './subscription.ts';
import { renewedAt } from './term.ts';

const span = (from: string, until: string): Period => ({
  start: day(`2026-${from}`),
  end: day(`2026-${until}`),
});
const MARCH = span('03-01', '04-01');
const text = (spans: readonly Period[]) =>
  spans.map(({ start, end }) => `${start.toString().slice(5)}–${end.toString().slice(5)}`);

describe('the days of March on which an item is served', () => {
  const cases: readonly (readonly [string, Partial<Subscription>, readonly string[]])[] = [
    ['all', {}, ['03-01–04-01']],
    ['from the start of service', { startsOn: day('2026-03-10') }, ['03-10–04-01']],
    ['after the trial', { trialEndsOn: day('2026-03-15') }, ['03-15–04-01']],
    ['to the end', { endsOn: day('2026-03-20') }, ['03-01–03-20']],
    ['none after the end', { endsOn: day('2026-02-20') }, []],
    ['none before an open pause ends', { pauses: [{ from: day('2026-02-01') }] }, []],
    ['not in an open pause', { pauses: [{ from: day('2026-03-05') }] }, ['03-01–03-05']],
    [
      'between two pauses',
      {
        pauses: [
          { from: day('2026-02-01'), until: day('2026-03-03') },
          { from: day('2026-03-10'), until: day('2026-03-12') },
        ],
      },
      ['03-03–03-10', '03-12–04-01'],
    ],
  ];
  for (const [name, changes, expected] of cases) {
    test(name, () => {
      const subscription = aSubscription({ startsOn: day('2026-01-01'), ...changes });
      const spans = serviceSpans(subscription, { from: day('2026-01-01') }, MARCH);
      assert.deepEqual(text(spans), expected);
    });
  }

  test('only inside the item’s own days; a whole period comes back as it is', () => {
    const subscription = aSubscription({ startsOn: day('2026-01-01') });
    const item = { from: day('2026-03-02'), until: day('2026-03-04') };
    assert.deepEqual(text(serviceSpans(subscription, item, MARCH)), ['03-02–03-04']);
    const whole = serviceSpans(subscription, { from: day('2026-01-01') }, MARCH);
    assert.equal(whole[0], MARCH);
  });

  test('the first day of a pause belongs to it, the day of return does not', () => {
    const pauses = [{ from: day('2026-03-05'), until: day('2026-03-08') }];
    const paused = ['03-04', '03-05', '03-07', '03-08'].map((date) =>
      isPausedOn(aSubscription({ pauses }), day(`2026-${date}`)),
    );
    assert.deepEqual(paused, [false, true, true, false]);
  });
});

test('days that are taken out of spans leave the rest in order', () => {
  const holes = [span('03-05', '03-10'), span('03-08', '03-12'), span('03-31', '05-01')];
  assert.deepEqual(text(subtractSpans([MARCH], holes)), ['03-01–03-05', '03-12–03-31']);
  assert.deepEqual(text(subtractSpans([MARCH], [span('02-01', '05-01')])), []);
});

describe('whether a price can be billed at a rhythm', () => {
  const every = (unit: Interval['unit'], count = 1): Interval => ({ unit, count });
  const cases: readonly (readonly [Interval, Interval, boolean])[] = [
    [every('month'), every('month'), true],
    [every('year'), every('month'), true],
    [every('year'), every('month', 3), true],
    [every('month', 6), every('month', 4), false],
    [every('month'), every('year'), false],
    [every('week'), every('day'), true],
    [every('week'), every('month'), false],
    [every('month'), every('day', 30), false],
  ];
  for (const [price, bill, expected] of cases) {
    const name = `every ${price.count} ${price.unit}, billed every ${bill.count} ${bill.unit}`;
    test(name, () => assert.equal(fitsInto(price, bill), expected));
  }

  test('twelve months are a year, seven days a week', () => {
    assert.ok(isSameInterval(every('month', 12), every('year')));
    assert.ok(isSameInterval(every('day', 14), every('week', 2)));
    assert.ok(!isSameInterval(every('month'), every('week', 4)));
  });
});

describe('the term that runs after a renewal', () => {
  const term = (start: string, end: string): Contract => ({
    start: day(start),
    end: day(end),
    renewal: 'same_term',
    earlyTermination: { type: 'free' },
  });
  const cases: readonly (readonly [string, string, string, string])[] = [
    ['2026-01-01', '2027-01-01', '2026-12-31', '2026-01-01 2027-01-01'],
    ['2026-01-01', '2027-01-01', '2027-01-01', '2027-01-01 2028-01-01'],
    ['2026-08-31', '2027-02-28', '2027-02-28', '2027-02-28 2027-08-31'],
    ['2027-02-28', '2027-08-31', '2027-09-01', '2027-08-31 2028-02-29'],
    ['2026-01-01', '2026-01-15', '2026-02-01', '2026-01-29 2026-02-12'],
    ['2026-01-31', '2026-02-28', '2026-05-01', '2026-04-30 2026-05-31'],
  ];
  for (const [start, end, on, expected] of cases) {
    test(`${start} to ${end}, on ${on}`, () => {
      const renewed = renewedAt(term(start, end), day(on));
      assert.equal(`${renewed.start} ${renewed.end}`, expected);
    });
  }
});
