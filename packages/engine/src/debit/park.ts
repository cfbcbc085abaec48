import {
  type AttemptOutcome,
  type DebitBundle,
  type DebitFacts,
  type ExceptionDecision,
  equals,
  isOpen,
  openException,
  type ParkedMoney,
  type RefundContext,
  type SettleDecision,
  type Tx,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';

type News = { readonly orderNumber: string; readonly outcome: AttemptOutcome };

/**
 * What only matters where money comes late or in another amount: what of it is parked or booked
 * already, and whether another debit collects the invoices by now. Nothing is looked up otherwise.
 */
export async function loadLateFacts(
  tx: Tx,
  { debit, attempts }: DebitBundle,
  news: readonly News[],
): Promise<Pick<DebitFacts, 'parked' | 'isHeldElsewhere'>> {
  const isUnusual = news.some(({ orderNumber, outcome }) => {
    const attempt = attempts.find((one) => one.orderNumber === orderNumber);
    if (attempt === undefined || outcome.kind !== 'succeeded') return false;
    return !isOpen(attempt.state) || !equals(outcome.paid, attempt.amount);
  });
  const hasLate = attempts.some(({ state }) => state === 'late_success');
  if (!isUnusual && !hasLate) return {};
  const parked = await tx.loadExceptionsOfAttempts(attempts.map(({ id }) => id));
  const found = await tx.findAttemptsByOrderNumber(attempts.map((one) => one.orderNumber));
  const paid = found.flatMap(({ payment }): ParkedMoney[] =>
    payment === undefined
      ? []
      : [
          {
            attemptId: payment.attemptId,
            kind: 'payment',
            railReference: payment.railReference,
          },
        ],
  );
  const others = await tx.findDebitsOfInvoices(debit.invoiceIds);
  const isHeldElsewhere = others.some(
    ({ id, state, returnedAt }) =>
      id !== debit.id && state !== 'failed' && state !== 'canceled' && returnedAt === undefined,
  );
  return { parked: [...parked, ...paid], isHeldElsewhere };
}

/** What is parked after a decision, so that the next one about the same debit sees it. */
export function parkedAfter(
  parked: readonly ParkedMoney[] = [],
  { payment, unwanted = [] }: SettleDecision,
): readonly ParkedMoney[] {
  const paid = payment === undefined ? [] : [{ ...payment, kind: 'payment' }];
  const fresh = unwanted.map(({ attempt, kind, railReference }) => ({
    attemptId: attempt.id,
    kind,
    railReference,
  }));
  return [...parked, ...paid, ...fresh];
}

/** What parking and returns are decided with at this moment. */
export function parkingContext(job: Job): RefundContext {
  const { engine, merchant } = job;
  return { now: nowOf(engine, merchant), zone: merchant.zone, ids: idSource(engine) };
}

/** Parks what debits do not want, to be saved in the commit of the outcomes that brought it. */
export function parkUnwanted(
  job: Job,
  decisions: readonly SettleDecision[],
): readonly ExceptionDecision[] {
  return decisions.flatMap(({ unwanted = [] }) =>
    unwanted.map(({ attempt, kind, amount, railReference, paidAt }) =>
      openException(
        attempt,
        { kind, amount, railReference, happenedAt: paidAt, detail: '' },
        parkingContext(job),
      ),
    ),
  );
}
