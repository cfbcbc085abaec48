import type {
  CustomerId,
  MoneyException,
  MoneyExceptionId,
  Page,
  Refund,
  RefundId,
} from '@daikou/core';
import type { Job } from '../job.ts';

type Query = Page & { readonly customerId?: CustomerId; readonly state?: string };

/** Refunds of a merchant or one customer, oldest first. */
export async function listRefunds(job: Job, query: Query): Promise<readonly Refund[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.listRefunds(query));
}

export async function findRefund(job: Job, id: RefundId): Promise<Refund | undefined> {
  return job.engine.store.transact(job.merchant.id, async (tx) => (await tx.loadRefunds([id]))[0]);
}

/** Parked money of a merchant or one customer, oldest first. */
export async function listExceptions(job: Job, query: Query): Promise<readonly MoneyException[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.listExceptions(query));
}

export async function findException(
  job: Job,
  id: MoneyExceptionId,
): Promise<MoneyException | undefined> {
  return job.engine.store.transact(
    job.merchant.id,
    async (tx) => (await tx.loadExceptions([id]))[0],
  );
}
