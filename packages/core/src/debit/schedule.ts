import { businessDate, instantAt, laterOf } from '../calendar/business-time.ts';
import { laterDate } from '../calendar/periods.ts';
import { nextInside } from '../calendar/windows.ts';
import type { Customer } from '../customer/customer.ts';
import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import { amountDue, type Invoice } from '../invoice/invoice.ts';
import type { Mandate, RailId } from '../mandate/mandate.ts';
import { add, type Money } from '../money/money.ts';
import { checkAnnouncement, earliestRenewalDate } from '../notice/gate.ts';
import type { DebitNotice } from '../notice/notice.ts';
import { planNotice } from '../notice/plan.ts';
import type { NewEvent } from '../result/event.ts';
import { invariant } from '../result/invariant.ts';
import type { Timetable } from '../subscription/timetable.ts';
import type { AmountGuard } from './amount-guard.ts';
import { isExemptFromAnnouncement } from './announcement.ts';
import type { RailCapabilities } from './capabilities.ts';
import type { Debit } from './debit.ts';
import { debitEvent } from './events.ts';
import { fitToPlan } from './planned-date.ts';
import { debitRefusal } from './refusals.ts';

export type ScheduleContext = {
  readonly capabilities: RailCapabilities;
  /** What every rail of the merchant can do, for a debit that moves to another method. */
  readonly capabilitiesOf?: (rail: RailId) => RailCapabilities | undefined;
  /** When a person looks at an amount first; absent: never. */
  readonly amountGuard?: AmountGuard;
  readonly timetable: Timetable;
  readonly zone: string;
  readonly now: Temporal.Instant;
  readonly ids: IdSource;
};

export type ScheduleDecision = {
  readonly debit: Debit;
  /** Absent while the rail is asked for another planned date: no notice names a date before. */
  readonly notice?: DebitNotice;
  readonly events: readonly NewEvent[];
};

/**
 * The debit that collects these invoices (one customer, one due date: they combine, as rails allow
 * one success a day) and the notice that must be delivered first. Invoices that were issued late
 * get a later date, so that the notice keeps its days and the rail's announcement has its room; and
 * where the rail keeps a planned date that this one is beyond, the rail is asked for another first.
 */
export function decideSchedule(
  invoices: readonly Invoice[],
  parties: { readonly customer: Customer; readonly mandate: Mandate },
  context: ScheduleContext,
): ScheduleDecision {
  const [first] = invoices;
  invariant(
    first !== undefined && invoices.every(({ dueDate }) => dueDate.equals(first.dueDate)),
    'a debit collects open invoices of one due date',
  );
  return scheduleTogether(invoices, parties, context);
}

/** The same for what is left of a debit of arrears: its due date is the latest of theirs. */
export function scheduleTogether(
  invoices: readonly Invoice[],
  parties: { readonly customer: Customer; readonly mandate: Mandate },
  context: ScheduleContext,
): ScheduleDecision {
  const [first] = invoices;
  invariant(first !== undefined, 'a debit has at least one invoice');
  invariant(
    invoices.every((invoice) => invoice.state === 'open'),
    'a debit collects open invoices',
  );
  const amount = invoices
    .slice(1)
    .reduce((total: Money, invoice) => add(total, amountDue(invoice)), amountDue(first));
  const { mandate } = parties;
  const dueDate = invoices.map((one) => one.dueDate).reduce(laterDate);
  const { place, isPlanLate } = placeFirst(dueDate, { mandate, amount }, context);
  const debit: Debit = {
    id: context.ids('dbt', bucketOf(parties.customer.id)),
    merchantId: first.merchantId,
    customerId: first.customerId,
    mandateId: parties.mandate.id,
    rail: parties.mandate.rail,
    state: 'scheduled',
    amount,
    invoiceIds: invoices.map((invoice) => invoice.id),
    dueDate,
    ...place,
    attemptCount: 0,
    createdAt: context.now,
  };
  if (isPlanLate) {
    const waiting = awaitPlan(debit, context);
    const reason = debitRefusal('planned_date_moving').code;
    return {
      debit: waiting,
      events: [debitEvent(waiting, { type: 'debit.blocked', reason }, context)],
    };
  }
  const notice = planNotice(
    { purpose: 'renewal', amount, collectDate: debit.collectDate, dueAt: context.now },
    { customer: parties.customer, debitId: debit.id },
    context,
  );
  return { debit, notice, events: [debitEvent(debit, { type: 'debit.scheduled' }, context)] };
}

/** The day of a debit that nobody was told of yet. */
function placeFirst(
  dueDate: Temporal.PlainDate,
  about: { readonly mandate: Mandate; readonly amount: Money },
  context: ScheduleContext,
) {
  const told = earliestRenewalDate(context.now, leadRule(context));
  const question = { time: context.timetable.collectTime, notices: [], ...about };
  const place = placeCollection(laterDate(dueDate, told), question, context);
  const fit = fitToPlan(about.mandate, place.collectDate, context.capabilities.plannedDate);
  if (fit.kind === 'fits') return { place, isPlanLate: false };
  if (fit.kind === 'too_late') return { place, isPlanLate: true };
  return { place: placeCollection(fit.from, question, context), isPlanLate: false };
}

/** The days of notice that count here: the law's, the merchant's and the rail's. */
export function leadRule(context: ScheduleContext) {
  const { zone, timetable, capabilities } = context;
  return { zone, timetable, noticeDays: capabilities.noticeDays };
}

/** The debit while the rail is asked for another planned date; due at once for that step only. */
export function awaitPlan(debit: Debit, context: ScheduleContext): Debit {
  const { announceAt: _later, ...rest } = debit;
  const { code } = debitRefusal('planned_date_moving');
  return { ...rest, state: 'scheduled', collectAt: context.now, blockedBy: code };
}

/**
 * The first date from `earliest` on that the rail can take, at `time` or in its first hours after
 * it. Where the rail wants an announcement and none covers the date, the date leaves room to make
 * one: `announceAt` says when.
 */
export function placeCollection(
  earliest: Temporal.PlainDate,
  about: {
    readonly time: Temporal.PlainTime;
    readonly amount: Money;
    readonly notices: readonly DebitNotice[];
    readonly mandate?: Mandate;
  },
  context: ScheduleContext,
): Pick<Debit, 'collectAt' | 'collectDate' | 'announceAt'> {
  const place = collectOn(earliest, about.time, context);
  const { announcement } = context.capabilities;
  if (announcement === undefined || isAnnounced(place.collectDate, about)) return place;
  const { mandate, notices } = about;
  if (
    mandate !== undefined &&
    isExemptFromAnnouncement({ mandate, notices }, announcement, place.collectAt)
  ) {
    return place;
  }
  const announceDay = businessDate(nextInside(announcement.window, context.now), context.zone);
  const soonest = announceDay.add({ days: announcement.leadDays });
  const later = collectOn(laterDate(earliest, soonest), about.time, context);
  if (isAnnounced(later.collectDate, about)) return later;
  const day = later.collectDate.subtract({ days: announcement.leadDays });
  const planned = instantAt(day, context.timetable.announceTime, context.zone);
  return { ...later, announceAt: nextInside(announcement.window, laterOf(planned, context.now)) };
}

/** The date is the one of the instant: a time outside the rail's hours may move it by a day. */
function collectOn(
  date: Temporal.PlainDate,
  time: Temporal.PlainTime,
  context: ScheduleContext,
): Pick<Debit, 'collectAt' | 'collectDate'> {
  const wanted = instantAt(date, time, context.zone);
  const window = context.capabilities.submitWindow;
  const collectAt = window === undefined ? wanted : nextInside(window, wanted);
  return { collectAt, collectDate: businessDate(collectAt, context.zone) };
}

function isAnnounced(
  collectDate: Temporal.PlainDate,
  about: { readonly amount: Money; readonly notices: readonly DebitNotice[] },
): boolean {
  return checkAnnouncement({ notices: about.notices, amount: about.amount, collectDate }).ok;
}
