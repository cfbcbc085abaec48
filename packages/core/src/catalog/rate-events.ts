import {
  compareRatio,
  maxRatio,
  minRatio,
  multiplyRatio,
  RATIO_ONE,
  RATIO_ZERO,
  type Ratio,
  ratio,
  subtractRatio,
} from '../money/ratio.ts';
import { invariant } from '../result/invariant.ts';
import type { DynamicModel, PercentageModel, PriceModel } from './price-model.ts';
import { addExactly, plainStep, pricedStep, type RatedStep } from './rate-step.ts';
import { isPositive, notBelowZero } from './rate-units.ts';

/** What a percentage is of: the events one by one, or only their number and their sum. */
export type EventUsage = {
  /** The amount of each event, in the order in which they happened. */
  readonly events?: readonly Ratio[];
  /** Σ of the amounts; read when `events` is absent. */
  readonly units: Ratio;
  /** Number of events; absent without `events`: one event of `units`, or none if that is zero. */
  readonly eventCount?: bigint;
  /** Amount and number of the events that earlier lines of the period rated. */
  readonly priorUnits?: Ratio;
  readonly priorEventCount?: bigint;
};

/** Whether rating has to see the events one by one: sums and counts are not enough for it. */
export function needsEvents(model: PriceModel): boolean {
  if (model.type !== 'percentage') return false;
  const { minimumPerEvent, maximumPerEvent, freeEvents, freeAmount, fixedAmount } = model;
  const isBounded = minimumPerEvent !== undefined || maximumPerEvent !== undefined;
  const endsAtAnEvent = freeAmount !== undefined && fixedAmount !== undefined;
  return isBounded || freeEvents !== undefined || endsAtAnEvent;
}

/**
 * A share of each event's amount and a fixed part for each event that is not wholly free. The
 * allowance ends at whichever of free events and free amount comes first; an event that it covers
 * only in part pays its fixed part. Bounds apply to one event's price after rate and fixed part.
 */
export function percentageSteps(model: PercentageModel, usage: EventUsage): readonly RatedStep[] {
  const events = usage.events ?? knownEvents(usage);
  if (events !== undefined) return stepsOf(model, tallyEvents(model, usage, events));
  invariant(
    !needsEvents(model),
    'a percentage with an allowance or bounds is rated event by event',
  );
  const { units, eventCount = 0n, priorUnits = RATIO_ZERO } = usage;
  const left = notBelowZero(subtractRatio(model.freeAmount ?? RATIO_ZERO, priorUnits));
  const free = minRatio(left, notBelowZero(units));
  const paid = subtractRatio(units, free);
  return stepsOf(model, { ...EMPTY_TALLY, freeAmount: free, paid, paidEvents: eventCount });
}

/** The events when their sum tells them: none, or a single one. */
function knownEvents({ units, eventCount }: EventUsage): readonly Ratio[] | undefined {
  if (eventCount === undefined) return units.numerator === 0n ? [] : [units];
  if (eventCount > 1n) return undefined;
  return eventCount === 0n ? [] : [units];
}

type EventTally = {
  readonly freeEvents: bigint;
  readonly freeAmount: Ratio;
  readonly paidEvents: bigint;
  readonly paid: Ratio;
  readonly raisedEvents: bigint;
  readonly raised: Ratio;
  readonly cutEvents: bigint;
  readonly cut: Ratio;
};

const EMPTY_TALLY: EventTally = {
  freeEvents: 0n,
  freeAmount: RATIO_ZERO,
  paidEvents: 0n,
  paid: RATIO_ZERO,
  raisedEvents: 0n,
  raised: RATIO_ZERO,
  cutEvents: 0n,
  cut: RATIO_ZERO,
};

function tallyEvents(
  model: PercentageModel,
  { priorUnits = RATIO_ZERO, priorEventCount = 0n }: EventUsage,
  events: readonly Ratio[],
): EventTally {
  let seen = { events: priorEventCount, amount: priorUnits };
  let tally = EMPTY_TALLY;
  for (const amount of events) {
    const { free, isWhollyFree } = allowanceFor(model, seen, amount);
    seen = { events: seen.events + 1n, amount: addExactly(seen.amount, amount) };
    const freeAmount = addExactly(tally.freeAmount, free);
    tally = isWhollyFree
      ? { ...tally, freeAmount, freeEvents: tally.freeEvents + 1n }
      : addPaid(model, { ...tally, freeAmount }, subtractRatio(amount, free));
  }
  return tally;
}

/** What the allowance still covers of an event of `amount` after the events `seen`. */
function allowanceFor(
  { freeEvents, freeAmount }: PercentageModel,
  seen: { readonly events: bigint; readonly amount: Ratio },
  amount: Ratio,
): { readonly free: Ratio; readonly isWhollyFree: boolean } {
  const hasNone = freeEvents === undefined && freeAmount === undefined;
  const areEventsOver = freeEvents !== undefined && seen.events >= freeEvents;
  if (hasNone || areEventsOver) return { free: RATIO_ZERO, isWhollyFree: false };
  if (freeAmount === undefined) return { free: amount, isWhollyFree: true };
  const left = subtractRatio(freeAmount, seen.amount);
  if (!isPositive(left)) return { free: RATIO_ZERO, isWhollyFree: false };
  const free = minRatio(amount, left);
  return { free, isWhollyFree: compareRatio(free, amount) === 0 };
}

function addPaid(model: PercentageModel, tally: EventTally, part: Ratio): EventTally {
  const paid = addExactly(tally.paid, part);
  const counted = { ...tally, paid, paidEvents: tally.paidEvents + 1n };
  const { rate, fixedAmount = RATIO_ZERO, minimumPerEvent, maximumPerEvent } = model;
  if (minimumPerEvent === undefined && maximumPerEvent === undefined) return counted;
  const price = addExactly(multiplyRatio(part, rate), fixedAmount);
  const raisedTo = minimumPerEvent === undefined ? price : maxRatio(price, minimumPerEvent);
  const cutTo = maximumPerEvent === undefined ? raisedTo : minRatio(raisedTo, maximumPerEvent);
  const difference = subtractRatio(cutTo, price);
  if (difference.numerator === 0n) return counted;
  return isPositive(difference)
    ? {
        ...counted,
        raised: addExactly(counted.raised, difference),
        raisedEvents: counted.raisedEvents + 1n,
      }
    : {
        ...counted,
        cut: addExactly(counted.cut, difference),
        cutEvents: counted.cutEvents + 1n,
      };
}

function stepsOf(model: PercentageModel, tally: EventTally): readonly RatedStep[] {
  const { fixedAmount } = model;
  const steps: RatedStep[] = [];
  if (tally.freeEvents > 0n) {
    steps.push(plainStep('free_events', ratio(tally.freeEvents), RATIO_ZERO));
  }
  if (isPositive(tally.freeAmount)) {
    steps.push(plainStep('free_amount', tally.freeAmount, RATIO_ZERO));
  }
  if (tally.paid.numerator !== 0n) steps.push(pricedStep('share', [tally.paid, model.rate]));
  if (fixedAmount !== undefined && tally.paidEvents > 0n) {
    steps.push(pricedStep('fixed_per_event', [ratio(tally.paidEvents), fixedAmount]));
  }
  if (tally.raisedEvents > 0n) {
    steps.push(plainStep('event_minimum', ratio(tally.raisedEvents), tally.raised));
  }
  if (tally.cutEvents > 0n) {
    steps.push(plainStep('event_maximum', ratio(tally.cutEvents), tally.cut));
  }
  return steps;
}

/**
 * The amounts that the events carry, times the model's multiplier. They are summed in
 * `carriedAmount`, or given one by one; without both, the units are amounts: the meter sums them.
 */
export function dynamicSteps(
  { multiplier = RATIO_ONE }: DynamicModel,
  usage: EventUsage & { readonly carriedAmount?: Ratio },
): readonly RatedStep[] {
  const carried =
    usage.carriedAmount ?? usage.events?.reduce(addExactly, RATIO_ZERO) ?? usage.units;
  return carried.numerator === 0n ? [] : [pricedStep('carried', [carried, multiplier])];
}
