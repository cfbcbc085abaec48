import {
  businessDate,
  type CustomerId,
  computeEntitlement,
  type Entitlement,
  type EntitlementFacts,
  isId,
  type Locale,
  ok,
  type Refusal,
  type Result,
  refuse,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { notFound } from '../not-found.ts';

/** Customers that one request may ask about. */
export const ENTITLEMENTS_AT_ONCE = 100;

/** What one customer may use now; by its id or, for who pays, its external reference. */
export async function findEntitlement(
  job: Job,
  customer: string,
  locale: Locale,
): Promise<Result<Entitlement, Refusal>> {
  const [found] = await findEntitlements(job, [customer], locale);
  return found === undefined ? refuse(notFound('customer')) : ok(found);
}

/** The same of several at once, in the order in which they were asked for, unknown ones not. */
export async function findEntitlements(
  job: Job,
  customers: readonly string[],
  locale: Locale,
): Promise<readonly Entitlement[]> {
  const ids = customers.filter((one): one is CustomerId => isId('cus', one));
  const references = customers.filter((one) => !isId('cus', one));
  const facts = await job.engine.store.transact(job.merchant.id, async (tx) => [
    ...(ids.length === 0 ? [] : await tx.loadEntitlementFacts({ ids })),
    ...(references.length === 0 ? [] : await tx.loadEntitlementFacts({ references })),
  ]);
  const { zone } = job.merchant;
  const day = { on: businessDate(nowOf(job.engine, job.merchant), zone), zone, locale };
  return customers.flatMap((asked) => {
    const found = facts.find((one) => isAsked(one, asked));
    return found === undefined ? [] : [computeEntitlement(found, day)];
  });
}

/** A reference asks for who pays: a department may have the same one. */
function isAsked(facts: EntitlementFacts, asked: string): boolean {
  if (facts.customerId === asked) return true;
  return facts.externalReference === asked && facts.payerId === facts.customerId;
}
