import type { NewEvent } from '../result/event.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { Debit } from './debit.ts';
import { debitEvent } from './events.ts';
import { type DebitRefusal, debitRefusal } from './refusals.ts';
import type { ScheduleContext } from './schedule.ts';

/** Characters of the name of who decides, at most. */
export const PERSON_MAX_LENGTH = 80;

/**
 * A person lets a debit go that the amount guard held back. It goes on at once with all its other
 * checks: what was released is the amount, not the notice or the mandate.
 */
export function decideRelease(
  debit: Debit,
  by: string,
  context: Pick<ScheduleContext, 'now' | 'ids'>,
): Result<{ readonly debit: Debit; readonly event: NewEvent }, DebitRefusal> {
  const person = by.trim();
  if (person === '' || person.length > PERSON_MAX_LENGTH) {
    return refuse({ ...debitRefusal('person_missing'), field: 'by' });
  }
  const found = debitRefusal('checkup_finding_open');
  if (debit.state === 'scheduled' && debit.blockedBy === found.code) return refuse(found);
  const code = debitRefusal('amount_unlike_history').code;
  if (debit.state !== 'scheduled' || debit.blockedBy !== code) {
    return refuse(debitRefusal('nothing_to_release'));
  }
  const { blockedBy: _held, ...rest } = debit;
  const { now } = context;
  const released: Debit = { ...rest, released: { by: person, at: now }, collectAt: now };
  return ok({
    debit: released,
    event: debitEvent(released, { type: 'debit.released', by: person }, context),
  });
}

/**
 * A debit goes on at once after a person accepted what the check before it had found; undefined
 * where that was not what held it back. The amount guard and every other check stand.
 */
export function decideDebitResume(
  debit: Debit,
  by: string,
  context: Pick<ScheduleContext, 'now' | 'ids'>,
): { readonly debit: Debit; readonly event: NewEvent } | undefined {
  const isHeld = RESUMED_AFTER.some((code) => debit.blockedBy === debitRefusal(code).code);
  if (debit.state !== 'scheduled' || !isHeld) return undefined;
  const { blockedBy: _held, ...rest } = debit;
  const resumed: Debit = { ...rest, collectAt: context.now };
  const event = debitEvent(resumed, { type: 'debit.released', by }, context);
  return { debit: resumed, event };
}

/** What an accepted finding may have held back. */
const RESUMED_AFTER = ['checkup_finding_open', 'amount_unlike_history'] as const;
