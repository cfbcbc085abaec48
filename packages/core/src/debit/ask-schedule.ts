import { addSeconds, isBefore } from '../calendar/business-time.ts';
import type { Attempt } from './attempt.ts';
import type { RailCapabilities } from './capabilities.ts';

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
 * rail can close, never before the time that it wants an order to have had, and never while the
 * rail itself holds the order back on purpose.
 */
export function isTimeToClose(
  attempt: Attempt,
  rules: Pick<RailCapabilities, 'closeAfterSeconds' | 'patienceSeconds'>,
  now: Temporal.Instant,
): boolean {
  const { closeAfterSeconds, patienceSeconds = 0 } = rules;
  if (closeAfterSeconds === undefined || attempt.askCount < CLOSE_AFTER_QUESTIONS) return false;
  const age = Math.max(closeAfterSeconds, patienceSeconds);
  if (isBefore(now, addSeconds(attempt.submittedAt, age))) return false;
  // A number that was sent again keeps its first time; its questions began anew with the last one.
  return secondsOfQuestions(attempt.askCount) >= age;
}

/** Seconds that have passed, at least, since the last sending when question `askCount` is due. */
function secondsOfQuestions(askCount: number): number {
  return ASK_DELAYS_SECONDS.slice(0, askCount).reduce((total, delay) => total + delay, 0);
}
