import {
  type ChangePart,
  compareInvoices,
  type DraftDecision,
  type Invoice,
  type InvoiceId,
  ok,
  placeAfterReissue,
  present,
  type ReissueFacts,
  type Result,
  refuse,
  reissuedEvents,
  rewindToDraft,
  type Subscription,
  type Tx,
  type VoidRefusal,
  voidRefusal,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { foldUsage } from '../usage/fold.ts';
import { contextOf, type NotFound } from './credit-locks.ts';
import { decideDrafts, saveDrafts } from './draft.ts';
import { type VoidedWithin, voidWithin } from './void.ts';

/** What issuing anew did, or would do. */
export type Reissued = {
  readonly dryRun: boolean;
  /** As it was before. */
  readonly before: Invoice;
  /** Absent where today's facts leave nothing to bill in those days. */
  readonly after?: Invoice;
  /** From the one to the other; the parts add up to the difference of the totals. */
  readonly parts: readonly ChangePart[];
};

/** Carries a dry run's answer out of the database transaction that it rolls back. */
class RolledBack extends Error {
  override readonly name = 'RolledBack';
  readonly reissued: Reissued;

  constructor(reissued: Reissued) {
    super('a dry run is rolled back');
    this.reissued = reissued;
  }
}

/** Carries a refusal out of the database transaction, so that nothing of it stays. */
class Refused extends Error {
  override readonly name = 'Refused';
  readonly refusal: VoidRefusal | NotFound;

  constructor(refusal: VoidRefusal | NotFound) {
    super(refusal.sentence);
    this.refusal = refusal;
  }
}

/**
 * Voids an invoice and drafts its days again from today's items, prices and usage, under the same
 * billing key and in one commit. The new one is a draft; where the old one was issued already, its
 * day has come and the next run issues it, with a debit and a notice of its own. `dryRun` does all
 * of it and rolls it back, so that it says exactly what would happen.
 */
export async function reissueInvoice(
  job: Job,
  id: InvoiceId,
  { dryRun = false }: { readonly dryRun?: boolean } = {},
): Promise<Result<Reissued, VoidRefusal | NotFound>> {
  // What was acknowledged counts: rating reads rollups only.
  await foldUsage(job);
  try {
    const reissued = await job.engine.store.transact(job.merchant.id, async (tx) => {
      const done = await reissueWithin(tx, job, { id, dryRun });
      if (!done.ok) throw new Refused(done.refusal);
      if (dryRun) throw new RolledBack(done.value);
      return done.value;
    });
    return ok(reissued);
  } catch (error) {
    if (error instanceof RolledBack) return ok(error.reissued);
    if (error instanceof Refused) return refuse(error.refusal);
    throw error;
  }
}

async function reissueWithin(
  tx: Tx,
  job: Job,
  { id, dryRun }: { readonly id: InvoiceId; readonly dryRun: boolean },
): Promise<Result<Reissued, VoidRefusal | NotFound>> {
  const voided = await voidWithin(tx, job, id);
  if (!voided.ok) return voided;
  const { before } = voided.value;
  const facts = await loadReissueFacts(tx, voided.value);
  if (facts === undefined) return refuse(voidRefusal('invoice_is_consolidated'));
  const rewound = rewindToDraft(before, facts);
  if (!rewound.ok) return rewound;
  const drafted = await draftAgain(tx, job, rewound.value);
  if (!drafted.ok) return drafted;
  const place = placeAfterReissue(before, facts, drafted.value.subscription);
  if (!place.ok) return place;
  await saveDrafts(tx, job, [{ ...drafted.value, subscription: place.value }]);
  const after = drafted.value.invoice;
  // A payer who has one bill for all since then: the draft went into a bill with other lines.
  if (after !== undefined && (await tx.loadInvoices([after.id])).length === 0) {
    return refuse(voidRefusal('invoice_is_consolidated'));
  }
  await tx.save({
    events: [...reissuedEvents(before, after, contextOf(job)), ...voided.value.debitEvents],
  });
  const empty = { total: { ...before.total, minor: 0n }, lines: [] };
  const parts = compareInvoices(before, after ?? empty);
  return ok({ dryRun, before, parts, ...(after === undefined ? {} : { after }) });
}

/** Undefined for a consolidated invoice, which has no subscription of its own. */
async function loadReissueFacts(
  tx: Tx,
  { before, facts }: VoidedWithin,
): Promise<ReissueFacts | undefined> {
  const { subscriptionId } = before;
  if (subscriptionId === undefined) return undefined;
  const [subscription] = await tx.lockSubscriptions([subscriptionId]);
  return {
    subscription: present(subscription, 'the subscription of an invoice'),
    otherInvoices: facts.otherInvoices,
  };
}

async function draftAgain(
  tx: Tx,
  job: Job,
  subscription: Subscription,
): Promise<Result<DraftDecision, VoidRefusal>> {
  const now = nowOf(job.engine, job.merchant);
  const [decision] = await decideDrafts(tx, job, { due: [subscription], now });
  const drafted = present(decision, 'the decision about a draft');
  const { parked } = drafted.subscription;
  if (parked === undefined) return ok(drafted);
  return refuse(voidRefusal('cannot_be_drafted_again', parked.sentence));
}
