import type { CustomerId, Id, InvoiceId, MerchantId } from '../ids/ids.ts';
import type { Currency, Money } from '../money/money.ts';
import type { JsonObject } from '../policy/policy.ts';
import type { Moves } from '../result/moves.ts';

export type DunningCaseId = Id<'dun'>;

export type DunningState = 'running' | 'paused' | 'ended';

/** `paid`: nothing is overdue any more. `exhausted`: the campaign is over, money is still owed. */
export const ENDED_AS = ['paid', 'written_off', 'canceled', 'exhausted', 'disputed'] as const;
export type EndedAs = (typeof ENDED_AS)[number];

export const DUNNING_MOVES: Moves<DunningState> = {
  running: ['paused', 'ended'],
  paused: ['running', 'ended'],
  ended: [],
};

/** What a customer said about paying; it pauses the steps until the day after. */
export type PaymentPromise = {
  readonly date: Temporal.PlainDate;
  readonly amount: Money;
  readonly by: string;
  readonly madeAt: Temporal.Instant;
  /** What was overdue then, and of which invoices: kept where that much less of it is owed. */
  readonly owed: Money;
  readonly invoiceIds: readonly InvoiceId[];
};

/** One dated part of a plan. */
export type PlanPart = {
  readonly date: Temporal.PlainDate;
  readonly amount: Money;
  /** Whole invoices that a debit collects on the date; none: the customer pays it by hand. */
  readonly invoiceIds: readonly InvoiceId[];
  readonly state: 'waiting' | 'planned' | 'kept';
};

export type InstalmentPlan = {
  readonly by: string;
  readonly madeAt: Temporal.Instant;
  /** What was overdue then, and of which invoices. */
  readonly owed: Money;
  readonly invoiceIds: readonly InvoiceId[];
  readonly parts: readonly PlanPart[];
};

/** What happened in a case, in the order in which it did. */
export type DunningEntry = {
  readonly at: Temporal.Instant;
  readonly what:
    | 'started'
    | 'joined'
    | 'message'
    | 'collect'
    | 'pay_link'
    | 'call_task'
    | 'skipped'
    | 'paused'
    | 'resumed'
    | 'promised'
    | 'promise_kept'
    | 'promise_broken'
    | 'plan_made'
    | 'plan_part'
    | 'plan_broken'
    | 'ended';
  /** The campaign's day of the step. */
  readonly day?: number;
  /** A tone, a reason, a code. */
  readonly why?: string;
  /** The notice, debit, link, task or invoice that it made. */
  readonly subjectId?: Id;
};

/** The chase after one customer's arrears in one currency (催缴). */
export type DunningCase = {
  readonly id: DunningCaseId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly currency: Currency;
  readonly state: DunningState;
  /** The campaign as it was when the case began: a newer version is for later cases. */
  readonly campaignName: string;
  readonly campaignBody: JsonObject;
  /** Day 0. */
  readonly startedOn: Temporal.PlainDate;
  /** The next step of the campaign, counted from 0; as many as there are: all were done. */
  readonly nextStep: number;
  /** When the case is looked at next; absent: a person or a payment wakes it. */
  readonly nextStepAt?: Temporal.Instant;
  /** Why the last look did nothing. */
  readonly waitsFor?: string;
  /** Invoices that it chases or chased. */
  readonly invoiceIds: readonly InvoiceId[];
  readonly pause?: {
    readonly by: string;
    readonly reason: string;
    readonly until?: Temporal.PlainDate;
  };
  readonly promise?: PaymentPromise;
  readonly promiseCount: number;
  readonly plan?: InstalmentPlan;
  readonly timeline: readonly DunningEntry[];
  readonly endedAs?: EndedAs;
  readonly endedAt?: Temporal.Instant;
  readonly createdAt: Temporal.Instant;
};
