import { invariant } from '../result/invariant.ts';

/** Whether banks settle on a date: money moves between accounts, and a bill is made of it. */
export type SettlesOn = (date: Temporal.PlainDate) => boolean;

/** The longest row of days without settlement that we believe: China's longest holiday has nine. */
const MAX_DAYS_OFF = 31;

export const EVERY_DAY: SettlesOn = () => true;

/** The first `count` dates after `date` on which banks settle, in order. */
export function settlementDaysAfter(
  date: Temporal.PlainDate,
  count: number,
  settlesOn: SettlesOn,
): readonly Temporal.PlainDate[] {
  const found: Temporal.PlainDate[] = [];
  let next = date;
  for (let off = 0; found.length < count; off += 1) {
    invariant(off <= MAX_DAYS_OFF * count, 'banks settle within a month');
    next = next.add({ days: 1 });
    if (settlesOn(next)) found.push(next);
  }
  return found;
}

/**
 * The steps from one date to the other, in either direction: dates with settlement after the
 * earlier one, up to the later one itself. From Saturday to Monday it is one.
 */
export function settlementSteps(
  one: Temporal.PlainDate,
  other: Temporal.PlainDate,
  settlesOn: SettlesOn,
): number {
  const isForward = Temporal.PlainDate.compare(one, other) <= 0;
  const [from, until] = isForward ? [one, other] : [other, one];
  let steps = 0;
  for (
    let date = from.add({ days: 1 });
    Temporal.PlainDate.compare(date, until) <= 0;
    date = date.add({ days: 1 })
  ) {
    if (settlesOn(date)) steps += 1;
  }
  return steps;
}

/** The dates from which to which a date is at most `steps` away. */
export function settlementRange(
  date: Temporal.PlainDate,
  steps: number,
  settlesOn: SettlesOn,
): { readonly from: Temporal.PlainDate; readonly until: Temporal.PlainDate } {
  const beyond = settlementDaysAfter(date, steps + 1, settlesOn).at(-1);
  invariant(beyond !== undefined, 'a settlement day comes');
  let from = date;
  for (
    let before = date.subtract({ days: 1 });
    settlementSteps(before, date, settlesOn) <= steps;
    before = before.subtract({ days: 1 })
  ) {
    from = before;
  }
  return { from, until: beyond.subtract({ days: 1 }) };
}
