import {
  type Currency,
  type Customer,
  declaredLateFees,
  lateFeeFor,
  lateFeeWords,
  type Tx,
} from '@daikou/core';
import { type Job, nowOf } from './job.ts';

/**
 * The late fee that holds for what is issued to each of these customers now, as one sentence in
 * their language; those without one are left out. It stands in notices as `lateFeeRule`: whoever is
 * told of an amount is told what paying late costs.
 */
export async function loadLateFeeRules(
  tx: Tx,
  job: Job,
  {
    customers,
    currency = 'CNY',
  }: { readonly customers: readonly Customer[]; readonly currency?: Currency },
): Promise<ReadonlyMap<Customer['id'], string>> {
  const declared = declaredLateFees(await tx.listPolicies('late_fee'));
  if (declared.length === 0) return new Map();
  const at = nowOf(job.engine, job.merchant);
  return new Map(
    customers.flatMap(({ id, kind, locale }) => {
      const found = lateFeeFor(declared, { at, to: kind, zone: job.merchant.zone });
      return found === undefined ? [] : [[id, lateFeeWords(found.rule, locale, currency)] as const];
    }),
  );
}
