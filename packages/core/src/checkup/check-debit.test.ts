import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  aCustomer,
  aDebit,
  aLine,
  aMandate,
  anInvoice,
  anItem,
  anotherId,
  anUndeliveredNotice,
  aPrice,
  aSubscription,
  at,
  DUE,
  day,
  PRICE,
  ZONE,
} from '../../../../test/kit/builders.ts';
import { DEFAULT_AMOUNT_GUARD } from '../debit/amount-guard.ts';
import { money } from '../money/money.ts';
import { fromMoney } from '../money/ratio.ts';
import type { PriceChangeConsent } from '../subscription/price-change-consent.ts';
import { checkDebit } from './check-debit.ts';
import type { CheckupFacts } from './facts.ts';
import { FINDING_CODES } from './finding.ts';
import { type CheckupRules, DEFAULT_CHECKUP_RULES, readCheckupRules } from './rules.ts';

const T8 = { now: at('2026-03-02 08:05'), zone: ZONE };
const yuan = (amount: bigint) => money(amount * 100n, 'CNY');
const METERED = aPrice('metered', 1n);
const METER = METERED.version.meterId;
const PLAN = { id: aSubscription().planId, code: 'pro', nameZh: '专业版', nameEn: 'Professional' };

/** A renewal without any fault. */
function world(changes: Partial<CheckupFacts> = {}): CheckupFacts {
  return {
    invoice: anInvoice(),
    customer: aCustomer(),
    mandate: aMandate(),
    drifts: [],
    history: [PRICE, PRICE, PRICE],
    amountGuard: DEFAULT_AMOUNT_GUARD,
    subscriptions: [aSubscription()],
    prices: new Map([[METERED.version.id, METERED]]),
    plans: new Map([[PLAN.id, PLAN]]),
    meterUse: [],
    notices: [],
    priceChanges: [],
    approvals: [],
    railName: { zh: '微信支付', en: 'WeChat Pay' },
    ...changes,
  };
}

const withoutMandate = (): CheckupFacts => {
  const { mandate: _none, ...rest } = world();
  return rest;
};
const withoutAddress = () => {
  const { mail: _mail, phone: _phone, ...rest } = aCustomer();
  return rest;
};
const card = (expiresOn: string) =>
  aMandate({ account: { kind: 'card', lastFour: '0123', expiresOn: day(expiresOn) } });
const lastRefusal = (refusalClass: 'account' | 'funds') => ({
  attemptId: anotherId('att', 0),
  refusal: { class: refusalClass, code: 'X1', message: '' },
  at: at('2026-02-10 08:00'),
});
const drift = {
  id: anotherId('drf', 0),
  merchantId: aMandate().merchantId,
  customerId: aMandate().customerId,
  mandateId: aMandate().id,
  kind: 'ended_here_signed_there',
  action: 'end_at_rail',
  state: 'open',
  evidence: 'ended here, signed there',
  foundAt: at('2026-03-01 08:00'),
} as const;
const agreed = anItem(METERED, { agreedModel: { type: 'flat', amount: fromMoney(yuan(20n)) } });
const agreedAt = (minor: bigint) =>
  anInvoice({
    lines: [
      aLine({
        itemId: agreed.id,
        rule: 'agreed_price',
        unitAmount: fromMoney(money(minor, 'CNY')),
      }),
    ],
  });
const older = aSubscription({ id: anotherId('sub', 0), beneficiaryId: anotherId('cus', 0) });
const twin = (changes: Parameters<typeof aSubscription>[0] = {}) =>
  aSubscription({ id: anotherId('sub', 0), ...changes });
const use = (periods: number, events: bigint) => [
  { subscriptionId: aSubscription().id, meterId: METER ?? anotherId('mtr', 0), periods, events },
];
const consent: PriceChangeConsent = {
  priceChangeId: anotherId('pch', 0),
  subscriptionId: aSubscription().id,
  customerId: aCustomer().id,
  merchantId: aCustomer().merchantId,
  audience: 'consumer',
  direction: 'rise',
  before: PRICE,
  after: yuan(39n),
  notice: { dueAt: at('2026-03-01 09:00') },
  answer: 'silent',
  outcome: 'waiting',
  createdAt: at('2026-03-01 09:00'),
};
const organisation = aCustomer({ kind: 'organisation' });
const billing = (subscription: ReturnType<typeof twin>) =>
  anInvoice({ lines: [aLine({ subscriptionId: subscription.id })] });

describe('a look before the debit', () => {
  const second = twin();
  const cases: readonly (readonly [string, CheckupFacts, readonly string[]])[] = [
    ['nothing is wrong', world(), []],
    ['no mandate at all', withoutMandate(), ['method_dead']],
    ['an ended mandate', world({ mandate: aMandate({ state: 'ended' }) }), ['method_dead']],
    [
      'the account was refused last',
      world({ lastRefusal: lastRefusal('account') }),
      ['method_refused'],
    ],
    ['the balance was short last', world({ lastRefusal: lastRefusal('funds') }), []],
    ['a card over before the debit', world({ mandate: card('2026-03-09') }), ['method_dead']],
    [
      'a card valid to the day of the debit',
      world({ mandate: card('2026-03-10') }),
      ['method_expiring'],
    ],
    ['30 days after: told', world({ mandate: card('2026-04-09') }), ['method_expiring']],
    ['beyond them: not yet', world({ mandate: card('2026-04-10') }), []],
    [
      'a cap of a fen less',
      world({ mandate: aMandate({ singleCap: money(PRICE.minor - 1n, 'CNY') }) }),
      ['cap_below_amount'],
    ],
    ['a cap of exactly that', world({ mandate: aMandate({ singleCap: PRICE }) }), []],
    ['the rail says otherwise', world({ drifts: [drift] }), ['mandate_drift']],
    ['it said so and it was settled', world({ drifts: [{ ...drift, state: 'resolved' }] }), []],
    [
      'another price than agreed',
      world({ invoice: agreedAt(2_100n), subscriptions: [aSubscription({ items: [agreed] })] }),
      ['amount_unlike_contract'],
    ],
    [
      'the price that was agreed',
      world({ invoice: agreedAt(2_000n), subscriptions: [aSubscription({ items: [agreed] })] }),
      [],
    ],
    [
      'far above what was paid',
      world({
        debit: aDebit({ amount: yuan(400n) }),
        history: [yuan(120n), yuan(120n), yuan(120n)],
      }),
      ['amount_unlike_history'],
    ],
    [
      'the newer of two of one plan',
      world({ invoice: billing(second), subscriptions: [aSubscription(), second] }),
      ['duplicate_subscription'],
    ],
    ['the older of them', world({ subscriptions: [aSubscription(), second] }), []],
    [
      'two users of one organisation',
      world({
        invoice: billing(twin({ beneficiaryId: anotherId('cus', 0) })),
        subscriptions: [older, twin({ beneficiaryId: anotherId('cus', 0) })],
      }),
      [],
    ],
    ['no use in two periods', world({ meterUse: use(2, 0n) }), ['unused_service']],
    ['one use in them', world({ meterUse: use(2, 1n) }), []],
    ['too new to say', world({ meterUse: use(1, 0n) }), []],
    ['no address', world({ customer: withoutAddress() }), ['notice_unreachable']],
    [
      'every notice failed',
      world({ debit: aDebit(), notices: [anUndeliveredNotice('failed')] }),
      ['notice_unreachable'],
    ],
    [
      'one failed, one is on its way',
      world({
        debit: aDebit(),
        notices: [anUndeliveredNotice('failed'), anUndeliveredNotice('planned')],
      }),
      [],
    ],
    [
      'a price change without an answer',
      world({ priceChanges: [{ consent, effectiveOn: day('2026-04-10') }] }),
      ['price_change_pending'],
    ],
    [
      'the first days after the trial',
      world({ subscriptions: [aSubscription({ trialEndsOn: DUE })] }),
      ['trial_converting'],
    ],
    [
      'an organisation without an approver',
      world({ customer: organisation }),
      ['approver_missing'],
    ],
    [
      'an organisation whose finance approved',
      world({
        customer: organisation,
        approvals: [
          {
            subscriptionId: aSubscription().id,
            by: 'Li',
            at: at('2026-01-01 09:00'),
            evidence: anotherId('cfd', 0),
          },
        ],
      }),
      [],
    ],
  ];
  for (const [what, facts, codes] of cases) {
    test(`${what}: ${codes.join(', ') || 'nothing'}`, () => {
      const found = checkDebit(facts, DEFAULT_CHECKUP_RULES, T8);
      assert.deepEqual(
        found.map(({ code }) => code),
        codes,
      );
      for (const { sentenceZh, sentenceEn, evidence } of found) {
        assert.ok(sentenceZh.length > 0 && sentenceZh.length <= 500);
        assert.ok(sentenceEn.length > 0 && sentenceEn.length <= 500);
        assert.ok(evidence.length > 0);
      }
    });
  }

  test('a sentence has the numbers of both sides', () => {
    const cap = aMandate({ singleCap: yuan(20n) });
    const [finding] = checkDebit(world({ mandate: cap }), DEFAULT_CHECKUP_RULES, T8);
    assert.equal(finding?.sentenceZh, '2026-03-10 应扣 ¥29.85，超过协议单笔上限 ¥20.00。');
    assert.equal(finding?.severity, 'blocks');
    assert.equal(finding?.owner, 'payer');
  });

  test('what is switched off is not found, what is to block blocks', () => {
    const facts = world({ lastRefusal: lastRefusal('account'), meterUse: use(2, 0n) });
    const rules: CheckupRules = {
      ...DEFAULT_CHECKUP_RULES,
      off: ['unused_service'],
      blocks: ['method_refused'],
    };
    const found = checkDebit(facts, rules, T8);
    assert.deepEqual(
      found.map(({ code, severity }) => [code, severity]),
      [['method_refused', 'blocks']],
    );
  });

  test('whatever is wrong, the same world gives the same findings, each once', () => {
    const faulty = fc.record({
      mandate: fc.constantFrom(aMandate(), aMandate({ state: 'ended' }), card('2026-03-10')),
      meterUse: fc.constantFrom([], use(2, 0n)),
      customer: fc.constantFrom(aCustomer(), organisation, withoutAddress()),
      drifts: fc.constantFrom([], [drift]),
      history: fc.constantFrom([], [PRICE, PRICE], [yuan(1n), yuan(1n), yuan(1n)]),
    });
    fc.assert(
      fc.property(faulty, (changes) => {
        const first = checkDebit(world(changes), DEFAULT_CHECKUP_RULES, T8);
        assert.deepEqual(checkDebit(world(changes), DEFAULT_CHECKUP_RULES, T8), first);
        const keys = first.map(({ code, about }) => `${code} ${about}`);
        assert.equal(new Set(keys).size, keys.length);
        const places = first.map(({ code }) => FINDING_CODES.indexOf(code));
        assert.deepEqual(
          places,
          places.toSorted((a, b) => a - b),
        );
      }),
    );
  });
});

describe('the merchant’s rules', () => {
  const cases: readonly (readonly [string, Parameters<typeof readCheckupRules>[0], string])[] = [
    ['an unknown finding', { blocks: ['colour'] }, 'policy_field_not_valid'],
    ['a misspelt field', { block: [] }, 'policy_field_unknown'],
    ['a threshold of no periods', { unused_periods: 0 }, 'policy_field_not_valid'],
    ['holding a debit for a trial', { blocks: ['trial_converting'] }, 'finding_cannot_block'],
    [
      'off and blocking',
      { blocks: ['mandate_drift'], off: ['mandate_drift'] },
      'finding_off_and_blocking',
    ],
  ];
  for (const [what, body, code] of cases) {
    test(`${what} is refused`, () => {
      const read = readCheckupRules(body);
      assert.equal(read.ok ? 'read' : read.refusal.code, code);
    });
  }

  test('what is left out stays as it is', () => {
    const read = readCheckupRules({ unused_periods: 3 }, 4);
    assert.deepEqual(read.ok ? read.value : undefined, {
      ...DEFAULT_CHECKUP_RULES,
      version: 4,
      unusedPeriods: 3,
    });
  });
});
