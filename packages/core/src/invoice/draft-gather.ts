import { isSameInterval } from '../subscription/intervals.ts';
import { isInArrears, type NextDraft } from '../subscription/next-period.ts';
import type { Parking } from '../subscription/subscription.ts';
import { linesWithin, windowOf } from './draft-advance.ts';
import { commitmentLines, needsTermTotal } from './draft-commitment.ts';
import { readyLines } from './draft-credits.ts';
import { type DraftContext, type DraftFacts, usageKey } from './draft-facts.ts';
import type { BilledDays, LineSubject } from './draft-line.ts';
import type { PackShelf } from './draft-packs.ts';
import {
  type BilledUsage,
  correctionLines,
  isRateable,
  meteredPeriod,
  nothingBilled,
  periodBefore,
  type UsageLines,
  usageLines,
} from './draft-usage.ts';
import type { WaitingLine } from './invoice.ts';
import type { PendingLine } from './pending-line.ts';
import { invoiceRefusal } from './refusals.ts';

/** Everything that an invoice bills, before coupons, credits and positions. */
export type Gathered = {
  readonly lines: readonly WaitingLine[];
  readonly pending: readonly PendingLine[];
  readonly usage: readonly BilledUsage[];
};

export type Stop = Omit<Parking, 'at'>;

/**
 * Gathers what the draft bills, in the order in which people read it: what is paid in advance, the
 * usage and what else is paid in arrears, corrections of usage, what waited, commitments. A string
 * of facts that cannot be billed comes back as the reason to park.
 */
export function gatherLines(
  facts: DraftFacts,
  about: { readonly draft: NextDraft; readonly packs: PackShelf; readonly context: DraftContext },
): Gathered | Stop {
  const { subscription } = facts;
  const { draft, context } = about;
  const lines: WaitingLine[] = [];
  const usage: BilledUsage[] = [];
  const metered: LineSubject[] = [];
  let whole: readonly BilledDays[] | undefined;
  for (const item of subscription.items) {
    if (item.kind === 'one_off') continue;
    const priced = context.prices.get(item.priceVersionId);
    if (priced === undefined) return stop('price_version_unknown');
    const subject: LineSubject = { subscription, item, priced };
    if (item.kind === 'metered') {
      metered.push(subject);
      continue;
    }
    const window = windowOf(subscription, item, { priced, draft });
    if (window === undefined) continue;
    if (
      window === draft.advance &&
      isSameInterval(priced.version.interval, subscription.interval)
    ) {
      whole ??= [{ service: window, full: draft.full }];
      lines.push(...linesWithin(subject, window, whole));
    } else lines.push(...linesWithin(subject, window));
  }
  for (const subject of metered) {
    if (!isInArrears(subject.item, subject.priced)) continue;
    const billed = billUsage(subject, facts, about);
    if (billed === undefined) return stop('usage_incomplete');
    lines.push(...billed.lines);
    usage.push(...billed.billed);
  }
  const pending = draft.isFinal
    ? facts.pendingLines.filter(({ state }) => state === 'pending')
    : readyLines(facts.pendingLines, draft.advance.start);
  if (facts.subscription.contract !== undefined) {
    const { termBilled } = facts;
    if (needsTermTotal(subscription, draft) && termBilled === undefined) {
      return stop('term_total_unknown');
    }
    const term = termBilled === undefined ? {} : { termBilled };
    lines.push(...commitmentLines({ subscription, draft, prices: context.prices, lines, ...term }));
  }
  return { lines, pending, usage };
}

/** The usage of the period that has ended, and corrections of the periods before it. */
function billUsage(
  subject: LineSubject,
  facts: DraftFacts,
  about: { readonly draft: NextDraft; readonly packs: PackShelf },
): UsageLines | undefined {
  const { usage } = facts;
  const { packs, draft } = about;
  const { id } = subject.item;
  const known = facts.usageBilled.filter(({ itemId }) => itemId === id);
  const before = periodBefore(subject, draft);
  const isKnown = known.some(({ period }) => before?.start.equals(period.start) ?? true);
  const earlier =
    before === undefined || isKnown ? known : [...known, nothingBilled(subject, before)];
  const period = meteredPeriod(subject, draft);
  const wanted = [...earlier.map((one) => one.period), ...(period === undefined ? [] : [period])];
  if (!wanted.every((one) => isRateable(subject, usage.get(usageKey(id, one))))) return undefined;
  const parts = earlier.map((one) => correctionLines(subject, one, { usage, packs }));
  if (period !== undefined) parts.unshift(usageLines(subject, period, { usage, packs }));
  return {
    lines: parts.flatMap(({ lines }) => lines),
    billed: parts.flatMap(({ billed }) => billed),
  };
}

export function stop(code: Parameters<typeof invoiceRefusal>[0]): Stop {
  return { reason: 'cannot_be_billed', sentence: invoiceRefusal(code).sentence };
}
