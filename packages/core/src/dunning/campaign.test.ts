import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { day } from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import type { JsonObject, JsonValue } from '../policy/policy.ts';
import { whyNoAttempt } from './attempt-due.ts';
import { DEFAULT_CAMPAIGN, DEFAULT_CAMPAIGN_BODY } from './default-campaign.ts';
import { countTries, retryDates } from './intervals.ts';
import { readCampaign } from './read-campaign.ts';
import { campaignTimetable } from './words.ts';

function codeOf(changes: JsonObject): string {
  const read = readCampaign({ ...DEFAULT_CAMPAIGN_BODY, ...changes });
  return read.ok ? 'taken' : read.refusal.code;
}

function without(field: string): string {
  const { [field]: _left, ...rest } = DEFAULT_CAMPAIGN_BODY;
  const read = readCampaign(rest);
  return read.ok ? 'taken' : read.refusal.code;
}

const message = (at: number, tone: string, hours: JsonObject = {}): JsonValue => {
  return { day: at, do: 'message', tone, ...hours };
};

describe('a campaign as a document', () => {
  const cases: readonly (readonly [string, JsonObject, string])[] = [
    ['the default', {}, 'taken'],
    ['no step', { steps: [] }, 'campaign_steps_count'],
    ['a step after the last day', { steps: [message(31, 'firm')] }, 'campaign_step_after_end'],
    [
      'a step behind the end',
      { steps: [{ day: 3, do: 'end' }, message(4, 'firm')] },
      'campaign_step_after_end',
    ],
    [
      'two steps at one moment',
      { steps: [message(1, 'friendly'), { day: 1, do: 'collect' }] },
      'campaign_two_at_once',
    ],
    [
      'the same day at another hour',
      { steps: [message(1, 'friendly'), { day: 1, from: '12:00', do: 'collect' }] },
      'taken',
    ],
    [
      'a tone that softens',
      { steps: [message(1, 'firm'), message(2, 'friendly')] },
      'campaign_tone_softens',
    ],
    [
      'a message at night',
      { steps: [message(1, 'firm', { from: '07:00' })] },
      'campaign_step_at_night',
    ],
    [
      'a debit in the early morning',
      { steps: [{ day: 1, from: '06:00', do: 'collect' }] },
      'taken',
    ],
    [
      'hours that end before they begin',
      { steps: [message(1, 'firm', { from: '18:00', until: '10:00' })] },
      'campaign_hours_not_valid',
    ],
    ['nobody to chase', { thresholds: {} }, 'campaign_chases_nobody'],
    ['a misspelt field', { threshold: { CNY: 1 } }, 'policy_field_unknown'],
    ['dead accounts tried again', { debit: { stop_at: ['risk'] } }, 'campaign_hammers_dead_method'],
    ['more than the schemes allow', { debit: { budget: { tries: 16 } } }, 'policy_field_not_valid'],
    ['tries an hour apart', { debit: { hours_between: 1 } }, 'policy_field_not_valid'],
    ['an end after a year', { end: { max_days: 365, max_tries: 3 } }, 'policy_field_not_valid'],
  ];
  for (const [name, changes, expected] of cases) {
    test(`${name}: ${expected}`, () => assert.equal(codeOf(changes), expected));
  }

  test('without an end it is refused', () => assert.equal(without('end'), 'campaign_without_end'));

  test('a repeated step is several, at fixed intervals from the one before', () => {
    const repeat = { times: 2, every_days: 8 };
    const read = readCampaign({
      ...DEFAULT_CAMPAIGN_BODY,
      steps: [{ day: 1, do: 'collect', repeat }],
    });
    assert.ok(read.ok);
    assert.deepEqual(
      read.value.steps.map((step) => step.day),
      [1, 9, 17],
    );
  });

  test('its timetable says in words what happens when, in both languages', () => {
    const zh = campaignTimetable(DEFAULT_CAMPAIGN, day('2026-03-11'), 'zh-CN');
    const en = campaignTimetable(DEFAULT_CAMPAIGN, day('2026-03-11'), 'en');
    assert.equal(zh.length, DEFAULT_CAMPAIGN.steps.length + 2);
    assert.equal(zh[1], '第 0 天（2026-03-11，10:00–20:00）：发送温和提醒。');
    assert.equal(
      en[2],
      'Day 3 (2026-03-14, 09:00–18:00): a notice, then a debit in the rail’s hours.',
    );
    assert.ok(en.at(-1)?.startsWith('Day 30 (2026-04-10): it ends'));
  });
});

describe('whether a campaign asks for money now', () => {
  const question = {
    overdue: money(5_100n, 'EUR'),
    thresholds: [money(5_100n, 'EUR'), money(1n, 'USD')],
    isExcluded: false,
    tries: 1,
    maxTries: 2,
    secondsSinceLast: 345_601,
    secondsBetween: 345_600,
  };
  const cases = [
    ['more than the time between has passed', {}, undefined],
    ['exactly the time between', { secondsSinceLast: 345_600 }, 'too_soon_after_last_try'],
    ['never tried', { secondsSinceLast: undefined }, undefined],
    ['a unit below the threshold', { overdue: money(5_099n, 'EUR') }, 'below_threshold'],
    ['a currency without one', { overdue: money(9_999n, 'CNY') }, 'below_threshold'],
    ['no try left', { tries: 2 }, 'tries_used_up'],
    ['left alone', { isExcluded: true }, 'customer_excluded'],
  ] as const;
  for (const [name, changes, expected] of cases) {
    test(name, () => assert.equal(whyNoAttempt({ ...question, ...changes }), expected));
  }
});

describe('retries at fixed intervals', () => {
  test('each counts from the one before, as many as there are intervals', () => {
    const interval = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(fc.array(interval, { maxLength: 10 }), (intervals) => {
        const start = day('2026-03-10');
        const dates = [start, ...retryDates(start, intervals)];
        const gaps = dates.slice(1).map((date, index) => {
          return dates[index]?.until(date, { largestUnit: 'day' }).days;
        });
        assert.deepEqual(gaps, intervals);
        assert.equal(countTries(intervals, undefined).tries, intervals.length + 1);
      }),
    );
  });
});
