import { addSeconds, businessDate, instantAt, isBefore } from '../calendar/business-time.ts';
import type { Customer } from '../customer/customer.ts';
import { issueAt, type Timetable } from '../subscription/timetable.ts';
import { NOTICE_DELIVERY_SECONDS, noticeDays } from './gate.ts';
import { type DebitNotice, isDebitNotice, type Notice } from './notice.ts';
import type { NoticeRules } from './rules.ts';

type QuietRules = Pick<NoticeRules, 'quietFrom' | 'quietUntil'>;

/** Whose day the quiet hours are of; the merchant's where the customer's is not known. */
export type QuietQuestion = {
  readonly customer: Customer;
  readonly rules: QuietRules;
  /** The merchant's zone: its business dates count days of notice. */
  readonly zone: string;
};

/**
 * The quiet hours around an instant: when they began and when they end. Undefined outside them. The
 * hours pass midnight where they end before they begin; they are empty where both are the same.
 */
export function quietHoursAt(
  instant: Temporal.Instant,
  { customer, rules, zone }: QuietQuestion,
): { readonly from: Temporal.Instant; readonly until: Temporal.Instant } | undefined {
  const wanted = customer.noticePreferences;
  const from = wanted?.quietFrom ?? rules.quietFrom;
  const until = wanted?.quietUntil ?? rules.quietUntil;
  if (from.equals(until)) return undefined;
  const home = wanted?.zone ?? zone;
  const today = businessDate(instant, home);
  const passesMidnight = Temporal.PlainTime.compare(from, until) > 0;
  for (const begins of [today, today.subtract({ days: 1 })]) {
    const start = instantAt(begins, from, home);
    const end = instantAt(passesMidnight ? begins.add({ days: 1 }) : begins, until, home);
    if (!isBefore(instant, start) && isBefore(instant, end)) return { from: start, until: end };
  }
  return undefined;
}

/**
 * When a message that is due now may leave: undefined is now. It waits for the morning in quiet
 * hours, but a notice before a debit that would lose its lead by waiting goes at once: the law's
 * days come before the night's rest.
 */
export function waitForMorning(
  notice: Notice,
  question: QuietQuestion & {
    readonly now: Temporal.Instant;
    readonly timetable: Timetable;
    readonly noticeDays?: number | undefined;
  },
): Temporal.Instant | undefined {
  const quiet = quietHoursAt(question.now, question);
  if (quiet === undefined) return undefined;
  if (!isDebitNotice(notice)) return quiet.until;
  return keepsLead(notice, quiet.until, question) ? quiet.until : undefined;
}

function keepsLead(
  notice: DebitNotice,
  leavesAt: Temporal.Instant,
  question: {
    readonly zone: string;
    readonly timetable: Timetable;
    readonly noticeDays?: number | undefined;
  },
): boolean {
  const delivered = addSeconds(leavesAt, NOTICE_DELIVERY_SECONDS);
  if (notice.purpose === 'retry') {
    const latest = instantAt(
      notice.collectDate,
      question.timetable.retryTime,
      question.zone,
    ).subtract({ seconds: question.timetable.retryLeadSeconds });
    return !isBefore(latest, delivered);
  }
  const earliest = businessDate(delivered, question.zone).add({ days: noticeDays(question) });
  return Temporal.PlainDate.compare(earliest, notice.collectDate) <= 0;
}

/**
 * When the invoice of a customer with wishes of its own is issued, so that its notice is neither
 * late nor sent at night: its extra days earlier, and before quiet hours that would take the notice
 * into another day. Never later than without the wishes.
 */
export function issueAtFor(
  dueDate: Temporal.PlainDate,
  timetable: Timetable,
  question: QuietQuestion,
): Temporal.Instant {
  const extra = question.customer.noticePreferences?.extraDays ?? 0;
  const noticeDaysBefore = timetable.noticeDaysBefore + extra;
  const usual = issueAt(dueDate, { ...timetable, noticeDaysBefore }, question.zone);
  const quiet = quietHoursAt(usual, question);
  if (quiet === undefined) return usual;
  const delivered = addSeconds(quiet.until, NOTICE_DELIVERY_SECONDS);
  const day = businessDate(usual, question.zone);
  if (Temporal.PlainDate.compare(businessDate(delivered, question.zone), day) <= 0) return usual;
  return quiet.from.subtract({ seconds: NOTICE_DELIVERY_SECONDS });
}
