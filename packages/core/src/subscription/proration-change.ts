import type { Period } from '../calendar/periods.ts';
import { add, type Currency, type Money, negate, sum } from '../money/money.ts';
import {
  compareRatio,
  multiplyRatio,
  RATIO_ONE,
  RATIO_ZERO,
  type Ratio,
  ratio,
  sumRatios,
  toMoney,
} from '../money/ratio.ts';
import { invariant } from '../result/invariant.ts';
import { prorationShare } from './proration.ts';

/**
 * One priced thing that a change takes away or brings. `one_time` is never prorated and never
 * credited; `usage` is billed when it is known, so a change moves no money for it.
 */
export type ChangeItem = {
  /** Major units of the currency, exact. */
  readonly unitPrice: Ratio;
  readonly quantity: Ratio;
  readonly kind: 'recurring' | 'one_time' | 'usage';
};

/** A change on `date`, which belongs to the new state: the old one is not billed for it. */
export type PricedChange = {
  readonly currency: Currency;
  /** The whole billed period that the change falls into. */
  readonly period: Period;
  readonly date: Temporal.PlainDate;
  readonly remove: readonly ChangeItem[];
  readonly add: readonly ChangeItem[];
};

/** What a change moves: `credit` is zero or below, `owed` zero or above, `net` their sum. */
export type ChangeLegs = { readonly credit: Money; readonly owed: Money; readonly net: Money };

export type ChangeDirection = 'upgrade' | 'downgrade' | 'lateral';

/**
 * Credits what is removed and bills what is added for the rest of the period: the two legs are
 * rounded apart, then netted (DESIGN §8: −548.39 + 274.19 = −274.20). What was really billed is
 * credited by `creditForUnused`; this is the price of a change by its prices.
 */
export function changeLegs(change: PricedChange): ChangeLegs {
  const { currency, period, date } = change;
  invariant(
    Temporal.PlainDate.compare(period.start, date) <= 0 &&
      Temporal.PlainDate.compare(date, period.end) <= 0,
    'a change is inside its period',
  );
  const rest = prorationShare({ start: date, end: period.end }, period);
  const removed = sumRatios(change.remove.map((item) => amountOf(item, { rest, oneTime: false })));
  const added = sumRatios(change.add.map((item) => amountOf(item, { rest, oneTime: true })));
  const credit = negate(toMoney(removed, currency));
  const owed = toMoney(added, currency);
  return { credit, owed, net: add(credit, owed) };
}

/**
 * Whether the customer pays more or less for a whole period afterwards. One-time fees and usage
 * have no say.
 */
export function directionOfChange(
  before: readonly ChangeItem[],
  after: readonly ChangeItem[],
): ChangeDirection {
  switch (compareRatio(recurringTotal(after), recurringTotal(before))) {
    case 1:
      return 'upgrade';
    case -1:
      return 'downgrade';
    case 0:
      return 'lateral';
  }
}

/** The price of seats added (or, below zero, given up) for a whole period, not prorated. */
export function seatDifference(
  unitPrice: Ratio,
  { paid, next }: { readonly paid: bigint; readonly next: bigint },
  currency: Currency,
): Money {
  return toMoney(multiplyRatio(unitPrice, ratio(next - paid)), currency);
}

/** Lines about the same thing as one; undefined when they cancel out, as zero needs no line. */
export function netLines(amounts: readonly Money[], currency: Currency): Money | undefined {
  const net = sum(amounts, currency);
  return net.minor === 0n ? undefined : net;
}

function recurringTotal(items: readonly ChangeItem[]): Ratio {
  return sumRatios(items.map((item) => amountOf(item, { rest: RATIO_ONE, oneTime: false })));
}

function amountOf(
  { unitPrice, quantity, kind }: ChangeItem,
  { rest, oneTime }: { readonly rest: Ratio; readonly oneTime: boolean },
): Ratio {
  const whole = multiplyRatio(unitPrice, quantity);
  switch (kind) {
    case 'recurring':
      return multiplyRatio(whole, rest);
    case 'one_time':
      return oneTime ? whole : RATIO_ZERO;
    case 'usage':
      return RATIO_ZERO;
  }
}
