import { add, type Currency, type Money, money, subtract, within } from '../money/money.ts';
import {
  compareRatio,
  divideRatio,
  fromMoney,
  maxRatio,
  multiplyRatio,
  RATIO_ONE,
  RATIO_ZERO,
  type Ratio,
  ratio,
  subtractRatio,
  toMoney,
} from '../money/ratio.ts';
import { invariant } from '../result/invariant.ts';

/** What a credit note takes back: `net` + `tax` = `total`, all zero or more. */
export type CreditAmounts = { readonly net: Money; readonly tax: Money; readonly total: Money };

/** A line that was billed net of tax for a period of `periodDays`, as far as a credit needs it. */
export type BilledSpan = {
  /** For the whole period, before discount and tax. */
  readonly price: Money;
  /** What coupons took off it. */
  readonly discount?: Money;
  /** All its tax rates as one (`effectiveRate`). */
  readonly taxRate: Ratio;
  readonly periodDays: number;
};

/** What was paid of the invoice that billed a span; all tax included. */
export type PaidInvoice = {
  /** What the invoice asked for this span. */
  readonly lineTotal: Money;
  readonly invoiceTotal: Money;
  readonly paid: Money;
};

/** A line as it was stored: `net` + `tax` = `amount`. */
export type StoredLine = { readonly amount: Money; readonly net: Money; readonly tax: Money };

/**
 * A credit note of an exact net amount: net and tax are rounded half up, each once and from exact
 * amounts, and the total is their sum (DESIGN §8), so that the note adds up for its reader.
 */
export function creditNote(net: Ratio, taxRate: Ratio, currency: Currency): CreditAmounts {
  invariant(compareRatio(net, RATIO_ZERO) >= 0, 'a credit note takes back zero or more');
  const rounded = toMoney(net, currency);
  const tax = toMoney(multiplyRatio(net, taxRate), currency);
  return { net: rounded, tax, total: add(rounded, tax) };
}

/**
 * The value of `days` of a billed span: its price by the day, less what was credited of it before
 * (net of tax), less the part of its discount that belongs to what is left. Zero when earlier
 * credits took it all.
 */
export function valueOfDays(
  span: BilledSpan,
  days: number,
  alreadyCredited: Money = money(0n, span.price.currency),
): CreditAmounts {
  const { currency } = span.price;
  invariant(days >= 0 && days <= span.periodDays, 'the days are some of the period');
  invariant(span.periodDays > 0, 'a period has days');
  const price = fromMoney(span.price);
  const share = ratio(BigInt(days), BigInt(span.periodDays));
  const gross = maxRatio(
    subtractRatio(multiplyRatio(price, share), fromMoney(alreadyCredited)),
    RATIO_ZERO,
  );
  if (gross.numerator === 0n) return creditNote(RATIO_ZERO, span.taxRate, currency);
  const discount = span.discount === undefined ? RATIO_ZERO : fromMoney(span.discount);
  const lost = multiplyRatio(discount, divideRatio(gross, price));
  return creditNote(maxRatio(subtractRatio(gross, lost), RATIO_ZERO), span.taxRate, currency);
}

/**
 * What a customer who ends early gets for the unused days, and how: money back as far as the line
 * was paid beyond the value of the used days, the rest as account credit, because money that never
 * arrived cannot be returned. The line's part of a payment is its part of the invoice. Each leg is
 * rounded, then netted (DESIGN §8); `refund` + `accountCredit` = `total`.
 */
export function terminationRefund(
  span: BilledSpan,
  days: { readonly unused: number; readonly used: number; readonly alreadyCredited?: Money },
  invoice: PaidInvoice,
): CreditAmounts & { readonly refund: Money; readonly accountCredit: Money } {
  const credit = valueOfDays(span, days.unused, days.alreadyCredited);
  const spare = subtract(paidOfLine(invoice), valueOfDays(span, days.used).total);
  const refund = within(spare, credit.total);
  return { ...credit, refund, accountCredit: subtract(credit.total, refund) };
}

/** What may still be credited of `requested`: never more than was billed and not yet credited. */
export function capCredit(requested: Money, billed: Money, alreadyCredited: Money): Money {
  return within(requested, subtract(billed, alreadyCredited));
}

/**
 * The credit of a `share` (0 to 1) of a stored line, whatever its tax mode: the share of its
 * amount, half up once, capped by what earlier credits left. Net follows the line's own proportion
 * and tax is the rest; the credit that takes the last fen takes the last of net and tax as well, so
 * that a line that is credited whole is zero in every column.
 */
export function creditOfLine(line: StoredLine, share: Ratio, already: StoredLine): CreditAmounts {
  invariant(line.amount.minor > 0n, 'only a line above zero can be credited');
  invariant(compareRatio(share, RATIO_ZERO) >= 0, 'a share is zero or more');
  invariant(compareRatio(share, RATIO_ONE) <= 0, 'a share is at most the whole');
  const { currency } = line.amount;
  const asked = toMoney(multiplyRatio(fromMoney(line.amount), share), currency);
  const total = capCredit(asked, line.amount, already.amount);
  const leftNet = subtract(line.net, already.net);
  const leftTax = subtract(line.tax, already.tax);
  if (total.minor === line.amount.minor - already.amount.minor) {
    return { net: leftNet, tax: leftTax, total };
  }
  const netShare = divideRatio(fromMoney(line.net), fromMoney(line.amount));
  const exact = toMoney(multiplyRatio(fromMoney(total), netShare), currency);
  // The roundings of several credits may leave a column less than its share; the other gives more.
  const tax = within(subtract(total, within(exact, leftNet)), leftTax);
  return { net: subtract(total, tax), tax, total };
}

function paidOfLine({ lineTotal, invoiceTotal, paid }: PaidInvoice): Money {
  if (invoiceTotal.minor === 0n) return money(0n, paid.currency);
  const share = divideRatio(fromMoney(lineTotal), fromMoney(invoiceTotal));
  return toMoney(multiplyRatio(fromMoney(paid), share), paid.currency);
}
