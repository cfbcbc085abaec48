import { businessDate, isBefore } from '../calendar/business-time.ts';
import { isDateBefore } from '../calendar/periods.ts';
import type { CustomerKind } from '../customer/customer.ts';
import type { Policy } from '../policy/policy.ts';
import { type LateFeePolicy, readLateFeePolicy } from './late-fee-policy.ts';

/** A published late fee with what it says. */
export type DeclaredLateFee = { readonly policy: Policy; readonly rule: LateFeePolicy };

/**
 * Published late fees with what they say, in the order in which they were published. A document
 * that an older version of Daikou took and this one does not is left out: nobody is charged by it.
 */
export function declaredLateFees(policies: readonly Policy[]): readonly DeclaredLateFee[] {
  return policies
    .filter(({ kind }) => kind === 'late_fee')
    .toSorted((left, right) => Temporal.Instant.compare(left.publishedAt, right.publishedAt))
    .flatMap((policy) => {
      const read = readLateFeePolicy(policy.body);
      return read.ok ? [{ policy, rule: read.value }] : [];
    });
}

/**
 * The late fee that holds for what is issued to a customer at an instant: of each code the version
 * that was the newest then, of those that name the customer's kind and have begun the one that was
 * published last. Never one that was published afterwards: nobody owes what was not announced.
 */
export function lateFeeFor(
  declared: readonly DeclaredLateFee[],
  issued: {
    readonly at: Temporal.Instant;
    readonly to: CustomerKind;
    readonly zone: string;
  },
): DeclaredLateFee | undefined {
  const known = declared.filter(({ policy }) => !isBefore(issued.at, policy.publishedAt));
  const newest = new Map(known.map((one) => [one.policy.code, one]));
  const on = businessDate(issued.at, issued.zone);
  return [...newest.values()]
    .filter(({ rule }) => rule.customers.some((kind) => kind === issued.to))
    .filter(({ rule }) => !isDateBefore(on, rule.from))
    .toSorted((left, right) =>
      Temporal.Instant.compare(left.policy.publishedAt, right.policy.publishedAt),
    )
    .at(-1);
}
