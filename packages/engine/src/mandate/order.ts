import {
  type CustomerId,
  decideOrder,
  type Mandate,
  type MandateId,
  ok,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import type { Job } from '../job.ts';
import { notFound } from '../not-found.ts';

/** Gives a customer's active mandates the order in which they are tried; `ids` names them all. */
export async function orderMandates(
  job: Job,
  customerId: CustomerId,
  ids: readonly MandateId[],
): Promise<Result<readonly Mandate[], Refusal>> {
  return await job.engine.store.transact(
    job.merchant.id,
    async (tx): Promise<Result<readonly Mandate[], Refusal>> => {
      const [customer] = await tx.loadCustomers([customerId]);
      if (customer === undefined) return refuse(notFound('customer', 'id'));
      const known = await tx.loadMandatesOf([customerId]);
      const locked = await tx.lockMandates(known.map(({ id }) => id));
      const ordered = decideOrder(locked, ids);
      if (!ordered.ok) return refuse({ ...ordered.refusal, field: 'mandateIds' });
      await tx.save({ mandates: ordered.value });
      return ok(ordered.value);
    },
  );
}
