import { setTimeout as sleep } from 'node:timers/promises';
import {
  actOnExceptions,
  announceDebits,
  applyPriceChanges,
  askDeliveries,
  askOpenAttempts,
  askPayLinks,
  askRefunds,
  draftInvoices,
  endMandatesDue,
  expireApprovals,
  expireCredits,
  fetchRailNews,
  foldUsage,
  isHeld,
  issueInvoices,
  type Job,
  movePlannedDates,
  nowOf,
  purgeUsageOfToday,
  sendNotices,
  submitDebits,
  submitRefunds,
} from '@daikou/engine';
import { applyItems } from '../http/inbox.ts';

export type PumpCounts = {
  readonly drafted: number;
  readonly issued: number;
  readonly noticesSent: number;
  readonly announced: number;
  readonly asked: number;
  readonly submitted: number;
  readonly blocked: number;
  /** Refunds that went to a rail or were asked about, and parked money that was decided. */
  readonly refunded: number;
};

export type StepName =
  | 'fold'
  | 'drafts'
  | 'issue'
  | 'notices'
  | 'deliveries'
  | 'announce'
  | 'ask'
  | 'debits'
  | 'refunds';

/** Counts of what is due now, so that a progress bar knows its end. */
async function dueNow(job: Job) {
  const dueBy = nowOf(job.engine, job.merchant);
  return job.engine.store.transact(job.merchant.id, (tx) =>
    tx.countDue({ buckets: job.buckets, dueBy }),
  );
}

/** Takes acknowledged usage into the rollups, so that drafts and questions find it there. */
export async function pumpUsage(job: Job) {
  const total = await job.engine.store.transact(job.merchant.id, (tx) => tx.countUnfoldedUsage());
  const folded = await bar(job, { label: 'fold', total }, () => foldUsage(job));
  return { ...folded, purged: await purgeUsageOfToday(job) };
}

/** Price changes come before the drafts: a price that changes with a period is in its draft. */
export async function pumpDrafts(job: Job) {
  if (await isHeld(job)) return { drafted: 0, parked: 0 };
  await applyPriceChanges(job);
  const due = await dueNow(job);
  return bar(job, { label: 'drafts', total: due.subscriptionsToBill }, () => draftInvoices(job));
}

/** Issues what is due and sends its notices: the two belong to one evening's work. */
export async function pumpNotices(job: Job) {
  const due = await dueNow(job);
  const issue = { label: 'issue', total: due.invoicesToIssue } as const;
  const issued = await bar(job, issue, () => issueInvoices(job));
  const toSend = (await dueNow(job)).noticesToSend;
  const sent = await bar(job, { label: 'notices', total: toSend }, () => sendNotices(job));
  const announce = { label: 'announce', total: (await dueNow(job)).debitsToAnnounce } as const;
  const announced = await bar(job, announce, () => announceDebits(job));
  return { issued, sent, announced };
}

export async function pumpDeliveries(job: Job) {
  const due = await dueNow(job);
  return bar(job, { label: 'deliveries', total: due.noticesSent }, () => askDeliveries(job));
}

/** Reads what rails left for us, and applies it as their callbacks are applied. */
export async function pumpNews(job: Job) {
  return fetchRailNews(job, (where, events) =>
    applyItems(
      where,
      events.map((event) => ({ kind: 'rail', event })),
    ),
  );
}

/** Asks about what is open before anything new is sent (repair before operate). */
export async function pumpDebits(job: Job) {
  const ask = { label: 'ask', total: (await dueNow(job)).attemptsToAsk } as const;
  const asked = await bar(job, ask, () => askOpenAttempts(job, sleep));
  await askPayLinks(job);
  await endMandatesDue(job);
  const replanned = await movePlannedDates(job);
  const due = { label: 'debits', total: (await dueNow(job)).debitsToSubmit } as const;
  const submitted = await bar(job, due, () => submitDebits(job, sleep));
  return { asked, replanned, submitted };
}

/**
 * Money that goes back: what nobody approved in time is withdrawn, parked money is decided by the
 * merchant's policy, open refunds are asked about, then those that are due leave.
 */
export async function pumpRefunds(job: Job) {
  const expired = await expireApprovals(job);
  const decided = await actOnExceptions(job);
  const due = await dueNow(job);
  const total = due.refundsToAsk + due.refundsToSubmit;
  const { asked, sent } = await bar(job, { label: 'refunds', total }, async () => ({
    asked: await askRefunds(job),
    sent: await submitRefunds(job),
  }));
  return { expired, decided, ...asked, ...sent };
}

/** Everything that is due, once, in the order of an obligation's life. */
export async function pumpAll(job: Job): Promise<PumpCounts> {
  if (await isHeld(job)) return pumpHeld(job);
  await pumpUsage(job);
  const drafts = await pumpDrafts(job);
  // What has expired pays no invoice any more, so it ends before they are issued.
  await expireCredits(job);
  const notices = await pumpNotices(job);
  await pumpDeliveries(job);
  await pumpNews(job);
  const debits = await pumpDebits(job);
  const refunds = await pumpRefunds(job);
  return {
    drafted: drafts.drafted,
    issued: notices.issued.issued,
    noticesSent: notices.sent.sent,
    announced: notices.announced.announced,
    asked: debits.asked.asked,
    submitted: debits.submitted.sent,
    blocked: debits.submitted.blocked,
    refunded: refunds.expired + refunds.decided + refunds.asked + refunds.sent,
  };
}

/**
 * In quarantine after a restore: news and answers are taken, usage is counted, nothing leaves and
 * nothing is billed. What waits is made good after the release.
 */
async function pumpHeld(job: Job): Promise<PumpCounts> {
  await pumpUsage(job);
  await pumpDeliveries(job);
  await pumpNews(job);
  const asked = await askOpenAttempts(job, sleep);
  await askPayLinks(job);
  const refunds = await askRefunds(job);
  return {
    drafted: 0,
    issued: 0,
    noticesSent: 0,
    announced: 0,
    asked: asked.asked,
    submitted: 0,
    blocked: 0,
    refunded: refunds.asked,
  };
}

async function bar<T>(
  job: Job,
  about: { readonly label: StepName; readonly total: number },
  work: () => Promise<T>,
): Promise<T> {
  if (about.total === 0) return work();
  job.progress.start(about.label, about.total);
  try {
    return await work();
  } finally {
    job.progress.finish();
  }
}
