import { checkNoticeGate, noticeRefusal } from '../notice/gate.ts';
import type { DebitNotice, Notice } from '../notice/notice.ts';
import { voided, type WrongAddress, wentTo } from '../notice/wrong-address.ts';
import type { NewEvent } from '../result/event.ts';
import type { Debit } from './debit.ts';
import { debitEvent } from './events.ts';
import type { DebitFacts } from './facts.ts';
import { isInFlight } from './recollect.ts';
import { placeAgain } from './routing.ts';
import { leadRule, type ScheduleContext } from './schedule.ts';

export type TellAgain = {
  /** As it was where another way told the customer in time. */
  readonly debit: Debit;
  /** Those that count for nothing now, and those of a date that is given up. */
  readonly ended: readonly Notice[];
  /** The one to the right address; absent where none is needed or the rail has no date. */
  readonly notice?: DebitNotice;
  readonly events: readonly NewEvent[];
};

/**
 * What a wrong address changes about a debit that has not left: notices that went there count no
 * more, and another one is sent with all the days of the law, to which the debit moves. It never
 * moves to an earlier date. Undefined where money may be on its way, or nothing went there.
 */
export function decideTellAgain(
  facts: DebitFacts,
  wrong: WrongAddress,
  context: ScheduleContext,
): TellAgain | undefined {
  const { debit, earlier = [] } = facts;
  if (debit.state !== 'scheduled' || isInFlight(debit, facts.attempts)) return undefined;
  const isWrong = (notice: DebitNotice): boolean => wentTo(notice, wrong);
  const there = [...facts.notices, ...earlier].filter(isWrong);
  if (there.length === 0) return undefined;
  const gone = there.map((notice) => voided(notice, context.now));
  const left = {
    notices: facts.notices.filter((notice) => !isWrong(notice)),
    earlier: earlier.filter((notice) => !isWrong(notice)),
  };
  const { amount, collectDate } = debit;
  const question = { ...leadRule(context), ...left, amount, collectDate, now: context.now };
  if (checkNoticeGate(question).ok) return { debit, ended: gone, events: [] };
  const reason = noticeRefusal('notice_failed').code;
  const about = { ...facts, ...left, notBefore: collectDate };
  const next = placeAgain(debit, about, context);
  const blocked = debitEvent(debit, { type: 'debit.blocked', reason }, context);
  if (next === undefined) {
    return { debit: { ...debit, blockedBy: reason }, ended: gone, events: [blocked] };
  }
  const { debit: moved, notice } = next;
  if (notice === undefined) return { debit: moved, ended: gone, events: [blocked] };
  const again = debitEvent(moved, { type: 'debit.retry_scheduled' }, context);
  const stopped = left.notices
    .filter(({ state }) => state === 'planned')
    .map((one): DebitNotice => ({ ...one, state: 'failed', failureCode: 'debit_moved' }));
  return { debit: moved, notice, ended: [...gone, ...stopped], events: [blocked, again] };
}
