import {
  type Attempt,
  bucketOf,
  businessDate,
  type DebitBundle,
  decideMandateReport,
  decideReturn,
  endException,
  type Journal,
  type MoneyException,
  type Payment,
  parseOrderNumber,
  postReversal,
  type RailEvent,
  type ReturnDecision,
  type ReturnNews,
  type Tx,
} from '@daikou/core';
import { takeTopUpsBack } from '../invoice/top-up-return.ts';
import type { Job } from '../job.ts';
import { parkingContext } from './park.ts';

export type ReturnEvent = Extract<RailEvent, { readonly kind: 'return' }>;

export type ReturnCounts = { readonly applied: number; readonly foreign: readonly string[] };

/**
 * Books what payers' banks took back, in one transaction. Returns the order numbers that are none
 * of ours.
 */
export async function applyReturns(
  job: Job,
  events: readonly ReturnEvent[],
): Promise<ReturnCounts> {
  if (events.length === 0) return { applied: 0, foreign: [] };
  return job.engine.store.transact(job.merchant.id, (tx) => applyReturnsWithin(tx, job, events));
}

/** The same inside a transaction that the caller has open. */
export async function applyReturnsWithin(
  tx: Tx,
  job: Job,
  events: readonly ReturnEvent[],
): Promise<ReturnCounts> {
  const foreign: string[] = [];
  let applied = 0;
  for (const event of events) {
    const { orderNumber, at: returnedAt, kind: _kind, ...rest } = event;
    const debitId = parseOrderNumber(orderNumber)?.debitId;
    const [bundle] = debitId === undefined ? [] : await tx.lockDebits([debitId]);
    const attempt = bundle?.attempts.find((one) => one.orderNumber === orderNumber);
    if (bundle === undefined || attempt === undefined) {
      foreign.push(orderNumber);
      continue;
    }
    const isNews = await applyOne(tx, job, { bundle, attempt, news: { ...rest, returnedAt } });
    if (isNews) applied += 1;
  }
  return { applied, foreign };
}

async function applyOne(
  tx: Tx,
  job: Job,
  about: {
    readonly bundle: DebitBundle;
    readonly attempt: Attempt;
    readonly news: ReturnNews;
    /** The return that waited for its payment as an exception. */
    readonly waited?: MoneyException;
  },
): Promise<boolean> {
  const { bundle, attempt, news, waited } = about;
  const context = parkingContext(job);
  const [payment] = (await tx.loadPaymentsOfDebits([bundle.debit.id])).filter(
    ({ attemptId }) => attemptId === attempt.id,
  );
  const [known] = payment === undefined ? [] : await tx.loadReturnsOfPayments([payment.id]);
  const exceptions = await tx.loadExceptionsOfAttempts([attempt.id]);
  const decision = decideReturn(
    {
      debit: bundle.debit,
      attempt,
      invoices: payment === undefined ? [] : await tx.lockInvoices(bundle.debit.invoiceIds),
      ...(payment === undefined ? {} : { payment }),
      ...(known === undefined ? {} : { known }),
      refunds: await tx.loadRefundsOfAttempts([attempt.id]),
      exceptions: exceptions.filter(({ id }) => id !== waited?.id),
    },
    news,
    context,
  );
  if (decision === undefined) {
    // A bill may have told the money before the bank's word on the mandate came.
    if (news.mandateGone) await endMandate(tx, job, { bundle, news });
    return false;
  }
  await save(tx, decision);
  if (decision.kind === 'returned') await takeTopUpsBack(tx, job, decision.invoices);
  if (news.mandateGone) await endMandate(tx, job, { bundle, news });
  if (waited !== undefined && decision.kind === 'returned') await unpark(tx, job, waited);
  return true;
}

async function save(tx: Tx, decision: ReturnDecision): Promise<void> {
  if (decision.kind === 'unmatched') {
    const { exception, journal, events } = decision.parked;
    await tx.save({
      exceptions: [exception],
      journals: journal === undefined ? [] : [journal],
      events,
    });
    return;
  }
  const { debit, invoices, paymentReturn, journal, events } = decision;
  await tx.save({
    invoices,
    debits: [debit],
    returns: [paymentReturn],
    journals: [journal],
    events,
  });
  for (const { refund, grant, exceptions, journals, events: told } of decision.withdrawn) {
    const creditGrants = grant === undefined ? [] : [grant];
    await tx.save({ creditGrants, exceptions, refunds: [refund], journals, events: told });
  }
}

/** The payer says that there is no mandate: nothing more is collected by it. */
async function endMandate(
  tx: Tx,
  job: Job,
  { bundle, news }: { readonly bundle: DebitBundle; readonly news: ReturnNews },
): Promise<void> {
  const [mandate] = await tx.lockMandates([bundle.mandate.id]);
  if (mandate === undefined) return;
  const { contractCode } = mandate;
  const report = {
    kind: 'ended',
    contractCode,
    endedBy: 'customer',
    at: news.returnedAt,
  } as const;
  const decision = decideMandateReport(mandate, report, parkingContext(job));
  if (decision !== undefined) {
    await tx.save({ mandates: [decision.mandate], events: decision.events });
  }
}

/** The exception of a return whose payment has come: its parking is taken back. */
async function unpark(tx: Tx, job: Job, exception: MoneyException): Promise<void> {
  const context = parkingContext(job);
  await tx.save({
    exceptions: [endException(exception, 'booked', { by: 'payment arrived', context })],
    journals: await reverseParking(tx, job, exception),
  });
}

/** What takes the parking of an open exception out of the books again. */
export async function reverseParking(
  tx: Tx,
  job: Job,
  exception: MoneyException,
): Promise<readonly Journal[]> {
  const context = parkingContext(job);
  const journals = await tx.loadJournalsOf([exception.id]);
  return journals.map((journal) =>
    postReversal(journal, {
      id: context.ids('jrn', bucketOf(exception.id)),
      businessDate: businessDate(context.now, context.zone),
      postedAt: context.now,
    }),
  );
}

/** Returns that came before their payments: booked in the commit that brings the payment. */
export async function applyWaitingReturns(
  tx: Tx,
  job: Job,
  payments: readonly Payment[],
): Promise<void> {
  if (payments.length === 0) return;
  const parked = await tx.loadExceptionsOfAttempts(payments.map(({ attemptId }) => attemptId));
  for (const waited of parked) {
    if (waited.kind !== 'return_unmatched' || waited.state !== 'open') continue;
    const [bundle] = await tx.lockDebits([waited.debitId]);
    const attempt = bundle?.attempts.find(({ id }) => id === waited.attemptId);
    if (bundle === undefined || attempt === undefined) continue;
    const news: ReturnNews = {
      railReference: waited.railReference,
      amount: waited.amount,
      code: waited.detail,
      message: '',
      mandateGone: false,
      returnedAt: waited.happenedAt,
    };
    await applyOne(tx, job, { bundle, attempt, news, waited });
  }
}
