import { daysIn, laterDate, type Period } from '../calendar/periods.ts';
import { trueUp } from '../catalog/rate-bounds.ts';
import type { Money } from '../money/money.ts';
import { fromMoney } from '../money/ratio.ts';
import { present } from '../result/invariant.ts';
import {
  billingPeriodOn,
  endsWithin,
  isInArrears,
  type NextDraft,
  type Prices,
  periodBeforeMove,
} from '../subscription/next-period.ts';
import { servedDays } from '../subscription/service.ts';
import { clipSpans, daysInSpans, hullOf } from '../subscription/spans.ts';
import type { Contract, Subscription } from '../subscription/subscription.ts';
import { linesWithin } from './draft-advance.ts';
import { type BilledDays, type LineSubject, lineOf, ONCE } from './draft-line.ts';
import type { WaitingLine } from './invoice.ts';
import { splitTax } from './tax.ts';

export type CommitmentFacts = {
  readonly subscription: Subscription;
  readonly draft: NextDraft;
  readonly prices: Prices;
  /** The lines that this invoice bills so far. */
  readonly lines: readonly WaitingLine[];
  /** All that was billed of the contract's term before, tax included. */
  readonly termBilled?: Money;
};

/**
 * The lines that a contract's minimums add for the period that has ended and, when the term ends in
 * it, for the term. A minimum counts what was billed before discounts, tax included.
 */
export function commitmentLines(facts: CommitmentFacts): readonly WaitingLine[] {
  const { contract } = facts.subscription;
  if (contract === undefined) return [];
  const subject = mainSubject(facts);
  if (subject === undefined) return [];
  const ofPeriod = minimumOfPeriod(facts, contract, subject);
  const billed = [...facts.lines, ...ofPeriod];
  return [...ofPeriod, ...minimumOfTerm({ ...facts, lines: billed }, contract, subject)];
}

/** Whether the term's total has to be known before this draft can be made. */
export function needsTermTotal(subscription: Subscription, draft: NextDraft): boolean {
  const { contract } = subscription;
  return contract?.minimumForTerm !== undefined && endsWithin(contract.end, draft.arrears);
}

function minimumOfPeriod(
  facts: CommitmentFacts,
  contract: Contract,
  subject: LineSubject,
): readonly WaitingLine[] {
  const { subscription, draft } = facts;
  const minimum = contract.minimumPerPeriod;
  const { arrears } = draft;
  if (minimum === undefined || daysIn(arrears) <= 0) return [];
  const spans = clipSpans(servedDays(subscription, arrears), committedDays(contract, arrears));
  const service = hullOf(spans);
  if (service === undefined) return [];
  const full = periodBeforeMove(subscription) ?? billingPeriodOn(subscription, service.start);
  const served = { start: full.start, end: full.start.add({ days: daysInSpans(spans) }) };
  const billed = [...advanceOf(facts, service), ...arrearsOf(facts)];
  const { trueUp: missing } = trueUp({ minimum, billed, service: served, period: full });
  return commitmentLine(subject, { service, full }, missing);
}

/** The days of `arrears` under the contract; one that renews goes on without a gap. */
function committedDays(contract: Contract, { end }: Period): Period {
  const last = contract.renewal === 'same_term' ? laterDate(contract.end, end) : contract.end;
  return { start: contract.start, end: last };
}

function minimumOfTerm(
  facts: CommitmentFacts,
  contract: Contract,
  subject: LineSubject,
): readonly WaitingLine[] {
  const { minimumForTerm: minimum } = contract;
  if (minimum === undefined || !needsTermTotal(facts.subscription, facts.draft)) return [];
  const before = present(facts.termBilled, 'what was billed of the term');
  const now = facts.lines
    .filter((line) => Temporal.PlainDate.compare(line.period.start, contract.end) < 0)
    .map((line) => line.amount);
  const { trueUp: missing } = trueUp({ minimum, billed: [before, ...now] });
  const term = { start: contract.start, end: contract.end };
  return commitmentLine(subject, { service: term, full: term }, missing);
}

/** What the items that are billed in advance come to in these days, as they are today. */
function advanceOf({ subscription, prices }: CommitmentFacts, days: Period): readonly Money[] {
  return subscription.items.flatMap((item) => {
    const priced = prices.get(item.priceVersionId);
    if (priced === undefined || item.kind === 'one_off' || isInArrears(item, priced)) return [];
    return linesWithin({ subscription, item, priced }, days).map((line) => line.amount);
  });
}

function arrearsOf({ lines, subscription, prices }: CommitmentFacts): readonly Money[] {
  const inArrears = new Set(
    subscription.items
      .filter((item) => isInArrears(item, prices.get(item.priceVersionId)))
      .map(({ id }) => id),
  );
  return lines
    .filter(({ itemId }) => itemId !== undefined && inArrears.has(itemId))
    .map((line) => line.amount);
}

/** The minimum is told, tax included, in the currency and at the tax of the first item's price. */
function commitmentLine(
  subject: LineSubject,
  days: BilledDays,
  missing: Money,
): readonly WaitingLine[] {
  if (missing.minor === 0n) return [];
  const line = lineOf(subject, days, {
    rule: 'commitment',
    quantity: ONCE,
    unitAmount: fromMoney(missing),
    subtotal: missing,
    why: {},
    names: { nameZh: '补足合同最低消费', nameEn: 'Up to the contract’s minimum' },
  });
  const { net, tax } = splitTax(missing, line.taxBasisPoints);
  const isInclusive = subject.priced.version.taxBehavior === 'inclusive';
  return [{ ...line, subtotal: isInclusive ? missing : net, amount: missing, net, tax }];
}

/** The first item that recurs: its price names the line and says its tax. */
export function mainSubject({
  subscription,
  prices,
}: Pick<CommitmentFacts, 'subscription' | 'prices'>): LineSubject | undefined {
  for (const item of subscription.items) {
    const priced = prices.get(item.priceVersionId);
    if (item.kind !== 'one_off' && priced !== undefined) return { subscription, item, priced };
  }
  return undefined;
}
