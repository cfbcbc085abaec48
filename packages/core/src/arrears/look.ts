import { businessDate, instantAt, isBefore } from '../calendar/business-time.ts';
import { addDays, earlierDate } from '../calendar/periods.ts';
import type { Customer } from '../customer/customer.ts';
import type { InvoiceId } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { Money } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import {
  type Arrears,
  type ArrearsChange,
  type ArrearsState,
  isServiceOff,
  severity,
} from './arrears.ts';
import { arrearsEvents } from './events.ts';
import { observe } from './overdue.ts';
import { type ArrearsPolicy, looksDaily } from './policy.ts';
import {
  datesOfChange,
  type Restraints,
  type Standing,
  standingAfter,
  type Target,
  targetOf,
} from './target.ts';

/** An invoice that is issued, not paid and past its due date. */
export type OverdueInvoice = {
  readonly id: InvoiceId;
  readonly dueDate: Temporal.PlainDate;
  readonly balance: Money;
  /** It does not count while it is in dispute. */
  readonly isDisputed: boolean;
  /** Nor before its debit was tried: nobody has asked for the money yet. */
  readonly isUnasked: boolean;
};

/** What decides about one customer; read when no debit of the customer can be sent. */
export type ArrearsFacts = Restraints & {
  readonly customer: Customer;
  readonly overdue: readonly OverdueInvoice[];
  /** The class of the last refusal of a try to collect these invoices. */
  readonly lastFailure?: string;
  readonly tags: readonly string[];
};

export type ArrearsContext = {
  readonly now: Temporal.Instant;
  readonly zone: string;
  readonly policy: ArrearsPolicy;
  readonly ids: IdSource;
};

/** What a look changes. */
export type ArrearsLook = {
  readonly arrears: Arrears;
  /** Where it was before; `clear` for somebody new. */
  readonly from: ArrearsState;
  /** Warned, and no warning stands or is on its way: the customer is to be warned (again) now. */
  readonly warnsNow: boolean;
  readonly events: readonly NewEvent[];
};

/**
 * Looks at the arrears of a customer. A state becomes more severe only from the policy's hour of
 * the day on, so that nobody's service stops at night; it becomes milder at once.
 */
export function decideArrears(
  before: Arrears | undefined,
  facts: ArrearsFacts,
  context: ArrearsContext,
): ArrearsLook {
  const { now, zone, policy } = context;
  const today = businessDate(now, zone);
  const on = isBefore(now, instantAt(today, policy.at, zone)) ? addDays(today, -1) : today;
  const observed = observe(countedOf(facts), on, { ...lastOf(facts), tags: facts.tags });
  const given = { ...facts, observed, policy };
  const standing: Standing = before ?? { state: 'clear', since: today };
  const target = targetOf(standing, given, on);
  const after = standingAfter(standing, target.state, on);
  const expected = { ...given, ...expectedWarning(facts, today) };
  const change = findChange(after, expected, { on, context });
  const arrears: Arrears = {
    merchantId: facts.customer.merchantId,
    customerId: facts.customer.id,
    ...after,
    changedAt: before === undefined || after.state !== before.state ? now : before.changedAt,
    ...(target.heldBy === undefined ? {} : { heldBy: target.heldBy }),
    ...(observed.earliestUnpaid === undefined ? {} : { earliestUnpaid: observed.earliestUnpaid }),
    unpaidInvoices: observed.unpaidInvoices,
    unpaid: observed.unpaidBalances,
    ...(change === undefined ? {} : { nextChange: change }),
    ...nextLookOf(facts, { on, target, change, context }),
  };
  const events = arrearsEvents(standing.state, arrears, context);
  const isWaiting = facts.moneyUnderWay !== undefined;
  const warnsNow = after.state === 'warned' && facts.warning === undefined && !isWaiting;
  return { arrears, from: standing.state, warnsNow, events };
}

/** A warning that is still to be delivered is expected to be so today. */
function expectedWarning(
  { warning }: ArrearsFacts,
  today: Temporal.PlainDate,
): Pick<Restraints, 'warning'> {
  return { warning: warning === undefined || warning === 'under_way' ? today : warning };
}

/** Whether it counts; its age counts from its due date. */
function doesCount({ isDisputed, isUnasked }: OverdueInvoice): boolean {
  return !isDisputed && !isUnasked;
}

function countedOf({ overdue }: ArrearsFacts) {
  return overdue.filter(doesCount).map(({ dueDate, balance }) => ({ date: dueDate, balance }));
}

function lastOf({ lastFailure }: ArrearsFacts) {
  return lastFailure === undefined ? {} : { lastFailure };
}

/** The first date on which the state will be another one if nothing is paid until then. */
function findChange(
  standing: Standing,
  facts: Parameters<typeof datesOfChange>[1],
  { on, context }: { readonly on: Temporal.PlainDate; readonly context: ArrearsContext },
): ArrearsChange | undefined {
  // What is under way is expected to end; the date says what happens if it brings no money.
  const { moneyUnderWay: _underWay, ...rest } = facts;
  for (const date of datesOfChange(standing, rest, on)) {
    const { state } = targetOf(standing, rest, date);
    if (state === standing.state) continue;
    return { on: date, at: instantAt(date, context.policy.at, context.zone), state };
  }
  return undefined;
}

/**
 * On the day of the next change; the next day where something can change that has no date: money
 * under way, a dispute, a debit to come, a condition that asks for more than age.
 */
function nextLookOf(
  facts: ArrearsFacts,
  about: {
    readonly on: Temporal.PlainDate;
    readonly target: Target;
    readonly change: ArrearsChange | undefined;
    readonly context: ArrearsContext;
  },
): { readonly nextLookAt?: Temporal.Instant } {
  const { on, target, change, context } = about;
  if (facts.overdue.length === 0) return {};
  const tomorrow = addDays(on, 1);
  const isOpen =
    target.heldBy === 'attempt_unknown' ||
    target.heldBy === 'payment_waits' ||
    isUnproved(facts, target) ||
    looksDaily(context.policy) ||
    !facts.overdue.every(doesCount);
  const date = isOpen ? earlierDate(tomorrow, change?.on ?? tomorrow) : change?.on;
  const last = date ?? addDays(on, DAYS_BETWEEN_LOOKS);
  return { nextLookAt: instantAt(last, context.policy.at, context.zone) };
}

/** Whether the days to the next stop wait for a warning to be delivered. */
function isUnproved({ warning }: ArrearsFacts, { state }: Target): boolean {
  return state === 'warned' && typeof warning !== 'object' && warning !== undefined;
}

/** What nothing will change any more is looked at once a month, in case it was mended by hand. */
const DAYS_BETWEEN_LOOKS = 30;

/** Whether a look cut the service, gave it back, or neither. */
export function effectOf(look: ArrearsLook): 'stopped' | 'restored' | 'none' {
  const [was, is] = [isServiceOff(look.from), isServiceOff(look.arrears.state)];
  if (was === is) return 'none';
  return is ? 'stopped' : 'restored';
}

/** Whether a look made the state more severe. */
export function isWorse(look: ArrearsLook): boolean {
  return severity(look.arrears.state) > severity(look.from);
}

/** Whether a look took a warning back: what it was about is paid. */
export function isUnwarned({ from, arrears }: ArrearsLook): boolean {
  return severity(from) >= severity('warned') && severity(arrears.state) < severity('warned');
}
