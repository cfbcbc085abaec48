import {
  type BankMatch,
  type BankStatement,
  type BankStatementLine,
  type Break,
  bucketOf,
  bucketOfKey,
  businessDate,
  checkStatement,
  endByFiles,
  type JournalId,
  lastDayOf,
  matchBankLines,
  ok,
  type PayingRail,
  postPayoutArrived,
  type RailId,
  type Result,
  type Settlement,
  type SettlesOn,
  type StatementRefusal,
  type StoredBankLine,
  type StoredBankStatement,
  type Tx,
  termsOn,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';
import { refreshDay } from './day.ts';
import { addSteps, newBreak, saveSteps, stepContext } from './step.ts';

/** Lines of the bank and payouts that one look compares. More wait for the next look. */
const BANK_STEP = 2_000;

export type BankImport = {
  /** The same file was imported before; nothing changed. */
  readonly isKnown: boolean;
  /** Lines that were new to the account. */
  readonly added: number;
  readonly matched: number;
};

/**
 * Takes in a bank statement that proves itself, and matches what waits with it. The same file again
 * changes nothing; of a statement that overlaps another, only the new lines are added.
 */
export async function importBankStatement(
  job: Job,
  statement: BankStatement,
): Promise<Result<BankImport, StatementRefusal>> {
  const checked = checkStatement(statement);
  if (!checked.ok) return checked;
  const added = await job.engine.store.transact(job.merchant.id, async (tx) => {
    const stored = toStored(job, statement);
    if (!(await tx.addBankStatement(stored))) return undefined;
    return tx.addBankLines(statement.lines.map((line) => toStoredLine(job, stored, line)));
  });
  if (added === undefined) return ok({ isKnown: true, added: 0, matched: 0 });
  return ok({ isKnown: false, added, matched: await matchBank(job) });
}

function toStored(job: Job, statement: BankStatement): StoredBankStatement {
  const { lines, ...rest } = statement;
  return {
    ...rest,
    id: idSource(job.engine)('bst', bucketOfKey(job.merchant.id, statement.account)),
    lineCount: lines.length,
    importedAt: nowOf(job.engine, job.merchant),
  };
}

function toStoredLine(
  job: Job,
  statement: StoredBankStatement,
  line: BankStatementLine,
): StoredBankLine {
  return {
    ...line,
    id: idSource(job.engine)('bsl', bucketOf(statement.id)),
    merchantId: job.merchant.id,
    statementId: statement.id,
    account: statement.account,
    state: 'unmatched',
  };
}

/**
 * Matches bank lines with the payouts of rails, and books what arrived. Money in that names no rail
 * becomes `unclaimed`, for customers' transfers. A payout that the bank should have shown by now
 * becomes a break. Returns the number of payouts that arrived.
 */
export async function matchBank(job: Job): Promise<number> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const payouts = await tx.lockOpenSettlements(BANK_STEP);
    const lines = await tx.lockWaitingBankLines(['unmatched', 'unclaimed'], BANK_STEP);
    const result = matchBankLines(lines, payouts, await payingRails(tx, job));
    const arrived = await bookArrivals(tx, job, result.matches);
    const changed = [
      ...result.matches.map(({ line }) => ({ line, state: 'matched' as const })),
      ...result.unclaimed.map((line) => ({ line, state: 'unclaimed' as const })),
      ...result.other.map((line) => ({ line, state: 'other' as const })),
    ].filter(({ line, state }) => line.state !== state);
    await tx.saveBankLines(changed.map(({ line, state }) => ({ ...line, state })));
    await missOverdue(
      tx,
      job,
      payouts.filter(({ id }) => !arrived.has(id)),
    );
    return arrived.size;
  });
}

/** What the bank calls each rail: the rail's own names, and those that its terms add. */
async function payingRails(tx: Tx, job: Job): Promise<ReadonlyMap<RailId, PayingRail>> {
  const rails = new Map<RailId, PayingRail>();
  const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
  for (const { id: rail, capabilities } of job.engine.rails.values()) {
    const own = job.engine.railNames.get(rail);
    const terms = termsOn(await tx.loadTerms(rail), today);
    const names = [...(own ? [own.zh, own.en] : []), ...(terms?.payerNames ?? [])];
    const { settlesOn } = capabilities;
    rails.set(rail, { names, ...(settlesOn && { settlesOn }) });
  }
  return rails;
}

/** Books each payout that a line brought; ends the break of one that was late. */
async function bookArrivals(
  tx: Tx,
  job: Job,
  matches: readonly BankMatch[],
): Promise<ReadonlyMap<Settlement['id'], JournalId>> {
  const now = nowOf(job.engine, job.merchant);
  const journals = new Map<Settlement['id'], JournalId>();
  const rows: Settlement[] = [];
  for (const { line, settlements } of matches) {
    for (const row of settlements) {
      journals.set(row.id, idSource(job.engine)('jrn', bucketOf(row.id)));
      rows.push({ ...row, state: 'arrived', arrived: { lineId: line.id, on: line.bookedOn } });
    }
  }
  if (rows.length === 0) return journals;
  await tx.saveSettlements(rows);
  await tx.save({
    journals: rows.map((row) =>
      postPayoutArrived({
        id: journals.get(row.id) ?? idSource(job.engine)('jrn', bucketOf(row.id)),
        merchantId: row.merchantId,
        settlementId: row.id,
        rail: row.rail,
        source: row.source,
        amount: row.amount,
        businessDate: row.arrived?.on ?? row.businessDate,
        postedAt: now,
      }),
    ),
  });
  for (const row of matches.flatMap(({ settlements }) => settlements)) {
    if (row.state !== 'overdue') continue;
    const reference = journals.get(row.id) ?? row.id;
    await endOverdue(tx, job, { payout: row, reference });
  }
  return journals;
}

async function endOverdue(
  tx: Tx,
  job: Job,
  { payout, reference }: { readonly payout: Settlement; readonly reference: string },
): Promise<void> {
  const breaks = await tx.lockStatementBreaks(payout);
  const late = breaks.filter((one) => isLate(one, payout) && one.state !== 'resolved');
  await saveSteps(
    tx,
    late.map((one) => {
      const evidence = { kind: 'journal', reference } as const;
      return endByFiles(one, { how: 'matched_later', evidence }, stepContext(job, one));
    }),
  );
  await refreshDay(tx, job, payout);
}

function isLate(one: Break, payout: Settlement): boolean {
  return one.rootCause === 'payout_not_arrived' && one.orderNumber === payout.reference;
}

/** A rail that is not connected any more settles as China's banks do. */
function settlesOnOf(job: Job, rail: RailId): SettlesOn | undefined {
  return job.engine.rails.get(rail)?.capabilities.settlesOn;
}

/** Payouts that no line has shown in time: the rail or the bank is asked. No money is posted. */
async function missOverdue(tx: Tx, job: Job, payouts: readonly Settlement[]): Promise<void> {
  const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
  const late = payouts.filter(
    (one) =>
      one.state === 'sent' &&
      Temporal.PlainDate.compare(lastDayOf(one, settlesOnOf(job, one.rail)), today) < 0,
  );
  // Without any bank statement nobody can say that a payout is missing.
  if (late.length === 0 || (await tx.listBankLines({ limit: 1 })).length === 0) return;
  await tx.saveSettlements(late.map((one) => ({ ...one, state: 'overdue' })));
  const steps = late.map(({ rail, businessDate: date, reference, amount }) => {
    const about = { rail, businessDate: date, orderNumber: reference };
    return {
      found: newBreak(job, about, {
        class: 'settlement_mismatch',
        rootCause: 'payout_not_arrived',
        suggestedAction: 'ask_rail',
        state: 'open',
        railAmount: amount,
      }),
      journals: [],
    };
  });
  await addSteps(tx, steps);
  for (const one of late) await refreshDay(tx, job, one);
}
