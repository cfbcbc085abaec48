import { laterDate } from '../calendar/periods.ts';
import type { Customer } from '../customer/customer.ts';
import type { AttemptState, RefusalClass } from '../debit/attempt.ts';
import type { RailCapabilities } from '../debit/capabilities.ts';
import type { Debit } from '../debit/debit.ts';
import { debitEvent } from '../debit/events.ts';
import { type PlacedAgain, placeAgain } from '../debit/routing.ts';
import type { ScheduleContext } from '../debit/schedule.ts';
import { bucketOf, type InvoiceId, type MandateId } from '../ids/ids.ts';
import { amountDue, type Invoice } from '../invoice/invoice.ts';
import { checkAuthority } from '../mandate/authority.ts';
import type { Mandate } from '../mandate/mandate.ts';
import { inOrder } from '../mandate/order.ts';
import { compare, sum } from '../money/money.ts';
import type { DebitNotice } from '../notice/notice.ts';
import type { NewEvent } from '../result/event.ts';
import { present } from '../result/invariant.ts';
import type { Campaign } from './campaign.ts';

/** One try at a rail for one of the invoices that are chased. */
export type Try = {
  readonly invoiceId: InvoiceId;
  readonly mandateId: MandateId;
  readonly state: AttemptState;
  readonly refusalClass?: RefusalClass;
  readonly at: Temporal.Instant;
};

/** What can be collected by which method. */
export type Collectable = { readonly mandate: Mandate; readonly invoices: readonly Invoice[] };

export type CollectQuestion = {
  /** Overdue ones that no debit holds and no pay link names, in any order. */
  readonly invoices: readonly Invoice[];
  readonly mandates: readonly Mandate[];
  readonly tries: readonly Try[];
  /** Tries by each mandate in the campaign's days, for whatever they were. */
  readonly triesBy: (mandate: MandateId) => number;
  readonly capabilitiesOf: (rail: string) => RailCapabilities | undefined;
  readonly debit: Campaign['debit'];
  readonly maxTries: number;
  /** Tries that one debit makes by itself. */
  readonly triesOfDebit: number;
};

/**
 * What one debit can collect now: by the customer's first method that has not refused for good, is
 * inside its budget and allows it, the oldest invoices first up to the mandate's cap (补缴). An
 * invoice takes part only while all tries of one more debit stay within the campaign's. Undefined:
 * nothing can be collected.
 */
export function chooseCollectable(question: CollectQuestion): Collectable | undefined {
  const { triesOfDebit, debit } = question;
  const open = question.invoices
    .filter(({ id }) => countTriesOf(question.tries, id) + triesOfDebit <= question.maxTries)
    .toSorted(oldestFirst);
  const usable = inOrder(question.mandates).filter((mandate) => isUsableMethod(mandate, question));
  for (const mandate of usable) {
    if (question.triesBy(mandate.id) + triesOfDebit > debit.budget.tries) continue;
    const invoices = upToCap(open, mandate);
    if (invoices.length > 0) return { mandate, invoices };
  }
  return undefined;
}

/** Tries of one invoice that count: all but numbers that the rail never saw. */
export function countTriesOf(tries: readonly Try[], invoice: InvoiceId): number {
  return tries.filter(({ invoiceId, state }) => invoiceId === invoice && state !== 'never_sent')
    .length;
}

/** Whether a method has refused these invoices in a way that no further try can help. */
export function isStopped(
  mandate: MandateId,
  tries: readonly Try[],
  stopAt: readonly RefusalClass[],
): boolean {
  return tries.some(
    (one) =>
      one.mandateId === mandate &&
      one.refusalClass !== undefined &&
      stopAt.includes(one.refusalClass),
  );
}

/** Methods that may be tried at all: whether some amount fits is asked later. */
export function isUsableMethod(mandate: Mandate, question: CollectQuestion): boolean {
  const { tries, debit } = question;
  if (mandate.state !== 'active' || mandate.railReference === undefined) return false;
  if (question.capabilitiesOf(mandate.rail) === undefined) return false;
  if (isStopped(mandate.id, tries, debit.stopAt)) return false;
  if (debit.otherMethods || tries.length === 0) return true;
  return tries.some(({ mandateId }) => mandateId === mandate.id);
}

function upToCap(oldest: readonly Invoice[], mandate: Mandate): readonly Invoice[] {
  const fitting = oldest.filter((invoice) => checkAuthority(mandate, amountDue(invoice)).ok);
  const taken: Invoice[] = [];
  for (const invoice of fitting) {
    const amounts = [...taken, invoice].map(amountDue);
    if (compare(sum(amounts, mandate.singleCap.currency), mandate.singleCap) > 0) break;
    taken.push(invoice);
  }
  return taken;
}

export function oldestFirst(a: Invoice, b: Invoice): number {
  const byDate = Temporal.PlainDate.compare(a.dueDate, b.dueDate);
  if (byDate !== 0) return byDate;
  return a.id < b.id ? -1 : 1;
}

/** A debit of arrears, and the notice that must be delivered before it leaves. */
export type CollectDecision = PlacedAgain & { readonly events: readonly NewEvent[] };

/**
 * The debit that collects these overdue invoices in one amount, from `notBefore` on, and the one
 * notice that names the sum. One invoice that the customer was told of in time before gets a retry
 * notice; a sum that nobody was told of gets a renewal notice with the days of the law. Undefined
 * where the rail has no date for it.
 */
export function decideCollectArrears(
  { mandate, invoices }: Collectable,
  about: {
    readonly customer: Customer;
    readonly notBefore?: Temporal.PlainDate;
    /** The first debit of the only invoice, with its notices, where there was one. */
    readonly first?: { readonly debit: Debit; readonly notices: readonly DebitNotice[] };
    /** Who asked for it by hand: the amount was looked at by a person then. */
    readonly by?: string;
  },
  context: ScheduleContext,
): CollectDecision | undefined {
  const { currency } = mandate.singleCap;
  const [oldest] = invoices.toSorted(oldestFirst);
  const first = invoices.length === 1 ? about.first : undefined;
  const debit: Debit = {
    id: context.ids('dbt', bucketOf(about.customer.id)),
    merchantId: about.customer.merchantId,
    customerId: about.customer.id,
    mandateId: mandate.id,
    rail: mandate.rail,
    state: 'scheduled',
    amount: sum(invoices.map(amountDue), currency),
    invoiceIds: invoices.map(({ id }) => id),
    dueDate: invoices.reduce(
      (latest, { dueDate }) => laterDate(latest, dueDate),
      present(oldest, 'a debit of arrears has an invoice').dueDate,
    ),
    collectAt: context.now,
    collectDate: context.now.toZonedDateTimeISO(context.zone).toPlainDate(),
    attemptCount: 0,
    ...(first === undefined ? {} : { movedFrom: first.debit.movedFrom ?? first.debit.id }),
    ...(about.by === undefined ? {} : { released: { by: about.by, at: context.now } }),
    createdAt: context.now,
  };
  const placed = placeAgain(
    debit,
    {
      customer: about.customer,
      mandate,
      notices: [],
      ...(first === undefined ? {} : { earlier: first.notices }),
      ...(about.notBefore === undefined ? {} : { notBefore: about.notBefore }),
    },
    context,
  );
  if (placed === undefined) return undefined;
  const { blockedBy: reason } = placed.debit;
  const isWaiting = placed.notice === undefined && reason !== undefined;
  const what = isWaiting
    ? { type: 'debit.blocked' as const, reason }
    : { type: 'debit.scheduled' as const };
  return { ...placed, events: [debitEvent(placed.debit, what, context)] };
}
