import {
  addSeconds,
  businessDate,
  instantAt,
  isBefore,
  secondsBetween,
} from '../calendar/business-time.ts';
import { addDays } from '../calendar/periods.ts';
import { type DailyWindow, nextInside } from '../calendar/windows.ts';
import { reachesThreshold, whyNoAttempt } from './attempt-due.ts';
import type { Campaign, CampaignAction, CampaignStep } from './campaign.ts';
import type { DunningCase, EndedAs } from './case.ts';
import { type DunningFacts, owedOf } from './facts.ts';

/** Seconds until a case that waits for money is looked at again. */
export const MOVING_LOOK_SECONDS = 60 * 60;

/** What a look at a case comes to. */
export type NextStep =
  | { readonly kind: 'end'; readonly as: EndedAs }
  /** Not now; `until` absent: a person or a payment wakes it. */
  | { readonly kind: 'wait'; readonly until?: Temporal.Instant; readonly why: string }
  /** The day of a promise has passed. */
  | { readonly kind: 'judge_promise' }
  /** A part of the plan is due, or its day has passed. */
  | { readonly kind: 'judge_plan' }
  /**
   * Do this now. `through`: the step that is done with it; steps between it and the case's next one
   * were missed and are left out. Absent: it comes before the steps.
   */
  | { readonly kind: 'do'; readonly action: CampaignAction; readonly through?: number }
  /** The step is passed over, and why. */
  | { readonly kind: 'skip'; readonly through: number; readonly why: string };

export type DunningStepContext = {
  readonly campaign: Campaign;
  readonly now: Temporal.Instant;
  readonly zone: string;
};

/**
 * What a case does at this moment, the first that holds: nothing is overdue any more → it ends;
 * money may be moving → it waits (nobody is chased who may have paid); a pause, a promise or a plan
 * runs → it waits for their day; the days are over → it ends; no method can collect → a pay link at
 * once; else the step that is due. After an outage one step is done, the latest that was missed.
 */
export function decideNextStep(
  dunning: DunningCase,
  facts: DunningFacts,
  context: DunningStepContext,
): NextStep {
  const { campaign, now, zone } = context;
  if (facts.overdue.length === 0) {
    const isPaid = facts.states.some((state) => state === 'paid');
    return { kind: 'end', as: isPaid ? 'paid' : 'canceled' };
  }
  if (facts.moving === 'invoice_disputed') {
    return { kind: 'wait', until: startOfTomorrow(context), why: facts.moving };
  }
  if (facts.moving !== undefined) {
    return { kind: 'wait', until: addSeconds(now, MOVING_LOOK_SECONDS), why: facts.moving };
  }
  const held = whyHeld(dunning, context);
  if (held !== undefined) return held;
  const over = startOf(addDays(dunning.startedOn, campaign.end.maxDays), zone);
  if (!isBefore(now, over)) return { kind: 'end', as: 'exhausted' };
  if (!reachesThreshold(owedOf(facts.overdue, dunning.currency), campaign.thresholds)) {
    return { kind: 'wait', until: startOfTomorrow(context), why: 'below_threshold' };
  }
  return linkAtOnce(dunning, facts, context) ?? decideDueStep(dunning, facts, context);
}

function startOfTomorrow({ now, zone }: DunningStepContext): Temporal.Instant {
  return startOf(addDays(businessDate(now, zone), 1), zone);
}

function whyHeld(dunning: DunningCase, context: DunningStepContext): NextStep | undefined {
  const { now, zone } = context;
  if (dunning.state === 'paused') {
    const until = dunning.pause?.until;
    if (until === undefined) return { kind: 'wait', why: 'paused' };
    return { kind: 'wait', until: startOf(until, zone), why: 'paused' };
  }
  if (dunning.promise !== undefined) {
    const judged = startOf(addDays(dunning.promise.date, 1), zone);
    if (isBefore(now, judged)) return { kind: 'wait', until: judged, why: 'promised' };
    return { kind: 'judge_promise' };
  }
  return dunning.plan === undefined ? undefined : { kind: 'judge_plan' };
}

/**
 * Whose methods are all gone hears at once how to pay, not on the campaign's day for it; a campaign
 * without a pay link makes none.
 */
function linkAtOnce(
  dunning: DunningCase,
  facts: DunningFacts,
  context: DunningStepContext,
): NextStep | undefined {
  const { campaign, now } = context;
  if (facts.hasMethod || !facts.hadMethod || facts.isLinkOpen || !facts.canLink) return undefined;
  if (dunning.timeline.some(({ what }) => what === 'pay_link')) return undefined;
  const hours = campaign.steps.find(({ action }) => action.kind === 'pay_link');
  if (hours === undefined) return undefined;
  const at = nextInside(windowOf(hours, context.zone), now);
  if (isBefore(now, at)) return { kind: 'wait', until: at, why: 'outside_hours' };
  // The link's message is the day's message: nobody gets two at one moment.
  const due = latestDue(dunning, context);
  const isMessage = due?.step.action.kind === 'message';
  return {
    kind: 'do',
    action: { kind: 'pay_link' },
    ...(due !== undefined && isMessage ? { through: due.index } : {}),
  };
}

function decideDueStep(
  dunning: DunningCase,
  facts: DunningFacts,
  context: DunningStepContext,
): NextStep {
  const { campaign, now, zone } = context;
  const due = latestDue(dunning, context);
  if (due === undefined) {
    const until = nextStepAt(dunning, { campaign, zone });
    return { kind: 'wait', until, why: 'next_step' };
  }
  const { step, index } = due;
  if (step.action.kind === 'end') return { kind: 'end', as: 'exhausted' };
  const at = nextInside(windowOf(step, zone), now);
  if (isBefore(now, at)) return { kind: 'wait', until: at, why: 'outside_hours' };
  const why = whySkipped(step.action, { dunning, facts }, context);
  if (why !== undefined) return { kind: 'skip', through: index, why };
  return { kind: 'do', action: step.action, through: index };
}

/** The last step whose moment has come; an end only where no other step was missed before it. */
function latestDue(dunning: DunningCase, { campaign, now, zone }: DunningStepContext) {
  const due = campaign.steps
    .map((step, index) => ({ step, index }))
    .filter(({ step, index }) => {
      return index >= dunning.nextStep && !isBefore(now, momentOf(step, dunning, zone));
    });
  return due.findLast(({ step }) => step.action.kind !== 'end') ?? due.at(-1);
}

function whySkipped(
  action: CampaignAction,
  { dunning, facts }: { readonly dunning: DunningCase; readonly facts: DunningFacts },
  { campaign, now }: DunningStepContext,
): string | undefined {
  if (action.kind === 'pay_link') {
    if (facts.isLinkOpen) return 'pay_link_open';
    return facts.canLink ? undefined : 'no_rail_with_links';
  }
  if (action.kind !== 'collect') return undefined;
  if (facts.isDebitPlanned) return 'debit_planned';
  // What was paid by hand under a plan is not taken a second time by a debit for the whole.
  if ((facts.balanceOfPlan?.minor ?? 0n) > 0n) return 'balance_waits';
  if (facts.isLinkOpen) return 'pay_link_open';
  if (!facts.hasMethod) return 'no_method';
  const { lastTryAt } = facts;
  const notDue = whyNoAttempt({
    overdue: owedOf(facts.overdue, dunning.currency),
    thresholds: campaign.thresholds,
    isExcluded: campaign.excluded.includes(facts.customer.externalReference),
    tries: facts.collectable === undefined ? campaign.end.maxTries : 0,
    maxTries: campaign.end.maxTries,
    secondsSinceLast: lastTryAt === undefined ? undefined : secondsBetween(lastTryAt, now),
    secondsBetween: campaign.debit.hoursBetween * 60 * 60,
  });
  // Too soon is no reason to leave a debit out: its notice puts it a day later anyway.
  return notDue === 'too_soon_after_last_try' ? undefined : notDue;
}

/** When the case is looked at next for its campaign: its next step, or the campaign's end. */
export function nextStepAt(
  dunning: Pick<DunningCase, 'nextStep' | 'startedOn'>,
  { campaign, zone }: Pick<DunningStepContext, 'campaign' | 'zone'>,
): Temporal.Instant {
  const over = startOf(addDays(dunning.startedOn, campaign.end.maxDays), zone);
  const step = campaign.steps[dunning.nextStep];
  if (step === undefined) return over;
  const moment = momentOf(step, dunning, zone);
  return isBefore(moment, over) ? moment : over;
}

function momentOf(
  step: CampaignStep,
  { startedOn }: Pick<DunningCase, 'startedOn'>,
  zone: string,
): Temporal.Instant {
  return instantAt(addDays(startedOn, step.day), step.from, zone);
}

/** The hours of a step, in the merchant's zone. */
export function windowOf({ from, until }: CampaignStep, zone: string): DailyWindow {
  return { from, until, zone };
}

const MIDNIGHT = Temporal.PlainTime.from('00:00');

/** Local midnight, at which a date begins. */
export function startOf(date: Temporal.PlainDate, zone: string): Temporal.Instant {
  return instantAt(date, MIDNIGHT, zone);
}
