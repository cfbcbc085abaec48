import { businessDate } from '../calendar/business-time.ts';
import { addDays, isDateBefore } from '../calendar/periods.ts';
import { amountDue, type Invoice } from '../invoice/invoice.ts';
import { add, allocate, compare, type Money, subtract, zero } from '../money/money.ts';
import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { refusalOf } from './by-person.ts';
import type { Campaign } from './campaign.ts';
import type { DunningCase, InstalmentPlan, PlanPart } from './case.ts';
import { oldestFirst } from './collect.ts';
import { dunningEvent } from './events.ts';
import { owedOf } from './facts.ts';
import { type DunningChange, type DunningContext, waitFor } from './moves.ts';
import { nextStepAt, startOf } from './next-step.ts';
import { type DunningRefusal, dunningRefusal } from './refusals.ts';

const PARTS_MAX = 12;
const FIRST_WITHIN_DAYS = 31;
/** Days before a part's date on which its debit is made, so that its notice has the law's days. */
export const PLAN_LEAD_DAYS = 7;

export type PlanWish = {
  readonly parts: number;
  readonly firstDate: Temporal.PlainDate;
  readonly by: string;
};

/**
 * Splits arrears into dated parts, one a month. A debit takes whole invoices only, so several
 * invoices are laid out over the dates, oldest first, each part as near to an equal share as whole
 * invoices allow; every part is collected by a debit of its own. One invoice is split into equal
 * amounts by largest remainder, which the customer pays by hand: each pays the invoice in part.
 */
export function decidePlan(
  dunning: DunningCase,
  wish: PlanWish,
  about: { readonly overdue: readonly Invoice[]; readonly context: DunningContext },
): Result<DunningChange & { readonly plan: InstalmentPlan }, DunningRefusal> {
  const { overdue, context } = about;
  const refused = refusalOf(dunning, { by: wish.by, reason: 'plan' });
  if (refused !== undefined) return refuse(refused);
  if (dunning.promise !== undefined) return refuse(dunningRefusal('promise_open'));
  if (dunning.plan !== undefined) return refuse(dunningRefusal('plan_open'));
  if (overdue.length === 0) return refuse(dunningRefusal('nothing_overdue'));
  const owed = owedOf(overdue, dunning.currency);
  const isCountSound = Number.isSafeInteger(wish.parts) && wish.parts >= 2;
  if (!isCountSound || wish.parts > PARTS_MAX || owed.minor < BigInt(wish.parts)) {
    return refuse(dunningRefusal('plan_parts_not_valid'));
  }
  const today = businessDate(context.now, context.zone);
  const latest = addDays(today, FIRST_WITHIN_DAYS);
  if (!isDateBefore(today, wish.firstDate) || isDateBefore(latest, wish.firstDate)) {
    return refuse(dunningRefusal('plan_date_not_valid'));
  }
  const plan: InstalmentPlan = {
    by: wish.by.trim(),
    madeAt: context.now,
    owed,
    invoiceIds: overdue.map(({ id }) => id),
    parts: partsOf(overdue, owed, wish),
  };
  const why = `${plan.parts.length}`;
  const planned: DunningCase = {
    ...dunning,
    plan,
    nextStepAt: context.now,
    waitsFor: 'plan',
    timeline: [...dunning.timeline, { at: context.now, what: 'plan_made', why }],
  };
  const data = { parts: plan.parts.length, minor: owed.minor.toString() };
  const event = dunningEvent(planned, { type: 'dunning.plan_made', data }, context);
  return ok({ dunning: planned, plan, events: [event] });
}

function partsOf(overdue: readonly Invoice[], owed: Money, wish: PlanWish): readonly PlanPart[] {
  const shares = allocate(owed, Array<bigint>(wish.parts).fill(1n));
  const dateOf = (index: number) => wish.firstDate.add({ months: index });
  if (overdue.length === 1) {
    return shares.map((amount, index): PlanPart => {
      return { date: dateOf(index), amount, invoiceIds: [], state: 'waiting' };
    });
  }
  return wholeInvoices(overdue, shares).map((invoices, index): PlanPart => {
    return {
      date: dateOf(index),
      amount: owedOf(invoices, owed.currency),
      invoiceIds: invoices.map(({ id }) => id),
      state: 'waiting',
    };
  });
}

/**
 * The oldest first; a part ends where one more invoice would take it further from its share than it
 * is without. Parts without any are left out.
 */
function wholeInvoices(
  overdue: readonly Invoice[],
  shares: readonly Money[],
): readonly (readonly Invoice[])[] {
  const groups = shares.map((): Invoice[] => []);
  let part = 0;
  let filled = zero(shares[0]?.currency ?? 'CNY');
  let target = shares[0] ?? filled;
  for (const invoice of overdue.toSorted(oldestFirst)) {
    const after = add(filled, amountDue(invoice));
    const [missing, over] = [subtract(target, filled), subtract(after, target)];
    if ((groups[part]?.length ?? 0) > 0 && part < shares.length - 1 && compare(over, missing) > 0) {
      part += 1;
      target = add(target, shares[part] ?? zero(target.currency));
    }
    groups[part]?.push(invoice);
    filled = after;
    while (part < shares.length - 1 && compare(filled, target) >= 0) {
      part += 1;
      target = add(target, shares[part] ?? zero(target.currency));
    }
  }
  return groups.filter((group) => group.length > 0);
}

/** What a plan asks for at this moment. */
export type PlanStep =
  | { readonly kind: 'collect'; readonly index: number; readonly part: PlanPart }
  | { readonly kind: 'wait'; readonly until: Temporal.Instant }
  | { readonly kind: 'broken' }
  | { readonly kind: 'kept' };

/**
 * Looks at a plan: a part of whole invoices gets its debit some days before its date; the day after
 * a date at least the parts up to it must be paid, by whichever way, else the plan is broken. The
 * day after the last one it is kept.
 * `isPlanned`: a debit for the part is on its way and decides about it first. `paid` counts balance
 * that waits for the invoice as paid.
 */
export function judgePlan(
  plan: InstalmentPlan,
  facts: { readonly paid: Money; readonly isDebitPlanned: boolean },
  { now, zone }: Pick<DunningContext, 'now' | 'zone'>,
): PlanStep {
  const today = businessDate(now, zone);
  const past = plan.parts.filter(({ date }) => isDateBefore(date, today));
  const wanted = past.reduce((total, { amount }) => add(total, amount), zero(plan.owed.currency));
  if (compare(facts.paid, wanted) < 0) {
    if (!facts.isDebitPlanned) return { kind: 'broken' };
    return { kind: 'wait', until: startOf(addDays(today, 1), zone) };
  }
  if (past.length === plan.parts.length) return { kind: 'kept' };
  const index = plan.parts.findIndex(({ state, invoiceIds, date }) => {
    const isSoon = !isDateBefore(today, addDays(date, -PLAN_LEAD_DAYS));
    return state === 'waiting' && invoiceIds.length > 0 && isSoon && !isDateBefore(date, today);
  });
  const part = plan.parts[index];
  if (part !== undefined) return { kind: 'collect', index, part };
  const days = plan.parts
    .flatMap(({ date, state }) => [
      ...(state === 'waiting' ? [addDays(date, -PLAN_LEAD_DAYS)] : []),
      addDays(date, 1),
    ])
    .filter((day) => isDateBefore(today, day))
    .toSorted(Temporal.PlainDate.compare);
  return { kind: 'wait', until: startOf(days[0] ?? addDays(today, 1), zone) };
}

/** What is paid of the arrears of a plan: less is owed, or balance lies beside its debits. */
export function paidOfPlan(
  plan: Pick<InstalmentPlan, 'owed' | 'invoiceIds'>,
  overdue: readonly Invoice[],
  balance: Money,
): Money {
  const left = overdue.filter(({ id }) => plan.invoiceIds.includes(id));
  return add(subtract(plan.owed, owedOf(left, plan.owed.currency)), balance);
}

/** A part has its debit; without one, where no method can collect, the customer pays by hand. */
export function planPartMade(
  dunning: DunningCase,
  made: { readonly index: number; readonly subjectId?: `dbt_${string}` },
  now: Temporal.Instant,
): DunningCase {
  const { plan } = dunning;
  if (plan === undefined) return dunning;
  const parts = plan.parts.map((part, index): PlanPart => {
    return index === made.index ? { ...part, state: 'planned' } : part;
  });
  return {
    ...dunning,
    plan: { ...plan, parts },
    nextStepAt: now,
    timeline: [
      ...dunning.timeline,
      {
        at: now,
        what: 'plan_part',
        why: `${made.index + 1}`,
        ...(made.subjectId === undefined ? {} : { subjectId: made.subjectId }),
      },
    ],
  };
}

/** A plan that is over, kept or not: the campaign goes on where it stood with what is owed. */
export function endPlan(
  dunning: DunningCase,
  isKept: boolean,
  context: DunningContext & { readonly campaign: Campaign },
): DunningChange & { readonly event: NewEvent } {
  const { plan: _plan, ...rest } = dunning;
  const over: DunningCase = {
    ...waitFor(rest, { until: nextStepAt(dunning, context), why: 'next_step' }),
    timeline: [
      ...dunning.timeline,
      { at: context.now, what: isKept ? 'promise_kept' : 'plan_broken' },
    ],
  };
  const type = isKept ? 'dunning.promise_kept' : 'dunning.promise_broken';
  const event = dunningEvent(over, { type }, context);
  return { dunning: over, events: [event], event };
}
