import type { Attempt } from '../debit/attempt.ts';
import type { Payment } from '../debit/payment.ts';
import { equals, type Money } from '../money/money.ts';
import type { BreakClass, RailBillLine } from './rail-bill.ts';

export type MatchDecision =
  | { readonly kind: 'matched' }
  | {
      readonly kind: 'break';
      readonly class: BreakClass;
      readonly railAmount?: Money;
      readonly ourAmount?: Money;
    };

/**
 * Compares one payment line of a rail bill with what our books say of its order number. The bill
 * has the last word on whether money moved, so an open attempt is settled from the line before it
 * is matched; what still differs is a break with its class. `duplicate`: the bill names the number
 * more than once.
 */
export function decideMatch(
  line: RailBillLine,
  ours: { readonly attempt: Attempt; readonly payment?: Payment } | undefined,
  context: { readonly businessDate: Temporal.PlainDate; readonly duplicate: boolean },
): MatchDecision {
  const railAmount = line.amount;
  if (ours === undefined) return { kind: 'break', class: 'unknown_order', railAmount };
  if (context.duplicate) {
    return { kind: 'break', class: 'duplicate', railAmount, ourAmount: ours.attempt.amount };
  }
  const { payment } = ours;
  if (payment === undefined) {
    // The rail has money for a number that we hold as refused, closed or open: theirs is more.
    return { kind: 'break', class: 'surplus', railAmount, ourAmount: ours.attempt.amount };
  }
  if (!equals(payment.amount, line.amount)) {
    return { kind: 'break', class: 'amount_mismatch', railAmount, ourAmount: payment.amount };
  }
  if (!payment.businessDate.equals(context.businessDate)) {
    return { kind: 'break', class: 'state_mismatch', railAmount, ourAmount: payment.amount };
  }
  return { kind: 'matched' };
}
