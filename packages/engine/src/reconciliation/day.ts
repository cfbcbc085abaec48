import {
  BY_RECONCILIATION,
  type DayMove,
  decideCloseDay,
  decideDayState,
  decideReopenDay,
  expectedDay,
  type RailDate,
  type ReconciliationDay,
  type ReconciliationRefusal,
  type Result,
  reconciliationRefusal,
  refuse,
  type Tx,
} from '@daikou/core';
import { type Job, nowOf, railOf } from '../job.ts';

/** The day as it stands, or as it is before anything came; its row is held where there is one. */
export async function lockedDay(tx: Tx, job: Job, day: RailDate): Promise<ReconciliationDay> {
  const known = await tx.lockDay(day);
  if (known !== undefined) return known;
  const rail = railOf(job.engine, day.rail);
  return expectedDay(
    { merchantId: job.merchant.id, ...day },
    { hasStatement: rail.fetchSettlement !== undefined, askedAt: nowOf(job.engine, job.merchant) },
  );
}

/** Saves a day and, where its state changed, the move. */
export async function saveMovedDay(
  tx: Tx,
  job: Job,
  move: {
    readonly from: ReconciliationDay;
    readonly to: ReconciliationDay;
    readonly by?: string;
    readonly note?: string;
  },
): Promise<void> {
  const { from, to, note } = move;
  await tx.saveDay(to);
  if (from.state === to.state) return;
  const row: DayMove = {
    merchantId: to.merchantId,
    rail: to.rail,
    businessDate: to.businessDate,
    from: from.state,
    to: to.state,
    by: move.by ?? BY_RECONCILIATION,
    at: nowOf(job.engine, job.merchant),
    ...(note === undefined ? {} : { note }),
  };
  await tx.addDayMove(row);
}

/** Moves a day to what its files and breaks say by now. */
export async function refreshDay(tx: Tx, job: Job, about: RailDate): Promise<void> {
  const day = await tx.lockDay(about);
  if (day === undefined) return;
  const moved = decideDayState(day, await tx.countUnresolved(about));
  if (moved !== undefined) await saveMovedDay(tx, job, { from: day, to: moved });
}

/** Closes a day by a person's signature. */
export async function closeDay(
  job: Job,
  about: RailDate,
  by: string,
): Promise<Result<ReconciliationDay, ReconciliationRefusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const day = await tx.lockDay(about);
    if (day === undefined) return refuse(reconciliationRefusal('day_has_no_bill'));
    const unresolved = await tx.countUnresolved(about);
    const now = nowOf(job.engine, job.merchant);
    const closed = decideCloseDay(day, unresolved, { by, now });
    if (closed.ok) await saveMovedDay(tx, job, { from: day, to: closed.value, by: by.trim() });
    return closed;
  });
}

/** Opens a closed day again; who did it and why stays in its log. */
export async function reopenDay(
  job: Job,
  about: RailDate,
  command: { readonly by: string; readonly reason: string },
): Promise<Result<ReconciliationDay, ReconciliationRefusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const day = await tx.lockDay(about);
    if (day === undefined) return refuse(reconciliationRefusal('day_is_not_closed'));
    const reopened = decideReopenDay(day, await tx.countUnresolved(about), command);
    if (reopened.ok) {
      const { by, reason } = command;
      await saveMovedDay(tx, job, { from: day, to: reopened.value, by: by.trim(), note: reason });
    }
    return reopened;
  });
}
