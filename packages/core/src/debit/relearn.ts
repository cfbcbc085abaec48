import { businessDate } from '../calendar/business-time.ts';
import { bucketOf } from '../ids/ids.ts';
import { ORDER_NUMBER_MAX_ORDINAL, parseOrderNumber, toOrderNumber } from '../ids/rail-numbers.ts';
import type { Mandate } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';
import { invariant, present } from '../result/invariant.ts';
import { nextAskAt } from './ask-schedule.ts';
import type { Attempt, AttemptOutcome } from './attempt.ts';
import type { Debit } from './debit.ts';
import { isOpen } from './moves.ts';
import type { ScheduleContext } from './schedule.ts';

/**
 * The first ordinal of a debit that its rail may know and these books do not; undefined while one
 * is open, as nothing is ever sent after a number that has no end.
 */
export function firstUnlearnedOrdinal(attempts: readonly Attempt[]): number | undefined {
  if (attempts.some(({ state }) => isOpen(state) || state === 'succeeded')) return undefined;
  const next = attempts.reduce((highest, { ordinal }) => Math.max(highest, ordinal), 0) + 1;
  return next > ORDER_NUMBER_MAX_ORDINAL ? undefined : next;
}

/** Numbers of the debit whose end may be another at the rail by now. */
export function numbersToAskAgain(attempts: readonly Attempt[]): readonly string[] {
  return attempts
    .filter(({ state }) => isOpen(state) || state === 'never_sent')
    .map(({ orderNumber }) => orderNumber);
}

export type RelearnedAttempt = { readonly debit: Debit; readonly attempt: Attempt };

/**
 * The row of a number that left after the backup was made and that the rail tells of. It is written
 * as `unknown`, never as an intent, and the rail's word settles it as it settles any other (I16).
 * The time of the intent is lost; the payment's own stands in for it.
 */
export function relearnAttempt(
  debit: Debit,
  found: { readonly ordinal: number; readonly outcome: AttemptOutcome },
  context: Pick<ScheduleContext, 'ids' | 'now'>,
): RelearnedAttempt {
  const { outcome, ordinal } = found;
  invariant(outcome.kind !== 'not_found', 'a rail that never saw a number tells nothing of it');
  const paidAt = outcome.kind === 'succeeded' ? outcome.paidAt : context.now;
  const attempt: Attempt = {
    id: context.ids('att', bucketOf(debit.id)),
    merchantId: debit.merchantId,
    customerId: debit.customerId,
    debitId: debit.id,
    rail: debit.rail,
    ordinal,
    orderNumber: toOrderNumber(debit.id, ordinal),
    state: 'unknown',
    amount: debit.amount,
    submittedAt: paidAt,
    askAt: present(nextAskAt(0, context.now), 'the first question about an attempt'),
    askCount: 0,
  };
  const isWaiting = debit.state === 'scheduled';
  return { debit: isWaiting ? { ...debit, state: 'in_flight' } : debit, attempt };
}

/**
 * A debit of which only the rail's bill knows: it was made and paid after the backup. Its invoices
 * are gone with it, so it stands canceled and asks for nothing; its money is the customer's, and
 * pays the invoice that is made again. Undefined where the number cannot belong to the mandate.
 */
export function rebuildDebit(
  line: {
    readonly orderNumber: string;
    readonly amount: Money;
    readonly at: Temporal.Instant;
  },
  mandate: Mandate,
  zone: string,
): Debit | undefined {
  const debitId = parseOrderNumber(line.orderNumber)?.debitId;
  if (debitId === undefined || bucketOf(debitId) !== bucketOf(mandate.customerId)) return undefined;
  if (line.amount.currency !== mandate.singleCap.currency) return undefined;
  const date = businessDate(line.at, zone);
  return {
    id: debitId,
    merchantId: mandate.merchantId,
    customerId: mandate.customerId,
    mandateId: mandate.id,
    rail: mandate.rail,
    state: 'canceled',
    amount: line.amount,
    invoiceIds: [],
    dueDate: date,
    collectAt: line.at,
    collectDate: date,
    attemptCount: 0,
    createdAt: line.at,
  };
}
