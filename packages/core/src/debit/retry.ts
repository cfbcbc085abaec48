import { businessDate, instantAt, isBefore } from '../calendar/business-time.ts';
import { laterDate } from '../calendar/periods.ts';
import type { Customer } from '../customer/customer.ts';
import type { Mandate } from '../mandate/mandate.ts';
import { earliestRenewalDate, earliestRetryInstant, hasLegalNotice } from '../notice/gate.ts';
import type { DebitNotice } from '../notice/notice.ts';
import { planNotice } from '../notice/plan.ts';
import { unreachable } from '../result/invariant.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { RefusalClass } from './attempt.ts';
import type { Debit } from './debit.ts';
import { isNearPlannedDate } from './planned-date.ts';
import { type DebitRefusal, debitRefusal } from './refusals.ts';
import { leadRule, placeCollection, type ScheduleContext } from './schedule.ts';

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
 * A customer who was told in time before gets a retry notice and its lead; one who never was gets a
 * renewal notice with the days of the law. Refused where the rail takes no debit on that date: then
 * no notice is sent of a debit that could not happen.
 */
export function decideReschedule(
  debit: Debit,
  about: {
    readonly customer: Customer;
    readonly mandate: Mandate;
    readonly notices: readonly DebitNotice[];
    /** Notices of an earlier debit for the same invoices. */
    readonly earlier?: readonly DebitNotice[];
    /** The rail takes it from this date on only, as a budget is used up until then. */
    readonly notBefore?: Temporal.PlainDate;
  },
  context: ScheduleContext,
): Result<{ readonly debit: Debit; readonly notice: DebitNotice }, DebitRefusal> {
  const { timetable, now } = context;
  const { amount } = debit;
  const { notices, earlier = [] } = about;
  const wasTold = hasLegalNotice({ notices, earlier, amount, ...leadRule(context) });
  const time = wasTold ? timetable.retryTime : timetable.collectTime;
  const soonest = wasTold ? firstRetryDate(context) : earliestRenewalDate(now, leadRule(context));
  const earliest = laterDate(soonest, laterDate(debit.dueDate, about.notBefore ?? debit.dueDate));
  const place = placeCollection(earliest, { time, amount, notices }, context);
  const { collectDate } = place;
  const { plannedDate } = context.capabilities;
  if (plannedDate !== undefined && !isNearPlannedDate(about.mandate, collectDate, plannedDate)) {
    return refuse(debitRefusal('outside_planned_date'));
  }
  const { announceAt: _announced, blockedBy: _blocked, ...rest } = debit;
  const notice = planNotice(
    { purpose: wasTold ? 'retry' : 'renewal', amount, collectDate, dueAt: now },
    { customer: about.customer, debitId: debit.id },
    context,
  );
  return ok({ debit: { ...rest, state: 'scheduled', ...place }, notice });
}

/** The first business date whose retry hour leaves a retry notice its delivery and its lead. */
function firstRetryDate(context: ScheduleContext): Temporal.PlainDate {
  const { timetable, zone } = context;
  const earliest = earliestRetryInstant(context.now, timetable);
  const date = businessDate(earliest, zone);
  const isTooEarly = isBefore(instantAt(date, timetable.retryTime, zone), earliest);
  return isTooEarly ? date.add({ days: 1 }) : date;
}
