import type { CustomerId, Id, InvoiceId, MerchantId } from '../ids/ids.ts';
import { type Money, money } from '../money/money.ts';
import { divideDown } from '../money/rounding.ts';
import { ARREARS_CAUSES, type ArrearsCauseKind, type CauseFinding, WHOLE } from './cause.ts';

/** `overdue`: what was known the day after the due date. `ended`: when it was paid or voided. */
export type FindingMoment = 'overdue' | 'ended';

/**
 * A finding on file: one for each invoice, moment and set of rules, never edited. What the report
 * groups by is kept with it, as it was then.
 */
export type ArrearsFinding = {
  readonly invoiceId: InvoiceId;
  readonly merchantId: MerchantId;
  readonly customerId: CustomerId;
  readonly moment: FindingMoment;
  readonly ruleSet: number;
  readonly dueDate: Temporal.PlainDate;
  readonly owed: Money;
  /** The rail that it is collected by; absent: paid by hand. */
  readonly rail?: string;
  /** The plan of its subscription; of a consolidated invoice the first one's. */
  readonly planId?: Id<'pln'>;
  /** The kind of customer: a person or an organisation. */
  readonly segment: string;
  readonly finding: CauseFinding;
  readonly at: Temporal.Instant;
};

export const CAUSE_GROUPS = ['rail', 'plan', 'segment'] as const;
export type CauseGroup = (typeof CAUSE_GROUPS)[number];

/** Sums over findings as the store counts them; amounts of one currency. */
export type CauseSum = {
  /** What it is grouped by; empty where it is not, or nothing is known. */
  readonly group: string;
  readonly cause: ArrearsCauseKind;
  readonly currency: Money['currency'];
  /** Invoices that have it as their primary cause. */
  readonly primary: number;
  /** The sum of its shares in basis points, over all invoices that have it. */
  readonly basisPoints: bigint;
  /** The sum of owed amount × share: smallest unit × basis points, exact. */
  readonly weighted: bigint;
};

/** One line of the report. Shares are of its group and currency; they are 10,000 in all. */
export type CauseShare = {
  readonly group: string;
  readonly cause: ArrearsCauseKind;
  readonly invoices: number;
  /** Of the invoices, each counted by the shares of its causes. */
  readonly shareOfCount: bigint;
  readonly amount: Money;
  readonly shareOfAmount: bigint;
};

/**
 * The report: how much of the arrears each cause has, by count and by amount, for each group and
 * currency. Every cause stands in it, with nothing where it has nothing. Shares and amounts are
 * rounded down, and what is left goes to the largest, so that they always add up.
 */
export function computeCauseShares(sums: readonly CauseSum[]): readonly CauseShare[] {
  const groups = Map.groupBy(sums, ({ group, currency }) => JSON.stringify([group, currency]));
  return [...groups]
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([, own]) => sharesOfGroup(own));
}

function sharesOfGroup(own: readonly CauseSum[]): readonly CauseShare[] {
  const [first] = own;
  if (first === undefined) return [];
  const { group, currency } = first;
  const rows = ARREARS_CAUSES.map((cause) => own.find((one) => one.cause === cause));
  const counted = rows.map((one) => one?.basisPoints ?? 0n);
  const weighted = rows.map((one) => one?.weighted ?? 0n);
  const counts = splitWhole(counted, WHOLE);
  const amounts = splitWhole(weighted, WHOLE);
  const minors = splitWhole(weighted, divideDown(total(weighted), WHOLE));
  return ARREARS_CAUSES.map((cause, index) => ({
    group,
    cause,
    invoices: rows[index]?.primary ?? 0,
    shareOfCount: counts[index] ?? 0n,
    amount: money(minors[index] ?? 0n, currency),
    shareOfAmount: amounts[index] ?? 0n,
  }));
}

/** `whole` split by weights: rounded down, the rest to the largest, the earlier of equals. */
function splitWhole(weights: readonly bigint[], whole: bigint): readonly bigint[] {
  const sum = total(weights);
  if (sum === 0n) return weights;
  const parts = weights.map((weight) => divideDown(weight * whole, sum));
  const rest = whole - total(parts);
  const largest = weights.reduce((best, weight, index) => {
    return weight > (weights[best] ?? 0n) ? index : best;
  }, 0);
  return parts.map((part, index) => (index === largest ? part + rest : part));
}

function total(values: readonly bigint[]): bigint {
  return values.reduce((sum, value) => sum + value, 0n);
}
