import { businessDate } from '../calendar/business-time.ts';
import { earlierDate, laterDate } from '../calendar/periods.ts';
import type { InvoiceId } from '../ids/ids.ts';
import { zero } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import type { Redemption } from '../subscription/redemption.ts';
import type { Subscription } from '../subscription/subscription.ts';
import { issueAt } from '../subscription/timetable.ts';
import { billingEvent, makeBill, totalOf } from './draft.ts';
import type { DraftContext } from './draft-facts.ts';
import type { Stop } from './draft-gather.ts';
import type { Invoice } from './invoice.ts';
import { invoiceNumber } from './number.ts';
import type { PendingLine } from './pending-line.ts';

export type PendingDraft = {
  readonly invoice: Invoice;
  readonly pendingLines: readonly PendingLine[];
  readonly redemptions: readonly Redemption[];
  readonly events: readonly NewEvent[];
};

/**
 * An invoice at once of lines that wait ("bill now"), whatever day they wait for: of a change, of
 * something that is billed once. `billingKey` names what it bills, "change:chg_…" or "one_off:…",
 * so that it is billed once. It is due today, and looks at no period of the subscription. Undefined
 * when there is nothing above zero to bill; a reason when a line cannot be billed.
 */
export function draftPending(
  facts: {
    readonly subscription: Subscription;
    readonly pendingLines: readonly PendingLine[];
    readonly redemptions: readonly Redemption[];
    readonly billingKey: string;
  },
  context: DraftContext,
): PendingDraft | Stop | undefined {
  const { subscription } = facts;
  const today = businessDate(context.now, context.zone);
  const pending = facts.pendingLines.filter(({ state }) => state === 'pending');
  const gathered = { lines: [], pending, usage: [] };
  const bill = makeBill(gathered, facts.redemptions, {
    subscription,
    notBefore: subscription.billedThrough,
    context,
  });
  if (bill === undefined || 'reason' in bill) return bill;
  const period = periodOf(bill.lines, today);
  const invoice: Invoice = {
    ...ownerOf(subscription, bill.id),
    number: invoiceNumber(period, bill.id),
    billingKey: facts.billingKey,
    state: 'draft',
    collection: subscription.collection,
    period,
    dueDate: today,
    issueAt: issueAt(today, context.timetable, context.zone),
    total: bill.total,
    net: totalOf(bill.lines, (line) => line.net.minor, bill.currency),
    tax: totalOf(bill.lines, (line) => line.tax.minor, bill.currency),
    balanceApplied: zero(bill.currency),
    credited: zero(bill.currency),
    lines: bill.lines,
    createdAt: context.now,
  };
  const data = { minor: invoice.total.minor.toString(), period_start: period.start.toString() };
  return {
    invoice,
    pendingLines: bill.pendingLines,
    redemptions: bill.redemptions,
    events: [billingEvent(invoice, { type: 'invoice.drafted', data }, context)],
  };
}

function ownerOf({ merchantId, customerId, id }: Subscription, invoiceId: InvoiceId) {
  return { id: invoiceId, merchantId, customerId, subscriptionId: id };
}

/** From the first day that a line is about to the last. */
function periodOf(lines: Invoice['lines'], today: Temporal.PlainDate): Invoice['period'] {
  const [first, ...others] = lines.map(({ period }) => period);
  if (first === undefined) return { start: today, end: today.add({ days: 1 }) };
  return others.reduce(
    (whole, { start, end }) => ({
      start: earlierDate(whole.start, start),
      end: laterDate(whole.end, end),
    }),
    first,
  );
}
