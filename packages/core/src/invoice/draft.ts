import type { Period } from '../calendar/periods.ts';
import type { Price, PriceVersion } from '../catalog/catalog.ts';
import type { InvoiceId, PriceVersionId } from '../ids/ids.ts';
import { type Money, sum } from '../money/money.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { periodToBill } from '../subscription/next-period.ts';
import type { Subscription, SubscriptionItem } from '../subscription/subscription.ts';
import { issueAt, type Timetable } from '../subscription/timetable.ts';
import type { Invoice, InvoiceLine } from './invoice.ts';
import { type InvoiceRefusal, invoiceRefusal } from './refusals.ts';
import { splitTax } from './tax.ts';

/** A price version with the price that it belongs to: what a line is made from. */
export type PricedVersion = { readonly price: Price; readonly version: PriceVersion };

export type DraftContext = {
  readonly invoiceId: InvoiceId;
  readonly prices: ReadonlyMap<PriceVersionId, PricedVersion>;
  readonly timetable: Timetable;
  readonly zone: string;
  readonly now: Temporal.Instant;
};

/**
 * The draft invoice of the subscription's next period, a line per item with its reason, or why
 * there is none. One-off items are billed with the first period only. Pure: saving it and moving
 * the subscription on happen together, so that a period is billed once (I9).
 */
export function decideDraft(
  subscription: Subscription,
  context: DraftContext,
): Result<Invoice, InvoiceRefusal> {
  if (subscription.state !== 'active') return refuse(invoiceRefusal('subscription_not_active'));
  const items = subscription.items.filter(
    (item) => item.kind !== 'one_off' || subscription.nextPeriodIndex === 0,
  );
  const currency = currencyOf(items, context);
  if (currency === undefined) return refuse(invoiceRefusal(whyNoCurrency(items, context)));
  const period = periodToBill(subscription);
  const lines: InvoiceLine[] = [];
  for (const item of items) {
    const priced = context.prices.get(item.priceVersionId);
    if (priced === undefined) return refuse(invoiceRefusal('price_version_unknown'));
    lines.push(computeLine(item, priced, { period, position: lines.length + 1 }));
  }
  const total = sum(
    lines.map((line) => line.amount),
    currency,
  );
  if (total.minor < 0n) return refuse(invoiceRefusal('total_negative'));
  return ok({
    id: context.invoiceId,
    merchantId: subscription.merchantId,
    customerId: subscription.customerId,
    subscriptionId: subscription.id,
    number: invoiceNumber(period, context.invoiceId),
    state: 'draft',
    collection: subscription.collection,
    period,
    dueDate: period.start,
    issueAt: issueAt(period.start, context.timetable, context.zone),
    total,
    net: sum(
      lines.map((line) => line.net),
      currency,
    ),
    tax: sum(
      lines.map((line) => line.tax),
      currency,
    ),
    lines,
    createdAt: context.now,
  });
}

/** One line: agreed amount if there is one, else the price version's; quantity × unit, then tax. */
export function computeLine(
  item: SubscriptionItem,
  priced: PricedVersion,
  place: { readonly period: Period; readonly position: number },
): InvoiceLine {
  const unitAmount = unitAmountOf(item, priced);
  const amount: Money = {
    minor: unitAmount.minor * item.quantity,
    currency: unitAmount.currency,
  };
  const { net, tax } = splitTax(amount, priced.version.taxBasisPoints);
  return {
    position: place.position,
    kind: item.kind,
    priceVersionId: item.priceVersionId,
    period: place.period,
    quantity: item.quantity,
    unitAmount,
    amount,
    net,
    tax,
    taxBasisPoints: priced.version.taxBasisPoints,
    reason: {
      rule: item.agreedUnitAmount === undefined ? 'list_price' : 'agreed_price',
      nameZh: priced.price.nameZh,
      nameEn: priced.price.nameEn,
    },
  };
}

function unitAmountOf(item: SubscriptionItem, priced: PricedVersion): Money {
  return item.agreedUnitAmount ?? priced.version.unitAmount;
}

function currencyOf(items: readonly SubscriptionItem[], context: DraftContext) {
  const currencies = new Set(
    items.map((item) => {
      const priced = context.prices.get(item.priceVersionId);
      return priced === undefined ? undefined : unitAmountOf(item, priced).currency;
    }),
  );
  return currencies.size === 1 ? [...currencies][0] : undefined;
}

function whyNoCurrency(items: readonly SubscriptionItem[], context: DraftContext) {
  if (items.length === 0) return 'subscription_has_no_items';
  return items.every((item) => context.prices.has(item.priceVersionId))
    ? 'currency_mix'
    : 'price_version_unknown';
}

/**
 * A number that people can read out: the period's month and 16 characters of the id. A bill (账单)
 * needs no gap-free series; the tax invoice has its own number from the tax platform.
 */
function invoiceNumber(period: Period, id: InvoiceId): string {
  const month = period.start.toString().slice(0, 7).replace('-', '');
  const tail = BigInt(`0x${id.slice(-20)}`)
    .toString(36)
    .toUpperCase()
    .padStart(16, '0');
  return `B${month}-${tail.slice(-16)}`;
}
