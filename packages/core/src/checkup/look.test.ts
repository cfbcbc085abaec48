import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  aCustomer,
  aDebit,
  aMandate,
  anInvoice,
  anotherId,
  aSubscription,
  at,
  clockOf,
  countingIds,
  PRICE,
  ZONE,
} from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import { decideAccept } from './accept.ts';
import type { Checkup } from './checkup.ts';
import type { CheckupFacts } from './facts.ts';
import { callOf } from './finding.ts';
import { decideLook, type KnownCheckup } from './look.ts';
import { DEFAULT_CHECKUP_RULES } from './rules.ts';

const invoice = anInvoice();
const FRESH: Checkup = {
  id: anotherId('chk', 0),
  merchantId: invoice.merchantId,
  customerId: invoice.customerId,
  invoiceId: invoice.id,
  debitDate: invoice.dueDate,
  ruleVersion: 0,
  lookAt: invoice.createdAt,
  createdAt: invoice.createdAt,
};

function world(changes: Partial<CheckupFacts> = {}): CheckupFacts {
  return {
    invoice,
    customer: aCustomer(),
    mandate: aMandate(),
    drifts: [],
    history: [],
    subscriptions: [aSubscription()],
    prices: new Map(),
    plans: new Map(),
    meterUse: [],
    notices: [],
    priceChanges: [],
    approvals: [],
    railName: { zh: '微信支付', en: 'WeChat Pay' },
    ...changes,
  };
}

const capped = (minor: bigint) =>
  world({ mandate: aMandate({ singleCap: money(minor, 'CNY') }), debit: aDebit() });

function look(known: KnownCheckup, facts: CheckupFacts, clock = '2026-03-02 08:05') {
  const context = { now: at(clock), zone: ZONE, ids: countingIds(), merchantName: '云笔记' };
  return decideLook(known, facts, { rules: DEFAULT_CHECKUP_RULES, context });
}

const none: KnownCheckup = { checkup: FRESH, findings: [] };

describe('looks at one invoice', () => {
  test('an invoice that no debit is planned for is not looked at every hour for ever', () => {
    const { mandate: _none, ...without } = world();
    const decision = look(none, without, '2026-05-20 10:00');
    assert.equal(decision.checkup.verdict, 'blocked');
    assert.equal(decision.checkup.lookAt, undefined);
  });

  test('what a person accepted stays so when the debit is tried again on a later day', () => {
    const first = look(none, capped(2_000n));
    const [finding] = first.findings;
    assert.ok(finding !== undefined);
    const known = { checkup: first.checkup, findings: first.findings };
    const accepted = decideAccept(
      { ...known, finding },
      { by: 'An' },
      { now: at('2026-03-02 09:00'), ids: countingIds() },
    );
    assert.ok(accepted.ok);
    const debit = aDebit({ collectDate: aDebit().collectDate.add({ days: 2 }) });
    const again = look(
      { checkup: accepted.value.checkup, findings: accepted.value.findings },
      { ...capped(2_000n), debit },
      '2026-03-10 12:00',
    );
    assert.deepEqual(
      again.findings.map(({ state }) => state),
      ['accepted'],
    );
  });

  test('nothing found: the last look is the day before, and nobody is told', () => {
    const decision = look(none, world());
    assert.equal(decision.checkup.verdict, 'ok');
    assert.equal(clockOf(decision.checkup.lookAt ?? at('2000-01-01 00:00')), '2026-03-09 09:00');
    assert.deepEqual([decision.findings, decision.events, decision.message], [[], [], undefined]);
  });

  test('a cap below the amount blocks, is told once, and looks again before the debit', () => {
    const first = look(none, capped(2_000n));
    assert.equal(first.checkup.verdict, 'blocked');
    assert.equal(first.message?.purpose, 'checkup');
    assert.match(first.message?.variables?.['findings'] ?? '', /超过协议单笔上限 ¥20.00/);
    assert.deepEqual(
      first.events.map(({ type, data }) => [type, data['codes']]),
      [['checkup.found', 'cap_below_amount']],
    );
    const second = look(first, capped(2_000n));
    assert.deepEqual([second.message, second.events], [undefined, []]);
    assert.deepEqual([second.checkup, second.findings], [first.checkup, first.findings]);
  });

  test('whatever is wrong, a second look at the same world gives the same rows', () => {
    const { mail: _mail, phone: _phone, ...mute } = aCustomer({ kind: 'organisation' });
    const faulty = fc.record({
      cap: fc.constantFrom(1_000n, 2_000n, PRICE.minor),
      state: fc.constantFrom('active' as const, 'ended' as const),
      customer: fc.constantFrom(aCustomer(), mute, aCustomer({ kind: 'organisation' })),
      hasDebit: fc.boolean(),
    });
    fc.assert(
      fc.property(faulty, ({ cap, state, customer, hasDebit }) => {
        const mandate = aMandate({ state, singleCap: money(cap, 'CNY') });
        const facts = world({ mandate, customer, ...(hasDebit ? { debit: aDebit() } : {}) });
        const first = look(none, facts);
        const second = look(first, facts);
        assert.deepEqual([second.checkup, second.findings], [first.checkup, first.findings]);
        const said = [second.message, second.events, second.tasks, second.mended];
        assert.deepEqual(said, [undefined, [], [], []]);
      }),
    );
  });

  test('on the day itself a held debit is looked at every hour', () => {
    const late = look(look(none, capped(2_000n)), capped(2_000n), '2026-03-10 07:30');
    assert.equal(clockOf(late.checkup.lookAt ?? at('2000-01-01 00:00')), '2026-03-10 08:30');
  });

  test('a higher cap cures it, and the same fault opens the same finding again', () => {
    const first = look(none, capped(2_000n));
    const cured = look(first, capped(PRICE.minor), '2026-03-03 08:00');
    assert.deepEqual(
      cured.findings.map(({ state }) => state),
      ['cured'],
    );
    assert.equal(cured.checkup.verdict, 'ok');
    assert.deepEqual(
      cured.events.map(({ type }) => type),
      ['checkup.cleared'],
    );
    const again = look(cured, capped(2_000n), '2026-03-04 08:00');
    assert.equal(again.findings[0]?.id, first.findings[0]?.id);
    assert.equal(again.findings[0]?.state, 'open');
    assert.equal(again.findings[0]?.endedAt, undefined);
  });

  test('a finding of ours opens a task, and its cure drops it', () => {
    const { mail: _mail, phone: _phone, ...mute } = aCustomer();
    const first = look(none, world({ customer: mute }));
    assert.deepEqual(
      first.tasks.map(({ kind, owner, subjectId }) => [kind, owner, subjectId]),
      [['checkup_finding', 'support', first.findings[0]?.id]],
    );
    assert.equal(first.message, undefined);
    const cured = look(first, world(), '2026-03-03 08:00');
    assert.deepEqual(
      cured.mended.map(({ id }) => id),
      [first.findings[0]?.id],
    );
  });

  test('a paid invoice ends its checkup; a debit on its way is left alone', () => {
    const first = look(none, capped(2_000n));
    const paid = look(first, world({ invoice: anInvoice({ state: 'paid' }) }));
    assert.equal(paid.checkup.lookAt, undefined);
    assert.equal(paid.findings[0]?.state, 'cured');
    const inFlight = look(first, { ...capped(2_000n), debit: aDebit({ state: 'in_flight' }) });
    assert.deepEqual([inFlight.findings, inFlight.checkup.lookAt], [[], undefined]);
  });

  for (const state of ['failed', 'canceled'] as const) {
    test(`after a debit that is ${state} nothing is looked at`, () => {
      const first = look(none, capped(2_000n));
      const over = look(first, { ...capped(2_000n), debit: aDebit({ state }) }, '2026-03-12 08:00');
      assert.deepEqual([over.findings, over.checkup.lookAt], [[], undefined]);
      assert.equal(over.checkup.verdict, first.checkup.verdict);
    });
  }

  test('the next debit of the same invoice is looked at again', () => {
    const first = look(none, capped(2_000n));
    const again = look(first, { ...capped(2_000n), debit: aDebit() }, '2026-03-12 08:00');
    assert.notEqual(again.checkup.lookAt, undefined);
  });
});

describe('accepting a finding', () => {
  const first = look(none, capped(2_000n));
  const [finding] = first.findings;
  assert.ok(finding);
  const context = { now: at('2026-03-03 10:00'), ids: countingIds() };

  test('it holds nothing while it says the same, and opens again with other numbers', () => {
    const decided = decideAccept({ ...first, finding }, { by: ' Li ', remark: 'agreed' }, context);
    assert.ok(decided.ok);
    assert.equal(decided.value.checkup.verdict, 'ok');
    assert.equal(decided.value.finding.acceptedBy, 'Li');
    const known = { checkup: decided.value.checkup, findings: [decided.value.finding] };
    const same = look(known, capped(2_000n), '2026-03-04 08:00');
    assert.deepEqual([same.checkup.verdict, same.findings[0]?.state], ['ok', 'accepted']);
    const other = look(known, capped(1_000n), '2026-03-04 08:00');
    assert.deepEqual([other.checkup.verdict, other.findings[0]?.state], ['blocked', 'open']);
    assert.equal(other.findings[0]?.acceptedBy, undefined);
  });

  test('twice by one person is once; nobody, and a cured one, are refused', () => {
    const once = decideAccept({ ...first, finding }, { by: 'Li' }, context);
    assert.ok(once.ok);
    const known = { checkup: once.value.checkup, findings: [once.value.finding] };
    const twice = decideAccept({ ...known, finding: once.value.finding }, { by: 'Li' }, context);
    assert.deepEqual(twice.ok ? [twice.value.findings, twice.value.events] : [], [[], []]);
    const code = (by: string, state: typeof finding.state) => {
      const decided = decideAccept({ ...first, finding: { ...finding, state } }, { by }, context);
      return decided.ok ? 'accepted' : decided.refusal.code;
    };
    assert.equal(code(' ', 'open'), 'person_missing');
    assert.equal(code('Li', 'cured'), 'finding_not_open');
  });

  test('its button leads to where it can be mended', () => {
    const of = { findingId: finding.id, customerId: finding.customerId };
    assert.deepEqual(callOf(finding, of), { method: 'POST', path: '/v1/mandates' });
  });
});
