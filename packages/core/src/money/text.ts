import { ok, type Refusal, type Result, refuse } from '../result/result.ts';
import { CURRENCY_EXPONENTS, type Currency, type Money } from './money.ts';
import { compareRatio, formatRatio, fromMoney, type Ratio, toMoney } from './ratio.ts';

export type AmountRefusal = Refusal<
  'amount_not_a_number' | 'amount_too_precise' | 'amount_too_large'
>;

/** The most digits before the decimal point that we read: a bill above this is a mistake. */
export const AMOUNT_MAX_INTEGER_DIGITS = 15;

const DECIMAL = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * Reads a decimal in major units ("29.85" → 2985 分). Exact: more decimals than the currency has
 * are refused unless they are zeros. Exponents, signs other than "-", spaces and grouping are
 * refused, so that "1e3" or "1,000" never becomes an amount by guessing.
 */
export function parseAmount<C extends Currency>(
  text: string,
  currency: C,
): Result<Money<C>, AmountRefusal> {
  const match = DECIMAL.exec(text);
  if (match === null) {
    return refuse({
      code: 'amount_not_a_number',
      sentence: 'The amount is not a decimal number.',
      next: 'Write it as digits with at most one decimal point, for example 29.85.',
    });
  }
  const [, sign = '', whole = '', fraction = ''] = match;
  if (whole.replace(/^0+/, '').length > AMOUNT_MAX_INTEGER_DIGITS) {
    return refuse({
      code: 'amount_too_large',
      sentence: `The amount has more than ${AMOUNT_MAX_INTEGER_DIGITS} digits before the point.`,
      next: 'Check the amount; no bill is that large.',
    });
  }
  const exponent = CURRENCY_EXPONENTS[currency];
  if (fraction.length > exponent && !/^0*$/.test(fraction.slice(exponent))) {
    return refuse({
      code: 'amount_too_precise',
      sentence: `${currency} has ${exponent} decimals; the amount has more.`,
      next: 'Round the amount before it is sent.',
    });
  }
  const minor = BigInt(whole + fraction.slice(0, exponent).padEnd(exponent, '0'));
  return ok({ minor: sign === '-' ? -minor : minor, currency });
}

/** "1234.50" for 123450 分: plain decimal in major units, as rails and files want it. */
export function formatDecimal(amount: Money): string {
  const exponent = CURRENCY_EXPONENTS[amount.currency];
  const negative = amount.minor < 0n;
  const digits = (negative ? -amount.minor : amount.minor).toString().padStart(exponent + 1, '0');
  const whole = digits.slice(0, digits.length - exponent);
  const fraction = exponent === 0 ? '' : `.${digits.slice(digits.length - exponent)}`;
  return `${negative ? '-' : ''}${whole}${fraction}`;
}

/** Signs that a reader cannot take for another currency's; every other currency is its code. */
const SYMBOLS: Partial<Record<Currency, string>> = {
  AUD: 'A$',
  BRL: 'R$',
  CAD: 'CA$',
  CNY: '¥',
  EUR: '€',
  GBP: '£',
  HKD: 'HK$',
  ILS: '₪',
  INR: '₹',
  JPY: 'JP¥',
  KRW: '₩',
  MXN: 'MX$',
  NZD: 'NZ$',
  PHP: '₱',
  TRY: '₺',
  TWD: 'NT$',
  UAH: '₴',
  USD: 'US$',
  VND: '₫',
};

/** "¥1,234.50", minus before the sign ("-¥1,234.50"): the form that people read (VISUAL.md). */
export function formatMoney(amount: Money): string {
  return withSign(formatDecimal(amount), amount.currency);
}

/**
 * A unit price in major units as people read it: "¥30.00", and "¥0.0015" where the currency's
 * decimals do not hold it.
 */
export function formatUnitPrice(price: Ratio, currency: Currency): string {
  const amount = toMoney(price, currency);
  const isWhole = compareRatio(fromMoney(amount), price) === 0;
  return isWhole ? formatMoney(amount) : withSign(formatRatio(price), currency);
}

function withSign(plain: string, currency: Currency): string {
  const negative = plain.startsWith('-');
  const [whole = '', fraction] = (negative ? plain.slice(1) : plain).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  const tail = fraction === undefined ? '' : `.${fraction}`;
  const symbol = SYMBOLS[currency] ?? `${currency} `;
  return `${negative ? '-' : ''}${symbol}${grouped}${tail}`;
}
