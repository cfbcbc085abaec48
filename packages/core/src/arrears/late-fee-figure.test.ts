import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aLine, anInvoice, day } from '../../../../test/kit/builders.ts';
import type { Invoice, InvoiceLine } from '../invoice/invoice.ts';
import { money } from '../money/money.ts';
import { addRatio, compareRatio, RATIO_ZERO } from '../money/ratio.ts';
import { computeLateFee, overdueSince } from './late-fee-figure.ts';
import { type LateFeePolicy, readLateFeePolicy } from './late-fee-policy.ts';

const DUE = day('2026-03-01');

function policyOf(changes: Record<string, unknown> = {}): LateFeePolicy {
  const read = readLateFeePolicy({
    rate: { per: 'day', basis_points: '5' },
    grace_days: 3,
    cap: { basis_points: 3000 },
    customers: ['organisation'],
    from: '2026-01-01',
    ...changes,
  } as Parameters<typeof readLateFeePolicy>[0]);
  assert.ok(read.ok, read.ok ? '' : read.refusal.sentence);
  return read.value;
}

function lineOf(minor: bigint, rule: InvoiceLine['rule'] = 'list_price'): InvoiceLine {
  return aLine({ amount: money(minor, 'CNY'), rule });
}

function invoiceOf(lines: readonly InvoiceLine[], changes: Partial<Invoice> = {}): Invoice {
  const total = money(
    lines.reduce((sum, { amount }) => sum + amount.minor, 0n),
    'CNY',
  );
  return anInvoice({ collection: 'by_hand', dueDate: DUE, total, lines, ...changes });
}

const HUNDRED = invoiceOf([lineOf(100_000n)]);
type Paid = readonly { readonly on: Temporal.PlainDate; readonly amount: bigint }[];

function feeOf(
  on: string | Temporal.PlainDate,
  {
    invoice = HUNDRED,
    policy = policyOf(),
    paid = [],
    stops = [],
  }: {
    readonly invoice?: Invoice;
    readonly policy?: LateFeePolicy;
    readonly paid?: Paid;
    readonly stops?: Parameters<typeof computeLateFee>[0]['stops'] & object;
  } = {},
) {
  const payments = paid.map(({ on: date, amount }) => ({ on: date, amount: money(amount, 'CNY') }));
  const date = typeof on === 'string' ? day(on) : on;
  return computeLateFee({ invoice, since: DUE, payments, stops }, policy, date);
}

describe('¥1,000.00 due on 1 March, 0.05 % a day after 3 days of grace, at most 30 %', () => {
  const EXAMPLES = [
    { on: '2026-03-01', amount: 0n, days: 0, what: 'the due date itself' },
    { on: '2026-03-04', amount: 0n, days: 0, what: 'the last day of grace' },
    { on: '2026-03-05', amount: 50n, days: 1, what: 'the fourth day overdue' },
    { on: '2026-03-14', amount: 500n, days: 10, what: 'ten days that count' },
    { on: '2026-04-03', amount: 1_500n, days: 30, what: 'thirty days that count' },
    { on: '2027-10-25', amount: 30_000n, days: 600, what: 'the day on which the cap is reached' },
    { on: '2028-01-01', amount: 30_000n, days: 668, what: 'long after the cap' },
  ] as const;
  for (const { on, amount, days, what } of EXAMPLES) {
    test(`${what} (${on}): ${amount} fen`, () => {
      const figure = feeOf(on);
      assert.deepEqual([figure.amount.minor, figure.days], [amount, days]);
    });
  }
  test('it says when the cap is reached, not before', () => {
    assert.equal(feeOf('2027-10-24').isCapped, false);
    assert.equal(feeOf('2027-10-25').isCapped, true);
  });
});

describe('what the fee counts from', () => {
  test('a part payment counts from the next day on', () => {
    const figure = feeOf('2026-03-10', { paid: [{ on: day('2026-03-06'), amount: 60_000n }] });
    assert.deepEqual(
      figure.segments.map(({ days, base }) => [days, base.minor]),
      [
        [2, 100_000n],
        [4, 40_000n],
      ],
    );
    assert.equal(figure.amount.minor, 180n);
  });
  test('what was credited, or paid from a balance, was never owed', () => {
    const invoice = invoiceOf([lineOf(100_000n)], {
      credited: money(50_000n, 'CNY'),
      balanceApplied: money(10_000n, 'CNY'),
    });
    assert.equal(feeOf('2026-03-14', { invoice }).amount.minor, 200n);
  });
  test('a balance that paid it late counts from the day on which it did', () => {
    const invoice = invoiceOf([lineOf(100_000n)], {
      state: 'paid',
      balanceApplied: money(100_000n, 'CNY'),
    });
    const overdue = { invoice, since: DUE, payments: [] };
    const on = day('2026-04-01');
    assert.equal(computeLateFee(overdue, policyOf(), on).amount.minor, 0n);
    const balanceUses = [{ on: day('2026-03-08'), amount: money(100_000n, 'CNY') }];
    assert.equal(computeLateFee({ ...overdue, balanceUses }, policyOf(), on).amount.minor, 200n);
  });
  test('earlier late fees on the invoice are no part of it unless that is declared', () => {
    const invoice = invoiceOf([lineOf(100_000n), { ...lineOf(20_000n, 'late_fee'), position: 2 }]);
    assert.equal(feeOf('2026-03-14', { invoice }).base.minor, 100_000n);
    const policy = policyOf({ compounding: true });
    assert.equal(feeOf('2026-03-14', { invoice, policy }).base.minor, 120_000n);
  });
  test('days that are stopped do not count', () => {
    const stops = [{ from: day('2026-03-06'), until: day('2026-03-12') }];
    const figure = feeOf('2026-03-14', { stops });
    assert.deepEqual([figure.days, figure.amount.minor], [4, 200n]);
    assert.equal(feeOf('2026-03-14', { stops: [{ from: DUE }] }).amount.minor, 0n);
  });
  test('a void invoice has none', () => {
    const invoice = invoiceOf([lineOf(100_000n)], { state: 'void' });
    assert.equal(feeOf('2026-06-01', { invoice }).amount.minor, 0n);
  });
});

describe('other ways to declare it', () => {
  test('a month has 30 days, and every day of it costs the same', () => {
    const policy = policyOf({ rate: { per: 'month', basis_points: '100' } });
    assert.equal(feeOf('2026-04-03', { policy }).amount.minor, 1_000n);
    assert.equal(feeOf('2026-03-05', { policy }).amount.minor, 33n);
  });
  test('an amount once, and never above the cap', () => {
    const policy = policyOf({ rate: { per: 'invoice', amounts: { CNY: 2_000 } } });
    assert.equal(feeOf('2026-03-04', { policy }).amount.minor, 0n);
    assert.equal(feeOf('2026-03-05', { policy }).amount.minor, 2_000n);
    assert.equal(feeOf('2026-09-01', { policy }).amount.minor, 2_000n);
    const small = invoiceOf([lineOf(1_000n)]);
    assert.equal(feeOf('2026-03-05', { policy, invoice: small }).amount.minor, 300n);
  });
  test('an absolute cap, and a minimum below which nothing is asked for', () => {
    const capped = policyOf({ cap: { basis_points: 3000, amounts: { CNY: 400 } } });
    assert.equal(feeOf('2026-03-14', { policy: capped }).amount.minor, 400n);
    const minimum = policyOf({ minimum: { CNY: 100 } });
    assert.equal(feeOf('2026-03-05', { policy: minimum }).amount.minor, 0n);
    assert.equal(feeOf('2026-03-06', { policy: minimum }).amount.minor, 100n);
  });
  test('half a fen rounds up, once for all days together', () => {
    const invoice = invoiceOf([lineOf(1_000n)]);
    assert.equal(feeOf('2026-03-05', { invoice }).amount.minor, 1n);
    assert.equal(feeOf('2026-03-07', { invoice }).amount.minor, 2n);
  });
});

describe('from when an invoice is late', () => {
  const refused = day('2026-03-04');
  const CASES = [
    { collection: 'by_hand', tries: { isWaiting: false }, since: '2026-03-01' },
    { collection: 'auto_debit', tries: { isWaiting: true }, since: undefined },
    { collection: 'auto_debit', tries: { isWaiting: false }, since: '2026-03-01' },
    {
      collection: 'auto_debit',
      tries: { isWaiting: true, firstRefusedOn: refused },
      since: '2026-03-04',
    },
    {
      collection: 'auto_debit',
      tries: { isWaiting: false, firstRefusedOn: day('2026-02-27') },
      since: '2026-03-01',
    },
    {
      collection: 'auto_debit',
      tries: { isWaiting: false, hasFailedWithoutPayer: true },
      since: undefined,
    },
    {
      collection: 'auto_debit',
      tries: { isWaiting: false, hasFailedWithoutPayer: true, firstRefusedOn: refused },
      since: '2026-03-04',
    },
    {
      collection: 'by_hand',
      tries: { isWaiting: false, hasFailedWithoutPayer: true },
      since: '2026-03-01',
    },
  ] as const;
  for (const { collection, tries, since } of CASES) {
    test(`${collection} ${JSON.stringify(tries)} → ${since ?? 'not yet'}`, () => {
      assert.equal(overdueSince({ dueDate: DUE, collection }, tries)?.toString(), since);
    });
  }
});

describe('laws', () => {
  const policies = fc
    .record({
      bp: fc.integer({ min: 1, max: 500 }),
      per: fc.constantFrom('day', 'month'),
      grace: fc.integer({ min: 0, max: 20 }),
      cap: fc.integer({ min: 1, max: 3000 }),
      least: fc.integer({ min: 0, max: 500 }),
    })
    .map(({ bp, per, grace, cap, least }) =>
      policyOf({
        rate: { per, basis_points: per === 'day' ? `0.0${bp}` : `${bp % 150}.5` },
        grace_days: grace,
        cap: { basis_points: cap },
        minimum: { CNY: least },
      }),
    );
  const principals = fc.bigInt({ min: 1n, max: 10_000_000n });
  const offsets = fc.integer({ min: 0, max: 400 });
  const later = (days: number) => DUE.add({ days });

  test('it never falls from one day to the next, and never passes its cap', () => {
    fc.assert(
      fc.property(policies, principals, offsets, (policy, minor, days) => {
        const invoice = invoiceOf([lineOf(minor)]);
        const [now, next] = [days, days + 1].map((d) => feeOf(later(d), { invoice, policy }));
        assert.ok(now !== undefined && next !== undefined);
        assert.ok(next.amount.minor >= now.amount.minor);
        assert.ok(next.amount.minor <= next.cap.minor);
        assert.ok(next.cap.minor * 10_000n <= minor * policy.cap.basisPoints);
        if (days <= policy.graceDays) assert.equal(now.amount.minor, 0n);
      }),
    );
  });

  test('paying earlier, or more, never costs more', () => {
    const cases = fc.tuple(policies, principals, offsets, offsets, offsets, fc.nat(100));
    fc.assert(
      fc.property(cases, ([policy, minor, first, second, on, percent]) => {
        const invoice = invoiceOf([lineOf(minor)]);
        const amount = (minor * BigInt(percent)) / 100n;
        const [early, late] = [Math.min(first, second), Math.max(first, second)];
        const fee = (paidOn: number, paid: bigint) =>
          feeOf(later(on), { invoice, policy, paid: [{ on: later(paidOn), amount: paid }] }).amount;
        assert.ok(fee(early, amount).minor <= fee(late, amount).minor);
        assert.ok(fee(early, minor).minor <= fee(early, amount).minor);
      }),
    );
  });

  test('it is additive: two part payments cut it into parts that are its sum', () => {
    fc.assert(
      fc.property(policies, principals, offsets, offsets, (policy, minor, on, paidOn) => {
        const invoice = invoiceOf([lineOf(minor)]);
        const half = minor / 2n;
        const figure = feeOf(later(on), {
          invoice,
          policy,
          paid: [{ on: later(paidOn), amount: half }],
        });
        const whole = figure.segments.reduce((sum, one) => addRatio(sum, one.exact), RATIO_ZERO);
        assert.equal(compareRatio(whole, figure.exact), 0);
        // The half that was paid and the half that was not, each counted on its own.
        const paid = feeOf(later(Math.min(on, paidOn)), {
          invoice: invoiceOf([lineOf(half)]),
          policy,
        });
        const unpaid = feeOf(later(on), { invoice: invoiceOf([lineOf(minor - half)]), policy });
        if (half > 0n) {
          assert.equal(compareRatio(addRatio(paid.exact, unpaid.exact), figure.exact), 0);
        }
      }),
    );
  });
});
