import { setTimeout as sleep } from 'node:timers/promises';
import type { DueCounts } from '@daikou/core';
import {
  actOnExceptions,
  announceDebits,
  applyPriceChanges,
  askDeliveries,
  askOpenAttempts,
  askPayLinks,
  askRefunds,
  countDueNow,
  draftInvoices,
  endMandatesDue,
  expireApprovals,
  expireCredits,
  fetchRailNews,
  foldUsage,
  issueInvoices,
  type Job,
  movePlannedDates,
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

const NOTHING_ISSUED = { issued: 0, scheduled: 0, withoutMandate: 0 };
const NOTHING_SENT = { sent: 0, failed: 0, unknown: 0 };
const NOTHING_ANNOUNCED = { announced: 0, refused: 0, unknown: 0 };
const NOTHING_ASKED = { asked: 0, settled: 0 };
const NOTHING_REPLANNED = { moved: 0, refused: 0, unknown: 0 };
const NOTHING_SUBMITTED = { sent: 0, blocked: 0, rescheduled: 0, moved: 0, ended: 0 };
const NO_REFUNDS = { asked: { asked: 0, settled: 0 }, sent: { sent: 0, waiting: 0 } };

/**
 * What a look knows to be due. It asks again only after a step did something, so that a look that
 * finds nothing costs one statement, however many kinds of work there are.
 */
class Look {
  readonly #job: Job;
  #due: DueCounts;

  private constructor(job: Job, due: DueCounts) {
    this.#job = job;
    this.#due = due;
  }

  static async begin(job: Job): Promise<Look> {
    return new Look(job, await countDueNow(job));
  }

  get isHeld(): boolean {
    return this.#due.quarantines > 0;
  }

  /** Does `work` when a row of `kinds` is due; returns what it counted, or `idle`. */
  async step<T>(
    about: { readonly kinds: readonly (keyof DueCounts)[]; readonly label?: StepName },
    work: () => Promise<T>,
    idle: T,
  ): Promise<T> {
    const total = about.kinds.reduce((sum, kind) => sum + this.#due[kind], 0);
    if (total === 0) return idle;
    const { label } = about;
    const done = label === undefined ? await work() : await bar(this.#job, { label, total }, work);
    this.#due = await countDueNow(this.#job);
    return done;
  }
}

/** Takes acknowledged usage into the rollups, so that drafts and questions find it there. */
async function pumpUsage(job: Job, look: Look) {
  const about = { kinds: ['usageToFold'], label: 'fold' } as const;
  return await look.step(about, () => foldUsage(job), { batches: 0, events: 0 });
}

/** Price changes come before the drafts: a price that changes with a period is in its draft. */
async function draftWithin(job: Job, look: Look) {
  const idle = { drafted: 0, parked: 0 };
  if (look.isHeld) return idle;
  const changes = { planned: 0, decided: 0, completed: 0 };
  await look.step({ kinds: ['priceChanges'] }, () => applyPriceChanges(job), changes);
  const about = { kinds: ['subscriptionsToBill'], label: 'drafts' } as const;
  return await look.step(about, () => draftInvoices(job), idle);
}

export async function pumpDrafts(job: Job) {
  return draftWithin(job, await Look.begin(job));
}

/** Issues what is due and sends its notices: the two belong to one evening's work. */
async function issueWithin(job: Job, look: Look) {
  const issue = { kinds: ['invoicesToIssue'], label: 'issue' } as const;
  const issued = await look.step(issue, () => issueInvoices(job), NOTHING_ISSUED);
  const send = { kinds: ['noticesToSend'], label: 'notices' } as const;
  const sent = await look.step(send, () => sendNotices(job), NOTHING_SENT);
  const announce = { kinds: ['debitsToAnnounce'], label: 'announce' } as const;
  const announced = await look.step(announce, () => announceDebits(job), NOTHING_ANNOUNCED);
  return { issued, sent, announced };
}

export async function pumpNotices(job: Job) {
  return issueWithin(job, await Look.begin(job));
}

async function askDeliveriesWithin(job: Job, look: Look) {
  const about = { kinds: ['noticesSent'], label: 'deliveries' } as const;
  return await look.step(about, () => askDeliveries(job), { asked: 0, applied: 0 });
}

export async function pumpDeliveries(job: Job) {
  return askDeliveriesWithin(job, await Look.begin(job));
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

async function askWithin(job: Job, look: Look) {
  const ask = { kinds: ['attemptsToAsk'], label: 'ask' } as const;
  const asked = await look.step(ask, () => askOpenAttempts(job, sleep), NOTHING_ASKED);
  await look.step({ kinds: ['payLinksToAsk'] }, () => askPayLinks(job), 0);
  return asked;
}

/** Asks about what is open before anything new is sent (repair before operate). */
async function debitWithin(job: Job, look: Look) {
  const asked = await askWithin(job, look);
  const ends = { kinds: ['mandateEndsToTry'] } as const;
  await look.step(ends, () => endMandatesDue(job), { tried: 0, ended: 0 });
  const replan = { kinds: ['debitsToReplan'] } as const;
  const replanned = await look.step(replan, () => movePlannedDates(job), NOTHING_REPLANNED);
  const send = { kinds: ['debitsToSubmit'], label: 'debits' } as const;
  const submitted = await look.step(send, () => submitDebits(job, sleep), NOTHING_SUBMITTED);
  return { asked, replanned, submitted };
}

export async function pumpDebits(job: Job) {
  return debitWithin(job, await Look.begin(job));
}

/**
 * Money that goes back: what nobody approved in time is withdrawn, parked money is decided by the
 * merchant's policy, open refunds are asked about, then those that are due leave.
 */
async function refundWithin(job: Job, look: Look) {
  const expired = await look.step({ kinds: ['refundsToExpire'] }, () => expireApprovals(job), 0);
  const decided = await look.step({ kinds: ['exceptionsToAct'] }, () => actOnExceptions(job), 0);
  const about = { kinds: ['refundsToAsk', 'refundsToSubmit'], label: 'refunds' } as const;
  const work = async () => ({ asked: await askRefunds(job), sent: await submitRefunds(job) });
  const { asked, sent } = await look.step(about, work, NO_REFUNDS);
  return { expired, decided, ...asked, ...sent };
}

export async function pumpRefunds(job: Job) {
  return refundWithin(job, await Look.begin(job));
}

/** Everything that is due, once, in the order of an obligation's life. */
export async function pumpAll(job: Job): Promise<PumpCounts> {
  const look = await Look.begin(job);
  if (look.isHeld) return pumpHeld(job, look);
  await pumpUsage(job, look);
  const drafts = await draftWithin(job, look);
  // What has expired pays no invoice any more, so it ends before they are issued.
  await look.step({ kinds: ['creditsToExpire'] }, () => expireCredits(job), 0);
  const notices = await issueWithin(job, look);
  await askDeliveriesWithin(job, look);
  await pumpNews(job);
  const debits = await debitWithin(job, look);
  const refunds = await refundWithin(job, look);
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
async function pumpHeld(job: Job, look: Look): Promise<PumpCounts> {
  await pumpUsage(job, look);
  await askDeliveriesWithin(job, look);
  await pumpNews(job);
  const asked = await askWithin(job, look);
  const ask = { kinds: ['refundsToAsk'] } as const;
  const refunds = await look.step(ask, () => askRefunds(job), NO_REFUNDS.asked);
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
