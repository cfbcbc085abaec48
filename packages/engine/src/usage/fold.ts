import {
  decideFold,
  type FoldableEvent,
  growState,
  type LockedRollup,
  type Meter,
  type MeterId,
  type OpenUsageBatch,
  present,
  type RollupEvents,
  type RollupKey,
  type RollupState,
  type Tx,
  type UsageBatchId,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { causeOf, isOfTheRows } from '../row-fault.ts';
import { tellThresholds } from './thresholds.ts';

/** Batches of the intake that one commit folds at first; it adapts to how large they are. */
const FIRST_BATCHES = 16;
const MOST_BATCHES = 1_000;

/** Events of one commit that we aim for: enough to spread its cost, few enough to hold. */
const FEW_EVENTS = 5_000;
const MANY_EVENTS = 40_000;

export type FoldCounts = { readonly batches: number; readonly events: number };

/**
 * Takes every acknowledged event into the rollups that rating and usage questions read. A batch and
 * its mark are one commit, so a kill loses and doubles nothing; other folders may run at the same
 * time. When it returns, everything that was acknowledged before it was called has been folded,
 * also by others: batches that another folder holds are waited for. A batch that cannot be folded
 * is set aside alone, told in the log and by the doctor; `refoldUsage` tries it again (I10).
 */
export async function foldUsage(job: Job): Promise<FoldCounts> {
  let limit = FIRST_BATCHES;
  let batches = 0;
  let events = 0;
  let claimed = 1;
  while (claimed > 0) {
    const folded = await foldGroup(job, limit);
    claimed = folded.claimed;
    batches += folded.batches;
    events += folded.events;
    job.progress.advance(folded.events);
    if (folded.events < FEW_EVENTS) limit = Math.min(limit * 4, MOST_BATCHES);
    else if (folded.events > MANY_EVENTS) limit = Math.max(limit >> 1, 1);
  }
  return { batches, events };
}

/**
 * Opens the batches that were set aside and folds again, once the cause is mended; returns how many
 * there were and what was folded. Those that still fail are set aside anew.
 */
export async function refoldUsage(job: Job): Promise<FoldCounts & { readonly reopened: number }> {
  const reopened = await job.engine.store.transact(job.merchant.id, (tx) =>
    tx.reopenUsageBatches(),
  );
  return { reopened, ...(await foldUsage(job)) };
}

/** One group of batches, in one commit; where that fails each batch has a commit of its own. */
async function foldGroup(
  job: Job,
  limit: number,
): Promise<FoldCounts & { readonly claimed: number }> {
  let open: readonly OpenUsageBatch[] = [];
  try {
    const folded = await job.engine.store.transact(job.merchant.id, async (tx) => {
      // The work may run again after a lost race: what the lost one claimed is no longer ours.
      open = [];
      open = await claim(tx, limit);
      return foldBatches(tx, job, open);
    });
    return { ...folded, claimed: open.length };
  } catch (error) {
    if (!isOfTheRows(error) || open.length === 0) throw error;
    let batches = 0;
    let events = 0;
    for (const { id } of open) {
      const folded = await foldAlone(job, id);
      batches += folded.batches;
      events += folded.events;
    }
    return { batches, events, claimed: open.length };
  }
}

/** One batch, unless another folder has folded it meanwhile; set aside where it cannot be. */
async function foldAlone(job: Job, id: UsageBatchId): Promise<FoldCounts> {
  const { store } = job.engine;
  try {
    return await store.transact(job.merchant.id, async (tx) =>
      foldBatches(tx, job, await tx.claimUsageBatches({ limit: 1, held: 'wait', only: id })),
    );
  } catch (error) {
    if (!isOfTheRows(error)) throw error;
    const reason = causeOf(error);
    const at = nowOf(job.engine, job.merchant);
    const isSet = await store.transact(job.merchant.id, (tx) =>
      tx.setUsageBatchAside(id, { at, reason }),
    );
    if (isSet) job.engine.log.warn('usage batch could not be folded', { batch: id, reason });
    return { batches: 0, events: 0 };
  }
}

async function foldBatches(tx: Tx, job: Job, open: readonly OpenUsageBatch[]): Promise<FoldCounts> {
  if (open.length === 0) return { batches: 0, events: 0 };
  const meters = await tx.loadMeters();
  const events = await tx.loadUsageEvents(open);
  const touched = await foldEvents(tx, { job, meters, events });
  const now = nowOf(job.engine, job.merchant);
  await tellThresholds(tx, { job, meters, touched, now });
  await tx.closeUsageBatches(
    open.map(({ id }) => id),
    now,
  );
  return { batches: open.length, events: events.length };
}

async function claim(tx: Tx, limit: number): Promise<readonly OpenUsageBatch[]> {
  const free = await tx.claimUsageBatches({ limit, held: 'skip' });
  return free.length > 0 ? free : tx.claimUsageBatches({ limit, held: 'wait' });
}

/** Adds the events to the rollups; returns the keys that changed. */
async function foldEvents(
  tx: Tx,
  work: {
    readonly job: Job;
    readonly meters: readonly Meter[];
    readonly events: readonly FoldableEvent[];
  },
): Promise<readonly RollupKey[]> {
  const decision = decideFold(work.events, metersByType(work.meters));
  if (decision.unreadable > 0) {
    work.job.engine.log.warn('usage events lack what a meter made meanwhile reads', {
      merchant: work.job.merchant.code,
      events: decision.unreadable,
    });
  }
  if (decision.increments.length > 0) await tx.growRollups(decision.increments);
  if (decision.stateful.length > 0) await growStates(tx, work.meters, decision.stateful);
  return [...decision.increments, ...decision.stateful];
}

async function growStates(
  tx: Tx,
  meters: readonly Meter[],
  grown: readonly RollupEvents[],
): Promise<void> {
  const byId = new Map<MeterId, Meter>(meters.map((meter) => [meter.id, meter]));
  const locked = await tx.lockRollups(grown);
  const byKey = new Map(locked.map((rollup) => [keyText(rollup), rollup]));
  const states = grown.map((rollup): RollupState => {
    const { customerId, meterId, day, groupKey, events } = rollup;
    const held: LockedRollup = present(byKey.get(keyText(rollup)), 'a rollup that was locked');
    const meter = present(byId.get(meterId), 'the meter of a rollup');
    const { state, units } = growState(meter, held.state, { day, events });
    return { customerId, meterId, day, groupKey, state, units, events: BigInt(events.length) };
  });
  await tx.saveRollupStates(states);
}

function keyText({ customerId, meterId, day, groupKey }: RollupKey): string {
  return `${customerId} ${meterId} ${day} ${groupKey}`;
}

/** The meters that listen to each type of event. */
export function metersByType(meters: readonly Meter[]): ReadonlyMap<string, readonly Meter[]> {
  const byType = new Map<string, Meter[]>();
  for (const meter of meters) {
    const known = byType.get(meter.eventType);
    if (known === undefined) byType.set(meter.eventType, [meter]);
    else known.push(meter);
  }
  return byType;
}
