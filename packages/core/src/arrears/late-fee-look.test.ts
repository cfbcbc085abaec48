import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  aLine,
  anInvoice,
  at,
  countingIds,
  DUE,
  day,
  ZONE,
} from '../../../../test/kit/builders.ts';
import type { Invoice } from '../invoice/invoice.ts';
import { explainReason } from '../invoice/line-words.ts';
import type { PendingLine } from '../invoice/pending-line.ts';
import { money } from '../money/money.ts';
import type { JsonObject } from '../policy/policy.ts';
import type { LateFee, LateFeeLine, LateFeeWaiver } from './late-fee.ts';
import type { LateFeeContext, LateFeeFacts } from './late-fee-facts.ts';
import { decideLateFeeLook, type LateFeeLook, lateFeeFigureOf } from './late-fee-look.ts';
import { readLateFeePolicy } from './late-fee-policy.ts';
import { decideResumeFee, decideStopFee, decideWaive, decideWaiver } from './late-fee-waive.ts';

const DOCUMENT: JsonObject = {
  rate: { per: 'day', basis_points: '5' },
  grace_days: 3,
  cap: { basis_points: 3000 },
  customers: ['organisation'],
  from: '2026-01-01',
};

function policyOf(changes: JsonObject = {}) {
  const read = readLateFeePolicy({ ...DOCUMENT, ...changes });
  assert.ok(read.ok, read.ok ? '' : read.refusal.sentence);
  return read.value;
}

const THOUSAND = money(100_000n, 'CNY');
const OWED: Invoice = anInvoice({
  collection: 'by_hand',
  total: THOUSAND,
  lines: [aLine({ subtotal: THOUSAND, amount: THOUSAND })],
});
const FEE: LateFee = {
  id: 'ltf_00000000000070000000000000000000',
  merchantId: OWED.merchantId,
  customerId: OWED.customerId,
  invoiceId: OWED.id,
  policyId: 'pol_00000000000070000000000000000000',
  state: 'watched',
  lookAt: at('2026-03-11 00:00'),
  stops: [],
  createdAt: at('2026-03-11 00:00'),
};
const ids = countingIds();
const contextAt = (local: string): LateFeeContext => ({
  now: at(local),
  zone: ZONE,
  ids,
  hash: (text) => `hash of ${text}`,
});
const start = (changes: Partial<LateFeeFacts> = {}): LateFeeFacts => ({
  lateFee: FEE,
  invoice: OWED,
  since: DUE,
  policy: policyOf(),
  charges: [],
  waivers: [],
  lines: [],
  isFirst: false,
  ...changes,
});

/** The facts after a look was saved. */
function after(facts: LateFeeFacts, look: LateFeeLook): LateFeeFacts {
  const changed = new Map(look.takeBack.charges.map((one) => [keyOf(one), one]));
  const lines = new Map([...facts.lines, ...look.pendingLines].map((one) => [one.id, one]));
  return {
    ...facts,
    lateFee: look.lateFee,
    charges: [...facts.charges, ...look.charges].map((one) => changed.get(keyOf(one)) ?? one),
    waivers: [...facts.waivers, ...look.waivers],
    lines: [...lines.values()],
  };
}
const keyOf = ({ firstDay, part }: LateFeeLine) => `${firstDay} ${part}`;
const lookAt = (facts: LateFeeFacts, local: string) => decideLateFeeLook(facts, contextAt(local));
const paidOn = (local: string): Invoice => ({ ...OWED, state: 'paid', paidAt: at(local) });
const amountsOf = ({ charges }: LateFeeLook) => charges.map(({ amount }) => amount.minor);
const waiting = ({ lines }: LateFeeFacts) => lines.filter(({ state }) => state === 'pending');

describe('charging', () => {
  test('while the invoice is open only the figure grows, and it is looked at every day', () => {
    const look = lookAt(start(), '2026-03-20 00:00');
    assert.deepEqual([look.charges, look.pendingLines, look.events], [[], [], []]);
    assert.equal(look.lateFee.lookAt?.toString(), at('2026-03-21 00:00').toString());
  });
  test('once it is paid the days up to the payment are one line, taxed as the price, once', () => {
    const facts = start({ invoice: paidOn('2026-03-23 15:00') });
    const look = lookAt(facts, '2026-03-24 00:00');
    assert.deepEqual(amountsOf(look), [500n]);
    assert.deepEqual([look.lateFee.state, look.lateFee.endedFor], ['ended', 'paid']);
    assert.deepEqual(
      look.events.map(({ type, data }) => [type, data['minor'], data['days']]),
      [['late_fee.charged', '500', 10]],
    );
    const [row] = look.pendingLines;
    assert.ok(row !== undefined);
    const { line } = row;
    assert.deepEqual([line.rule, line.taxBasisPoints, line.serviceDays], ['late_fee', 600n, 0]);
    assert.deepEqual([line.net.minor, line.tax.minor], [472n, 28n]);
    assert.equal(
      explainReason(line, 'zh-CN'),
      '逾期未付，按公示规则；10 天 × 每天 0.05%，未付金额 ¥1,000.00，上限 ¥300.00',
    );
    assert.equal(
      explainReason(line, 'en'),
      'paid late, by the rule that was announced; 10 days × 0.05% a day, ¥1,000.00 unpaid, ' +
        'at most ¥300.00',
    );
    const again = lookAt(after(facts, look), '2026-03-24 00:05');
    assert.deepEqual([again.charges, again.pendingLines], [[], []]);
  });
  test('an invoice that stays open is charged for after every 30 days, each day once', () => {
    let facts = start();
    const periods: string[] = [];
    for (let days = 1; days <= 80; days += 1) {
      const look = lookAt(facts, `${DUE.add({ days })} 00:00`);
      for (const { firstDay, lastDay, amount } of look.charges) {
        periods.push(`${firstDay} to ${lastDay}: ${amount.minor}`);
      }
      facts = after(facts, look);
    }
    assert.deepEqual(periods, ['2026-03-14 to 2026-04-12: 1500', '2026-04-13 to 2026-05-12: 1500']);
  });
  test('a principal of two tax rates is two lines that add up', () => {
    const lines = [
      aLine({ amount: money(60_000n, 'CNY') }),
      aLine({ position: 2, amount: money(40_000n, 'CNY'), taxBasisPoints: 1_300n }),
    ];
    const facts = start({ invoice: { ...paidOn('2026-03-14 09:00'), lines } });
    const look = lookAt(facts, '2026-03-15 00:00');
    assert.deepEqual(
      look.pendingLines.map(({ line }) => [line.taxBasisPoints, line.amount.minor]),
      [
        [600n, 30n],
        [1_300n, 20n],
      ],
    );
    assert.deepEqual(
      look.charges.map(({ part }) => part),
      [1, 2],
    );
  });
  test('nothing is charged while our own first try is to come', () => {
    const { since: _since, ...facts } = start();
    const look = lookAt(facts, '2026-06-01 00:00');
    assert.deepEqual([look.charges, look.lateFee.state], [[], 'watched']);
  });
});

describe('taking back', () => {
  const charged = () => {
    const facts = start();
    return after(facts, lookAt(facts, '2026-04-12 00:00'));
  };
  test('a void invoice: a line that waits is dropped', () => {
    const facts = { ...charged(), invoice: { ...OWED, state: 'void' as const } };
    const look = lookAt(facts, '2026-04-20 00:00');
    assert.deepEqual(
      look.pendingLines.map(({ state }) => state),
      ['dropped'],
    );
    assert.deepEqual([look.lateFee.endedFor, look.takeBack.amount.minor], ['void', 1_500n]);
  });
  test('a line that was billed is credited on its invoice', () => {
    const facts = charged();
    const lines = facts.lines.map(
      (row): PendingLine => ({
        ...row,
        state: 'billed',
        invoiceId: 'inv_00000000000070000000000000000400',
      }),
    );
    const void_ = { ...OWED, state: 'void' as const };
    const look = lookAt({ ...facts, lines, invoice: void_ }, '2026-04-20 00:00');
    assert.deepEqual(look.pendingLines, []);
    assert.deepEqual(
      look.takeBack.credits.map(({ invoiceId, amount }) => [invoiceId, amount.minor]),
      [['inv_00000000000070000000000000000400', 1_500n]],
    );
  });
  test('a part of it leaves the rest waiting, and the rest is not charged again', () => {
    const credited = { ...OWED, credited: money(40_000n, 'CNY') };
    const facts = { ...charged(), invoice: credited };
    const look = lookAt(facts, '2026-04-12 08:00');
    const rest = after(facts, look);
    assert.deepEqual(
      waiting(rest).map(({ line }) => [line.amount.minor, line.net.minor + line.tax.minor]),
      [[900n, 900n]],
    );
    assert.equal(lookAt(rest, '2026-04-12 09:00').takeBack.amount.minor, 0n);
  });
});

describe('waivers', () => {
  const policy = policyOf({ waiver: { approve_above: { CNY: 1_000 } } });
  const facts = start({ policy, invoice: paidOn('2026-03-23 15:00') });
  const figure = lateFeeFigureOf({ ...facts, zone: ZONE }, day('2026-03-24'));
  const context = contextAt('2026-03-24 09:00');
  const waive = (ask: { amount?: bigint; reason?: string; by?: string }, found = facts) =>
    decideWaive(
      { ...found, figure },
      {
        ...(ask.amount === undefined ? {} : { amount: money(ask.amount, 'CNY') }),
        reason: ask.reason ?? 'the bank was closed',
        by: ask.by ?? 'An',
      },
      context,
    );

  test('up to the limit it holds at once, and less is charged', () => {
    const waived = waive({ amount: 200n });
    assert.ok(waived.ok);
    assert.equal(waived.value.waivers[0]?.state, 'approved');
    const look = lookAt({ ...facts, waivers: waived.value.waivers }, '2026-03-24 10:00');
    assert.deepEqual(amountsOf(look), [300n]);
  });
  test('above the limit a second person approves what was shown', () => {
    const strict = start({ policy: policyOf(), invoice: facts.invoice });
    const asked = waive({}, strict);
    assert.ok(asked.ok);
    const [waiver] = asked.value.waivers;
    assert.ok(waiver !== undefined);
    assert.equal(waiver.state, 'awaiting_approval');
    const hash = waiver.approvalHash;
    const decide = (decision: Parameters<typeof decideWaiver>[1], one: LateFeeWaiver = waiver) => {
      const decided = decideWaiver({ lateFee: FEE, waiver: one }, decision, context);
      return decided.ok ? decided.value.waivers[0]?.state : decided.refusal.code;
    };
    assert.equal(decide({ approve: true, by: 'An', hash }), 'waiver_second_person');
    assert.equal(decide({ approve: true, by: '', hash }), 'waiver_by_missing');
    assert.equal(decide({ approve: true, by: 'Bao', hash: 'other' }), 'waiver_of_another');
    const other = { ...waiver, amount: money(1n, 'CNY') };
    assert.equal(decide({ approve: true, by: 'Bao', hash }, other), 'waiver_of_another');
    assert.equal(decide({ approve: true, by: 'Bao', hash }), 'approved');
    assert.equal(decide({ approve: false, by: 'An' }), 'rejected');
    const done = { ...waiver, state: 'approved' as const };
    assert.equal(decide({ approve: true, by: 'Bao', hash }, done), 'waiver_not_waiting');
    // Until then it is charged in full.
    assert.deepEqual(amountsOf(lookAt({ ...strict, waivers: [waiver] }, '2026-03-24 10:00')), [
      500n,
    ]);
  });
  test('the first thing that is wrong is told', () => {
    const codeOf = (decided: ReturnType<typeof waive>) =>
      decided.ok ? 'ok' : decided.refusal.code;
    assert.equal(codeOf(waive({ amount: 0n, reason: '', by: ' ' })), 'waiver_by_missing');
    assert.equal(codeOf(waive({ amount: 0n, reason: ' ' })), 'waiver_reason_missing');
    assert.equal(codeOf(waive({ amount: 0n })), 'waiver_not_positive');
    assert.equal(codeOf(waive({ amount: 501n })), 'waiver_beyond_fee');
    const { policyId: _policyId, ...none } = FEE;
    assert.equal(codeOf(waive({}, { ...facts, lateFee: none })), 'no_late_fee');
    const waived = waive({});
    assert.ok(waived.ok);
    assert.equal(codeOf(waive({}, { ...facts, waivers: waived.value.waivers })), 'no_late_fee');
  });
  test('the first late fee in twelve months is waived where the policy says so', () => {
    const kind = policyOf({ goodwill: { months: 12 } });
    const first = start({ policy: kind, invoice: facts.invoice, isFirst: true });
    const look = lookAt(first, '2026-03-24 00:00');
    assert.deepEqual([look.charges.length, look.waivers.length], [0, 1]);
    assert.deepEqual(
      look.events.map(({ type }) => type),
      ['late_fee.waived'],
    );
    assert.deepEqual([look.lateFee.state, look.lateFee.endedFor], ['ended', 'waived']);
    assert.deepEqual(amountsOf(lookAt({ ...first, isFirst: false }, '2026-03-24 00:00')), [500n]);
  });
});

test('a dispute stops the days, and going on counts from then on', () => {
  const ask = { from: day('2026-03-15'), reason: 'disputed', by: 'An' };
  const stopped = decideStopFee(FEE, ask, contextAt('2026-03-15 09:00'));
  assert.ok(stopped.ok);
  const { lateFee } = stopped.value;
  const twice = decideStopFee(lateFee, ask, contextAt('2026-03-16 09:00'));
  assert.equal(twice.ok ? '' : twice.refusal.code, 'fee_stopped_already');
  const figure = (fee: LateFee, on: string) =>
    lateFeeFigureOf({ ...start(), lateFee: fee, zone: ZONE }, day(on))?.days;
  assert.equal(figure(lateFee, '2026-05-01'), 1);
  const resumed = decideResumeFee(
    lateFee,
    { on: day('2026-03-20'), by: 'An' },
    contextAt('2026-03-20 09:00'),
  );
  assert.ok(resumed.ok);
  assert.equal(figure(resumed.value.lateFee, '2026-03-21'), 3);
});

test('whatever happens on the way, what stands charged at the end is what is owed', () => {
  const days = fc.integer({ min: 0, max: 9 });
  const steps = fc.array(fc.tuple(days, fc.bigInt({ min: 0n, max: 30_000n })), { maxLength: 12 });
  fc.assert(
    fc.property(steps, fc.boolean(), (story, isVoid) => {
      let facts = start({ policy: policyOf({ charge_every_days: 7 }) });
      let on = DUE;
      let credited = 0n;
      for (const [gap, more] of story) {
        on = on.add({ days: gap });
        credited = credited + more > THOUSAND.minor ? credited : credited + more;
        facts = { ...facts, invoice: { ...OWED, credited: money(credited, 'CNY') } };
        facts = after(facts, lookAt(facts, `${on} 12:00`));
      }
      const last = facts.invoice;
      const end: Invoice = isVoid
        ? { ...last, state: 'void' }
        : { ...last, state: 'paid', paidAt: at(`${on} 13:00`) };
      facts = { ...facts, invoice: end };
      const look = lookAt(facts, `${on.add({ days: 1 })} 00:00`);
      facts = after(facts, look);
      const owed = isVoid
        ? 0n
        : (lateFeeFigureOf({ ...facts, zone: ZONE }, on.add({ days: 1 }))?.amount.minor ?? 0n);
      const stands = waiting(facts).reduce((sum, { line }) => sum + line.amount.minor, 0n);
      const firstDays = facts.charges.map(({ firstDay }) => firstDay.toString());
      assert.equal(new Set(firstDays).size, firstDays.length);
      assert.ok(stands <= owed, 'never more than is owed');
      // A day that was charged for and taken back is not charged again: then it may be less.
      const tookBack = facts.charges.some(({ takenBack }) => takenBack.minor > 0n);
      if (!tookBack) assert.equal(stands, owed);
      assert.equal(facts.lateFee.state, 'ended');
    }),
  );
});
