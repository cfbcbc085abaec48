import {
  type AttemptId,
  bucketOf,
  type Claim,
  type CustomerId,
  type DebitId,
  type MoneyException,
  type MoneyExceptionId,
  type Page,
  type Payment,
  type PaymentId,
  type PaymentReturn,
  toUuid,
} from '@daikou/core';
import { type RawBuilder, sql } from 'kysely';
import { readRows } from '../array-read.ts';
import { type Database, wantedIds, writeRows } from '../array-write.ts';
import { toInstant } from '../columns.ts';
import { fromPaymentRow } from '../debit/rows.ts';
import { inState, limitOf, ofCustomer, pageOf } from '../pages.ts';
import { fromExceptionRow, fromReturnRow, toExceptionRow, toReturnRow } from './exception-rows.ts';

export async function saveExceptions(
  db: Database,
  exceptions: readonly MoneyException[],
): Promise<void> {
  await writeRows(db, 'money_exceptions', {
    rows: exceptions.map(toExceptionRow),
    rule: 'replace',
  });
}

export async function loadExceptions(
  db: Database,
  ids: readonly MoneyExceptionId[],
  lock: 'lock' | 'look' = 'look',
): Promise<readonly MoneyException[]> {
  return await readExceptions(
    db,
    sql`
    select e.* from money_exceptions e join ${wantedIds(ids)} using (bucket, id)
     order by e.id ${lock === 'lock' ? sql`for update of e` : sql``}`,
  );
}

/** Everything that was parked of these attempts, oldest first. */
export async function loadExceptionsOfAttempts(
  db: Database,
  attempts: readonly AttemptId[],
): Promise<readonly MoneyException[]> {
  return await readExceptions(
    db,
    sql`
    select e.* from money_exceptions e
      join ${wantedIds(attempts)} on wanted.bucket = e.bucket and wanted.id = e.attempt_id
     order by e.id`,
  );
}

export async function listExceptions(
  db: Database,
  page: Page & { readonly customerId?: CustomerId; readonly state?: string },
): Promise<readonly MoneyException[]> {
  return await readExceptions(
    db,
    sql`
    select * from money_exceptions
     where ${ofCustomer(page.customerId)} and ${inState(page.state)} and ${pageOf(page)}`,
  );
}

/** Open ones on which a policy acts by now, earliest first; locked, skipping locked ones. */
export async function claimExceptionsToAct(
  db: Database,
  claim: Claim,
): Promise<readonly MoneyException[]> {
  return await readExceptions(
    db,
    sql`
    select * from money_exceptions
     where bucket >= ${claim.buckets.from} and bucket < ${claim.buckets.until}
       and state = 'open' and act_at <= ${toInstant(claim.dueBy)}
     order by act_at, id limit ${limitOf(claim.limit)}
     for update skip locked`,
  );
}

/** Adds returns; a second one of a payment is refused by the database. */
export async function addReturns(db: Database, returns: readonly PaymentReturn[]): Promise<void> {
  await writeRows(db, 'payment_returns', { rows: returns.map(toReturnRow), rule: 'add' });
}

export async function loadReturnsOfPayments(
  db: Database,
  payments: readonly PaymentId[],
): Promise<readonly PaymentReturn[]> {
  const rows = await readRows(
    db,
    'payment_returns',
    sql`
    select r.* from payment_returns r
      join ${wantedIds(payments)} on wanted.bucket = r.bucket and wanted.id = r.payment_id
     order by r.id`,
  );
  return rows.map(fromReturnRow);
}

export async function loadPayments(
  db: Database,
  ids: readonly PaymentId[],
): Promise<readonly Payment[]> {
  return await readPayments(
    db,
    sql`select p.* from payments p join ${wantedIds(ids)} using (bucket, id) order by p.id`,
  );
}

export async function loadPaymentsOfDebits(
  db: Database,
  debits: readonly DebitId[],
): Promise<readonly Payment[]> {
  return await readPayments(
    db,
    sql`
    select p.* from payments p
      join ${wantedIds(debits)} on wanted.bucket = p.bucket and wanted.id = p.debit_id
     order by p.id`,
  );
}

/** All payments of a customer, newest last. */
export async function loadPaymentsOfCustomer(
  db: Database,
  customer: CustomerId,
): Promise<readonly Payment[]> {
  return await readPayments(
    db,
    sql`
    select * from payments
     where bucket = ${bucketOf(customer)} and customer_id = ${toUuid(customer)}
     order by paid_at, id`,
  );
}

async function readPayments(db: Database, query: RawBuilder<unknown>): Promise<readonly Payment[]> {
  return (await readRows(db, 'payments', query)).map(fromPaymentRow);
}

async function readExceptions(
  db: Database,
  query: RawBuilder<unknown>,
): Promise<readonly MoneyException[]> {
  return (await readRows(db, 'money_exceptions', query)).map(fromExceptionRow);
}
