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
  endTopUps,
  expireApprovals,
  expireCredits,
  explainArrears,
  fetchRailNews,
  foldUsage,
  followAndSend,
  issueInvoices,
  type Job,
  lookAtArrears,
  lookAtBalances,
  lookAtCases,
  lookAtDebits,
  lookAtLateFees,
  lookAtTopUps,
  movePlannedDates,
  seeOverdue,
  sendNotices,
  sendSelfAudits,
  sendWebhooks,
  submitDebits,
  submitRefunds,
  watchLateFees,
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
  /** Customers whose arrears were seen, and dunning cases that were looked at. */
  readonly chased: number;
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
const NOTHING_LOOKED = { looked: 0, blocked: 0, told: 0 };
const NOTHING_SENT = { sent: 0, failed: 0, unknown: 0 };
const NOTHING_ANNOUNCED = { announced: 0, refused: 0, unknown: 0 };
const NOTHING_ASKED = { asked: 0, settled: 0 };
const NOTHING_REPLANNED = { moved: 0, refused: 0, unknown: 0 };
const NOTHING_SUBMITTED = { sent: 0, blocked: 0, rescheduled: 0, moved: 0, ended: 0 };
const NO_ARREARS = { looked: 0, stopped: 0, restored: 0 };
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

/** The next channel's turn for what failed or was not proved in its time. */
async function followWithin(job: Job, look: Look) {
  const idle = { followed: 0, undelivered: 0 };
  return await look.step({ kinds: ['noticesToFollow'] }, () => followAndSend(job), idle);
}

/**
 * Looks at what will be debited, before its notice is sent and again before the debit leaves; and
 * the monthly self-audits, whose messages go with the other notices.
 */
async function lookWithin(job: Job, look: Look): Promise<void> {
  await look.step({ kinds: ['checkupsToLook'] }, () => lookAtDebits(job), NOTHING_LOOKED);
  await look.step({ kinds: ['selfAuditsToSend'] }, () => sendSelfAudits(job), 0);
}

/** Issues what is due and sends its notices: the two belong to one evening's work. */
async function issueWithin(job: Job, look: Look) {
  const issue = { kinds: ['invoicesToIssue'], label: 'issue' } as const;
  const issued = await look.step(issue, () => issueInvoices(job), NOTHING_ISSUED);
  await lookWithin(job, look);
  const send = { kinds: ['noticesToSend'], label: 'notices' } as const;
  const sent = await look.step(send, () => sendNotices(job), NOTHING_SENT);
  await followWithin(job, look);
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
  await lookWithin(job, look);
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

/**
 * Tells receivers what the other steps have written. It is no part of `pumpAll`: receivers are slow
 * when they like, so the server tells them in a loop of its own (tell.ts).
 */
export async function pumpWebhooks(job: Job) {
  const idle = { delivered: 0, failed: 0, givenUp: 0 };
  return job.engine.webhooks === undefined ? idle : await sendWebhooks(job);
}

/**
 * What was paid becomes balance and what was not is given up before anything sees it as arrears;
 * then balances that fell are topped up.
 */
async function topUpsWithin(job: Job, look: Look): Promise<void> {
  await look.step({ kinds: ['topUpsToEnd'] }, () => endTopUps(job), 0);
  await look.step({ kinds: ['topUpsToLook'] }, () => lookAtTopUps(job), 0);
}

export async function pumpTopUps(job: Job) {
  return topUpsWithin(job, await Look.begin(job));
}

/** What unpaid invoices do to services, after whatever money came in this look. */
async function arrearsWithin(job: Job, look: Look) {
  const kinds = ['arrearsToWatch', 'arrearsToLook'] as const;
  await look.step({ kinds: ['balancesToLook'] }, () => lookAtBalances(job), 0);
  return await look.step({ kinds }, () => lookAtArrears(job), NO_ARREARS);
}

export async function pumpArrears(job: Job) {
  return arrearsWithin(job, await Look.begin(job));
}

/** Chases what is overdue, after whatever money came in this look. */
async function dunningWithin(job: Job, look: Look): Promise<number> {
  const seen = await look.step({ kinds: ['overdueToSee'] }, () => seeOverdue(job), 0);
  const looked = await look.step({ kinds: ['dunningCasesToLook'] }, () => lookAtCases(job), 0);
  return seen + looked;
}

export async function pumpDunning(job: Job) {
  return dunningWithin(job, await Look.begin(job));
}

/** What paying late costs, after whatever money came in this look has stopped it. */
async function lateFeesWithin(job: Job, look: Look) {
  await look.step({ kinds: ['lateFeesToWatch'] }, () => watchLateFees(job), 0);
  return await look.step({ kinds: ['lateFeesToLook'] }, () => lookAtLateFees(job), 0);
}

export async function pumpLateFees(job: Job) {
  return lateFeesWithin(job, await Look.begin(job));
}

/** Why what is overdue is so, after whatever this look collected; and once more at its end. */
async function explainWithin(job: Job, look: Look) {
  const kinds = ['arrearsToExplain', 'arrearsEnded'] as const;
  return await look.step({ kinds }, () => explainArrears(job), { overdue: 0, ended: 0 });
}

/** Everything that is due but webhooks, once, in the order of an obligation's life. */
export async function pumpAll(job: Job): Promise<PumpCounts> {
  const look = await Look.begin(job);
  if (look.isHeld) return pumpHeld(job, look);
  await pumpUsage(job, look);
  const drafts = await draftWithin(job, look);
  // What has expired pays no invoice any more, so it ends before they are issued.
  await look.step({ kinds: ['creditsToExpire'] }, () => expireCredits(job), 0);
  const notices = await issueWithin(job, look);
  await askDeliveriesWithin(job, look);
  await followWithin(job, look);
  await pumpNews(job);
  const debits = await debitWithin(job, look);
  const refunds = await refundWithin(job, look);
  await topUpsWithin(job, look);
  await lateFeesWithin(job, look);
  await arrearsWithin(job, look);
  const chased = await dunningWithin(job, look);
  await explainWithin(job, look);
  return {
    drafted: drafts.drafted,
    issued: notices.issued.issued,
    noticesSent: notices.sent.sent,
    announced: notices.announced.announced,
    asked: debits.asked.asked,
    submitted: debits.submitted.sent,
    blocked: debits.submitted.blocked,
    refunded: refunds.expired + refunds.decided + refunds.asked + refunds.sent,
    chased,
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
    chased: 0,
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
