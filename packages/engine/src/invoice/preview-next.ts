import {
  type DraftContext,
  type DraftFacts,
  decideDraft,
  type Invoice,
  type PendingLine,
  type Redemption,
  type Subscription,
  type Tx,
} from '@daikou/core';
import type { PlannedChange } from './change-plan.ts';
import { factsOf, loadBatchFacts } from './draft-facts.ts';

/** Periods without a bill (a trial, a pause) that are passed over to the first one with a bill. */
const PERIODS_AHEAD = 24;

/**
 * The invoice that drafting would make next, or would make after a change that was decided and not
 * saved. It reads the same facts and calls the same decision as the draft, so it is equal to the
 * fen; it saves nothing. Undefined where nothing is to come, or the draft would be parked.
 */
export async function previewNext(
  tx: Tx,
  about: { readonly subscription: Subscription; readonly planned?: PlannedChange },
  context: DraftContext,
): Promise<Invoice | undefined> {
  const { subscription, planned } = about;
  const facts = await loadBatchFacts(tx, [subscription], context);
  const packs = facts.packs.get(subscription.customerId) ?? [];
  const stored: DraftFacts = { ...factsOf(subscription, facts), packs };
  return firstInvoice(planned === undefined ? stored : overlaid(stored, planned), context);
}

/** The first draft with a bill, period after period. */
export function firstInvoice(facts: DraftFacts, context: DraftContext): Invoice | undefined {
  let now = facts;
  for (let period = 0; period < PERIODS_AHEAD; period += 1) {
    const { invoice, subscription } = decideDraft(now, context);
    if (invoice !== undefined) return invoice;
    if (subscription.state === 'parked' || subscription.state === 'ended') return undefined;
    now = { ...now, subscription };
  }
  return undefined;
}

/** What the draft will read once the change is saved: its rows over those that are stored. */
export function overlaid(stored: DraftFacts, { decision, loaded }: PlannedChange): DraftFacts {
  const { undone, dropped, pendingLines } = decision;
  const rows = new Map<PendingLine['id'], PendingLine>();
  const changed = [...(undone?.pendingLines ?? []), ...dropped, ...pendingLines];
  for (const row of [...stored.pendingLines, ...changed]) rows.set(row.id, row);
  const redemptions = new Map<Redemption['id'], Redemption>();
  for (const one of [...stored.redemptions, ...(undone?.redemptions ?? [])]) {
    redemptions.set(one.id, one);
  }
  // The undone draft is one of the recent bills until it is void.
  const own = loaded.draft?.subscriptionId !== undefined && undone !== undefined;
  return {
    ...stored,
    // In the order in which the store reads them: credits are taken in it.
    pendingLines: [...rows.values()]
      .filter(({ state }) => state === 'pending')
      .toSorted((left, right) => (left.id < right.id ? -1 : 1)),
    redemptions: [...redemptions.values()]
      .filter(({ state }) => state === 'active')
      .toSorted(byRedemption),
    recentTotals: own ? stored.recentTotals.slice(1) : stored.recentTotals,
  };
}

function byRedemption(left: Redemption, right: Redemption): number {
  const compared = Temporal.Instant.compare(left.redeemedAt, right.redeemedAt);
  return compared !== 0 || left.id === right.id ? compared : left.id < right.id ? -1 : 1;
}
