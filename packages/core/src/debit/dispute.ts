import { businessDate } from '../calendar/business-time.ts';
import { isDateBefore } from '../calendar/periods.ts';
import type { NewEvent } from '../result/event.ts';
import type { Debit } from './debit.ts';
import { debitEvent } from './events.ts';
import { debitRefusal } from './refusals.ts';
import type { ScheduleContext } from './schedule.ts';

export type DisputeChange = { readonly debit: Debit; readonly event: NewEvent };

/**
 * A debit that waits, held back from the moment at which its invoice is in dispute, and not only on
 * its day: whoever looks at debits sees it. Undefined where it does not wait, or something else is
 * in its way; on its day the dispute holds it all the same.
 */
export function decideDisputeHold(
  debit: Debit,
  context: Pick<ScheduleContext, 'now' | 'ids'>,
): DisputeChange | undefined {
  if (debit.state !== 'scheduled' || debit.blockedBy !== undefined) return undefined;
  const { code } = debitRefusal('invoice_disputed');
  const held: Debit = { ...debit, blockedBy: code };
  return { debit: held, event: debitEvent(held, { type: 'debit.blocked', reason: code }, context) };
}

/**
 * The dispute was taken back before its end: the debit goes on with all its checks, on its day, or
 * on a new one with a new notice where that has passed. Undefined where no dispute held it.
 */
export function decideDisputeOver(
  debit: Debit,
  by: string,
  context: Pick<ScheduleContext, 'now' | 'ids' | 'zone'>,
): DisputeChange | undefined {
  const { code } = debitRefusal('invoice_disputed');
  if (debit.state !== 'scheduled' || debit.blockedBy !== code) return undefined;
  const { blockedBy: _held, ...rest } = debit;
  const isLate = isDateBefore(debit.collectDate, businessDate(context.now, context.zone));
  const gone: Debit = { ...rest, collectAt: isLate ? context.now : debit.collectAt };
  return { debit: gone, event: debitEvent(gone, { type: 'debit.released', by }, context) };
}
