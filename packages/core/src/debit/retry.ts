import { addSeconds, businessDate, instantAt, isBefore } from '../calendar/business-time.ts';
import { nextInside } from '../calendar/windows.ts';
import type { Customer } from '../customer/customer.ts';
import type { Notice } from '../notice/notice.ts';
import { planNotice } from '../notice/plan.ts';
import { unreachable } from '../result/invariant.ts';
import type { RefusalClass } from './attempt.ts';
import type { Debit } from './debit.ts';
import { announcementOf, type ScheduleContext } from './schedule.ts';

/** Seconds that a retry notice gets to be delivered, on top of its lead. */
export const NOTICE_DELIVERY_SECONDS = 30 * 60;

/** Whether another try can help. A dead account or mandate is never hammered (rails.md §7). */
export function isWorthRetrying(refusal: RefusalClass): boolean {
  switch (refusal) {
    case 'funds':
    case 'limit':
    case 'technical':
    case 'reschedule':
      return true;
    case 'account':
    case 'mandate':
    case 'risk':
    case 'merchant_fault':
      return false;
    default:
      return unreachable(refusal);
  }
}

/**
 * The next date for a debit that was refused or missed its day, with the notice that must name it.
 * The first business date whose retry hour leaves the notice its lead. A rail window that is over
 * by then is announced again.
 */
export function decideReschedule(
  debit: Debit,
  about: { readonly customer: Customer; readonly notices: readonly Notice[] },
  context: ScheduleContext,
): { readonly debit: Debit; readonly notice: Notice } {
  const { timetable, zone, now } = context;
  const lead = addSeconds(now, timetable.retryLeadSeconds + NOTICE_DELIVERY_SECONDS);
  let collectDate = businessDate(lead, zone);
  let collectAt = instantAt(collectDate, timetable.retryTime, zone);
  if (isBefore(collectAt, lead)) {
    collectDate = collectDate.add({ days: 1 });
    collectAt = instantAt(collectDate, timetable.retryTime, zone);
  }
  const covered = isCovered(collectDate, about.notices, context);
  if (!covered) {
    const announcement = context.capabilities.announcement;
    const soonest = businessDate(now, zone).add({ days: announcement?.leadDays ?? 0 });
    if (Temporal.PlainDate.compare(collectDate, soonest) < 0) collectDate = soonest;
    collectAt = instantAt(collectDate, timetable.retryTime, zone);
  }
  const window = context.capabilities.submitWindow;
  const { announceAt: _announced, blockedBy: _blocked, ...rest } = debit;
  const rescheduled: Debit = {
    ...rest,
    state: 'scheduled',
    collectDate,
    collectAt: window === undefined ? collectAt : nextInside(window, collectAt),
    ...(covered ? {} : announcementOf(collectDate, context)),
  };
  const notice = planNotice(
    { purpose: 'retry', amount: debit.amount, collectDate, dueAt: now },
    { customer: about.customer, debitId: debit.id },
    context,
  );
  return { debit: rescheduled, notice };
}

function isCovered(
  date: Temporal.PlainDate,
  notices: readonly Notice[],
  context: ScheduleContext,
): boolean {
  if (context.capabilities.announcement === undefined) return true;
  return notices.some(
    (notice) =>
      notice.purpose === 'rail' &&
      notice.windowFrom !== undefined &&
      notice.windowUntil !== undefined &&
      Temporal.PlainDate.compare(date, notice.windowFrom) >= 0 &&
      Temporal.PlainDate.compare(date, notice.windowUntil) <= 0,
  );
}
