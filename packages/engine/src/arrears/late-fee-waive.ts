import {
  type ApprovalId,
  businessDate,
  decideResumeFee,
  decideStopFee,
  decideWaive,
  decideWaiver,
  type InvoiceId,
  type LateFeeDecided,
  type LateFeeRefusal,
  lateFeeRefusal,
  type Result,
  refuse,
  type Tx,
  type WaiverAsk,
} from '@daikou/core';
import type { NotFound } from '../invoice/credit-locks.ts';
import type { Job } from '../job.ts';
import { notFound } from '../not-found.ts';
import { lateFeeContext } from './late-fee.ts';
import { viewLateFee } from './late-fee-read.ts';

type Decided = Promise<Result<LateFeeDecided, LateFeeRefusal | NotFound>>;

/**
 * Waives a late fee, in part or whole. Above the policy's limit it waits for a second person. What
 * was charged is taken back by the next look of the worker. `dryRun` changes nothing.
 */
export async function waiveLateFee(
  job: Job,
  id: InvoiceId,
  { ask, dryRun = false }: { readonly ask: WaiverAsk; readonly dryRun?: boolean },
): Decided {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [lateFee] = await tx.loadLateFees([id], 'lock');
    const view = await viewLateFee(tx, job, { id });
    if (view === undefined) return refuse(notFound('invoice'));
    if (lateFee === undefined || view.declared === undefined) {
      return refuse(lateFeeRefusal('no_late_fee'));
    }
    const { invoice, waivers, figure, declared } = view;
    const facts = { lateFee, invoice, waivers, figure, policy: declared.rule };
    const decision = decideWaive(facts, ask, lateFeeContext(job));
    if (decision.ok && !dryRun) await saveDecided(tx, decision.value);
    return decision;
  });
}

/** A second person lets a waiver hold, or turns it down. */
export async function decideOnWaiver(
  job: Job,
  id: ApprovalId,
  decision: { readonly approve: boolean; readonly by: string; readonly hash?: string },
): Decided {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [known] = await tx.loadWaivers([id]);
    const owner = known && (await tx.findLateFeeById(known.lateFeeId));
    if (owner === undefined) return refuse(notFound('waiver'));
    const [lateFee] = await tx.loadLateFees([owner.invoiceId], 'lock');
    // Read again under the lock of its late fee: two people may decide at once.
    const [waiver] = await tx.loadWaivers([id]);
    if (lateFee === undefined || waiver === undefined) return refuse(notFound('waiver'));
    const decided = decideWaiver({ lateFee, waiver }, decision, lateFeeContext(job));
    if (decided.ok) await saveDecided(tx, decided.value);
    return decided;
  });
}

/** Days do not count from `from` (today when left out) until it is resumed. */
export async function stopLateFee(
  job: Job,
  id: InvoiceId,
  ask: { readonly from?: Temporal.PlainDate; readonly reason: string; readonly by: string },
): Decided {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [lateFee] = await tx.loadLateFees([id], 'lock');
    if (lateFee === undefined) return refuse(await noneFor(tx, id));
    const context = lateFeeContext(job);
    const from = ask.from ?? businessDate(context.now, context.zone);
    const decided = decideStopFee(lateFee, { ...ask, from }, context);
    if (decided.ok) await saveDecided(tx, decided.value);
    return decided;
  });
}

/** Days count again, from today on. */
export async function resumeLateFee(
  job: Job,
  id: InvoiceId,
  { by }: { readonly by: string },
): Decided {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [lateFee] = await tx.loadLateFees([id], 'lock');
    if (lateFee === undefined) return refuse(await noneFor(tx, id));
    const context = lateFeeContext(job);
    const on = businessDate(context.now, context.zone);
    const decided = decideResumeFee(lateFee, { on, by }, context);
    if (decided.ok) await saveDecided(tx, decided.value);
    return decided;
  });
}

async function noneFor(tx: Tx, id: InvoiceId): Promise<LateFeeRefusal | NotFound> {
  const [invoice] = await tx.loadInvoices([id]);
  return invoice === undefined ? notFound('invoice') : lateFeeRefusal('no_late_fee');
}

async function saveDecided(tx: Tx, { lateFee, waivers, events }: LateFeeDecided): Promise<void> {
  await tx.save({ lateFees: [lateFee], lateFeeWaivers: waivers, events });
}
