import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { aCustomer, anInvoice, at, countingIds, day, ZONE } from '../../../../test/kit/builders.ts';
import type { CreditGrant } from '../invoice/credit-grant.ts';
import { amountDue, type Invoice } from '../invoice/invoice.ts';
import { money } from '../money/money.ts';
import type { OwedInvoice } from './owed.ts';
import { decideHandPayment, type HandPaymentRequest } from './record.ts';
import { decideReverseHandPayment } from './reverse.ts';

const ids = countingIds(50_000);
const CONTEXT = { now: at('2026-03-12 10:00'), zone: ZONE, ids };
const customer = aCustomer();

/** An open invoice of `minor` that falls due on that day of March. */
function owed(minor: bigint, dueDay: number, isDebitInFlight = false): OwedInvoice {
  const total = money(minor, 'CNY');
  const invoice = anInvoice({
    id: ids('inv', 0),
    number: `INV-${dueDay}`,
    dueDate: day(`2026-03-${dueDay}`),
    total,
    net: total,
    tax: money(0n, 'CNY'),
  });
  return { invoice, isDebitInFlight };
}

function request(minor: bigint, changes: Partial<HandPaymentRequest> = {}): HandPaymentRequest {
  return {
    method: 'bank_transfer',
    amount: money(minor, 'CNY'),
    reference: 'B-1',
    receivedAt: at('2026-03-12 09:00'),
    recordedBy: 'Anna',
    note: '',
    ...changes,
  };
}

function decide(
  wish: HandPaymentRequest,
  invoices: readonly OwedInvoice[],
  grants: readonly CreditGrant[] = [],
) {
  return decideHandPayment(wish, { customer, invoices, grants }, CONTEXT);
}

function told(wish: HandPaymentRequest, invoices: readonly OwedInvoice[]): string {
  const decision = decide(wish, invoices);
  if (!decision.ok) return decision.refusal.code;
  const { payment, leftOpen } = decision.value;
  const numberOf = (id: Invoice['id']) =>
    invoices.find(({ invoice }) => invoice.id === id)?.invoice.number;
  const paid = payment.allocations.map((one) => `${numberOf(one.invoiceId)} ${one.amount.minor}`);
  const open = leftOpen.map(({ invoiceId, code }) => `${numberOf(invoiceId)} ${code}`);
  return [...paid, `balance ${payment.toBalance.minor}`, ...open].join(', ');
}

describe('what a payment by hand pays', () => {
  const cases: readonly (readonly [string, bigint, readonly OwedInvoice[], string])[] = [
    ['nothing is owed: all is balance', 500n, [], 'balance 500'],
    ['exactly one', 100n, [owed(100n, 11)], 'INV-11 100, balance 0'],
    [
      'the oldest due first, what is above is balance',
      210n,
      [owed(100n, 20), owed(100n, 10)],
      'INV-10 100, INV-20 100, balance 10',
    ],
    [
      'one that it does not cover whole is passed over',
      110n,
      [owed(150n, 10), owed(100n, 20)],
      'INV-20 100, balance 10, INV-10 not_covered',
    ],
    ['too little is balance', 60n, [owed(100n, 10)], 'balance 60, INV-10 not_covered'],
    [
      'never beside a debit that is on its way',
      100n,
      [owed(100n, 10, true)],
      'balance 100, INV-10 debit_in_flight',
    ],
  ];
  for (const [name, minor, invoices, expected] of cases) {
    test(name, () => assert.equal(told(request(minor), invoices), expected));
  }

  test('named invoices come first, though others are older', () => {
    const invoices = [owed(100n, 10), owed(100n, 20)];
    const invoiceIds = [invoices[1]?.invoice.id ?? 'inv_'];
    const expected = 'INV-20 100, balance 0, INV-10 not_covered';
    assert.equal(told(request(100n, { invoiceIds }), invoices), expected);
  });

  const refused: readonly (readonly [string, HandPaymentRequest])[] = [
    ['amount_not_positive', request(0n)],
    ['reference_missing', request(1n, { reference: ' ' })],
    ['reference_missing', request(1n, { reference: 'x'.repeat(129) })],
    ['recorder_missing', request(1n, { recordedBy: '' })],
    ['received_in_future', request(1n, { receivedAt: at('2026-03-12 10:01') })],
    ['invoice_of_another', request(1n, { invoiceIds: ['inv_unknown'] })],
  ];
  for (const [code, wish] of refused) {
    test(`refused: ${code}`, () => assert.equal(told(wish, [owed(100n, 10)]), code));
  }
});

test('whatever comes in whatever order, nothing is lost and nothing is paid twice', () => {
  const amounts = fc.bigInt({ min: 1n, max: 300n });
  const arbitrary = fc.record({
    dues: fc.array(fc.tuple(amounts, fc.boolean()), { maxLength: 6 }),
    payments: fc.array(amounts, { minLength: 1, maxLength: 6 }),
  });
  fc.assert(
    fc.property(arbitrary, ({ dues, payments }) => {
      let invoices = dues.map(([minor, isInFlight], index) => owed(minor, 10 + index, isInFlight));
      const due = invoices.reduce((sum, { invoice }) => sum + amountDue(invoice).minor, 0n);
      const grants = new Map<string, CreditGrant>();
      let receivable = due;
      let advances = 0n;
      for (const [index, minor] of payments.entries()) {
        const left = [...grants.values()].filter((grant) => grant.left.minor > 0n);
        const decision = decide(request(minor, { reference: `B-${index}` }), invoices, left);
        assert.ok(decision.ok);
        const { payment, journals, invoices: paid } = decision.value;
        const parts = payment.allocations.reduce((sum, { amount }) => sum + amount.minor, 0n);
        assert.equal(parts + payment.toBalance.minor, minor);
        for (const grant of decision.value.grants) grants.set(grant.id, grant);
        for (const { account, minor: entry } of journals.flatMap(({ entries }) => entries)) {
          if (account === '1122') receivable += entry;
          if (account === '2203') advances -= entry;
        }
        const byId = new Map(paid.map((invoice) => [invoice.id, invoice] as const));
        invoices = invoices.map((one) => {
          const after = byId.get(one.invoice.id);
          assert.ok(after === undefined || (one.invoice.state === 'open' && !one.isDebitInFlight));
          return { ...one, invoice: after ?? one.invoice };
        });
      }
      const open = invoices.filter(({ invoice }) => invoice.state === 'open');
      const stillDue = open.reduce((sum, { invoice }) => sum + amountDue(invoice).minor, 0n);
      const balance = [...grants.values()].reduce((sum, { left }) => sum + left.minor, 0n);
      assert.equal(receivable, stillDue);
      assert.equal(advances, balance);
      const received = payments.reduce((sum, minor) => sum + minor, 0n);
      assert.equal(received, due - stillDue + balance);
    }),
  );
});

describe('taking a payment back', () => {
  const who = { by: 'Bao', reason: 'another customer’s' };
  function booked(minor: bigint) {
    const decision = decide(request(minor), [owed(100n, 10)]);
    assert.ok(decision.ok);
    const { payment, invoices, grants, journals } = decision.value;
    const [journal] = journals;
    const [grant] = grants;
    assert.ok(journal !== undefined);
    return { payment, invoices, notes: [], journal, ...(grant === undefined ? {} : { grant }) };
  }
  const codeOf = (result: ReturnType<typeof decideReverseHandPayment>) =>
    result.ok ? 'reversed' : result.refusal.code;

  test('the entries are turned, the invoice is open, the balance is gone', () => {
    const facts = booked(130n);
    const decision = decideReverseHandPayment(facts, who, CONTEXT);
    assert.ok(decision.ok);
    const { invoices, grant, journals } = decision.value;
    assert.deepEqual(
      invoices.map(({ state, paidAt }) => [state, paidAt]),
      [['open', undefined]],
    );
    assert.equal(grant?.left.minor, 0n);
    assert.deepEqual(
      journals.map(({ entries }) => entries.map(({ minor }) => minor)),
      [facts.journal.entries.map(({ minor }) => -minor)],
    );
  });

  const later = { ...CONTEXT, now: at('2026-03-13 00:01') };
  test('not on another day, not twice, not without a reason, not once it is used', () => {
    const facts = booked(130n);
    const { grant } = facts;
    assert.ok(grant !== undefined);
    const used = { ...facts, grant: { ...grant, left: money(1n, 'CNY') } };
    const done = decideReverseHandPayment(facts, who, CONTEXT);
    assert.ok(done.ok);
    const again = { ...facts, payment: done.value.payment };
    const nameless = { ...who, reason: ' ' };
    assert.equal(codeOf(decideReverseHandPayment(facts, who, later)), 'payment_not_of_today');
    assert.equal(codeOf(decideReverseHandPayment(again, who, CONTEXT)), 'payment_reversed');
    assert.equal(codeOf(decideReverseHandPayment(facts, nameless, CONTEXT)), 'reason_missing');
    assert.equal(codeOf(decideReverseHandPayment(used, who, CONTEXT)), 'balance_used_since');
  });
});
