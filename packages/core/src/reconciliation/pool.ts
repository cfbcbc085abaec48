import type { JournalId } from '../ids/ids.ts';
import { postBreak } from '../ledger/break-templates.ts';
import type { Chart } from '../ledger/chart.ts';
import type { Journal } from '../ledger/journal.ts';
import { invariant, present } from '../result/invariant.ts';
import { assertMove } from '../result/moves.ts';
import {
  type Break,
  type BreakEvidence,
  BY_RECONCILIATION,
  movesClearing,
  type Resolution,
} from './break.ts';
import { CUT_OFF_DAYS } from './match.ts';
import { BREAK_MOVES } from './moves.ts';
import { EVERY_DAY, type SettlesOn, settlementDaysAfter } from './settlement-days.ts';

/** Break and journals of one step: saved together. */
export type BreakStep = { readonly found: Break; readonly journals: readonly Journal[] };

export type StepContext = {
  /** An id for a journal in the break's bucket. */
  readonly newJournalId: () => JournalId;
  readonly now: Temporal.Instant;
  /** The merchant's date of `now`: what ends is booked on the day of its end. */
  readonly today: Temporal.PlainDate;
  readonly chart?: Chart;
};

/**
 * The dates whose bills must have come before a shortage of `date` counts as a difference: the next
 * two on which the rail's banks settle. Over a weekend or a holiday nothing can come.
 */
export function poolDates(
  date: Temporal.PlainDate,
  settlesOn: SettlesOn = EVERY_DAY,
): readonly Temporal.PlainDate[] {
  return settlementDaysAfter(date, CUT_OFF_DAYS, settlesOn);
}

/**
 * Takes a break out of the pool: no bill of the days after it names the money. From now on it is
 * parked, so that the clearing account follows the rail.
 */
export function decideLeavePool(pooled: Break, context: StepContext): BreakStep {
  assertMove(BREAK_MOVES, pooled.state, 'open');
  return park({ ...pooled, state: 'open', suggestedAction: 'query_rail' }, context);
}

/** Parks the difference of an open break in suspense, on the date of its bill; once. */
export function park(found: Break, context: StepContext): BreakStep {
  invariant(found.parkedBy === undefined, 'a break is parked once');
  if (found.state !== 'open' || !movesClearing(found)) return { found, journals: [] };
  const id = context.newJournalId();
  const journal = postBreak('parked', {
    id,
    merchantId: found.merchantId,
    breakId: found.id,
    rail: found.rail,
    difference: present(found.difference, 'the difference of a break that is parked'),
    businessDate: found.businessDate,
    postedAt: context.now,
    ...(context.chart && { chart: context.chart }),
  });
  return { found: { ...found, parkedBy: id }, journals: [journal] };
}

/**
 * Ends a break by what the files say: the bill of a day beside it names the money, or the bill was
 * issued again without the difference. What was parked is taken back.
 */
export function endByFiles(
  found: Break,
  end: { readonly how: Resolution; readonly evidence: BreakEvidence },
  context: StepContext,
): BreakStep {
  assertMove(BREAK_MOVES, found.state, 'resolved');
  const isCutOff = end.how === 'matched_later' && found.class === 'shortage';
  const ended: Break = {
    ...found,
    ...(isCutOff ? { class: 'cut_off', rootCause: 'dated_on_another_day' } : {}),
    state: 'resolved',
    suggestedAction: 'none',
    end: { at: context.now, by: BY_RECONCILIATION, ...end },
  };
  return { found: ended, journals: unpark(found, context) };
}

/** The journal that takes a parked difference back; none where nothing was parked. */
export function unpark(found: Break, context: StepContext): readonly Journal[] {
  if (found.parkedBy === undefined) return [];
  const journal = postBreak('unparked', {
    id: context.newJournalId(),
    merchantId: found.merchantId,
    breakId: found.id,
    rail: found.rail,
    difference: present(found.difference, 'the difference of a parked break'),
    businessDate: context.today,
    postedAt: context.now,
    ...(context.chart && { chart: context.chart }),
  });
  return [journal];
}
