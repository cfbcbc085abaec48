import {
  type CustomerId,
  decideNoticeProgress,
  messageRefusal,
  type Notice,
  type NoticeId,
  ok,
  type Page,
  type Refusal,
  type RenderedText,
  type Result,
  refuse,
} from '@daikou/core';
import { idSource, type Job, nowOf, rulesOf } from '../job.ts';
import { notFound } from '../not-found.ts';
import { wordsSent } from './proof.ts';
import { lookAtWarned } from './warned.ts';

/** A message in a customer's inbox, with its words. */
export type InboxMessage = { readonly notice: Notice; readonly words: RenderedText | undefined };

/** The messages that lie in a customer's inbox, oldest first. */
export async function listInbox(
  job: Job,
  page: Page & { readonly customerId: CustomerId },
): Promise<readonly InboxMessage[]> {
  const { notices, own } = await job.engine.store.transact(job.merchant.id, async (tx) => ({
    notices: await tx.listNotices({ ...page, channel: 'inbox', sent: true }),
    own: await tx.listOwnTemplates(),
  }));
  return notices.map((notice) => ({ notice, words: wordsSent(notice, own) }));
}

/**
 * The customer opened a message in its inbox: that is the proof of its delivery. Opening it again
 * changes nothing, nor where the merchant's rules count no reading. Refuses a message that does not
 * lie in the inbox.
 */
export async function readMessage(job: Job, id: NoticeId): Promise<Result<InboxMessage, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [notice] = await tx.lockNotices([id]);
    if (notice === undefined) return refuse(notFound('notice'));
    if (notice.channel !== 'inbox' || notice.sentAt === undefined) {
      return refuse(messageRefusal('notice_not_in_inbox'));
    }
    const context = { now: nowOf(job.engine, job.merchant), ids: idSource(job.engine) };
    const counts = rulesOf(job).proofs.includes('read');
    const read = counts ? decideNoticeProgress(notice, { kind: 'delivered' }, context) : undefined;
    const words = wordsSent(notice, await tx.listOwnTemplates());
    if (read === undefined) return ok({ notice, words });
    await lookAtWarned(tx, [read.notice]);
    await tx.save({ notices: [read.notice], events: [read.event] });
    return ok({ notice: read.notice, words });
  });
}
