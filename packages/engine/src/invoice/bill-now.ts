import {
  type DraftContext,
  draftPending,
  type Invoice,
  type PendingLine,
  type Subscription,
  type Tx,
} from '@daikou/core';

/**
 * Bills lines that wait at once, on an invoice of their own that is due today. Undefined where they
 * come to nothing above zero, or cannot be billed: then they wait for the next invoice as before.
 * Credits among them come off it.
 */
export async function billWaiting(
  tx: Tx,
  about: {
    readonly subscription: Subscription;
    readonly pendingLines: readonly PendingLine[];
    /** What the invoice bills, once: "change:chg_…". */
    readonly billingKey: string;
  },
  context: DraftContext,
): Promise<Invoice | undefined> {
  const { subscription, pendingLines, billingKey } = about;
  if (pendingLines.length === 0) return undefined;
  const redemptions = await tx.loadRedemptions([subscription.id]);
  const facts = { subscription, pendingLines, redemptions, billingKey };
  const drafted = draftPending(facts, context);
  if (drafted === undefined || 'reason' in drafted) return undefined;
  await tx.save({
    invoices: [drafted.invoice],
    pendingLines: drafted.pendingLines,
    redemptions: drafted.redemptions,
    events: drafted.events,
  });
  return drafted.invoice;
}
