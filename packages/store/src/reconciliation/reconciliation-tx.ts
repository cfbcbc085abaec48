import type { MerchantId, ReconciliationTx } from '@daikou/core';
import type { Database } from '../array-write.ts';
import { loadJournals } from '../ledger/statements.ts';
import * as bank from './bank.ts';
import * as bills from './bills.ts';
import * as booked from './booked.ts';
import * as breaks from './breaks.ts';
import * as days from './days.ts';
import * as missing from './missing.ts';
import * as namings from './namings.ts';
import * as settlements from './settlements.ts';

/** The reconciliation part of the port's transaction: one line for each statement function. */
export function reconciliationCalls(db: Database, merchant: MerchantId): ReconciliationTx {
  return {
    ...billCalls(db, merchant),
    ...breakCalls(db),
    loadTerms: (rail) => days.loadTerms(db, rail),
    saveTerms: (terms) => days.saveTerms(db, terms),
    lockDay: (day) => days.lockDay(db, day),
    findFirstDate: (rail) => days.findFirstDate(db, rail),
    loadDays: (query) => days.loadDays(db, query),
    saveDay: (day) => days.saveDay(db, day),
    addDayMove: (move) => days.addDayMove(db, move),
    loadDayMoves: (day) => days.loadDayMoves(db, day),
    listDays: (query) => days.listDays(db, query),
    saveSettlementLines: (statement, lines) =>
      settlements.saveSettlementLines(db, { merchant, statement }, lines),
    sumSettlementLines: (statement) => settlements.sumSettlementLines(db, statement),
    loadSettlementLines: (query) => settlements.loadSettlementLines(db, query),
    addSettlements: (rows) => settlements.addSettlements(db, rows),
    saveSettlements: (rows) => settlements.saveSettlements(db, rows),
    findSettlement: (rail, reference) => settlements.findSettlement(db, rail, reference),
    lockOpenSettlements: (limit) => settlements.lockOpenSettlements(db, limit),
    listSettlements: (query) => settlements.listSettlements(db, query),
    addBankStatement: (statement) => bank.addBankStatement(db, merchant, statement),
    addBankLines: (lines) => bank.addBankLines(db, lines),
    saveBankLines: (lines) => bank.saveBankLines(db, lines),
    lockWaitingBankLines: (states, limit) => bank.lockWaitingBankLines(db, states, limit),
    listBankLines: (query) => bank.listBankLines(db, query),
  };
}

type BillCalls = Pick<
  ReconciliationTx,
  | 'findBill'
  | 'findCountedBill'
  | 'addBill'
  | 'saveBill'
  | 'saveBillLines'
  | 'sumBill'
  | 'countMatchedLines'
  | 'findSuspectLines'
  | 'findRepeatedNumbers'
  | 'loadBillLines'
  | 'findBookedOrders'
  | 'findBookedRefunds'
  | 'findNamings'
  | 'findLinesBeside'
  | 'lockBreaksBeside'
  | 'findMissingMoney'
>;

function billCalls(db: Database, merchant: MerchantId): BillCalls {
  return {
    findBill: (query) => bills.findBill(db, query),
    findCountedBill: (day) => bills.findCountedBill(db, day),
    addBill: (bill) => bills.addBill(db, bill),
    saveBill: (bill) => bills.saveBill(db, bill),
    saveBillLines: (bill, lines) => bills.saveBillLines(db, { merchant, bill }, lines),
    sumBill: (bill) => bills.sumBill(db, bill),
    countMatchedLines: (bill) => bills.countMatchedLines(db, bill),
    findSuspectLines: (query) => bills.findSuspectLines(db, query),
    findRepeatedNumbers: (bill) => bills.findRepeatedNumbers(db, bill),
    loadBillLines: (bill, numbers) => bills.loadBillLines(db, bill, numbers),
    findBookedOrders: (at, numbers) => booked.findBookedOrders(db, at, numbers),
    findBookedRefunds: (at, names) => booked.findBookedRefunds(db, at, names),
    findNamings: (query) => namings.findNamings(db, query),
    findLinesBeside: (query) => namings.findLinesBeside(db, query),
    lockBreaksBeside: (query) => namings.lockBreaksBeside(db, query),
    findMissingMoney: (query) => missing.findMissingMoney(db, query),
  };
}

type BreakCalls = Pick<
  ReconciliationTx,
  | 'addBreaks'
  | 'saveBreaks'
  | 'lockBreak'
  | 'lockBreaksOfOrders'
  | 'lockBreaksOfBill'
  | 'lockStatementBreaks'
  | 'loadJournals'
  | 'lockUnresolvedBreaks'
  | 'listBreaks'
  | 'countBreaksOfBill'
  | 'countUnresolved'
>;

function breakCalls(db: Database): BreakCalls {
  return {
    addBreaks: (rows) => breaks.addBreaks(db, rows),
    saveBreaks: (rows) => breaks.saveBreaks(db, rows),
    lockBreak: (id) => breaks.lockBreak(db, id),
    lockBreaksOfOrders: (query) => breaks.lockBreaksOfOrders(db, query),
    lockStatementBreaks: (day) => breaks.lockStatementBreaks(db, day),
    loadJournals: (ids) => loadJournals(db, ids),
    lockBreaksOfBill: (query) => breaks.lockBreaksOfBill(db, query),
    lockUnresolvedBreaks: (query) => breaks.lockUnresolvedBreaks(db, query),
    listBreaks: (query) => breaks.listBreaks(db, query),
    countBreaksOfBill: (bill) => breaks.countBreaksOfBill(db, bill),
    countUnresolved: (day) => breaks.countUnresolved(db, day),
  };
}
