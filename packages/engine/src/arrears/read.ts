import type { Arrears, ArrearsPolicy, Customer, CustomerId, Page } from '@daikou/core';
import { ok, type Refusal, type Result, refuse } from '@daikou/core';
import type { Job } from '../job.ts';
import { notFound } from '../not-found.ts';
import { arrearsPolicyFor } from './look.ts';

/** Customers in arrears, in the order of their ids; those of one state where it is named. */
export async function listArrears(
  job: Job,
  page: Page & { readonly state?: string },
): Promise<readonly Arrears[]> {
  return job.engine.store.transact(job.merchant.id, (tx) => tx.listArrears(page));
}

export type ArrearsOfCustomer = {
  /** Who pays: for a department or member, its organisation. */
  readonly payer: Customer;
  /** Absent: nothing of this customer was ever overdue. */
  readonly arrears?: Arrears;
  readonly policy: ArrearsPolicy;
};

/** The arrears of a customer, or of who pays for it, with the policy that holds for it. */
export async function findArrears(
  job: Job,
  id: CustomerId,
): Promise<Result<ArrearsOfCustomer, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const [customer] = await tx.loadCustomers([id]);
    if (customer === undefined) return refuse(notFound('customer'));
    const payer =
      customer.payerId === undefined ? customer : (await tx.loadCustomers([customer.payerId]))[0];
    if (payer === undefined) return refuse(notFound('customer'));
    const [arrears] = await tx.loadArrears([payer.id]);
    const policy = arrearsPolicyFor(payer, await tx.loadPolicies('arrears'));
    return ok({ payer, policy, ...(arrears === undefined ? {} : { arrears }) });
  });
}
