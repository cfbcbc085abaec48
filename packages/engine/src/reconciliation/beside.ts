import {
  type Break,
  endByFiles,
  type MissingMoney,
  NAMED_BESIDE_DAYS,
  park,
  type RailBill,
  type RailDate,
  type Tx,
  termsOn,
} from '@daikou/core';
import type { Job } from '../job.ts';
import { lockedDay } from './day.ts';
import { correct, tookMoney } from './issued-again.ts';
import { compareLines, keyOfLine, toShortage } from './match-bill.ts';
import { addSteps, saveSteps, stepContext } from './step.ts';

type IssuedAgain = { readonly bill: RailBill; readonly former: RailBill };

/**
 * What a bill that takes the place of a former one changes on the dates beside it.
 * Money that the former named and no bill names now is missing again: its cut-off is taken back and
 * it waits in the pool of its own date. A duplicate whose other naming has gone is the money of our
 * books itself, and is compared again; one that a person ended stays ended, and what that left in
 * the clearing account is a difference of its own. Returns the dates that it touched.
 */
export async function lookBeside(
  tx: Tx,
  job: Job,
  { bill, former }: IssuedAgain,
): Promise<readonly RailDate[]> {
  const breaks = await tx.lockBreaksBeside({ bill: former, nearDays: NAMED_BESIDE_DAYS });
  const touched = new Map<string, RailDate>();
  for (const found of breaks) {
    const date =
      found.class === 'cut_off' || found.billId === former.id
        ? await takeNamingBack(tx, job, { found, bill })
        : await takeDuplicateBack(tx, job, { found, bill });
    if (date !== undefined) touched.set(date.businessDate.toString(), date);
  }
  for (const day of touched.values()) await countAgain(tx, day);
  return [...touched.values()];
}

type Beside = { readonly found: Break; readonly bill: RailBill };

function kindOf({ refundNumber }: Break): 'payment' | 'refund' {
  return refundNumber === undefined ? 'payment' : 'refund';
}

function namingsOf(tx: Tx, found: Break) {
  const numbers = [found.refundNumber ?? found.orderNumber];
  return tx.findNamings({ rail: found.rail, kind: kindOf(found), numbers });
}

/** The date whose pool the money waits in now; undefined while some bill names it. */
async function takeNamingBack(
  tx: Tx,
  job: Job,
  { found, bill }: Beside,
): Promise<RailDate | undefined> {
  if ((await namingsOf(tx, found)).length > 0) return undefined;
  const { end } = found;
  if (found.class === 'cut_off' && end !== undefined) {
    const how = { how: 'superseded', evidence: { kind: 'bill', reference: bill.id } } as const;
    await tx.saveBreaks([{ ...found, end: { ...end, ...how } }]);
  }
  const missing = await missingMoneyOf(tx, job, found);
  if (missing === undefined) return undefined;
  const day = { rail: found.rail, businessDate: missing.businessDate };
  await lockedDay(tx, job, day);
  const counted = await tx.findCountedBill(day);
  // Where its own bill has not come yet, the comparison of that one will miss it.
  if (counted === undefined) return undefined;
  const shortage = toShortage(job, counted, missing);
  await addSteps(tx, [park(shortage, stepContext(job, shortage))]);
  return day;
}

async function missingMoneyOf(
  tx: Tx,
  job: Job,
  found: Break,
): Promise<(MissingMoney & RailDateOnly) | undefined> {
  const at = { rail: found.rail, zone: job.merchant.zone };
  const { orderNumber, refundNumber, attemptId } = found;
  const booked =
    refundNumber === undefined
      ? (await tx.findBookedOrders(at, [orderNumber])).get(orderNumber)
      : (await tx.findBookedRefunds(at, [{ number: refundNumber, orderNumber }])).get(refundNumber);
  if (booked?.amount === undefined || booked.businessDate === undefined) return undefined;
  return {
    kind: kindOf(found),
    orderNumber,
    ...(refundNumber === undefined ? {} : { refundNumber }),
    ...(attemptId === undefined ? {} : { attemptId }),
    amount: booked.amount,
    businessDate: booked.businessDate,
  };
}

type RailDateOnly = Pick<RailDate, 'businessDate'>;

/** The date of a duplicate that is none any more; undefined while another bill has its money. */
async function takeDuplicateBack(
  tx: Tx,
  job: Job,
  { found, bill }: Beside,
): Promise<RailDate | undefined> {
  const { railAmount, difference, rail, businessDate, lineNumber } = found;
  const isWhole = isSameSize(railAmount?.minor, difference?.minor);
  const isEnded = found.state === 'resolved';
  if (!isWhole || lineNumber === undefined || (isEnded && !tookMoney(found))) return undefined;
  const elsewhere = (await namingsOf(tx, found)).some(
    (one) => !one.isDuplicate && !one.businessDate.equals(businessDate),
  );
  if (elsewhere) return undefined;
  await lockedDay(tx, job, found);
  const counted = await tx.findCountedBill(found);
  if (counted === undefined || counted.id !== found.billId) return undefined;
  if (isEnded) {
    await addSteps(tx, [correct(job, found, counted)]);
    return { rail, businessDate };
  }
  const end = { how: 'superseded', evidence: { kind: 'bill', reference: bill.id } } as const;
  await saveSteps(tx, [endByFiles(found, end, stepContext(job, found))]);
  const [line] = await tx.loadBillLines(counted.id, [lineNumber]);
  if (line === undefined) return undefined;
  const repeated = (await tx.findRepeatedNumbers(counted.id)).find(
    (one) => `${one.kind} ${one.number}` === keyOfLine(line),
  );
  const terms = termsOn(await tx.loadTerms(rail), businessDate);
  await compareLines(tx, job, {
    bill: counted,
    ...(terms && { terms }),
    lines: [{ line, ...(repeated && { repeated }) }],
  });
  return { rail, businessDate };
}

function isSameSize(left: bigint | undefined, right: bigint | undefined): boolean {
  if (left === undefined || right === undefined) return false;
  return left === right || left === -right;
}

async function countAgain(tx: Tx, day: RailDate): Promise<void> {
  const counted = await tx.findCountedBill(day);
  if (counted === undefined) return;
  await tx.saveBill({
    ...counted,
    matchedCount: await tx.countMatchedLines(counted.id),
    breakCount: await tx.countBreaksOfBill(counted.id),
  });
}
