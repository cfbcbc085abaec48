import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  aCustomer,
  aDebit,
  aMandate,
  aNotice,
  anAttempt,
  anInvoice,
  anotherId,
  anUndeliveredNotice,
  at,
  contextAt,
  facts,
  PRICE,
} from '../../../../test/kit/builders.ts';
import type { Invoice } from '../invoice/invoice.ts';
import { money } from '../money/money.ts';
import { InvariantBroken } from '../result/invariant.ts';
import { decideRecollect, isInFlight } from './recollect.ts';
import { decideSubmit } from './submit.ts';

const CONTEXT = contextAt('2026-03-06 10:00');
const credited: Invoice = anInvoice({ credited: money(985n, 'CNY') });
const paid: Invoice = anInvoice({ state: 'paid', credited: PRICE, paidAt: at('2026-03-06 10:00') });

function recollect(
  invoices: readonly Invoice[],
  more: {
    readonly old?: Parameters<typeof decideRecollect>[0];
    readonly mandate?: ReturnType<typeof aMandate> | undefined;
  } = {},
) {
  const old = more.old ?? { debit: aDebit(), attempts: [], notices: [aNotice()] };
  const mandate = 'mandate' in more ? more.mandate : aMandate();
  const reason = 'invoice_credited';
  return decideRecollect(old, { invoices, customer: aCustomer(), mandate, reason }, CONTEXT);
}

describe('an invoice that was credited while its debit waited', () => {
  test('the old debit ends; a new one takes what is due, with a notice of its own', () => {
    const { debits, notices, events } = recollect([credited]);
    assert.deepEqual(
      debits.map(({ state, amount }) => [state, amount.minor]),
      [
        ['canceled', 2_985n],
        ['scheduled', 2_000n],
      ],
    );
    const [notice, ...others] = notices;
    assert.equal(others.length, 0);
    assert.equal(notice?.debitId, debits[1]?.id);
    assert.equal(notice?.amount.minor, 2_000n);
    assert.equal(notice?.state, 'planned');
    // Told on 6 March, so not before 11 March: the notice keeps its five days.
    assert.equal(notice?.collectDate.toString(), '2026-03-11');
    assert.deepEqual(
      events.map(({ type }) => type),
      ['debit.failed', 'debit.scheduled'],
    );
  });

  test('a message of the old amount that has not left is stopped', () => {
    const waiting = anUndeliveredNotice('planned');
    const old = { debit: aDebit(), attempts: [], notices: [waiting, anUndeliveredNotice('sent')] };
    const [stopped, fresh, ...others] = recollect([credited], { old }).notices;
    assert.equal(others.length, 0);
    assert.equal(stopped?.id, waiting.id);
    assert.equal(stopped?.failureCode, 'debit_canceled');
    assert.equal(fresh?.state, 'planned');
  });

  test('nothing is left: cancelled, and that is all', () => {
    const { debits, notices } = recollect([paid]);
    assert.deepEqual(
      debits.map(({ state }) => state),
      ['canceled'],
    );
    assert.deepEqual(notices, []);
  });

  test('what the debit collected beside it gets a debit again', () => {
    const other = anInvoice({ id: anotherId('inv', 0) });
    const { debits } = recollect([paid, other]);
    assert.deepEqual(debits[1]?.invoiceIds, [other.id]);
    assert.equal(debits[1]?.amount.minor, PRICE.minor);
  });

  test('without an active mandate it waits for the customer’s own hand', () => {
    for (const mandate of [undefined, aMandate({ state: 'ended' })]) {
      assert.equal(recollect([credited], { mandate }).debits.length, 1);
    }
  });
});

describe('a debit on its way is never called off', () => {
  for (const state of ['submitting', 'accepted', 'unknown'] as const) {
    test(`an attempt that is ${state}`, () => {
      const debit = aDebit({ state: 'in_flight' });
      const attempts = [anAttempt(1, state)];
      assert.ok(isInFlight(debit, attempts));
      assert.throws(
        () => recollect([credited], { old: { debit, attempts, notices: [] } }),
        InvariantBroken,
      );
    });
  }

  test('a refused attempt that waits for its retry is not on its way', () => {
    assert.ok(!isInFlight(aDebit(), [anAttempt(1, 'refused')]));
  });
});

test('a debit of the old amount is never sent, whatever became of its cancelling', () => {
  const stale = facts({ invoices: [credited] });
  const decision = decideSubmit(stale, contextAt('2026-03-10 07:30'));
  assert.equal(decision.kind, 'ended');
  assert.equal(decision.kind === 'ended' && decision.refusal.code, 'amount_differs');
  const fresh = facts({
    invoices: [credited],
    debit: aDebit({ amount: money(2_000n, 'CNY') }),
  });
  assert.equal(decideSubmit(fresh, contextAt('2026-03-10 07:30')).kind, 'send');
});
