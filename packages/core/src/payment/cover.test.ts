import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anAttempt, anInvoice, at, countingIds, day, ZONE } from '../../../../test/kit/builders.ts';
import type { CreditGrant } from '../invoice/credit-grant.ts';
import { sumEntries } from '../ledger/balances.ts';
import { money } from '../money/money.ts';
import { decideUseWaitingBalance } from './cover.ts';
import type { OwedInvoice } from './owed.ts';

const ids = countingIds(70_000);
const CONTEXT = { now: at('2026-03-12 10:00'), zone: ZONE, ids };
const attempt = anAttempt(1, 'refused');

function owed(minor: bigint, dueDay: number, isDebitInFlight = false): OwedInvoice {
  const total = money(minor, 'CNY');
  const name = { id: ids('inv', 0), number: `INV-${dueDay}`, dueDate: day(`2026-03-${dueDay}`) };
  const invoice = anInvoice({ ...name, total, net: total, tax: money(0n, 'CNY') });
  return { invoice, isDebitInFlight };
}

function grant(minor: bigint, kind: CreditGrant['kind'] = 'prepaid'): CreditGrant {
  const { merchantId, customerId } = attempt;
  const amount = money(minor, 'CNY');
  const named = { kind, nameZh: '预存款', nameEn: 'Prepaid', createdAt: CONTEXT.now };
  return { id: ids('crg', 0), merchantId, customerId, amount, left: amount, ...named };
}

describe('a balance that waited for a debit to end', () => {
  const table: readonly (readonly [
    name: string,
    invoices: readonly OwedInvoice[],
    balance: bigint,
    paid: readonly string[],
  ])[] = [
    ['pays the invoice whole', [owed(2_985n, 10)], 4_000n, ['INV-10']],
    ['pays no part: the debit goes on for all of it', [owed(2_985n, 10)], 2_984n, []],
    ['pays the oldest first', [owed(500n, 12), owed(600n, 11)], 700n, ['INV-11']],
    ['passes over what it does not cover', [owed(900n, 11), owed(500n, 12)], 700n, ['INV-12']],
    ['leaves what another debit is taking', [owed(500n, 10, true)], 700n, []],
    ['is nothing without a balance', [owed(500n, 10)], 0n, []],
  ];
  for (const [name, invoices, balance, paid] of table) {
    test(name, () => {
      const grants = balance === 0n ? [] : [grant(balance)];
      const used = decideUseWaitingBalance(attempt, { owed: invoices, grants }, CONTEXT);
      assert.deepEqual(used?.invoices.map(({ number }) => number) ?? [], paid);
      assert.equal(used === undefined, paid.length === 0);
      for (const journal of used?.journals ?? []) {
        assert.equal(sumEntries(journal.entries), 0n);
        assert.equal(journal.sourceId, attempt.id);
      }
    });
  }

  test('gifts and own money are booked apart, and each invoice is told', () => {
    const grants = [grant(100n, 'promotional'), grant(500n)];
    const used = decideUseWaitingBalance(attempt, { owed: [owed(550n, 10)], grants }, CONTEXT);
    const [journal] = used?.journals ?? [];
    assert.deepEqual(
      journal?.entries.map(({ account, minor }) => [account, minor]),
      [
        ['2203', 450n],
        ['6001.01', 100n],
        ['1122', -550n],
      ],
    );
    assert.deepEqual(
      used?.events.map(({ type, data }) => [type, data]),
      [['invoice.paid', { by: 'balance' }]],
    );
  });

  test('an invoice that is not open, or in another currency, is left', () => {
    const { invoice } = owed(500n, 10);
    const others = [
      { ...invoice, state: 'paid' as const },
      { ...invoice, total: money(500n, 'EUR') },
    ].map((one) => ({ invoice: one, isDebitInFlight: false }));
    const facts = { owed: others, grants: [grant(700n)] };
    assert.equal(decideUseWaitingBalance(attempt, facts, CONTEXT), undefined);
  });
});
