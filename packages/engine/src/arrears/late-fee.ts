import { createHash } from 'node:crypto';
import {
  businessDate,
  type DeclaredLateFee,
  declaredLateFees,
  type FeeStop,
  type FirstTry,
  type Invoice,
  isBefore,
  type LateFee,
  type LateFeeContext,
  type LateFeeFacts,
  type LateFeeParts,
  lateFeeFor,
  overdueSince,
  type PrincipalPayment,
  present,
  type Tx,
} from '@daikou/core';
import { idSource, type Job, nowOf } from '../job.ts';

/** What decisions about late fees are made with at this moment. */
export function lateFeeContext(job: Job): LateFeeContext {
  return {
    now: nowOf(job.engine, job.merchant),
    zone: job.merchant.zone,
    ids: idSource(job.engine),
    hash: (text) => createHash('sha256').update(text).digest('hex'),
  };
}

/** Every late fee that the merchant ever published. */
export async function loadDeclared(tx: Tx): Promise<readonly DeclaredLateFee[]> {
  return declaredLateFees(await tx.listPolicies('late_fee'));
}

/** The late fee that holds for each of these invoices, by the version at its issue. */
export async function lateFeesFor(
  tx: Tx,
  job: Job,
  invoices: readonly Invoice[],
): Promise<ReadonlyMap<Invoice['id'], DeclaredLateFee>> {
  const declared = await loadDeclared(tx);
  if (declared.length === 0) return new Map();
  const customers = await tx.loadCustomers([...new Set(invoices.map((one) => one.customerId))]);
  const kinds = new Map(customers.map(({ id, kind }) => [id, kind]));
  return new Map(
    invoices.flatMap((invoice) => {
      const { issuedAt } = invoice;
      if (issuedAt === undefined) return [];
      const to = present(kinds.get(invoice.customerId), 'the customer of an invoice');
      const found = lateFeeFor(declared, { at: issuedAt, to, zone: job.merchant.zone });
      return found === undefined ? [] : [[invoice.id, found] as const];
    }),
  );
}

/** The last day on which paying each invoice was in time; absent while our first try is to come. */
export function sinceOf(
  invoice: Invoice,
  tries: readonly FirstTry[],
  zone: string,
): { readonly since?: Temporal.PlainDate } {
  const found = tries.find(({ invoiceId }) => invoiceId === invoice.id);
  const refusedAt = found?.firstRefusedAt;
  const since = overdueSince(invoice, {
    ...(refusedAt === undefined ? {} : { firstRefusedOn: businessDate(refusedAt, zone) }),
    isWaiting: found?.isWaiting === true,
    hasFailedWithoutPayer: found?.hasFailedWithoutPayer === true,
  });
  return since === undefined ? {} : { since };
}

/**
 * What balances paid of these invoices, and when that money came. A part of an instalment plan
 * counts from its day on, even where it was put to the invoice when the plan ended.
 */
export async function loadBalanceUses(
  tx: Tx,
  job: Job,
  invoices: readonly Invoice[],
): Promise<ReadonlyMap<Invoice['id'], readonly PrincipalPayment[]>> {
  const some = invoices.filter(({ balanceApplied }) => balanceApplied.minor > 0n);
  if (some.length === 0) return new Map();
  const { zone } = job.merchant;
  const paid = await tx.loadBalancePayments(some.map(({ id }) => id));
  return new Map(
    some.map(({ id }) => [
      id,
      paid
        .filter(({ invoiceId }) => invoiceId === id)
        .map(({ amount, heldSince }) => ({ on: businessDate(heldSince, zone), amount })),
    ]),
  );
}

/** The days on which these invoices were in dispute, the first of them whole. */
export async function loadDisputedDays(
  tx: Tx,
  job: Job,
  invoices: readonly Invoice[],
): Promise<ReadonlyMap<Invoice['id'], readonly FeeStop[]>> {
  const { zone } = job.merchant;
  const disputes = await tx.loadDisputes([...new Set(invoices.map((one) => one.customerId))]);
  return new Map(
    invoices.map(({ id }) => [
      id,
      disputes
        .filter(({ invoiceId }) => invoiceId === id)
        .map(({ createdAt, until, withdrawn }): FeeStop => {
          const over = withdrawn === undefined ? until : businessDate(withdrawn.at, zone);
          return { from: businessDate(createdAt, zone), until: over };
        }),
    ]),
  );
}

/** What decides about each of these late fees; one without a policy or an invoice is left out. */
export async function loadFacts(
  tx: Tx,
  job: Job,
  lateFees: readonly LateFee[],
): Promise<readonly LateFeeFacts[]> {
  if (lateFees.length === 0) return [];
  const { zone } = job.merchant;
  const declared = new Map((await loadDeclared(tx)).map((one) => [one.policy.id, one.rule]));
  const ids = lateFees.map(({ invoiceId }) => invoiceId);
  const invoices = new Map((await tx.loadInvoices(ids)).map((one) => [one.id, one]));
  const uses = await loadBalanceUses(tx, job, [...invoices.values()]);
  const disputes = await loadDisputedDays(tx, job, [...invoices.values()]);
  const tries = await tx.loadFirstTries(ids);
  const parts = await tx.loadLateFeeParts(lateFees.map(({ id }) => id));
  const others = await loadOthers(tx, job, lateFees);
  return lateFees.flatMap((lateFee) => {
    const policy = lateFee.policyId === undefined ? undefined : declared.get(lateFee.policyId);
    const invoice = invoices.get(lateFee.invoiceId);
    if (policy === undefined || invoice === undefined) return [];
    const since = monthsAgo(job, policy.goodwillMonths ?? 0);
    const isFirst = !others.some(
      (other) =>
        other.customerId === lateFee.customerId &&
        other.id !== lateFee.id &&
        !isBefore(other.createdAt, since),
    );
    return [
      {
        lateFee,
        invoice,
        policy,
        isFirst,
        balanceUses: uses.get(invoice.id) ?? [],
        disputes: disputes.get(invoice.id) ?? [],
        ...sinceOf(invoice, tries, zone),
        ...own(lateFee, parts),
      },
    ];
  });
}

/** Late fees of the same customers that count against the goodwill, at most five years back. */
async function loadOthers(
  tx: Tx,
  job: Job,
  lateFees: readonly LateFee[],
): Promise<readonly LateFee[]> {
  const customers = [...new Set(lateFees.map(({ customerId }) => customerId))];
  return await tx.loadLateFeesSince(customers, monthsAgo(job, LONGEST_GOODWILL_MONTHS));
}

function monthsAgo(job: Job, months: number): Temporal.Instant {
  const now = nowOf(job.engine, job.merchant).toZonedDateTimeISO(job.merchant.zone);
  return now.subtract({ months }).toInstant();
}

const LONGEST_GOODWILL_MONTHS = 60;

function own({ id }: LateFee, { charges, waivers, lines }: LateFeeParts): LateFeeParts {
  const mine = charges.filter(({ lateFeeId }) => lateFeeId === id);
  const named = new Set(mine.map(({ pendingLineId }) => pendingLineId));
  return {
    charges: mine,
    waivers: waivers.filter(({ lateFeeId }) => lateFeeId === id),
    lines: lines.filter((line) => named.has(line.id)),
  };
}
