import {
  businessDate,
  type CustomerId,
  type DraftContext,
  type DraftFacts,
  LATE_USAGE_GRACE_DAYS,
  type LineRule,
  type Money,
  type PendingLine,
  type Period,
  present,
  type Redemption,
  type ResourcePack,
  type Subscription,
  type SubscriptionId,
  sum,
  type Tx,
  type Usage,
  type UsageBilled,
  type UsageNeed,
  usageKey,
  usageNeeds,
} from '@daikou/core';
import { groupBy } from '../concurrency.ts';
import { loadMeteredUsage } from '../usage/load.ts';

/** Everything that decides about the drafts of a batch, by whose it is. */
export type BatchFacts = {
  readonly usage: ReadonlyMap<string, Usage>;
  readonly usageBilled: ReadonlyMap<SubscriptionId, readonly UsageBilled[]>;
  readonly pendingLines: ReadonlyMap<SubscriptionId, readonly PendingLine[]>;
  readonly redemptions: ReadonlyMap<SubscriptionId, readonly Redemption[]>;
  readonly packs: ReadonlyMap<CustomerId, readonly ResourcePack[]>;
  readonly recentTotals: ReadonlyMap<SubscriptionId, readonly Money[]>;
  readonly termBilled: ReadonlyMap<SubscriptionId, Money>;
};

const OUTSIDE_COMMITMENT: ReadonlySet<LineRule> = new Set(['late_fee', 'top_up']);

/** Bills that the amount of a new one is compared with. */
const RECENT_BILLS = 6;

/**
 * Reads what decides about the drafts of these subscriptions: one statement of each kind for all of
 * them. Usage, what was billed of it and packs are read only where something is metered.
 */
export async function loadBatchFacts(
  tx: Tx,
  subscriptions: readonly Subscription[],
  context: DraftContext,
): Promise<BatchFacts> {
  const ids = subscriptions.map(({ id }) => id);
  const metered = subscriptions.filter(({ items }) => items.some(isMetered));
  const [pendingLines, redemptions, recentTotals] = await Promise.all([
    tx.loadPendingLines(ids),
    tx.loadRedemptions(ids),
    tx.loadRecentTotals({ subscriptions: ids, count: RECENT_BILLS }),
  ]);
  return {
    pendingLines: groupBy(pendingLines, ({ subscriptionId }) => subscriptionId),
    redemptions: groupBy(redemptions, ({ subscriptionId }) => subscriptionId),
    recentTotals,
    termBilled: await loadTermTotals(tx, subscriptions),
    ...(metered.length === 0 ? NO_USAGE : await loadUsageFacts(tx, metered, context)),
  };
}

/** What was billed of the present term, where the contract commits to a minimum for all of it. */
async function loadTermTotals(
  tx: Tx,
  subscriptions: readonly Subscription[],
): Promise<ReadonlyMap<SubscriptionId, Money>> {
  const committed = subscriptions.flatMap(({ id, contract }) =>
    contract?.minimumForTerm === undefined ? [] : [{ id, contract }],
  );
  const [first, ...others] = committed;
  if (first === undefined) return new Map();
  const endingAfter = others
    .map(({ contract }) => contract.start)
    .reduce(earlier, first.contract.start);
  const ids = committed.map(({ id }) => id);
  const lines = groupBy(
    await tx.loadBilledLines({ subscriptions: ids, endingAfter }),
    ({ subscriptionId }) => subscriptionId,
  );
  return new Map(
    committed.map(({ id, contract }) => {
      const currency = contract.minimumForTerm?.currency ?? 'CNY';
      // What a delay cost fulfils no commitment, nor does balance that was bought for later.
      const ofTerm = (lines.get(id) ?? []).filter(
        ({ line }) => !OUTSIDE_COMMITMENT.has(line.rule) && isWithin(line.period, contract),
      );
      return [
        id,
        sum(
          ofTerm.map(({ line }) => line.amount),
          currency,
        ),
      ];
    }),
  );
}

function isWithin(period: Period, term: Period): boolean {
  return (
    Temporal.PlainDate.compare(term.start, period.start) <= 0 &&
    Temporal.PlainDate.compare(period.start, term.end) < 0
  );
}

type UsageFacts = Pick<BatchFacts, 'usage' | 'usageBilled' | 'packs'>;

const NO_USAGE: UsageFacts = { usage: new Map(), usageBilled: new Map(), packs: new Map() };

async function loadUsageFacts(
  tx: Tx,
  metered: readonly Subscription[],
  context: DraftContext,
): Promise<UsageFacts> {
  const today = businessDate(context.now, context.zone);
  const items = metered.flatMap((subscription) =>
    subscription.items.filter(isMetered).map(({ id }) => ({ id, subscription })),
  );
  const owners = new Map(items.map(({ id, subscription }) => [id, subscription.id]));
  const since = today.subtract({ days: LATE_USAGE_GRACE_DAYS });
  const billed = newestOnly(await tx.loadUsageBilled([...owners.keys()], since));
  const billedByOwner = groupBy(billed, ({ itemId }) => owners.get(itemId));
  const needs = metered.flatMap((subscription) => {
    const usageBilled = billedByOwner.get(subscription.id) ?? [];
    const { prices, timetable } = context;
    return usageNeeds(subscription, { prices, timetable, usageBilled }).map((need) => ({
      ...need,
      customerId: meteredCustomer(subscription),
    }));
  });
  const customers = [...new Set(metered.map(({ customerId }) => customerId))];
  const earliest = metered.map(({ arrearsThrough }) => arrearsThrough).reduce(earlier, today);
  const packs = await tx.lockResourcePacks(customers, earlier(earliest, since));
  const usageBilled = new Map<SubscriptionId, readonly UsageBilled[]>();
  for (const [owner, rows] of billedByOwner) if (owner !== undefined) usageBilled.set(owner, rows);
  return {
    usage: await loadUsage(tx, needs, context.zone),
    usageBilled,
    packs: groupBy(packs, ({ customerId }) => customerId),
  };
}

/** Each row says what its whole period had come to, so the newest invoice's row holds. */
function newestOnly(rows: readonly UsageBilled[]): readonly UsageBilled[] {
  const newest = new Map<string, UsageBilled>();
  for (const row of rows) {
    const key = usageKey(row.itemId, row.period);
    const known = newest.get(key);
    if (known === undefined || known.invoiceId < row.invoiceId) newest.set(key, row);
  }
  return [...newest.values()];
}

/** Usage is counted for whoever uses: the department or member, else the payer. */
function meteredCustomer(subscription: Subscription): CustomerId {
  return subscription.beneficiaryId ?? subscription.customerId;
}

async function loadUsage(
  tx: Tx,
  needs: readonly (UsageNeed & { readonly customerId: CustomerId })[],
  zone: string,
): Promise<ReadonlyMap<string, Usage>> {
  if (needs.length === 0) return new Map();
  const meters = await tx.loadMeters();
  const ids = new Set(meters.map(({ id }) => id));
  const known = needs.filter(({ meterId }) => ids.has(meterId));
  // With what was in force before the period, for the meters whose level outlives it.
  const usage = await loadMeteredUsage(tx, { meters, zone }, known);
  return new Map(
    known.map(({ itemId, period }, index) => [
      usageKey(itemId, period),
      present(usage[index], 'the usage of a need'),
    ]),
  );
}

/** What core's draft of one subscription reads, packs left to the caller: they are shared. */
export function factsOf(subscription: Subscription, facts: BatchFacts): Omit<DraftFacts, 'packs'> {
  const { id } = subscription;
  const termBilled = facts.termBilled.get(id);
  return {
    subscription,
    usage: facts.usage,
    usageBilled: facts.usageBilled.get(id) ?? [],
    pendingLines: facts.pendingLines.get(id) ?? [],
    redemptions: facts.redemptions.get(id) ?? [],
    recentTotals: facts.recentTotals.get(id) ?? [],
    ...(termBilled === undefined ? {} : { termBilled }),
  };
}

function isMetered({ kind }: Subscription['items'][number]): boolean {
  return kind === 'metered';
}

function earlier(left: Temporal.PlainDate, right: Temporal.PlainDate): Temporal.PlainDate {
  return Temporal.PlainDate.compare(left, right) <= 0 ? left : right;
}
