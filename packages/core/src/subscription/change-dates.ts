import { earlierDate, isDateBefore, laterDate } from '../calendar/periods.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { SubscriptionCommand } from './change.ts';
import { hasLongArrears } from './new-item.ts';
import type { Prices } from './next-period.ts';
import { type SubscriptionRefusal, subscriptionRefusal } from './refusals.ts';
import type { Contract, Pause, Subscription } from './subscription.ts';
import { endWithoutRenewal } from './term.ts';

type Edited = Result<Subscription, SubscriptionRefusal>;
type Command<T extends SubscriptionCommand['type']> = Extract<SubscriptionCommand, { type: T }>;

/** No service and no charge from the day on, until the day that is given or until it is resumed. */
export function pause(
  subscription: Subscription,
  { resumesOn }: Command<'pause'>,
  on: Temporal.PlainDate,
): Edited {
  if (resumesOn !== undefined && !isDateBefore(on, resumesOn)) {
    return refuse(subscriptionRefusal('pause_ends_before_it_starts', 'resumesOn'));
  }
  const added: Pause = { from: on, ...(resumesOn === undefined ? {} : { until: resumesOn }) };
  const isTaken = subscription.pauses.some((one) => overlap(one, added));
  if (isTaken) return refuse(subscriptionRefusal('already_paused', 'when'));
  const pauses = [...subscription.pauses, added].sort((a, b) =>
    Temporal.PlainDate.compare(a.from, b.from),
  );
  return ok({ ...subscription, pauses });
}

/** Service again from the day on; a pause that would start later is taken back. */
export function resume(subscription: Subscription, on: Temporal.PlainDate): Edited {
  const found = subscription.pauses.find(
    ({ until }) => until === undefined || isDateBefore(on, until),
  );
  if (found === undefined) return refuse(subscriptionRefusal('not_paused', 'when'));
  const pauses = subscription.pauses.flatMap((one) => {
    if (one !== found) return [one];
    return isDateBefore(one.from, on) ? [{ from: one.from, until: on }] : [];
  });
  return ok({ ...subscription, pauses });
}

/** The day is the first one without service. */
export function end(subscription: Subscription, on: Temporal.PlainDate): Edited {
  return ok({ ...subscription, endsOn: on });
}

/**
 * Off: service ends with what is paid and committed, and nothing is given back. On: the end is
 * taken back, whoever set it.
 */
export function autoRenew(subscription: Subscription, { on }: Command<'auto_renew'>): Edited {
  const { endsOn, ...rest } = subscription;
  if (on) return ok({ ...rest, autoRenew: true });
  const last = endWithoutRenewal(subscription);
  return ok({
    ...rest,
    autoRenew: false,
    endsOn: endsOn === undefined ? last : earlierDate(endsOn, last),
  });
}

/**
 * Boundaries are counted from `expiresOn` on (统一到期日). What is billed stays billed; the next
 * invoice is for the short period up to the first new boundary.
 */
export function align(
  subscription: Subscription,
  { expiresOn }: Command<'align'>,
  about: { readonly prices: Prices; readonly today: Temporal.PlainDate },
): Edited {
  if (!isDateBefore(about.today, expiresOn)) {
    return refuse(subscriptionRefusal('change_in_past', 'expiresOn'));
  }
  if (hasLongArrears(subscription, about.prices)) {
    return refuse(subscriptionRefusal('interval_does_not_fit', 'expiresOn'));
  }
  return ok({ ...subscription, anchor: expiresOn });
}

export function setContract(subscription: Subscription, contract: Contract): Edited {
  if (!isDateBefore(contract.start, contract.end)) {
    return refuse(subscriptionRefusal('contract_ends_before_it_starts', 'contract.end'));
  }
  return ok({ ...subscription, contract });
}

/** The earliest day that can be agreed on: a pause or an end before it has another meaning. */
export function notBeforeStart(
  subscription: Subscription,
  day: Temporal.PlainDate,
): Temporal.PlainDate {
  return laterDate(day, subscription.startsOn);
}

function overlap(left: Pause, right: Pause): boolean {
  const startsIn = (one: Pause, other: Pause) =>
    other.until === undefined || isDateBefore(one.from, other.until);
  return startsIn(left, right) && startsIn(right, left);
}
