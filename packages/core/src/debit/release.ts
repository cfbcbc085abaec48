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
