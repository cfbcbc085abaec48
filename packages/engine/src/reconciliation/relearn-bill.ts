import {
  type DebitId,
  type MoneyException,
  type MoneyExceptionId,
  parseContractCode,
  parseOrderNumber,
  parseRefundNumber,
  type QuarantineFinding,
  type RailBillLine,
  type RailDate,
  rebuildDebit,
  type Tx,
} from '@daikou/core';
import { type Job, nowOf } from '../job.ts';
import { resolveException } from '../refund/exceptions.ts';
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
 * the invoice made again is paid from it and not debited a second time. What names nobody is listed
 * for a person and keeps the quarantine.
 */
export async function relearnBill(
  job: Job,
  day: RailDate,
  lines: AsyncIterable<RailBillLine>,
): Promise<void> {
  let batch: RailBillLine[] = [];
  for await (const line of lines) {
    if (!isOurForm(line)) continue;
    batch.push(line);
    if (batch.length < BATCH_LINES) continue;
    await takeInLines(job, day, batch);
    batch = [];
  }
  await takeInLines(job, day, batch);
  await creditBuiltAgain(job);
}

function isOurForm(line: RailBillLine): boolean {
  if (line.kind === 'refund') return parseRefundNumber(line.refundNumber ?? '') !== undefined;
  return parseOrderNumber(line.orderNumber) !== undefined;
}

async function takeInLines(job: Job, day: RailDate, lines: readonly RailBillLine[]): Promise<void> {
  if (lines.length === 0) return;
  await job.engine.store.transact(job.merchant.id, async (tx) => {
    const payments = lines.filter(({ kind }) => kind === 'payment');
    const refunds = lines.filter(({ kind }) => kind === 'refund');
    const known = new Set(
      (await tx.findAttemptsByOrderNumber(payments.map((one) => one.orderNumber))).map(
        ({ attempt }) => attempt.orderNumber,
      ),
    );
    for (const line of payments) {
      if (known.has(line.orderNumber)) continue;
      known.add(line.orderNumber);
      if (!(await takeInOrder(tx, job, line))) await list(tx, job, { day, line });
    }
    const ids = refunds.flatMap(({ refundNumber }) => parseRefundNumber(refundNumber ?? '') ?? []);
    const ours = new Set((await tx.loadRefunds(ids)).map(({ refundNumber }) => refundNumber));
    for (const line of refunds) {
      if (!ours.has(line.refundNumber ?? '')) await list(tx, job, { day, line });
    }
  });
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
