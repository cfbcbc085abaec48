/** When an event happened, as it is stored and compared. */
export type EventTime = {
  /** RFC 3339 in the sender's offset, to the microsecond: what the database reads exactly. */
  readonly text: string;
  readonly epochMilliseconds: number;
  /** YYYY-MM-DD in the merchant's zone: the day that it counts on. */
  readonly day: string;
};

export type TimeReader = (text: string) => EventTime | undefined;

/** RFC 3339, where a space may stand for the T; without an offset only when one is assumed. */
const MOMENT =
  /^(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2}):([0-5]\d|60)(?:\.(\d{1,12}))?([Zz]|[+-]\d{2}:\d{2})?$/;

/** Minutes that a reader remembers; live usage comes in the same few of them. */
const MINUTES_KEPT = 50_000;

const SECOND = 1000;

type Minute = { readonly epochMilliseconds: number; readonly day: string };

/**
 * Makes a reader of event times for the business days of `zone`. Whole minutes are worked out by
 * Temporal once and remembered, since a time zone never changes inside a minute: a hundred thousand
 * events of one minute cost one look. Digits after the microsecond are cut off; a leap second
 * counts as the second before it. `assumeUtc` reads times without an offset as UTC, for files
 * whose description says so; otherwise they are no moments.
 */
export function makeTimeReader(
  zone: string,
  options: { readonly assumeUtc?: boolean } = {},
): TimeReader {
  const minutes = new Map<string, Minute | null>();
  return (text) => {
    const match = MOMENT.exec(text);
    if (match === null) return undefined;
    const [, date = '', time = '', second = '', fraction = '', given] = match;
    if (given === undefined && options.assumeUtc !== true) return undefined;
    const offset = given === undefined ? 'Z' : given.toUpperCase();
    const key = `${date}T${time}${offset}`;
    let minute = minutes.get(key);
    if (minute === undefined) {
      if (minutes.size >= MINUTES_KEPT) minutes.clear();
      minute = readMinute(`${date}T${time}:00${offset}`, zone);
      minutes.set(key, minute);
    }
    if (minute === null) return undefined;
    const whole = second === '60' ? '59' : second;
    const micros = fraction.slice(0, 6);
    return {
      text: `${date}T${time}:${whole}${micros === '' ? '' : `.${micros}`}${offset}`,
      epochMilliseconds:
        minute.epochMilliseconds +
        Number.parseInt(whole, 10) * SECOND +
        Number.parseInt(fraction.slice(0, 3).padEnd(3, '0'), 10),
      day: minute.day,
    };
  };
}

function readMinute(text: string, zone: string): Minute | null {
  try {
    const instant = Temporal.Instant.from(text);
    const day = instant.toZonedDateTimeISO(zone).toPlainDate();
    return { epochMilliseconds: instant.epochMilliseconds, day: day.toString() };
  } catch {
    return null;
  }
}
