import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  aCustomer,
  anItem,
  aPrice,
  aSubscription,
  at,
  countingIds,
  day,
  ZONE,
} from '../../../../test/kit/builders.ts';
import type { Subscription } from '../subscription/subscription.ts';
import { DEFAULT_TIMETABLE } from '../subscription/timetable.ts';
import { decidePayerTransfer } from '../subscription/transfer.ts';
import { decideChange } from './change.ts';
import { decideDraft } from './draft.ts';
import type { InvoiceLine } from './invoice.ts';

const base = aPrice('flat', 9_999n);
const seat = aPrice('seat', 333n);
const PRICES = new Map([base, seat].map((one) => [one.version.id, one]));
const TO = aCustomer({ id: countingIds(50)('cus', 700), kind: 'organisation' });
const ids = countingIds(10_000);
const context = {
  prices: PRICES,
  timetable: DEFAULT_TIMETABLE,
  bounds: { linesPerDay: 100, timesRecent: 1_000n, floorMinor: 1_000_000_000n },
  zone: ZONE,
  now: at('2026-03-02 09:00'),
  ids,
};

function draft(subscription: Subscription) {
  const decision = decideDraft(
    {
      subscription,
      usage: new Map(),
      usageBilled: [],
      pendingLines: [],
      redemptions: [],
      packs: [],
      recentTotals: [],
    },
    context,
  );
  assert.ok(decision.invoice, decision.subscription.parked?.sentence ?? 'no invoice');
  return { subscription: decision.subscription, invoice: decision.invoice };
}

const daysOf = (lines: readonly Pick<InvoiceLine, 'serviceDays' | 'priceCode'>[], code: string) =>
  lines.filter((line) => line.priceCode === code).reduce((sum, one) => sum + one.serviceDays, 0);

test('whatever the day, both payers together pay each day of the month once', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.bigInt({ min: 1n, max: 40n }),
      (days, quantity) => {
        const old = draft(
          aSubscription({
            anchor: day('2026-03-01'),
            items: [anItem(base), anItem(seat, { quantity })],
          }),
        );
        const order = { to: TO, onDate: day('2026-03-01').add({ days }), keepPaid: false };
        const today = { ...context, today: day('2026-03-02') };
        const moved = decidePayerTransfer(old.subscription, order, today);
        assert.ok(moved.ok);
        const { lines } = old.invoice;
        const billed = lines.map((line) => ({
          subscriptionId: old.subscription.id,
          invoiceId: old.invoice.id,
          line,
        }));
        const ended = decideChange(
          { subscription: old.subscription, billed, pendingLines: [], redemptions: [] },
          moved.value.end,
          context,
        );
        assert.ok(ended.ok);
        const credits = ended.value.pendingLines.map(({ line }) => line);
        const next = draft(moved.value.next);
        for (const code of ['flat', 'seat']) {
          assert.equal(daysOf(credits, code), 31 - days, 'credited is what the old one lost');
          assert.equal(daysOf(next.invoice.lines, code), 31 - days, 'and the new one pays it');
        }
        const net = [...credits, ...next.invoice.lines].reduce(
          (sum, l) => sum + l.amount.minor,
          0n,
        );
        assert.equal(net, 0n, 'the same days at the same price cost the same');
        assert.equal(String(ended.value.subscription.endsOn), String(next.invoice.period.start));
      },
    ),
  );
});
