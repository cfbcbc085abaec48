import type { Arrears } from '../arrears/arrears.ts';
import { isServiceOff } from '../arrears/arrears.ts';
import { instantAt } from '../calendar/business-time.ts';
import { isDateBefore, laterDate } from '../calendar/periods.ts';
import type { PriceKind } from '../catalog/catalog.ts';
import type { Locale } from '../customer/customer.ts';
import type { CustomerId, SubscriptionId } from '../ids/ids.ts';
import type { Pause, SubscriptionState } from '../subscription/subscription.ts';
import { type EntitlementOverride, isInForce } from './override.ts';
import { type ChangeWhat, changeSentence, type ReasonCode, reasonSentence } from './words.ts';

/** What of a subscription decides about its use. */
export type EntitledSubscription = {
  readonly id: SubscriptionId;
  readonly planCode: string;
  readonly state: SubscriptionState;
  readonly startsOn: Temporal.PlainDate;
  readonly endsOn?: Temporal.PlainDate;
  readonly trialEndsOn?: Temporal.PlainDate;
  readonly pauses: readonly Pause[];
  readonly autoRenew: boolean;
  readonly billedThrough: Temporal.PlainDate;
  readonly items: readonly EntitledItem[];
};

export type EntitledItem = {
  readonly kind: PriceKind;
  /** The code of the price. */
  readonly code: string;
  readonly quantity: bigint;
  readonly from: Temporal.PlainDate;
  readonly until?: Temporal.PlainDate;
};

export type EntitlementFacts = {
  readonly customerId: CustomerId;
  readonly externalReference: string;
  /** Who pays: the customer, or the organisation of a department or member. */
  readonly payerId: CustomerId;
  /** What the customer uses: an organisation's own, or those that name the department or member. */
  readonly subscriptions: readonly EntitledSubscription[];
  /** Of who pays; absent: nothing was ever overdue. */
  readonly arrears?: Arrears;
  /** The customer's own; withdrawn and ended ones may be among them. */
  readonly overrides: readonly EntitlementOverride[];
};

/** `limited`: paused, not begun, or only what was granted. `ended`: nothing is or will be used. */
export type EntitlementStatus = 'active' | 'limited' | 'suspended' | 'ended';

/** What a customer may use on a day, why, and what changes next. */
export type Entitlement = {
  readonly customerId: CustomerId;
  readonly externalReference: string;
  readonly payerId: CustomerId;
  readonly status: EntitlementStatus;
  readonly modules: readonly {
    readonly code: string;
    readonly active: boolean;
    /** The first day without it, where that is known. */
    readonly until?: Temporal.PlainDate;
  }[];
  readonly seats: readonly { readonly code: string; readonly quantity: bigint }[];
  readonly limits: readonly { readonly code: string; readonly quantity: bigint }[];
  readonly reason: { readonly code: ReasonCode; readonly sentence: string };
  readonly nextChange?: {
    readonly at: Temporal.Instant;
    readonly what: ChangeWhat;
    readonly why: string;
  };
  readonly overrides: readonly EntitlementOverride[];
};

type Day = { readonly on: Temporal.PlainDate; readonly zone: string; readonly locale: Locale };

/** Computes what a customer may use on a business date; sentences are in `locale`. */
export function computeEntitlement(facts: EntitlementFacts, day: Day): Entitlement {
  const { customerId, externalReference, payerId } = facts;
  const overrides = facts.overrides.filter((one) => isInForce(one, day.on));
  const { status, code } = statusOf(facts, overrides, day.on);
  const isOff = status === 'suspended';
  const nextChange = nextChangeOf(facts, overrides, day);
  return {
    customerId,
    externalReference,
    payerId,
    status,
    modules: modulesOf(facts, overrides, day.on).map((one) =>
      isOff ? { ...one, active: false } : one,
    ),
    seats: seatsOf(facts, overrides, day.on),
    limits: overrides.flatMap(({ kind, code: name, quantity }) =>
      kind === 'limit' && name !== undefined && quantity !== undefined
        ? [{ code: name, quantity }]
        : [],
    ),
    reason: { code, sentence: reasonSentence(code, { facts, ...day }) },
    ...(nextChange === undefined ? {} : { nextChange }),
    overrides,
  };
}

function statusOf(
  { subscriptions, arrears }: EntitlementFacts,
  overrides: readonly EntitlementOverride[],
  on: Temporal.PlainDate,
): { readonly status: EntitlementStatus; readonly code: ReasonCode } {
  if (arrears !== undefined && isServiceOff(arrears.state)) {
    return { status: 'suspended', code: `arrears_${arrears.state}` as ReasonCode };
  }
  if (subscriptions.some((one) => isServed(one, on))) {
    return { status: 'active', code: activeReason(arrears) };
  }
  if (overrides.some(({ kind }) => kind === 'module'))
    return { status: 'limited', code: 'granted' };
  if (subscriptions.some((one) => isDateBefore(on, one.startsOn) && one.state !== 'ended')) {
    return { status: 'limited', code: 'not_started' };
  }
  if (subscriptions.some((one) => isRunning(one, on))) return { status: 'limited', code: 'paused' };
  return {
    status: 'ended',
    code: subscriptions.length === 0 ? 'no_subscription' : 'subscription_ended',
  };
}

function activeReason(arrears: Arrears | undefined): ReasonCode {
  if (arrears === undefined || arrears.state === 'clear') return 'in_good_standing';
  if (arrears.heldBy === 'postponed') return 'suspension_postponed';
  if (arrears.heldBy === 'attempt_unknown' || arrears.heldBy === 'payment_waits') {
    return 'payment_under_way';
  }
  return arrears.state === 'warned' ? 'arrears_warned' : 'arrears_grace';
}

/** The first day without service; a subscription that does not renew ends with what is billed. */
function endOf(one: EntitledSubscription): Temporal.PlainDate | undefined {
  return one.endsOn ?? (one.autoRenew ? undefined : laterDate(one.billedThrough, one.startsOn));
}

/** Begun and not ended, paused or not. */
function isRunning(one: EntitledSubscription, on: Temporal.PlainDate): boolean {
  const end = endOf(one);
  return (
    one.state !== 'ended' &&
    !isDateBefore(on, one.startsOn) &&
    (end === undefined || isDateBefore(on, end))
  );
}

function isServed(one: EntitledSubscription, on: Temporal.PlainDate): boolean {
  return isRunning(one, on) && !one.pauses.some((pause) => holdsOn(pause, on));
}

function holdsOn(
  span: { readonly from: Temporal.PlainDate; readonly until?: Temporal.PlainDate },
  on: Temporal.PlainDate,
): boolean {
  return !isDateBefore(on, span.from) && (span.until === undefined || isDateBefore(on, span.until));
}

/** One line for each code: the plan by its base fee, modules by their price; active if any is. */
function modulesOf(
  { subscriptions }: EntitlementFacts,
  overrides: readonly EntitlementOverride[],
  on: Temporal.PlainDate,
): Entitlement['modules'] {
  const found = subscriptions.flatMap((one) => {
    const end = endOf(one);
    const isOn = isServed(one, on);
    return one.items.flatMap((item) => {
      const code = codeOfModule(item, one.planCode);
      if (code === undefined) return [];
      const until = earliestOf([item.until, end]);
      return [{ code, active: isOn && holdsOn(item, on), ...untilOf(until) }];
    });
  });
  const granted = overrides.flatMap(({ kind, code, until }) =>
    kind === 'module' && code !== undefined ? [{ code, active: true, until }] : [],
  );
  const codes = [...new Set([...found, ...granted].map(({ code }) => code))].sort();
  return codes.map((code) =>
    mergedModule([...found, ...granted].filter((one) => one.code === code)),
  );
}

function codeOfModule(item: EntitledItem, planCode: string): string | undefined {
  if (item.kind === 'flat') return planCode;
  return item.kind === 'module' ? item.code : undefined;
}

/** The same module from several sources: in use while any of them gives it. */
function mergedModule(
  all: readonly Entitlement['modules'][number][],
): Entitlement['modules'][number] {
  const active = all.filter((one) => one.active);
  const counted = active.length > 0 ? active : all;
  const [first] = counted;
  const isOpen = counted.some(({ until }) => until === undefined);
  const last = counted
    .flatMap(({ until }) => until ?? [])
    .reduce<Temporal.PlainDate | undefined>(
      (latest, date) => (latest === undefined ? date : laterDate(latest, date)),
      undefined,
    );
  return {
    code: first?.code ?? '',
    active: active.length > 0,
    ...untilOf(isOpen ? undefined : last),
  };
}

function untilOf(until: Temporal.PlainDate | undefined): { readonly until?: Temporal.PlainDate } {
  return until === undefined ? {} : { until };
}

function earliestOf(
  dates: readonly (Temporal.PlainDate | undefined)[],
): Temporal.PlainDate | undefined {
  return dates
    .flatMap((date) => date ?? [])
    .reduce<Temporal.PlainDate | undefined>(
      (first, date) => (first === undefined || isDateBefore(date, first) ? date : first),
      undefined,
    );
}

/** Seats in use today by their price's code, with those that were granted beside. */
function seatsOf(
  { subscriptions }: EntitlementFacts,
  overrides: readonly EntitlementOverride[],
  on: Temporal.PlainDate,
): Entitlement['seats'] {
  const totals = new Map<string, bigint>();
  const count = (code: string, quantity: bigint) =>
    totals.set(code, (totals.get(code) ?? 0n) + quantity);
  for (const one of subscriptions.filter((each) => isServed(each, on))) {
    for (const item of one.items) {
      if (item.kind === 'seat' && holdsOn(item, on)) count(item.code, item.quantity);
    }
  }
  for (const { kind, code, quantity } of overrides) {
    if (kind === 'seats' && code !== undefined && quantity !== undefined) count(code, quantity);
  }
  return [...totals].sort().map(([code, quantity]) => ({ code, quantity }));
}

type Coming = { readonly at: Temporal.Instant; readonly what: ChangeWhat };

const MIDNIGHT = Temporal.PlainTime.from('00:00');

/** What changes first if nothing is done: by arrears, a subscription's date or an override. */
function nextChangeOf(
  { subscriptions, arrears }: EntitlementFacts,
  overrides: readonly EntitlementOverride[],
  day: Day,
): Entitlement['nextChange'] {
  const at = (date: Temporal.PlainDate) => instantAt(date, MIDNIGHT, day.zone);
  const dated: readonly (readonly [Temporal.PlainDate | undefined, ChangeWhat])[] = [
    ...subscriptions.filter(({ state }) => state !== 'ended').flatMap((one) => datesOf(one)),
    ...overrides.map(({ until }) => [until, 'override_ends'] as const),
  ];
  const coming = dated.flatMap(([date, what]): Coming[] =>
    date !== undefined && isDateBefore(day.on, date) ? [{ at: at(date), what }] : [],
  );
  const byArrears: Coming[] =
    arrears?.nextChange === undefined
      ? []
      : [{ at: arrears.nextChange.at, what: `service_${arrears.nextChange.state}` as ChangeWhat }];
  const [first] = [...byArrears, ...coming].toSorted((left, right) =>
    Temporal.Instant.compare(left.at, right.at),
  );
  return first === undefined
    ? undefined
    : { ...first, why: changeSentence(first.what, arrears, day.locale) };
}

function datesOf(
  one: EntitledSubscription,
): readonly (readonly [Temporal.PlainDate | undefined, ChangeWhat])[] {
  return [
    [one.startsOn, 'subscription_starts'],
    [one.trialEndsOn, 'trial_ends'],
    [endOf(one), 'subscription_ends'],
    ...one.pauses.flatMap(({ from, until }) => [
      [from, 'pause_begins'] as const,
      [until, 'pause_ends'] as const,
    ]),
    ...one.items.flatMap(({ from, until }) => [
      [from, 'item_begins'] as const,
      [until, 'item_ends'] as const,
    ]),
  ];
}
