import {
  type AnnouncementOutcome,
  addSeconds,
  BLOCKED_LOOK_SECONDS,
  bucketOf,
  businessDate,
  type Debit,
  type DebitBundle,
  type DebitNotice,
  debitEvent,
  instantAt,
  type NewEvent,
  nextInside,
  present,
  type RailCapabilities,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, CALLS_AT_ONCE, idSource, type Job, nowOf, railOf } from '../job.ts';

/**
 * Seconds until an announcement that got no definite answer is made again; the same call twice is
 * harmless.
 */
export const ANNOUNCE_AGAIN_SECONDS = 10 * 60;

export type AnnounceCounts = {
  readonly announced: number;
  readonly refused: number;
  readonly unknown: number;
};

/**
 * Makes the rails' own announcements that are due (WeChat 预扣费通知). Each opens the window of
 * business dates in which the rail then takes the debit; the window is kept as a notice of its own.
 */
export async function announceDebits(job: Job): Promise<AnnounceCounts> {
  const counts = { announced: 0, refused: 0, unknown: 0 };
  if (await isHeld(job)) return counts;
  let claimed = BATCH_ROWS;
  while (claimed > 0) {
    const bundles = await claimBatch(job);
    claimed = bundles.length;
    const outcomes = await mapAtOnce(bundles, CALLS_AT_ONCE, (bundle) => announceOne(job, bundle));
    await saveOutcomes(job, bundles, outcomes);
    for (const outcome of outcomes) {
      if (outcome.kind === 'done') counts.announced += 1;
      else if (outcome.kind === 'refused') counts.refused += 1;
      else counts.unknown += 1;
    }
    job.progress.advance(claimed);
  }
  return counts;
}

async function claimBatch(job: Job): Promise<readonly DebitBundle[]> {
  const now = nowOf(job.engine, job.merchant);
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const claim = { buckets: job.buckets, dueBy: now, limit: BATCH_ROWS };
    const bundles = await tx.claimDebitsToAnnounce(claim);
    const lostUntil = bundles.length === 0 ? undefined : await tx.findLostUntil();
    const from = (bundle: DebitBundle) => announceFrom(job, bundle, { now, lostUntil });
    const isDue = (bundle: DebitBundle) => from(bundle).equals(now);
    // The next look is committed first, so that no two workers announce and a crash is made good.
    const debits = bundles.map((bundle): Debit => {
      const again = isDue(bundle) ? addSeconds(now, ANNOUNCE_AGAIN_SECONDS) : from(bundle);
      return { ...bundle.debit, announceAt: again };
    });
    await tx.save({ debits });
    return bundles.filter(isDue);
  });
}

/**
 * When this debit may be announced, from `now` on: in the rail's hours, and not while an earlier
 * announcement of it still runs. The rail keeps one at a time (rails.md §1.7): to another one it
 * answers that there is one already, and opens no new window. One that was made in the time that a
 * restore has lost may run as long as any.
 */
function announceFrom(
  job: Job,
  bundle: DebitBundle,
  at: { readonly now: Temporal.Instant; readonly lostUntil: Temporal.Instant | undefined },
): Temporal.Instant {
  const { now, lostUntil } = at;
  const rule = announcementOf(job, bundle.debit);
  // A rail that is not connected any more is looked at again; the others are announced (I10).
  if (rule === undefined) return addSeconds(now, BLOCKED_LOOK_SECONDS);
  const { window } = rule;
  const today = businessDate(now, window.zone);
  const running = bundle.notices.flatMap(({ purpose, windowUntil }) =>
    purpose === 'rail' && windowUntil !== undefined ? [windowUntil] : [],
  );
  if (lostUntil !== undefined) {
    const days = rule.leadDays + rule.windowDays - 1;
    running.push(businessDate(lostUntil, window.zone).add({ days }));
  }
  const last = running.sort(Temporal.PlainDate.compare).at(-1);
  if (last === undefined || Temporal.PlainDate.compare(last, today) < 0) {
    return nextInside(window, now);
  }
  return instantAt(last.add({ days: 1 }), window.from, window.zone);
}

function announcementOf(job: Job, debit: Debit): RailCapabilities['announcement'] {
  return job.engine.rails.get(debit.rail)?.capabilities.announcement;
}

async function announceOne(job: Job, bundle: DebitBundle): Promise<AnnouncementOutcome> {
  const { debit, mandate } = bundle;
  if (mandate.state !== 'active' || mandate.railReference === undefined) {
    return {
      kind: 'refused',
      code: 'mandate_not_active',
      message: 'the mandate is not active',
      mandateGone: true,
    };
  }
  try {
    const announce = present(railOf(job.engine, debit.rail).announce, 'announce of this rail');
    return await announce({ railReference: mandate.railReference, amount: debit.amount });
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
}

async function saveOutcomes(
  job: Job,
  bundles: readonly DebitBundle[],
  outcomes: readonly AnnouncementOutcome[],
): Promise<void> {
  if (bundles.length === 0) return;
  const now = nowOf(job.engine, job.merchant);
  const ids = idSource(job.engine);
  const outcomeOf = new Map(bundles.map((bundle, index) => [bundle.debit.id, outcomes[index]]));
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const debits: Debit[] = [];
    const notices: DebitNotice[] = [];
    const events: NewEvent[] = [];
    for (const { debit } of await tx.lockDebits([...outcomeOf.keys()])) {
      const outcome = present(outcomeOf.get(debit.id), 'the outcome of an announcement');
      if (outcome.kind === 'unknown' || debit.state !== 'scheduled') continue;
      const { announceAt: _made, ...rest } = debit;
      if (outcome.kind === 'refused') {
        const what = { type: 'debit.blocked', reason: outcome.code } as const;
        debits.push({ ...rest, blockedBy: outcome.code });
        if (debit.blockedBy !== outcome.code) events.push(debitEvent(debit, what, { now, ids }));
        continue;
      }
      debits.push(rest);
      const notice = announcementNotice(job, debit, now);
      notices.push(notice);
      events.push(deliveredEvent(job, notice));
    }
    await tx.save({ debits, notices, events });
  });
}

function announcementNotice(job: Job, debit: Debit, now: Temporal.Instant): DebitNotice {
  const rule = present(announcementOf(job, debit), 'the rail’s announcement rule');
  const from = businessDate(now, job.merchant.zone).add({ days: rule.leadDays });
  return {
    id: idSource(job.engine)('not', bucketOf(debit.id)),
    merchantId: debit.merchantId,
    customerId: debit.customerId,
    debitId: debit.id,
    purpose: 'rail',
    channel: 'rail',
    locale: 'zh-CN',
    state: 'delivered',
    amount: debit.amount,
    collectDate: debit.collectDate,
    dueAt: now,
    sentAt: now,
    deliveredAt: now,
    windowFrom: from,
    windowUntil: from.add({ days: rule.windowDays - 1 }),
    createdAt: now,
  };
}

function deliveredEvent(job: Job, notice: DebitNotice): NewEvent {
  return {
    id: idSource(job.engine)('evt', bucketOf(notice.id)),
    merchantId: notice.merchantId,
    customerId: notice.customerId,
    type: 'notice.delivered',
    subjectId: notice.id,
    at: notice.createdAt,
    data: { channel: 'rail', purpose: 'rail', minor: notice.amount.minor.toString() },
  };
}
