import type { RefusalClass } from '../debit/attempt.ts';
import type { Money } from '../money/money.ts';

/** How a message speaks; a campaign never becomes softer again. */
export const TONES = ['friendly', 'firm', 'last'] as const;
export type Tone = (typeof TONES)[number];

/** What one step does. `collect`: a new debit with a notice of its own, inside the rail's hours. */
export type CampaignAction =
  | { readonly kind: 'message'; readonly tone: Tone }
  | { readonly kind: 'collect' }
  | { readonly kind: 'pay_link' }
  | { readonly kind: 'call_task' }
  | { readonly kind: 'end' };

export type CampaignStep = {
  /** Days after day 0, the day on which the customer became overdue. */
  readonly day: number;
  /** Local hours in which it may happen: `from` is inside, `until` is not. */
  readonly from: Temporal.PlainTime;
  readonly until: Temporal.PlainTime;
  readonly action: CampaignAction;
};

/** How arrears are chased (催缴): a policy of the kind `campaign`, as data. */
export type Campaign = {
  /** From which sum of arrears on; a currency without one is not chased. */
  readonly thresholds: readonly Money[];
  readonly customers: 'all' | 'person' | 'organisation';
  /** External references of customers who are left alone. */
  readonly excluded: readonly string[];
  readonly debit: {
    /** Hours between two tries, at least; the retry notice's lead comes on top. */
    readonly hoursBetween: number;
    /** Classes of a refusal after which a method is not tried again. */
    readonly stopAt: readonly RefusalClass[];
    /** Whether the customer's other methods are tried. */
    readonly otherMethods: boolean;
    /** Tries by one method in so many days, at most (Visa: 15 in 30 days). */
    readonly budget: { readonly tries: number; readonly days: number };
    /** Whether the customer's own paying hours choose the hour of a debit. */
    readonly bestHour: boolean;
  };
  /** In the order of their moments; an end, where there is one, is the last. */
  readonly steps: readonly CampaignStep[];
  readonly end: {
    /** Days after day 0 on which it ends whatever happened. */
    readonly maxDays: number;
    /** Tries of one invoice in all, those before the campaign included. */
    readonly maxTries: number;
  };
  readonly promises: {
    /** Promises to pay that one case takes, at most. */
    readonly most: number;
    /** Days from the promise to the date it names, at most. */
    readonly withinDays: number;
  };
};
