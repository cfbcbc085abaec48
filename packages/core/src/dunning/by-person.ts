import { businessDate } from '../calendar/business-time.ts';
import { addDays } from '../calendar/periods.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { Campaign } from './campaign.ts';
import type { DunningCase, EndedAs } from './case.ts';
import { dunningEvent } from './events.ts';
import { type DunningChange, type DunningContext, endCase } from './moves.ts';
import { nextStepAt, startOf } from './next-step.ts';
import { type DunningRefusal, dunningRefusal } from './refusals.ts';

const PERSON_MAX = 80;
const REASON_MAX = 200;
/** Days that a pause lasts at most: a case that nobody looks at again would be forgotten. */
export const PAUSE_MAX_DAYS = 90;

/** Who decides, and why. */
export type ByPerson = { readonly by: string; readonly reason: string };

/** A person stops the steps; with `until` they go on by themselves on that day. */
export function decidePause(
  dunning: DunningCase,
  wish: ByPerson & { readonly until?: Temporal.PlainDate },
  context: DunningContext,
): Result<DunningChange, DunningRefusal> {
  const refused = refusalOf(dunning, wish);
  if (refused !== undefined) return refuse(refused);
  if (dunning.state === 'paused') return refuse(dunningRefusal('case_paused'));
  const { until } = wish;
  const today = businessDate(context.now, context.zone);
  const isPast = until !== undefined && Temporal.PlainDate.compare(until, today) <= 0;
  const latest = addDays(today, PAUSE_MAX_DAYS);
  if (isPast || (until !== undefined && Temporal.PlainDate.compare(until, latest) > 0)) {
    return refuse(dunningRefusal('pause_without_end'));
  }
  const { nextStepAt: _next, ...rest } = dunning;
  const wakes = startOf(until ?? latest, context.zone);
  const reason = wish.reason.trim();
  const paused: DunningCase = {
    ...rest,
    state: 'paused',
    pause: { by: wish.by.trim(), reason, until: until ?? latest },
    nextStepAt: wakes,
    waitsFor: 'paused',
    timeline: [...dunning.timeline, { at: context.now, what: 'paused', why: reason }],
  };
  const data = { by: wish.by.trim() };
  const event = dunningEvent(paused, { type: 'dunning.paused', data }, context);
  return ok({ dunning: paused, events: [event] });
}

/** A person, or the day that the pause named, lets the steps go on: one of them, not all missed. */
export function decideResume(
  dunning: DunningCase,
  wish: { readonly by: string },
  context: DunningContext & { readonly campaign: Campaign },
): Result<DunningChange, DunningRefusal> {
  const refused = refusalOf(dunning, { ...wish, reason: 'resume' });
  if (refused !== undefined) return refuse(refused);
  if (dunning.state !== 'paused') return refuse(dunningRefusal('case_not_paused'));
  const { pause: _pause, waitsFor: _waits, ...rest } = dunning;
  const resumed: DunningCase = {
    ...rest,
    state: 'running',
    nextStepAt: nextStepAt(dunning, context),
    timeline: [...dunning.timeline, { at: context.now, what: 'resumed', why: wish.by.trim() }],
  };
  const data = { by: wish.by.trim() };
  const event = dunningEvent(resumed, { type: 'dunning.resumed', data }, context);
  return ok({ dunning: resumed, events: [event] });
}

/** A person ends a case: it is written off, disputed, or not owed any more. */
export function decideEndCase(
  dunning: DunningCase,
  wish: ByPerson & { readonly as: EndedAs },
  context: DunningContext,
): Result<DunningChange, DunningRefusal> {
  const refused = refusalOf(dunning, wish);
  if (refused !== undefined) return refuse(refused);
  const { as, by, reason } = wish;
  if (as === 'paid' || as === 'exhausted') return refuse(dunningRefusal('end_reason_not_valid'));
  return ok(endCase(dunning, { as, by: by.trim(), reason: reason.trim() }, context));
}

/** What is wrong with who decides and why, or with deciding about an ended case. */
export function refusalOf(dunning: DunningCase, { by, reason }: ByPerson) {
  if (dunning.state === 'ended') return dunningRefusal('case_ended');
  if (by.trim() === '' || by.length > PERSON_MAX) return dunningRefusal('person_missing');
  if (reason.trim() === '' || reason.length > REASON_MAX) return dunningRefusal('reason_missing');
  return undefined;
}
