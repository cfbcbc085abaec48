import { instantAt } from '../calendar/business-time.ts';
import { addDays } from '../calendar/periods.ts';

/**
 * The days and hours of a renewal around its due date T (DESIGN §9). Configurable, never below the
 * law: a renewal is announced five days before (网络交易监督管理办法 Art. 18).
 */
export type Timetable = {
  readonly draftDaysBefore: number;
  readonly draftTime: Temporal.PlainTime;
  readonly noticeDaysBefore: number;
  readonly noticeTime: Temporal.PlainTime;
  /** The rail's own announcement is made at this time of its day. */
  readonly announceTime: Temporal.PlainTime;
  readonly collectTime: Temporal.PlainTime;
  /** A retry is collected at this time of its day. */
  readonly retryTime: Temporal.PlainTime;
  /** Seconds between the delivery of a retry notice and the next attempt, at least. */
  readonly retryLeadSeconds: number;
  /** Attempts that reached a definite end before the debit counts as failed. */
  readonly maxAttempts: number;
  /** Days after a boundary for which usage may come late before it is billed. */
  readonly arrearsGraceDays: number;
};

/** The fewest days before a renewal on which its notice may be delivered. */
export const LEGAL_NOTICE_DAYS = 5;

export const DEFAULT_TIMETABLE: Timetable = {
  draftDaysBefore: 8,
  draftTime: Temporal.PlainTime.from('08:00'),
  noticeDaysBefore: LEGAL_NOTICE_DAYS,
  noticeTime: Temporal.PlainTime.from('09:00'),
  announceTime: Temporal.PlainTime.from('10:00'),
  collectTime: Temporal.PlainTime.from('07:30'),
  retryTime: Temporal.PlainTime.from('10:00'),
  retryLeadSeconds: 24 * 60 * 60,
  maxAttempts: 2,
  arrearsGraceDays: 1,
};

/**
 * Whole days between the delivery of a renewal's notice and its debit, at least: what the merchant
 * promises, and never less than the law.
 */
export function noticeLeadDays(timetable: Timetable): number {
  return Math.max(timetable.noticeDaysBefore, LEGAL_NOTICE_DAYS);
}

/** When the invoice of a period that starts on `dueDate` is drafted: T−8. */
export function draftAt(
  dueDate: Temporal.PlainDate,
  timetable: Timetable,
  zone: string,
): Temporal.Instant {
  return instantAt(addDays(dueDate, -timetable.draftDaysBefore), timetable.draftTime, zone);
}

/** When the draft is issued and its notice is due: T−5, never later than the law allows. */
export function issueAt(
  dueDate: Temporal.PlainDate,
  timetable: Timetable,
  zone: string,
): Temporal.Instant {
  const day = addDays(dueDate, -noticeLeadDays(timetable));
  return instantAt(day, timetable.noticeTime, zone);
}
