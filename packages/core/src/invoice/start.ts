import { clampToBillingDay, firstBillingDate } from '../calendar/billing-day.ts';
import { businessDate } from '../calendar/business-time.ts';
import { calendarAnchor } from '../calendar/local-time.ts';
import { countsDays, type Interval, isDateBefore, periodBoundary } from '../calendar/periods.ts';
import { bucketOf, type CustomerId, type MerchantId, type PlanId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { NewItem } from '../subscription/change.ts';
import { checkNewItem, makeItem } from '../subscription/new-item.ts';
import { nextBillAt, type Prices } from '../subscription/next-period.ts';
import { type SubscriptionRefusal, subscriptionRefusal } from '../subscription/refusals.ts';
import type {
  CollectionMethod,
  Contract,
  Subscription,
  SubscriptionItem,
} from '../subscription/subscription.ts';
import type { Timetable } from '../subscription/timetable.ts';
import { toPending } from './change.ts';
import { billingEvent } from './draft.ts';
import { instalmentLines } from './instalments.ts';
import type { PendingLine } from './pending-line.ts';

/**
 * Where the boundaries of a new subscription lie: on the first charged day; on a day of the month
 * (31 is the last day of a shorter one); on the first day of the calendar's weeks, months or years;
 * on a given day, such as the day on which the customer's other subscriptions expire (统一到期日).
 */
export type BoundaryChoice =
  | { readonly at: 'start' }
  | { readonly at: 'billing_day'; readonly day: number }
  | { readonly at: 'calendar' }
  | { readonly at: 'date'; readonly date: Temporal.PlainDate };

/**
 * Billing periods of the past that one start may bill: each is a draft of its own, and thousands
 * of them would hold up the run of drafts that bills everybody else.
 */
export const BACKDATED_PERIODS_MAX = 400;

export type Trial = { readonly days: number } | { readonly endsOn: Temporal.PlainDate };

export type StartCommand = {
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly beneficiaryId?: CustomerId;
  readonly planId: PlanId;
  readonly items: readonly NewItem[];
  readonly interval: Interval;
  /** The first day of service; a period back at most, unless it is meant to be backdated. */
  readonly startsOn: Temporal.PlainDate;
  readonly endsOn?: Temporal.PlainDate;
  readonly boundaries: BoundaryChoice;
  readonly trial?: Trial;
  readonly contract?: Contract;
  readonly autoRenew: boolean;
  readonly collection: CollectionMethod;
  readonly paymentMethodLabel: string;
  readonly backdated?: boolean;
};

export type StartContext = {
  readonly prices: Prices;
  readonly timetable: Timetable;
  readonly zone: string;
  readonly now: Temporal.Instant;
  readonly ids: IdSource;
};

export type StartDecision = {
  readonly subscription: Subscription;
  /** What is billed once: whole with the first invoice, or in parts with the next ones. */
  readonly pendingLines: readonly PendingLine[];
  /** The first day that is charged; with `decideDraft` it tells the first amount on day one. */
  readonly firstChargeOn: Temporal.PlainDate;
  readonly events: readonly NewEvent[];
};

/**
 * A new subscription, or the first thing in the command that cannot be sold so. Service before the
 * first boundary is a short first period. A trial is free; charging starts on the day after it,
 * which by default is a boundary. The first invoice is due on the first charged day, and drafted at
 * once when that is near.
 */
export function decideStart(
  command: StartCommand,
  context: StartContext,
): Result<StartDecision, SubscriptionRefusal> {
  const refused = checkDates(command, context);
  if (refused !== undefined) return refuse(refused);
  const id = context.ids('sub', bucketOf(command.customerId));
  const items = makeItems(command, { ...context, id });
  if (!items.ok) return items;
  const trialEndsOn = trialEnd(command);
  const firstChargeOn = trialEndsOn ?? command.startsOn;
  const { beneficiaryId, contract, endsOn } = command;
  const made: Subscription = {
    id,
    merchantId: command.merchantId,
    customerId: command.customerId,
    ...(beneficiaryId === undefined ? {} : { beneficiaryId }),
    planId: command.planId,
    state: 'active',
    anchor: anchorOf(command, firstChargeOn),
    interval: command.interval,
    startsOn: command.startsOn,
    ...(endsOn === undefined ? {} : { endsOn }),
    ...(trialEndsOn === undefined ? {} : { trialEndsOn }),
    pauses: [],
    autoRenew: command.autoRenew,
    ...(contract === undefined ? {} : { contract }),
    billedThrough: firstChargeOn,
    arrearsThrough: firstChargeOn,
    nextBillAt: context.now,
    collection: command.collection,
    paymentMethodLabel: command.paymentMethodLabel,
    items: items.value,
    createdAt: context.now,
  };
  const subscription = { ...made, nextBillAt: nextBillAt(made, context.prices, context) };
  const about = { on: firstChargeOn, prices: context.prices };
  const waiting = instalmentLines(subscription, command.items, about);
  const data = {
    starts_on: command.startsOn.toString(),
    first_charge_on: firstChargeOn.toString(),
  };
  return ok({
    subscription,
    pendingLines: waiting.map((row) => toPending(row, subscription, context)),
    firstChargeOn,
    events: [billingEvent(subscription, { type: 'subscription.started', data }, context)],
  });
}

/** The day from which all boundaries of a new subscription are computed. */
export function anchorOf(
  { boundaries, interval }: Pick<StartCommand, 'boundaries' | 'interval'>,
  firstChargeOn: Temporal.PlainDate,
): Temporal.PlainDate {
  switch (boundaries.at) {
    case 'start':
      return firstChargeOn;
    case 'date':
      return boundaries.date;
    case 'calendar':
      return calendarAnchor(interval, firstChargeOn);
    case 'billing_day': {
      if (countsDays(interval)) return firstChargeOn;
      const first = firstBillingDate(firstChargeOn, interval, boundaries.day);
      return wholeBillingDay(first, interval, boundaries.day);
    }
  }
}

/**
 * A boundary whose month is long enough for the billing day: from 28 February the 31st would be
 * lost. A day that no boundary's month has (31 in February, by the year) stays clamped.
 */
function wholeBillingDay(
  first: Temporal.PlainDate,
  interval: Interval,
  billingDay: number,
): Temporal.PlainDate {
  for (let step = 0; step < 12; step += 1) {
    const boundary = periodBoundary(first, interval, step);
    const whole = clampToBillingDay(boundary, billingDay);
    if (whole.day === billingDay) return whole;
  }
  return first;
}

function checkDates(command: StartCommand, context: StartContext): SubscriptionRefusal | undefined {
  const { boundaries, startsOn, endsOn, contract, interval } = command;
  if (boundaries.at === 'billing_day') {
    const { day } = boundaries;
    if (!Number.isInteger(day) || day < 1 || day > 31) {
      return subscriptionRefusal('billing_day_out_of_range', 'boundaries.day');
    }
  }
  if (endsOn !== undefined && !isDateBefore(startsOn, endsOn)) {
    return subscriptionRefusal('end_before_start', 'endsOn');
  }
  if (contract !== undefined && !isDateBefore(contract.start, contract.end)) {
    return subscriptionRefusal('contract_ends_before_it_starts', 'contract.end');
  }
  const trialEndsOn = trialEnd(command);
  if (trialEndsOn !== undefined && isDateBefore(trialEndsOn, startsOn)) {
    return subscriptionRefusal('trial_ends_before_start', 'trial');
  }
  const today = businessDate(context.now, context.zone);
  if (isDateBefore(startsOn, periodBoundary(today, interval, -BACKDATED_PERIODS_MAX))) {
    return subscriptionRefusal('start_beyond_backdating', 'startsOn');
  }
  const isFarBack = isDateBefore(startsOn, periodBoundary(today, interval, -1));
  return isFarBack && command.backdated !== true
    ? subscriptionRefusal('start_too_far_back', 'startsOn')
    : undefined;
}

function makeItems(
  command: StartCommand,
  context: StartContext & { readonly id: Subscription['id'] },
): Result<readonly SubscriptionItem[], SubscriptionRefusal> {
  if (command.items.length === 0) return refuse(subscriptionRefusal('no_items', 'items'));
  const items: SubscriptionItem[] = [];
  let currency: Parameters<typeof checkNewItem>[1]['currency'];
  for (const [index, wanted] of command.items.entries()) {
    const checked = checkNewItem(wanted, {
      subscription: command,
      prices: context.prices,
      on: command.startsOn,
      currency,
      field: `items.${index}`,
    });
    if (!checked.ok) return checked;
    currency = checked.value.version.currency;
    if (checked.value.price.kind === 'one_off') continue;
    const from = command.startsOn;
    items.push(
      makeItem(wanted, {
        subscription: context,
        priced: checked.value,
        from,
        ids: context.ids,
      }),
    );
  }
  return ok(items);
}

/** The first day after the trial. */
function trialEnd({ trial, startsOn }: StartCommand): Temporal.PlainDate | undefined {
  if (trial === undefined) return undefined;
  return 'days' in trial ? startsOn.add({ days: trial.days }) : trial.endsOn;
}
