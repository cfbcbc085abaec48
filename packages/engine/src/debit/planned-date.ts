import {
  addSeconds,
  BLOCKED_LOOK_SECONDS,
  type Customer,
  type CustomerId,
  type DebitBundle,
  debitEvent,
  debitRefusal,
  mandateEvent,
  type PlannedDateOutcome,
  placeAgain,
  present,
  type Tx,
  wantedPlan,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, CALLS_AT_ONCE, type Job, nowOf, railOf, scheduleContext } from '../job.ts';
import { customersOf } from './settle.ts';

export type ReplanCounts = {
  readonly moved: number;
  readonly refused: number;
  readonly unknown: number;
};

/** Seconds until a rail that gave no definite word is asked again; the same call is harmless. */
const AGAIN_SECONDS = 10 * 60;

/**
 * Asks the rails to move the dates that they keep, for debits that lie beyond them (a period that
 * was never debited leaves the rail's date behind). In three steps, as everything that leaves: the
 * next look is committed; the rail is asked with no transaction open; then the date is kept and the
 * customer's notice planned. A refusal holds the debit back, with what can be done.
 */
export async function movePlannedDates(job: Job): Promise<ReplanCounts> {
  const counts = { moved: 0, refused: 0, unknown: 0 };
  if (await isHeld(job)) return counts;
  let claimed = BATCH_ROWS;
  while (claimed > 0) {
    const bundles = await claimBatch(job);
    claimed = bundles.length;
    const asked = await mapAtOnce(bundles, CALLS_AT_ONCE, (known) => moveOne(job, known));
    for (const { kind } of asked) counts[kind] += 1;
    if (claimed > 0) await saveOutcomes(job, bundles, asked);
  }
  return counts;
}

async function claimBatch(job: Job): Promise<readonly Replanned[]> {
  const now = nowOf(job.engine, job.merchant);
  return await job.engine.store.transact(job.merchant.id, async (tx) => {
    const claim = { buckets: job.buckets, dueBy: now, limit: BATCH_ROWS };
    const bundles = await tx.claimDebitsToReplan(claim);
    const collectAt = addSeconds(now, AGAIN_SECONDS);
    await tx.save({ debits: bundles.map(({ debit }) => ({ ...debit, collectAt })) });
    const customers = await customersOf(tx, bundles);
    return bundles.map((bundle) => ({ bundle, customer: customerOf(customers, bundle) }));
  });
}

type Replanned = { readonly bundle: DebitBundle; readonly customer: Customer };

async function moveOne(job: Job, known: Replanned): Promise<PlannedDateOutcome> {
  const { bundle, customer } = known;
  const { debit, mandate } = bundle;
  const { railReference } = mandate;
  if (mandate.state !== 'active' || railReference === undefined) {
    return { kind: 'refused', code: 'mandate_not_active', message: 'the mandate is not active' };
  }
  try {
    // A rail that is not connected any more says nothing; the others move their dates (I10).
    const rail = railOf(job.engine, debit.rail);
    if (rail.movePlannedDate === undefined) {
      return { kind: 'refused', code: 'not_offered', message: 'the rail moves no dates' };
    }
    const context = scheduleContext(job, debit.rail, nowOf(job.engine, job.merchant));
    const plannedDate = wantedPlan(debit, { ...bundle, customer }, context);
    return await rail.movePlannedDate({
      railReference,
      plannedDate: present(plannedDate, 'the date of a rail that keeps one'),
      reason: '上期未扣款，顺延扣款日',
    });
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
}

async function saveOutcomes(
  job: Job,
  asked: readonly Replanned[],
  outcomes: readonly PlannedDateOutcome[],
): Promise<void> {
  const outcomeOf = new Map(asked.map(({ bundle }, index) => [bundle.debit.id, outcomes[index]]));
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const locked = await tx.lockDebits([...outcomeOf.keys()]);
    const customers = await customersOf(tx, locked);
    for (const bundle of locked) {
      const { debit } = bundle;
      const outcome = present(outcomeOf.get(debit.id), 'the rail’s word on a planned date');
      if (debit.state !== 'scheduled' || outcome.kind === 'unknown') continue;
      if (outcome.kind === 'refused') await holdBack(tx, job, bundle);
      else {
        const customer = customerOf(customers, bundle);
        await announceAgain(tx, job, { bundle, customer, plannedDate: outcome.plannedDate });
      }
    }
  });
}

function customerOf(
  customers: ReadonlyMap<CustomerId, Customer>,
  { debit }: DebitBundle,
): Customer {
  return present(customers.get(debit.customerId), 'the customer of a debit');
}

async function holdBack(tx: Tx, job: Job, { debit }: DebitBundle): Promise<void> {
  const now = nowOf(job.engine, job.merchant);
  const context = scheduleContext(job, debit.rail, now);
  const { code } = debitRefusal('outside_planned_date');
  const collectAt = addSeconds(now, BLOCKED_LOOK_SECONDS);
  const held = { ...debit, collectAt, blockedBy: code };
  const event = debitEvent(held, { type: 'debit.blocked', reason: code }, context);
  await tx.save({ debits: [held], events: [event] });
}

/** The date is the rail's now: it is kept, and the debit gets its day and its notice. */
async function announceAgain(
  tx: Tx,
  job: Job,
  about: Replanned & {
    readonly plannedDate: Temporal.PlainDate;
  },
): Promise<void> {
  const { bundle, customer, plannedDate } = about;
  const context = scheduleContext(job, bundle.debit.rail, nowOf(job.engine, job.merchant));
  const mandate = { ...bundle.mandate, plannedDate };
  await tx.savePlannedDates([{ mandateId: mandate.id, plannedDate }]);
  const moved = mandateEvent(mandate, { type: 'mandate.plan_moved' }, context);
  const next = placeAgain(bundle.debit, { ...bundle, customer, mandate }, context);
  if (next?.notice === undefined) {
    await tx.save({ events: [moved] });
    return await holdBack(tx, job, bundle);
  }
  const { debit, notice } = next;
  const type = bundle.notices.length === 0 ? 'debit.scheduled' : 'debit.retry_scheduled';
  const event = debitEvent(debit, { type }, context);
  await tx.save({ debits: [debit], notices: [notice], events: [moved, event] });
}
