import type { Period } from '../calendar/periods.ts';
import type {
  CustomerId,
  InvoiceId,
  MerchantId,
  MeterId,
  SubscriptionItemId,
  ThresholdId,
  UsageBatchId,
} from '../ids/ids.ts';
import type { Ratio } from '../money/ratio.ts';
import type { CustomerEvent } from '../usage/event.ts';
import type { Meter } from '../usage/meter.ts';
import type { PackBurn, ResourcePack } from '../usage/resource-pack.ts';
import type { FoldableEvent, RollupIncrement, RollupKey } from '../usage/rollup.ts';
import type { UsageThreshold } from '../usage/threshold.ts';
import type { UsageBilled } from '../usage/usage-billed.ts';
import type { UsageTotal } from '../usage/usage-so-far.ts';

/** What one commit of the intake takes in. */
export type UsageBatch = {
  readonly id: UsageBatchId;
  readonly merchantId: MerchantId;
  readonly receivedAt: Temporal.Instant;
  readonly events: readonly CustomerEvent[];
  /** Some are likely known already. Only the speed depends on it. */
  readonly expectsRepeats: boolean;
};

/** An open batch: what the fold claims. */
export type OpenUsageBatch = Pick<UsageBatch, 'id' | 'receivedAt'>;

/** Usage of one customer and meter on the days of a period. */
export type UsageQuery = {
  readonly customerId: CustomerId;
  readonly meterId: MeterId;
  readonly period: Period;
  /** What of the days before the period is read as well: nothing, the units, the keys. */
  readonly before?: 'units' | 'states';
};

/** A day's state, held until the commit. */
export type LockedRollup = RollupKey & { readonly state: unknown };

/** A day's state to write back, with its units and the number of its new events. */
export type RollupState = LockedRollup & { readonly units: Ratio; readonly events: bigint };

/** A threshold that a period has just crossed. */
export type Crossing = {
  readonly thresholdId: ThresholdId;
  readonly merchantId: MerchantId;
  readonly periodStart: Temporal.PlainDate;
  readonly at: Temporal.Instant;
};

/** What metering reads and writes. Every call takes a batch: one array statement. */
export type UsageTx = {
  /** Adds a meter whose code is new; false when the code is taken, and nothing changes. */
  readonly addMeter: (meter: Meter) => Promise<boolean>;
  /** All meters, oldest first. */
  readonly loadMeters: () => Promise<readonly Meter[]>;

  /** Customers by the merchant's own reference; references that nobody has are left out. */
  readonly findCustomerIds: (
    references: readonly string[],
  ) => Promise<ReadonlyMap<string, CustomerId>>;
  /**
   * Keeps the events whose (source, id) is new. Answers for each event whether it was new; of the
   * same event twice in one batch the first is. A batch without new events leaves no trace.
   */
  readonly appendUsage: (batch: UsageBatch) => Promise<readonly boolean[]>;

  /**
   * Open batches, oldest first, held until the commit. `skip` leaves those out that another folder
   * holds; `wait` waits for it and then gives what it left open, so that nothing means nothing.
   * What was set aside is not open. With `only`, none but that one.
   */
  readonly claimUsageBatches: (claim: {
    readonly limit: number;
    readonly held: 'skip' | 'wait';
    readonly only?: UsageBatchId;
  }) => Promise<readonly OpenUsageBatch[]>;
  /** Takes an open batch that cannot be folded out of the queue; false where it is not open. */
  readonly setUsageBatchAside: (
    batch: UsageBatchId,
    why: { readonly at: Temporal.Instant; readonly reason: string },
  ) => Promise<boolean>;
  /** Opens everything that was set aside; returns how many batches. */
  readonly reopenUsageBatches: () => Promise<number>;
  readonly loadUsageEvents: (
    batches: readonly OpenUsageBatch[],
  ) => Promise<readonly FoldableEvent[]>;
  /** Adds to plain rollups; the keys are sorted. */
  readonly growRollups: (increments: readonly RollupIncrement[]) => Promise<void>;
  /** The states of these keys, made where they are new, held until the commit; sorted keys. */
  readonly lockRollups: (keys: readonly RollupKey[]) => Promise<readonly LockedRollup[]>;
  readonly saveRollupStates: (states: readonly RollupState[]) => Promise<void>;
  readonly closeUsageBatches: (
    batches: readonly UsageBatchId[],
    foldedAt: Temporal.Instant,
  ) => Promise<void>;
  /** Acknowledged events that wait for the fold; not those of batches that were set aside. */
  readonly countUnfoldedUsage: () => Promise<number>;
  /** Deletes folded batches received before `before`, at most `limit`; returns their events. */
  readonly purgeUsage: (before: Temporal.Instant, limit: number) => Promise<number>;

  /** For each query its groups, in the order of the queries. One statement for all. */
  readonly loadUsage: (
    queries: readonly UsageQuery[],
  ) => Promise<readonly (readonly UsageTotal[])[]>;

  readonly saveUsageBilled: (rows: readonly UsageBilled[]) => Promise<void>;
  /** What was billed of these items' periods that end on or after `sincePeriodEnd`. */
  readonly loadUsageBilled: (
    items: readonly SubscriptionItemId[],
    sincePeriodEnd: Temporal.PlainDate,
  ) => Promise<readonly UsageBilled[]>;
  /** Forgets what these invoices billed: they are undone. */
  readonly deleteUsageBilled: (invoices: readonly InvoiceId[]) => Promise<void>;

  /** New ones are inserted, known ones replaced. */
  readonly saveResourcePacks: (packs: readonly ResourcePack[]) => Promise<void>;
  /** Packs with something left that expire after `validAfter`; held until the commit. */
  readonly lockResourcePacks: (
    customers: readonly CustomerId[],
    validAfter: Temporal.PlainDate,
  ) => Promise<readonly ResourcePack[]>;
  readonly loadResourcePacks: (customer: CustomerId) => Promise<readonly ResourcePack[]>;
  readonly savePackBurns: (burns: readonly PackBurn[]) => Promise<void>;
  readonly loadPackBurns: (invoices: readonly InvoiceId[]) => Promise<readonly PackBurn[]>;
  /** Gives what these invoices burnt back to the packs: they are undone. */
  readonly releasePackBurns: (invoices: readonly InvoiceId[]) => Promise<void>;

  readonly saveThresholds: (thresholds: readonly UsageThreshold[]) => Promise<void>;
  readonly loadThresholds: (customers: readonly CustomerId[]) => Promise<readonly UsageThreshold[]>;
  /** Remembers crossings; returns those that nobody had remembered before. */
  readonly addCrossings: (crossings: readonly Crossing[]) => Promise<readonly Crossing[]>;
};
