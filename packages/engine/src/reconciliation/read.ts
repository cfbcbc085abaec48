import type {
  Break,
  BreakFilter,
  BreakId,
  DayMove,
  RailDate,
  ReconciliationDay,
  ReconciliationTx,
} from '@daikou/core';
import type { Job } from '../job.ts';

type DayQuery = Parameters<ReconciliationTx['listDays']>[0];

/** Dates of rails, newest first. */
export async function listDays(job: Job, query: DayQuery): Promise<readonly ReconciliationDay[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.listDays(query));
}

/** Every move of a date, oldest first: who closed it, who opened it again and why. */
export async function listDayMoves(job: Job, day: RailDate): Promise<readonly DayMove[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.loadDayMoves(day));
}

/** A page of breaks, oldest first. */
export async function listBreaks(
  job: Job,
  query: BreakFilter & { readonly after?: string; readonly limit: number },
): Promise<readonly Break[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.listBreaks(query));
}

export async function findBreak(job: Job, id: BreakId): Promise<Break | undefined> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.lockBreak(id));
}

/** Breaks of one transaction when all of them are read. */
const PAGE = 500;

/** All breaks of a filter, page after page: as many as there are, few in memory. */
export async function* everyBreak(job: Job, filter: BreakFilter): AsyncGenerator<Break> {
  let after: BreakId | undefined;
  do {
    const page = await listBreaks(job, {
      ...filter,
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    yield* page;
    after = page.length === PAGE ? page.at(-1)?.id : undefined;
  } while (after !== undefined);
}
