import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anInvoice, at, countingIds, day, PRICE } from '../../../../test/kit/builders.ts';
import { money } from '../money/money.ts';
import type { Invoice, InvoiceState } from './invoice.ts';
import { decideIssue, type IssueDecision } from './issue.ts';

const NOW = at('2026-03-05 09:00');
const CONTEXT = { now: NOW, businessDate: day('2026-03-05'), ids: countingIds() };
const { issuedAt: _issuedAt, ...DRAFT } = anInvoice({ state: 'draft' });
const ZERO = money(0n, 'CNY');

function issue(invoice: Invoice): IssueDecision {
  const result = decideIssue(invoice, CONTEXT);
  assert.ok(result.ok);
  return result.value;
}

describe('an invoice that is issued', () => {
  test('becomes owed and enters the books', () => {
    const { invoice, journal, events } = issue(DRAFT);
    assert.equal(invoice.state, 'open');
    assert.ok(invoice.issuedAt?.equals(NOW));
    assert.equal(invoice.paidAt, undefined);
    assert.deepEqual(
      journal?.entries.map(({ account, minor }) => [account, minor]),
      [
        ['1122', 2_985n],
        ['2205', -2_816n],
        ['2221.01', -169n],
      ],
    );
    assert.equal(journal.sourceId, invoice.id);
    assert.equal(journal.businessDate.toString(), '2026-03-05');
    assert.deepEqual(
      events.map(({ type, data }) => [type, data['minor']]),
      [['invoice.issued', PRICE.minor.toString()]],
    );
  });

  test('of zero is paid at once, without a journal', () => {
    const { invoice, journal, events } = issue({ ...DRAFT, total: ZERO, net: ZERO, tax: ZERO });
    assert.equal(invoice.state, 'paid');
    assert.ok(invoice.paidAt?.equals(NOW));
    assert.equal(journal, undefined);
    assert.deepEqual(
      events.map(({ type }) => type),
      ['invoice.issued', 'invoice.paid'],
    );
    assert.notEqual(events[0]?.id, events[1]?.id);
  });

  for (const state of ['open', 'paid', 'void'] satisfies InvoiceState[]) {
    test(`cannot be ${state} already`, () => {
      const result = decideIssue(anInvoice({ state }), CONTEXT);
      assert.equal(result.ok ? 'issued' : result.refusal.code, 'invoice_not_draft');
    });
  }
});
