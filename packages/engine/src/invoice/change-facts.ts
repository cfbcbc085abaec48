import {
  billingPeriodOn,
  businessDate,
  type ChangeFacts,
  type DraftContext,
  earliestChange,
  firstChargedDay,
  type Invoice,
  isDateBefore,
  laterDate,
  type Subscription,
  type Tx,
} from '@daikou/core';

/** Days before the change in which a line may lie that a change has to know: a year and a bit. */
const DAYS_BACK = 400;

/** What decides about a change, with the invoice that is undone as it is stored. */
export type LoadedChange = {
  readonly facts: ChangeFacts;
  /** The draft of a period that has not begun; consolidated ones as a whole. */
  readonly draft: Invoice | undefined;
};

/**
 * Reads what decides about a change of a subscription, which the caller has locked: its lines that
 * are billed and those that wait, and the draft of the coming period with all that it used.
 */
export async function loadChange(
  tx: Tx,
  subscription: Subscription,
  context: DraftContext,
): Promise<LoadedChange> {
  const { id } = subscription;
  const today = businessDate(context.now, context.zone);
  const draft = await findComingDraft(tx, subscription, today);
  const endingAfter = earliestChange(subscription, today).subtract({ days: DAYS_BACK });
  const billed = await tx.loadBilledLines({ subscriptions: [id], endingAfter });
  const waiting = await tx.loadPendingLines([id]);
  const notes = await tx.loadCreditNotes([...new Set(billed.map(({ invoiceId }) => invoiceId))]);
  if (draft === undefined) {
    const facts = { subscription, billed, notes, pendingLines: waiting, redemptions: [] };
    return { facts, draft };
  }
  const ofDraft = await tx.loadLinesBilledBy([draft.id]);
  const own = ofDraft.filter(({ subscriptionId }) => subscriptionId === id);
  return {
    facts: {
      subscription,
      billed,
      notes,
      pendingLines: [...waiting, ...own],
      redemptions: await tx.loadRedemptions([id], ['active', 'used_up', 'ended']),
      draft: draft.subscriptionId === undefined ? ownPart(subscription, draft) : draft,
    },
    draft,
  };
}

/** The newest invoice, where it is the draft of a period that has not begun. */
async function findComingDraft(
  tx: Tx,
  subscription: Subscription,
  today: Temporal.PlainDate,
): Promise<Invoice | undefined> {
  const invoices = await tx.lockInvoicesOf([subscription.id]);
  return invoices.find((invoice) => {
    if (invoice.state !== 'draft') return false;
    const own = invoice.subscriptionId === undefined ? ownPart(subscription, invoice) : invoice;
    return own.billingKey.startsWith('period:') && isDateBefore(today, own.period.start);
  });
}

/** A consolidated draft as if it were this subscription's alone. */
function ownPart(subscription: Subscription, invoice: Invoice): Invoice {
  const through = subscription.billedThrough;
  const { start } = billingPeriodOn(subscription, through.subtract({ days: 1 }));
  const begin = laterDate(start, firstChargedDay(subscription));
  return {
    ...invoice,
    subscriptionId: subscription.id,
    billingKey: `period:${begin}`,
    period: { start: begin, end: through },
    lines: invoice.lines.filter((line) => line.subscriptionId === subscription.id),
  };
}
