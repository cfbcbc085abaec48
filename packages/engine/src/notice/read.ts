import type { CustomerId, Notice, NoticeId, Page } from '@daikou/core';
import type { Job } from '../job.ts';

/** One message, or undefined when it is not this merchant's. */
export async function findNotice(job: Job, id: NoticeId): Promise<Notice | undefined> {
  const notices = await job.engine.store.transact(job.merchant.id, (tx) => tx.loadNotices([id]));
  return notices[0];
}

/** Every message to a customer, oldest first. */
export async function listNotices(
  job: Job,
  page: Page & { readonly customerId: CustomerId },
): Promise<readonly Notice[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.listNotices(page));
}
