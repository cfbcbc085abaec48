import { invariant } from '../result/invariant.ts';
import { HOLIDAY_YEARS, type HolidayRun } from './holidays.generated.ts';

/**
 * What a date is in China. `makeup_workday`: a weekend day that is worked for a holiday (调休).
 * `announced` is false when the State Council has not yet announced the date's year (it does so in
 * the autumn before): the answer then comes from the weekday alone and may change.
 */
export type DayInChina = {
  readonly kind: 'workday' | 'weekend' | 'holiday' | 'makeup_workday';
  /** The holiday that makes it so, in Chinese; absent on ordinary days. */
  readonly holidayName?: string;
  readonly announced: boolean;
};

/** The longest run of days off that we believe. China's longest so far is nine. */
const MAX_DAYS_OFF = 31;

const SATURDAY = 6;

const ANNOUNCED_YEARS: ReadonlySet<number> = new Set(HOLIDAY_YEARS.map(({ year }) => year));
const DAYS_OFF = namesByDate(HOLIDAY_YEARS.flatMap(({ off }) => off));
const MAKEUP_WORKDAYS = namesByDate(HOLIDAY_YEARS.flatMap(({ work }) => work));

function namesByDate(runs: readonly HolidayRun[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const [from, days, name] of runs) {
    const first = Temporal.PlainDate.from(from);
    for (let offset = 0; offset < days; offset += 1) {
      names.set(first.add({ days: offset }).toString(), name);
    }
  }
  return names;
}

/** What `date` is in China, by the State Council's yearly announcement (holiday-cn, NOTICE.md). */
export function describeDayInChina(date: Temporal.PlainDate): DayInChina {
  const key = date.withCalendar('iso8601').toString();
  const announced = ANNOUNCED_YEARS.has(date.withCalendar('iso8601').year);
  const offName = DAYS_OFF.get(key);
  if (offName !== undefined) return { kind: 'holiday', holidayName: offName, announced };
  const workName = MAKEUP_WORKDAYS.get(key);
  if (workName !== undefined) {
    return { kind: 'makeup_workday', holidayName: workName, announced };
  }
  return { kind: date.dayOfWeek >= SATURDAY ? 'weekend' : 'workday', announced };
}

/** Whether people work on `date` in China; by weekday in a year that is not announced. */
export function isWorkday(date: Temporal.PlainDate): boolean {
  const { kind } = describeDayInChina(date);
  return kind === 'workday' || kind === 'makeup_workday';
}

/**
 * Whether `date` is one of the days off of a public holiday. An ordinary weekend is none; a year
 * that is not announced has none.
 */
export function isHoliday(date: Temporal.PlainDate): boolean {
  return describeDayInChina(date).kind === 'holiday';
}

/**
 * The first workday on or after `date`. `announced` is false when a day on the way, or the answer,
 * is in a year without an announcement.
 */
export function nextWorkday(date: Temporal.PlainDate): {
  readonly date: Temporal.PlainDate;
  readonly announced: boolean;
} {
  let announced = true;
  for (let offset = 0; offset <= MAX_DAYS_OFF; offset += 1) {
    const candidate = date.add({ days: offset });
    announced = announced && describeDayInChina(candidate).announced;
    if (isWorkday(candidate)) return { date: candidate, announced };
  }
  invariant(false, 'a workday comes within a month');
}
