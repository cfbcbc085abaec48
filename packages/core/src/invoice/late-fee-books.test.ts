import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  aLine,
  anInvoice,
  aPrice,
  aSubscription,
  at,
  contextOf,
  countingIds,
  DUE,
} from '../../../../test/kit/builders.ts';
import type { Journal } from '../ledger/journal.ts';
import { money } from '../money/money.ts';
import { decideCreditNote } from './credit.ts';
import { draftPending } from './draft-pending.ts';
import type { Invoice } from './invoice.ts';
import { decideIssue } from './issue.ts';
import { splitTax } from './tax.ts';

const FEE = money(1_060n, 'CNY');
const [SERVICE] = anInvoice().lines;
const CARRIER: Invoice = anInvoice({
  state: 'draft',
  total: money(4_045n, 'CNY'),
  net: money(3_816n, 'CNY'),
  tax: money(229n, 'CNY'),
  lines: [
    ...(SERVICE === undefined ? [] : [SERVICE]),
    aLine({ position: 2, rule: 'late_fee', amount: FEE, subtotal: FEE, ...splitTax(FEE, 600n) }),
  ],
});
const context = { now: at('2026-03-05 09:00'), businessDate: DUE, ids: countingIds() };
const entriesOf = (journal: Journal | undefined) =>
  Object.fromEntries((journal?.entries ?? []).map(({ account, minor }) => [account, minor]));

test('a late fee is income at once; what it is collected with is owed as service', () => {
  const issued = decideIssue(CARRIER, context);
  assert.ok(issued.ok);
  assert.deepEqual(entriesOf(issued.value.journal), {
    '1122': 4_045n,
    '2205': -2_816n,
    '6051.01': -1_000n,
    '2221.01': -229n,
  });
});

test('taken back, it leaves the income and not the service', () => {
  const issued = decideIssue(CARRIER, context);
  assert.ok(issued.ok);
  const request = {
    lines: [{ position: 2, take: { type: 'whole' } }],
    reason: 'goodwill',
  } as const;
  const credited = decideCreditNote(issued.value.invoice, request, {
    facts: { notes: [], isDebitInFlight: false },
    context,
  });
  assert.ok(credited.ok);
  assert.deepEqual(entriesOf(credited.value.journals[0]), {
    '6051.01': 1_000n,
    '2221.01': 60n,
    '1122': -1_060n,
  });
});

test('a subscription that has ended gets an invoice of its own for it, without coupons', () => {
  const price = aPrice('flat', 1_000n);
  const subscription = aSubscription({ state: 'ended', endsOn: DUE });
  const { position: _position, ...line } = aLine({
    kind: 'one_off',
    rule: 'late_fee',
    priceVersionId: price.version.id,
    serviceDays: 0,
    amount: FEE,
    subtotal: FEE,
    ...splitTax(FEE, 600n),
  });
  const row = {
    id: context.ids('pli', 0),
    merchantId: subscription.merchantId,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    state: 'pending',
    notBefore: DUE,
    line,
    createdAt: context.now,
  } as const;
  const facts = { subscription, pendingLines: [row], redemptions: [], billingKey: 'late_fee:1' };
  const drafted = draftPending(facts, contextOf([price]));
  assert.ok(drafted !== undefined && 'invoice' in drafted);
  assert.equal(drafted.invoice.total.minor, 1_060n);
  assert.deepEqual(
    drafted.pendingLines.map(({ state, invoiceId }) => [state, invoiceId]),
    [['billed', drafted.invoice.id]],
  );
});
