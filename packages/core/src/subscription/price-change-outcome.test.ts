import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  aCustomer,
  anItem,
  aPrice,
  aSubscription,
  at,
  countingIds,
  day,
  ZONE,
} from '../../../../test/kit/builders.ts';
import type { Customer } from '../customer/customer.ts';
import type { PriceChange } from './price-change.ts';
import {
  decidePriceAnswer,
  decidePriceNotice,
  type PriceChangeConsent,
  planConsent,
} from './price-change-consent.ts';
import { computePriceEffect } from './price-change-effect.ts';
import { boundaryFrom, closeConsent, decidePriceOutcome } from './price-change-outcome.ts';
import type { Subscription } from './subscription.ts';
import { DEFAULT_TIMETABLE } from './timetable.ts';

const HASH = 'b'.repeat(64);
const old = aPrice('flat', 10_000n);
const dear = aPrice('flat', 12_000n);
const cheap = aPrice('flat', 8_000n);
const small = aPrice('flat', 5_000n);
const PRICES = new Map([old, dear, cheap, small].map((one) => [one.version.id, one]));
const company = aCustomer({ kind: 'organisation' });

const change = (changes: Partial<PriceChange> = {}): PriceChange => ({
  id: countingIds(1)('pch', 0),
  merchantId: aCustomer().merchantId,
  state: 'published',
  steps: [{ from: old.version.id, to: dear.version.id }],
  effectiveOn: day('2026-05-01'),
  audience: 'consumer',
  fallback: { type: 'leave_without_penalty' },
  noticeDays: 30,
  reason: '上游成本上涨',
  createdAt: at('2026-03-01 09:00'),
  publishedAt: at('2026-03-01 09:00'),
  ...changes,
});

/** Billed on the 10th; its period from 10 May is the first that may have another price. */
const subscription = (changes: Partial<Subscription> = {}) =>
  aSubscription({ billedThrough: day('2026-04-10'), items: [anItem(old)], ...changes });

type Story = {
  readonly change?: Partial<PriceChange>;
  readonly customer?: Customer;
  readonly subscription?: Partial<Subscription>;
  /** When the notice was delivered; never when null. */
  readonly told?: string | null;
  readonly answer?: 'acknowledged' | 'objected';
  readonly now?: string;
};

function consentOf(story: Story): PriceChangeConsent {
  const its = change(story.change);
  const held = subscription(story.subscription);
  const effect = computePriceEffect(held, its.steps, { prices: PRICES, on: its.effectiveOn });
  assert.ok(effect);
  const customer = story.customer ?? aCustomer();
  let consent = planConsent(its, { subscription: held, customer, effect }, at('2026-03-01 09:00'));
  const context = { change: its, now: at('2026-04-01 09:00'), ids: countingIds() };
  const told = story.told === undefined ? '2026-03-02 10:00' : story.told;
  if (told !== null) {
    const noticed = decidePriceNotice(
      consent,
      { at: at(told), channel: 'mail' },
      { ...context, now: at('2026-12-31 09:00') },
    );
    assert.ok(noticed.ok);
    consent = noticed.value.consent;
  }
  if (story.answer === undefined) return consent;
  const answered = decidePriceAnswer(
    consent,
    { answer: story.answer, at: at('2026-03-20 10:00'), channel: 'portal', evidenceHash: HASH },
    context,
  );
  assert.ok(answered.ok);
  return answered.value.consent;
}

/** The outcome in words: "applied on 2026-05-10 (prices)", "wait". */
function outcomeOf(story: Story): string {
  const outcome = decidePriceOutcome(
    {
      change: change(story.change),
      consent: consentOf(story),
      subscription: subscription(story.subscription),
    },
    {
      prices: PRICES,
      timetable: DEFAULT_TIMETABLE,
      zone: ZONE,
      now: at(story.now ?? '2026-05-02 08:00'),
    },
  );
  if (outcome.kind !== 'change') return outcome.kind === 'wait' ? 'wait' : outcome.outcome;
  const { command } = outcome;
  const grounds = command.type === 'prices' ? ` ${command.grounds?.type}` : '';
  return `${outcome.outcome} on ${outcome.on} (${command.type}${grounds})`;
}

const business = { audience: 'business' } as const;
const decrease = { steps: [{ from: old.version.id, to: cheap.version.id }] };
const stay = { fallback: { type: 'stay_until', until: day('2026-08-01') } } as const;
const downgrade = {
  fallback: {
    type: 'downgrade',
    planId: small.price.planId,
    steps: [{ from: old.version.id, to: small.version.id }],
  },
} as const;

describe('what follows for one subscription', () => {
  const left = 'left on 2026-05-10 (end)';
  const stories: readonly (readonly [string, Story, string])[] = [
    ['a consumer agreed', { answer: 'acknowledged' }, 'applied on 2026-05-10 (prices consent)'],
    ['a consumer objected', { answer: 'objected' }, left],
    ['a consumer is silent', {}, left],
    ['a silent consumer was never told', { told: null }, 'wait'],
    ['a silent consumer was told late', { told: '2026-04-20 10:00' }, 'wait'],
    [
      '… and his time is over a period later',
      { told: '2026-04-20 10:00', now: '2026-06-02 08:00' },
      'left on 2026-06-10 (end)',
    ],
    ['an objection needs no notice', { told: null, answer: 'objected' }, left],
    [
      'an agreement needs no notice',
      { told: null, answer: 'acknowledged' },
      'applied on 2026-05-10 (prices consent)',
    ],
    [
      'a business is silent',
      { change: business, customer: company },
      'applied on 2026-05-10 (prices silence_of_business)',
    ],
    ['a business was never told', { change: business, customer: company, told: null }, 'wait'],
    ['a business objected', { change: business, customer: company, answer: 'objected' }, left],
    [
      'a business agreed',
      { change: business, customer: company, answer: 'acknowledged' },
      'applied on 2026-05-10 (prices consent)',
    ],
    ['a person is a consumer, whatever the change says', { change: business }, left],
    ['a business under the rules for consumers', { customer: company }, left],
    [
      'a decrease reaches everybody, told or not',
      { change: decrease, told: null },
      'applied on 2026-05-10 (prices not_higher)',
    ],
    [
      '… even against an objection',
      { change: decrease, answer: 'objected' },
      'applied on 2026-05-10 (prices not_higher)',
    ],
    [
      'before the draft of the period it is too early',
      { answer: 'acknowledged', now: '2026-05-02 07:59' },
      'wait',
    ],
    [
      'a period that is billed keeps its price',
      {
        answer: 'acknowledged',
        subscription: { billedThrough: day('2026-06-10') },
        now: '2026-06-02 08:00',
      },
      'applied on 2026-06-10 (prices consent)',
    ],
    [
      'a boundary on the effective day counts',
      {
        answer: 'acknowledged',
        subscription: { anchor: day('2026-01-01'), billedThrough: day('2026-04-01') },
        now: '2026-04-23 08:00',
      },
      'applied on 2026-05-01 (prices consent)',
    ],
    ['who may stay keeps the old price', { change: stay }, 'wait'],
    [
      '… until his day, then service ends',
      { change: stay, now: '2026-08-02 08:00', subscription: { billedThrough: day('2026-08-10') } },
      'left on 2026-08-10 (end)',
    ],
    [
      '… unless he agrees meanwhile',
      {
        change: stay,
        answer: 'acknowledged',
        now: '2026-06-02 08:00',
        subscription: { billedThrough: day('2026-06-10') },
      },
      'applied on 2026-06-10 (prices consent)',
    ],
    ['a downgrade', { change: downgrade }, 'downgraded on 2026-05-10 (plan)'],
    ['a withdrawn change does nothing', { change: { state: 'withdrawn' }, told: null }, 'wait'],
    [
      'a paused subscription waits',
      { answer: 'acknowledged', subscription: { state: 'paused' } },
      'wait',
    ],
    ['an ended one is over', { subscription: { state: 'ended' } }, 'unchanged'],
  ];
  for (const [what, story, expected] of stories) {
    test(`${what}: ${expected}`, () => {
      assert.equal(outcomeOf(story), expected);
    });
  }

  test('a “downgrade” that costs more is no fallback: the old price goes on', () => {
    const steps = [{ from: old.version.id, to: dear.version.id }];
    const fallback = { ...downgrade.fallback, steps } as const;
    assert.equal(outcomeOf({ change: { fallback } }), 'wait');
  });

  test('who moved to another price by itself is left alone', () => {
    const outcome = decidePriceOutcome(
      {
        change: change(),
        consent: consentOf({}),
        subscription: subscription({ items: [anItem(small)] }),
      },
      { prices: PRICES, timetable: DEFAULT_TIMETABLE, zone: ZONE, now: at('2026-05-02 08:00') },
    );
    assert.deepEqual(outcome, { kind: 'nothing', outcome: 'unchanged' });
  });

  test('boundaries are counted from the anchor and clamped', () => {
    const monthly = { anchor: day('2026-01-31'), interval: { unit: 'month', count: 1 } } as const;
    assert.deepEqual(
      ['2026-02-28', '2026-03-01', '2026-03-31'].map((date) =>
        String(boundaryFrom(monthly, day(date))),
      ),
      ['2026-02-28', '2026-03-31', '2026-03-31'],
    );
  });
});

describe('what a customer says', () => {
  const context = (changes: Partial<PriceChange> = {}) => ({
    change: change(changes),
    now: at('2026-04-01 09:00'),
    ids: countingIds(),
  });
  const word = {
    answer: 'objected',
    at: at('2026-03-20 10:00'),
    channel: 'phone',
    evidenceHash: HASH,
  } as const;

  test('is kept with time, channel and evidence; the last word holds', () => {
    const first = decidePriceAnswer(consentOf({ answer: 'acknowledged' }), word, context());
    assert.ok(first.ok);
    assert.deepEqual(first.value.consent.answered, {
      at: word.at,
      channel: 'phone',
      evidenceHash: HASH,
    });
    assert.deepEqual(
      [first.value.consent.answer, first.value.events.map(({ type }) => type)],
      ['objected', ['price_change.objected']],
    );
    const again = decidePriceAnswer(first.value.consent, word, context());
    assert.ok(again.ok && again.value.events.length === 0, 'the same word again changes nothing');
  });

  const decided = () =>
    closeConsent(consentOf({}), { outcome: 'left', on: day('2026-05-10') }, context()).consent;
  const refused: readonly (readonly [
    string,
    () => ReturnType<typeof decidePriceAnswer>,
    string,
  ])[] = [
    [
      'before it was published',
      () => decidePriceAnswer(consentOf({}), { ...word, at: at('2026-02-01 10:00') }, context()),
      'answered_before_publication at',
    ],
    [
      'tomorrow',
      () => decidePriceAnswer(consentOf({}), { ...word, at: at('2026-04-02 10:00') }, context()),
      'answered_in_future at',
    ],
    [
      'without evidence',
      () => decidePriceAnswer(consentOf({}), { ...word, evidenceHash: '' }, context()),
      'evidence_not_valid evidence_hash',
    ],
    [
      'after it was decided',
      () => decidePriceAnswer(decided(), word, context()),
      'price_change_decided subscription_id',
    ],
    [
      'to what was withdrawn',
      () => decidePriceAnswer(consentOf({}), word, context({ state: 'withdrawn' })),
      'price_change_not_published id',
    ],
  ];
  for (const [what, answer, code] of refused) {
    test(`${what}: refused as ${code}`, () => {
      const answered = answer();
      assert.ok(!answered.ok);
      assert.equal(`${answered.refusal.code} ${answered.refusal.field}`, code);
    });
  }

  test('the first delivery of the notice counts', () => {
    const told = consentOf({ told: '2026-03-05 10:00' });
    const later = decidePriceNotice(
      told,
      { at: at('2026-03-09 10:00'), channel: 'sms' },
      context(),
    );
    assert.ok(later.ok && later.value.events.length === 0);
    assert.equal(later.value.consent.notice.channel, 'mail');
    const earlier = decidePriceNotice(
      told,
      { at: at('2026-03-04 10:00'), channel: 'letter', reference: 'RR1' },
      context(),
    );
    assert.ok(earlier.ok);
    assert.deepEqual(
      [earlier.value.consent.notice.channel, earlier.value.consent.notice.reference],
      ['letter', 'RR1'],
    );
  });

  test('a decision is told once, with its day', () => {
    const { consent, event } = closeConsent(
      consentOf({ answer: 'acknowledged' }),
      { outcome: 'applied', on: day('2026-05-10') },
      context(),
    );
    assert.deepEqual([consent.outcome, String(consent.effectiveOn)], ['applied', '2026-05-10']);
    assert.deepEqual(
      [event.type, event.data['answer'], event.data['effective_on']],
      ['price_change.decided', 'acknowledged', '2026-05-10'],
    );
  });
});
