import { earlierDate, isDateBefore, laterDate, type Period } from '../calendar/periods.ts';
import { subtractSpans } from './spans.ts';
import type { Pause, Subscription, SubscriptionItem } from './subscription.ts';

/**
 * The days inside `within` on which the item is served and paid for: inside its own dates and the
 * subscription's, after the trial, outside pauses. What is billed on a day follows from nothing
 * else. A period that is served whole comes back as the same object.
 */
export function serviceSpans(
  subscription: Subscription,
  item: Pick<SubscriptionItem, 'from' | 'until'>,
  within: Period,
): readonly Period[] {
  const start = laterDate(laterDate(within.start, item.from), firstChargedDay(subscription));
  const until = item.until === undefined ? within.end : earlierDate(within.end, item.until);
  const { endsOn } = subscription;
  const end = endsOn === undefined ? until : earlierDate(until, endsOn);
  if (!isDateBefore(start, end)) return [];
  const isWhole = start === within.start && end === within.end;
  const span = isWhole ? within : { start, end };
  if (subscription.pauses.length === 0) return [span];
  return subtractSpans(
    [span],
    subscription.pauses.map((pause) => pausedDays(pause, end)),
  );
}

/** The days inside `within` on which anything of the subscription can be served. */
export function servedDays(subscription: Subscription, within: Period): readonly Period[] {
  return serviceSpans(subscription, { from: subscription.startsOn }, within);
}

/** The first day of service, or the first one after the trial. */
export function firstChargedDay(subscription: Subscription): Temporal.PlainDate {
  const { startsOn, trialEndsOn } = subscription;
  return trialEndsOn === undefined ? startsOn : laterDate(startsOn, trialEndsOn);
}

/** Whether service stands still on `day`. */
export function isPausedOn(subscription: Subscription, day: Temporal.PlainDate): boolean {
  return subscription.pauses.some(
    ({ from, until }) =>
      !isDateBefore(day, from) && (until === undefined || isDateBefore(day, until)),
  );
}

/** An open pause lasts, as far as anybody can bill today, to `end`. */
function pausedDays({ from, until }: Pause, end: Temporal.PlainDate): Period {
  return { start: from, end: until ?? laterDate(from, end) };
}
