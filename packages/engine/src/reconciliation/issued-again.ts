import {
  BREAK_TEMPLATES,
  type Break,
  type BreakStep,
  BY_RECONCILIATION,
  endByFiles,
  negate,
  park,
  present,
  type RailBill,
  type Tx,
  takeClaimBack,
} from '@daikou/core';
import type { Job } from '../job.ts';
import { addSteps, newBreak, saveSteps, stepContext } from './step.ts';

/** Breaks of a former bill that one transaction ends. */
const FORMER_STEP = 1_000;

/** Ends by people are few: one look takes them all. */
const ENDED_BY_PEOPLE = 10_000;

/**
 * Whether a person's end left its mark on the clearing account: what was written off stays parked
 * there, and another journal took the place of what was taken back. A payment as the proof does
 * not count, as the comparison finds payments itself.
 */
export function tookMoney({ parkedBy, end }: Break): boolean {
  if (parkedBy === undefined || end === undefined || end.by === BY_RECONCILIATION) return false;
  if (end.how === 'write_off') return true;
  return (end.how === 'booked' || end.how === 'reversed') && end.evidence.kind === 'journal';
}

/**
 * Ends the breaks of a former bill that the new one does not repeat; what they parked returns.
 * What a person had ended stays ended, but its money is different now: that is a break of its own.
 */
export async function supersede(job: Job, former: RailBill, bill: RailBill): Promise<void> {
  const { store } = job.engine;
  let isMore = true;
  while (isMore) {
    isMore = await store.transact(job.merchant.id, async (tx) => {
      const query = { bill: former.id, which: 'unresolved', limit: FORMER_STEP } as const;
      const left = await tx.lockBreaksOfBill(query);
      await moveOn(tx, left.filter(isCorrection), bill);
      await saveSteps(
        tx,
        left
          .filter((one) => !isCorrection(one))
          .map((one) => {
            const evidence = { kind: 'bill', reference: bill.id } as const;
            return endByFiles(one, { how: 'superseded', evidence }, stepContext(job, one));
          }),
      );
      return left.length >= FORMER_STEP;
    });
  }
  await store.transact(job.merchant.id, async (tx) => {
    const query = { bill: former.id, which: 'ended_by_people', limit: ENDED_BY_PEOPLE } as const;
    const ended = await tx.lockBreaksOfBill(query);
    await moveOn(tx, ended.filter(isCorrection), bill);
    const gone = ended.filter((one) => !isCorrection(one) && tookMoney(one));
    await addSteps(
      tx,
      gone.map((one) => correct(job, one, bill)),
    );
    await takeClaimsBack(tx, job, ended);
  });
}

/** Fees that were claimed of the rail and that its new bill does not repeat: each once. */
async function takeClaimsBack(tx: Tx, job: Job, ended: readonly Break[]): Promise<void> {
  const claims = ended.filter(({ end }) => end?.how === 'claim_fee');
  const posted = await tx.loadJournalsOf(claims.map(({ id }) => id));
  const done = new Set(
    posted
      .filter(({ template }) => template === BREAK_TEMPLATES.feeUnclaimed)
      .map(({ sourceId }) => sourceId),
  );
  await tx.save({
    journals: claims
      .filter(({ id }) => !done.has(id))
      .map((one) => takeClaimBack(one, stepContext(job, one))),
  });
}

function isCorrection({ rootCause }: Break): boolean {
  return rootCause === 'issued_again_after_the_end';
}

/** A correction belongs to the date, whichever of its bills counts. */
async function moveOn(tx: Tx, corrections: readonly Break[], bill: RailBill): Promise<void> {
  await tx.saveBreaks(corrections.map((one) => ({ ...one, billId: bill.id })));
}

/** The opposite of a difference that a person had ended and the rail has corrected since. */
export function correct(job: Job, ended: Break, bill: RailBill): BreakStep {
  const { rail, businessDate, orderNumber, refundNumber, attemptId } = ended;
  const about = {
    rail,
    businessDate,
    billId: bill.id,
    orderNumber,
    ...(refundNumber === undefined ? {} : { refundNumber }),
    ...(attemptId === undefined ? {} : { attemptId }),
  };
  const difference = negate(present(ended.difference, 'the difference of a parked break'));
  const one = newBreak(job, about, {
    class: 'settlement_mismatch',
    rootCause: 'issued_again_after_the_end',
    suggestedAction: 'adjust',
    state: 'open',
    difference,
  });
  return park(one, stepContext(job, one));
}
