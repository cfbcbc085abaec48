import {
  type DebitId,
  type MoneyException,
  type MoneyExceptionId,
  oweRefund,
  type PayLinkId,
  parseContractCode,
  parseOrderNumber,
  parsePayLinkNumber,
  parseRefundNumber,
  type QuarantineFinding,
  type RailBillLine,
  type RailDate,
  rebuildDebit,
  relearnRefund,
  type Tx,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { resolveException } from '../refund/exceptions.ts';
import { lockPayment, refundingContext } from '../refund/facts.ts';
import { settleRefundsWithin } from '../refund/settle.ts';
import { addNumber } from './relearn-debits.ts';

/** Lines that one transaction looks up. */
const BATCH_LINES = 500;

/** Parked money that one look credits. */
const BATCH_EXCEPTIONS = 200;

/** Who decided about money that a restore brought to light. */
export const BY_RESTORE = 'restore';

/**
 * Takes in what a bill tells of numbers of our form that the restored books do not have, before the
 * bill is compared. An order is given back to its debit, or to a debit that is built again from the
 * contract number that the rail carried with it; its money becomes the customer's balance, so that
 * the invoice made again is paid from it and not debited a second time. A refund of a payment that
 * the books have becomes a refund again. What names nobody is listed for a person and keeps the
 * quarantine: also a pay link, as its bill line carries its number only, and whose it was is lost.
 */
export async function relearnBill(
  job: Job,
  day: RailDate,
  lines: AsyncIterable<RailBillLine>,
): Promise<void> {
  let payments: RailBillLine[] = [];
  // Refunds are few, and wait until every payment of the bill is known.
  const refunds: RailBillLine[] = [];
  for await (const line of lines) {
    if (!isOurForm(line)) continue;
    if (line.kind === 'refund') refunds.push(line);
    else payments.push(line);
    if (payments.length < BATCH_LINES) continue;
    await takeInPayments(job, day, payments);
    payments = [];
  }
  await takeInPayments(job, day, payments);
  for (let from = 0; from < refunds.length; from += BATCH_LINES) {
    await takeInRefunds(job, day, refunds.slice(from, from + BATCH_LINES));
  }
  await creditBuiltAgain(job);
}

function isOurForm({ kind, refundNumber, orderNumber }: RailBillLine): boolean {
  if (kind === 'refund') return parseRefundNumber(refundNumber ?? '') !== undefined;
  return (
    parseOrderNumber(orderNumber) !== undefined || parsePayLinkNumber(orderNumber) !== undefined
  );
}

async function takeInPayments(
  job: Job,
  day: RailDate,
  lines: readonly RailBillLine[],
): Promise<void> {
  if (lines.length === 0) return;
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const numbers = lines.map(({ orderNumber }) => orderNumber);
    const links = numbers.flatMap((number): PayLinkId[] => {
      const id = parsePayLinkNumber(number);
      return id === undefined ? [] : [id];
    });
    const known = new Set([
      ...(await tx.findAttemptsByOrderNumber(numbers)).map(({ attempt }) => attempt.orderNumber),
      ...(await tx.loadPayLinks(links)).map(({ orderNumber }) => orderNumber),
    ]);
    for (const line of lines) {
      if (known.has(line.orderNumber)) continue;
      known.add(line.orderNumber);
      if (!(await takeInOrder(tx, job, line))) await list(tx, job, { day, line });
    }
  });
}

async function takeInRefunds(
  job: Job,
  day: RailDate,
  lines: readonly RailBillLine[],
): Promise<void> {
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const ids = lines.flatMap(({ refundNumber }) => parseRefundNumber(refundNumber ?? '') ?? []);
    const known = new Set((await tx.loadRefunds(ids)).map(({ refundNumber }) => refundNumber));
    for (const line of lines) {
      const { refundNumber = '' } = line;
      if (known.has(refundNumber)) continue;
      known.add(refundNumber);
      if (!(await takeInRefund(tx, job, { day, line }))) await list(tx, job, { day, line });
    }
  });
}

/**
 * A refund becomes a row again, with its credit notes and what it owed, and ends by the bill's
 * word. False when the books do not have the payment that it went back from.
 */
async function takeInRefund(
  tx: Tx,
  job: Job,
  { day, line }: { readonly day: RailDate; readonly line: RailBillLine },
): Promise<boolean> {
  const { refundNumber = '', orderNumber, railReference, amount, at } = line;
  const [paid] = await tx.findAttemptsByOrderNumber([orderNumber]);
  if (paid?.payment === undefined || paid.attempt.rail !== day.rail) return false;
  const facts = await lockPayment(tx, job, paid.payment);
  const context = refundingContext(job);
  const told = { refundNumber, amount, at, isPending: line.isPending === true };
  const refund = relearnRefund(facts, told, { by: BY_RESTORE, context });
  if (refund === undefined) return false;
  const owed = oweRefund(refund, facts.invoices, context);
  if (!owed.ok) return false;
  const { notes, journals, events } = owed.value;
  await tx.save({ refunds: [refund], creditNotes: notes, journals, events });
  const finding: QuarantineFinding = {
    merchantId: job.merchant.id,
    kind: 'refund',
    rail: day.rail,
    number: refundNumber,
    outcome: told.isPending ? 'accepted' : 'succeeded',
    amount,
    needsPerson: false,
    foundAt: context.now,
  };
  await tx.addFindings([finding]);
  if (told.isPending) return true;
  const outcome = { kind: 'succeeded', railReference, refunded: amount, refundedAt: at } as const;
  await settleRefundsWithin(tx, job, [{ refundNumber, orderNumber, outcome }]);
  return true;
}

/** False when nobody can be found whose money it is, or the books have no place for it. */
async function takeInOrder(tx: Tx, job: Job, line: RailBillLine): Promise<boolean> {
  const parsed = parseOrderNumber(line.orderNumber);
  if (parsed === undefined) return false;
  const { railReference, amount: paid, at: paidAt } = line;
  const outcome = { kind: 'succeeded', railReference, paid, paidAt } as const;
  const [known] = await tx.lockDebits([parsed.debitId]);
  if (known !== undefined) {
    return await addNumber(tx, job, {
      bundle: known,
      ordinal: parsed.ordinal,
      outcome,
      kind: 'attempt',
    });
  }
  const mandateId = parseContractCode(line.contractCode ?? '');
  if (mandateId === undefined) return false;
  const [mandate] = await tx.lockMandates([mandateId]);
  if (mandate === undefined) return false;
  const debit = rebuildDebit(line, mandate, job.merchant.zone);
  if (debit === undefined) return false;
  return await addNumber(tx, job, {
    bundle: { debit, attempts: [] },
    ordinal: parsed.ordinal,
    outcome,
    kind: 'debit',
  });
}

async function list(
  tx: Tx,
  job: Job,
  { day, line }: { readonly day: RailDate; readonly line: RailBillLine },
): Promise<void> {
  const isRefund = line.kind === 'refund';
  const finding: QuarantineFinding = {
    merchantId: job.merchant.id,
    kind: isRefund ? 'refund_unknown' : 'order_unknown',
    rail: day.rail,
    number: isRefund ? (line.refundNumber ?? line.orderNumber) : line.orderNumber,
    outcome: `on the bill of ${day.businessDate.toString()}`,
    amount: line.amount,
    needsPerson: true,
    foundAt: nowOf(job.engine, job.merchant),
  };
  await tx.addFindings([finding]);
}

/** The money of debits that were built again becomes balance, also after a crash before it. */
async function creditBuiltAgain(job: Job): Promise<void> {
  let after: MoneyExceptionId | undefined;
  let page = await openExceptions(job, after);
  while (page.length > 0) {
    const builtAgain = await debitsWithoutInvoices(job, page);
    for (const { id, kind, debitId } of page) {
      if (kind !== 'late_success' || !builtAgain.has(debitId)) continue;
      await resolveException(job, id, { action: 'credit', by: BY_RESTORE });
    }
    after = page.at(-1)?.id;
    page = await openExceptions(job, after);
  }
}

function openExceptions(
  job: Job,
  after: MoneyExceptionId | undefined,
): Promise<readonly MoneyException[]> {
  const place = after === undefined ? {} : { after };
  return job.engine.store.transact(job.merchant.id, (tx) =>
    tx.listExceptions({ state: 'open', limit: BATCH_EXCEPTIONS, ...place }),
  );
}

async function debitsWithoutInvoices(
  job: Job,
  exceptions: readonly MoneyException[],
): Promise<ReadonlySet<DebitId>> {
  const ids = [...new Set(exceptions.map(({ debitId }) => debitId))];
  const bundles = await job.engine.store.transact(job.merchant.id, (tx) => tx.lockDebits(ids));
  const built = bundles.filter(({ debit }) => debit.invoiceIds.length === 0);
  return new Set(built.map(({ debit }) => debit.id));
}
