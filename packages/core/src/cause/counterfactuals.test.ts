import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  BUCKET,
  byHand,
  eightMoreSeats,
  failedNotice,
  held,
  history,
  ids,
  incident,
  mandate,
  notice,
  priceUpAFifth,
  refused,
  yuan,
} from '../../../../test/kit/arrears-facts.ts';
import { at } from '../../../../test/kit/builders.ts';
import { attributeCause } from './attribute.ts';
import type { CauseFinding } from './cause.ts';
import { explainCause } from './explain.ts';
import type { ArrearsHistory } from './history.ts';

describe('what would have prevented it', () => {
  const told = { priceChangeId: ids('pch', BUCKET), subscriptionId: ids('sub', BUCKET) };
  const consent = {
    ...told,
    before: yuan(10_000n),
    after: yuan(12_000n),
    answer: 'silent',
    outcome: 'applied',
    createdAt: at('2026-01-20 09:00'),
  } as const;
  const cases: readonly (readonly [
    string,
    Partial<ArrearsHistory>,
    keyof CauseFinding['counterfactuals'],
    string,
  ])[] = [
    ['forgot', { invoice: byHand, mandates: [] }, 'autoDebit', 'prevented nobody_paid'],
    [
      'forgot, told once',
      { invoice: byHand, mandates: [] },
      'reminder',
      'prevented was_not_reminded',
    ],
    [
      'forgot, told twice',
      { invoice: byHand, mandates: [], notices: [notice(), notice()] },
      'reminder',
      'not_prevented was_reminded',
    ],
    [
      'debited already',
      { attempts: [refused('funds', '2026-03-10 07:30')] },
      'autoDebit',
      'not_prevented is_collected_already',
    ],
    [
      'a price that nobody was told',
      { invoice: byHand, mandates: [], ...priceUpAFifth, consents: [consent] },
      'reminder',
      'prevented price_surprised',
    ],
    [
      'a price that was told',
      {
        invoice: byHand,
        mandates: [],
        ...priceUpAFifth,
        consents: [{ ...consent, noticedAt: at('2026-01-22 09:00') }],
      },
      'reminder',
      'not_prevented was_reminded',
    ],
    [
      'growth, and a plan that saves all of it',
      { invoice: byHand, ...eightMoreSeats, planSaving: yuan(4_000n) },
      'planChange',
      'prevented saving_covers_rise',
    ],
    [
      'growth, and a plan that saves less',
      { invoice: byHand, ...eightMoreSeats, planSaving: yuan(3_999n) },
      'planChange',
      'unknown saving_is_less',
    ],
    [
      'growth, and no plan was compared',
      { invoice: byHand, ...eightMoreSeats },
      'planChange',
      'unknown plan_not_asked',
    ],
    [
      'a dead card with another mandate beside it',
      {
        attempts: [refused('account', '2026-03-10 07:30')],
        mandates: [mandate(), mandate({ rail: 'two' })],
      },
      'otherMethod',
      'prevented other_method_there',
    ],
    [
      'a rail that was down with another rail beside it',
      {
        attempts: [refused('technical', '2026-03-10 07:30')],
        incidents: [incident],
        mandates: [mandate(), mandate({ rail: 'two' })],
      },
      'otherMethod',
      'prevented other_method_there',
    ],
    [
      'both rails down',
      {
        attempts: [refused('technical', '2026-03-10 07:30')],
        incidents: [incident, { ...incident, rail: 'two' }],
        mandates: [mandate(), mandate({ rail: 'two' })],
      },
      'otherMethod',
      'unknown rail_was_down',
    ],
  ];
  for (const [what, change, remedy, expected] of cases) {
    test(`${what}: ${remedy}`, () => {
      const { result, reason } = attributeCause(history(change)).counterfactuals[remedy];
      assert.equal(`${result} ${reason}`, expected);
    });
  }
});

test('each cause has its first step, and who takes it', () => {
  const cases: readonly (readonly [Partial<ArrearsHistory>, string])[] = [
    [{ invoice: byHand, mandates: [] }, 'begin_mandate customer'],
    [{ invoice: byHand }, 'send_pay_link support'],
    [{ attempts: [refused('funds', '2026-03-10 07:30')] }, 'retry_after_payday finance'],
    [{ debits: [held('mandate_cap_exceeded')] }, 'raise_cap customer'],
    [{ mandates: [] }, 'replace_method customer'],
    [{ notices: [failedNotice({ failureCode: 'no_channel' })] }, 'resend_bill operations'],
    [
      { attempts: [refused('technical', '2026-03-10 07:30')] },
      'retry_when_rail_is_back operations',
    ],
    [{ invoice: byHand, ...eightMoreSeats }, 'show_plan_fit support'],
  ];
  for (const [change, expected] of cases) {
    const { action, owner } = attributeCause(history(change)).fix;
    assert.equal(`${action} ${owner}`, expected);
  }
});

test('a mandate that was never signed is not one that ended', () => {
  const keyOf = (state: 'signing' | 'ended') => {
    const one = mandate({
      state,
      ...(state === 'ended' ? { endedAt: at('2026-03-08 12:00') } : {}),
    });
    return attributeCause(history({ mandates: [one] })).causes[0]?.evidence[0]?.key;
  };
  assert.deepEqual([keyOf('signing'), keyOf('ended')], ['no_mandate', 'mandate_ended']);
});

test('a finding reads as sentences in both languages', () => {
  const finding = attributeCause(
    history({ ...eightMoreSeats, attempts: [refused('funds', '2026-03-10 07:30')] }),
  );
  const zh = explainCause(finding, { locale: 'zh-CN', zone: 'Asia/Shanghai' });
  assert.equal(zh.line, '欠费原因：用户数、用量或功能增长 90%；其次：账户余额不足 10%');
  assert.deepEqual(zh.evidence, [
    ['账单由 ¥100.00 增至 ¥140.00', '其中用户数、用量或功能使账单增加 ¥40.00'],
    ['2026-03-10 扣款未成功：余额不足（FUNDS）'],
  ]);
  assert.equal(zh.fix, '建议：比较更合适的套餐（客服）');
  const en = explainCause(finding, { locale: 'en', zone: 'Asia/Shanghai' });
  assert.deepEqual(en.evidence[0]?.[0], 'The bill rose from ¥100.00 to ¥140.00');
  assert.equal(
    en.counterfactuals[0],
    'Direct debit would not have prevented it: it is debited already',
  );
});
