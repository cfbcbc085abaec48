import { earlierDate, isDateBefore, laterDate, type Period } from '../calendar/periods.ts';
import { bucketOf, type InvoiceId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import { type Currency, type Money, money, zero } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { isSameInterval } from '../subscription/intervals.ts';
import {
  afterDraft,
  billingPeriodOn,
  type NextDraft,
  nextDraft,
} from '../subscription/next-period.ts';
import type { Redemption } from '../subscription/redemption.ts';
import type { Subscription } from '../subscription/subscription.ts';
import { renewTerm, settleEnd } from '../subscription/term.ts';
import { issueAt } from '../subscription/timetable.ts';
import { checkBounds } from './draft-bounds.ts';
import { discountLines } from './draft-coupons.ts';
import { applyCredits, type Credit } from './draft-credits.ts';
import type { DraftContext, DraftDecision, DraftFacts } from './draft-facts.ts';
import { type Gathered, gatherLines, type Stop, stop } from './draft-gather.ts';
import { PackShelf } from './draft-packs.ts';
import type { Invoice, InvoiceLine, WaitingLine } from './invoice.ts';
import { invoiceNumber } from './number.ts';
import type { PendingLine } from './pending-line.ts';

const NOTHING = {
  pendingLines: [],
  redemptions: [],
  packs: [],
  packBurns: [],
  usageBilled: [],
} as const;

/**
 * The next invoice of a subscription, with everything that is saved beside it. It bills in advance
 * what runs from the boundary to the next one, in arrears what has run up to it, corrections of
 * late usage, lines that waited, and the contract's minimums; coupons come off before tax.
 *
 * It never throws on data. A subscription that cannot be billed, or whose bill breaks a bound,
 * comes back parked with its reason (I10), and nothing of it is billed. Nothing to bill: no
 * invoice, and the subscription moves on. At its end it is billed once more, and is ended.
 */
export function decideDraft(facts: DraftFacts, context: DraftContext): DraftDecision {
  const { state } = facts.subscription;
  if (state === 'ended' || state === 'parked') {
    return { subscription: facts.subscription, ...NOTHING, events: [] };
  }
  const subscription = settleEnd(facts.subscription);
  const draft = nextDraft(subscription, context.prices, context.timetable);
  const packs = new PackShelf(facts.packs);
  const gathered = gatherLines(
    subscription === facts.subscription ? facts : { ...facts, subscription },
    { draft, packs, context },
  );
  if ('reason' in gathered) return park(facts.subscription, gathered, context);
  const bill = makeBill(gathered, facts.redemptions, {
    subscription,
    notBefore: draft.boundary,
    context,
  });
  if (bill === undefined) return moveOn(subscription, draft, context);
  if ('reason' in bill) return park(facts.subscription, bill, context);
  const invoice = toInvoice(bill, { subscription, draft, context });
  const problem = checkBounds(
    subscription,
    {
      lines: invoice.lines.length,
      total: comparableTotal(subscription, invoice, context),
      period: invoice.period,
      recentTotals: facts.recentTotals,
    },
    context.bounds,
  );
  if (problem !== undefined) return park(facts.subscription, problem, context);
  const drafted = {
    minor: invoice.total.minor.toString(),
    period_start: invoice.period.start.toString(),
  };
  return {
    subscription: afterDraft(renewTerm(subscription, draft.boundary), draft, context),
    invoice,
    pendingLines: bill.pendingLines,
    redemptions: bill.redemptions,
    ...packs.result(invoice.id),
    usageBilled: gathered.usage.map((one) => ({ ...one, invoiceId: invoice.id })),
    events: [
      billingEvent(invoice, { type: 'invoice.drafted', data: drafted }, context),
      ...endedEvents(subscription, draft, context),
    ],
  };
}

/**
 * JSON is exact up to 2^53 − 1, nine times as much: with any tax an invoice stays below. One above
 * it could be kept but never shown, nor any list that it is in.
 */
const LARGEST_MINOR = 1_000_000_000_000_000n;

/** An event about a subscription or an invoice of it. */
export function billingEvent(
  subject: Pick<Invoice | Subscription, 'id' | 'merchantId' | 'customerId'>,
  about: Pick<NewEvent, 'type' | 'data'>,
  context: { readonly ids: IdSource; readonly now: Temporal.Instant },
): NewEvent {
  return {
    id: context.ids('evt', bucketOf(subject.id)),
    merchantId: subject.merchantId,
    customerId: subject.customerId,
    type: about.type,
    subjectId: subject.id,
    at: context.now,
    data: about.data,
  };
}

type Place = {
  readonly subscription: Subscription;
  readonly draft: NextDraft;
  readonly context: DraftContext;
};

/** The lines of an invoice with what they change; its name and dates come later. */
export type Bill = {
  readonly id: InvoiceId;
  readonly lines: readonly InvoiceLine[];
  readonly currency: Currency;
  readonly total: Money;
  readonly pendingLines: readonly PendingLine[];
  readonly redemptions: readonly Redemption[];
};

/**
 * Discounts what is billed, then takes credits off it as far as they fit. Undefined: there is
 * nothing to bill, and credits wait.
 */
export function makeBill(
  { lines, pending }: Gathered,
  redemptions: readonly Redemption[],
  about: {
    readonly subscription: Subscription;
    /** The earliest period for the rest of a credit that does not fit. */
    readonly notBefore: Temporal.PlainDate;
    readonly context: DraftContext;
  },
): Bill | Stop | undefined {
  const { subscription, context } = about;
  const waiting = pending.filter(({ line }) => line.amount.minor >= 0n);
  const charges = [
    ...lines.filter(({ amount }) => amount.minor >= 0n),
    ...waiting.map(({ line }) => line),
  ];
  const [first] = charges;
  const lowest = lines.find(({ amount, rule }) => amount.minor < 0n && rule !== 'usage_correction');
  if (lowest !== undefined) return stop('total_negative');
  if (first === undefined) return undefined;
  const { currency } = first.subtotal;
  const everyLine = [...lines, ...pending.map(({ line }) => line)];
  if (everyLine.some((line) => line.subtotal.currency !== currency)) return stop('currency_mix');
  if (totalOf(charges, (line) => line.subtotal.minor, currency).minor > LARGEST_MINOR) {
    return stop('amount_too_large');
  }
  if (waiting.some(({ line }) => !context.prices.has(line.priceVersionId))) {
    return stop('price_version_unknown');
  }
  const discounted = discountLines(charges, redemptions, { prices: context.prices, currency });
  const room = totalOf(discounted.lines, (line) => line.amount.minor, currency);
  const id = context.ids('inv', bucketOf(subscription.id));
  const billed = waiting.map((row): PendingLine => ({ ...row, state: 'billed', invoiceId: id }));
  const credits: Credit[] = [
    ...lines.filter(({ amount }) => amount.minor < 0n).map((line) => ({ line })),
    ...pending
      .filter(({ line }) => line.amount.minor < 0n)
      .map((row) => ({ line: row.line, pending: row })),
  ];
  const applied = applyCredits(credits, room, {
    invoiceId: id,
    waiting: {
      merchantId: subscription.merchantId,
      customerId: subscription.customerId,
      subscriptionId: subscription.id,
    },
    notBefore: about.notBefore,
    now: context.now,
    ids: context.ids,
  });
  const all = [...discounted.lines, ...applied.lines];
  return {
    id,
    lines: all.map((line, index) => ({ position: index + 1, ...line })),
    currency,
    total: totalOf(all, (line) => line.amount.minor, currency),
    pendingLines: [...billed, ...applied.pendingLines],
    redemptions: discounted.redemptions,
  };
}

function toInvoice(bill: Bill, { subscription, draft, context }: Place): Invoice {
  const period = periodOf(subscription, draft, bill.lines);
  return {
    id: bill.id,
    merchantId: subscription.merchantId,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    number: invoiceNumber(period, bill.id),
    billingKey: draft.isFinal ? `final:${draft.boundary}` : `period:${draft.boundary}`,
    state: 'draft',
    collection: subscription.collection,
    period,
    dueDate: draft.dueDate,
    issueAt: issueAt(draft.dueDate, context.timetable, context.zone),
    total: bill.total,
    net: totalOf(bill.lines, (line) => line.net.minor, bill.currency),
    tax: totalOf(bill.lines, (line) => line.tax.minor, bill.currency),
    balanceApplied: zero(bill.currency),
    credited: zero(bill.currency),
    lines: bill.lines,
    createdAt: context.now,
  };
}

/** What the invoice is for: days paid in advance, or those looked back on where there are none. */
function periodOf(
  subscription: Subscription,
  draft: NextDraft,
  lines: readonly WaitingLine[],
): Period {
  const { advance, arrears, isFinal, boundary } = draft;
  const isInAdvance = lines.some(({ period }) => !isDateBefore(period.start, boundary));
  if (!isFinal && (isInAdvance || !isDateBefore(arrears.start, arrears.end))) {
    const { endsOn } = subscription;
    return endsOn === undefined ? advance : { ...advance, end: earlierDate(advance.end, endsOn) };
  }
  if (isDateBefore(arrears.start, arrears.end)) return arrears;
  const lastDay = boundary.subtract({ days: 1 });
  const { start } = billingPeriodOn(subscription, lastDay);
  return { start: laterDate(start, earlierDate(subscription.startsOn, lastDay)), end: boundary };
}

/** The total without items that are billed once in several periods: they are large by agreement. */
function comparableTotal(
  subscription: Subscription,
  invoice: Invoice,
  { prices }: DraftContext,
): Money {
  const minor = invoice.lines.reduce((total, line) => {
    const interval = prices.get(line.priceVersionId)?.version.interval;
    const isRare = interval !== undefined && !isSameInterval(interval, subscription.interval);
    return isRare && line.kind !== 'metered' ? total : total + line.amount.minor;
  }, 0n);
  return money(minor, invoice.total.currency);
}

function park(subscription: Subscription, why: Stop, context: DraftContext): DraftDecision {
  return {
    subscription: { ...subscription, state: 'parked', parked: { ...why, at: context.now } },
    ...NOTHING,
    events: [
      billingEvent(
        subscription,
        { type: 'subscription.parked', data: { reason: why.reason } },
        context,
      ),
    ],
  };
}

function moveOn(
  subscription: Subscription,
  draft: NextDraft,
  context: DraftContext,
): DraftDecision {
  return {
    subscription: afterDraft(renewTerm(subscription, draft.boundary), draft, context),
    ...NOTHING,
    events: endedEvents(subscription, draft, context),
  };
}

function endedEvents(
  subscription: Subscription,
  draft: NextDraft,
  context: DraftContext,
): readonly NewEvent[] {
  if (!draft.isFinal) return [];
  const data = { ends_on: draft.boundary.toString() };
  return [billingEvent(subscription, { type: 'subscription.ended', data }, context)];
}

/** The sum of one column. */
export function totalOf(
  lines: readonly WaitingLine[],
  read: (line: WaitingLine) => bigint,
  currency: Currency,
): Money {
  let minor = 0n;
  for (const line of lines) minor += read(line);
  return money(minor, currency);
}
