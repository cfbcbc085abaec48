import {
  decideCardExpiry,
  type Mandate,
  type MandateId,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import type { Job } from '../job.ts';
import { notFound } from '../not-found.ts';

/** Keeps the last valid day of the card behind a mandate; its customer's debits are looked at. */
export async function tellCardExpiry(
  job: Job,
  id: MandateId,
  expiresOn: Temporal.PlainDate,
): Promise<Result<Mandate, Refusal>> {
  return await job.engine.store.transact(
    job.merchant.id,
    async (tx): Promise<Result<Mandate, Refusal>> => {
      const [mandate] = await tx.lockMandates([id]);
      if (mandate === undefined) return refuse(notFound('mandate', 'id'));
      const told = decideCardExpiry(mandate, expiresOn);
      if (told.ok) await tx.save({ mandates: [told.value] });
      return told;
    },
  );
}
