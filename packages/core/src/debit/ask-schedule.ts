import { addSeconds, isBefore } from '../calendar/business-time.ts';
import type { Attempt } from './attempt.ts';

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

/**
 * Questions after which an order that the rail still has open is closed there, so that its number
 * is dead and the debit can go on: the one after an hour. WeChat Pay asks for it after SYSTEMERROR
 * (query → close → new number); a number that is closed can never be paid any more.
 */
export const CLOSE_AFTER_QUESTIONS = 5;

/**
 * Whether to close an attempt that the rail, just asked, says is open and unpaid. Only where the
 * rail can close, and never before the time that it wants an order to have had.
 */
export function isTimeToClose(
  attempt: Attempt,
  closeAfterSeconds: number | undefined,
  now: Temporal.Instant,
): boolean {
  if (closeAfterSeconds === undefined || attempt.askCount < CLOSE_AFTER_QUESTIONS) return false;
  return !isBefore(now, addSeconds(attempt.submittedAt, closeAfterSeconds));
}
