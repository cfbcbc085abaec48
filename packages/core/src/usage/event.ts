import type { CustomerId } from '../ids/ids.ts';
import { parseRatio, type Ratio } from '../money/ratio.ts';
import { ok, type Result, refuse } from '../result/result.ts';
import type { EventTime, TimeReader } from './event-time.ts';
import { decimalTextOf } from './exact-json.ts';
import {
  type EventData,
  GROUP_VALUE_MAX,
  isCounted,
  type Meter,
  textOf,
  wantsNumber,
} from './meter.ts';
import { type UsageRefusal, type UsageRefusalCode, usageRefusal } from './refusals.ts';

/** A usage event that was read and checked; the same (source, id) is the same event. */
export type UsageEvent = {
  readonly source: string;
  readonly id: string;
  readonly type: string;
  /** Whose usage it is, in the sender's word: our customer's reference, or its cus_ id. */
  readonly subject: string;
  readonly time: EventTime;
  /** The data as JSON text: kept whole, as the evidence of what was sent. */
  readonly data: string;
};

/** An event whose customer is known: what the store keeps. */
export type CustomerEvent = UsageEvent & { readonly customerId: CustomerId };

/** Days that the live endpoint takes events of, and in which a repeated event is recognised. */
export const LIVE_WINDOW_DAYS = 35;

/** Minutes that a sender's clock may be ahead of ours. */
export const CLOCK_SKEW_MINUTES = 5;

/** Characters of source, id, type and subject, at most. */
export const EVENT_FIELD_MAX = 200;

/** Characters of an event's data as JSON, and levels of it. */
export const EVENT_DATA_MAX = 16_384;
const DATA_DEPTH_MAX = 8;

/** Which times are taken, [from, until) in epoch milliseconds, and what is said of others. */
export type EventWindow = {
  readonly from: number;
  readonly until: number;
  readonly before: UsageRefusalCode;
  readonly after: UsageRefusalCode;
};

/** What the live endpoint takes at `now`: the last 35 days, and a little of the future. */
export function liveWindow(now: Temporal.Instant): EventWindow {
  return {
    from: now.subtract({ hours: LIVE_WINDOW_DAYS * 24 }).epochMilliseconds,
    until: now.add({ minutes: CLOCK_SKEW_MINUTES }).epochMilliseconds + 1,
    before: 'time_too_old',
    after: 'time_in_future',
  };
}

/** What an import takes that states its period, from inside and until outside. */
export function statedWindow(period: {
  readonly from: Temporal.Instant;
  readonly until: Temporal.Instant;
}): EventWindow {
  return {
    from: period.from.epochMilliseconds,
    until: period.until.epochMilliseconds,
    before: 'time_outside_period',
    after: 'time_outside_period',
  };
}

export type EventContext = {
  /** By event type; a type without meters is refused. */
  readonly meters: ReadonlyMap<string, readonly Meter[]>;
  readonly readTime: TimeReader;
  readonly window: EventWindow;
  /** RFC 3339: the time of an event that says none. */
  readonly receivedAt: string;
};

/**
 * Reads one event in the form of CloudEvents 1.0 and checks it against the meters of its type.
 * Refuses with the field that is wrong. Whether the subject is a customer is asked afterwards.
 */
export function readUsageEvent(
  raw: unknown,
  context: EventContext,
): Result<UsageEvent, UsageRefusal> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return refuse(usageRefusal('event_not_object'));
  }
  const event = raw as EventData;
  if (event['specversion'] !== '1.0') {
    return refuse(usageRefusal('specversion_not_supported', 'specversion'));
  }
  for (const field of ['id', 'source', 'type', 'subject']) {
    const wrong = wrongField(event[field]);
    if (wrong !== undefined) return refuse(usageRefusal(wrong, field));
  }
  const type = event['type'] as string;
  const meters = context.meters.get(type);
  if (meters === undefined) return refuse(usageRefusal('meter_unknown', 'type'));
  const time = readEventTime(event['time'], context);
  if (!time.ok) return time;
  const data = readData(event['data']);
  if (!data.ok) return data;
  const wrong = wrongValue(event['data'] as EventData, meters);
  if (wrong !== undefined) return refuse(wrong);
  return ok({
    source: event['source'] as string,
    id: event['id'] as string,
    type,
    subject: event['subject'] as string,
    time: time.value,
    data: data.value,
  });
}

/** U+0000, and halves of surrogate pairs: what the database cannot keep as text. */
const NOT_STORABLE = /\0|\p{Surrogate}/u;

function wrongField(value: unknown): UsageRefusalCode | undefined {
  if (value === undefined || value === null || value === '') return 'field_missing';
  if (typeof value !== 'string') return 'field_not_text';
  if (value.length > EVENT_FIELD_MAX) return 'field_too_long';
  return NOT_STORABLE.test(value) ? 'field_not_storable' : undefined;
}

function readEventTime(
  value: unknown,
  { readTime, window, receivedAt }: EventContext,
): Result<EventTime, UsageRefusal> {
  if (value !== undefined && value !== null && typeof value !== 'string') {
    return refuse(usageRefusal('time_not_valid', 'time'));
  }
  const time = readTime(value ?? receivedAt);
  if (time === undefined) return refuse(usageRefusal('time_not_valid', 'time'));
  if (time.epochMilliseconds < window.from) return refuse(usageRefusal(window.before, 'time'));
  if (time.epochMilliseconds >= window.until) return refuse(usageRefusal(window.after, 'time'));
  return ok(time);
}

/** The same in JSON text, which writes both as escapes. */
const NOT_STORABLE_ESCAPE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

function readData(value: unknown): Result<string, UsageRefusal> {
  if (value === undefined || value === null) return refuse(usageRefusal('data_not_object', 'data'));
  if (typeof value !== 'object' || Array.isArray(value)) {
    return refuse(usageRefusal('data_not_object', 'data'));
  }
  if (!isShallow(value, DATA_DEPTH_MAX)) return refuse(usageRefusal('data_too_large', 'data'));
  const text = JSON.stringify(value);
  if (text.length > EVENT_DATA_MAX) return refuse(usageRefusal('data_too_large', 'data'));
  if (text.includes('\\u') && NOT_STORABLE_ESCAPE.test(text)) {
    return refuse(usageRefusal('field_not_storable', 'data'));
  }
  return ok(text);
}

function isShallow(value: object, levels: number): boolean {
  if (levels === 0) return false;
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null && !isShallow(inner, levels - 1)) return false;
  }
  return true;
}

function wrongValue(data: EventData, meters: readonly Meter[]): UsageRefusal | undefined {
  for (const meter of meters) {
    const { valueProperty, groupBy } = meter;
    if (!isCounted(meter, data)) continue;
    for (const property of groupBy) {
      const length = textOf(data[property])?.length ?? 0;
      if (length > GROUP_VALUE_MAX) return usageRefusal('field_too_long', `data.${property}`);
    }
    if (valueProperty === undefined) continue;
    const code = wrongValueCode(data[valueProperty], meter);
    if (code !== undefined) return usageRefusal(code, `data.${valueProperty}`);
  }
  return undefined;
}

function wrongValueCode(value: unknown, meter: Meter): UsageRefusalCode | undefined {
  if (value === undefined || value === null || value === '') return 'value_missing';
  if (!wantsNumber(meter)) {
    const text = textOf(value);
    if (text === undefined) return 'field_not_text';
    return text.length > EVENT_FIELD_MAX ? 'field_too_long' : undefined;
  }
  const number = readValue(value);
  if (!number.ok) return number.refusal;
  return number.value.numerator < 0n && !meter.takesNegative ? 'value_negative' : undefined;
}

type ReadValue =
  | { readonly ok: true; readonly value: Ratio }
  | { readonly ok: false; readonly refusal: UsageRefusalCode };

const VALUE_CODES = {
  decimal_not_a_number: 'value_not_decimal',
  decimal_too_precise: 'value_too_precise',
  decimal_too_large: 'value_too_large',
} as const;

/** Whole JSON numbers below this have no more digits than a decimal as text may have. */
const WHOLE_LIMIT = 1_000_000_000_000_000;

/**
 * The exact number of a value: a decimal as text, or a JSON number that lost nothing on the way.
 * NaN, Infinity, exponents in text and what is no number are refused.
 */
export function readValue(value: unknown): ReadValue {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < WHOLE_LIMIT) {
    return { ok: true, value: { numerator: BigInt(value), denominator: 1n } };
  }
  const text = typeof value === 'number' ? decimalTextOf(value) : value;
  if (typeof text !== 'string') {
    const isLarge = typeof value === 'number' && Number.isFinite(value);
    return { ok: false, refusal: isLarge ? 'value_too_large' : 'value_not_decimal' };
  }
  const read = parseRatio(text);
  return read.ok ? read : { ok: false, refusal: VALUE_CODES[read.refusal.code] };
}
