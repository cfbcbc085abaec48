import { type Currency, type Money, money, subtract, sum } from '../money/money.ts';
import {
  addRatio,
  divideRatio,
  fromMoney,
  multiplyRatio,
  RATIO_ONE,
  RATIO_ZERO,
  type Ratio,
  sumRatios,
  toMoney,
} from '../money/ratio.ts';
import { divideHalfUp } from '../money/rounding.ts';
import { allocateByWeight } from '../money/split.ts';
import { invariant } from '../result/invariant.ts';

/** One tax on a line: its code in reports and its share (0.06 is 6 %). */
export type TaxRate = { readonly code: string; readonly rate: Ratio };

/**
 * How a line is taxed. Several rates add up; none is taken on another. `exempt` and
 * `reverse_charge` (the buyer accounts for the tax, EU VAT directive art. 196) have no tax of ours.
 */
export type TaxTerms = {
  readonly rates: readonly TaxRate[];
  /** Chinese prices include their tax (DESIGN §8); others are net and the tax comes on top. */
  readonly mode: 'inclusive' | 'exclusive';
  readonly treatment?: 'taxable' | 'exempt' | 'reverse_charge';
};

/** `net` + `tax` = `total`; `byRate` adds up to `tax`. */
export type TaxedAmount = {
  readonly net: Money;
  readonly tax: Money;
  readonly total: Money;
  readonly byRate: readonly { readonly code: string; readonly tax: Money }[];
};

/**
 * Splits a tax-inclusive amount: net = round half up (gross × 10,000 / (10,000 + rate)),
 * tax = gross − net, so that both always add up to the gross (DESIGN §8, Chinese VAT).
 * `taxBasisPoints`: 600 is 6 %.
 */
export function splitTax(
  gross: Money,
  taxBasisPoints: bigint,
): { readonly net: Money; readonly tax: Money } {
  const net = money(divideHalfUp(gross.minor * 10_000n, 10_000n + taxBasisPoints), gross.currency);
  return { net, tax: subtract(gross, net) };
}

/** All rates of a line as one; nothing where the line is exempt or the buyer accounts for it. */
export function effectiveRate(terms: Pick<TaxTerms, 'rates' | 'treatment'>): Ratio {
  if (terms.treatment === 'exempt' || terms.treatment === 'reverse_charge') return RATIO_ZERO;
  return sumRatios(terms.rates.map(({ rate }) => rate));
}

/**
 * The tax of one line, rounded half up once. Inclusive: the total stays, and net and tax add up to
 * it. Exclusive: tax comes on top of the net. Largest remainder shares the tax over the rates.
 */
export function taxLine(amount: Money, terms: TaxTerms): TaxedAmount {
  const rate = effectiveRate(terms);
  invariant(rate.numerator >= 0n, 'a tax rate is zero or more');
  const { currency } = amount;
  const exact = fromMoney(amount);
  if (terms.mode === 'inclusive') {
    const net = toMoney(divideRatio(exact, addRatio(RATIO_ONE, rate)), currency);
    const tax = subtract(amount, net);
    return { net, tax, total: amount, byRate: shareTax(tax, terms) };
  }
  const tax = toMoney(multiplyRatio(exact, rate), currency);
  const total = money(amount.minor + tax.minor, currency);
  return { net: amount, tax, total, byRate: shareTax(tax, terms) };
}

/**
 * The taxes of an invoice, each rate rounded once over all its lines. Some countries and imports
 * want it so; ours are rounded per line (`taxLine`), so that the lines always add up. The taxable
 * amounts are exact: a discount may have been shared without rounding.
 */
export function taxByRate(
  lines: readonly { readonly taxable: Ratio; readonly rates: readonly TaxRate[] }[],
  currency: Currency,
): {
  readonly rates: readonly {
    readonly code: string;
    readonly taxable: Money;
    readonly tax: Money;
  }[];
  readonly tax: Money;
} {
  const sums = new Map<string, { readonly taxable: Ratio; readonly tax: Ratio }>();
  for (const { taxable, rates } of lines) {
    for (const { code, rate } of rates) {
      const before = sums.get(code) ?? { taxable: RATIO_ZERO, tax: RATIO_ZERO };
      sums.set(code, {
        taxable: addRatio(before.taxable, taxable),
        tax: addRatio(before.tax, multiplyRatio(taxable, rate)),
      });
    }
  }
  const rates = [...sums].map(([code, { taxable, tax }]) => ({
    code,
    taxable: toMoney(taxable, currency),
    tax: toMoney(tax, currency),
  }));
  const taxes = rates.map(({ tax }) => tax);
  return { rates, tax: sum(taxes, currency) };
}

function shareTax(tax: Money, terms: TaxTerms): TaxedAmount['byRate'] {
  const { rates } = terms;
  const isTaxed = effectiveRate(terms).numerator > 0n;
  const shares = isTaxed
    ? allocateByWeight(
        tax,
        rates.map(({ rate }) => rate),
      )
    : [];
  return rates.map(({ code }, index) => ({
    code,
    tax: shares[index] ?? money(0n, tax.currency),
  }));
}
