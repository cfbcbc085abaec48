import { type DayPlan, type DebitId, type PlannedDebit, planDebitDay } from '@daikou/core';
import { type Job, nowOf } from '../job.ts';

/** Debits that one question to the database brings. */
const PAGE_ROWS = 5_000;

/**
 * The debits of a business date as they would run from now on: by rail, hour and pace, with those
 * that are held back and those for which the rail's hours are too short. Reads only.
 */
export async function planDay(job: Job, date: Temporal.PlainDate): Promise<DayPlan> {
  const debits: PlannedDebit[] = [];
  let after: DebitId | undefined;
  let more = true;
  while (more) {
    const page = await job.engine.store.transact(job.merchant.id, (tx) =>
      tx.loadDebitsPlannedOn({
        date,
        limit: PAGE_ROWS,
        ...(after === undefined ? {} : { after }),
      }),
    );
    debits.push(...page);
    after = page.at(-1)?.id;
    more = page.length === PAGE_ROWS;
  }
  return planDebitDay(debits, {
    date,
    zone: job.merchant.zone,
    now: nowOf(job.engine, job.merchant),
    capabilitiesOf: (rail) => job.engine.rails.get(rail)?.capabilities,
  });
}
