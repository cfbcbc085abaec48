/** The days of the bank: in its own zone, with its own table of days without settlement. */
export const BANK_ZONE = 'Europe/Berlin';

/** The bank books collections at this local time of a settlement day. */
export const BOOKING_TIME = Temporal.PlainTime.from('08:00');

/** Easter Sundays of the years that the simulator lives in, for the closing days of TARGET. */
const EASTER: Readonly<Record<number, string>> = {
  2024: '2024-03-31',
  2025: '2025-04-20',
  2026: '2026-04-05',
  2027: '2027-03-28',
  2028: '2028-04-16',
  2029: '2029-04-01',
  2030: '2030-04-21',
  2031: '2031-04-13',
  2032: '2032-03-28',
  2033: '2033-04-17',
  2034: '2034-04-09',
  2035: '2035-03-25',
};

/** Says whether TARGET settles on the day. */
export function settlesOn(date: Temporal.PlainDate): boolean {
  if (date.dayOfWeek >= 6) return false;
  if (['01-01', '05-01', '12-25', '12-26'].includes(date.toString().slice(5))) return false;
  const easter = EASTER[date.year];
  if (easter === undefined) return true;
  const distance = Temporal.PlainDate.from(easter).until(date).days;
  return distance !== -2 && distance !== 1;
}

/** The settlement day `count` after the date; 0: the date itself or the next that is one. */
export function settlementDay(date: Temporal.PlainDate, count: number): Temporal.PlainDate {
  let day = date;
  let left = count;
  while (left > 0 || !settlesOn(day)) {
    day = day.add({ days: 1 });
    if (left > 0 && settlesOn(day)) left -= 1;
  }
  return day;
}

/** The bank's local time of an instant in epoch milliseconds. */
export function bankTime(nowMs: number): Temporal.PlainDateTime {
  return Temporal.Instant.fromEpochMilliseconds(nowMs)
    .toZonedDateTimeISO(BANK_ZONE)
    .toPlainDateTime();
}

/** ISO 13616: the rearranged number leaves 1 when divided by 97. Lengths are the registry's job. */
export function isAccount(iban: string): boolean {
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{10,30}$/.test(iban)) return false;
  const digits = `${iban.slice(4)}${iban.slice(0, 4)}`.replace(/[A-Z]/g, (letter) =>
    String(letter.charCodeAt(0) - 55),
  );
  return BigInt(digits) % 97n === 1n;
}
