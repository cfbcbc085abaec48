import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { aCustomer, aPrice, at, countingIds, day } from '../../../../test/kit/builders.ts';
import type { PricedVersion } from '../catalog/catalog.ts';
import {
  decidePriceChange,
  decidePriceCompletion,
  decidePricePublication,
  decidePriceWithdrawal,
  type NewPriceChange,
} from './price-change.ts';

const seat = aPrice('seat', 1_000n);
const dearer = nextVersion(seat, 1_200n);
const other = aPrice('module', 500n);
const dollars = nextVersion(seat, 1_200n, { currency: 'USD' });

function nextVersion(
  of: PricedVersion,
  minor: bigint,
  changes: Parameters<typeof aPrice>[2] = {},
): PricedVersion {
  const { version } = aPrice(of.price.kind, minor, changes);
  return { price: of.price, version: { ...version, priceId: of.price.id, version: 2 } };
}

const later = nextVersion(seat, 1_200n, { effectiveFrom: day('2026-05-02') });

const PRICES = new Map([seat, dearer, other, dollars, later].map((one) => [one.version.id, one]));
const context = (now = '2026-03-01 09:00') => ({
  merchantId: aCustomer().merchantId,
  prices: PRICES,
  today: day(now.slice(0, 10)),
  now: at(now),
  ids: countingIds(),
});
const order = (changes: Partial<NewPriceChange> = {}): NewPriceChange => ({
  steps: [{ from: seat.version.id, to: dearer.version.id }],
  effectiveOn: day('2026-05-01'),
  audience: 'consumer',
  fallback: { type: 'leave_without_penalty' },
  reason: '上游成本上涨',
  ...changes,
});
const draft = (changes: Partial<NewPriceChange> = {}) => {
  const made = decidePriceChange(order(changes), context());
  assert.ok(made.ok, JSON.stringify(made));
  return made.value;
};

describe('a price change is drafted', () => {
  test('with thirty days of notice unless more are wanted', () => {
    assert.deepEqual(
      [draft().state, draft().noticeDays, draft({ noticeDays: 45 }).noticeDays],
      ['draft', 30, 45],
    );
  });

  const unknown = countingIds(900)('prv', 0);
  const step = { from: seat.version.id, to: dearer.version.id };
  const refused: readonly (readonly [string, Partial<NewPriceChange>, string])[] = [
    ['without steps', { steps: [] }, 'steps_missing steps'],
    [
      'an unknown version',
      { steps: [{ ...step, to: unknown }] },
      'price_version_unknown steps/0/to',
    ],
    [
      'an unknown old one',
      { steps: [{ ...step, from: unknown }] },
      'price_version_unknown steps/0/from',
    ],
    ['one version twice', { steps: [step, step] }, 'step_twice steps/1/from'],
    ['a circle', { steps: [step, { from: step.to, to: step.from }] }, 'step_twice steps/0/to'],
    [
      'nothing new',
      { steps: [{ from: step.from, to: step.from }] },
      'step_changes_nothing steps/0/to',
    ],
    [
      'another currency',
      { steps: [{ ...step, to: dollars.version.id }] },
      'currency_mix steps/0/to',
    ],
    [
      'another price',
      { steps: [{ ...step, to: other.version.id }] },
      'version_of_another_price steps/0/to',
    ],
    [
      'a version of the day after',
      { steps: [{ ...step, to: later.version.id }] },
      'version_not_effective steps/0/to',
    ],
    ['29 days of notice', { noticeDays: 29 }, 'notice_days_too_few notice_days'],
    ['in four weeks', { effectiveOn: day('2026-03-29') }, 'effective_too_early effective_on'],
    ['without a reason', { reason: ' ' }, 'reason_missing reason'],
    [
      'an old price that ends at once',
      { fallback: { type: 'stay_until', until: day('2026-05-01') } },
      'fallback_too_early fallback/until',
    ],
    [
      'a downgrade that forgets a version',
      {
        fallback: {
          type: 'downgrade',
          planId: other.price.planId,
          steps: [{ from: other.version.id, to: seat.version.id }],
        },
      },
      'fallback_incomplete fallback/steps',
    ],
  ];
  for (const [what, changes, code] of refused) {
    test(`${what}: refused as ${code}`, () => {
      const made = decidePriceChange(order(changes), context());
      assert.ok(!made.ok);
      assert.equal(`${made.refusal.code} ${made.refusal.field}`, code);
    });
  }

  test('a downgrade may name versions of another plan', () => {
    const steps = [{ from: seat.version.id, to: other.version.id }];
    const made = draft({ fallback: { type: 'downgrade', planId: other.price.planId, steps } });
    assert.equal(made.fallback.type, 'downgrade');
  });
});

describe('its life', () => {
  const published = () => {
    const decision = decidePricePublication(draft(), context());
    assert.ok(decision.ok);
    return decision.value;
  };

  test('it is published once, while there is time for the notice', () => {
    assert.deepEqual(
      [published().state, published().publishedAt],
      ['published', at('2026-03-01 09:00')],
    );
    const again = decidePricePublication(published(), context());
    assert.ok(!again.ok && again.refusal.code === 'price_change_not_draft');
    const late = decidePricePublication(draft(), context('2026-04-02 09:00'));
    assert.ok(!late.ok && late.refusal.code === 'effective_too_early');
  });

  test('it is withdrawn until it was carried out for the first', () => {
    const now = at('2026-04-01 09:00');
    for (const change of [draft(), published()]) {
      const decision = decidePriceWithdrawal(change, { decided: 0, now });
      assert.ok(decision.ok && decision.value.state === 'withdrawn');
      const again = decidePriceWithdrawal(decision.value, { decided: 0, now });
      assert.ok(!again.ok && again.refusal.code === 'price_change_over');
    }
    const begun = decidePriceWithdrawal(published(), { decided: 1, now });
    assert.ok(!begun.ok && begun.refusal.code === 'price_change_begun');
  });

  test('it is applied when its day has come and it waits for nobody', () => {
    const now = at('2026-05-01 09:00');
    const after = (today: string, waiting: number, change = published()) =>
      decidePriceCompletion(change, { waiting, today: day(today), now })?.state;
    assert.deepEqual(
      [
        after('2026-04-30', 0),
        after('2026-05-01', 1),
        after('2026-05-01', 0),
        after('2026-05-01', 0, draft()),
      ],
      [undefined, undefined, 'applied', undefined],
    );
  });
});
