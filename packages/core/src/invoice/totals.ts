import { type Currency, type Money, money, subtract, sum } from '../money/money.ts';
import { invariant } from '../result/invariant.ts';
import { type TaxedAmount, type TaxTerms, taxLine } from './tax.ts';

/** A line before its discount and tax. `subtotal` includes tax where `terms` say so. */
export type UntaxedLine = {
  readonly subtotal: Money;
  readonly discount: Money;
  readonly terms: TaxTerms;
};

/** A line as it is stored: the discount came off before tax. */
export type TotalledLine = TaxedAmount & { readonly subtotal: Money; readonly discount: Money };

export type InvoiceTotals = {
  readonly lines: readonly TotalledLine[];
  /** Σ of the lines before discount. */
  readonly subtotal: Money;
  readonly discount: Money;
  /** `subtotal` − `discount`. */
  readonly discounted: Money;
  readonly net: Money;
  readonly tax: Money;
  readonly total: Money;
};

/**
 * The totals of an invoice: discount before tax, tax rounded once per line, then summed, so that
 * the lines always add up to every total (DESIGN §8). A discount above its line is our bug.
 */
export function computeTotals(lines: readonly UntaxedLine[], currency: Currency): InvoiceTotals {
  const totalled = lines.map(({ subtotal, discount, terms }) => {
    const isWithin = discount.minor === 0n || discount.minor <= subtotal.minor;
    invariant(discount.minor >= 0n && isWithin, 'a discount is within its line');
    return { subtotal, discount, ...taxLine(subtract(subtotal, discount), terms) };
  });
  const subtotal = totalOf(totalled, (line) => line.subtotal, currency);
  const discount = totalOf(totalled, (line) => line.discount, currency);
  return {
    lines: totalled,
    subtotal,
    discount,
    discounted: subtract(subtotal, discount),
    net: totalOf(totalled, (line) => line.net, currency),
    tax: totalOf(totalled, (line) => line.tax, currency),
    total: totalOf(totalled, (line) => line.total, currency),
  };
}

function totalOf<T>(lines: readonly T[], read: (line: T) => Money, currency: Currency): Money {
  return lines.length === 0 ? money(0n, currency) : sum(lines.map(read), currency);
}
