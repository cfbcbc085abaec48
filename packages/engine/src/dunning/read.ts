import type { CustomerId, DunningCase, DunningCaseId, Page } from '@daikou/core';
import type { Job } from '../job.ts';

export async function findDunningCase(
  job: Job,
  id: DunningCaseId,
): Promise<DunningCase | undefined> {
  return job.engine.store.transact(
    job.merchant.id,
    async (tx) => (await tx.loadDunningCases([id]))[0],
  );
}

export async function listDunningCases(
  job: Job,
  page: Page & { readonly customerId?: CustomerId; readonly state?: string },
): Promise<readonly DunningCase[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.listDunningCases(page));
}
