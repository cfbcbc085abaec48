import type { MerchantId, RailBillId } from '../ids/ids.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { Money } from '../money/money.ts';
import { assertMove, canMove } from '../result/moves.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import { DAY_MOVES, type DayState } from './moves.ts';
import { type ReconciliationRefusal, reconciliationRefusal } from './refusals.ts';

/** One date of one rail: which files came, and what the comparison says. */
export type ReconciliationDay = {
  readonly merchantId: MerchantId;
  readonly rail: RailId;
  readonly businessDate: Temporal.PlainDate;
  readonly state: DayState;
  /** `empty`: the rail said that nothing was traded. */
  readonly bill: 'expected' | 'loaded' | 'empty';
  readonly billId?: RailBillId;
  /** `none`: the rail has no account statement apart from the bill. */
  readonly statement: 'none' | 'expected' | 'loaded' | 'empty';
  /** SHA-256 of the account statement that counts. */
  readonly statementHash?: string;
  /** The rail's fee of this date as it stands in the books. */
  readonly postedFee?: Money;
  /** Why the day is not further, in words: what was wrong with the last file. */
  readonly problem?: string;
  /** When the rail was last asked for the files. */
  readonly askedAt: Temporal.Instant;
  readonly closed?: { readonly by: string; readonly at: Temporal.Instant };
};

/** A move of a day, kept for ever. */
export type DayMove = {
  readonly merchantId: MerchantId;
  readonly rail: RailId;
  readonly businessDate: Temporal.PlainDate;
  readonly from: DayState;
  readonly to: DayState;
  readonly by: string;
  readonly at: Temporal.Instant;
  readonly note?: string;
};

/** Breaks of a day that are not resolved. */
export type Unresolved = {
  readonly pooled: number;
  readonly open: number;
  /** Open ones without an owner. */
  readonly unassigned: number;
};

/** The day that is not known yet. */
export function expectedDay(
  about: Pick<ReconciliationDay, 'merchantId' | 'rail' | 'businessDate'>,
  facts: { readonly hasStatement: boolean; readonly askedAt: Temporal.Instant },
): ReconciliationDay {
  const { merchantId, rail, businessDate } = about;
  return {
    merchantId,
    rail,
    businessDate,
    state: 'expected',
    bill: 'expected',
    statement: facts.hasStatement ? 'expected' : 'none',
    askedAt: facts.askedAt,
  };
}

/** The state that the files and the breaks give to a day whose bill has been compared. */
export function computeDayState(
  day: Pick<ReconciliationDay, 'bill' | 'statement'>,
  unresolved: Unresolved,
): DayState {
  if (day.bill === 'expected') return 'expected';
  if (unresolved.pooled + unresolved.open > 0) return 'exceptions';
  return day.statement === 'expected' ? 'matched' : 'balanced';
}

/**
 * Moves a day to what its files and breaks say, through `matched` where the table wants it.
 * Undefined: it is there already, or closed, which only a person or a new bill opens again.
 */
export function decideDayState(
  day: ReconciliationDay,
  unresolved: Unresolved,
): ReconciliationDay | undefined {
  if (day.state === 'closed' || day.bill === 'expected') return undefined;
  const state = computeDayState(day, unresolved);
  if (state === day.state) return undefined;
  const isDirect = canMove(DAY_MOVES, day.state, state);
  if (!isDirect) assertMove(DAY_MOVES, day.state, 'matched');
  assertMove(DAY_MOVES, isDirect ? day.state : 'matched', state);
  return { ...day, state };
}

/**
 * Closes a day by a person's signature. Refuses as long as a file is missing that the rail has not
 * said to be empty, a comparison is under way, a break waits in the pool, or one has no owner. Open
 * breaks with an owner do not hold it: they are cases of their own.
 */
export function decideCloseDay(
  day: ReconciliationDay,
  unresolved: Unresolved,
  command: { readonly by: string; readonly now: Temporal.Instant },
): Result<ReconciliationDay, ReconciliationRefusal> {
  if (day.state === 'closed') return refuse(reconciliationRefusal('day_is_closed'));
  if (day.bill === 'expected') {
    const because = day.problem === undefined ? {} : { because: `Last: ${day.problem}` };
    return refuse(reconciliationRefusal('day_has_no_bill', because));
  }
  if (day.statement === 'expected') return refuse(reconciliationRefusal('day_has_no_statement'));
  if (unresolved.pooled > 0) return refuse(reconciliationRefusal('day_has_pooled_breaks'));
  if (unresolved.unassigned > 0) return refuse(reconciliationRefusal('day_has_unassigned_breaks'));
  if (!canMove(DAY_MOVES, day.state, 'closed')) {
    return refuse(reconciliationRefusal('day_is_not_compared'));
  }
  const by = command.by.trim();
  if (by === '') return refuse(reconciliationRefusal('day_signature_missing', { field: 'by' }));
  return ok({ ...day, state: 'closed', closed: { by, at: command.now } });
}

/** Opens a closed day again, by somebody and for a reason; the move is logged. */
export function decideReopenDay(
  day: ReconciliationDay,
  unresolved: Unresolved,
  command: { readonly by: string; readonly reason: string },
): Result<ReconciliationDay, ReconciliationRefusal> {
  if (day.state !== 'closed') return refuse(reconciliationRefusal('day_is_not_closed'));
  const field = command.by.trim() === '' ? 'by' : 'reason';
  if (command.by.trim() === '' || command.reason.trim() === '') {
    return refuse(reconciliationRefusal('day_signature_missing', { field }));
  }
  return ok(openAgain(day, unresolved));
}

function openAgain(day: ReconciliationDay, unresolved: Unresolved): ReconciliationDay {
  const { closed: _closed, ...rest } = day;
  return { ...rest, state: computeDayState(day, unresolved) };
}

/** A day whose bill is read now: for the first time, or again as the rail issued another. */
export function startLoading(day: ReconciliationDay): ReconciliationDay {
  if (day.state === 'loading') return day;
  assertMove(DAY_MOVES, day.state, 'loading');
  const { closed: _closed, problem: _problem, ...rest } = day;
  return { ...rest, state: 'loading' };
}
