import { addSeconds } from '../calendar/business-time.ts';

/**
 * Seconds after each look at an open attempt until the next: 30 s, 2 m, 5 m, 15 m, 1 h, 6 h, then
 * daily for a week (reliability-ux §1.3). After that a person looks: the attempt stays open, as
 * only the rail can say what became of the money.
 */
export const ASK_DELAYS_SECONDS: readonly number[] = [
  30,
  2 * 60,
  5 * 60,
  15 * 60,
  60 * 60,
  6 * 60 * 60,
  ...Array.from({ length: 7 }, () => 24 * 60 * 60),
];

/** When to ask again after `askCount` questions about an attempt; undefined: a person's turn. */
export function nextAskAt(askCount: number, now: Temporal.Instant): Temporal.Instant | undefined {
  const delay = ASK_DELAYS_SECONDS[askCount];
  return delay === undefined ? undefined : addSeconds(now, delay);
}
