import {
  type Currency,
  formatRatio,
  type Id,
  invariant,
  isCurrency,
  type Money,
  type Ratio,
  toUuid,
} from '@daikou/core';

/**
 * How values cross the border to the database, the same on both drivers: instants as RFC 3339 text
 * (kept to the microsecond), dates as YYYY-MM-DD, ids as UUIDs, amounts as bigint beside char(3),
 * exact numbers as numeric text.
 */
export function fromInstant(text: string): Temporal.Instant {
  return remembered(instants, text, () => Temporal.Instant.from(text));
}

export function toInstant(instant: Temporal.Instant): string {
  return textOf(instant);
}

export function fromDate(text: string): Temporal.PlainDate {
  return remembered(dates, text, () => Temporal.PlainDate.from(text));
}

export function toDate(date: Temporal.PlainDate): string {
  return textOf(date);
}

// A billing run reads and writes the same few dates and moments many thousand times, and Temporal
// takes a microsecond for each. Its values never change, so rows may share them.
const REMEMBERED = 4_096;
const dates = new Map<string, Temporal.PlainDate>();
const instants = new Map<string, Temporal.Instant>();
const texts = new WeakMap<Temporal.PlainDate | Temporal.Instant, string>();

function remembered<T extends Temporal.PlainDate | Temporal.Instant>(
  known: Map<string, T>,
  text: string,
  parse: () => T,
): T {
  const value = known.get(text);
  if (value !== undefined) return value;
  const parsed = parse();
  if (known.size >= REMEMBERED) known.clear();
  known.set(text, parsed);
  return parsed;
}

function textOf(value: Temporal.PlainDate | Temporal.Instant): string {
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = value.toString();
  texts.set(value, text);
  return text;
}

export function fromAmount(minor: bigint, currency: string): Money {
  return { minor, currency: fromCurrency(currency) };
}

export function fromCurrency(text: string): Currency {
  invariant(isCurrency(text), `${text} is a currency that we keep`);
  return text;
}

/** An exact number as numeric text: at most 12 decimal places, the last one half up. */
export function toDecimal(value: Ratio): string {
  return value.denominator === 1n ? value.numerator.toString() : formatRatio(value);
}

/** Numeric text as an exact number; zeros after the last decimal place are not kept. */
export function fromDecimal(text: string): Ratio {
  const point = text.indexOf('.');
  if (point === -1) return { numerator: BigInt(text), denominator: 1n };
  const digits = text.replace(/0+$/, '');
  const places = digits.length - point - 1;
  return {
    numerator: BigInt(digits.slice(0, point) + digits.slice(point + 1)),
    denominator: 10n ** BigInt(places),
  };
}

/** `toX(value)`, or null where the value is absent. */
export function orNull<V, W>(value: V | undefined, to: (value: V) => W): W | null {
  return value === undefined ? null : to(value);
}

/** Makes the optional property `key` of a noun: left out when the column is null. */
export function given<K extends string, V, W>(
  key: K,
  value: V | null,
  from: (value: V) => W,
): { readonly [P in K]?: W } {
  return value === null ? {} : ({ [key]: from(value) } as { [P in K]: W });
}

/** Takes a column as it is. */
export function asIs<V>(value: V): V {
  return value;
}

export function idOrNull(id: Id | undefined): string | null {
  return id === undefined ? null : toUuid(id);
}
