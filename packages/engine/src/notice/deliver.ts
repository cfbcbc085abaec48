import {
  businessDate,
  type DeliveryOutcome,
  type DeliveryReport,
  decideNoticeProgress,
  isId,
  type NewEvent,
  type Notice,
  type NoticeId,
  present,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { BATCH_ROWS, CALLS_AT_ONCE, idSource, type Job, nowOf } from '../job.ts';

/**
 * Applies verified delivery reports. A report that names another message than the one we sent, or
 * a notice that has ended, changes nothing. Delivery counts from our own clock: never too early.
 */
export async function applyDeliveryReports(
  job: Job,
  reports: readonly DeliveryReport[],
): Promise<number> {
  const byNotice = new Map<NoticeId, DeliveryReport>();
  for (const report of reports) {
    if (isId('not', report.noticeId)) byNotice.set(report.noticeId, report);
  }
  if (byNotice.size === 0) return 0;
  const now = nowOf(job.engine, job.merchant);
  const ids = idSource(job.engine);
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const notices: Notice[] = [];
    const events: NewEvent[] = [];
    for (const notice of await tx.lockNotices([...byNotice.keys()])) {
      const report = present(byNotice.get(notice.id), 'the report of a notice');
      const ours = notice.providerReference;
      if (ours !== undefined && ours !== report.providerReference) continue;
      const progress = toProgress(report.outcome);
      if (progress === undefined) continue;
      const decision = decideNoticeProgress(notice, progress, { now, ids });
      if (decision === undefined) continue;
      notices.push(decision.notice);
      events.push(decision.event);
    }
    await tx.save({ notices, events });
    return notices.length;
  });
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

/** Asks the providers that can be asked about every notice that was sent and not yet reported. */
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
    applied += await applyDeliveryReports(job, known);
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
      limit: BATCH_ROWS,
      ...(after === undefined ? {} : { after }),
    });
    const ids = [...new Set(notices.map((notice) => notice.customerId))];
    const customers = new Map((await tx.loadCustomers(ids)).map((one) => [one.id, one]));
    return notices.map((notice) => {
      const customer = customers.get(notice.customerId);
      return { notice, address: notice.channel === 'mail' ? customer?.mail : customer?.phone };
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
