import type { AttemptId, BreakId, JournalId, MerchantId, RailBillId } from '../ids/ids.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';

/**
 * 长款 `surplus`: the rail has money that our books lack. 短款 `shortage`: our books have money that
 * the rail lacks. 金额不符, 状态不符, 跨日 `cut_off` (the same money on a day beside ours), 重复, 未知
 * (a number that is none of ours), 手续费不符, 结算不符 (bill and account statement differ), 币种不符.
 */
export const BREAK_CLASSES = [
  'surplus',
  'shortage',
  'amount_mismatch',
  'state_mismatch',
  'cut_off',
  'duplicate',
  'unknown_order',
  'fee_mismatch',
  'settlement_mismatch',
  'currency_mismatch',
] as const;
export type BreakClass = (typeof BREAK_CLASSES)[number];

/** What a person is advised to do. Advice only: nothing here moves money. */
export const BREAK_ACTIONS = [
  'query_rail',
  'complete_order',
  'refund',
  'wait_next_bill',
  'reverse_credit',
  'adjust',
  'claim_fee',
  'ask_rail',
  'write_off',
  'none',
] as const;
export type BreakAction = (typeof BREAK_ACTIONS)[number];

/** Why it came, as far as the files tell. */
export const ROOT_CAUSES = [
  'not_known',
  'number_not_ours',
  'success_not_learned',
  'refund_not_learned',
  'not_in_the_bill',
  'amount_differs',
  'currency_differs',
  'dated_on_another_day',
  'listed_twice',
  'fee_differs_from_contract',
  'statement_differs_from_bill',
  'held_or_released_by_rail',
  'payout_not_arrived',
  'came_after_the_end',
  'issued_again_after_the_end',
] as const;
export type RootCause = (typeof ROOT_CAUSES)[number];

/** `pooled` (存疑): it waits for the bills of the next days before it counts as a difference. */
export type BreakState = 'pooled' | 'open' | 'resolved';

/**
 * How a break ended. `matched_later`: a bill of a day beside it names the money. `superseded`: the
 * bill was issued again without it. `booked`: the money was booked where it belongs. `reversed`:
 * the credit that lacked its money was taken back. `accepted`: nothing is to be posted.
 */
export const RESOLUTIONS = [
  'matched_later',
  'superseded',
  'booked',
  'reversed',
  'write_off',
  'claim_fee',
  'accepted',
] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

/** What proves an end: a line of a bill (`bil_…#12`), a bill, a journal, an approval … */
export type BreakEvidence = {
  readonly kind: 'bill_line' | 'bill' | 'journal' | 'payment' | 'approval' | 'note';
  readonly reference: string;
};

export type BreakEnd = {
  readonly at: Temporal.Instant;
  readonly by: string;
  readonly how: Resolution;
  readonly evidence: BreakEvidence;
};

/** A difference found by reconciliation (差错): a case that only evidence ends. */
export type Break = {
  readonly id: BreakId;
  readonly merchantId: MerchantId;
  /** Absent only where the account statement of a day differs and there is no bill. */
  readonly billId?: RailBillId;
  readonly rail: RailId;
  readonly businessDate: Temporal.PlainDate;
  readonly class: BreakClass;
  /** The order; of a difference that is about no order, what of the statement it is about. */
  readonly orderNumber: string;
  /** Ours; the rail's where money left under none of ours. */
  readonly refundNumber?: string;
  /** The line of the bill, where one line is the reason. */
  readonly lineNumber?: number;
  readonly attemptId?: AttemptId;
  readonly railAmount?: Money;
  readonly ourAmount?: Money;
  /**
   * By how much the rail's balance exceeds our clearing account because of it; below zero: falls
   * short of it. Of a fee: what the rail kept beyond the contract. Absent: not to be told in money.
   */
  readonly difference?: Money;
  /** A role or a person who sees to it. */
  readonly owner: string;
  readonly suggestedAction: BreakAction;
  readonly rootCause: RootCause;
  readonly state: BreakState;
  readonly openedAt: Temporal.Instant;
  /** The journal that parked the difference in suspense. */
  readonly parkedBy?: JournalId;
  readonly note?: string;
  /** Present exactly when it is resolved. */
  readonly end?: BreakEnd;
};

/** Who sees to a break until somebody else is named. */
export const DEFAULT_BREAK_OWNER = 'finance';

/** Who is named as having ended what the files themselves ended. */
export const BY_RECONCILIATION = 'reconciliation';

/**
 * Whether it says that the clearing account and the rail's balance differ, so that it is parked as
 * soon as it is open. A fee claim is not: the fee that the rail kept is in the books as it is.
 */
export function movesClearing(one: Pick<Break, 'class' | 'difference'>): boolean {
  return (
    one.class !== 'fee_mismatch' && one.difference !== undefined && one.difference.minor !== 0n
  );
}
