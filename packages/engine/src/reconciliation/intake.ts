import type { RailDate, ReconciliationDay, Tx } from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { matchBank } from './bank.ts';
import { isCompared } from './pool.ts';
import { type ReconcileOutcome, reconcileDay } from './reconcile.ts';

/** Days that are asked for where nothing is known of a rail yet. */
const FIRST_DAYS_BACK = 3;

/** The oldest day that is still asked for. Rails keep their bills for three months. */
const DAYS_BACK = 90;

/** Minutes until a rail is asked again for a file that was not ready or could not be read. */
const RETRY_MINUTES = 10;

/** Days after a bill on which it is asked for once more, as rails issue bills again. */
const ASK_AGAIN_DAYS = 1;

/**
 * Fetches every rail's bills and account statements that are ready by now and not compared yet, the
 * oldest first, so that an outage of days is made good in order; then looks what the bank shows.
 * One rail's failure is its own: the others go on.
 */
export async function reconcileDue(job: Job): Promise<void> {
  let hasNews = false;
  for (const rail of job.engine.rails.values()) {
    const { zone, billReadyAt } = rail.capabilities;
    const local = nowOf(job.engine, job.merchant).toZonedDateTimeISO(zone);
    if (Temporal.PlainTime.compare(local.toPlainTime(), billReadyAt) < 0) continue;
    for (const day of await datesToAsk(job, rail.id, local)) {
      const outcome = await tryDay(job, day);
      hasNews ||= outcome?.kind === 'matched';
    }
  }
  if (hasNews) await matchBank(job);
}

async function tryDay(job: Job, day: RailDate): Promise<ReconcileOutcome | undefined> {
  try {
    return await reconcileDay(job, day);
  } catch (error) {
    job.engine.log.warn('a day was not reconciled and will be tried again', {
      merchant: job.merchant.code,
      rail: day.rail,
      date: day.businessDate.toString(),
      error: error instanceof Error ? error.message : 'thrown',
    });
    return undefined;
  }
}

/** The dates of a rail whose files are to be asked for today, oldest first. */
async function datesToAsk(
  job: Job,
  rail: string,
  now: Temporal.ZonedDateTime,
): Promise<readonly RailDate[]> {
  const today = now.toPlainDate();
  const from = today.subtract({ days: DAYS_BACK });
  const { known, first } = await job.engine.store.transact(job.merchant.id, async (tx: Tx) => ({
    known: await tx.loadDays({ rail, from, until: today.subtract({ days: 1 }) }),
    first: await tx.findFirstDate(rail),
  }));
  const byDate = new Map(known.map((day) => [day.businessDate.toString(), day]));
  // From the first date on every one is asked for, also where nobody looked for weeks.
  const wanted = earlierOf(first, today.subtract({ days: FIRST_DAYS_BACK }));
  const dates: RailDate[] = [];
  for (
    let businessDate = laterOf(wanted, from);
    Temporal.PlainDate.compare(businessDate, today) < 0;
    businessDate = businessDate.add({ days: 1 })
  ) {
    if (isToAsk(byDate.get(businessDate.toString()), { businessDate, now })) {
      dates.push({ rail, businessDate });
    }
  }
  return dates;
}

function earlierOf(one: Temporal.PlainDate | undefined, other: Temporal.PlainDate) {
  return one !== undefined && Temporal.PlainDate.compare(one, other) < 0 ? one : other;
}

function laterOf(one: Temporal.PlainDate, other: Temporal.PlainDate) {
  return Temporal.PlainDate.compare(one, other) > 0 ? one : other;
}

/**
 * Not there yet, or without its account statement; else once more on the next day, and daily while
 * the last look at it failed: an outage must not take the second look away.
 */
function isToAsk(
  day: ReconciliationDay | undefined,
  at: { readonly businessDate: Temporal.PlainDate; readonly now: Temporal.ZonedDateTime },
): boolean {
  if (day === undefined) return true;
  const { now, businessDate } = at;
  if (!isCompared(day) || day.statement === 'expected') {
    const again = day.askedAt.add({ minutes: RETRY_MINUTES });
    return Temporal.Instant.compare(again, now.toInstant()) <= 0;
  }
  const asked = day.askedAt.toZonedDateTimeISO(now.timeZoneId).toPlainDate();
  const lastAsk = businessDate.add({ days: 1 + ASK_AGAIN_DAYS });
  const isRecent = Temporal.PlainDate.compare(now.toPlainDate(), lastAsk) <= 0;
  const isWanted = isRecent || day.problem !== undefined;
  return isWanted && Temporal.PlainDate.compare(asked, now.toPlainDate()) < 0;
}
