import {
  businessDate,
  type CreditGrant,
  type CustomerId,
  decideGrant,
  decideGrantExpiry,
  decideRepeatedGrant,
  type GrantDecision,
  type GrantRequest,
  ok,
  present,
  type Refusal,
  type Result,
  refuse,
  type Tx,
} from '@daikou/core';
import { BATCH_ROWS, idSource, type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';

function contextOf(job: Job) {
  const now = nowOf(job.engine, job.merchant);
  const { zone } = job.merchant;
  return { now, businessDate: businessDate(now, zone), ids: idSource(job.engine) };
}

/**
 * Gives a customer prepaid money that arrived by hand, or a gift, for coming invoices. A reference
 * is given once: the same request again, be it at the same moment, gets the grant that is there.
 */
export async function grantCredit(
  job: Job,
  wish: Omit<GrantRequest, 'merchantId'>,
): Promise<Result<CreditGrant, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([wish.customerId]);
    if (customer === undefined) return refuse(notFound('customer'));
    const request: GrantRequest = { ...wish, merchantId: job.merchant.id };
    const known = await grantOf(tx, request);
    if (known !== undefined) return decideRepeatedGrant(request, known);
    const decision = decideGrant(request, contextOf(job));
    if (!decision.ok) return decision;
    const { grant, journal, events } = decision.value;
    const added = await tx.addCreditGrants([grant]);
    if (added.length === 0) {
      const winner = await grantOf(tx, request);
      return decideRepeatedGrant(request, present(winner, 'the grant that has the reference'));
    }
    await tx.save({
      events,
      ...(journal === undefined ? {} : { journals: [journal] }),
    });
    return ok(grant);
  });
}

/** The grant that has the request's reference already. */
async function grantOf(tx: Tx, request: GrantRequest): Promise<CreditGrant | undefined> {
  const { customerId, reference } = request;
  return reference === undefined ? undefined : tx.findGrantByReference(customerId, reference);
}

/** A customer's grants with something left, in the order of use. */
export async function listCredits(
  job: Job,
  customerId: CustomerId,
): Promise<Result<readonly CreditGrant[], Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([customerId]);
    return customer === undefined
      ? refuse(notFound('customer'))
      : ok(await tx.lockCreditGrants([customerId]));
  });
}

/**
 * Ends the grants whose day has come: what is left of them can no longer be used, and prepaid money
 * becomes income. Running it again changes nothing. Returns how many ended.
 */
export async function expireCredits(job: Job): Promise<number> {
  let expired = 0;
  let claimed = BATCH_ROWS;
  while (claimed > 0) {
    claimed = await job.engine.store.transact(job.merchant.id, async (tx) => {
      const context = contextOf(job);
      const due = await tx.claimCreditsToExpire({
        buckets: job.buckets,
        expiredBy: context.businessDate,
        limit: BATCH_ROWS,
      });
      const decisions = due.flatMap((grant): GrantDecision[] => {
        const decision = decideGrantExpiry(grant, context);
        return decision === undefined ? [] : [decision];
      });
      await tx.save({
        creditGrants: decisions.map(({ grant }) => grant),
        journals: decisions.flatMap(({ journal }) => journal ?? []),
        events: decisions.flatMap(({ events }) => events),
      });
      return decisions.length;
    });
    expired += claimed;
  }
  return expired;
}
