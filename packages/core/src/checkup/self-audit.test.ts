import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  aCustomer,
  aMandate,
  aSubscription,
  at,
  clockOf,
  countingIds,
  day,
  PRICE,
  ZONE,
} from '../../../../test/kit/builders.ts';
import {
  decideSelfAudit,
  nextSelfAuditAt,
  type SelfAuditFacts,
  type SelfAuditPlan,
  selfAuditAt,
} from './self-audit.ts';

const subscription = aSubscription();
const FACTS: SelfAuditFacts = {
  customer: aCustomer(),
  mandates: [aMandate()],
  subscriptions: [subscription],
  plans: new Map(),
  lastAmounts: new Map([[subscription.id, PRICE]]),
  upcoming: [],
  findings: [],
  priceChanges: [],
  approvals: [],
  railNames: new Map([['wechat', { zh: '微信支付', en: 'WeChat Pay' }]]),
};
const PLAN = { merchantId: aCustomer().merchantId, customerId: aCustomer().id };

function audit(plan: SelfAuditPlan, clock: string, facts = FACTS, isWanted = true) {
  const context = { now: at(clock), zone: ZONE, ids: countingIds(), merchantName: '云笔记' };
  return decideSelfAudit(plan, facts, { isWanted, context });
}

describe('the day of the monthly self-audit', () => {
  const cases = [
    ['2026-04-01', '2026-04-01 10:00', 'a Wednesday'],
    ['2026-08-01', '2026-08-03 10:00', 'after a weekend'],
    ['2026-10-01', '2026-10-08 10:00', 'after the National Day'],
  ] as const;
  for (const [month, expected, why] of cases) {
    test(`${month.slice(0, 7)}: ${expected.slice(5)}, ${why}`, () => {
      assert.equal(clockOf(selfAuditAt(day(month), ZONE)), expected);
    });
  }

  test('after this month’s comes the next month’s', () => {
    assert.equal(clockOf(nextSelfAuditAt(at('2026-04-01 09:59'), ZONE)), '2026-04-01 10:00');
    assert.equal(clockOf(nextSelfAuditAt(at('2026-04-01 10:00'), ZONE)), '2026-05-06 10:00');
    assert.equal(clockOf(nextSelfAuditAt(at('2026-01-31 12:00'), ZONE)), '2026-02-02 10:00');
  });
});

describe('a customer’s self-audit', () => {
  const due: SelfAuditPlan = { ...PLAN, nextAt: at('2026-04-01 10:00') };

  test('whoever begins in the middle of a month only learns the date', () => {
    const begun = audit({ ...PLAN, nextAt: at('2026-03-10 12:00') }, '2026-03-10 12:00');
    assert.equal(begun.message, undefined);
    assert.equal(clockOf(begun.plan.nextAt ?? at('2000-01-01 00:00')), '2026-04-01 10:00');
  });

  test('on its day it is one message with every debit, and then next month’s date', () => {
    const sent = audit(due, '2026-04-01 10:00');
    assert.equal(sent.message?.templateKey, 'self_audit');
    assert.match(sent.message?.variables?.['subscriptions'] ?? '', /下次计费 .*上期 ¥29.85/);
    assert.equal(sent.message?.variables?.['mandates'], '微信支付');
    assert.deepEqual(
      sent.events.map(({ type }) => type),
      ['checkup.audited'],
    );
    assert.equal(clockOf(sent.plan.nextAt ?? at('2000-01-01 00:00')), '2026-05-06 10:00');
    assert.equal(
      audit({ ...due, month: day('2026-04-01') }, '2026-04-01 11:00').message,
      undefined,
    );
  });

  test('what waits for its debit is named with its own date and amount', () => {
    const upcoming = [{ subscriptionId: subscription.id, on: day('2026-04-10'), amount: PRICE }];
    const sent = audit(due, '2026-04-01 10:00', { ...FACTS, upcoming });
    assert.match(sent.message?.variables?.['subscriptions'] ?? '', /2026-04-10 ¥29.85/);
  });

  test('a worker that was away for a day sends it late, once', () => {
    const late = audit(due, '2026-04-02 15:00');
    assert.equal(late.message?.templateKey, 'self_audit');
  });

  test('nothing running ends it; a merchant that wants none may want it next month', () => {
    const idle = audit(due, '2026-04-01 10:00', { ...FACTS, subscriptions: [] });
    assert.deepEqual([idle.message, idle.plan.nextAt], [undefined, undefined]);
    const off = audit(due, '2026-04-01 10:00', FACTS, false);
    assert.equal(off.message, undefined);
    assert.equal(clockOf(off.plan.nextAt ?? at('2000-01-01 00:00')), '2026-05-06 10:00');
  });
});
