import { instantAt, laterOf } from '../calendar/business-time.ts';
import { nextInside } from '../calendar/windows.ts';
import type { Customer } from '../customer/customer.ts';
import { bucketOf } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { Mandate } from '../mandate/mandate.ts';
import { add, type Money } from '../money/money.ts';
import type { Notice } from '../notice/notice.ts';
import { planNotice } from '../notice/plan.ts';
import type { NewEvent } from '../result/event.ts';
import { invariant } from '../result/invariant.ts';
import type { Timetable } from '../subscription/timetable.ts';
import type { RailCapabilities } from './capabilities.ts';
import type { Debit } from './debit.ts';

export type ScheduleContext = {
  readonly capabilities: RailCapabilities;
  readonly timetable: Timetable;
  readonly zone: string;
  readonly now: Temporal.Instant;
  readonly ids: IdSource;
};

export type ScheduleDecision = {
  readonly debit: Debit;
  readonly notice: Notice;
  readonly events: readonly NewEvent[];
};

/**
 * The debit that collects these invoices (one customer, one due date: they combine, as rails allow
 * one success a day) and the notice that must be delivered first. Invoices that were issued late
 * get a later date, so that the notice keeps its days.
 */
export function decideSchedule(
  invoices: readonly Invoice[],
  parties: { readonly customer: Customer; readonly mandate: Mandate },
  context: ScheduleContext,
): ScheduleDecision {
  const [first] = invoices;
  invariant(first !== undefined, 'a debit has at least one invoice');
  invariant(
    invoices.every((invoice) => invoice.state === 'open' && invoice.dueDate.equals(first.dueDate)),
    'a debit collects open invoices of one due date',
  );
  const amount = invoices
    .slice(1)
    .reduce((total: Money, invoice) => add(total, invoice.total), first.total);
  const collectDate = firstCollectDate(first.dueDate, context);
  const collectAt = collectInstant(collectDate, context);
  const debit: Debit = {
    id: context.ids('dbt', bucketOf(parties.customer.id)),
    merchantId: first.merchantId,
    customerId: first.customerId,
    mandateId: parties.mandate.id,
    rail: parties.mandate.rail,
    state: 'scheduled',
    amount,
    invoiceIds: invoices.map((invoice) => invoice.id),
    dueDate: first.dueDate,
    collectAt,
    collectDate,
    ...announcementOf(collectDate, context),
    attemptCount: 0,
    createdAt: context.now,
  };
  const notice = planNotice(
    { purpose: 'renewal', amount, collectDate, dueAt: context.now },
    { customer: parties.customer, debitId: debit.id },
    context,
  );
  return { debit, notice, events: [scheduledEvent(debit, 'debit.scheduled', context)] };
}

/** When the rail's own announcement of a debit on `collectDate` is due, where the rail has one. */
export function announcementOf(
  collectDate: Temporal.PlainDate,
  context: Pick<ScheduleContext, 'capabilities' | 'timetable' | 'zone' | 'now'>,
): { readonly announceAt?: Temporal.Instant } {
  const announcement = context.capabilities.announcement;
  if (announcement === undefined) return {};
  const day = collectDate.subtract({ days: announcement.leadDays });
  const planned = instantAt(day, context.timetable.announceTime, context.zone);
  return { announceAt: nextInside(announcement.window, laterOf(planned, context.now)) };
}

export function scheduledEvent(
  debit: Debit,
  type: 'debit.scheduled' | 'debit.retry_scheduled',
  context: { readonly now: Temporal.Instant; readonly ids: IdSource },
): NewEvent {
  return {
    id: context.ids('evt', bucketOf(debit.id)),
    merchantId: debit.merchantId,
    customerId: debit.customerId,
    type,
    subjectId: debit.id,
    at: context.now,
    data: {
      minor: debit.amount.minor.toString(),
      collect_date: debit.collectDate.toString(),
      rail: debit.rail,
    },
  };
}

function collectInstant(date: Temporal.PlainDate, context: ScheduleContext): Temporal.Instant {
  const instant = instantAt(date, context.timetable.collectTime, context.zone);
  const window = context.capabilities.submitWindow;
  return window === undefined ? instant : nextInside(window, instant);
}

function firstCollectDate(dueDate: Temporal.PlainDate, context: ScheduleContext) {
  const today = context.now.toZonedDateTimeISO(context.zone).toPlainDate();
  const earliest = today.add({ days: context.timetable.noticeDaysBefore });
  return Temporal.PlainDate.compare(dueDate, earliest) < 0 ? earliest : dueDate;
}
