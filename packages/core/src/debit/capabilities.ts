import type { DailyWindow } from '../calendar/windows.ts';
import type { SigningFlow } from '../mandate/signing.ts';
import type { Currency, Money } from '../money/money.ts';
import type { NumberDiscipline } from './number-discipline.ts';

/**
 * What a rail can do and wants, declared as data and proved by the adapter suite. Shared code asks
 * these and never which rail it is. Each `false` or absent part says why in the rail's RESEARCH.md.
 */
export type RailCapabilities = {
  /** The currencies that it takes; a debit in another never leaves. */
  readonly currencies: readonly Currency[];
  /** How payers can sign, the merchant's first choice first. */
  readonly signingFlows: readonly SigningFlow[];
  /** Characters allowed in an order number, at most. */
  readonly orderNumberMaxLength: number;
  readonly numberDiscipline: NumberDiscipline;
  /** `reply`: the answer to submit is final. `later`: callback or query decide after it. */
  readonly completion: 'reply' | 'later';
  /** The hours in which submit may be called; absent: any hour. */
  readonly submitWindow?: DailyWindow;
  /** The rail's own announcement to the payer before a debit; absent: the rail wants none. */
  readonly announcement?: {
    /** Days from the announcement to the first day on which the debit is taken (WeChat: 2). */
    readonly leadDays: number;
    /** Days on which the debit is then taken. */
    readonly windowDays: number;
    readonly window: DailyWindow;
    /**
     * Seconds after the signing in which the rail takes a debit at once and without announcement,
     * unless one was made since; absent: it always wants one. Our own notice is no part of this.
     */
    readonly exemptAfterSigningSeconds?: number;
  };
  /** A planned date that the rail keeps; debits are taken from `earlyDays` before it up to it. */
  readonly plannedDate?: { readonly earlyDays: number; readonly latestDayOfMonth: number };
  /** The most that one debit may take by the rail's default contract. */
  readonly defaultSingleCap: Money;
  readonly successesPerDay?: number;
  /** What the rail counts against one mandate; absent parts are not limited. */
  readonly budgets?: RailBudgets;
  /** Absent: the rail returns no money by itself. */
  readonly refunds?: RefundRules;
  /**
   * Whole days between the delivery of our own notice and the debit that the rail's rules want;
   * absent: the law's days are enough.
   */
  readonly noticeDays?: number;
  /** Days after a success in which the payer's bank may take the money back; absent: never. */
  readonly returnsWithinDays?: number;
  /** Calls a second that the rail allows for submit. */
  readonly submitPerSecond: number;
  /** Seconds after submit before an unpaid number can be closed; absent: cannot be closed. */
  readonly closeAfterSeconds?: number;
  /**
   * Seconds for which the rail may hold an accepted order before it takes the money (WeChat's
   * notice of 24 hours): such an order is not closed by us in that time. Absent: none.
   */
  readonly patienceSeconds?: number;
  /** The local time of the next day from which yesterday's bill can be fetched, in `zone`. */
  readonly billReadyAt: Temporal.PlainTime;
  readonly zone: string;
  /**
   * Dates on which its banks settle, where these are not China's workdays or the rail need make no
   * bill of the others. Absent: a bill of every date, and payouts arrive on China's workdays.
   */
  readonly settlesOn?: (date: Temporal.PlainDate) => boolean;
  /** Whether its banks work on a date; absent: it works on every day. */
  readonly isBankDay?: (date: Temporal.PlainDate) => boolean;
};

/** Tries and successes that a rail counts per mandate. */
export type RailBudgets = {
  /** Tries on one day of the rail, failures included. */
  readonly attemptsPerDay?: number;
  /** Successes in one cycle of the mandate, that is one calendar month of the rail. */
  readonly successesPerCycle?: number;
  /** The most that one day may take, in the smallest unit of the cap's currency. */
  readonly dailyCap?: Money;
};

/** What a rail allows for refunds. Absent from its capabilities: it returns nothing by itself. */
export type RefundRules = {
  /** Days after the payment within which it can be returned. */
  readonly withinDays: number;
  readonly partial: boolean;
  /** Refunds of one payment, at most. */
  readonly maxPerPayment: number;
  /** Seconds between two refunds of one payment, at least. */
  readonly secondsBetween: number;
  /** `reply`: the answer is final. `later`: callback or query decide after it. */
  readonly completion: 'reply' | 'later';
};
