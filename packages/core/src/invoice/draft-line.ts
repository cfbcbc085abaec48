import { gridIndexOf, gridPeriod, splitAtBoundaries } from '../calendar/grid.ts';
import { daysIn, isDateBefore, type Period } from '../calendar/periods.ts';
import type { PricedVersion, PriceVersion } from '../catalog/catalog.ts';
import type { PriceModel } from '../catalog/price-model.ts';
import { type Rated, rate } from '../catalog/rate.ts';
import { add, type Money, subtract, zero } from '../money/money.ts';
import {
  fromBasisPoints,
  multiplyRatio,
  RATIO_ONE,
  type Ratio,
  ratio,
  toMoney,
} from '../money/ratio.ts';
import { isSameInterval } from '../subscription/intervals.ts';
import { periodBeforeMove } from '../subscription/next-period.ts';
import { prorationShare } from '../subscription/proration.ts';
import type { Subscription, SubscriptionItem } from '../subscription/subscription.ts';
import type { LineRule, LineWhy, WaitingLine } from './invoice.ts';
import { splitTax, taxLine } from './tax.ts';

/** Days that one line bills, and the whole period of the price that they are some of. */
export type BilledDays = { readonly service: Period; readonly full: Period };

/** What a line is about: whose, which thing, at which price. */
export type LineSubject = {
  readonly subscription: Subscription;
  readonly item: SubscriptionItem;
  readonly priced: PricedVersion;
};

const NO_REASON: LineWhy = {};

/** The model that prices the item: the agreed one before the price version's. */
export function modelOf({ item, priced }: LineSubject): PriceModel {
  return item.agreedModel ?? priced.version.model;
}

/**
 * The line of an item that is priced by its quantity: rated for the whole period, cut to the days
 * of service, rounded once, then taxed (DESIGN §8). Nothing is taken off yet.
 */
export function computeLine(
  subject: LineSubject,
  days: BilledDays,
  rule: LineRule = ruleOf(subject.item),
): WaitingLine {
  const model = modelOf(subject);
  const quantity = ratio(subject.item.quantity);
  const rated = rate(model, { units: quantity });
  const isWhole = days.service === days.full;
  const exact = isWhole
    ? rated.amount
    : multiplyRatio(rated.amount, prorationShare(days.service, days.full));
  const unitAmount = unitAmountOf(model, subject.item.quantity);
  return lineOf(subject, days, {
    rule,
    quantity,
    ...(unitAmount === undefined ? {} : { unitAmount }),
    subtotal: toMoney(exact, subject.priced.version.currency),
    why: unitAmount === undefined ? { steps: rated.steps } : NO_REASON,
  });
}

/** What differs between lines about the same thing. */
export type LineParts = {
  readonly rule: LineRule;
  readonly quantity: Ratio;
  readonly unitAmount?: Ratio;
  readonly subtotal: Money;
  readonly why: LineWhy;
  readonly names?: { readonly nameZh: string; readonly nameEn: string };
};

/** A line about `subject` with its tax; nothing is taken off yet. */
export function lineOf(subject: LineSubject, days: BilledDays, parts: LineParts): WaitingLine {
  const { subscription, item, priced } = subject;
  const { price, version } = priced;
  const { subtotal } = parts;
  const taxed = taxOf(subtotal, version);
  const periodDays = daysIn(days.full);
  return {
    kind: item.kind,
    priceCode: price.code,
    priceVersionId: item.priceVersionId,
    subscriptionId: subscription.id,
    itemId: item.id,
    ...(subscription.beneficiaryId === undefined
      ? undefined
      : { beneficiaryId: subscription.beneficiaryId }),
    period: days.service,
    serviceDays: days.service === days.full ? periodDays : daysIn(days.service),
    periodDays,
    quantity: parts.quantity,
    ...(parts.unitAmount === undefined ? undefined : { unitAmount: parts.unitAmount }),
    subtotal,
    discount: zero(subtotal.currency),
    amount: taxed.amount,
    net: taxed.net,
    tax: taxed.tax,
    taxBasisPoints: version.taxBasisPoints,
    rule: parts.rule,
    nameZh: parts.names?.nameZh ?? price.nameZh,
    nameEn: parts.names?.nameEn ?? price.nameEn,
    why: parts.why,
  };
}

/** The line after `discounts` came off before tax, in the order in which they were applied. */
export function withDiscounts(
  line: WaitingLine,
  discounts: readonly { readonly couponCode: string; readonly amount: Money }[],
  version: Pick<PriceVersion, 'taxBasisPoints' | 'taxBehavior'>,
): WaitingLine {
  const discount = discounts.reduce((total, one) => add(total, one.amount), line.discount);
  const taxed = taxOf(subtract(line.subtotal, discount), version);
  return { ...line, discount, ...taxed, why: { ...line.why, discounts } };
}

/** Tax of `base` as the price says: inside it (Chinese convention) or on top of it. */
export function taxOf(
  base: Money,
  version: Pick<PriceVersion, 'taxBasisPoints' | 'taxBehavior'>,
): Pick<WaitingLine, 'amount' | 'net' | 'tax'> {
  if (version.taxBehavior === 'inclusive') {
    const { net, tax } = splitTax(base, version.taxBasisPoints);
    return { amount: base, net, tax };
  }
  const rates = [{ code: 'vat', rate: fromBasisPoints(version.taxBasisPoints) }];
  const { net, tax, total } = taxLine(base, { rates, mode: 'exclusive' });
  return { amount: total, net, tax };
}

/**
 * `span` cut at the boundaries of the price's own interval, each part with the whole period that
 * it is (a part of). A whole period is its own `full`, the same object.
 */
export function daysBilled(
  { subscription, priced }: Pick<LineSubject, 'subscription' | 'priced'>,
  span: Period,
): readonly BilledDays[] {
  const old = isSameInterval(priced.version.interval, subscription.interval)
    ? periodBeforeMove(subscription)
    : undefined;
  if (old !== undefined && isWithin(span, old)) return [partOf(span, old)];
  const grid = { anchor: subscription.anchor, interval: priced.version.interval };
  const full = gridPeriod(grid, gridIndexOf(grid, span.start));
  if (!isDateBefore(full.end, span.end)) return [partOf(span, full)];
  return splitAtBoundaries(grid, span).map((part) =>
    partOf(part, gridPeriod(grid, gridIndexOf(grid, part.start))),
  );
}

function isWithin(span: Period, whole: Period): boolean {
  return !isDateBefore(span.start, whole.start) && !isDateBefore(whole.end, span.end);
}

function partOf(span: Period, full: Period): BilledDays {
  const isWhole = span.start.equals(full.start) && span.end.equals(full.end);
  return isWhole ? { service: full, full } : { service: span, full };
}

export function ruleOf(item: SubscriptionItem): LineRule {
  return item.agreedModel === undefined ? 'list_price' : 'agreed_price';
}

/** The one unit price of a line, where quantity × unit price × days is the whole calculation. */
export function unitAmountOf(model: PriceModel, quantity: bigint): Ratio | undefined {
  if (model.type === 'per_unit')
    return model.freeUnits === undefined ? model.unitAmount : undefined;
  return model.type === 'flat' && quantity === 1n ? model.amount : undefined;
}

/** The steps of a rating, for lines whose amount is not simply quantity × unit price. */
export function stepsOf(model: PriceModel, rated: Rated): Pick<LineWhy, 'steps'> {
  return unitAmountOf(model, 1n) === undefined ? { steps: rated.steps } : {};
}

/** A number of one, for lines that are an amount and not a quantity. */
export const ONCE: Ratio = RATIO_ONE;
