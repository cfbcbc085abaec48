import { businessDate, instantAt } from '../calendar/business-time.ts';
import { addDays } from '../calendar/periods.ts';
import { type Customer, isPayer } from '../customer/customer.ts';
import { bucketOf, type CustomerId, type MerchantId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import { compare, type Money } from '../money/money.ts';
import { compareRatio, floorRatio, ratio } from '../money/ratio.ts';
import { formatMoney } from '../money/text.ts';
import type { CustomerMessage } from '../notice/notice.ts';
import { planMessage } from '../notice/plan.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { type EntitlementRefusal, entitlementRefusal } from './refusals.ts';

/** When a customer's prepaid balance counts as low, and whether it does now. One per currency. */
export type BalanceAlert = {
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  /** Low from this much on, inclusive. */
  readonly low: Money;
  /** Low as well when what is left lasts this many days or fewer at the present use. */
  readonly lowDays?: number;
  /** Told already: the next message comes after it was above again. */
  readonly isLow: boolean;
  readonly toldAt?: Temporal.Instant;
  readonly setBy: string;
  readonly setAt: Temporal.Instant;
  /** The due row is the queue. */
  readonly nextLookAt?: Temporal.Instant;
};

/** Days of use that say how long a balance lasts. */
export const BALANCE_USE_DAYS = 30;
/** The longest that an alert can look ahead. */
export const BALANCE_ALERT_MAX_DAYS = 366;

export type AlertFacts = {
  readonly customer: Customer;
  /** Prepaid money and vouchers that can still be used, of the alert's currency. */
  readonly left: Money;
  /** What invoices of the last 30 days took of it. */
  readonly used: Money;
};

type Context = { readonly now: Temporal.Instant; readonly zone: string; readonly ids: IdSource };

/** Sets or changes an alert; refuses it for somebody who does not pay, and without a name. */
export function decideBalanceAlert(
  customer: Customer,
  wish: { readonly low: Money; readonly lowDays?: number; readonly by: string },
  context: Context,
): Result<BalanceAlert, EntitlementRefusal> {
  const { low, lowDays } = wish;
  if (!isPayer(customer)) return refuse(entitlementRefusal('alert_not_of_payer'));
  if (low.minor < 0n) return refuse(entitlementRefusal('alert_below_zero'));
  if (wish.by.trim() === '') return refuse(entitlementRefusal('override_without_name'));
  return ok({
    merchantId: customer.merchantId,
    customerId: customer.id,
    low,
    ...(lowDays === undefined ? {} : { lowDays }),
    isLow: false,
    setBy: wish.by.trim(),
    setAt: context.now,
    nextLookAt: context.now,
  });
}

/**
 * Whole days that what is left lasts at the use of the last 30 days, cut; undefined where nothing
 * was used.
 */
export function daysLeft({ left, used }: Pick<AlertFacts, 'left' | 'used'>): bigint | undefined {
  if (used.minor <= 0n) return undefined;
  return floorRatio(ratio(left.minor * BigInt(BALANCE_USE_DAYS), used.minor));
}

export type BalanceLook = {
  readonly alert: BalanceAlert;
  readonly message?: CustomerMessage;
  readonly event?: NewEvent;
};

/** Compares a balance with its alert: tells a crossing once, and is armed again above it. */
export function lookAtBalance(
  alert: BalanceAlert,
  facts: AlertFacts,
  context: Context & { readonly merchantName: string },
): BalanceLook {
  const days = daysLeft(facts);
  const { lowDays, nextLookAt: _done, ...rest } = alert;
  const lastsTooShort =
    lowDays !== undefined &&
    days !== undefined &&
    compareRatio(ratio(days), ratio(BigInt(lowDays))) <= 0;
  const isLow = compare(facts.left, alert.low) <= 0 || lastsTooShort;
  const isNew = isLow && !alert.isLow;
  const after: BalanceAlert = {
    ...rest,
    ...(lowDays === undefined ? {} : { lowDays, nextLookAt: tomorrow(context) }),
    isLow,
    ...(isNew ? { toldAt: context.now } : {}),
  };
  if (!isNew) return { alert: after };
  return {
    alert: after,
    message: messageOf(facts, days, context),
    event: eventOf(alert, facts, context),
  };
}

/** Use changes the forecast every day; a change of the balance makes the look due by itself. */
function tomorrow({ now, zone }: Context): Temporal.Instant {
  return instantAt(addDays(businessDate(now, zone), 1), MORNING, zone);
}

const MORNING = Temporal.PlainTime.from('10:00');

function messageOf(
  { customer, left }: AlertFacts,
  days: bigint | undefined,
  context: Context & { readonly merchantName: string },
): CustomerMessage {
  const isZh = customer.locale === 'zh-CN';
  const lasts =
    days === undefined
      ? isZh
        ? '近 30 天没有使用'
        : 'it was not used in the last 30 days'
      : isZh
        ? `按近 30 天的使用约可用 ${days} 天`
        : `it lasts about ${days} days at the use of the last 30`;
  return planMessage(
    {
      purpose: 'balance',
      templateKey: 'balance_low',
      subjectId: customer.id,
      dueAt: context.now,
      variables: { merchantName: context.merchantName, balance: formatMoney(left), lasts },
    },
    { customer },
    context,
  );
}

function eventOf(alert: BalanceAlert, { left }: AlertFacts, context: Context): NewEvent {
  const { customerId, merchantId, low } = alert;
  return {
    id: context.ids('evt', bucketOf(customerId)),
    merchantId,
    customerId,
    type: 'balance.low',
    subjectId: customerId,
    at: context.now,
    data: {
      left_minor: left.minor.toString(),
      low_minor: low.minor.toString(),
      currency: low.currency,
    },
  };
}
