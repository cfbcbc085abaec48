import { daysIn, isDateBefore, type Period } from '../calendar/periods.ts';
import type { SubscriptionItemId } from '../ids/ids.ts';
import { add, type Money, money, negate, sum } from '../money/money.ts';
import { ratio } from '../money/ratio.ts';
import { advanceUpTo, isInArrears, type Prices } from '../subscription/next-period.ts';
import { serviceSpans } from '../subscription/service.ts';
import { clipSpans, subtractSpans } from '../subscription/spans.ts';
import type { Subscription, SubscriptionItem } from '../subscription/subscription.ts';
import { daysToCharge } from './adjust-days.ts';
import type { BilledLine } from './billed-line.ts';
import { creditOfLine, type StoredLine } from './credit-arithmetic.ts';
import { takenByNotes } from './credit-lines.ts';
import type { CreditNote } from './credit-note.ts';
import { linesOfDays } from './draft-advance.ts';
import type { LineRule, LineWhy, WaitingLine } from './invoice.ts';
import type { PendingLine } from './pending-line.ts';

/** What caused an adjustment: the command's type and the first day of the new state. */
export type AdjustmentCause = NonNullable<LineWhy['change']>;

export type AdjustmentFacts = {
  /** The subscription as the change leaves it. */
  readonly after: Subscription;
  /** Lines of its invoices that are not void and reach beyond the change. */
  readonly billed: readonly BilledLine[];
  /** Its lines that wait; adjustments of earlier changes among them. */
  readonly pending: readonly PendingLine[];
  readonly prices: Prices;
  readonly change: AdjustmentCause;
  /** Credit notes of the invoices of `billed`: what they took back is not credited again. */
  readonly notes?: readonly CreditNote[];
};

export type Adjustments = {
  /** Lines to wait for the next invoice: credits below zero, then charges. */
  readonly lines: readonly WaitingLine[];
  /** Lines that waited and no longer hold; `lines` has what is left of them. */
  readonly dropped: readonly PendingLine[];
};

/** Rules of lines that pay for days of service in advance. */
const SERVICE_RULES: ReadonlySet<LineRule> = new Set([
  'list_price',
  'agreed_price',
  'change_charge',
  'minimum_spend',
]);

/** A line that paid for days of an item, or will once it is billed. */
type Source = {
  readonly line: WaitingLine;
  readonly ref?: NonNullable<LineWhy['credits']>;
  readonly pending?: PendingLine;
};

type CreditRow = { readonly line: WaitingLine; readonly pending?: PendingLine };

/**
 * What a change owes or is owed: for each item, the days that should be billed from the change on,
 * less the days that are. Days billed and no longer served are credited, at what was really billed
 * for them with its discount and never beyond it; days served and not billed are charged. Each leg
 * is rounded by itself (DESIGN §8).
 *
 * It is arithmetic on sets of days, so every change falls out of it: quantity, plan, pause, resume,
 * end, a move of the boundaries; a change and its opposite on one day leave nothing. A line that
 * still waits is not credited but replaced, with the cause that it had. One-off amounts, usage and
 * what is billed in arrears are never adjusted.
 */
export function computeAdjustments(facts: AdjustmentFacts): Adjustments {
  const parts = itemsOf(facts).map((id) => adjustItem(id, facts));
  const lines = parts.flatMap((part) => part.lines);
  return {
    lines: [
      ...lines.filter(({ amount }) => amount.minor < 0n),
      ...lines.filter(({ amount }) => amount.minor >= 0n),
    ],
    dropped: parts.flatMap(({ dropped }) => dropped),
  };
}

function adjustItem(id: SubscriptionItemId, facts: AdjustmentFacts): Adjustments {
  const item = facts.after.items.find((one) => one.id === id);
  const should = daysDue(item, facts);
  const sources = sourcesOf(id, facts);
  const unserved = (span: Period) => subtractSpans(fromDay(span, facts.change.on), should);
  const cut = sources.filter(
    ({ line, pending }) => pending !== undefined && unserved(line.period).length > 0,
  );
  const alive = sources.filter((source) => !cut.includes(source));
  const credited = creditUnserved(id, { ...facts, sources, alive, should, unserved });
  const missing = subtractSpans(should, [
    ...alive.flatMap((source) => daysLeft(source, credited.given)),
    ...cut.map(({ line }) => line.period),
  ]);
  const grown = growing(alive, missing);
  const charges = [
    ...cut.flatMap(({ line }) => {
      const left = subtractSpans([line.period], unserved(line.period));
      return chargeLines(item, left, { facts, change: line.why.change ?? facts.change });
    }),
    ...grown.flatMap(({ source, whole }) => {
      const change = source.line.why.change ?? facts.change;
      return chargeLines(item, [whole], { facts, change });
    }),
    ...chargeLines(
      item,
      subtractSpans(
        missing,
        grown.map(({ whole }) => whole),
      ),
      {
        facts,
        change: facts.change,
      },
    ),
  ];
  const gone = [...credited.lost, ...cut, ...grown.map(({ source }) => source)];
  return {
    lines: [...credited.lines, ...charges],
    dropped: gone.flatMap(({ pending }) =>
      pending === undefined ? [] : [{ ...pending, state: 'dropped' as const }],
    ),
  };
}

/**
 * Lines that wait and that the missing days continue: one line for all of it is rounded once, so
 * that a pause that is resumed on its own day leaves the amount that was there before.
 */
function growing(
  alive: readonly Source[],
  missing: readonly Period[],
): readonly { readonly source: Source; readonly whole: Period }[] {
  return alive.flatMap((source) => {
    const { start, end } = source.line.period;
    const next = missing.find((span) => span.start.equals(end));
    if (source.pending === undefined || next === undefined) return [];
    return [{ source, whole: { start, end: next.end } }];
  });
}

/**
 * The credits of days that were billed and are not served from the change on. Credits that wait and
 * whose days are served again are lost, and given anew for those of their days that are not.
 */
function creditUnserved(
  id: SubscriptionItemId,
  about: AdjustmentFacts & {
    readonly sources: readonly Source[];
    readonly alive: readonly Source[];
    readonly should: readonly Period[];
    readonly unserved: (span: Period) => readonly Period[];
  },
): {
  readonly lines: readonly WaitingLine[];
  readonly lost: readonly CreditRow[];
  /** All credits that hold afterwards. */
  readonly given: readonly CreditRow[];
} {
  const credits = creditsOf(id, about);
  const lost = credits.filter(
    ({ line, pending }) =>
      pending !== undefined && line.serviceDays > 0 && clip([line.period], about.should).length > 0,
  );
  const lines: WaitingLine[] = [];
  const given = credits.filter((credit) => !lost.includes(credit));
  const give = (source: Source, span: Period, change: AdjustmentCause | undefined) => {
    const line = creditLine(source, span, { given, change, notes: about.notes ?? [] });
    if (line === undefined) return;
    lines.push(line);
    given.push({ line });
  };
  for (const { line } of lost) {
    const source = about.sources.find(({ ref }) => isSame(ref, line.why.credits));
    if (source === undefined) continue;
    const again = owedAgain(line, given);
    if (again !== undefined) {
      lines.push(again);
      given.push({ line: again });
    }
    for (const span of subtractSpans([line.period], about.should)) {
      give(source, span, line.why.change);
    }
  }
  for (const source of about.alive) {
    for (const span of daysLeft(source, given).flatMap(about.unserved)) {
      give(source, span, about.change);
    }
  }
  return { lines, lost, given };
}

/**
 * An invoice took a part of a credit whose days are served again in part: what it took is owed
 * again, and the days that are still not served are credited for themselves.
 */
function owedAgain(lost: WaitingLine, given: readonly CreditRow[]): WaitingLine | undefined {
  const { currency } = lost.amount;
  const parts = given.filter(({ line }) => line.serviceDays === 0 && isPartOf(line, lost));
  const totalOf = (read: (line: WaitingLine) => Money) =>
    negate(
      sum(
        parts.map(({ line }) => read(line)),
        currency,
      ),
    );
  const amount = totalOf((line) => line.amount);
  if (amount.minor === 0n) return undefined;
  return {
    ...lost,
    serviceDays: 0,
    subtotal: totalOf((line) => line.subtotal),
    amount,
    net: totalOf((line) => line.net),
    tax: totalOf((line) => line.tax),
    rule: 'change_charge',
  };
}

function isPartOf(part: WaitingLine, whole: WaitingLine): boolean {
  const [left, right] = [part.why, whole.why];
  if (!isSame(left.credits, right.credits) || !part.period.start.equals(whole.period.start)) {
    return false;
  }
  if (left.change === undefined || right.change === undefined) return false;
  return part.period.end.equals(whole.period.end) && left.change.on.equals(right.change.on);
}

/** The days from the change on that are to be billed by now, as the new state has them. */
function daysDue(
  item: SubscriptionItem | undefined,
  { after, prices, change }: AdjustmentFacts,
): readonly Period[] {
  if (item === undefined) return [];
  const priced = prices.get(item.priceVersionId);
  if (priced === undefined || item.kind === 'one_off' || isInArrears(item, priced)) return [];
  const end = advanceUpTo(after, priced.version.interval, after.billedThrough);
  const window = fromDay({ start: after.startsOn, end }, change.on);
  return window.flatMap((span) => serviceSpans(after, item, span));
}

/** Items that the change can touch: those of the subscription, and those that were billed. */
function itemsOf({ after, billed, pending }: AdjustmentFacts): readonly SubscriptionItemId[] {
  const ids = new Set(after.items.map(({ id }) => id));
  for (const { line } of billed) if (line.itemId !== undefined) ids.add(line.itemId);
  for (const { line } of pending) if (line.itemId !== undefined) ids.add(line.itemId);
  return [...ids];
}

function sourcesOf(id: SubscriptionItemId, facts: AdjustmentFacts): readonly Source[] {
  const isSource = (line: WaitingLine) =>
    line.itemId === id &&
    SERVICE_RULES.has(line.rule) &&
    line.why.credits === undefined &&
    line.kind !== 'metered' &&
    !isLookedBackOn(line, facts);
  return [
    ...facts.billed
      .filter(({ line }) => isSource(line))
      .map(({ line, invoiceId }) => ({ line, ref: { invoiceId, position: line.position } })),
    ...facts.pending
      .filter(({ state, line }) => state === 'pending' && isSource(line))
      .map((pending) => ({ line: pending.line, pending })),
  ];
}

function isLookedBackOn(line: WaitingLine, { prices }: AdjustmentFacts): boolean {
  return prices.get(line.priceVersionId)?.version.timing === 'arrears';
}

/** Credits, and parts of credits that were owed again. */
function creditsOf(id: SubscriptionItemId, facts: AdjustmentFacts): readonly CreditRow[] {
  const isCredit = (line: WaitingLine) => line.itemId === id && line.why.credits !== undefined;
  return [
    ...facts.billed.filter(({ line }) => isCredit(line)).map(({ line }) => ({ line })),
    ...facts.pending
      .filter(({ state, line }) => state === 'pending' && isCredit(line))
      .map((pending) => ({ line: pending.line, pending })),
  ];
}

/** Days of a source that no credit has taken back; a part of a credit leaves them to its rest. */
function daysLeft(source: Source, credits: readonly CreditRow[]): readonly Period[] {
  if (source.ref === undefined) return [source.line.period];
  return subtractSpans(
    [source.line.period],
    credits
      .filter(({ line }) => line.serviceDays > 0 && isSame(line.why.credits, source.ref))
      .map(({ line }) => line.period),
  );
}

/** A line that takes `span` of a billed line back; none where there is nothing left to take. */
function creditLine(
  { line, ref }: Source,
  span: Period,
  about: {
    readonly given: readonly CreditRow[];
    readonly change: AdjustmentCause | undefined;
    readonly notes: readonly CreditNote[];
  },
): WaitingLine | undefined {
  if (ref === undefined || line.amount.minor <= 0n) return undefined;
  const days = daysIn(span);
  const share = ratio(BigInt(days), BigInt(line.serviceDays));
  const { currency } = line.amount;
  const noted = takenByNotes(ref, about.notes, currency);
  const already = about.given
    .filter((credit) => isSame(credit.line.why.credits, ref))
    .reduce<StoredLine>(
      (total, credit) => ({
        amount: add(total.amount, negate(credit.line.amount)),
        net: add(total.net, negate(credit.line.net)),
        tax: add(total.tax, negate(credit.line.tax)),
      }),
      noted,
    );
  const credit = creditOfLine(line, share, already);
  if (credit.total.minor === 0n) return undefined;
  const isInclusive = line.subtotal.minor - line.discount.minor === line.amount.minor;
  const { position: _position, ...rest } = { position: 0, ...line };
  return {
    ...rest,
    period: span,
    serviceDays: days,
    subtotal: negate(isInclusive ? credit.total : credit.net),
    discount: money(0n, currency),
    amount: negate(credit.total),
    net: negate(credit.net),
    tax: negate(credit.tax),
    rule: 'change_credit',
    why: { ...(about.change === undefined ? {} : { change: about.change }), credits: ref },
  };
}

function chargeLines(
  item: SubscriptionItem | undefined,
  spans: readonly Period[],
  { facts, change }: { readonly facts: AdjustmentFacts; readonly change: AdjustmentCause },
): readonly WaitingLine[] {
  if (item === undefined) return [];
  const priced = facts.prices.get(item.priceVersionId);
  if (priced === undefined) return [];
  const subject = { subscription: facts.after, item, priced };
  return spans
    .flatMap((span) => serviceSpans(facts.after, item, span))
    .flatMap((span) => linesOfDays(subject, daysToCharge(subject, span, facts)))
    .map((line) => ({
      ...line,
      rule: line.rule === 'minimum_spend' ? line.rule : 'change_charge',
      why: { ...line.why, change },
    }));
}

/** The part of `span` from `day` on. */
function fromDay(span: Period, day: Temporal.PlainDate): readonly Period[] {
  if (!isDateBefore(day, span.end)) return [];
  return [isDateBefore(span.start, day) ? { start: day, end: span.end } : span];
}

function clip(spans: readonly Period[], windows: readonly Period[]): readonly Period[] {
  return windows.flatMap((window) => clipSpans(spans, window));
}

function isSame(left: LineWhy['credits'], right: LineWhy['credits']): boolean {
  return (
    left !== undefined && left.invoiceId === right?.invoiceId && left.position === right.position
  );
}
