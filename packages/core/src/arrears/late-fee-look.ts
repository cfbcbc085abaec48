import { businessDate, instantAt } from '../calendar/business-time.ts';
import { addDays, daysIn, isDateBefore, overlapOf, type Period } from '../calendar/periods.ts';
import { bucketOf } from '../ids/ids.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { PendingLine } from '../invoice/pending-line.ts';
import { type Money, money, subtract, sum } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import type { LateFee, LateFeeEnd, LateFeeLine, LateFeeWaiver } from './late-fee.ts';
import { lateFeeEvent } from './late-fee-events.ts';
import type { LateFeeContext, LateFeeFacts } from './late-fee-facts.ts';
import { computeLateFee, type LateFeeFigure, type PrincipalPayment } from './late-fee-figure.ts';
import { makeLateFeeLines } from './late-fee-line.ts';
import { planTakeBack, type TakeBack } from './late-fee-take-back.ts';
import { goodwillWaiver } from './late-fee-waive.ts';

/** What a look comes to; saved together, but for `takeBack.credits`, which are credit notes. */
export type LateFeeLook = {
  readonly lateFee: LateFee;
  /** New ones; those that something was taken back of are in `takeBack`. */
  readonly charges: readonly LateFeeLine[];
  readonly pendingLines: readonly PendingLine[];
  readonly waivers: readonly LateFeeWaiver[];
  readonly takeBack: TakeBack;
  readonly events: readonly NewEvent[];
};

/** Days between two looks once nothing more can accrue: the invoice may still be voided. */
const DAYS_BETWEEN_CAPPED_LOOKS = 7;

/**
 * What today makes of an overdue invoice's late fee. It is charged once the invoice is paid, once
 * the cap is reached, and after every so many days in between; each day at most once. What was
 * charged beyond what is owed now (voided, credited, waived, stopped) is taken back. It ends when
 * the invoice is paid or void and nothing is left to do.
 */
export function decideLateFeeLook(facts: LateFeeFacts, context: LateFeeContext): LateFeeLook {
  const today = businessDate(context.now, context.zone);
  const figure = lateFeeFigureOf({ ...facts, zone: context.zone }, today);
  const given = goodwillOf(facts, figure, context);
  const waivers = [...facts.waivers, ...given];
  const charged = lateFeeCharged(facts.charges, facts.invoice);
  const owed = lateFeeOwed(figure, waivers, facts.invoice);
  const delta = subtract(owed, charged);
  const made =
    delta.minor > 0n && isChargeable(facts, figure)
      ? chargeFor(facts, { amount: delta, figure }, context)
      : NOTHING;
  const takeBack = planTakeBack(facts, money(delta.minor < 0n ? -delta.minor : 0n, owed.currency), {
    now: context.now,
    ids: context.ids,
  });
  const isWaivedWhole = waivers.some(isWhole);
  return {
    lateFee: { ...after(facts, { today, figure, isWaivedWhole }, context), ...made.through },
    charges: made.charges,
    pendingLines: [...made.pendingLines, ...takeBack.pendingLines],
    waivers: given,
    takeBack,
    events: [
      ...given.map((waiver) => lateFeeEvent(facts.lateFee, waivedData(waiver, owed), context)),
      ...made.events,
      ...(takeBack.amount.minor === 0n
        ? []
        : [
            lateFeeEvent(
              facts.lateFee,
              { type: 'late_fee.taken_back', amount: takeBack.amount },
              context,
            ),
          ]),
    ],
  };
}

/** The late fee as it stands at the end of `on`; undefined while nobody is late. */
export function lateFeeFigureOf(
  facts: Pick<LateFeeFacts, 'invoice' | 'since' | 'policy' | 'balanceUses' | 'disputes'> & {
    readonly lateFee: Pick<LateFee, 'stops'>;
    readonly zone: string;
  },
  on: Temporal.PlainDate,
): LateFeeFigure | undefined {
  const { invoice, since, policy, lateFee, balanceUses = [], disputes = [] } = facts;
  if (since === undefined) return undefined;
  const payments = principalPayments(invoice, facts.zone);
  return computeLateFee(
    { invoice, since, payments, balanceUses, stops: [...lateFee.stops, ...disputes] },
    policy,
    on,
  );
}

/** What was paid of an invoice, when: a payment pays it whole (payment/README.md). */
export function principalPayments(invoice: Invoice, zone: string): readonly PrincipalPayment[] {
  const { paidAt, total, state } = invoice;
  if (state !== 'paid' || paidAt === undefined) return [];
  return [{ on: businessDate(paidAt, zone), amount: total }];
}

/** What is owed of it after the waivers that were approved. */
export function lateFeeOwed(
  figure: LateFeeFigure | undefined,
  waivers: readonly LateFeeWaiver[],
  invoice: Invoice,
): Money {
  const { currency } = invoice.total;
  const nothing = money(0n, currency);
  if (figure === undefined || invoice.state === 'void') return nothing;
  const approved = waivers.filter(({ state }) => state === 'approved');
  if (approved.some(isWhole)) return nothing;
  const given = sum(
    approved.map(({ amount }) => amount ?? nothing),
    currency,
  );
  const left = subtract(figure.amount, given);
  return left.minor > 0n ? left : nothing;
}

/** What stands charged: what was charged less what was taken back. */
export function lateFeeCharged(charges: readonly LateFeeLine[], { total }: Invoice): Money {
  const left = charges.map(({ amount, takenBack }) => subtract(amount, takenBack));
  return sum(left, total.currency);
}

function isWhole({ amount, state }: LateFeeWaiver): boolean {
  return state === 'approved' && amount === undefined;
}

function waivedData(waiver: LateFeeWaiver, amount: Money) {
  return { type: 'late_fee.waived', amount: waiver.amount ?? amount } as const;
}

function goodwillOf(
  { lateFee, invoice, policy, waivers, charges, isFirst }: LateFeeFacts,
  figure: LateFeeFigure | undefined,
  context: LateFeeContext,
): readonly LateFeeWaiver[] {
  if (policy.goodwillMonths === undefined || !isFirst || figure === undefined) return [];
  if (figure.amount.minor === 0n || invoice.state === 'void') return [];
  if (waivers.length > 0 || charges.length > 0) return [];
  return [goodwillWaiver(lateFee, policy.goodwillMonths, context)];
}

function isChargeable(
  { invoice, lateFee, policy }: LateFeeFacts,
  figure: LateFeeFigure | undefined,
): boolean {
  if (figure === undefined || invoice.state === 'void') return false;
  if (invoice.state === 'paid' || figure.isCapped) return true;
  return countedDays(figure, lateFee.chargedThrough) >= policy.chargeEveryDays;
}

/** Days that count after `through`. */
function countedDays(figure: LateFeeFigure, through: Temporal.PlainDate | undefined): number {
  if (through === undefined) return figure.days;
  return figure.segments.reduce((total, { period }) => {
    const rest = overlapOf(period, { start: addDays(through, 1), end: period.end });
    return total + (rest === undefined ? 0 : daysIn(rest));
  }, 0);
}

type Made = {
  readonly charges: readonly LateFeeLine[];
  readonly pendingLines: readonly PendingLine[];
  readonly events: readonly NewEvent[];
  readonly through?: { readonly chargedThrough: Temporal.PlainDate };
};
const NOTHING: Made = { charges: [], pendingLines: [], events: [] };

function chargeFor(
  { lateFee, invoice, policy }: LateFeeFacts,
  { amount, figure }: { readonly amount: Money; readonly figure: LateFeeFigure | undefined },
  context: LateFeeContext,
): Made {
  const last = figure?.segments.at(-1);
  if (figure === undefined || last === undefined) return NOTHING;
  const { chargedThrough } = lateFee;
  const start = chargedThrough === undefined ? figure.firstDay : addDays(chargedThrough, 1);
  const period: Period = { start, end: last.period.end };
  // A day that was charged for is never charged again, whatever is owed now.
  if (!isDateBefore(period.start, period.end)) return NOTHING;
  const lastDay = period.end.subtract({ days: 1 });
  const daysCounted = countedDays(figure, chargedThrough);
  const lines = makeLateFeeLines(invoice, amount, { period, daysCounted, figure, policy });
  const pendingLines = lines.map((line): PendingLine => {
    const { merchantId, customerId } = invoice;
    return {
      id: context.ids('pli', bucketOf(invoice.id)),
      merchantId,
      customerId,
      subscriptionId: line.subscriptionId,
      state: 'pending',
      notBefore: businessDate(context.now, context.zone),
      line,
      createdAt: context.now,
    };
  });
  const charges = pendingLines.map(
    ({ id, line }, index): LateFeeLine => ({
      lateFeeId: lateFee.id,
      firstDay: period.start,
      lastDay,
      part: index + 1,
      pendingLineId: id,
      amount: line.amount,
      takenBack: money(0n, line.amount.currency),
    }),
  );
  if (charges.length === 0) return NOTHING;
  const event = lateFeeEvent(lateFee, { type: 'late_fee.charged', amount, daysCounted }, context);
  return { charges, pendingLines, events: [event], through: { chargedThrough: lastDay } };
}

/** Where it stands after the look: ended, or with the day of the next one. */
function after(
  { lateFee, invoice }: LateFeeFacts,
  about: {
    readonly today: Temporal.PlainDate;
    readonly figure: LateFeeFigure | undefined;
    readonly isWaivedWhole: boolean;
  },
  { zone }: LateFeeContext,
): LateFee {
  const { lookAt: _lookAt, endedFor: _endedFor, ...rest } = lateFee;
  const end = endOf(invoice, about.isWaivedWhole);
  if (end !== undefined) return { ...rest, state: 'ended', endedFor: end };
  const days = about.figure?.isCapped === true ? DAYS_BETWEEN_CAPPED_LOOKS : 1;
  const next = addDays(about.today, days);
  return { ...rest, state: 'watched', lookAt: instantAt(next, MIDNIGHT, zone) };
}

function endOf({ state }: Invoice, isWaivedWhole: boolean): LateFeeEnd | undefined {
  if (state === 'void') return 'void';
  if (isWaivedWhole) return 'waived';
  return state === 'paid' ? 'paid' : undefined;
}

const MIDNIGHT = Temporal.PlainTime.from('00:00');
