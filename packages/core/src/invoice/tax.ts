import { type Money, money, subtract } from '../money/money.ts';
import { divideHalfUp } from '../money/rounding.ts';

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
