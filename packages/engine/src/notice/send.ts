import {
  addSeconds,
  countsAsDelivered,
  decideNoticeProgress,
  type NewEvent,
  type Notice,
  type NoticeMessage,
  present,
  type SendOutcome,
} from '@daikou/core';
import { mapAtOnce } from '../concurrency.ts';
import { isHeld } from '../held.ts';
import { CALLS_AT_ONCE, idSource, type Job, nowOf, rulesOf } from '../job.ts';
import { type Composed, compose } from './compose.ts';
import { claimOutgoing, type Outgoing, SENDING_LEASE_SECONDS, type SendBatch } from './prepare.ts';
import { openAddress } from './sealed.ts';
import { lookAtWarned } from './warned.ts';

export { SENDING_LEASE_SECONDS } from './prepare.ts';

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
  let batch: SendBatch;
  do {
    batch = await claimOutgoing(job);
    const sent = await sendAll(job, batch);
    await saveSent(job, sent);
    for (const { outcome } of sent) {
      if (outcome.kind === 'sent') counts.sent += 1;
      else if (outcome.kind === 'refused') counts.failed += 1;
      else counts.unknown += 1;
    }
    job.progress.advance(batch.claimed);
  } while (batch.claimed > 0);
  return counts;
}

/** What became of one message, and what was sent. */
type Sent = Outgoing & {
  readonly outcome: SendOutcome;
  readonly composed: Composed | undefined;
};

async function sendAll(job: Job, batch: SendBatch): Promise<readonly Sent[]> {
  const { outgoing, own, names } = batch;
  return mapAtOnce(outgoing, CALLS_AT_ONCE, async (one): Promise<Sent> => {
    const known = { own, names: names.get(one.notice.debitId ?? '') };
    const composed = compose(job, one.notice, known);
    return { ...one, composed, outcome: await sendOne(job, one, composed) };
  });
}

async function sendOne(
  job: Job,
  { notice, address }: Outgoing,
  composed: Composed | undefined,
): Promise<SendOutcome> {
  if (address === undefined) {
    return { kind: 'refused', code: 'no_address', message: 'no contact is left to try' };
  }
  const channel = notice.channel === 'rail' ? undefined : job.engine.channels.get(notice.channel);
  if (channel === undefined || notice.purpose === 'rail') {
    return { kind: 'refused', code: 'no_channel', message: 'the channel is not configured' };
  }
  if (composed === undefined) {
    return { kind: 'refused', code: 'no_template', message: 'no template has this key' };
  }
  const opened = openAddress(job, address, { ...notice, channel: channel.id });
  if (opened === undefined) {
    return { kind: 'refused', code: 'address_not_opened', message: 'no key opens the address' };
  }
  const message: NoticeMessage = {
    noticeId: notice.id,
    address: opened,
    locale: notice.locale,
    purpose: notice.purpose,
    templateKey: composed.templateKey,
    variables: composed.variables,
    ...composed.rendered,
  };
  try {
    return await channel.send(message);
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.name : 'thrown' };
  }
}

async function saveSent(job: Job, all: readonly Sent[]): Promise<void> {
  if (all.length === 0) return;
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const locked = await tx.lockNotices(all.map(({ notice }) => notice.id));
    const fresh = new Map(locked.map((one) => [one.id, one]));
    const notices: Notice[] = [];
    const events: NewEvent[] = [];
    for (const sent of all) {
      const notice = present(fresh.get(sent.notice.id), 'the notice that was sent');
      const decided = afterSending(job, notice, sent);
      if (decided === undefined) continue;
      notices.push(decided.notice);
      events.push(...decided.events);
    }
    await lookAtWarned(tx, notices);
    await tx.save({ notices, events });
  });
}

/** The row with what was sent as evidence; undefined when nothing of it is new. */
function afterSending(
  job: Job,
  fresh: Notice,
  sent: Sent,
): { readonly notice: Notice; readonly events: readonly NewEvent[] } | undefined {
  const { outcome } = sent;
  const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
  if (outcome.kind === 'refused') {
    const failed = decideNoticeProgress(fresh, { kind: 'refused', code: outcome.code }, context);
    return failed && { notice: failed.notice, events: [failed.event] };
  }
  if (outcome.kind === 'unknown') return afterSilence(job, fresh);
  const notice = withEvidence(fresh, sent);
  const followAt = patienceOf(job, sent, context.now);
  const { providerReference } = outcome;
  const taken = decideNoticeProgress(
    notice,
    { kind: 'sent', providerReference, ...(followAt === undefined ? {} : { followAt }) },
    context,
  );
  // A report overtook the answer: what was sent is still kept.
  if (taken === undefined) return notice === fresh ? undefined : { notice, events: [] };
  if (!isProvedByReply(job, sent)) return { notice: taken.notice, events: [taken.event] };
  const delivered = present(
    decideNoticeProgress(taken.notice, { kind: 'delivered' }, context),
    'a message that was sent can be delivered',
  );
  return { notice: delivered.notice, events: [taken.event, delivered.event] };
}

function withEvidence(notice: Notice, { composed, address }: Sent): Notice {
  if (composed === undefined || address === undefined || notice.textHash !== undefined) {
    return notice;
  }
  const { templateKey, templateVersion, variables, textHash } = composed;
  return { ...notice, templateKey, templateVersion, variables, textHash, sentTo: address };
}

/** The next channel's turn: at once where no proof can come, else after the channel's patience. */
function patienceOf(job: Job, { notice, customer }: Sent, now: Temporal.Instant) {
  if (notice.channel === 'rail') return undefined;
  const rules = rulesOf(job);
  const proof = job.engine.channels.get(notice.channel)?.proof;
  const canCount = proof !== undefined && countsAsDelivered(proof, customer.kind, rules);
  return canCount ? addSeconds(now, rules.patience[notice.channel]) : now;
}

/**
 * A channel that gave no definite answer may have taken the message: it is asked again, each time
 * after twice as long, as not every provider knows a message that comes twice. When its patience
 * is over the next channel has its turn, and this one is given up (`decideFollow`).
 */
function afterSilence(
  job: Job,
  notice: Notice,
): { readonly notice: Notice; readonly events: readonly NewEvent[] } | undefined {
  if (notice.state !== 'sending' || notice.channel === 'rail') return undefined;
  const now = nowOf(job.engine, job.merchant);
  const followAt =
    notice.followAt ?? addSeconds(notice.dueAt, rulesOf(job).patience[notice.channel]);
  const waited = now.since(notice.dueAt).total('seconds');
  const again = Math.max(SENDING_LEASE_SECONDS, Math.ceil(waited));
  const leaseUntil = addSeconds(job.engine.clock.now(), again);
  return { notice: { ...notice, leaseUntil, followAt }, events: [] };
}

/** A robot's reply is the proof, where a reply counts. */
function isProvedByReply(job: Job, { notice, customer }: Sent): boolean {
  if (notice.channel === 'rail') return false;
  const proof = job.engine.channels.get(notice.channel)?.proof;
  return proof === 'reply' && countsAsDelivered(proof, customer.kind, rulesOf(job));
}
