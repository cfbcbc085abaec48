import { addDays, laterDate } from '../calendar/periods.ts';
import type { Customer } from '../customer/customer.ts';
import { bucketOf, type Id } from '../ids/ids.ts';
import type { IdSource } from '../ids/source.ts';
import type { Invoice } from '../invoice/invoice.ts';
import type { Currency } from '../money/money.ts';
import type { JsonObject } from '../policy/policy.ts';
import type { NewEvent } from '../result/event.ts';
import { present } from '../result/invariant.ts';
import { assertMove } from '../result/moves.ts';
import { reachesThreshold } from './attempt-due.ts';
import type { Campaign } from './campaign.ts';
import { DUNNING_MOVES, type DunningCase, type DunningEntry, type EndedAs } from './case.ts';
import { oldestFirst } from './collect.ts';
import { dunningEvent } from './events.ts';
import { owedOf } from './facts.ts';
import { nextStepAt } from './next-step.ts';

export type DunningContext = {
  readonly now: Temporal.Instant;
  readonly zone: string;
  readonly ids: IdSource;
};

/** A case as it is now, and what is told of it. */
export type DunningChange = { readonly dunning: DunningCase; readonly events: readonly NewEvent[] };

/** Why arrears start no case. */
export type NotChased = 'customer_excluded' | 'other_customers' | 'below_threshold' | 'too_old';

/** Whether these arrears of one customer start a case; undefined: they do. */
export function whyNotChased(
  about: {
    readonly customer: Customer;
    readonly overdue: readonly Invoice[];
    /** The last day on which a bank took money of them back. */
    readonly returnedOn?: Temporal.PlainDate;
  },
  campaign: Campaign,
  today: Temporal.PlainDate,
): NotChased | undefined {
  const { customer, overdue } = about;
  const [first] = overdue;
  const owed = owedOf(overdue, present(first, 'an overdue invoice').total.currency);
  if (campaign.excluded.includes(customer.externalReference)) return 'customer_excluded';
  if (campaign.customers !== 'all' && campaign.customers !== customer.kind) {
    return 'other_customers';
  }
  if (!reachesThreshold(owed, campaign.thresholds)) return 'below_threshold';
  const over = addDays(dayZeroOf(about), campaign.end.maxDays);
  return Temporal.PlainDate.compare(today, over) >= 0 ? 'too_old' : undefined;
}

/**
 * Day 0: the day after the newest due date of what is overdue. An old debt that was left alone
 * starts with the one that made the customer overdue now, and one whose money a bank took back on
 * the day of that.
 */
function dayZeroOf({
  overdue,
  returnedOn,
}: {
  readonly overdue: readonly Invoice[];
  readonly returnedOn?: Temporal.PlainDate;
}): Temporal.PlainDate {
  const newest = overdue.toSorted(oldestFirst).at(-1);
  const day = addDays(present(newest, 'an overdue invoice').dueDate, 1);
  return returnedOn === undefined ? day : laterDate(day, returnedOn);
}

/** Starts the chase after a customer's arrears in one currency. */
export function startCase(
  about: {
    readonly customer: Customer;
    readonly currency: Currency;
    readonly overdue: readonly Invoice[];
    readonly campaign: Campaign;
    readonly name: string;
    readonly body: JsonObject;
    readonly returnedOn?: Temporal.PlainDate;
  },
  context: DunningContext,
): DunningChange {
  const { customer, currency, overdue } = about;
  const started = { nextStep: 0, startedOn: dayZeroOf(about) };
  const dunning: DunningCase = {
    id: context.ids('dun', bucketOf(customer.id)),
    merchantId: customer.merchantId,
    customerId: customer.id,
    currency,
    state: 'running',
    campaignName: about.name,
    campaignBody: about.body,
    ...started,
    nextStepAt: nextStepAt(started, { campaign: about.campaign, zone: context.zone }),
    invoiceIds: overdue.map(({ id }) => id),
    promiseCount: 0,
    timeline: [{ at: context.now, what: 'started' }],
    createdAt: context.now,
  };
  const data = { minor: owedOf(overdue, currency).minor.toString(), invoices: overdue.length };
  return { dunning, events: [dunningEvent(dunning, { type: 'dunning.started', data }, context)] };
}

/** An invoice that became overdue while the case runs joins it; its steps go on as they are. */
export function joinCase(
  dunning: DunningCase,
  invoices: readonly Invoice[],
  now: Temporal.Instant,
): DunningCase {
  const joined = invoices.filter(({ id }) => !dunning.invoiceIds.includes(id));
  const entries = joined.map(
    ({ id }): DunningEntry => ({ at: now, what: 'joined', subjectId: id }),
  );
  return {
    ...dunning,
    invoiceIds: [...dunning.invoiceIds, ...joined.map(({ id }) => id)],
    timeline: [...dunning.timeline, ...entries],
  };
}

/** The case after a step was done or passed over, waiting for the one after it. */
export function afterStep(
  dunning: DunningCase,
  done: {
    readonly what: DunningEntry['what'];
    readonly through: number | undefined;
    readonly why?: string;
    readonly subjectId?: Id;
  },
  context: DunningContext & { readonly campaign: Campaign },
): DunningChange {
  const { through, ...entry } = done;
  const { waitsFor: _waited, ...rest } = dunning;
  const nextStep = through === undefined ? dunning.nextStep : through + 1;
  const missed = context.campaign.steps.slice(dunning.nextStep, Math.max(nextStep - 1, 0));
  const left = missed.map((step): DunningEntry => {
    return { at: context.now, what: 'skipped', day: step.day, why: 'missed' };
  });
  const day = through === undefined ? undefined : context.campaign.steps[through]?.day;
  const made: DunningEntry = {
    at: context.now,
    ...entry,
    ...(day === undefined ? {} : { day }),
  };
  const next: DunningCase = {
    ...rest,
    nextStep,
    nextStepAt: nextStepAt({ ...dunning, nextStep }, context),
    timeline: [...dunning.timeline, ...left, made],
  };
  const data = { what: done.what, ...(done.why === undefined ? {} : { why: done.why }) };
  return {
    dunning: next,
    events: [dunningEvent(next, { type: 'dunning.stepped', data }, context)],
  };
}

/** The case while it waits; without `until` a person or a payment wakes it. */
export function waitFor(
  dunning: DunningCase,
  wait: { readonly until?: Temporal.Instant; readonly why: string },
): DunningCase {
  const { nextStepAt: _next, ...rest } = dunning;
  const until = wait.until === undefined ? {} : { nextStepAt: wait.until };
  return { ...rest, ...until, waitsFor: wait.why };
}

/** Ends a case: what was paid stops at once, and nothing more is sent. */
export function endCase(
  dunning: DunningCase,
  end: { readonly as: EndedAs; readonly by?: string; readonly reason?: string },
  context: DunningContext,
): DunningChange {
  assertMove(DUNNING_MOVES, dunning.state, 'ended');
  const { nextStepAt: _next, waitsFor: _waits, pause: _pause, ...rest } = dunning;
  const why = [end.as, end.by, end.reason].filter((word) => word !== undefined).join(': ');
  const ended: DunningCase = {
    ...rest,
    state: 'ended',
    endedAs: end.as,
    endedAt: context.now,
    timeline: [...dunning.timeline, { at: context.now, what: 'ended', why }],
  };
  const data = { as: end.as };
  return {
    dunning: ended,
    events: [dunningEvent(ended, { type: 'dunning.ended', data }, context)],
  };
}
