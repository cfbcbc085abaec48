import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  aCustomer,
  anInvoice,
  anItem,
  aPrice,
  aSubscription,
  at,
  countingIds,
} from '../../../../test/kit/builders.ts';
import { applyBalance } from '../invoice/balance.ts';
import { decideIssue } from '../invoice/issue.ts';
import { money } from '../money/money.ts';
import { decideTopUpRule, type TopUpWish } from './top-up-agree.ts';
import { decideTopUpEnd } from './top-up-end.ts';
import { lookAtTopUp, type TopUpFacts } from './top-up-look.ts';

const yuan = (amount: bigint) => money(amount * 100n, 'CNY');
const PRICE = aPrice('flat', 2_985n);
const SUBSCRIPTION = aSubscription({ items: [anItem(PRICE)] });
const CUSTOMER = { ...aCustomer({}), id: SUBSCRIPTION.customerId };
const NOW = at('2026-03-05 12:00');
const DUE = Temporal.PlainDate.from('2026-03-10');
const WISH: TopUpWish = {
  low: yuan(20n),
  amount: yuan(50n),
  monthlyCap: yuan(80n),
  consent: { at: at('2026-03-05 11:00'), channel: 'portal', evidenceHash: 'a'.repeat(64) },
  by: 'Anna',
};
const context = () => ({
  now: NOW,
  zone: 'Asia/Shanghai',
  ids: countingIds(),
  prices: new Map(SUBSCRIPTION.items.map(({ priceVersionId }) => [priceVersionId, PRICE] as const)),
});

function agree(wish: Partial<TopUpWish> = {}) {
  const facts = { customer: CUSTOMER, subscription: SUBSCRIPTION };
  return decideTopUpRule(facts, { ...WISH, ...wish }, context());
}

function look(facts: Partial<TopUpFacts>, isLow = false) {
  const agreed = agree();
  assert.ok(agreed.ok);
  const known: TopUpFacts = {
    left: yuan(20n),
    subscription: SUBSCRIPTION,
    hasOpen: false,
    thisMonth: yuan(0n),
    dueDate: DUE,
    ...facts,
  };
  return lookAtTopUp({ ...agreed.value.rule, isLow }, known, context());
}

function requested() {
  const { requested: found } = look({});
  assert.ok(found !== undefined);
  return found;
}

describe('what a customer agrees to', () => {
  const refusals: readonly (readonly [string, Partial<TopUpWish>])[] = [
    ['top_up_not_positive', { amount: yuan(0n) }],
    ['top_up_below_zero', { low: yuan(-1n) }],
    ['top_up_cap_too_low', { monthlyCap: yuan(49n) }],
    ['top_up_currency_mix', { low: money(1n, 'EUR') }],
    ['top_up_evidence_not_valid', { consent: { ...WISH.consent, evidenceHash: 'yes' } }],
    ['top_up_consent_in_future', { consent: { ...WISH.consent, at: at('2026-03-05 12:01') } }],
    ['top_up_without_name', { by: ' ' }],
  ];
  for (const [code, wish] of refusals) {
    test(`refused: ${code}`, () => {
      const agreed = agree(wish);
      assert.equal(agreed.ok ? 'agreed' : agreed.refusal.code, code);
    });
  }

  test('a change stops what was in force and keeps it', () => {
    const first = agree();
    assert.ok(first.ok);
    const facts = { customer: CUSTOMER, subscription: SUBSCRIPTION };
    const current = first.value.rule;
    const second = decideTopUpRule({ ...facts, current }, WISH, context());
    assert.ok(second.ok);
    assert.equal(second.value.replaced?.id, current.id);
    assert.equal(second.value.replaced?.stopped?.by, 'Anna');
    assert.equal(second.value.replaced?.nextLookAt, undefined);
  });
});

describe('a balance that falls', () => {
  const looks: readonly (readonly [string, Partial<TopUpFacts>, boolean, string])[] = [
    ['to the threshold', {}, false, 'requested'],
    ['not so far', { left: money(2_001n, 'CNY') }, false, 'armed'],
    ['and had its top-up', {}, true, 'told'],
    ['and came back above', { left: yuan(21n) }, true, 'armed'],
    ['within the cap of the month, to the fen', { thisMonth: yuan(30n) }, false, 'requested'],
    ['beyond the cap', { thisMonth: money(3_001n, 'CNY') }, false, 'monthly_cap'],
    ['while an earlier one is open', { hasOpen: true }, false, 'earlier_top_up'],
    ['without a mandate that takes it', { dueDate: undefined }, false, 'no_mandate'],
    ['without its subscription', { subscription: undefined }, false, 'subscription_ended'],
  ];
  for (const [name, facts, isLow, expected] of looks) {
    test(name, () => {
      const { rule, requested: found } = look(facts, isLow);
      const quiet = rule.isLow ? 'told' : 'armed';
      const outcome = found === undefined ? (rule.heldBy ?? quiet) : 'requested';
      assert.equal(outcome, expected);
      // What is held is not used up: it is looked at again.
      assert.equal(rule.nextLookAt !== undefined, rule.heldBy !== undefined);
    });
  }
});

describe('the invoice of a top-up', () => {
  const dayAfter = { ...context(), now: at('2026-03-11 09:00') };

  test('bears no tax, and a balance does not pay for a balance', () => {
    const { invoice } = requested();
    assert.deepEqual([invoice.total.minor, invoice.tax.minor], [5_000n, 0n]);
    const grant = {
      id: countingIds()('crg', 0),
      merchantId: invoice.merchantId,
      customerId: invoice.customerId,
      kind: 'prepaid',
      amount: yuan(20n),
      left: yuan(20n),
      nameZh: '预存款',
      nameEn: 'Prepaid balance',
      createdAt: NOW,
    } as const;
    const at = { now: NOW, businessDate: DUE, ids: countingIds() };
    assert.deepEqual(applyBalance(invoice, [grant], at).uses, []);
    assert.equal(applyBalance(anInvoice({}), [grant], at).uses.length, 1);
    const issued = decideIssue(invoice, { ...at, grants: [grant] });
    assert.equal(issued.ok && issued.value.invoice.state, 'open');
  });

  test('paid: granted once, 2205 becomes 2203', () => {
    const { topUp, invoice } = requested();
    const paid = { ...invoice, state: 'paid' } as const;
    const end = decideTopUpEnd(topUp, { invoice: paid, isCollecting: false }, context());
    assert.ok(end.kind === 'paid');
    assert.equal(end.granted.grant.left.minor, 5_000n);
    assert.deepEqual(
      end.granted.journal.entries.map(({ account, minor }) => [account, minor]),
      [
        ['2205', 5_000n],
        ['2203', -5_000n],
      ],
    );
    assert.equal(end.topUp.nextLookAt, undefined);
  });

  const ends = [
    ['open on its due date', 'open', false, context(), 'waits'],
    ['open the day after', 'open', false, dayAfter, 'give_up'],
    ['unknown the day after', 'open', true, dayAfter, 'waits'],
    ['void', 'void', false, context(), 'refused'],
  ] as const;
  for (const [name, state, isCollecting, when, expected] of ends) {
    test(`${name}: ${expected}`, () => {
      const { topUp, invoice } = requested();
      const end = decideTopUpEnd(topUp, { invoice: { ...invoice, state }, isCollecting }, when);
      assert.equal(end.kind, expected);
    });
  }
});
