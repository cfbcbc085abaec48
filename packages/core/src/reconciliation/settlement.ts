import type { BankStatementLineId, MerchantId, SettlementId } from '../ids/ids.ts';
import type { RailId } from '../mandate/mandate.ts';
import { type Money, money } from '../money/money.ts';
import type { Difference } from './match.ts';
import type { RailBill, SettlementLine } from './rail-bill.ts';

/**
 * Money that a rail sent on to the merchant's bank (打款). `overdue`: the bank should have shown it
 * by now. `withdrawn`: the bill that announced it was issued again without it.
 */
export type Settlement = {
  readonly id: SettlementId;
  readonly merchantId: MerchantId;
  readonly rail: RailId;
  /** The rail's date on which it left; of a rail without account statement, the bill's date. */
  readonly businessDate: Temporal.PlainDate;
  /** The rail's number of it, or the date where it has none. */
  readonly reference: string;
  /** `bill`: the rail has no account statement, so the day's net amount is what must arrive. */
  readonly source: 'statement' | 'bill';
  /** Below zero: the rail takes money from the merchant's account (refunds beyond payments). */
  readonly amount: Money;
  readonly state: 'sent' | 'overdue' | 'arrived' | 'withdrawn';
  readonly arrived?: {
    readonly lineId: BankStatementLineId;
    readonly on: Temporal.PlainDate;
  };
};

/** The sums of an account statement by kind, signed as the balance at the rail changed. */
export type StatementTotals = Readonly<Record<SettlementLine['kind'], bigint>>;

/** The kinds that bill and account statement both tell. */
const COMPARED = ['payment', 'refund', 'fee'] as const;

/** One difference of a day's account statement, and the words by which the break names it. */
export type StatementDifference = { readonly name: string; readonly found: Difference };

/**
 * Compares a day's account statement with its bill: Σ payments, Σ refunds and Σ fees must be the
 * same (结算不符 otherwise). The fee is compared net: some rails tell what they give back as fee.
 * The statement is the rail's balance, so the clearing account follows it, and the rail explains.
 */
export function compareStatement(
  bill: Pick<RailBill, 'total' | 'refunded' | 'fee'>,
  totals: StatementTotals,
): readonly StatementDifference[] {
  const { currency } = bill.total;
  const ofBill: Readonly<Record<(typeof COMPARED)[number], bigint>> = {
    payment: bill.total.minor,
    refund: -bill.refunded.minor,
    fee: -bill.fee.minor,
  };
  return COMPARED.flatMap((kind) => {
    const said = totals[kind];
    const told = ofBill[kind];
    if (said === told) return [];
    const found: Difference = {
      class: 'settlement_mismatch',
      rootCause: 'statement_differs_from_bill',
      suggestedAction: 'ask_rail',
      state: 'open',
      railAmount: money(said, currency),
      ourAmount: money(told, currency),
      difference: money(said - told, currency),
    };
    return [{ name: kind, found }];
  });
}

/**
 * A row of the account statement that is no payment, refund, fee or payout: money that the rail
 * holds, releases, adds or takes. The clearing account follows it into suspense, and a person asks.
 */
export function differenceOfOther(line: SettlementLine): StatementDifference {
  return {
    name: line.railReference,
    found: {
      class: 'settlement_mismatch',
      rootCause: 'held_or_released_by_rail',
      suggestedAction: 'ask_rail',
      state: 'open',
      railAmount: line.change,
      difference: line.change,
    },
  };
}

/** What a rail without account statement must send for a day: payments − refunds − fees. */
export function netOfBill(bill: Pick<RailBill, 'total' | 'refunded' | 'fee'>): Money {
  const { total, refunded, fee } = bill;
  return money(total.minor - refunded.minor - fee.minor, total.currency);
}
