import { divideDown } from '../money/rounding.ts';
import { formatMoney } from '../money/text.ts';
import { invariant } from '../result/invariant.ts';
import {
  type ArrearsCauseKind,
  CAUSE_RULE_SET,
  type CauseFinding,
  type Evidence,
  type FoundCause,
  WHOLE,
} from './cause.ts';
import { counterfactualsOf } from './counterfactuals.ts';
import { fixOf } from './fix.ts';
import type { ArrearsHistory } from './history.ts';
import { type BillRise, riseOf, shareRise } from './rises.ts';
import { findStop, incidentOf, isTrouble, type StopFound, troubleEvidence } from './stops.ts';

/** A cause with its share before those of the same cause are put together. */
type Part = FoundCause;

/**
 * Shares of a rise where something else stopped the money as well, in basis points. Each is what a
 * person would say of the two; the README's table has them with their reasons.
 */
const RISE_BESIDE = {
  /** Who contests a bill that rose contests the rise. */
  contested: 3_000n,
  /** No bill reached whoever pays by hand; and it was another one than usual. */
  ourDoing: 4_000n,
  /** The bank's own limit: it may have been as low before. */
  limit: 6_000n,
  /** The account paid the last bill, so it lacks no more than the rise. */
  fundsMuch: 9_000n,
  fundsFelt: 4_000n,
  /** The account was short before as well. */
  fundsWasShort: 4_500n,
  /** Whoever pays by hand and does not pay a bill that rose. */
  byHandMuch: 9_000n,
  byHandFelt: 4_000n,
} as const;

/** What an incident of the rail has of arrears that something else kept open after it. */
const INCIDENT_BEFORE = 3_000n;

/**
 * Why an invoice is overdue, by rules that a person can read (README, "The rules"). First what
 * stopped the money, then whether a bill that rose is the deeper cause of that, then what an
 * incident of the rail had taken before. Always at least one cause; the shares are 10,000 in all.
 */
export function attributeCause(history: ArrearsHistory): CauseFinding {
  const found = findStop(history);
  const rise = riseOf(history);
  const parts = withIncident(causesOf(found, { history, rise }), { history, found });
  const causes = together(parts);
  const [first] = causes;
  invariant(first !== undefined, 'arrears always have a cause');
  const total = causes.reduce((sum, { share }) => sum + share, 0n);
  invariant(total === WHOLE, 'the shares of the causes are the whole');
  const context = { causes, history, rise };
  return {
    ruleSet: CAUSE_RULE_SET,
    causes,
    primary: first.cause,
    counterfactuals: counterfactualsOf(context),
    fix: fixOf(context),
  };
}

type About = { readonly history: ArrearsHistory; readonly rise: BillRise };

function causesOf({ stop, evidence }: StopFound, about: About): readonly Part[] {
  const { history, rise } = about;
  const beside = (cause: ArrearsCauseKind, risen: bigint) =>
    withRise({ cause, evidence }, risen, rise);
  switch (stop) {
    case 'contested':
      return beside('dispute', rise.size === 'much' ? RISE_BESIDE.contested : 0n);
    case 'our_doing': {
      const isFelt = rise.size === 'much' && history.invoice.collection === 'by_hand';
      return beside('rail_or_system_fault', isFelt ? RISE_BESIDE.ourDoing : 0n);
    }
    case 'method':
      return beside('method_or_account_data', 0n);
    case 'cap':
      return beside('method_or_account_data', isAboveOldCap(about) ? WHOLE : 0n);
    case 'limit':
      return beside('method_or_account_data', rise.size === 'much' ? RISE_BESIDE.limit : 0n);
    case 'funds':
      return withRise(
        { cause: 'insufficient_balance', evidence: [...evidence, ...shortBefore(history)] },
        riseBesideFunds(about),
        rise,
      );
    case 'trouble':
    case 'never_tried':
      return beside('rail_or_system_fault', 0n);
    case 'not_paid_by_hand':
      return withRise(
        { cause: 'forgot', evidence: [...evidence, ...lateBefore(history)] },
        riseBesideHand(rise),
        rise,
      );
  }
}

/** The cap let the bill before pass, and not this one: then the rise is the cause. */
function isAboveOldCap({ history, rise }: About): boolean {
  const caps = history.mandates.filter(({ state }) => state === 'active');
  const wasBelow = caps.every(({ singleCap }) => rise.before.minor <= singleCap.minor);
  return rise.size !== 'none' && wasBelow;
}

function riseBesideFunds({ history, rise }: About): bigint {
  if (rise.size === 'none') return 0n;
  if (history.habit.fundsRefused > 0) return RISE_BESIDE.fundsWasShort;
  return rise.size === 'much' ? RISE_BESIDE.fundsMuch : RISE_BESIDE.fundsFelt;
}

function riseBesideHand({ size }: BillRise): bigint {
  if (size === 'none') return 0n;
  return size === 'much' ? RISE_BESIDE.byHandMuch : RISE_BESIDE.byHandFelt;
}

/** `risen` basis points for what raised the bill, the rest for the cause itself. */
function withRise(
  own: { readonly cause: ArrearsCauseKind; readonly evidence: readonly Evidence[] },
  risen: bigint,
  rise: BillRise,
): readonly Part[] {
  if (risen === 0n || rise.by.length === 0) return [{ ...own, share: WHOLE }];
  const rose: Evidence = {
    kind: 'invoice',
    ref: rise.by[0]?.evidence[0]?.ref ?? '',
    key: 'bill_rose',
    facts: { before: formatMoney(rise.before), after: formatMoney(rise.after) },
  };
  // A stop that the rise explains wholly is evidence for the rise, not a cause of its own.
  const deeper = risen === WHOLE ? own.evidence : [];
  const shared = shareRise(rise, risen).map((part) => ({
    ...part,
    evidence: [rose, ...part.evidence, ...deeper],
  }));
  const rest = WHOLE - risen;
  return rest === 0n ? shared : [...shared, { ...own, share: rest }];
}

/** A rail that failed for many on the day, before something else kept the money away. */
function withIncident(
  parts: readonly Part[],
  { history, found }: { readonly history: ArrearsHistory; readonly found: StopFound },
): readonly Part[] {
  if (found.stop !== 'funds' && found.stop !== 'method' && found.stop !== 'limit') return parts;
  const lost = history.attempts.filter(
    (one) => isTrouble(one) && incidentOf(one, history) !== undefined,
  );
  if (lost.length === 0) return parts;
  const kept = parts.map((part) => ({
    ...part,
    share: part.share - scale(part.share, INCIDENT_BEFORE),
  }));
  const taken = WHOLE - kept.reduce((sum, { share }) => sum + share, 0n);
  const evidence = troubleEvidence(history, lost);
  return [...kept, { cause: 'rail_or_system_fault', share: taken, evidence }];
}

/** `share` of `part` basis points, rounded down. */
function scale(share: bigint, part: bigint): bigint {
  return divideDown(share * part, WHOLE);
}

function shortBefore({ habit, customer }: ArrearsHistory): readonly Evidence[] {
  if (habit.fundsRefused === 0) return [];
  const facts = { times: habit.fundsRefused.toString(), of: habit.invoices.toString() };
  return [{ kind: 'habit', ref: customer.id, key: 'short_before', facts }];
}

function lateBefore({ habit, customer }: ArrearsHistory): readonly Evidence[] {
  if (habit.paidLate === 0) return [];
  const facts = { times: habit.paidLate.toString(), of: habit.invoices.toString() };
  return [{ kind: 'habit', ref: customer.id, key: 'late_before', facts }];
}

/** One entry for each cause, the larger share first, equal ones in the order of the list. */
function together(parts: readonly Part[]): readonly FoundCause[] {
  const causes = Map.groupBy(parts, ({ cause }) => cause);
  return [...causes]
    .map(([cause, own]) => ({
      cause,
      share: own.reduce((sum, { share }) => sum + share, 0n),
      evidence: own.flatMap(({ evidence }) => evidence),
    }))
    .filter(({ share }) => share > 0n)
    .toSorted((left, right) => compareShares(left.share, right.share));
}

function compareShares(left: bigint, right: bigint): number {
  if (left === right) return 0;
  return left > right ? -1 : 1;
}
