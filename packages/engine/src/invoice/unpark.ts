import {
  type DraftContext,
  isId,
  ok,
  type ParkingReason,
  type Refusal,
  type Result,
  refuse,
  type Subscription,
  type SubscriptionId,
  type Tx,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { changesOf, planChange } from './change-plan.ts';
import { decideDrafts, draftContext, saveDrafts } from './draft.ts';

export type UnparkRequest = {
  readonly ids?: readonly SubscriptionId[];
  readonly reason?: ParkingReason;
  /**
   * A person has looked at the bills and accepts them: they are drafted at once, without the bounds
   * that parked them. Without it each is drafted in its turn, and parked again where it must be.
   */
  readonly accept?: boolean;
  readonly dryRun?: boolean;
};

export type Unparked = {
  readonly dryRun: boolean;
  readonly subscriptions: readonly {
    readonly id: SubscriptionId;
    readonly reason: ParkingReason;
    readonly sentence: string;
  }[];
};

const PAGE = 500;

const NOTHING_NAMED: Refusal = {
  code: 'nothing_named',
  sentence: 'Neither subscriptions nor a reason are named.',
  next: 'Name the subscriptions, or the reason for which they were parked.',
  field: 'reason',
};

/** Takes parked subscriptions back into billing, one by one or all that a reason has parked. */
export async function unparkSubscriptions(
  job: Job,
  request: UnparkRequest,
): Promise<Result<Unparked, Refusal>> {
  if (request.ids === undefined && request.reason === undefined) return refuse(NOTHING_NAMED);
  const done: Unparked['subscriptions'][number][] = [];
  let after: SubscriptionId | undefined;
  let more = true;
  while (more) {
    const page = await nextPage(job, request, after);
    more = page.more;
    after = page.last;
    done.push(...page.parked.flatMap(factOf));
    if (request.dryRun === true || page.parked.length === 0) continue;
    await job.engine.store.transact(job.merchant.id, (tx) =>
      unparkPage(tx, job, { parked: page.parked, accept: request.accept === true }),
    );
  }
  return ok({ dryRun: request.dryRun === true, subscriptions: done });
}

function factOf({ id, parked }: Subscription): Unparked['subscriptions'] {
  return parked === undefined ? [] : [{ id, reason: parked.reason, sentence: parked.sentence }];
}

async function nextPage(job: Job, request: UnparkRequest, after: SubscriptionId | undefined) {
  const { ids, reason } = request;
  const wanted = (one: Subscription) =>
    one.state === 'parked' && (reason === undefined || one.parked?.reason === reason);
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    if (ids !== undefined) {
      const found = await tx.loadSubscriptions(ids.filter((id) => isId('sub', id)));
      return { parked: found.filter(wanted), more: false, last: after };
    }
    const page = { limit: PAGE, ...(after === undefined ? {} : { after }) };
    const rows = await tx.listSubscriptions(page);
    return { parked: rows.filter(wanted), more: rows.length === PAGE, last: rows.at(-1)?.id };
  });
}

async function unparkPage(
  tx: Tx,
  job: Job,
  about: { readonly parked: readonly Subscription[]; readonly accept: boolean },
): Promise<void> {
  const now = nowOf(job.engine, job.merchant);
  const context: DraftContext = await draftContext(tx, job, now);
  const ids = about.parked.map(({ id }) => id).sort();
  const accepted: Subscription[] = [];
  for (const subscription of await tx.lockSubscriptions(ids)) {
    const planned = await planChange(tx, { subscription, command: { type: 'unpark' } }, context);
    // Somebody else was faster: it is not parked any more.
    if (!planned.ok) continue;
    await tx.save(changesOf(planned.value));
    const { subscription: unparked } = planned.value.decision;
    const isDue = Temporal.Instant.compare(unparked.nextBillAt, now) <= 0;
    if (about.accept && isDue) accepted.push(unparked);
  }
  if (accepted.length === 0) return;
  const unbounded = {
    linesPerDay: Number.MAX_SAFE_INTEGER,
    timesRecent: 1n << 62n,
    floorMinor: 0n,
  };
  const looked = { ...job, engine: { ...job.engine, bounds: unbounded } };
  await saveDrafts(tx, job, await decideDrafts(tx, looked, { due: accepted, now }));
}
