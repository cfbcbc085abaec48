import { type Currency, type Id, invariant, isCurrency, type Money, toUuid } from '@daikou/core';

/**
 * How values cross the border to the database, the same on both drivers: instants as RFC 3339 text
 * (kept to the microsecond), dates as YYYY-MM-DD, ids as UUIDs, amounts as bigint beside char(3).
 */
export function fromInstant(text: string): Temporal.Instant {
  return Temporal.Instant.from(text);
}

export function toInstant(instant: Temporal.Instant): string {
  return instant.toString();
}

export function fromDate(text: string): Temporal.PlainDate {
  return Temporal.PlainDate.from(text);
}

export function toDate(date: Temporal.PlainDate): string {
  return date.toString();
}

export function fromAmount(minor: bigint, currency: string): Money {
  return { minor, currency: fromCurrency(currency) };
}

export function fromCurrency(text: string): Currency {
  invariant(isCurrency(text), `${text} is a currency that we keep`);
  return text;
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
