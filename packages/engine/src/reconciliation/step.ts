import {
  type Break,
  type BreakStep,
  BY_RECONCILIATION,
  bucketOf,
  bucketOfKey,
  businessDate,
  DEFAULT_BREAK_OWNER,
  type Difference,
  parseOrderNumber,
  parsePayLinkNumber,
  parseRefundNumber,
  type RailBill,
  type StepContext,
  type Tx,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';

/** What core's decisions about one break want to know. */
export function stepContext(job: Job, found: Pick<Break, 'id'>): StepContext {
  const now = nowOf(job.engine, job.merchant);
  return {
    newJournalId: () => idSource(job.engine)('jrn', bucketOf(found.id)),
    now,
    today: businessDate(now, job.merchant.zone),
  };
}

/** The bucket of the debit, pay link or refund behind a number; of another text, its hash. */
export function bucketOfOrder(orderNumber: string): number {
  const id =
    parseOrderNumber(orderNumber)?.debitId ??
    parsePayLinkNumber(orderNumber) ??
    parseRefundNumber(orderNumber);
  return id === undefined ? bucketOfKey(orderNumber) : bucketOf(id);
}

/** What a break is about, beside its difference. */
export type BreakAbout = Pick<Break, 'rail' | 'businessDate' | 'orderNumber'> &
  Pick<Partial<Break>, 'billId' | 'refundNumber' | 'lineNumber' | 'attemptId'>;

/** A break in the merchant's rows, opened now, with the default owner. */
export function newBreak(job: Job, about: BreakAbout, found: Difference): Break {
  const now = nowOf(job.engine, job.merchant);
  const { ended, ...difference } = found;
  return {
    id: idSource(job.engine)('brk', bucketOfOrder(about.orderNumber)),
    merchantId: job.merchant.id,
    ...about,
    ...difference,
    owner: DEFAULT_BREAK_OWNER,
    openedAt: now,
    ...(ended === undefined
      ? {}
      : {
          end: {
            at: now,
            by: BY_RECONCILIATION,
            how: ended.how,
            evidence: {
              kind: ended.evidence,
              reference: lineReference(about.billId, about.lineNumber),
            },
          },
        }),
  };
}

/** How evidence names a line of a bill. */
export function lineReference(bill: RailBill['id'] | undefined, line: number | undefined): string {
  return `${bill ?? '-'}#${line ?? 0}`;
}

/** Writes changed breaks and their journals. */
export async function saveSteps(tx: Tx, steps: readonly BreakStep[]): Promise<void> {
  if (steps.length === 0) return;
  await tx.saveBreaks(steps.map(({ found }) => found));
  await tx.save({ journals: steps.flatMap(({ journals }) => journals) });
}

/**
 * Adds new breaks with the journals that park them. One that is there already from an interrupted
 * comparison stays as it is, and its journal is not written again. Returns how many were added.
 */
export async function addSteps(tx: Tx, steps: readonly BreakStep[]): Promise<number> {
  if (steps.length === 0) return 0;
  const added = await tx.addBreaks(steps.map(({ found }) => found));
  const journals = steps.flatMap((step) => (added.has(step.found.id) ? step.journals : []));
  await tx.save({ journals });
  return added.size;
}
