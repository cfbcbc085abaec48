import type { PlannedDateOutcome, Rail } from '@daikou/core';
import { toRailText } from '../rail-text.ts';
import { listed } from '../tables.ts';
import { ALIPAY_CAPABILITIES } from './capabilities.ts';
import type { AlipayCall } from './client.ts';
import { type Connection, call } from './connection.ts';
import { type Inner, namesAnother, textAt } from './replies.ts';
import { AGREEMENT_CODES } from './statuses.ts';

type Move = Parameters<NonNullable<Rail['movePlannedDate']>>[0];

/** The code of "this date is not later than the plan, or not a day of the month that I take". */
const NOT_A_LATER_DATE = 'ILLEGAL_EXECUTION_TIME';

function toPlanMove(move: Move): AlipayCall {
  return {
    method: 'alipay.user.agreement.executionplan.modify',
    content: {
      agreement_no: move.railReference,
      deduct_time: move.plannedDate.toString(),
      memo: toRailText(move.reason, { maxLength: 64 }),
    },
  };
}

/**
 * Moves the agreement's next planned date later (rails.md §2.5). Refuses days after the 28th before
 * anything is sent. Alipay refuses a date that is not later with one code, also when a lost request
 * moved the plan before; so that code is followed by a query.
 */
export async function movePlannedDate(rail: Connection, move: Move): Promise<PlannedDateOutcome> {
  const latestDay = ALIPAY_CAPABILITIES.plannedDate?.latestDayOfMonth ?? 28;
  if (move.plannedDate.day > latestDay) {
    return {
      kind: 'refused',
      code: 'planned_date_too_late_in_month',
      message: `Alipay takes monthly plans on days 1 to ${latestDay} only.`,
    };
  }
  const reply = await call(rail, toPlanMove(move));
  switch (reply.kind) {
    case 'unknown':
      return { kind: 'unknown', detail: reply.detail };
    case 'open':
      return { kind: 'unknown', detail: 'the move is being processed' };
    case 'done':
      return moved(reply.inner, { move, field: 'deduct_time' });
    case 'refused': {
      const { code, message } = reply;
      if (reply.by === 'business' && listed(AGREEMENT_CODES, code) === undefined) {
        return { kind: 'unknown', detail: `unlisted code ${code} ${message}` };
      }
      if (code !== NOT_A_LATER_DATE) return { kind: 'refused', code, message };
      const present = await presentPlan(rail, move);
      return present.kind === 'moved' ? present : { kind: 'refused', code, message };
    }
  }
}

/** Whether the plan already is at the date that we want. */
async function presentPlan(rail: Connection, move: Move): Promise<PlannedDateOutcome> {
  const reply = await call(rail, {
    method: 'alipay.user.agreement.query',
    content: { agreement_no: move.railReference },
  });
  if (reply.kind !== 'done') return { kind: 'unknown', detail: 'the plan is not known' };
  return moved(reply.inner, { move, field: 'next_deduct_time' });
}

/** `moved` when the reply is about our agreement and names the very date; else nothing is known. */
function moved(
  inner: Inner,
  want: { readonly move: Move; readonly field: string },
): PlannedDateOutcome {
  const { move, field } = want;
  if (namesAnother(inner, 'agreement_no', move.railReference)) {
    return { kind: 'unknown', detail: 'the reply names another agreement_no' };
  }
  // Written as a date, in some replies with a time of day behind it.
  const told = textAt(inner, field)?.slice(0, 10);
  if (told !== move.plannedDate.toString()) {
    return { kind: 'unknown', detail: `the reply names the plan ${told ?? '(none)'}` };
  }
  return { kind: 'moved', plannedDate: move.plannedDate };
}
