import { addSeconds, businessDate, isBefore } from '../calendar/business-time.ts';
import { compare, type Money } from '../money/money.ts';
import { ok, type Refusal, type Result, refuse } from '../result/result.ts';
import { noticeLeadDays, type Timetable } from '../subscription/timetable.ts';
import type { DebitNotice, DebitPurpose } from './notice.ts';

/** Seconds that a notice gets to be delivered, on top of its lead. */
export const NOTICE_DELIVERY_SECONDS = 30 * 60;

export type NoticeRefusalCode =
  | 'notice_missing'
  | 'renewal_notice_missing'
  | 'notice_not_delivered'
  | 'notice_failed'
  | 'notice_amount_too_low'
  | 'notice_too_late'
  | 'rail_announcement_missing'
  | 'outside_rail_window';
export type NoticeRefusal = Refusal<NoticeRefusalCode>;

const REFUSALS: Record<NoticeRefusalCode, { readonly sentence: string; readonly next: string }> = {
  notice_missing: {
    sentence: 'No notice of this debit names this date.',
    next: 'A notice with the amount and the new date is sent first.',
  },
  renewal_notice_missing: {
    sentence: 'No notice of this debit has reached the customer in the time that the law gives.',
    next: 'A renewal notice with a later date is sent first; a retry notice is not enough.',
  },
  notice_not_delivered: {
    sentence: 'The notice was sent but its delivery is not proved yet.',
    next: 'Wait for the delivery report; the debit leaves once it is here in time.',
  },
  notice_failed: {
    sentence: 'The notice could not be delivered.',
    next: 'Correct the customer’s address or phone, then send a new notice.',
  },
  notice_amount_too_low: {
    sentence: 'The amount is higher than the notice said.',
    next: 'A new notice with the higher amount is sent first.',
  },
  notice_too_late: {
    sentence: 'The notice was delivered too short a time before the debit.',
    next: 'The debit moves to a date that leaves the notice its time.',
  },
  rail_announcement_missing: {
    sentence: 'The rail wants its own announcement before a debit, and none was made.',
    next: 'The announcement is made first; the rail then opens its window.',
  },
  outside_rail_window: {
    sentence: 'The rail takes this debit only inside the window that it announced.',
    next: 'A new announcement opens a new window.',
  },
};

export function noticeRefusal(code: NoticeRefusalCode): NoticeRefusal {
  return { code, ...REFUSALS[code] };
}

export type GateQuestion = {
  readonly notices: readonly DebitNotice[];
  readonly amount: Money;
  readonly collectDate: Temporal.PlainDate;
  readonly now: Temporal.Instant;
  readonly zone: string;
  readonly timetable: Timetable;
  /** Notices of an earlier debit for the same invoices: they told the customer what is owed. */
  readonly earlier?: readonly DebitNotice[];
  /** Whole days of notice that the rail's rules want; the law and the timetable may want more. */
  readonly noticeDays?: number | undefined;
};

/** How near to passing a notice is; the nearest is what people are told. */
const NEARNESS: readonly NoticeRefusalCode[] = [
  'notice_missing',
  'notice_amount_too_low',
  'notice_failed',
  'renewal_notice_missing',
  'notice_too_late',
  'notice_not_delivered',
];

/**
 * Whether a debit of this amount may leave on this date (I7): some notice to the customer names the
 * date and at least the amount, and its delivery is proved in time. For a renewal that is five days
 * before (网络交易监督管理办法 Art. 18). For a retry it is the lead of the timetable, and only after
 * a renewal notice was in time for an earlier date. Gives the notice that lets it pass, or the
 * refusal nearest to passing; the order of the notices does not matter.
 */
export function checkNoticeGate(question: GateQuestion): Result<DebitNotice, NoticeRefusal> {
  let nearest: NoticeRefusalCode = 'notice_missing';
  for (const notice of question.notices) {
    if (notice.purpose === 'rail') continue;
    if (!notice.collectDate.equals(question.collectDate)) continue;
    const refused = whyNotPassed(notice, question);
    if (refused === undefined) return ok(notice);
    if (NEARNESS.indexOf(refused) > NEARNESS.indexOf(nearest)) nearest = refused;
  }
  return refuse(noticeRefusal(nearest));
}

/**
 * Whether a renewal notice of at least this amount ever reached the customer in the time that the
 * law gives for its own date. After that a missed day needs a retry notice only.
 */
export function hasLegalNotice(
  question: Pick<GateQuestion, 'notices' | 'amount' | 'earlier'> & LeadRule,
): boolean {
  return [...question.notices, ...(question.earlier ?? [])].some(
    (notice) =>
      notice.purpose === 'renewal' &&
      notice.state === 'delivered' &&
      notice.voidedAt === undefined &&
      compare(question.amount, notice.amount) <= 0 &&
      isRenewalInTime(notice, question),
  );
}

/** The first business date that a renewal notice sent `now` can name and be in time for. */
export function earliestRenewalDate(now: Temporal.Instant, rule: LeadRule): Temporal.PlainDate {
  const delivered = businessDate(addSeconds(now, NOTICE_DELIVERY_SECONDS), rule.zone);
  return delivered.add({ days: noticeDays(rule) });
}

/** From when on a retry notice that is sent `now` lets a debit pass. */
export function earliestRetryInstant(now: Temporal.Instant, timetable: Timetable) {
  return addSeconds(now, timetable.retryLeadSeconds + NOTICE_DELIVERY_SECONDS);
}

function whyNotPassed(notice: DebitNotice, question: GateQuestion): NoticeRefusalCode | undefined {
  if (compare(question.amount, notice.amount) > 0) return 'notice_amount_too_low';
  if (notice.voidedAt !== undefined) return 'notice_failed';
  switch (notice.state) {
    case 'planned':
    case 'sending':
    case 'sent':
      return 'notice_not_delivered';
    case 'failed':
      return 'notice_failed';
    case 'delivered':
      if (notice.purpose === 'retry') return whyRetryNotPassed(notice, question);
      return isRenewalInTime(notice, question) ? undefined : 'notice_too_late';
  }
}

function whyRetryNotPassed(
  notice: DebitNotice,
  question: GateQuestion,
): NoticeRefusalCode | undefined {
  if (!hasLegalNotice(question)) return 'renewal_notice_missing';
  if (notice.deliveredAt === undefined) return 'notice_not_delivered';
  const earliest = addSeconds(notice.deliveredAt, question.timetable.retryLeadSeconds);
  return isBefore(question.now, earliest) ? 'notice_too_late' : undefined;
}

/** What decides how many days a renewal notice needs. */
type LeadRule = Pick<GateQuestion, 'zone' | 'timetable' | 'noticeDays'>;

/** The law's days, the merchant's promise and the rail's rule: the most of them. */
export function noticeDays(rule: Pick<LeadRule, 'timetable' | 'noticeDays'>): number {
  return Math.max(noticeLeadDays(rule.timetable), rule.noticeDays ?? 0);
}

function isRenewalInTime(notice: DebitNotice, rule: LeadRule): boolean {
  if (notice.deliveredAt === undefined) return false;
  const delivered = businessDate(notice.deliveredAt, rule.zone);
  const earliest = delivered.add({ days: noticeDays(rule) });
  return Temporal.PlainDate.compare(earliest, notice.collectDate) <= 0;
}

/** Whether the rail's own announcement covers this date and amount, for rails that want one. */
export function checkAnnouncement(
  question: Pick<GateQuestion, 'notices' | 'amount' | 'collectDate'>,
): Result<DebitNotice, NoticeRefusal> {
  let nearest: NoticeRefusalCode = 'rail_announcement_missing';
  for (const notice of question.notices) {
    if (notice.purpose !== 'rail' || notice.state !== 'delivered') continue;
    if (notice.windowFrom === undefined || notice.windowUntil === undefined) continue;
    if (compare(question.amount, notice.amount) > 0) continue;
    const date = question.collectDate;
    const inside =
      Temporal.PlainDate.compare(date, notice.windowFrom) >= 0 &&
      Temporal.PlainDate.compare(date, notice.windowUntil) <= 0;
    if (inside) return ok(notice);
    nearest = 'outside_rail_window';
  }
  return refuse(noticeRefusal(nearest));
}

/** A notice to the customer about a debit; undefined channel means that nobody can be reached. */
export type NoticePlan = {
  readonly purpose: Exclude<DebitPurpose, 'rail'>;
  readonly amount: Money;
  readonly collectDate: Temporal.PlainDate;
  readonly dueAt: Temporal.Instant;
};
