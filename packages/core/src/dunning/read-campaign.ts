import type { RefusalClass } from '../debit/attempt.ts';
import type { JsonObject, PolicyRefusal } from '../policy/policy.ts';
import { PolicyReader } from '../policy/reader.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { type Campaign, type CampaignAction, type CampaignStep, TONES } from './campaign.ts';
import { retryDays } from './intervals.ts';

/** A campaign that goes on for longer is no campaign any more. */
export const CAMPAIGN_MAX_DAYS = 90;
const MAX_STEPS = 60;

/** Hours in which nobody is written to or called; a debit has the rail's own hours. */
const QUIET_UNTIL = Temporal.PlainTime.from('08:00');
const QUIET_FROM = Temporal.PlainTime.from('21:00');

const CLASSES: readonly RefusalClass[] = [
  'funds',
  'limit',
  'technical',
  'account',
  'mandate',
  'risk',
  'reschedule',
  'merchant_fault',
];
/** Whose account is gone or whose mandate is revoked is never tried again (rails.md §4.3). */
const ALWAYS_STOP: readonly RefusalClass[] = ['account', 'mandate', 'risk'];
const ACTIONS = ['message', 'collect', 'pay_link', 'call_task', 'end'] as const;

/**
 * A campaign from its document. Refused: one without an end, steps after the end or two at one
 * moment, a tone that becomes softer, messages or calls between 21:00 and 08:00, and a class of
 * refusal that no rail wants tried again but the campaign does not stop at.
 */
export function readCampaign(body: JsonObject): Result<Campaign, PolicyRefusal> {
  const reader = new PolicyReader(body, { path: '' });
  const end = readEnd(reader);
  const campaign: Campaign = {
    thresholds: reader.amounts('thresholds'),
    customers: reader.word('customers', ['all', 'person', 'organisation'], 'all'),
    excluded: reader.list('exclude').map((one) => {
      const reference = one.text('customer');
      one.text('why');
      one.refuseUnread();
      return reference;
    }),
    debit: readDebit(reader),
    steps: reader.list('steps').flatMap(readSteps).toSorted(byMoment),
    end,
    promises: readPromises(reader),
  };
  reader.refuseUnread();
  checkSteps(campaign, reader);
  return reader.found === undefined ? ok(campaign) : refuse(reader.found);
}

function readEnd(reader: PolicyReader): Campaign['end'] {
  const end = reader.object('end');
  if (end === undefined) {
    reader.refuse({
      code: 'campaign_without_end',
      sentence: 'The campaign has no end.',
      next: 'Say after how many days (max_days) and tries (max_tries) it is over.',
      field: 'end',
    });
    return { maxDays: 1, maxTries: 1 };
  }
  const maxDays = end.whole('max_days', { least: 1, most: CAMPAIGN_MAX_DAYS });
  const maxTries = end.whole('max_tries', { least: 1, most: 15 });
  end.refuseUnread();
  return { maxDays, maxTries };
}

function readDebit(reader: PolicyReader): Campaign['debit'] {
  const empty = new PolicyReader({}, { path: 'debit.', parent: reader });
  const debit = reader.object('debit') ?? empty;
  const stopAt = debit.words('stop_at', CLASSES, [...ALWAYS_STOP, 'merchant_fault']);
  if (ALWAYS_STOP.some((one) => !stopAt.includes(one))) {
    reader.refuse({
      code: 'campaign_hammers_dead_method',
      sentence: 'A method whose account or mandate is gone is never tried again.',
      next: 'Let stop_at name account, mandate and risk at least.',
      field: 'debit.stop_at',
    });
  }
  const budget = debit.object('budget') ?? new PolicyReader({}, { path: '', parent: reader });
  const read: Campaign['debit'] = {
    hoursBetween: debit.whole('hours_between', { least: 24, most: 720, otherwise: 24 }),
    stopAt,
    otherMethods: debit.flag('other_methods', true),
    budget: {
      // Visa allows 20 in 30 days since May 2025, some processors 15: the stricter (rails.md §4.1).
      tries: budget.whole('tries', { least: 1, most: 15, otherwise: 15 }),
      days: budget.whole('days', { least: 30, most: 90, otherwise: 30 }),
    },
    bestHour: debit.flag('best_hour', true),
  };
  budget.refuseUnread();
  debit.refuseUnread();
  return read;
}

function readPromises(reader: PolicyReader): Campaign['promises'] {
  const empty = new PolicyReader({}, { path: 'promises.', parent: reader });
  const promises = reader.object('promises') ?? empty;
  const most = promises.whole('most', { least: 0, most: 5, otherwise: 2 });
  const withinDays = promises.whole('within_days', { least: 1, most: 60, otherwise: 14 });
  promises.refuseUnread();
  return { most, withinDays };
}

/** One step, or several where it is repeated at fixed intervals. */
function readSteps(one: PolicyReader): readonly CampaignStep[] {
  const day = one.whole('day', { least: 0, most: CAMPAIGN_MAX_DAYS });
  const from = one.time('from', '10:00');
  const until = one.time('until', '20:00');
  const action = readAction(one);
  const repeat = one.object('repeat');
  const times = repeat?.whole('times', { least: 1, most: 14 }) ?? 0;
  const every = repeat?.whole('every_days', { least: 1, most: 30 }) ?? 0;
  repeat?.refuseUnread();
  one.refuseUnread();
  const isQuiet =
    Temporal.PlainTime.compare(from, QUIET_UNTIL) < 0 ||
    Temporal.PlainTime.compare(until, QUIET_FROM) > 0;
  if (isQuiet && action.kind !== 'collect' && action.kind !== 'end') {
    one.refuse({
      code: 'campaign_step_at_night',
      sentence: 'A message or a call lies outside 08:00 to 21:00.',
      next: 'Move the step into the day.',
      field: 'steps',
    });
  }
  if (Temporal.PlainTime.compare(from, until) >= 0) {
    one.refuse({
      code: 'campaign_hours_not_valid',
      sentence: 'The hours of a step end before they begin.',
      next: 'Let from be earlier than until, on one day.',
      field: 'steps',
    });
  }
  const offsets = [0, ...retryDays(Array<number>(times).fill(every))];
  return offsets.map((offset) => ({ day: day + offset, from, until, action }));
}

function readAction(one: PolicyReader): CampaignAction {
  const kind = one.word('do', ACTIONS);
  return kind === 'message' ? { kind, tone: one.word('tone', TONES) } : { kind };
}

function byMoment(a: CampaignStep, b: CampaignStep): number {
  return a.day === b.day ? Temporal.PlainTime.compare(a.from, b.from) : a.day - b.day;
}

function checkSteps(campaign: Campaign, reader: PolicyReader): void {
  const { steps, end, thresholds } = campaign;
  const refuseSteps = (code: string, sentence: string, next: string) =>
    reader.refuse({ code, sentence, next, field: 'steps' });
  if (thresholds.length === 0) {
    reader.refuse({
      code: 'campaign_chases_nobody',
      sentence: 'The campaign has no threshold, so it chases nobody.',
      next: 'Name the sum of arrears from which it begins, by currency.',
      field: 'thresholds',
    });
  }
  if (steps.length === 0 || steps.length > MAX_STEPS) {
    refuseSteps('campaign_steps_count', 'The campaign has no steps or too many.', 'Give 1 to 60.');
  }
  const ends = steps.filter(({ action }) => action.kind === 'end');
  const isEndLast = ends.length === 0 || (ends.length === 1 && steps.at(-1) === ends[0]);
  if (!isEndLast || steps.some(({ day }) => day > end.maxDays)) {
    refuseSteps(
      'campaign_step_after_end',
      'A step comes after the end of the campaign.',
      'Move the step before the end, or the end behind it.',
    );
  }
  if (steps.some((step, index) => index > 0 && byMoment(step, steps[index - 1] ?? step) === 0)) {
    refuseSteps(
      'campaign_two_at_once',
      'Two steps lie at one moment.',
      'Give them different days or hours.',
    );
  }
  const tones = steps.flatMap(({ action }) =>
    action.kind === 'message' ? [TONES.indexOf(action.tone)] : [],
  );
  if (tones.some((tone, index) => index > 0 && tone < (tones[index - 1] ?? 0))) {
    refuseSteps(
      'campaign_tone_softens',
      'A message is softer than one before it.',
      'Order the tones friendly, firm, last.',
    );
  }
}
