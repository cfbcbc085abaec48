import {
  type Break,
  type BreakStep,
  bucketOf,
  bucketOfKey,
  compareStatement,
  differenceOfOther,
  endByFiles,
  equals,
  negate,
  netOfBill,
  park,
  postPayoutSent,
  type RailBill,
  type RailDate,
  type ReconciliationDay,
  type Settlement,
  type SettlementDownload,
  type SettlementLine,
  type StatementDifference,
  type Tx,
  zero,
} from '@daikou/core';
import { idSource, type Job, nowOf, railOf } from '../job.ts';
import { lockedDay, saveMovedDay } from './day.ts';
import { BILL_BATCH_LINES } from './match-bill.ts';
import { addSteps, newBreak, saveSteps, stepContext } from './step.ts';

/** Rows of an account statement that are looked at one by one in one transaction. */
const STATEMENT_STEP = 1_000;

type Statement = RailDate & { readonly contentHash: string };

/**
 * Fetches a rail's account statement of a date whose bill has come, and compares the two: the sums
 * of payments, refunds and fees, the payouts, and what the rail held, released, added or took. A
 * statement that is not ready or cannot be read leaves the day waiting, and the day says why.
 */
export async function reconcileStatement(job: Job, about: RailDate): Promise<void> {
  const rail = railOf(job.engine, about.rail);
  if (rail.fetchSettlement === undefined) return;
  const download = await fetchStatement(job, about);
  try {
    await takeStatement(job, about, download);
  } finally {
    if (download.kind === 'ready') await download.release?.();
  }
}

async function takeStatement(
  job: Job,
  about: RailDate,
  download: SettlementDownload,
): Promise<void> {
  if (download.kind === 'unknown' || download.kind === 'not_ready') {
    const problem = download.kind === 'unknown' ? download.detail : download.message;
    await inTx(job, async (tx) => {
      const day = await lockedDay(tx, job, about);
      await tx.saveDay({ ...day, problem: `Account statement: ${problem}`.slice(0, 300) });
    });
    return;
  }
  const contentHash = download.kind === 'ready' ? download.contentHash : 'empty';
  const statement: Statement = { ...about, contentHash };
  if (download.kind === 'ready') {
    const day = await inTx(job, (tx) => lockedDay(tx, job, about));
    if (day.statementHash === contentHash) return;
    const damage = await loadStatement(job, statement, download.lines);
    if (damage !== undefined) {
      await inTx(job, async (tx) => {
        const held = await lockedDay(tx, job, about);
        await tx.saveDay({ ...held, problem: `Account statement: ${damage}`.slice(0, 300) });
      });
      return;
    }
    await takeRows(job, statement);
  }
  await inTx(job, async (tx) => {
    const held = await lockedDay(tx, job, about);
    if (held.statementHash === contentHash) return;
    const { problem: _problem, ...rest } = held;
    const loaded: ReconciliationDay = {
      ...rest,
      statement: download.kind === 'ready' ? 'loaded' : 'empty',
      statementHash: contentHash,
    };
    await saveMovedDay(tx, job, { from: held, to: loaded });
    await compareStatementOf(tx, job, loaded);
  });
}

function inTx<T>(job: Job, work: (tx: Tx) => Promise<T>): Promise<T> {
  return job.engine.store.transact(job.merchant.id, work);
}

async function fetchStatement(job: Job, about: RailDate): Promise<SettlementDownload> {
  const { fetchSettlement } = railOf(job.engine, about.rail);
  try {
    return (await fetchSettlement?.(about.businessDate)) ?? { kind: 'empty' };
  } catch (error) {
    return { kind: 'unknown', detail: error instanceof Error ? error.message : 'thrown' };
  }
}

/** Stores the rows as they stream in; returns what is wrong with a file that breaks off. */
async function loadStatement(
  job: Job,
  statement: Statement,
  lines: AsyncIterable<SettlementLine>,
): Promise<string | undefined> {
  let batch: SettlementLine[] = [];
  const flush = async () => {
    const rows = batch;
    batch = [];
    if (rows.length > 0) await inTx(job, (tx) => tx.saveSettlementLines(statement, rows));
  };
  const iterator = lines[Symbol.asyncIterator]();
  let damage: string | undefined;
  let more = true;
  while (more) {
    const next = await iterator.next().catch((error: unknown) => {
      damage = error instanceof Error ? error.message : 'thrown';
      return { done: true } as const;
    });
    if (next.done === true) more = false;
    else batch.push(next.value);
    if (!more || batch.length >= BILL_BATCH_LINES) await flush();
  }
  return damage;
}

/** Payouts become rows that the bank must prove; what the rail held or added becomes a break. */
async function takeRows(job: Job, statement: Statement): Promise<void> {
  let afterLine = 0;
  let isMore = true;
  const seen = new Set<string>();
  while (isMore) {
    const lines = await inTx(job, async (tx) => {
      const some = await tx.loadSettlementLines({
        ...statement,
        kinds: ['payout', 'other'],
        afterLine,
        limit: STATEMENT_STEP,
      });
      const payouts = some.filter(({ kind }) => kind === 'payout');
      await addPayouts(
        tx,
        job,
        payouts.map((line) => payoutOf(job, statement, line)),
      );
      const others = differencesOfOthers(some, seen);
      await addSteps(
        tx,
        others.map((one) => parked(job, statement, one)),
      );
      return some;
    });
    for (const { railReference } of lines) seen.add(railReference);
    afterLine = lines.at(-1)?.lineNumber ?? afterLine;
    isMore = lines.length >= STATEMENT_STEP;
  }
}

/** Rails name what they hold and release by one number: each row is a difference of its own. */
function differencesOfOthers(
  lines: readonly SettlementLine[],
  before: ReadonlySet<string>,
): readonly StatementDifference[] {
  const seen = new Set(before);
  return lines
    .filter(({ kind }) => kind === 'other')
    .map((line) => {
      const one = differenceOfOther(line);
      const isAgain = seen.has(one.name);
      seen.add(one.name);
      return isAgain ? { ...one, name: `${one.name} ${line.lineNumber}` } : one;
    });
}

function parked(job: Job, day: RailDate, { name, found }: StatementDifference): BreakStep {
  const { rail, businessDate } = day;
  const one = newBreak(job, { rail, businessDate, orderNumber: name }, found);
  return park(one, stepContext(job, one));
}

function payoutOf(job: Job, day: RailDate, line: SettlementLine): Settlement {
  const { railReference: reference, change } = line;
  return newSettlement(job, day, { reference, source: 'statement', amount: negate(change) });
}

/** A payout is booked as on its way when the statement first names it. */
async function addPayouts(tx: Tx, job: Job, rows: readonly Settlement[]): Promise<void> {
  const added = new Set(await tx.addSettlements(rows));
  const now = nowOf(job.engine, job.merchant);
  const journals = rows
    .filter(({ id }) => added.has(id))
    .map((row) =>
      postPayoutSent({
        id: idSource(job.engine)('jrn', bucketOf(row.id)),
        merchantId: row.merchantId,
        settlementId: row.id,
        rail: row.rail,
        amount: row.amount,
        businessDate: row.businessDate,
        postedAt: now,
      }),
    );
  await tx.save({ journals });
}

function newSettlement(
  job: Job,
  { rail, businessDate }: RailDate,
  facts: Pick<Settlement, 'reference' | 'source' | 'amount'>,
): Settlement {
  return {
    // The bucket is the reference's hash, so that the same payout meets itself.
    id: idSource(job.engine)('stl', bucketOfKey(rail, facts.reference)),
    merchantId: job.merchant.id,
    rail,
    businessDate,
    state: 'sent',
    ...facts,
  };
}

/**
 * What must arrive at the bank for a day of a rail that has no account statement: the bill's net.
 * A bill that is issued again changes it as long as it has not arrived.
 */
export async function expectPayoutOfBill(tx: Tx, job: Job, bill: RailBill): Promise<void> {
  if (railOf(job.engine, bill.rail).fetchSettlement !== undefined) return;
  const amount = netOfBill(bill);
  const reference = `bill ${bill.businessDate}`;
  const known = await tx.findSettlement(bill.rail, reference);
  if (known === undefined) {
    if (amount.minor === 0n) return;
    const row = newSettlement(job, bill, { reference, source: 'bill', amount });
    await tx.addSettlements([row]);
    return;
  }
  if (known.state === 'arrived' || equals(known.amount, amount)) return;
  const state = amount.minor === 0n ? 'withdrawn' : 'sent';
  await tx.saveSettlements([{ ...known, amount, state }]);
}

/**
 * Compares the sums of a day's account statement with its bill. A difference that is there already
 * stays; one that has gone is ended by the file that removed it.
 */
export async function compareStatementOf(tx: Tx, job: Job, day: ReconciliationDay): Promise<void> {
  const { rail, businessDate, statementHash } = day;
  if (statementHash === undefined || day.bill === 'expected') return;
  const bill = await tx.findCountedBill(day);
  const { totals, currencies } = await tx.sumSettlementLines({
    rail,
    businessDate,
    contentHash: statementHash,
  });
  const currency = bill?.total.currency ?? currencies[0];
  if (currency === undefined) return;
  const nothing = zero(currency);
  const differences = compareStatement(
    bill ?? { total: nothing, refunded: nothing, fee: nothing },
    totals,
  );
  const known = (await tx.lockStatementBreaks(day)).filter(
    ({ rootCause }) => rootCause === 'statement_differs_from_bill',
  );
  const isStill = (one: Break) =>
    one.state !== 'resolved' &&
    differences.some(
      ({ name, found }) =>
        kindOf(one) === name && one.difference?.minor === found.difference?.minor,
    );
  const gone = known.filter((one) => one.state !== 'resolved' && !isStill(one));
  const evidence = { kind: 'bill', reference: bill?.id ?? statementHash } as const;
  await saveSteps(
    tx,
    gone.map((one) => endByFiles(one, { how: 'superseded', evidence }, stepContext(job, one))),
  );
  const fresh = differences.filter(
    ({ name }) => !known.some((one) => kindOf(one) === name && isStill(one)),
  );
  await addSteps(
    tx,
    fresh.map(({ name, found }) => {
      const before = known.filter((one) => kindOf(one) === name).length;
      return parked(job, day, { name: before === 0 ? name : `${name} ${before + 1}`, found });
    }),
  );
}

/** `fee 2` is the second difference of the fee of one date. */
function kindOf({ orderNumber }: Break): string {
  return orderNumber.split(' ')[0] ?? orderNumber;
}
