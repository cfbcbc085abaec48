import {
  type BillDownload,
  BY_RECONCILIATION,
  bucketOf,
  bucketOfKey,
  type Journal,
  type Money,
  money,
  postRailFee,
  type RailBill,
  type RailBillLine,
  type RailDate,
  type ReconciliationDay,
  settlementDaysAfter,
  startLoading,
  type Tx,
  termsOn,
  zero,
} from '@daikou/core';
import { isHeld } from '../held.ts';
import { idSource, type Job, nowOf, railOf } from '../job.ts';
import { lookBeside } from './beside.ts';
import { lockedDay, refreshDay, saveMovedDay } from './day.ts';
import { supersede } from './issued-again.ts';
import { BILL_BATCH_LINES, matchBill } from './match-bill.ts';
import { isCompared, leavePool, settlesOn } from './pool.ts';
import { relearnBill } from './relearn-bill.ts';
import { compareStatementOf, expectPayoutOfBill, reconcileStatement } from './statement.ts';

export type ReconcileOutcome =
  | { readonly kind: 'matched'; readonly bill: RailBill }
  | { readonly kind: 'already_matched'; readonly bill: RailBill }
  /** The rail has no bill of that date because nothing was traded. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'not_ready'; readonly message: string }
  | { readonly kind: 'unknown'; readonly detail: string };

/** Characters of a problem that a day keeps. */
const PROBLEM_LENGTH = 300;

/**
 * Fetches a rail's bill and account statement of one date and compares them with our books. The
 * same files again change nothing. An attempt that is still open is settled by its line; what
 * differs becomes a break; the rail's fee is posted once. A bill that is issued again in other
 * bytes takes the place of the former: only what changed is posted. What cannot be read changes
 * nothing, and the day says why.
 */
export async function reconcileDay(job: Job, day: RailDate): Promise<ReconcileOutcome> {
  const damage = (await isHeld(job)) ? await relearnFrom(job, day) : undefined;
  const outcome =
    damage === undefined
      ? await reconcileBill(job, day)
      : ({ kind: 'unknown', detail: damage } as const);
  if (outcome.kind === 'unknown' || outcome.kind === 'not_ready') {
    await noteProblem(job, day, outcome.kind === 'unknown' ? outcome.detail : outcome.message);
    return outcome;
  }
  await reconcileStatement(job, day);
  await leavePool(job, day);
  return outcome;
}

/**
 * In quarantine a bill is read twice: first for what the restored books do not know, which then
 * matches like the rest. Returns what is wrong with a file that cannot be read to its end.
 */
async function relearnFrom(job: Job, day: RailDate): Promise<string | undefined> {
  const download = await fetchBill(job, day);
  if (download.kind !== 'ready') return undefined;
  let damage: string | undefined;
  const readable = async function* () {
    try {
      yield* download.lines;
    } catch (error) {
      damage = error instanceof Error ? error.message : 'thrown';
    }
  };
  try {
    await relearnBill(job, day, readable());
  } finally {
    await download.release?.();
  }
  return damage;
}

async function reconcileBill(job: Job, day: RailDate): Promise<ReconcileOutcome> {
  const askedAt = nowOf(job.engine, job.merchant);
  const download = await fetchBill(job, day);
  try {
    return await takeBill(job, day, { download, askedAt });
  } finally {
    if (download.kind === 'ready') await download.release?.();
  }
}

async function takeBill(
  job: Job,
  day: RailDate,
  asked: { readonly download: BillDownload; readonly askedAt: Temporal.Instant },
): Promise<ReconcileOutcome> {
  const download = await asDayOff(job, day, asked.download);
  if (download.kind === 'unknown' || download.kind === 'not_ready') return download;
  const contentHash = download.kind === 'ready' ? download.contentHash : EMPTY;
  if (download.kind === 'empty') {
    const taken = await inTx(job, (tx) => takeEmpty(tx, job, day));
    if (taken !== undefined) return taken;
  }
  const { known, counted, answeredAt } = await inTx(job, async (tx) => ({
    known: await tx.findBill({ ...day, contentHash }),
    counted: await tx.findCountedBill(day),
    answeredAt: (await lockedDay(tx, job, day)).askedAt,
  }));
  // The rail went back to a former file: it counts again, as a bill of its own. An answer that is
  // older than the one that took its place does not.
  const isBack =
    known?.state === 'superseded' && Temporal.Instant.compare(answeredAt, asked.askedAt) <= 0;
  if (known?.state === 'matched' || (known?.state === 'superseded' && !isBack)) {
    await inTx(job, (tx) => noteAsked(tx, job, day));
    return { kind: 'already_matched', bill: counted ?? known };
  }
  const fresh = newBill(job, day, { contentHash, issue: isBack ? known.issue + 1 : 1 });
  const lines = download.kind === 'ready' ? download.lines : noLines();
  // Another worker may have begun with this very file: both fill the same rows.
  const bill = known?.state === 'loading' ? known : await inTx(job, (tx) => tx.addBill(fresh));
  const loaded = await loadBill(job, bill, lines);
  if (typeof loaded === 'string') return { kind: 'unknown', detail: loaded };
  return { kind: 'matched', bill: await compareBill(job, loaded, counted) };
}

/**
 * A rail need not make a bill of a date on which its banks do not settle, and some say no more than
 * that there is none. Once the next bill has come, it had nothing to tell of that date.
 */
async function asDayOff(job: Job, day: RailDate, download: BillDownload): Promise<BillDownload> {
  const settles = settlesOn(job, day.rail);
  if (download.kind !== 'not_ready' || settles(day.businessDate)) return download;
  const [next] = settlementDaysAfter(day.businessDate, 1, settles);
  if (next === undefined) return download;
  const [following] = await inTx(job, (tx) =>
    tx.loadDays({ rail: day.rail, from: next, until: next }),
  );
  return following !== undefined && isCompared(following) ? { kind: 'empty' } : download;
}

/** The content of a bill of a date on which nothing was traded. */
const EMPTY = 'empty';

/**
 * The rail says that nothing was traded on the date. Where our books agree that is all; where money
 * of ours is missing, undefined: the date is compared with a bill of no lines.
 */
async function takeEmpty(tx: Tx, job: Job, day: RailDate): Promise<ReconcileOutcome | undefined> {
  const known = await tx.findBill({ ...day, contentHash: EMPTY });
  const counted = await tx.findCountedBill(day);
  if (known?.state === 'matched' || known?.state === 'superseded') {
    await noteAsked(tx, job, day);
    return { kind: 'already_matched', bill: counted ?? known };
  }
  if (counted !== undefined) {
    return { kind: 'unknown', detail: 'The rail says that nothing was traded, but its bill came.' };
  }
  if (await isMoneyMissing(tx, job, known ?? newBill(job, day, { contentHash: EMPTY })))
    return undefined;
  await noteEmpty(tx, job, day);
  return { kind: 'empty' };
}

function inTx<T>(job: Job, work: (tx: Tx) => Promise<T>): Promise<T> {
  return job.engine.store.transact(job.merchant.id, work);
}

/** A rail that cannot be reached is no failure of ours that would stop the other rails. */
async function fetchBill(job: Job, day: RailDate): Promise<BillDownload> {
  try {
    return await railOf(job.engine, day.rail).fetchBill(day.businessDate);
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.message : 'thrown' };
  }
}

async function* noLines(): AsyncIterable<RailBillLine> {}

function newBill(
  job: Job,
  day: RailDate,
  file: { readonly contentHash: string; readonly issue?: number },
): RailBill {
  const { contentHash, issue = 1 } = file;
  // A bill belongs to no customer: its bucket is the hash of what it is.
  const bucket = bucketOfKey(job.merchant.id, day.rail, day.businessDate.toString(), contentHash);
  const { defaultSingleCap } = railOf(job.engine, day.rail).capabilities;
  const nothing = zero(defaultSingleCap.currency);
  return {
    id: idSource(job.engine)('bil', bucket),
    merchantId: job.merchant.id,
    rail: day.rail,
    businessDate: day.businessDate,
    contentHash,
    issue,
    state: 'loading',
    rowCount: 0,
    matchedCount: 0,
    breakCount: 0,
    total: nothing,
    refunded: nothing,
    fee: nothing,
    fetchedAt: nowOf(job.engine, job.merchant),
  };
}

async function isMoneyMissing(tx: Tx, job: Job, bill: RailBill): Promise<boolean> {
  const { zone } = job.merchant;
  const buckets = { from: 0, until: 1024 };
  const near = { from: bill.businessDate, until: bill.businessDate };
  const missing = await tx.findMissingMoney({ bill, near, buckets, zone, limit: 1 });
  return missing.length > 0;
}

/** The bill with its sums once all lines are stored; else what is wrong with the file. */
async function loadBill(
  job: Job,
  bill: RailBill,
  lines: AsyncIterable<RailBillLine>,
): Promise<RailBill | string> {
  const damage = await loadLines(job, bill, lines);
  if (damage !== undefined) {
    job.engine.log.warn('a bill cannot be read and will be fetched again', {
      merchant: job.merchant.code,
      rail: bill.rail,
      date: bill.businessDate.toString(),
      damage,
    });
    return damage;
  }
  const sums = await inTx(job, (tx) => tx.sumBill(bill.id));
  const currency = sums.currency ?? bill.total.currency;
  return {
    ...bill,
    rowCount: sums.rows,
    total: money(sums.paid, currency),
    refunded: money(sums.refunded, currency),
    fee: money(sums.fee, currency),
  };
}

/**
 * Stores the lines as they stream in. A line that is there already is left, so this resumes.
 * Returns what is wrong with a file that cannot be read to its end: half a bill is never matched.
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
      else batch.push(named(next.value));
    }
    if (batch.length > 0) await inTx(job, (tx) => tx.saveBillLines(bill.id, batch));
  }
  return damage;
}

/** Money that left under no number of ours is named by the rail's: a return, or of its portal. */
function named(line: RailBillLine): RailBillLine {
  if (line.kind === 'payment' || line.refundNumber !== undefined) return line;
  return { ...line, refundNumber: line.railReference };
}

async function compareBill(
  job: Job,
  bill: RailBill,
  former: RailBill | undefined,
): Promise<RailBill> {
  const terms = await inTx(job, async (tx) => {
    const day = await lockedDay(tx, job, bill);
    const again = former === undefined ? {} : { note: 'The rail issued the bill again.' };
    await saveMovedDay(tx, job, { from: day, to: startLoading(day), ...again });
    return termsOn(await tx.loadTerms(bill.rail), bill.businessDate);
  });
  const touched = await matchBill(job, {
    bill,
    ...(former && { former }),
    ...(terms && { terms }),
  });
  if (former !== undefined) await supersede(job, former, bill);
  return await inTx(job, async (tx) => {
    const finished = await finish(tx, job, { bill, former });
    // In the commit of the end, as nobody looks beside a bill that counts already.
    const beside = former === undefined ? [] : await lookBeside(tx, job, { bill, former });
    for (const one of [...touched, ...beside]) await refreshDay(tx, job, one);
    return finished;
  });
}

/** The bill counts from now on; its fee is in the books, once, however often it is issued. */
async function finish(
  tx: Tx,
  job: Job,
  { bill, former }: { readonly bill: RailBill; readonly former: RailBill | undefined },
): Promise<RailBill> {
  const day = await lockedDay(tx, job, bill);
  const known = await tx.findBill(bill);
  // Another worker was here at the same time and has finished it.
  if (known?.state === 'matched') return known;
  const finished: RailBill = {
    ...bill,
    state: 'matched',
    matchedCount: await tx.countMatchedLines(bill.id),
    breakCount: await tx.countBreaksOfBill(bill.id),
  };
  if (former !== undefined) await tx.saveBill({ ...former, state: 'superseded' });
  await tx.saveBill(finished);
  await tx.save({ journals: feeJournals(job, finished, day.postedFee) });
  const loaded: ReconciliationDay = {
    ...withoutProblem(day),
    state: 'matched',
    bill: 'loaded',
    billId: bill.id,
    postedFee: bill.fee,
    askedAt: nowOf(job.engine, job.merchant),
  };
  await saveMovedDay(tx, job, { from: day, to: loaded });
  await expectPayoutOfBill(tx, job, finished);
  await compareStatementOf(tx, job, loaded);
  return finished;
}

/** What the day's fee changed by since it was posted; nothing when it is the same. */
function feeJournals(job: Job, bill: RailBill, posted: Money | undefined): readonly Journal[] {
  const before = posted?.currency === bill.fee.currency ? posted.minor : 0n;
  const fee = postRailFee({
    id: idSource(job.engine)('jrn', bucketOf(bill.id)),
    merchantId: bill.merchantId,
    billId: bill.id,
    rail: bill.rail,
    fee: money(bill.fee.minor - before, bill.fee.currency),
    businessDate: bill.businessDate,
    postedAt: nowOf(job.engine, job.merchant),
  });
  return fee === undefined ? [] : [fee];
}

function withoutProblem(day: ReconciliationDay): ReconciliationDay {
  const { problem: _problem, ...rest } = day;
  return rest;
}

async function noteAsked(tx: Tx, job: Job, about: RailDate): Promise<void> {
  const day = await lockedDay(tx, job, about);
  await tx.saveDay({ ...withoutProblem(day), askedAt: nowOf(job.engine, job.merchant) });
}

/** The rail says that nothing was traded, and our books agree: the date needs no bill. */
async function noteEmpty(tx: Tx, job: Job, about: RailDate): Promise<void> {
  const day = await lockedDay(tx, job, about);
  const askedAt = nowOf(job.engine, job.merchant);
  if (day.bill !== 'expected') {
    await tx.saveDay({ ...withoutProblem(day), askedAt });
    return;
  }
  const empty: ReconciliationDay = {
    ...withoutProblem(day),
    state: 'matched',
    bill: 'empty',
    askedAt,
  };
  await saveMovedDay(tx, job, { from: day, to: empty, by: BY_RECONCILIATION });
}

/** Keeps in words why a day is not further; nothing else of it changes. */
async function noteProblem(job: Job, about: RailDate, problem: string): Promise<void> {
  await inTx(job, async (tx) => {
    const day = await lockedDay(tx, job, about);
    await tx.saveDay({
      ...day,
      problem: problem.slice(0, PROBLEM_LENGTH),
      askedAt: nowOf(job.engine, job.merchant),
    });
  });
}
