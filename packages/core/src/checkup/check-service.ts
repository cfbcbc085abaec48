import { isDateBefore } from '../calendar/periods.ts';
import type { Prices } from '../subscription/next-period.ts';
import type { Subscription } from '../subscription/subscription.ts';
import { subscriptionsOf } from './check-amount.ts';
import type { CheckupFacts, Collection } from './facts.ts';
import type { FoundFinding } from './finding.ts';
import type { CheckupRules } from './rules.ts';
import { found } from './words.ts';

/** Whether the payer pays twice, for nothing, or for the first time. */
export function checkService(
  facts: CheckupFacts,
  collection: Collection,
  rules: CheckupRules,
): readonly FoundFinding[] {
  const billed = new Set(subscriptionsOf(facts.invoice.lines));
  const own = facts.subscriptions.filter(({ id }) => billed.has(id));
  return [
    ...duplicates(own, facts),
    ...own.flatMap((subscription) => unused(subscription, facts, rules)),
    ...own.flatMap((subscription) => converting(subscription, facts, collection)),
  ];
}

/** What people call the plan of a subscription. */
export function planNames(
  { planId }: Pick<Subscription, 'planId'>,
  plans: CheckupFacts['plans'],
): { readonly zh: string; readonly en: string } {
  const plan = plans.get(planId);
  return { zh: plan?.nameZh ?? planId, en: plan?.nameEn ?? planId };
}

/**
 * The newer of two subscriptions is the one to end, so that a pair is found once, whichever of the
 * two is billed. Only those of one plan or product are compared: an organisation may have
 * thousands.
 */
function duplicates(
  own: readonly Subscription[],
  { subscriptions, prices, plans }: CheckupFacts,
): readonly FoundFinding[] {
  const alike = new Map<string, Subscription[]>();
  for (const one of subscriptions) {
    for (const service of servicesOf(one, prices)) {
      const others = alike.get(service);
      if (others === undefined) alike.set(service, [one]);
      else others.push(one);
    }
  }
  return own.flatMap((subscription) => {
    const isTwin = (other: Subscription) =>
      other.id < subscription.id &&
      isSameUser(subscription, other) &&
      overlaps(subscription, other);
    const services = servicesOf(subscription, prices);
    const other = services.flatMap((one) => alike.get(one)?.find(isTwin) ?? [])[0];
    return other === undefined ? [] : [duplicate(subscription, other, plans)];
  });
}

function duplicate(
  subscription: Subscription,
  other: Subscription,
  plans: CheckupFacts['plans'],
): FoundFinding {
  return found('duplicate_subscription', {
    about: subscription.id,
    action: 'end_subscription',
    says: {
      code: 'duplicate_subscription',
      plan: planNames(subscription, plans),
      other: planNames(other, plans),
    },
    evidence: [subscription.id, other.id],
  });
}

/** The same person or department, or one of them within the whole organisation. */
function isSameUser(left: Subscription, right: Subscription): boolean {
  const { beneficiaryId } = left;
  return (
    beneficiaryId === right.beneficiaryId ||
    beneficiaryId === undefined ||
    right.beneficiaryId === undefined
  );
}

function overlaps(left: Subscription, right: Subscription): boolean {
  return startsBeforeEnd(left, right) && startsBeforeEnd(right, left);
}

function startsBeforeEnd({ startsOn }: Subscription, { endsOn }: Subscription): boolean {
  return endsOn === undefined || isDateBefore(startsOn, endsOn);
}

/**
 * Its plan, and the products that its running items give; usage and single pieces of work are no
 * service for a time.
 */
function servicesOf({ items, planId }: Subscription, prices: Prices): readonly string[] {
  const running = items.filter(({ until }) => until === undefined);
  const products = running.flatMap((item) => {
    const price = prices.get(item.priceVersionId)?.price;
    const isLasting = price?.kind === 'flat' || price?.kind === 'module';
    return isLasting ? (price.productId ?? []) : [];
  });
  return [...new Set<string>([planId, ...products])];
}

/** Only where a meter counts: without one nobody knows whether a service is used. */
function unused(
  subscription: Subscription,
  { meterUse, plans }: CheckupFacts,
  { unusedPeriods }: CheckupRules,
): readonly FoundFinding[] {
  const counted = meterUse.filter(({ subscriptionId }) => subscriptionId === subscription.id);
  const isSilent = counted.every(
    ({ events, periods }) => events === 0n && periods >= unusedPeriods,
  );
  if (counted.length === 0 || !isSilent) return [];
  return [
    found('unused_service', {
      about: subscription.id,
      action: 'end_subscription',
      says: {
        code: 'unused_service',
        plan: planNames(subscription, plans),
        periods: unusedPeriods,
      },
      evidence: [subscription.id, ...counted.map(({ meterId }) => meterId)],
    }),
  ];
}

/** The invoice bills the first days after the trial: until now nothing was taken. */
function converting(
  subscription: Subscription,
  { invoice, plans }: CheckupFacts,
  collection: Collection,
): readonly FoundFinding[] {
  const { trialEndsOn } = subscription;
  if (trialEndsOn === undefined) return [];
  const isFirst = invoice.lines.some(
    ({ subscriptionId, period }) =>
      subscriptionId === subscription.id && period.start.equals(trialEndsOn),
  );
  if (!isFirst) return [];
  return [
    found('trial_converting', {
      about: subscription.id,
      action: 'end_subscription',
      says: { code: 'trial_converting', plan: planNames(subscription, plans), ...collection },
      evidence: [subscription.id, invoice.id],
    }),
  ];
}
