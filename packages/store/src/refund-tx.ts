import { bucketOf, type Changes, invariant, type RefundTx } from '@daikou/core';
import type { Database } from './array-write.ts';
import * as exceptions from './refund/exceptions.ts';
import * as refunds from './refund/statements.ts';

/** What refunds, exceptions and returns read: one line for each statement function. */
export function refundCalls(db: Database): RefundTx {
  return {
    loadPayments: (ids) => exceptions.loadPayments(db, ids),
    loadPaymentsOfDebits: (ids) => exceptions.loadPaymentsOfDebits(db, ids),
    loadPaymentsOfCustomer: (customer) => exceptions.loadPaymentsOfCustomer(db, customer),
    loadRefunds: (ids) => refunds.loadRefunds(db, ids),
    lockRefunds: (ids) => refunds.loadRefunds(db, ids, 'lock'),
    loadRefundsOfAttempts: (ids) => refunds.loadRefundsOfAttempts(db, ids),
    listRefunds: (page) => refunds.listRefunds(db, page),
    claimRefundsToSubmit: (claim) => refunds.claimRefundsToSubmit(db, claim),
    claimRefundsToAsk: (claim) => refunds.claimRefundsToAsk(db, claim),
    claimRefundsToExpire: (claim) => refunds.claimRefundsToExpire(db, claim),
    loadExceptions: (ids) => exceptions.loadExceptions(db, ids),
    lockExceptions: (ids) => exceptions.loadExceptions(db, ids, 'lock'),
    loadExceptionsOfAttempts: (ids) => exceptions.loadExceptionsOfAttempts(db, ids),
    listExceptions: (page) => exceptions.listExceptions(db, page),
    claimExceptionsToAct: (claim) => exceptions.claimExceptionsToAct(db, claim),
    loadReturnsOfPayments: (ids) => exceptions.loadReturnsOfPayments(db, ids),
  };
}

/** Writes exceptions, refunds and returns, after the payments and grants that they name. */
export async function saveRefunding(db: Database, changes: Changes): Promise<void> {
  const { exceptions: parked = [], refunds: rows = [], returns = [] } = changes;
  for (const { id, customerId } of [...parked, ...rows, ...returns]) {
    invariant(bucketOf(id) === bucketOf(customerId), `${id} is made in its customer's bucket`);
  }
  if (parked.length > 0) await exceptions.saveExceptions(db, parked);
  if (rows.length > 0) await refunds.saveRefunds(db, rows);
  if (returns.length > 0) await exceptions.addReturns(db, returns);
}
