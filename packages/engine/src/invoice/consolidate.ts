import {
  type Customer,
  type CustomerId,
  consolidatedOf,
  type DraftDecision,
  freePayerKey,
  type Invoice,
  type InvoiceId,
  mergeDraft,
  payerBillingKey,
  type Tx,
  toConsolidated,
} from '@daikou/core';

export type Consolidated = {
  readonly decisions: readonly DraftDecision[];
  readonly invoices: readonly Invoice[];
};

/**
 * Merges the drafts of payers that have one bill for everything of a day: into the draft of that
 * day when there is one, else into a new one; where it was issued already, into the next. The
 * payers' rows are locked first, so that workers that draft departments of one payer at the same
 * time take turns and no department goes missing.
 */
export async function consolidate(
  tx: Tx,
  decisions: readonly DraftDecision[],
  payers: ReadonlyMap<CustomerId, Customer>,
): Promise<Consolidated> {
  const ids = [...payers.keys()].sort();
  await tx.lockCustomers(ids);
  const dueDates = decisions.flatMap(({ invoice }) =>
    invoice !== undefined && payers.has(invoice.customerId) ? [invoice.dueDate] : [],
  );
  const billingKeys = unique(dueDates).map((dueDate) => payerBillingKey(dueDate, 1));
  const known = await tx.lockDraftsByKey({ customers: ids, billingKeys });
  const work = new Merging(known);
  const moved = decisions.map((decision) => {
    const { invoice } = decision;
    if (invoice === undefined || !payers.has(invoice.customerId)) return decision;
    return pointTo(decision, invoice.id, work.add(invoice));
  });
  const single = decisions.flatMap(({ invoice }) =>
    invoice === undefined || payers.has(invoice.customerId) ? [] : [invoice],
  );
  return { decisions: moved, invoices: [...single, ...work.changed] };
}

/** Consolidated invoices of some payers, drafts growing as more is added. */
class Merging {
  readonly #known: readonly Invoice[];
  readonly #changed = new Map<InvoiceId, Invoice>();

  constructor(known: readonly Invoice[]) {
    this.#known = known;
  }

  get changed(): readonly Invoice[] {
    return [...this.#changed.values()];
  }

  /** The id of the invoice that has the draft's lines now. */
  add(draft: Invoice): InvoiceId {
    const all = this.#known.map((one) => this.#changed.get(one.id) ?? one);
    const fresh = this.changed.filter((one) => !this.#known.some(({ id }) => id === one.id));
    const candidates = [...all, ...fresh];
    const into = consolidatedOf(candidates, draft);
    const merged =
      into === undefined
        ? toConsolidated(draft, freePayerKey(takenKeys(candidates, draft), draft.dueDate))
        : mergeDraft(into, draft);
    this.#changed.set(merged.id, merged);
    return merged.id;
  }
}

/** Keys of this payer that are taken, whatever their currency or way of collecting. */
function takenKeys(known: readonly Invoice[], draft: Invoice): ReadonlySet<string> {
  const ofPayer = known.filter(({ customerId }) => customerId === draft.customerId);
  return new Set(ofPayer.map(({ billingKey }) => billingKey));
}

/** The decision with everything that named its own draft naming the consolidated one. */
function pointTo(decision: DraftDecision, from: InvoiceId, to: InvoiceId): DraftDecision {
  if (from === to) return decision;
  const move = <T extends { readonly invoiceId?: InvoiceId }>(row: T): T =>
    row.invoiceId === from ? { ...row, invoiceId: to } : row;
  return {
    ...decision,
    pendingLines: decision.pendingLines.map(move),
    packBurns: decision.packBurns.map(move),
    usageBilled: decision.usageBilled.map(move),
    events: decision.events.map((event) =>
      event.subjectId === from ? { ...event, subjectId: to } : event,
    ),
  };
}

function unique(dates: readonly Temporal.PlainDate[]): readonly Temporal.PlainDate[] {
  const byText = new Map(dates.map((date) => [date.toString(), date]));
  return [...byText.values()];
}
