import type { Period } from '../calendar/periods.ts';
import type { PricedVersion } from '../catalog/catalog.ts';
import type { Usage } from '../catalog/rate.ts';
import type { PriceVersionId, SubscriptionItemId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { Money } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import type { Redemption } from '../subscription/redemption.ts';
import type { Subscription } from '../subscription/subscription.ts';
import type { Timetable } from '../subscription/timetable.ts';
import type { PackBurn, ResourcePack } from '../usage/resource-pack.ts';
import type { UsageBilled } from '../usage/usage-billed.ts';
import type { Invoice } from './invoice.ts';
import type { PendingLine } from './pending-line.ts';

/** Usage by item and period, as rating wants it. */
export type UsageLookup = ReadonlyMap<string, Usage>;

export function usageKey(item: SubscriptionItemId, period: Period): string {
  return `${item} ${period.start} ${period.end}`;
}

/** Everything that decides about one subscription's next invoice, read beforehand. */
export type DraftFacts = {
  readonly subscription: Subscription;
  readonly usage: UsageLookup;
  /** What earlier invoices billed of the periods that late events may still reach. */
  readonly usageBilled: readonly UsageBilled[];
  readonly pendingLines: readonly PendingLine[];
  /** In the order of redemption: that is the order in which coupons apply. */
  readonly redemptions: readonly Redemption[];
  readonly packs: readonly ResourcePack[];
  /** Totals of the latest invoices, newest first: what the bounds compare with. */
  readonly recentTotals: readonly Money[];
  /**
   * All that invoices that are not void billed of the contract's present term, tax included. Read
   * where the contract has a minimum for its term; a draft that needs it and lacks it is parked.
   */
  readonly termBilled?: Money;
};

export type DraftContext = {
  readonly prices: ReadonlyMap<PriceVersionId, PricedVersion>;
  readonly timetable: Timetable;
  readonly bounds: SanityBounds;
  readonly zone: string;
  readonly now: Temporal.Instant;
  readonly ids: IdSource;
};

/** What stops runaway billing: beyond these one subscription is parked, and no other. */
export type SanityBounds = {
  /** Lines per subscription and day of its billing period, at most. */
  readonly linesPerDay: number;
  /** A total above this many times the largest of the recent ones is parked … */
  readonly timesRecent: bigint;
  /** … when it is also above this many minor units. */
  readonly floorMinor: bigint;
};

/** What drafting does; saved together, so that a period is billed once. */
export type DraftDecision = {
  /** Moved on to its next boundary, or parked with the reason. */
  readonly subscription: Subscription;
  /** Absent: nothing to bill this time (a trial, a pause), or parked. */
  readonly invoice?: Invoice;
  readonly pendingLines: readonly PendingLine[];
  readonly redemptions: readonly Redemption[];
  readonly packs: readonly ResourcePack[];
  readonly packBurns: readonly PackBurn[];
  readonly usageBilled: readonly UsageBilled[];
  readonly events: readonly NewEvent[];
};
