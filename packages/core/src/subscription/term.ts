import { clampToBillingDay } from '../calendar/billing-day.ts';
import { daysIn, isDateBefore, laterDate } from '../calendar/periods.ts';
import { nextBoundary } from './next-period.ts';
import { firstChargedDay } from './service.ts';
import type { Contract, Subscription } from './subscription.ts';

/**
 * The subscription with the end that its term says, before an invoice is made: without auto-renewal
 * service ends with what is paid, at the contract's end at the earliest; a contract that is not
 * renewed ends the service with it.
 */
export function settleEnd(subscription: Subscription): Subscription {
  const { contract, endsOn, autoRenew } = subscription;
  if (endsOn !== undefined) return subscription;
  if (!autoRenew) return { ...subscription, endsOn: endWithoutRenewal(subscription) };
  return contract?.renewal === 'ends' ? { ...subscription, endsOn: contract.end } : subscription;
}

/**
 * The subscription after everything up to `boundary` was billed: a contract that renews and whose
 * term is over by then goes on for terms of the same length.
 */
export function renewTerm(subscription: Subscription, boundary: Temporal.PlainDate): Subscription {
  const { contract } = subscription;
  if (contract?.renewal !== 'same_term') return subscription;
  const renewed = renewedAt(contract, boundary);
  return renewed === contract ? subscription : { ...subscription, contract: renewed };
}

/** The first day without service when auto-renewal is off: what is billed and committed stays. */
export function endWithoutRenewal(subscription: Subscription): Temporal.PlainDate {
  const { billedThrough, contract } = subscription;
  const isUnbilled = !isDateBefore(firstChargedDay(subscription), billedThrough);
  const paid = isUnbilled ? nextBoundary(subscription, billedThrough) : billedThrough;
  return contract === undefined ? paid : laterDate(paid, contract.end);
}

/** The term that runs on `day`: as many terms of the same length later as it takes. */
export function renewedAt(contract: Contract, day: Temporal.PlainDate): Contract {
  let term = 0;
  while (!isDateBefore(day, boundaryOf(contract, term + 1))) term += 1;
  return term === 0 ? contract : termAt(contract, term);
}

/** The term before the one that a draft of the period from `day` on has renewed. */
export function termBefore(contract: Contract, day: Temporal.PlainDate): Contract {
  return contract.renewal === 'same_term' && contract.start.equals(day)
    ? termAt(contract, -1)
    : contract;
}

function termAt(contract: Contract, term: number): Contract {
  return { ...contract, start: boundaryOf(contract, term), end: boundaryOf(contract, term + 1) };
}

/**
 * The first day of a term, counted from the present one. A term of whole months keeps its day of
 * the month, clamped to the month's end; any other is as many days long as the present one.
 */
function boundaryOf({ start, end }: Contract, term: number): Temporal.PlainDate {
  const months = (end.year - start.year) * 12 + end.month - start.month;
  const day = Math.max(start.day, end.day);
  const isWhole =
    months > 0 &&
    clampToBillingDay(start, day).equals(start) &&
    clampToBillingDay(end, day).equals(end);
  if (!isWhole) return start.add({ days: daysIn({ start, end }) * term });
  return clampToBillingDay(start.with({ day: 1 }).add({ months: months * term }), day);
}
