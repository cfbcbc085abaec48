import type { Attempt } from '../debit/attempt.ts';
import type { CountedAttempt } from '../debit/budget.ts';
import type { PlannedDebit } from '../debit/calendar.ts';
import type { Debit } from '../debit/debit.ts';
import type { AttemptId, CustomerId, DebitId, InvoiceId, MandateId } from '../ids/ids.ts';
import type { DriftId, MandateDrift } from '../mandate/drift.ts';
import type { MandateEnd } from '../mandate/end.ts';
import type { Mandate } from '../mandate/mandate.ts';
import type { SweepBrake } from '../mandate/sweep-brake.ts';
import type { Money } from '../money/money.ts';
import type { BucketRange, Claim, DebitBundle, Page } from './claims.ts';

/** A mandate that the sweep compares, and whether a subscription is collected by debit. */
export type SweptMandate = { readonly mandate: Mandate; readonly hasSubscription: boolean };

/** What choosing methods, ending mandates and sweeping them reads and writes. */
export type RoutingTx = {
  /** Every mandate of these customers that was ever signed, whatever became of it. */
  readonly loadMandatesOf: (customers: readonly CustomerId[]) => Promise<readonly Mandate[]>;
  /** Attempts by these mandates since then, whichever debit they belong to. */
  readonly loadAttemptsByMandate: (
    mandates: readonly MandateId[],
    since: Temporal.Instant,
  ) => Promise<readonly (CountedAttempt & { readonly mandateId: MandateId })[]>;
  /** The customers' last successful debits, newest first, at most `limit` of each. */
  readonly loadPaidHistory: (
    customers: readonly CustomerId[],
    limit: number,
  ) => Promise<readonly { readonly customerId: CustomerId; readonly amount: Money }[]>;
  /** The mandates by which debits for these invoices ended, moved to another method or failed. */
  readonly loadRefusedMandates: (
    invoices: readonly InvoiceId[],
  ) => Promise<readonly { readonly invoiceId: InvoiceId; readonly mandateId: MandateId }[]>;
  /** Writes this one date of a mandate and nothing else of it, as the rail alone decides it. */
  readonly savePlannedDates: (
    dates: readonly { readonly mandateId: MandateId; readonly plannedDate: Temporal.PlainDate }[],
  ) => Promise<void>;
  /** Debits that wait for the rail to move its planned date; locked, skipping locked ones. */
  readonly claimDebitsToReplan: (claim: Claim) => Promise<readonly DebitBundle[]>;
  /** Debits still to be sent on this business date, after a cursor, in the order of their ids. */
  readonly loadDebitsPlannedOn: (query: {
    readonly date: Temporal.PlainDate;
    readonly after?: DebitId;
    readonly limit: number;
  }) => Promise<readonly PlannedDebit[]>;
  readonly listDebitsBlockedBy: (reason: string, page: Page) => Promise<readonly Debit[]>;

  readonly saveMandateEnds: (ends: readonly MandateEnd[]) => Promise<void>;
  readonly findMandateEnd: (mandate: MandateId) => Promise<MandateEnd | undefined>;
  /** Ends whose next try is due; locked, skipping locked ones. */
  readonly claimMandateEnds: (claim: Claim) => Promise<readonly MandateEnd[]>;
  /** Mandates to compare with the rail: active ones, and those that ended after `endedSince`. */
  readonly loadMandatesToSweep: (query: {
    readonly buckets: BucketRange;
    readonly endedSince: Temporal.Instant;
    readonly after?: MandateId;
    readonly limit: number;
  }) => Promise<readonly SweptMandate[]>;
  /** Adds findings; one that is open already for the mandate and kind stays as it is. */
  readonly addDrifts: (drifts: readonly MandateDrift[]) => Promise<readonly DriftId[]>;
  /** Marks open findings of these mandates and kinds as resolved. */
  readonly resolveDrifts: (
    mandates: readonly MandateId[],
    kind: MandateDrift['kind'],
    at: Temporal.Instant,
  ) => Promise<void>;
  readonly listDrifts: (
    page: Page & { readonly state?: string },
  ) => Promise<readonly MandateDrift[]>;

  /** Comparisons that were not believed and that nobody has decided, by rail. */
  readonly findOpenBrakes: () => Promise<readonly SweepBrake[]>;
  readonly saveBrakes: (brakes: readonly SweepBrake[]) => Promise<void>;

  readonly listAttempts: (
    page: Page & { readonly state?: string; readonly needsPerson?: boolean },
  ) => Promise<readonly Attempt[]>;
  readonly findAttempt: (id: AttemptId) => Promise<Attempt | undefined>;
};
