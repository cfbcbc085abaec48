import {
  allocateByWeight,
  applyCoupons,
  applyCouponsToAmount,
  type Coupon,
  type CouponDuration,
  type CouponSequence,
  type Currency,
  computeTopUp,
  computeTotals,
  couponDiscount,
  creditNote,
  distributeDiscount,
  divideRatio,
  effectiveRate,
  formatRatio,
  type HeldCoupon,
  type Money,
  multiplyRatio,
  RATIO_ZERO,
  type Ratio,
  ratio,
  roundUnits,
  subtract,
  subtractRatio,
  sum,
  sumRatios,
  type TaxRate,
  type TaxTerms,
  taxByRate,
  taxLine,
  terminationRefund,
  toMoney,
  valueOfDays,
  zero,
} from '../../packages/core/src/index.ts';
import {
  CaseNotUnderstood,
  currencyAt,
  flagAt,
  type Given,
  has,
  isRecord,
  listAt,
  moneyText,
  optional,
  ratioAt,
  ratioOf,
  ratioText,
  recordsAt,
  textAt,
  wholeAt,
} from './kit.ts';
import type { Operation } from './run.ts';

// discounts_tax.json: text of a case → types of core → one call of core → text.

/** "3.79" or "10/3": some discounts are shared without rounding. */
export function exactOf(value: unknown): Ratio {
  if (typeof value !== 'string' || !value.includes('/')) return ratioOf(value);
  const [above, below] = value.split('/');
  return divideRatio(ratioOf(above), ratioOf(below));
}

/** The amount at `key`, half up at the currency's exponent; zero where the case is silent. */
export function amountAt(given: Given, key: string, currency: Currency): Money {
  return has(given, key) ? toMoney(exactOf(given[key]), currency) : zero(currency);
}

const percentOf = (value: unknown): Ratio => divideRatio(exactOf(value), ratio(100n));

const COUPON = {
  id: 'cpn_019b7ca98c8870000000000000000000',
  nameZh: '优惠券',
  nameEn: 'Coupon',
} as const;

function durationOf(given: Given): CouponDuration {
  switch (optional(given, 'frequency', textAt) ?? 'once') {
    case 'once':
      return { type: 'once' };
    case 'recurring':
    case 'repeating':
      return { type: 'repeating', periods: optional(given, 'periods', wholeAt) ?? 12 };
    case 'forever':
      return { type: 'forever' };
    default:
      throw new CaseNotUnderstood(`the frequency ${textAt(given, 'frequency')}`);
  }
}

function couponOf(given: Given, currency: Currency): Coupon {
  const isPercentage =
    optional(given, 'type', textAt) === 'percentage' ||
    (!has(given, 'amount') && has(given, 'rate_pct'));
  const scope = ['applies_to', 'lines', 'fees'].find((key) => has(given, key));
  const codes = scope === undefined ? undefined : listAt(given, scope);
  const own = has(given, 'currency') ? currencyAt(given) : currency;
  return {
    ...COUPON,
    code: optional(given, 'code', textAt) ?? 'COUPON',
    kind: isPercentage
      ? { type: 'percentage', rate: percentOf(given['rate_pct']) }
      : { type: 'fixed', amount: amountAt(given, 'amount', own) },
    duration: durationOf(given),
    appliesTo: codes === undefined ? 'all' : { priceCodes: codes.map(String) },
  };
}

function heldOf(given: Given, currency: Currency): HeldCoupon {
  const coupon = couponOf(given, currency);
  const usedAmount = amountAt(given, 'already_used', currency);
  return { coupon, usedPeriods: 0, usedAmount };
}

function applicableCoupons(given: Given): readonly Given[] {
  if (!Array.isArray(given['coupons'])) return [];
  return recordsAt(given, 'coupons').filter(
    (coupon) => !has(coupon, 'applicable') || flagAt(coupon, 'applicable'),
  );
}

function orderOf(given: Given): CouponSequence {
  const order = optional(given, 'order', textAt);
  return order === 'percentage_first' ? 'percentage_first' : 'as_given';
}

/** The rates that a line or the whole case names, each with a code of its own. */
function ratesOf(given: Given): readonly TaxRate[] | undefined {
  if (has(given, 'taxes')) {
    return recordsAt(given, 'taxes').map((tax, index) => ({
      code: optional(tax, 'code', textAt) ?? `tax${index + 1}`,
      rate: percentOf(tax['rate_pct']),
    }));
  }
  const list = ['rates_pct', 'tax_rates_pct'].find((key) => has(given, key));
  const one = ['rate_pct', 'tax_rate_pct'].find((key) => has(given, key));
  const values = list !== undefined ? listAt(given, list) : one !== undefined ? [given[one]] : [];
  if (list === undefined && one === undefined) return undefined;
  return values.map((value, index) => ({ code: `tax${index + 1}`, rate: percentOf(value) }));
}

/** A line's own terms before those of the whole case. */
function termsOf(line: Given, whole: Given = {}): TaxTerms {
  const says = (key: string) => flagAt(line, key) || flagAt(whole, key);
  return {
    rates: ratesOf(line) ?? ratesOf(whole) ?? [],
    mode: says('inclusive') || says('tax_inclusive') ? 'inclusive' : 'exclusive',
    treatment: says('exempt') ? 'exempt' : says('reverse_charge') ? 'reverse_charge' : 'taxable',
  };
}

/** The lines of a case: `lines` or `fees`, each an amount or an object with one. */
function linesOf(given: Given): readonly Given[] {
  const key = ['lines', 'fees', 'items'].find((name) => has(given, name));
  if (key === undefined) {
    const whole = ['amount', 'base', 'subtotal', 'net'].find((name) => has(given, name));
    return whole === undefined ? [] : [{ amount: given[whole] }];
  }
  return listAt(given, key).map((line) => (isRecord(line) ? line : { amount: line }));
}

function shown<K extends string>(amounts: Readonly<Record<K, Money>>): Record<K, string> {
  const texts = Object.entries<Money>(amounts).map(([key, amount]) => [key, moneyText(amount)]);
  return Object.fromEntries(texts) as Record<K, string>;
}

function couponAmount(given: Given) {
  const currency = currencyAt(given);
  const base = amountAt(given, 'base', currency);
  const used = amountAt(given, 'already_used', currency);
  const discount = couponDiscount(couponOf(given, currency), base, used);
  return shown({ discount, subtotal: subtract(base, discount) });
}

function couponsOnAmount(given: Given) {
  const currency = currencyAt(given);
  const base = amountAt(given, 'base', currency);
  const offers = applicableCoupons(given).map((coupon) => ({
    held: heldOf(coupon, currency),
    ...(has(coupon, 'limited_base') ? { scope: amountAt(coupon, 'limited_base', currency) } : {}),
  }));
  const { total, applied } = applyCouponsToAmount(base, offers, orderOf(given));
  return {
    ...shown({ discount: total, subtotal: subtract(base, total) }),
    discounts: applied.map(({ discount }) => moneyText(discount)),
    coupons_used: applied.length,
  };
}

function discountShares(given: Given) {
  const currency = currencyAt(given);
  const lines = linesOf(given).map((line) => amountAt(line, 'amount', currency));
  const shares = distributeDiscount(lines, amountAt(given, 'discount', currency));
  const taxable = lines.map((line, index) => subtract(line, shares[index] ?? zero(currency)));
  return {
    taxable: taxable.map(moneyText),
    discounts: shares.map(moneyText),
    shares: shares.map(moneyText),
    discount: moneyText(sum(shares, currency)),
    subtotal: moneyText(sum(taxable, currency)),
  };
}

/** Ties go to the earlier key: OpenMeter sorts its receivers by key, so they are sorted here. */
function allocation(given: Given) {
  const weights = (listAt(given, 'weights') as readonly (readonly [string, string])[]).toSorted(
    ([left], [right]) => (left < right ? -1 : 1),
  );
  const parts = allocateByWeight(
    amountAt(given, 'amount', currencyAt(given)),
    weights.map(([, weight]) => exactOf(weight)),
  );
  const shares = weights.flatMap(([key], index) => {
    const part = parts[index];
    return part === undefined || part.minor === 0n ? [] : [[key, moneyText(part)]];
  });
  return { shares: Object.fromEntries(shares) };
}

function taxOfAmount(given: Given) {
  const amount = amountAt(given, 'amount', currencyAt(given));
  const { net, tax, total, byRate } = taxLine(amount, termsOf(given));
  return {
    ...shown({ net, taxable: net, tax, total }),
    taxes: byRate.map((one) => moneyText(one.tax)),
  };
}

/** Whole invoices; a line's own `coupon` is its discount, `coupons` are shared over the lines. */
function wholeInvoice(given: Given) {
  const currency = currencyAt(given);
  const lines = linesOf(given);
  const own = lines.map((line) => {
    const key = has(line, 'discount') ? 'discount' : 'coupon';
    return amountAt(line, key, currency);
  });
  const discountable = lines.map((line, index) => ({
    priceCode: String(line['id'] ?? index),
    subtotal: subtract(amountAt(line, 'amount', currency), own[index] ?? zero(currency)),
  }));
  const held = applicableCoupons(given).map((coupon) => heldOf(coupon, currency));
  const coupons = applyCoupons(discountable, held, { currency, order: orderOf(given) });
  const spreadKey = ['discount', 'coupon', 'coupons'].find(
    (key) => has(given, key) && typeof given[key] === 'string',
  );
  const spread =
    spreadKey === undefined
      ? coupons.lineDiscounts
      : distributeDiscount(
          discountable.map(({ subtotal }) => subtotal),
          amountAt(given, spreadKey, currency),
        );
  const totals = computeTotals(
    lines.map((line, index) => ({
      subtotal: amountAt(line, 'amount', currency),
      discount: sum([own[index] ?? zero(currency), spread[index] ?? zero(currency)], currency),
      terms: termsOf(line, given),
    })),
    currency,
  );
  const named = (read: (line: (typeof totals.lines)[number]) => Money) =>
    Object.fromEntries(
      totals.lines.map((line, index) => [
        String(lines[index]?.['id'] ?? index),
        moneyText(read(line)),
      ]),
    );
  return {
    ...shown({
      fees: totals.subtotal,
      coupons: totals.discount,
      discount: totals.discount,
      subtotal: totals.discounted,
      taxable: totals.net,
      net: totals.net,
      tax: totals.tax,
      total: totals.total,
    }),
    fee_taxes: named((line) => line.tax),
    fee_coupons: named((line) => line.discount),
    line_taxes: totals.lines.map((line) => moneyText(line.tax)),
    line_discounts: totals.lines.map((line) => moneyText(line.discount)),
    coupons_used: coupons.applied.length,
  };
}

function taxesByRate(given: Given) {
  const currency = currencyAt(given);
  const fees = linesOf(given).map((fee) => {
    const coupon = has(fee, 'coupon') ? exactOf(fee['coupon']) : RATIO_ZERO;
    const terms = termsOf(fee, given);
    const isTaxed = terms.treatment === 'taxable';
    return {
      taxable: subtractRatio(exactOf(fee['amount']), coupon),
      rates: isTaxed ? terms.rates : terms.rates.map(({ code }) => ({ code, rate: RATIO_ZERO })),
    };
  });
  const { rates, tax } = taxByRate(fees, currency);
  const net = toMoney(sumRatios(fees.map(({ taxable }) => taxable)), currency);
  return {
    taxes: Object.fromEntries(
      rates.map((rate) => [rate.code, shown({ taxable: rate.taxable, tax: rate.tax })]),
    ),
    ...shown({ tax, subtotal: net, total: sum([net, tax], currency) }),
  };
}

function spanOf(given: Given, currency: Currency) {
  return {
    price: amountAt(given, 'price', currency),
    discount: amountAt(given, 'coupon', currency),
    taxRate: effectiveRate(termsOf(given)),
    periodDays: wholeAt(given, 'period_days'),
  };
}

function creditOfDays(given: Given) {
  const currency = currencyAt(given);
  if (!has(given, 'period_days')) return creditOfItems(given, currency);
  const credited = amountAt(given, 'previously_credited', currency);
  return shown(valueOfDays(spanOf(given, currency), unusedDaysOf(given), credited));
}

/** A case names the used days, the unused ones or both; they make up the period. */
function unusedDaysOf(given: Given): number {
  if (has(given, 'unused_days')) return wholeAt(given, 'unused_days');
  return wholeAt(given, 'period_days') - wholeAt(given, 'used_days');
}

/** A credit note of amounts: net and tax are exact sums until they are rounded. */
function creditOfItems(given: Given, currency: Currency) {
  const items = linesOf(given).map((item) => ({
    net: exactOf(item['amount'] ?? item['net']),
    rate: effectiveRate(termsOf(item, given)),
  }));
  const net = sumRatios(items.map((item) => item.net));
  const tax = sumRatios(items.map((item) => multiplyRatio(item.net, item.rate)));
  const rate = net.numerator === 0n ? RATIO_ZERO : divideRatio(tax, net);
  return shown(creditNote(net, rate, currency));
}

function refundOfTermination(given: Given) {
  const currency = currencyAt(given);
  const unused = unusedDaysOf(given);
  const lineTotal = amountAt(given, 'fee_total', currency);
  const { accountCredit, ...amounts } = terminationRefund(
    spanOf(given, currency),
    {
      unused,
      used: optional(given, 'used_days', wholeAt) ?? wholeAt(given, 'period_days') - unused,
      alreadyCredited: amountAt(given, 'previously_credited', currency),
    },
    {
      lineTotal,
      invoiceTotal: has(given, 'invoice_total')
        ? amountAt(given, 'invoice_total', currency)
        : lineTotal,
      paid: amountAt(given, 'invoice_paid', currency),
    },
  );
  return shown({ ...amounts, credit: accountCredit });
}

/** Granted credits are not money yet: Lago keeps the places that it stores, cut. */
const GRANTED_PLACES = 5;

function topUp(given: Given) {
  const currency = currencyAt(given);
  const rate = has(given, 'rate') ? ratioAt(given, 'rate') : ratio(1n);
  const asked = ratioAt(given, 'credits');
  const { credits, amount } = computeTopUp(asked, rate, currency);
  if (flagAt(given, 'granted')) {
    const kept = roundUnits(asked, { mode: 'down', places: GRANTED_PLACES });
    return { credits: formatRatio(kept), amount: moneyText(amount) };
  }
  const places = moneyText(zero(currency)).split('.')[1]?.length ?? 0;
  return { credits: ratioText(credits, places), amount: moneyText(amount) };
}

function roundAmount(given: Given) {
  return shown({ amount: amountAt(given, 'amount', currencyAt(given)) });
}

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  coupon_amount: couponAmount,
  apply_coupons: couponsOnAmount,
  distribute_discount: discountShares,
  allocate: allocation,
  tax: taxOfAmount,
  tax_lines: wholeInvoice,
  tax_by_rate: taxesByRate,
  invoice_totals: wholeInvoice,
  invoice_with_coupons: wholeInvoice,
  credit_note: creditOfDays,
  termination_refund: refundOfTermination,
  round_currency: roundAmount,
  fee_rounding: roundAmount,
  wallet_topup: topUp,
};
