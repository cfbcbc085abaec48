import { earlierDate, isDateBefore, laterDate, periodBoundary } from '../calendar/periods.ts';
import type { IdSource } from '../ids/source.ts';
import type { NewEvent } from '../result/event.ts';
import { invariant } from '../result/invariant.ts';
import { assertMove } from '../result/moves.ts';
import { billingPeriodOn, nextBillAt, type Prices } from '../subscription/next-period.ts';
import type { Redemption } from '../subscription/redemption.ts';
import { firstChargedDay } from '../subscription/service.ts';
import type { Subscription } from '../subscription/subscription.ts';
import { termBefore } from '../subscription/term.ts';
import type { Timetable } from '../subscription/timetable.ts';
import { billingEvent } from './draft.ts';
import type { Invoice } from './invoice.ts';
import { INVOICE_MOVES } from './moves.ts';
import type { PendingLine } from './pending-line.ts';
import { giveCouponsBack } from './void.ts';

export type UndoFacts = {
  readonly subscription: Subscription;
  /** A draft, or an issued invoice whose journal the caller reverses. */
  readonly invoice: Invoice;
  /** Lines that wait, and those that this invoice billed. */
  readonly pendingLines: readonly PendingLine[];
  /** All of the subscription, used up or not. */
  readonly redemptions: readonly Redemption[];
};

export type UndoDecision = {
  readonly subscription: Subscription;
  readonly invoice: Invoice;
  /** Lines that wait again. */
  readonly pendingLines: readonly PendingLine[];
  /** Redemptions that have again what the invoice used. */
  readonly redemptions: readonly Redemption[];
  readonly events: readonly NewEvent[];
};

/**
 * Takes the invoice of a period that has not begun back, as if it had not been drafted: it becomes
 * void, `billedThrough` goes back to its first day and `arrearsThrough` to the boundary before, the
 * lines that it billed wait again, coupons get back what it used. The subscription is due again at
 * once, and its next draft has the same billing key. Such an invoice looks back on no usage (drafts
 * with usage are made after their period has begun), so packs and usage stay.
 */
export function undoDraft(
  facts: UndoFacts,
  context: {
    readonly prices: Prices;
    readonly timetable: Timetable;
    readonly zone: string;
    readonly now: Temporal.Instant;
    readonly ids: IdSource;
  },
): UndoDecision {
  const { subscription, invoice } = facts;
  assertMove(INVOICE_MOVES, invoice.state, 'void');
  invariant(
    invoice.billingKey.startsWith('period:'),
    'only the invoice of a period can be taken back',
  );
  const moved = rewoundTo(subscription, invoice.period.start);
  const data = { minor: invoice.total.minor.toString(), reason: 'redraft' };
  return {
    subscription: { ...moved, nextBillAt: nextBillAt(moved, context.prices, context) },
    invoice: { ...invoice, state: 'void' },
    pendingLines: facts.pendingLines.flatMap((row) =>
      row.state === 'billed' && row.invoiceId === invoice.id ? [waitingAgain(row)] : [],
    ),
    redemptions: giveCouponsBack(invoice, facts.redemptions),
    events: [billingEvent(invoice, { type: 'invoice.voided', data }, context)],
  };
}

/**
 * The subscription as it was before its days from `boundary` on were drafted, with its items and
 * terms of today: billed up to there in advance, and up to the boundary before in arrears.
 */
export function rewoundTo(subscription: Subscription, boundary: Temporal.PlainDate): Subscription {
  const first = firstChargedDay(subscription);
  const arrearsThrough = isDateBefore(first, boundary)
    ? laterDate(first, boundaryBefore(subscription, boundary))
    : boundary;
  return {
    ...subscription,
    ...(subscription.contract === undefined
      ? {}
      : { contract: termBefore(subscription.contract, boundary) }),
    billedThrough: boundary,
    arrearsThrough: earlierDate(arrearsThrough, subscription.arrearsThrough),
  };
}

/** The boundary before `day`; a day off the boundaries was one before they were moved. */
function boundaryBefore(subscription: Subscription, day: Temporal.PlainDate): Temporal.PlainDate {
  const isBoundary = billingPeriodOn(subscription, day).start.equals(day);
  return isBoundary
    ? billingPeriodOn(subscription, day.subtract({ days: 1 })).start
    : periodBoundary(day, subscription.interval, -1);
}

/** A line that waited is kept without what coupons took off it: they are taken off anew. */
function waitingAgain({ invoiceId: _invoiceId, ...row }: PendingLine): PendingLine {
  return { ...row, state: 'pending' };
}
