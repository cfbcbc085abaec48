import { type Period, periodAt } from '../calendar/periods.ts';
import type { Subscription } from './subscription.ts';
import { draftAt, type Timetable } from './timetable.ts';

/** The period that the next invoice bills. Billed in advance, so its first day is the due date. */
export function periodToBill(subscription: Subscription): Period {
  return periodAt(subscription.anchor, subscription.interval, subscription.nextPeriodIndex);
}

/** The subscription after one more period was drafted. */
export function afterDraft(
  subscription: Subscription,
  timetable: Timetable,
  zone: string,
): Subscription {
  const nextPeriodIndex = subscription.nextPeriodIndex + 1;
  const next = periodAt(subscription.anchor, subscription.interval, nextPeriodIndex);
  return { ...subscription, nextPeriodIndex, nextBillAt: draftAt(next.start, timetable, zone) };
}
