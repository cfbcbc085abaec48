import {
  type BankStatementLineId,
  type ClaimCandidate,
  type ClaimSuggestion,
  type Customer,
  type CustomerId,
  type HandPaymentRequest,
  handPaymentRefusal,
  type Invoice,
  type InvoiceId,
  instantAt,
  ok,
  type Refusal,
  type Result,
  refuse,
  type StoredBankLine,
  suggestClaims,
  type Tx,
  wordsOf,
} from '@daikou/core';
import { openInvoicesOf } from '../debit/call-off.ts';
import type { Job } from '../job.ts';
import { notFound } from '../not-found.ts';
import { type Recorded, recordWithin } from './record.ts';

/** Customers that one line is compared with, at most, by each of amount and name. */
const CANDIDATES = 50;

/** Lines that are looked through at a time. */
const PAGE = 200;

/** Banks tell the day of a line and not its hour. */
const MIDNIGHT = Temporal.PlainTime.from('00:00');

/** Who books what needs no person. */
const RULE = 'self-claim';

export type LineSuggestions = {
  readonly line: StoredBankLine;
  readonly suggestions: readonly (ClaimSuggestion & { readonly customer: Customer })[];
};

/** Whose an unclaimed line of the bank may be, the likeliest first. Changes nothing. */
export async function suggestForLine(
  job: Job,
  id: BankStatementLineId,
): Promise<Result<LineSuggestions, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const line = await tx.lockBankLine(id);
    if (line === undefined) return refuse(notFound('bank line', 'line'));
    return ok({ line, suggestions: await suggest(tx, line) });
  });
}

/**
 * Books an unclaimed line of the bank as a customer's payment. A line is claimed once: whoever
 * comes second is told. Where the transfer was recorded before its statement came, the line is
 * joined to that payment and nothing is booked twice.
 */
export async function claimLine(
  job: Job,
  id: BankStatementLineId,
  wish: {
    readonly customerId: CustomerId;
    readonly by: string;
    readonly invoiceIds?: readonly InvoiceId[];
    readonly note?: string;
    readonly dryRun?: boolean;
  },
): Promise<Result<Recorded, Refusal>> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const line = await tx.lockBankLine(id);
    if (line === undefined) return refuse(notFound('bank line', 'line'));
    return claimHeld(tx, job, { ...wish, line });
  });
}

async function claimHeld(
  tx: Tx,
  job: Job,
  wish: {
    readonly line: StoredBankLine;
    readonly customerId: CustomerId;
    readonly by: string;
    readonly invoiceIds?: readonly InvoiceId[];
    readonly note?: string;
    readonly dryRun?: boolean;
  },
): Promise<Result<Recorded, Refusal>> {
  const { line, customerId, by, invoiceIds, note = '', dryRun = false } = wish;
  if (line.amount.minor <= 0n) return refuse(handPaymentRefusal('line_not_incoming'));
  if (line.state !== 'unclaimed') return refuse(handPaymentRefusal('line_not_unclaimed'));
  const joined = await joinRecorded(tx, { line, customerId, dryRun });
  if (joined !== undefined) return ok(joined);
  const request: HandPaymentRequest = {
    method: 'bank_transfer',
    amount: line.amount,
    reference: line.bankReference,
    receivedAt: instantAt(line.bookedOn, MIDNIGHT, job.merchant.zone),
    bankLineId: line.id,
    recordedBy: by,
    note,
    ...(invoiceIds === undefined || invoiceIds.length === 0 ? {} : { invoiceIds }),
  };
  const recorded = await recordWithin(tx, job, { customerId, request, dryRun });
  if (recorded.ok && !dryRun) await tx.saveBankLines([{ ...line, state: 'claimed' }]);
  return recorded;
}

/** The same transfer as a person recorded it before the statement came; undefined: none. */
async function joinRecorded(
  tx: Tx,
  about: {
    readonly line: StoredBankLine;
    readonly customerId: CustomerId;
    readonly dryRun: boolean;
  },
): Promise<Recorded | undefined> {
  const { line, customerId, dryRun } = about;
  const found = await tx.findHandPaymentByReference({
    method: 'bank_transfer',
    reference: line.bankReference,
  });
  if (found === undefined || found.bankLineId !== undefined) return undefined;
  const { amount } = found;
  const isSame =
    found.customerId === customerId &&
    amount.minor === line.amount.minor &&
    amount.currency === line.amount.currency;
  if (!isSame) return undefined;
  const [payment = found] = await tx.lockHandPayments([found.id]);
  const joined = { ...payment, bankLineId: line.id };
  if (!dryRun) {
    await tx.save({ handPayments: [joined] });
    await tx.saveBankLines([{ ...line, state: 'claimed' }]);
  }
  return { dryRun, isKnown: true, payment: joined, paid: [], leftOpen: [] };
}

/**
 * Books every unclaimed line that names a number of ours and is the exact amount of what that
 * customer owes. All others wait for a person. Returns how many were booked.
 */
export async function claimCertain(job: Job): Promise<number> {
  let claimed = 0;
  let after: BankStatementLineId | undefined;
  do {
    const page = await job.engine.store.transact(job.merchant.id, (tx) =>
      tx.listBankLines({
        state: 'unclaimed',
        limit: PAGE,
        ...(after === undefined ? {} : { after }),
      }),
    );
    for (const { id } of page) if (await claimIfCertain(job, id)) claimed += 1;
    after = page.length === PAGE ? page.at(-1)?.id : undefined;
  } while (after !== undefined);
  return claimed;
}

async function claimIfCertain(job: Job, id: BankStatementLineId): Promise<boolean> {
  return job.engine.store.transact(job.merchant.id, async (tx) => {
    const line = await tx.lockBankLine(id);
    if (line === undefined || line.state !== 'unclaimed') return false;
    const certain = (await suggest(tx, line)).find(({ isCertain }) => isCertain);
    if (certain === undefined) return false;
    const { customerId, invoiceIds, reasons } = certain;
    const note = reasons.join(' ');
    const claimed = await claimHeld(tx, job, { line, customerId, by: RULE, invoiceIds, note });
    return claimed.ok;
  });
}

async function suggest(tx: Tx, line: StoredBankLine): Promise<LineSuggestions['suggestions']> {
  if (line.amount.minor <= 0n) return [];
  const candidates = await candidatesOf(tx, line);
  const byId = new Map(candidates.map(({ customer }) => [customer.id, customer] as const));
  return suggestClaims(line, candidates).flatMap((one) => {
    const customer = byId.get(one.customerId);
    return customer === undefined ? [] : [{ ...one, customer }];
  });
}

/** Customers whom the wording, the amount or the payer's name may mean, with what they owe. */
async function candidatesOf(tx: Tx, line: StoredBankLine): Promise<readonly ClaimCandidate[]> {
  const words = wordsOf(line);
  const ids = new Set<CustomerId>();
  for (const word of words) {
    const customer = await tx.findCustomerByReference(word);
    if (customer !== undefined && customer.payerId === undefined) ids.add(customer.id);
  }
  const numbered = await tx.findInvoicesByNumbers(words);
  const sameAmount = await tx.findOpenInvoicesOfAmount(line.amount, CANDIDATES);
  const orders = await tx.findAttemptsByOrderNumber(words);
  const ordered = new Set(orders.map(({ attempt }) => attempt.customerId));
  for (const { customerId } of [...numbered, ...sameAmount]) ids.add(customerId);
  for (const id of ordered) ids.add(id);
  if (line.counterparty !== undefined) {
    for (const { id } of await tx.findPayersByName(line.counterparty, CANDIDATES)) ids.add(id);
  }
  const customers = await tx.loadCustomers([...ids]);
  const candidates: ClaimCandidate[] = [];
  for (const customer of customers) {
    const open: readonly Invoice[] = await tx.loadInvoices(await openInvoicesOf(tx, customer.id));
    candidates.push({ customer, invoices: open, isOrderNamed: ordered.has(customer.id) });
  }
  return candidates;
}
