import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { anInvoice, anotherId, day } from '../../../../test/kit/builders.ts';
import {
  canConsolidate,
  consolidatedOf,
  freePayerKey,
  mergeDraft,
  payerBillingKey,
  toConsolidated,
  withoutSubscription,
} from './consolidate.ts';
import type { Invoice } from './invoice.ts';

const KEY = payerBillingKey(day('2026-03-10'), 1);

function aDraft(changes: Partial<Invoice> = {}): Invoice {
  const subscriptionId = anotherId('sub', 0);
  const { issuedAt: _issuedAt, ...invoice } = anInvoice({
    id: anotherId('inv', 0),
    state: 'draft',
  });
  const lines = invoice.lines.map((line) => ({ ...line, subscriptionId }));
  return { ...invoice, subscriptionId, lines, ...changes };
}

describe('one invoice for all of a payer', () => {
  test('has the lines of every department, numbered through, and their sum', () => {
    const drafts = [aDraft(), aDraft(), aDraft()];
    const [first, ...others] = drafts;
    assert.ok(first);
    const merged = others.reduce(mergeDraft, toConsolidated(first, KEY));
    assert.equal(merged.subscriptionId, undefined);
    assert.equal(merged.billingKey, 'payer:2026-03-10');
    assert.deepEqual(
      merged.lines.map(({ position }) => position),
      [1, 2, 3],
    );
    assert.deepEqual(
      merged.lines.map(({ subscriptionId }) => subscriptionId),
      drafts.map(({ subscriptionId }) => subscriptionId),
    );
    assert.equal(merged.total.minor, first.total.minor * 3n);
    assert.equal(merged.net.minor + merged.tax.minor, merged.total.minor);
  });

  test('lasts from the first day of any to the last of any, and is issued with the first', () => {
    const early = aDraft();
    const longer = { start: day('2026-02-10'), end: day('2026-05-10') };
    const issueAt = early.issueAt.subtract({ hours: 24 });
    const merged = mergeDraft(toConsolidated(early, KEY), aDraft({ period: longer, issueAt }));
    assert.deepEqual(merged.period, longer);
    assert.equal(merged.issueAt, issueAt);
  });

  test('loses a department that is drafted again, and with the last one itself', () => {
    const [left, right] = [aDraft(), aDraft()];
    const merged = mergeDraft(toConsolidated(left, KEY), right);
    const [gone] = right.lines;
    assert.ok(gone);
    const kept = withoutSubscription(merged, gone.subscriptionId);
    assert.ok(kept);
    assert.deepEqual(kept.total, left.total);
    assert.deepEqual(kept.lines, toConsolidated(left, KEY).lines);
    const [last] = left.lines;
    assert.ok(last);
    assert.equal(withoutSubscription(kept, last.subscriptionId), undefined);
  });

  const different: readonly (readonly [string, Partial<Invoice>])[] = [
    ['another payer', { customerId: anotherId('cus', 0) }],
    ['another day', { dueDate: day('2026-03-11') }],
    ['another way of paying', { collection: 'by_hand' }],
    ['another currency', { total: { minor: 1n, currency: 'EUR' } }],
  ];
  for (const [name, changes] of different) {
    test(`${name} is another invoice`, () => {
      assert.equal(canConsolidate(aDraft(), aDraft(changes)), false);
      assert.equal(consolidatedOf([aDraft()], aDraft(changes)), undefined);
    });
  }

  test('one that was issued takes nothing more: the next has a key of its own', () => {
    const issued = { ...toConsolidated(aDraft(), KEY), state: 'open' as const };
    assert.equal(consolidatedOf([issued], aDraft()), undefined);
    const due = day('2026-03-10');
    assert.equal(freePayerKey(new Set(), due), 'payer:2026-03-10');
    assert.equal(freePayerKey(new Set([KEY]), due), 'payer:2026-03-10:2');
    assert.equal(freePayerKey(new Set([KEY, `${KEY}:2`]), due), 'payer:2026-03-10:3');
    assert.throws(() => mergeDraft(issued, aDraft()));
  });
});
