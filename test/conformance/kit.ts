import {
  type Currency,
  formatDecimal,
  formatRatioFixed,
  isCurrency,
  type Money,
  type Period,
  parseRatio,
  type Ratio,
  toMoney,
} from '../../packages/core/src/index.ts';

// Text of a case → types of core, and back. Nothing here decides anything.

/** The inputs of a case: JSON whose meaning depends on `op`. */
export type Given = Readonly<Record<string, unknown>>;

/** A case whose inputs are missing or not of the kind that its operation reads. */
export class CaseNotUnderstood extends Error {
  override readonly name = 'CaseNotUnderstood';
}

export function isRecord(value: unknown): value is Given {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether the case says anything about `key`; null counts as silence. */
export function has(given: Given, key: string): boolean {
  return given[key] !== undefined && given[key] !== null;
}

/** `read(given, key)` when the case has the key. */
export function optional<T>(
  given: Given,
  key: string,
  read: (given: Given, key: string) => T,
): T | undefined {
  return has(given, key) ? read(given, key) : undefined;
}

export function textAt(given: Given, key: string): string {
  const value = given[key];
  if (typeof value !== 'string') throw new CaseNotUnderstood(`${key} is not a text`);
  return value;
}

export function wholeAt(given: Given, key: string): number {
  const value = given[key];
  if (!Number.isSafeInteger(value)) throw new CaseNotUnderstood(`${key} is not a whole number`);
  return value as number;
}

export function flagAt(given: Given, key: string): boolean {
  const value = given[key] ?? false;
  if (typeof value !== 'boolean') throw new CaseNotUnderstood(`${key} is not true or false`);
  return value;
}

export function recordAt(given: Given, key: string): Given {
  const value = given[key];
  if (!isRecord(value)) throw new CaseNotUnderstood(`${key} is not an object`);
  return value;
}

export function listAt(given: Given, key: string): readonly unknown[] {
  const value = given[key];
  if (!Array.isArray(value)) throw new CaseNotUnderstood(`${key} is not a list`);
  return value;
}

export function recordsAt(given: Given, key: string): readonly Given[] {
  return listAt(given, key).map((value) => {
    if (!isRecord(value)) throw new CaseNotUnderstood(`${key} holds something but objects`);
    return value;
  });
}

/** An exact number from decimal text; a whole JSON number is accepted too, as some cases use it. */
export function ratioOf(value: unknown): Ratio {
  const text = Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string') throw new CaseNotUnderstood(`${text} is not a decimal`);
  const parsed = parseRatio(text, 30);
  if (!parsed.ok) throw new CaseNotUnderstood(`${text}: ${parsed.refusal.sentence}`);
  return parsed.value;
}

export function ratioAt(given: Given, key: string): Ratio {
  return ratioOf(given[key]);
}

export function currencyAt(given: Given, key = 'currency'): Currency {
  const text = textAt(given, key);
  if (!isCurrency(text)) throw new CaseNotUnderstood(`${text} is not a currency that we keep`);
  return text;
}

/** The amount at `key` in the case's currency, half up where the text has more decimals. */
export function moneyAt(given: Given, key: string, currency: Currency): Money {
  return toMoney(ratioAt(given, key), currency);
}

export function dateOf(text: string): Temporal.PlainDate {
  try {
    return Temporal.PlainDate.from(text);
  } catch {
    throw new CaseNotUnderstood(`${text} is not a date`);
  }
}

/** The length of an ISO day, which an instant always exceeds. */
const DAY_LENGTH = '2000-01-01'.length;

export function dateAt(given: Given, key: string): Temporal.PlainDate {
  return dateOf(textAt(given, key));
}

/** An instant; a day alone is its midnight in UTC. */
export function instantAtKey(given: Given, key: string): Temporal.Instant {
  const text = textAt(given, key);
  try {
    return Temporal.Instant.from(text.length === DAY_LENGTH ? `${text}T00:00:00Z` : text);
  } catch {
    throw new CaseNotUnderstood(`${key} is not an instant`);
  }
}

/** `{from, to}` as the half-open period that it is. */
export function periodOf(span: Given): Period {
  return { start: dateAt(span, 'from'), end: dateAt(span, 'to') };
}

export function periodAtKey(given: Given, key: string): Period {
  return periodOf(recordAt(given, key));
}

/** "29.85": the decimals of the currency, always. */
export function moneyText(amount: Money): string {
  return formatDecimal(amount);
}

/** Exactly `places` decimals, half up. */
export function ratioText(value: Ratio, places: number): string {
  return formatRatioFixed(value, places);
}

/** Seconds with `Z`, as the cases write instants. */
export function instantText(at: Temporal.Instant): string {
  return at.toString();
}
