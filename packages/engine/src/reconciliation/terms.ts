import type { RailTerms } from '@daikou/core';
import type { Job } from '../job.ts';

/** Keeps what the contract with a rail says from a date on; the same date again replaces it. */
export async function setRailTerms(job: Job, terms: Omit<RailTerms, 'merchantId'>): Promise<void> {
  await job.engine.store.transact(job.merchant.id, (tx) =>
    tx.saveTerms({ ...terms, merchantId: job.merchant.id }),
  );
}
