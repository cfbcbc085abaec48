import type { MerchantId } from '../ids/ids.ts';
import type { RailId } from '../mandate/mandate.ts';
import { type Money, negate, shareOf, zero } from '../money/money.ts';
import type { RailBillLine } from './rail-bill.ts';

/** What the contract with a rail says, from a day on. */
export type RailTerms = {
  readonly merchantId: MerchantId;
  readonly rail: RailId;
  readonly validFrom: Temporal.PlainDate;
  /** The rail's fee: 60 is 0.60 %. */
  readonly feeBasisPoints: number;
  /** Whether the rail gives the fee back with a refund. */
  readonly feeBackOnRefund: boolean;
  /** Words by which the bank's statement names the rail as payer, beside the rail's own names. */
  readonly payerNames: readonly string[];
};

/** The difference that rounding may make: rails round per line, and some half to even. */
export const FEE_TOLERANCE_MINOR = 1n;

/** The terms of the contract that hold on `date`: the latest that are valid by then. */
export function termsOn(
  terms: readonly RailTerms[],
  date: Temporal.PlainDate,
): RailTerms | undefined {
  return terms
    .filter(({ validFrom }) => Temporal.PlainDate.compare(validFrom, date) <= 0)
    .sort((left, right) => Temporal.PlainDate.compare(right.validFrom, left.validFrom))[0];
}

/** What the contract says a line costs, half up per line; below zero: the rail gives it back. */
export function expectedFee(line: Pick<RailBillLine, 'kind' | 'amount'>, terms: RailTerms): Money {
  const share = shareOf(line.amount, BigInt(terms.feeBasisPoints));
  if (line.kind === 'payment') return share;
  return terms.feeBackOnRefund ? negate(share) : zero(line.amount.currency);
}

/** By how much the fee of a line exceeds the contract; undefined within the tolerance. */
export function feeDifference(line: RailBillLine, terms: RailTerms): Money | undefined {
  const expected = expectedFee(line, terms);
  if (line.fee.currency !== expected.currency) return undefined;
  const minor = line.fee.minor - expected.minor;
  const isWithin = minor <= FEE_TOLERANCE_MINOR && minor >= -FEE_TOLERANCE_MINOR;
  return isWithin ? undefined : { minor, currency: expected.currency };
}
