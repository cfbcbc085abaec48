/**
 * Days on which TARGET settles (ECB decision of 2000, in force unchanged): not on weekends, 1
 * January, Good Friday, Easter Monday, 1 May, 25 and 26 December. Computed, so no table runs out.
 */
export function isTargetDay(date: Temporal.PlainDate): boolean {
  if (date.dayOfWeek > 5) return false;
  const { month, day } = date;
  if (month === 1 && day === 1) return false;
  if (month === 5 && day === 1) return false;
  if (month === 12 && (day === 25 || day === 26)) return false;
  const easter = easterSunday(date.year);
  return !date.equals(easter.subtract({ days: 2 })) && !date.equals(easter.add({ days: 1 }));
}

/** The date itself when TARGET settles on it, else the next one on which it does. */
export function targetDayFrom(date: Temporal.PlainDate): Temporal.PlainDate {
  let day = date;
  // The longest row without settlement is six days (25 December on a Friday, or Easter).
  while (!isTargetDay(day)) day = day.add({ days: 1 });
  return day;
}

/** The TARGET day that is `count` of them after the first on or after `date`. */
export function addTargetDays(date: Temporal.PlainDate, count: number): Temporal.PlainDate {
  let day = targetDayFrom(date);
  for (let left = count; left > 0; left -= 1) day = targetDayFrom(day.add({ days: 1 }));
  return day;
}

/** Easter Sunday of the Gregorian calendar (the anonymous algorithm of 1876). */
function easterSunday(year: number): Temporal.PlainDate {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const inCentury = year % 100;
  const skipped = Math.floor(century / 4);
  const moonShift = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - skipped - moonShift + 15) % 30;
  const weekShift =
    (32 + 2 * (century % 4) + 2 * Math.floor(inCentury / 4) - epact - (inCentury % 4)) % 7;
  const late = Math.floor((golden + 11 * epact + 22 * weekShift) / 451);
  const place = epact + weekShift - 7 * late + 114;
  return Temporal.PlainDate.from({ year, month: Math.floor(place / 31), day: (place % 31) + 1 });
}
