import {
  type Break,
  bucketOf,
  bucketOfKey,
  decideMatch,
  type MatchDecision,
  type Money,
  money,
  postRailFee,
  type RailBill,
  type RailBillLine,
  type RailId,
  type Tx,
} from '@daikou/core';
import { settleWithin } from '../debit/settle.ts';
import { idSource, type Job, nowOf, railOf } from '../job.ts';

/** Lines that are held in memory at once: a bill of any size is a stream. */
export const BILL_BATCH_LINES = 1000;

/** Breaks of one kind that one step writes; more are found by the next look at the same bill. */
const BREAK_STEP = 1000;

export type ReconcileOutcome =
  | { readonly kind: 'matched'; readonly bill: RailBill }
  | { readonly kind: 'already_matched'; readonly bill: RailBill }
  /** The rail has no bill of that date because nothing was traded. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'not_ready'; readonly message: string }
  | { readonly kind: 'unknown'; readonly detail: string };

/**
 * Fetches a rail's bill of one business date and matches it with our books. The same file again
 * changes nothing. An attempt that is still open is settled by its line; what differs becomes a
 * break; the rail's fee is posted once, when the bill is done.
 */
export async function reconcileDay(
  job: Job,
  day: { readonly rail: RailId; readonly businessDate: Temporal.PlainDate },
): Promise<ReconcileOutcome> {
  const download = await railOf(job.engine, day.rail).fetchBill(day.businessDate);
  if (download.kind === 'unknown' || download.kind === 'not_ready') return download;
  const contentHash = download.kind === 'ready' ? download.contentHash : 'empty';
  const lines = download.kind === 'ready' ? download.lines : noLines();
  const known = await inTx(job, (tx) => tx.findBill({ ...day, contentHash }));
  if (known?.state === 'matched') return { kind: 'already_matched', bill: known };
  const bill = known ?? newBill(job, day, contentHash);
  if (download.kind === 'empty' && (await missingPayments(job, bill)).length === 0) {
    return { kind: 'empty' };
  }
  if (known === undefined) await inTx(job, (tx) => tx.saveBill(bill));
  const damage = await loadLines(job, bill, lines);
  if (damage !== undefined) {
    job.engine.log.warn('a bill cannot be read and will be fetched again', {
      merchant: job.merchant.code,
      rail: day.rail,
      date: day.businessDate.toString(),
      damage,
    });
    return { kind: 'unknown', detail: damage };
  }
  const matched = await matchLines(job, bill);
  const missing = await findShortages(job, bill);
  const finished: RailBill = {
    ...bill,
    ...matched,
    state: 'matched',
    breakCount: matched.breakCount + missing,
  };
  await finish(job, finished);
  return { kind: 'matched', bill: finished };
}

function inTx<T>(job: Job, work: (tx: Tx) => Promise<T>): Promise<T> {
  return job.engine.store.transact(job.merchant.id, work);
}

async function* noLines(): AsyncIterable<RailBillLine> {}

function newBill(
  job: Job,
  day: { readonly rail: RailId; readonly businessDate: Temporal.PlainDate },
  contentHash: string,
): RailBill {
  // A bill belongs to no customer: its bucket is the hash of what it is.
  const bucket = bucketOfKey(job.merchant.id, day.rail, day.businessDate.toString(), contentHash);
  return {
    id: idSource(job.engine)('bil', bucket),
    merchantId: job.merchant.id,
    ...day,
    contentHash,
    state: 'loading',
    rowCount: 0,
    matchedCount: 0,
    breakCount: 0,
    total: money(0n, 'CNY'),
    fee: money(0n, 'CNY'),
    fetchedAt: nowOf(job.engine, job.merchant),
  };
}

/**
 * Stores the lines as they stream in. A line that is there already is left, so this resumes.
 * Returns what is wrong with a file that cannot be read to its end: half a bill is never matched,
 * and it is no failure of ours that would stop the other rails.
 */
async function loadLines(
  job: Job,
  bill: RailBill,
  lines: AsyncIterable<RailBillLine>,
): Promise<string | undefined> {
  const iterator = lines[Symbol.asyncIterator]();
  let damage: string | undefined;
  let more = true;
  while (more) {
    const batch: RailBillLine[] = [];
    while (more && batch.length < BILL_BATCH_LINES) {
      const next = await iterator.next().catch((error: unknown) => {
        damage = error instanceof Error ? error.message : 'thrown';
        return { done: true } as const;
      });
      if (next.done === true) more = false;
      else batch.push(next.value);
    }
    if (batch.length > 0) await inTx(job, (tx) => tx.saveBillLines(bill.id, batch));
  }
  return damage;
}

type Counts = Pick<RailBill, 'rowCount' | 'matchedCount' | 'breakCount'> & {
  readonly total: Money;
  readonly fee: Money;
};

async function matchLines(job: Job, bill: RailBill): Promise<Counts> {
  const duplicates = new Set(await inTx(job, (tx) => tx.findDuplicateBillLines(bill.id)));
  const counted = new Set<string>();
  const counts = { rowCount: 0, matchedCount: 0, breakCount: 0, total: 0n, fee: 0n };
  let afterLine = 0;
  let more = true;
  while (more) {
    const { lines, payments, breaks } = await inTx(job, async (tx) => {
      const page = await tx.loadBillLines({ bill: bill.id, afterLine, limit: BILL_BATCH_LINES });
      const paying = page.filter((line) => line.kind === 'payment');
      const found = await matchBatch(tx, job, { bill, payments: paying, duplicates });
      return { lines: page, payments: paying.length, breaks: found };
    });
    // Counted outside: a transaction that is tried again must not count twice.
    counts.matchedCount += payments - breaks.length;
    for (const { orderNumber } of breaks) {
      // A number that is named twice is one break, however many lines name it.
      if (!counted.has(orderNumber)) counts.breakCount += 1;
      if (duplicates.has(orderNumber)) counted.add(orderNumber);
    }
    more = lines.length > 0;
    afterLine = lines.at(-1)?.lineNumber ?? afterLine;
    counts.rowCount += lines.length;
    for (const line of lines) {
      if (line.kind === 'payment') counts.total += line.amount.minor;
      counts.fee += line.fee.minor;
    }
    job.progress.advance(lines.length);
  }
  return { ...counts, total: money(counts.total, 'CNY'), fee: money(counts.fee, 'CNY') };
}

async function matchBatch(
  tx: Tx,
  job: Job,
  batch: {
    readonly bill: RailBill;
    readonly payments: readonly RailBillLine[];
    readonly duplicates: ReadonlySet<string>;
  },
): Promise<readonly Break[]> {
  const { bill, payments, duplicates } = batch;
  await settleWithin(
    tx,
    job,
    payments.map((line) => ({
      orderNumber: line.orderNumber,
      outcome: {
        kind: 'succeeded',
        railReference: line.railReference,
        paid: line.amount,
        paidAt: line.at,
      },
    })),
  );
  const found = await tx.findAttemptsByOrderNumber(payments.map((line) => line.orderNumber));
  const byNumber = new Map(found.map((one) => [one.attempt.orderNumber, one]));
  const breaks = payments.flatMap((line): Break[] => {
    const decision = decideMatch(line, byNumber.get(line.orderNumber), {
      businessDate: bill.businessDate,
      duplicate: duplicates.has(line.orderNumber),
    });
    if (decision.kind === 'matched') return [];
    const attemptId = byNumber.get(line.orderNumber)?.attempt.id;
    return [toBreak(job, bill, { orderNumber: line.orderNumber, attemptId, decision })];
  });
  await tx.saveBreaks(breaks);
  return breaks;
}

function toBreak(
  job: Job,
  bill: RailBill,
  found: {
    readonly orderNumber: string;
    readonly attemptId: Break['attemptId'] | undefined;
    readonly decision: Extract<MatchDecision, { readonly kind: 'break' }>;
  },
): Break {
  const { kind: _kind, ...difference } = found.decision;
  return {
    id: idSource(job.engine)('brk', bucketOf(bill.id)),
    merchantId: bill.merchantId,
    billId: bill.id,
    rail: bill.rail,
    businessDate: bill.businessDate,
    ...difference,
    orderNumber: found.orderNumber,
    ...(found.attemptId === undefined ? {} : { attemptId: found.attemptId }),
    state: 'open',
    openedAt: nowOf(job.engine, job.merchant),
  };
}

/** Payments in our books that the bill does not name: the rail has less than we think. */
function missingPayments(job: Job, bill: RailBill) {
  const { id, rail, businessDate } = bill;
  return inTx(job, (tx) =>
    tx.findPaymentsMissingFromBill({ bill: id, rail, businessDate, limit: BREAK_STEP }),
  );
}

async function findShortages(job: Job, bill: RailBill): Promise<number> {
  const missing = await missingPayments(job, bill);
  const breaks = missing.map(({ attempt, payment }) =>
    toBreak(job, bill, {
      orderNumber: attempt.orderNumber,
      attemptId: attempt.id,
      decision: { kind: 'break', class: 'shortage', ourAmount: payment.amount },
    }),
  );
  await inTx(job, (tx) => tx.saveBreaks(breaks));
  return breaks.length;
}

async function finish(job: Job, bill: RailBill): Promise<void> {
  const now = nowOf(job.engine, job.merchant);
  const fee = postRailFee({
    id: idSource(job.engine)('jrn', bucketOf(bill.id)),
    merchantId: bill.merchantId,
    billId: bill.id,
    rail: bill.rail,
    fee: bill.fee,
    businessDate: bill.businessDate,
    postedAt: now,
  });
  // A rail may issue a day's bill again in other bytes: a new bill to us, and the same day's fee.
  const day = { kind: 'rail_fee', key: `${bill.rail} ${bill.businessDate}` };
  const earlier = await inTx(job, async (tx) => {
    const posted = await tx.findRun(day.kind, day.key);
    await tx.saveBill(bill);
    if (fee === undefined || posted !== undefined) return posted;
    await tx.save({ journals: [fee] });
    await tx.saveRun({
      id: idSource(job.engine)('run', 0),
      merchantId: bill.merchantId,
      ...day,
      state: 'done',
      progress: { minor: bill.fee.minor.toString() },
      startedAt: now,
      finishedAt: now,
    });
    return undefined;
  });
  if (earlier !== undefined && earlier.progress['minor'] !== bill.fee.minor.toString()) {
    job.engine.log.warn('a bill that was issued again names another fee; it was not posted', {
      rail: bill.rail,
      date: bill.businessDate.toString(),
    });
  }
}
