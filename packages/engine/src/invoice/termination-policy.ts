import {
  type Contract,
  type CustomerId,
  type Refusal,
  refusalOfTermination,
  type Tx,
  terminationPolicyFor,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';

/**
 * Whether a contract that is signed now asks for more on leaving early than the published rule of
 * the merchant allows. Where none was published, what the contract says holds.
 */
export async function refuseTermination(
  tx: Tx,
  job: Job,
  about: { readonly customerId: CustomerId; readonly contract: Contract | undefined },
): Promise<Refusal | undefined> {
  const { contract, customerId } = about;
  if (contract === undefined || contract.earlyTermination.type === 'free') return undefined;
  const policies = await tx.listPolicies('termination_fee');
  if (policies.length === 0) return undefined;
  const [customer] = await tx.loadCustomers([customerId]);
  if (customer === undefined) return undefined;
  const policy = terminationPolicyFor(policies, {
    at: nowOf(job.engine, job.merchant),
    by: customer.kind,
    zone: job.merchant.zone,
  });
  return policy === undefined ? undefined : refusalOfTermination(contract.earlyTermination, policy);
}
