import { daysIn, isDateBefore, laterDate, type Period } from '../calendar/periods.ts';
import { amountDue, type Invoice } from '../invoice/invoice.ts';
import { add, type Money, money, subtract, sum, within } from '../money/money.ts';
import {
  floorRatio,
  fromBasisPoints,
  fromMoney,
  multiplyRatio,
  RATIO_ZERO,
  type Ratio,
  ratio,
  sumRatios,
  toMoney,
} from '../money/ratio.ts';
import { dailyRate, type LateFeePolicy } from './late-fee-policy.ts';

/** What was paid of the principal on a business date; the next day has less to count from. */
export type PrincipalPayment = { readonly on: Temporal.PlainDate; readonly amount: Money };

/** Days from `from` on (to `until`, not included) that do not count: a dispute, a promise. */
export type FeeStop = { readonly from: Temporal.PlainDate; readonly until?: Temporal.PlainDate };

/** An overdue obligation as far as its late fee is concerned. */
export type Overdue = {
  readonly invoice: Invoice;
  /** The last day on which paying was in time: the due date, or the day of the first refusal. */
  readonly since: Temporal.PlainDate;
  readonly payments: readonly PrincipalPayment[];
  /**
   * What the customer's balance paid of it, when: a part of `balanceApplied`. What is not told here
   * counts as paid before anything was late.
   */
  readonly balanceUses?: readonly PrincipalPayment[];
  readonly stops?: readonly FeeStop[];
};

/** Days with the same unpaid base, and what they add, in major units, exact. */
export type FeeSegment = {
  readonly period: Period;
  readonly days: number;
  readonly base: Money;
  readonly exact: Ratio;
};

/** A late fee as it stands at the end of a day. */
export type LateFeeFigure = {
  readonly amount: Money;
  /** Days that count: after the grace, with something unpaid, and not stopped. */
  readonly days: number;
  /** The first day that can count. */
  readonly firstDay: Temporal.PlainDate;
  /** What was unpaid on the first day that counts: what the cap is a share of. */
  readonly base: Money;
  /** The most that this invoice can ever be asked for. */
  readonly cap: Money;
  readonly isCapped: boolean;
  readonly segments: readonly FeeSegment[];
  /** The sum of the segments in major units, before rounding, cap and minimum. */
  readonly exact: Ratio;
};

/**
 * The late fee of an overdue invoice at the end of business date `on`. A day counts when something
 * was unpaid as it began, so paying on the third day costs three days at most and never more than
 * paying later. Each span of one base is exact; the sum is rounded once, half up, then capped, and
 * zero where it is below the minimum. What was credited counts as never owed.
 */
export function computeLateFee(
  overdue: Overdue,
  policy: LateFeePolicy,
  on: Temporal.PlainDate,
): LateFeeFigure {
  const { invoice, payments, balanceUses = [] } = overdue;
  const unpaid = lateFeePrincipal(invoice, policy);
  const used = sum(
    balanceUses.map(({ amount }) => amount),
    unpaid.currency,
  );
  const isVoid = invoice.state === 'void';
  const principal = isVoid ? unpaid : add(unpaid, used);
  const all = [...payments, ...balanceUses];
  return computeFeeOf({ ...overdue, payments: all, principal }, policy, on);
}

/** The same of an amount that belongs to no invoice yet: examples, simulations. */
export function computeFeeOf(
  overdue: Omit<Overdue, 'invoice'> & { readonly principal: Money },
  policy: LateFeePolicy,
  on: Temporal.PlainDate,
): LateFeeFigure {
  const { principal, since } = overdue;
  const { currency } = principal;
  const firstDay = since.add({ days: policy.graceDays + 1 });
  const base = unpaidOn(principal, overdue.payments, firstDay);
  const segments = segmentsOf(overdue, policy, {
    principal,
    span: { start: firstDay, end: on.add({ days: 1 }) },
  });
  const days = segments.reduce((total, segment) => total + segment.days, 0);
  const exact = exactOf(segments, policy, base);
  const cap = lateFeeCap(base, policy);
  const asked = toMoney(exact, currency);
  const amount = within(asked, cap);
  const minimum = policy.minimum[currency] ?? 0n;
  return {
    amount: amount.minor < minimum ? money(0n, currency) : amount,
    days,
    firstDay,
    base,
    cap,
    isCapped: days > 0 && asked.minor >= cap.minor,
    segments,
    exact,
  };
}

/**
 * The amount that counts: what the invoice asks for without its own late fees, unless the policy
 * declares compounding. Payments and credits count against the principal first, in the customer's
 * favour.
 */
export function lateFeePrincipal(invoice: Invoice, { compounding }: LateFeePolicy): Money {
  const due = amountDue(invoice);
  if (invoice.state === 'void') return money(0n, due.currency);
  const fees = invoice.lines.filter(({ rule }) => rule === 'late_fee');
  const earlier = sum(
    fees.map(({ amount }) => amount),
    due.currency,
  );
  return within(compounding ? due : subtract(due, earlier), due);
}

/** The most that is asked for: a share of the base, rounded down, and the absolute cap. */
export function lateFeeCap(base: Money, { cap }: LateFeePolicy): Money {
  const share = floorRatio(multiplyRatio(ratio(base.minor), fromBasisPoints(cap.basisPoints)));
  const most = cap.amounts[base.currency];
  return money(most !== undefined && most < share ? most : share, base.currency);
}

/** What was unpaid as `day` began. */
function unpaidOn(
  principal: Money,
  payments: readonly PrincipalPayment[],
  day: Temporal.PlainDate,
): Money {
  const paid = payments.filter(({ on }) => isDateBefore(on, day)).map(({ amount }) => amount);
  return within(subtract(principal, sum(paid, principal.currency)), principal);
}

function segmentsOf(
  { payments, stops = [] }: Omit<Overdue, 'invoice'>,
  policy: LateFeePolicy,
  { principal, span }: { readonly principal: Money; readonly span: Period },
): readonly FeeSegment[] {
  if (!isDateBefore(span.start, span.end)) return [];
  const cuts = [
    span.end,
    ...payments.map(({ on }) => on.add({ days: 1 })),
    ...stops.flatMap(({ from, until }) => (until === undefined ? [from] : [from, until])),
  ]
    .filter((day) => isDateBefore(span.start, day) && !isDateBefore(span.end, day))
    .toSorted((left, right) => Temporal.PlainDate.compare(left, right));
  const segments: FeeSegment[] = [];
  let { start } = span;
  for (const end of cuts) {
    if (!isDateBefore(start, end)) continue;
    const period = { start, end };
    start = end;
    const base = unpaidOn(principal, payments, period.start);
    if (base.minor === 0n || isStopped(period.start, stops)) continue;
    const days = daysIn(period);
    segments.push({ period, days, base, exact: exactShare(base, policy, days) });
  }
  return segments;
}

function isStopped(day: Temporal.PlainDate, stops: readonly FeeStop[]): boolean {
  return stops.some(
    ({ from, until }) =>
      !isDateBefore(day, from) && (until === undefined || isDateBefore(day, until)),
  );
}

function exactShare(base: Money, { rate }: LateFeePolicy, days: number): Ratio {
  if (rate.per === 'invoice') return RATIO_ZERO;
  const share = multiplyRatio(dailyRate(rate), ratio(BigInt(days), 10_000n));
  return multiplyRatio(fromMoney(base), share);
}

function exactOf(segments: readonly FeeSegment[], { rate }: LateFeePolicy, base: Money): Ratio {
  if (rate.per !== 'invoice') return sumRatios(segments.map(({ exact }) => exact));
  const minor = segments.length === 0 ? 0n : (rate.amounts[base.currency] ?? 0n);
  return fromMoney(money(minor, base.currency));
}

/**
 * The last day on which paying was in time. An invoice that a debit collects is not late before a
 * try was refused for the payer's part: until then the delay is the merchant's or the rail's.
 * Undefined while that try is still to come, and for good where it took the money, or where the
 * tries failed without the payer.
 */
export function overdueSince(
  invoice: Pick<Invoice, 'dueDate' | 'collection'>,
  tries: {
    /** The business date of the first refusal that was the payer's. */
    readonly firstRefusedOn?: Temporal.PlainDate;
    /** A debit of it is scheduled, on its way, or has collected it. */
    readonly isWaiting: boolean;
    /** It was tried, and only the rail or the merchant stood in the way. */
    readonly hasFailedWithoutPayer?: boolean;
  },
): Temporal.PlainDate | undefined {
  const { firstRefusedOn, isWaiting, hasFailedWithoutPayer = false } = tries;
  if (invoice.collection === 'by_hand') return invoice.dueDate;
  if (firstRefusedOn !== undefined) return laterDate(invoice.dueDate, firstRefusedOn);
  return isWaiting || hasFailedWithoutPayer ? undefined : invoice.dueDate;
}
