import {
  addSeconds,
  type Customer,
  decideNoticeProgress,
  formatMoney,
  type Invoice,
  type NewEvent,
  type Notice,
  type NoticeMessage,
  type NoticeVariables,
  present,
  type SendOutcome,
  type SubscriptionId,
  type Tx,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { isHeld } from '../held.ts';
import { BATCH_ROWS, CALLS_AT_ONCE, idSource, type Job, nowOf } from '../job.ts';

/** Seconds that a sender holds a notice. A notice twice is harmless; a notice never is not. */
export const SENDING_LEASE_SECONDS = 120;

export type SendCounts = {
  readonly sent: number;
  readonly failed: number;
  readonly unknown: number;
};

/**
 * Sends every notice that is due. The lease is committed before the provider is called; a sender
 * that dies leaves a lease that runs out, and the same notice goes again under the same number,
 * by which providers that can de-duplicate do.
 */
export async function sendNotices(job: Job): Promise<SendCounts> {
  const counts = { sent: 0, failed: 0, unknown: 0 };
  if (await isHeld(job)) return counts;
  let claimed = BATCH_ROWS;
  while (claimed > 0) {
    const batch = await claimBatch(job);
    claimed = batch.notices.length;
    const outcomes = await mapAtOnce(batch.notices, CALLS_AT_ONCE, (notice) =>
      sendOne(job, notice, batch),
    );
    await saveOutcomes(job, { notices: batch.notices, outcomes });
    for (const outcome of outcomes) {
      if (outcome.kind === 'sent') counts.sent += 1;
      else if (outcome.kind === 'refused') counts.failed += 1;
      else counts.unknown += 1;
    }
    job.progress.advance(claimed);
  }
  return counts;
}

type Batch = {
  readonly notices: readonly Notice[];
  readonly customers: ReadonlyMap<string, Customer>;
  readonly planNames: ReadonlyMap<string, PlanNames>;
};
type PlanNames = { readonly zh: string; readonly en: string; readonly rail: string };

async function claimBatch(job: Job): Promise<Batch> {
  const { engine, merchant } = job;
  const wallNow = engine.clock.now();
  return engine.store.transact(merchant.id, async (tx) => {
    const notices = await tx.claimNoticesToSend({
      buckets: job.buckets,
      dueBy: nowOf(engine, merchant),
      limit: BATCH_ROWS,
      wallNow,
      leaseUntil: addSeconds(wallNow, SENDING_LEASE_SECONDS),
    });
    const customers = await tx.loadCustomers([...new Set(notices.map((one) => one.customerId))]);
    return {
      notices,
      customers: new Map(customers.map((customer) => [customer.id, customer])),
      planNames: await planNamesOf(tx, notices),
    };
  });
}

/** What the notice's debit is for, in the customer's words: the plan's name. */
async function planNamesOf(
  tx: Tx,
  notices: readonly Notice[],
): Promise<ReadonlyMap<string, PlanNames>> {
  const bundles = await tx.lockDebits([...new Set(notices.map((notice) => notice.debitId))]);
  const subscriptionIds = bundles.flatMap(({ invoices }) => invoices.slice(0, 1).map(subscribedBy));
  const subscriptions = new Map(
    (await tx.loadSubscriptions([...new Set(subscriptionIds)])).map((sub) => [sub.id, sub]),
  );
  const plans = new Map((await tx.loadCatalog()).plans.map((plan) => [plan.id, plan]));
  return new Map(
    bundles.map(({ debit, invoices }) => {
      const first = present(invoices[0], 'the invoice of a debit');
      const plan = plans.get(present(subscriptions.get(subscribedBy(first)), 'it').planId);
      return [
        debit.id,
        { zh: plan?.nameZh ?? '', en: plan?.nameEn ?? '', rail: debit.rail },
      ] as const;
    }),
  );
}

/** Of a consolidated invoice the first of its subscriptions stands for all. */
function subscribedBy({ subscriptionId, lines }: Invoice): SubscriptionId {
  return subscriptionId ?? present(lines[0], 'a line of an invoice').subscriptionId;
}

async function sendOne(job: Job, notice: Notice, batch: Batch): Promise<SendOutcome> {
  const customer = present(batch.customers.get(notice.customerId), 'the customer of a notice');
  const channel = notice.channel === 'rail' ? undefined : job.engine.channels.get(notice.channel);
  const address = notice.channel === 'mail' ? customer.mail : customer.phone;
  if (channel === undefined || address === undefined || notice.purpose === 'rail') {
    return { kind: 'refused', code: 'no_channel', message: 'the channel is not configured' };
  }
  const message: NoticeMessage = {
    noticeId: notice.id,
    address,
    locale: notice.locale,
    purpose: notice.purpose,
    variables: variablesOf(job, notice, batch.planNames.get(notice.debitId)),
  };
  try {
    return await channel.send(message);
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
}

function variablesOf(job: Job, notice: Notice, plan: PlanNames | undefined): NoticeVariables {
  const isZh = notice.locale === 'zh-CN';
  const railNames = job.engine.railNames.get(plan?.rail ?? '');
  return {
    merchantName: job.merchant.name,
    planName: (isZh ? plan?.zh : plan?.en) ?? '',
    amount: formatMoney(notice.amount),
    collectDate: notice.collectDate.toString(),
    railName: (isZh ? railNames?.zh : railNames?.en) ?? '',
    howToCancel: isZh ? howToCancelZh(job, railNames?.zh) : howToCancelEn(job, railNames?.en),
  };
}

function howToCancelZh(job: Job, rail = ''): string {
  const { name } = job.merchant;
  return `如需关闭自动续费，可在扣款日前联系${name}，或在${rail}的扣费服务中关闭`;
}

function howToCancelEn(job: Job, rail = ''): string {
  return `To stop it, tell ${job.merchant.name} before that date or end the agreement in ${rail}`;
}

async function saveOutcomes(
  job: Job,
  batch: { readonly notices: readonly Notice[]; readonly outcomes: readonly SendOutcome[] },
): Promise<void> {
  if (batch.notices.length === 0) return;
  const now = nowOf(job.engine, job.merchant);
  const ids = idSource(job.engine);
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const fresh = new Map(
      (await tx.lockNotices(batch.notices.map((notice) => notice.id))).map((one) => [one.id, one]),
    );
    const notices: Notice[] = [];
    const events: NewEvent[] = [];
    batch.notices.forEach((claimed, index) => {
      const outcome = present(batch.outcomes[index], 'the outcome of a notice');
      // An unknown outcome keeps the lease: the notice goes again when it runs out.
      if (outcome.kind === 'unknown') return;
      const notice = present(fresh.get(claimed.id), 'the notice that was sent');
      const progress =
        outcome.kind === 'sent'
          ? ({ kind: 'sent', providerReference: outcome.providerReference } as const)
          : ({ kind: 'refused', code: outcome.code } as const);
      const decision = decideNoticeProgress(notice, progress, { now, ids });
      if (decision === undefined) return;
      notices.push(decision.notice);
      events.push(decision.event);
    });
    await tx.save({ notices, events });
  });
}
