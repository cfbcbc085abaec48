import type { DailyWindow } from '../calendar/windows.ts';
import type { Money } from '../money/money.ts';
import type { NumberDiscipline } from './number-discipline.ts';

/**
 * What a rail can do and wants, declared as data and proved by the adapter suite. Shared code asks
 * these and never which rail it is. Each `false` or absent part says why in the rail's RESEARCH.md.
 */
export type RailCapabilities = {
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
  };
  /** A planned date that the rail keeps; debits are taken from `earlyDays` before it up to it. */
  readonly plannedDate?: { readonly earlyDays: number; readonly latestDayOfMonth: number };
  /** The most that one debit may take by the rail's default contract. */
  readonly defaultSingleCap: Money;
  readonly successesPerDay?: number;
  /** Calls a second that the rail allows for submit. */
  readonly submitPerSecond: number;
  /** Seconds after submit before an unpaid number can be closed; absent: cannot be closed. */
  readonly closeAfterSeconds?: number;
  /** The local time of the next day from which yesterday's bill can be fetched, in `zone`. */
  readonly billReadyAt: Temporal.PlainTime;
  readonly zone: string;
};
