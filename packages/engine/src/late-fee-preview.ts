import {
  addDays,
  businessDate,
  type Currency,
  computeLateFee,
  type Invoice,
  isDateBefore,
  type JsonObject,
  type LateFeeExample,
  type LateFeePolicy,
  lateFeeExamples,
  lateFeeWords,
  type Money,
  money,
  ok,
  type PolicyRefusal,
  type Result,
  readLateFeePolicy,
  readTerminationPolicy,
  type Tx,
  terminationWords,
} from '@daikou/core';
import { loadDisputedDays, sinceOf } from './arrears/late-fee.ts';
import { type Job, nowOf } from './job.ts';

/** Open invoices that a simulation reads at once, and altogether: it answers while people wait. */
const PAGE = 500;
const MOST_INVOICES = 20_000;

type Tally = {
  count: number;
  minor: bigint;
  largest: bigint;
  capped: number;
};

/** What a late fee would come to for this merchant. */
export type LateFeeSimulation = {
  readonly policy: LateFeePolicy;
  readonly examples: readonly LateFeeExample[];
  /** Open invoices that were read, and whether those were all. */
  readonly lookedAt: number;
  readonly isComplete: boolean;
  /** What today's overdue invoices would be asked for, by currency. */
  readonly overdue: readonly {
    readonly invoices: number;
    readonly sum: Money;
    readonly largest: Money;
    readonly capped: number;
  }[];
};

/**
 * What a late fee would do to this merchant: its examples, and what today's overdue invoices would
 * be asked for if it had held when they were issued. It never will be for those: a policy begins
 * with what is issued after its publication.
 */
export async function simulateLateFee(
  job: Job,
  body: JsonObject,
): Promise<Result<LateFeeSimulation, PolicyRefusal>> {
  const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
  const read = readLateFeePolicy(body, { today });
  if (!read.ok) return read;
  const { store } = job.engine;
  return ok(await store.transact(job.merchant.id, (tx) => simulate(tx, job, read.value)));
}

/** The same as figures and sentences, for the dry run of a publication. */
export async function previewLateFee(tx: Tx, job: Job, body: JsonObject): Promise<JsonObject> {
  const read = readLateFeePolicy(body);
  if (!read.ok) return {};
  const policy = read.value;
  const { examples, overdue, lookedAt, isComplete } = await simulate(tx, job, policy);
  return {
    rule: { zh: lateFeeWords(policy, 'zh-CN'), en: lateFeeWords(policy, 'en') },
    examples: examples.map(({ daysOverdue, base, amount, isCapped }) => ({
      days_overdue: daysOverdue,
      unpaid: wireOf(base),
      late_fee: wireOf(amount),
      capped: isCapped,
    })),
    overdue_now: {
      looked_at: lookedAt,
      complete: isComplete,
      would_be_asked: overdue.map(({ invoices, sum, largest, capped }) => ({
        invoices,
        sum: wireOf(sum),
        largest: wireOf(largest),
        capped,
      })),
    },
  };
}

/** What a termination rule says; it moves nothing that is signed already. */
export function previewTermination(body: JsonObject): JsonObject {
  const read = readTerminationPolicy(body);
  if (!read.ok) return {};
  const [zh, en] = [terminationWords(read.value, 'zh-CN'), terminationWords(read.value, 'en')];
  return { rule: { zh, en } };
}

async function simulate(tx: Tx, job: Job, policy: LateFeePolicy): Promise<LateFeeSimulation> {
  const today = businessDate(nowOf(job.engine, job.merchant), job.merchant.zone);
  const tallies = new Map<Currency, Tally>();
  let lookedAt = 0;
  let isComplete = false;
  let after: Invoice['id'] | undefined;
  while (lookedAt < MOST_INVOICES && !isComplete) {
    const page = await tx.listInvoices({
      state: 'open',
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    });
    after = page.at(-1)?.id;
    lookedAt += page.length;
    isComplete = page.length < PAGE;
    const late = page.filter(({ dueDate }) => isDateBefore(dueDate, today));
    for (const figure of await figuresOf(tx, job, { late, policy, today })) {
      if (figure.amount.minor > 0n) count(tallies, figure);
    }
  }
  const overdue = [...tallies].map(([currency, tally]) => ({
    invoices: tally.count,
    sum: money(tally.minor, currency),
    largest: money(tally.largest, currency),
    capped: tally.capped,
  }));
  return { policy, examples: lateFeeExamples(policy), lookedAt, isComplete, overdue };
}

async function figuresOf(
  tx: Tx,
  job: Job,
  about: {
    readonly late: readonly Invoice[];
    readonly policy: LateFeePolicy;
    readonly today: Temporal.PlainDate;
  },
) {
  const { late, policy, today } = about;
  if (late.length === 0) return [];
  const tries = await tx.loadFirstTries(late.map(({ id }) => id));
  const disputes = await loadDisputedDays(tx, job, late);
  const customers = await tx.loadCustomers([...new Set(late.map((one) => one.customerId))]);
  const meant = new Set(
    customers
      .filter(({ kind }) => policy.customers.some((one) => one === kind))
      .map(({ id }) => id),
  );
  return late
    .filter(({ customerId }) => meant.has(customerId))
    .map((invoice) => {
      const { since = addDays(today, 1) } = sinceOf(invoice, tries, job.merchant.zone);
      const stops = disputes.get(invoice.id) ?? [];
      return computeLateFee({ invoice, since, payments: [], stops }, policy, today);
    });
}

function count(
  tallies: Map<Currency, Tally>,
  { amount, isCapped }: { readonly amount: Money; readonly isCapped: boolean },
): void {
  const tally = tallies.get(amount.currency) ?? { count: 0, minor: 0n, largest: 0n, capped: 0 };
  tally.count += 1;
  tally.minor += amount.minor;
  if (amount.minor > tally.largest) tally.largest = amount.minor;
  if (isCapped) tally.capped += 1;
  tallies.set(amount.currency, tally);
}

function wireOf({ minor, currency }: Money): JsonObject {
  return { amount: Number(minor), currency };
}
