import { addSeconds, businessDate, instantAt, laterOf } from '../calendar/business-time.ts';
import { nextInside } from '../calendar/windows.ts';
import type { DebitId } from '../ids/ids.ts';
import type { RailId } from '../mandate/mandate.ts';
import type { Currency, Money } from '../money/money.ts';
import type { RailCapabilities } from './capabilities.ts';
import type { Debit } from './debit.ts';

/** What the calendar reads of one debit of the day. */
export type PlannedDebit = Pick<Debit, 'id' | 'rail' | 'amount' | 'collectAt' | 'blockedBy'> & {
  /** Whether a notice of this date has proof of delivery by now. */
  readonly isTold: boolean;
};

/** Debits of one hour, by the clock of the rail. */
export type PlannedHour = { readonly hour: number; readonly count: number };

/** What one rail is to do on the day. */
export type RailDay = {
  readonly rail: RailId;
  /** Debits that leave if nothing changes. */
  readonly count: number;
  readonly totals: readonly Money[];
  readonly hours: readonly PlannedHour[];
  /** The seconds in which the first and the last of them leave, at the rail's pace. */
  readonly firstAt?: Temporal.Instant;
  readonly lastAt?: Temporal.Instant;
  /** The rail's hours on the day; absent: any hour. */
  readonly window?: { readonly from: Temporal.Instant; readonly until: Temporal.Instant };
  readonly submitPerSecond: number;
  /** How many do not leave as things are, by reason. */
  readonly blocked: readonly { readonly reason: string; readonly count: number }[];
  /** Debits for which the rail's hours are too short: they move to `nextDate` with a notice. */
  readonly overCapacity: readonly DebitId[];
  readonly nextDate: Temporal.PlainDate;
  readonly budgets: RailCapabilities['budgets'];
  /** Whether the rail's banks rest on this day: what it takes is then credited later. */
  readonly isBankHoliday: boolean;
};

export type DayPlan = { readonly date: Temporal.PlainDate; readonly rails: readonly RailDay[] };

export type PlanQuestion = {
  readonly date: Temporal.PlainDate;
  readonly zone: string;
  /** The plan is made from this moment on: what was due before leaves as soon as it can. */
  readonly now: Temporal.Instant;
  readonly capabilitiesOf: (rail: RailId) => RailCapabilities | undefined;
};

/**
 * The plan of a day before it runs: which rail takes how many debits in which hour at its own pace,
 * when the last one leaves, what is held back and why, and what the rail's hours leave no room for.
 * Changes nothing. Holidays are shown, not skipped: wallets and cards work on them.
 */
export function planDebitDay(debits: readonly PlannedDebit[], question: PlanQuestion): DayPlan {
  const byRail = new Map<RailId, PlannedDebit[]>();
  for (const debit of debits) {
    const known = byRail.get(debit.rail);
    if (known === undefined) byRail.set(debit.rail, [debit]);
    else known.push(debit);
  }
  const rails = [...byRail.keys()].sort().map((rail) => {
    const capabilities = question.capabilitiesOf(rail);
    const found = byRail.get(rail) ?? [];
    return planRail(rail, { debits: found, capabilities }, question);
  });
  return { date: question.date, rails };
}

function planRail(
  rail: RailId,
  known: {
    readonly debits: readonly PlannedDebit[];
    readonly capabilities: RailCapabilities | undefined;
  },
  question: PlanQuestion,
): RailDay {
  const { capabilities } = known;
  const blocked = new Map<string, number>();
  const free: PlannedDebit[] = [];
  for (const debit of known.debits) {
    const reason = whyHeld(debit, capabilities);
    if (reason === undefined) free.push(debit);
    else blocked.set(reason, (blocked.get(reason) ?? 0) + 1);
  }
  const paced = pace(free, capabilities, question);
  return {
    rail,
    count: paced.count,
    totals: [...paced.totals].map(([currency, minor]) => ({ currency, minor })),
    hours: [...paced.hours].map(([hour, count]) => ({ hour, count })),
    ...(paced.first === undefined ? {} : { firstAt: paced.first }),
    ...(paced.last === undefined ? {} : { lastAt: paced.last }),
    ...windowOf(capabilities, question),
    submitPerSecond: capabilities?.submitPerSecond ?? 0,
    blocked: [...blocked].sort().map(([reason, count]) => ({ reason, count })),
    overCapacity: paced.overCapacity,
    nextDate: question.date.add({ days: 1 }),
    budgets: capabilities?.budgets,
    isBankHoliday: capabilities?.isBankDay?.(question.date) === false,
  };
}

function whyHeld(debit: PlannedDebit, capabilities: RailCapabilities | undefined) {
  if (capabilities === undefined) return 'rail_not_connected';
  if (debit.blockedBy !== undefined) return debit.blockedBy;
  return debit.isTold ? undefined : 'notice_not_delivered';
}

type Paced = {
  readonly count: number;
  readonly first: Temporal.Instant | undefined;
  readonly last: Temporal.Instant | undefined;
  readonly hours: ReadonlyMap<number, number>;
  readonly totals: ReadonlyMap<Currency, bigint>;
  readonly overCapacity: readonly DebitId[];
};

/** Gives each debit the first second from its own on in which the rail's budget has room. */
function pace(
  debits: readonly PlannedDebit[],
  capabilities: RailCapabilities | undefined,
  question: PlanQuestion,
): Paced {
  const { submitWindow, submitPerSecond = 1, zone = question.zone } = capabilities ?? {};
  const hours = new Map<number, number>();
  const totals = new Map<Currency, bigint>();
  const overCapacity: DebitId[] = [];
  let first: Temporal.Instant | undefined;
  let second = question.now;
  let inSecond = 0;
  let count = 0;
  const inTurn = debits.toSorted((a, b) => Temporal.Instant.compare(a.collectAt, b.collectAt));
  for (const { id, amount, collectAt } of inTurn) {
    const open = laterOf(collectAt, second);
    let at = submitWindow === undefined ? open : nextInside(submitWindow, open);
    const isFull = at.equals(second) && inSecond >= submitPerSecond;
    if (isFull) {
      const next = addSeconds(second, 1);
      at = submitWindow === undefined ? next : nextInside(submitWindow, next);
    }
    if (!businessDate(at, question.zone).equals(question.date)) {
      overCapacity.push(id);
      continue;
    }
    inSecond = at.equals(second) ? inSecond + 1 : 1;
    second = at;
    count += 1;
    first ??= at;
    const { hour } = at.toZonedDateTimeISO(zone);
    hours.set(hour, (hours.get(hour) ?? 0) + 1);
    totals.set(amount.currency, (totals.get(amount.currency) ?? 0n) + amount.minor);
  }
  const last = count === 0 ? undefined : second;
  return { count, first, last, hours, totals, overCapacity };
}

function windowOf(capabilities: RailCapabilities | undefined, question: PlanQuestion) {
  const window = capabilities?.submitWindow;
  if (window === undefined) return {};
  const from = instantAt(question.date, window.from, window.zone);
  const until = instantAt(question.date, window.until, window.zone);
  return { window: { from, until } };
}
