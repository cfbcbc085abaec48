import type { Attempt } from '../debit/attempt.ts';
import { equals, type Money, money } from '../money/money.ts';
import type { Break, BreakEvidence, Resolution } from './break.ts';
import type { RailBillLine } from './rail-bill.ts';
import { EVERY_DAY, type SettlesOn, settlementSteps } from './settlement-days.ts';

/** Days with settlement to each side on which the same money may stand on the bill (日切). */
export const CUT_OFF_DAYS = 2;

/** Days to each side within which another bill that names the same number is known by its break. */
export const NAMED_BESIDE_DAYS = 31;

/** What our books hold for one number of a bill: money in for an order, money out for a refund. */
export type Booked = {
  /** Present for an order number of ours. */
  readonly attempt?: Attempt;
  /** What our books asked for, where nothing has been booked. */
  readonly asked?: Money;
  /** What stands in the clearing account for it, above zero; absent: nothing does. */
  readonly amount?: Money;
  /** The date of `amount`. */
  readonly businessDate?: Temporal.PlainDate;
};

export type LineContext = {
  readonly businessDate: Temporal.PlainDate;
  /** Lines of this bill that name the number, when there are several, and their sum. */
  readonly repeated?: { readonly times: number; readonly total: Money };
  /** Another bill that counts names the number too, and its line is the money of our books. */
  readonly isInAnotherBill: boolean;
  /** Dates of which the rail makes bills; absent: every date. */
  readonly settlesOn?: SettlesOn;
  /** A person ended the shortage of another day, and took the money out of the clearing account. */
  readonly isTakenOut?: boolean;
};

/** What is different, and what to do about it. Whoever keeps it adds ids, owner and time. */
export type Difference = Pick<Break, 'class' | 'rootCause' | 'suggestedAction' | 'state'> & {
  readonly railAmount?: Money;
  readonly ourAmount?: Money;
  readonly difference?: Money;
  /** Present where the files themselves end it at once. */
  readonly ended?: { readonly how: Resolution; readonly evidence: BreakEvidence['kind'] };
};

export type MatchDecision =
  | { readonly kind: 'matched' }
  | { readonly kind: 'break'; readonly found: Difference };

const MATCHED: MatchDecision = { kind: 'matched' };

/**
 * Compares one line of a rail bill with what our books hold for its number: an order of ours, a
 * pay link, or a refund. The bill has the last word on whether money moved, so what is still open
 * is settled from the line before it is matched; what still differs is a break with its class.
 * Undefined `ours`: the number is none of ours.
 */
export function decideMatch(
  line: RailBillLine,
  ours: Booked | undefined,
  context: LineContext,
): MatchDecision {
  const railAmount = context.repeated?.total ?? line.amount;
  const ourAmount = ours?.amount ?? ours?.asked;
  const amounts = { railAmount, ...(ourAmount && { ourAmount }) };
  const asIn = (minor: bigint) => money(isOut(line) ? -minor : minor, railAmount.currency);
  const found = (
    kind: Pick<Difference, 'class' | 'rootCause' | 'suggestedAction'>,
    minor: bigint,
  ): MatchDecision => ({
    kind: 'break',
    found: { ...kind, ...amounts, difference: asIn(minor), state: 'open' },
  });
  if (ours === undefined) return found(UNKNOWN_ORDER, railAmount.minor);
  if (ourAmount !== undefined && ourAmount.currency !== railAmount.currency) {
    return { kind: 'break', found: { ...OTHER_CURRENCY, ...amounts, state: 'open' } };
  }
  const booked = ours.amount;
  if (context.isInAnotherBill && booked !== undefined) {
    return found(DUPLICATE, railAmount.minor);
  }
  if (context.repeated !== undefined) {
    // Several lines that together are what our books hold: parts of one number's money.
    const isWhole = booked !== undefined && equals(booked, railAmount);
    if (isWhole && ours.businessDate?.equals(context.businessDate) === true) return MATCHED;
    return found(DUPLICATE, railAmount.minor - (booked?.minor ?? 0n));
  }
  if (booked === undefined || ours.businessDate === undefined) {
    // The rail moved money for a number that we hold as refused, closed, failed or open.
    const state = isOut(line) ? REFUND_UNLEARNED : SURPLUS;
    return found(state, railAmount.minor);
  }
  if (!ours.businessDate.equals(context.businessDate)) {
    if (context.isTakenOut === true) return found(CAME_LATE, railAmount.minor);
    if (!equals(booked, railAmount)) return found(OTHER_AMOUNT, railAmount.minor - booked.minor);
    return matchOtherDay(context, ours.businessDate, amounts);
  }
  if (equals(booked, railAmount)) return MATCHED;
  return found(OTHER_AMOUNT, railAmount.minor - booked.minor);
}

/**
 * The same money on another day: cut-off within two days of settlement, else a person looks at the
 * dates. So a payment of a holiday may stand on the first bill after it.
 */
function matchOtherDay(
  { businessDate, settlesOn = EVERY_DAY }: LineContext,
  ours: Temporal.PlainDate,
  amounts: Pick<Difference, 'railAmount' | 'ourAmount'>,
): MatchDecision {
  const isNear = settlementSteps(businessDate, ours, settlesOn) <= CUT_OFF_DAYS;
  if (!isNear) return { kind: 'break', found: { ...FAR_DATE, ...amounts, state: 'open' } };
  const ended = { how: 'matched_later', evidence: 'bill_line' } as const;
  return { kind: 'break', found: { ...CUT_OFF, ...amounts, state: 'resolved', ended } };
}

/**
 * Money in our books of the bill's day that no bill names: 短款. It waits in the pool, as the bill
 * of a day beside it may name it. `kind` tells money in from a refund, which is money out.
 */
export function decideMissing(
  kind: RailBillLine['kind'],
  booked: Money,
): Difference & { readonly difference: Money } {
  const minor = kind === 'refund' ? booked.minor : -booked.minor;
  return {
    class: 'shortage',
    rootCause: 'not_in_the_bill',
    suggestedAction: 'wait_next_bill',
    state: 'pooled',
    ourAmount: booked,
    difference: money(minor, booked.currency),
  };
}

function isOut(line: RailBillLine): boolean {
  return line.kind === 'refund';
}

type Kind = Pick<Difference, 'class' | 'rootCause' | 'suggestedAction'>;

const UNKNOWN_ORDER: Kind = {
  class: 'unknown_order',
  rootCause: 'number_not_ours',
  suggestedAction: 'query_rail',
};
const SURPLUS: Kind = {
  class: 'surplus',
  rootCause: 'success_not_learned',
  suggestedAction: 'complete_order',
};
const REFUND_UNLEARNED: Kind = {
  class: 'state_mismatch',
  rootCause: 'refund_not_learned',
  suggestedAction: 'query_rail',
};
const DUPLICATE: Kind = {
  class: 'duplicate',
  rootCause: 'listed_twice',
  suggestedAction: 'refund',
};
const OTHER_AMOUNT: Kind = {
  class: 'amount_mismatch',
  rootCause: 'amount_differs',
  suggestedAction: 'adjust',
};
const OTHER_CURRENCY: Kind = {
  class: 'currency_mismatch',
  rootCause: 'currency_differs',
  suggestedAction: 'ask_rail',
};
const CUT_OFF: Kind = {
  class: 'cut_off',
  rootCause: 'dated_on_another_day',
  suggestedAction: 'none',
};
const CAME_LATE: Kind = {
  class: 'surplus',
  rootCause: 'came_after_the_end',
  suggestedAction: 'adjust',
};
const FAR_DATE: Kind = {
  class: 'state_mismatch',
  rootCause: 'dated_on_another_day',
  suggestedAction: 'adjust',
};
