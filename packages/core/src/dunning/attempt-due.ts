import { compare, type Money } from '../money/money.ts';

/** Why a campaign asks for no money at this moment. */
export type NotDue =
  | 'customer_excluded'
  | 'below_threshold'
  | 'tries_used_up'
  | 'too_soon_after_last_try';

export type AttemptQuestion = {
  readonly overdue: Money;
  /** Of the campaign; the arrears are compared with the one of their own currency. */
  readonly thresholds: readonly Money[];
  readonly isExcluded: boolean;
  /** Tries so far, in this currency. */
  readonly tries: number;
  readonly maxTries: number;
  /** Seconds since the last try; undefined: there was none. */
  readonly secondsSinceLast: number | undefined;
  readonly secondsBetween: number;
};

/**
 * Whether a campaign asks for money now: the arrears reach the threshold (inclusive), tries are
 * left, and strictly MORE than the time between two has passed; undefined: it does. The convention
 * is Lago's, checked by the conformance cases.
 */
export function whyNoAttempt(question: AttemptQuestion): NotDue | undefined {
  if (question.isExcluded) return 'customer_excluded';
  if (!reachesThreshold(question.overdue, question.thresholds)) return 'below_threshold';
  if (question.tries >= question.maxTries) return 'tries_used_up';
  const { secondsSinceLast, secondsBetween } = question;
  if (secondsSinceLast === undefined || secondsSinceLast > secondsBetween) return undefined;
  return 'too_soon_after_last_try';
}

/** Whether arrears are chased at all; those in a currency without a threshold are not. */
export function reachesThreshold(overdue: Money, thresholds: readonly Money[]): boolean {
  return thresholds.some(
    (threshold) => threshold.currency === overdue.currency && compare(overdue, threshold) >= 0,
  );
}
