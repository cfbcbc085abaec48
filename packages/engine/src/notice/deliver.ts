import {
  businessDate,
  type DeliveryOutcome,
  type DeliveryReport,
  decideNoticeProgress,
  dropTask,
  isId,
  type NewEvent,
  type Notice,
  type NoticeId,
  present,
  type Task,
  type Tx,
  taskSubjectOf,
} from '@daikou/core';
import { groupBy, mapAtOnce } from '../concurrency.ts';
import { BATCH_ROWS, CALLS_AT_ONCE, idSource, type Job, nowOf, rulesOf } from '../job.ts';
import { lookAtWarned, taskNameOf } from './warned.ts';

export type ReportCounts = {
  readonly applied: number;
  /** Of another message or merchant, of one that has ended, or told before: no effect. */
  readonly ignored: number;
};

/**
 * Applies verified delivery reports. A report that names another message than the one we sent, or
 * a notice that has ended, changes nothing and is counted. Delivery counts from our own clock:
 * never too early, whatever the provider's says. What arrives after all ends the task about it.
 */
export async function applyDeliveryReports(
  job: Job,
  reports: readonly DeliveryReport[],
): Promise<ReportCounts> {
  const told = reports.filter(({ outcome }) => toProgress(outcome) !== undefined);
  if (told.length === 0) return { applied: 0, ignored: 0 };
  const applied = await job.engine.store.transact(job.merchant.id, async (tx) => {
    const byNotice = await reportsByNotice(tx, told);
    const notices: Notice[] = [];
    const events: NewEvent[] = [];
    const late: Notice[] = [];
    const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
    for (const notice of await tx.lockNotices([...byNotice.keys()])) {
      const report = present(byNotice.get(notice.id), 'the report of a notice');
      const decision = decideReport(job, { notice, report }, context);
      if (decision === undefined) continue;
      notices.push(decision.notice);
      events.push(decision.event);
      const hasGivenUp = notice.state === 'sent' && notice.followAt === undefined;
      if (decision.notice.state === 'delivered' && hasGivenUp) late.push(notice);
    }
    await lookAtWarned(tx, notices);
    const ended = await endTasks(tx, late, context);
    await tx.save({ notices, tasks: ended.tasks, events: [...events, ...ended.events] });
    return notices.length;
  });
  const ignored = told.length - applied;
  if (ignored > 0) {
    const facts = { merchant: job.merchant.code, ignored };
    job.engine.log.info('delivery reports had no effect', facts);
  }
  return { applied, ignored };
}

/** The last report of each message; those that name only the provider's number are looked up. */
async function reportsByNotice(
  tx: Tx,
  reports: readonly DeliveryReport[],
): Promise<ReadonlyMap<NoticeId, DeliveryReport>> {
  const byNotice = new Map<NoticeId, DeliveryReport>();
  const nameless = new Map<string, DeliveryReport>();
  for (const report of reports) {
    const { noticeId } = report;
    if (noticeId === undefined) nameless.set(report.providerReference, report);
    else if (isId('not', noticeId)) byNotice.set(noticeId, report);
  }
  if (nameless.size === 0) return byNotice;
  const found = await tx.findNoticesByReference([...nameless.keys()]);
  const sameReference = groupBy(found, ({ providerReference = '' }) => providerReference);
  for (const [reference, notices] of sameReference) {
    const [notice] = notices;
    // A number that two messages have says nothing of either.
    if (notice === undefined || notices.length > 1) continue;
    byNotice.set(notice.id, present(nameless.get(reference), 'the report of a number'));
  }
  return byNotice;
}

function decideReport(
  job: Job,
  { notice, report }: { readonly notice: Notice; readonly report: DeliveryReport },
  context: Parameters<typeof decideNoticeProgress>[2],
) {
  const ours = notice.providerReference;
  if (ours !== undefined && ours !== report.providerReference) return undefined;
  const progress = toProgress(report.outcome);
  if (progress === undefined || notice.channel === 'rail') return undefined;
  const proof = job.engine.channels.get(notice.channel)?.proof;
  const counts = proof !== undefined && rulesOf(job).proofs.includes(proof);
  if (progress.kind === 'delivered' && !counts) return undefined;
  return decideNoticeProgress(notice, progress, context);
}

async function endTasks(
  tx: Tx,
  late: readonly Notice[],
  context: Parameters<typeof decideNoticeProgress>[2],
): Promise<{ readonly tasks: readonly Task[]; readonly events: readonly NewEvent[] }> {
  if (late.length === 0) return { tasks: [], events: [] };
  const names = new Set(late.map(taskNameOf));
  const open = await tx.findOpenTasks([...new Set(late.map(taskSubjectOf))]);
  const theirs = open.filter(({ kind, subjectId }) => names.has(`${kind} ${subjectId}`));
  const ended = theirs.map((task) => dropTask(task, context));
  return {
    tasks: ended.flatMap(({ tasks }) => tasks),
    events: ended.flatMap(({ events }) => events),
  };
}

function toProgress(outcome: DeliveryOutcome) {
  switch (outcome.kind) {
    case 'delivered':
      return { kind: 'delivered' } as const;
    case 'failed':
      return { kind: 'failed', code: outcome.code } as const;
    case 'waiting':
    case 'unknown':
      return undefined;
  }
}

export type DeliveryCounts = { readonly asked: number; readonly applied: number };

/**
 * Asks the providers that can be asked about every notice that was sent and not yet reported, for
 * as long as they may have an answer (`askedAbout`).
 */
export async function askDeliveries(job: Job): Promise<DeliveryCounts> {
  let asked = 0;
  let applied = 0;
  let after: NoticeId | undefined;
  let more = true;
  while (more) {
    const page = await loadPage(job, after);
    more = page.length > 0;
    after = page.at(-1)?.notice.id ?? after;
    const reports = await mapAtOnce(page, CALLS_AT_ONCE, (sent) => askOne(job, sent));
    const known = reports.filter((report) => report !== undefined);
    applied += (await applyDeliveryReports(job, known)).applied;
    asked += known.length;
    job.progress.advance(page.length);
  }
  return { asked, applied };
}

type Sent = { readonly notice: Notice; readonly address: string | undefined };

async function loadPage(job: Job, after: NoticeId | undefined): Promise<readonly Sent[]> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const notices = await tx.loadSentNotices({
      buckets: job.buckets,
      now: nowOf(job.engine, job.merchant),
      limit: BATCH_ROWS,
      ...(after === undefined ? {} : { after }),
    });
    const ids = [...new Set(notices.map((notice) => notice.customerId))];
    const customers = new Map((await tx.loadCustomers(ids)).map((one) => [one.id, one]));
    return notices.map((notice) => {
      const customer = customers.get(notice.customerId);
      const own = notice.channel === 'mail' ? customer?.mail : customer?.phone;
      return { notice, address: notice.sentTo ?? own };
    });
  });
}

async function askOne(job: Job, sent: Sent): Promise<DeliveryReport | undefined> {
  const { notice, address } = sent;
  const channel = notice.channel === 'rail' ? undefined : job.engine.channels.get(notice.channel);
  if (channel?.queryDelivery === undefined || address === undefined) return undefined;
  if (notice.providerReference === undefined) return undefined;
  // The provider files messages under the date of sending, on the clock that the merchant lives by.
  const sentAt = notice.sentAt ?? nowOf(job.engine, job.merchant);
  const sentOn = businessDate(sentAt, job.merchant.zone);
  try {
    const outcome = await channel.queryDelivery({
      noticeId: notice.id,
      address,
      providerReference: notice.providerReference,
      sentOn,
    });
    return { noticeId: notice.id, providerReference: notice.providerReference, outcome };
  } catch {
    // The provider could not be asked; the notice stays sent and is asked about again.
    return undefined;
  }
}
