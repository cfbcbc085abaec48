import { isDateBefore } from '../calendar/periods.ts';
import { checkHistory, medianOf } from '../debit/amount-guard.ts';
import type { InvoiceLine } from '../invoice/invoice.ts';
import { compareRatio, type Ratio } from '../money/ratio.ts';
import type { Subscription, SubscriptionItem } from '../subscription/subscription.ts';
import type { CheckupFacts, Collection } from './facts.ts';
import type { FoundFinding } from './finding.ts';
import { found } from './words.ts';

/** Whether the amount is what was agreed, and like what the customer paid before. */
export function checkAmount(facts: CheckupFacts, collection: Collection): readonly FoundFinding[] {
  return [...unlikeContract(facts, collection), ...unlikeHistory(facts, collection)];
}

/** The first line of each subscription that is not as agreed; one pass over any bill. */
function unlikeContract(facts: CheckupFacts, collection: Collection): readonly FoundFinding[] {
  const { invoice, subscriptions } = facts;
  const known = new Map(subscriptions.map((subscription) => [subscription.id, subscription]));
  const unlike = new Map<Subscription['id'], InvoiceLine>();
  for (const line of invoice.lines) {
    const subscription = known.get(line.subscriptionId);
    if (subscription === undefined || unlike.has(subscription.id)) continue;
    if (isUnlikeContract(line, subscription)) unlike.set(subscription.id, line);
  }
  return [...unlike].map(([id, line]) =>
    found('amount_unlike_contract', {
      about: id,
      action: 'confirm_amount',
      says: { code: 'amount_unlike_contract', line, ...collection },
      evidence: [invoice.id, id],
    }),
  );
}

/** Every subscription of the lines once, in their order. */
export function subscriptionsOf(
  lines: readonly InvoiceLine[],
): readonly InvoiceLine['subscriptionId'][] {
  return [...new Set(lines.map(({ subscriptionId }) => subscriptionId))];
}

/**
 * A line at another price than the one agreed with the customer, or for days after a contract that
 * ends. Credits, corrections and what a minimum adds have no unit price and are left alone.
 */
function isUnlikeContract(line: InvoiceLine, { contract, items }: Subscription): boolean {
  const isRecurring = line.rule === 'list_price' || line.rule === 'agreed_price';
  if (!isRecurring) return false;
  const ends = contract?.renewal === 'ends' ? contract.end : undefined;
  if (ends !== undefined && !isDateBefore(line.period.start, ends)) return true;
  const item = items.find(({ id }) => id === line.itemId);
  return item?.agreedModel !== undefined && isUnlikeAgreed(line, item.agreedModel);
}

function isUnlikeAgreed(
  line: InvoiceLine,
  agreed: NonNullable<SubscriptionItem['agreedModel']>,
): boolean {
  if (line.rule === 'list_price') return true;
  const price: Ratio | undefined =
    agreed.type === 'per_unit'
      ? agreed.unitAmount
      : agreed.type === 'flat'
        ? agreed.amount
        : undefined;
  if (price === undefined || line.unitAmount === undefined) return false;
  return compareRatio(line.unitAmount, price) !== 0;
}

/** The rule of the amount guard, told days before it holds the debit. */
function unlikeHistory(facts: CheckupFacts, collection: Collection): readonly FoundFinding[] {
  const { amountGuard, debit, history, invoice } = facts;
  if (amountGuard === undefined) return [];
  const asked = {
    amount: collection.amount,
    ...(debit?.released === undefined ? {} : { released: debit.released }),
  };
  if (checkHistory(asked, history, amountGuard).ok) return [];
  const { currency } = collection.amount;
  const paid = history.filter((one) => one.currency === currency).slice(0, amountGuard.lookBack);
  const usual = medianOf(paid.map(({ minor }) => minor)) ?? 0n;
  return [
    found('amount_unlike_history', {
      about: invoice.id,
      action: 'confirm_amount',
      says: {
        code: 'amount_unlike_history',
        usual: { minor: usual, currency },
        count: paid.length,
        ...collection,
      },
      evidence: [invoice.id, ...(debit === undefined ? [] : [debit.id])],
    }),
  ];
}
