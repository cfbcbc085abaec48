import { amountDue } from '../invoice/invoice.ts';
import { type Money, subtract, sum } from '../money/money.ts';
import { present } from '../result/invariant.ts';
import type { Attempt, AttemptOutcome } from './attempt.ts';
import { isOpen } from './moves.ts';
import type { Payment } from './payment.ts';
import type { DebitFacts } from './submit.ts';

/**
 * Money that a rail took and that this debit does not want: it came when nothing was owed, is more
 * than what was left to pay, or is another amount than was asked for. It is parked in the commit
 * that learns of it, and ends as a refund or a credit.
 */
export type UnwantedMoney = {
  readonly attempt: Attempt;
  readonly kind: 'late_success' | 'surplus' | 'paid_other_amount';
  readonly amount: Money;
  readonly railReference: string;
  readonly paidAt: Temporal.Instant;
};

/**
 * Adds what came late and is not the payment, once no number is open any more: until then the next
 * end may still make it the payment. What is parked already is not parked again.
 */
export function withLateMoney<
  D extends {
    readonly attempt: Attempt;
    readonly payment?: Payment;
    readonly unwanted?: readonly UnwantedMoney[];
  },
>(facts: DebitFacts, decision: D): D {
  const ended = decision.attempt;
  const attempts = [...facts.attempts.filter(({ id }) => id !== ended.id), ended];
  if (attempts.some(({ state }) => isOpen(state))) return decision;
  const known = new Set(
    (facts.parked ?? [])
      .filter(({ kind }) => kind === 'late_success' || kind === 'payment')
      .map(({ attemptId }) => attemptId),
  );
  const late = attempts
    .filter(({ id, state }) => state === 'late_success' && !known.has(id))
    .filter(({ id }) => id !== decision.payment?.attemptId)
    .map((attempt) => ({
      attempt,
      kind: 'late_success' as const,
      amount: attempt.amount,
      railReference: present(attempt.railReference, 'the rail’s number of a success'),
      paidAt: present(attempt.endedAt, 'the time of a success'),
    }));
  if (late.length === 0) return decision;
  return { ...decision, unwanted: [...(decision.unwanted ?? []), ...late] };
}

/** Money of another amount than the attempt asked for; undefined when it is parked already. */
export function otherAmount(
  facts: DebitFacts,
  attempt: Attempt,
  outcome: Extract<AttemptOutcome, { readonly kind: 'succeeded' }>,
): UnwantedMoney | undefined {
  const { railReference, paid: amount, paidAt } = outcome;
  const kind = 'paid_other_amount';
  const isParked = (facts.parked ?? []).some(
    (one) =>
      one.attemptId === attempt.id && one.kind === kind && one.railReference === railReference,
  );
  return isParked ? undefined : { attempt, kind, amount, railReference, paidAt };
}

/** What a payment is beyond what its invoices ask for by now; empty as a rule. */
export function surplusOf(
  facts: DebitFacts,
  payment: Payment,
  attempt: Attempt,
): readonly UnwantedMoney[] {
  const { railReference, paidAt } = payment;
  const amount = subtract(payment.amount, present(dueOf(facts), 'the one currency of a debit'));
  return amount.minor > 0n ? [{ attempt, kind: 'surplus', amount, railReference, paidAt }] : [];
}

/** Whether the money is not more than once owed: another debit may collect the invoices by now. */
export function fits(facts: DebitFacts, attempt: Attempt): boolean {
  if (facts.isHeldElsewhere === true) return false;
  const due = dueOf(facts);
  if (due === undefined || due.currency !== attempt.amount.currency) return false;
  return due.minor > 0n && due.minor <= attempt.amount.minor;
}

/** What the invoices of the debit ask for together; undefined where their currencies differ. */
function dueOf({ invoices, debit }: DebitFacts): Money | undefined {
  const { currency } = debit.amount;
  if (invoices.some(({ total }) => total.currency !== currency)) return undefined;
  return sum(invoices.map(amountDue), currency);
}
