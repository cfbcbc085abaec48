import type { MerchantId, MeterId } from '../ids/ids.ts';

/** What a meter makes of its events' values; the arithmetic is that of `aggregate.ts`. */
export const METER_AGGREGATIONS = [
  'count',
  'sum',
  'max',
  'latest',
  'unique_count',
  'weighted_sum',
  'prorated_sum',
  'prorated_unique_count',
] as const;
export type MeterAggregation = (typeof METER_AGGREGATIONS)[number];

/** An event counts only when the property of its data has one of these values. */
export type MeterFilter = { readonly property: string; readonly values: readonly string[] };

/** How the units of a period are rounded before they are priced. */
export type UnitRounding = {
  readonly mode: 'up' | 'down' | 'half_up';
  /** Decimal places that stay. */
  readonly places: number;
};

/**
 * What metered prices count: which events, and which number of them. Never edited in place once it
 * has events: a change is a new meter with a new code, as bills were made with the old one.
 */
export type Meter = {
  readonly id: MeterId;
  readonly merchantId: MerchantId;
  /** The merchant's short name for it; unique per merchant. */
  readonly code: string;
  readonly nameZh: string;
  readonly nameEn: string;
  /** The CloudEvents `type` that it listens to. */
  readonly eventType: string;
  readonly aggregation: MeterAggregation;
  /** The property of the event's data that holds the number, or the thing that is counted once. */
  readonly valueProperty?: string;
  /** All must hold. */
  readonly filters: readonly MeterFilter[];
  /** Properties by whose values usage is kept apart, in this order. */
  readonly groupBy: readonly string[];
  readonly rounding?: UnitRounding;
  /** Whether a value below zero is taken: a correction of a sum, a level below zero. */
  readonly takesNegative: boolean;
  /**
   * `values`: each event's time and amount is kept with the day, for prices that look at single
   * events (bounds per event, free events). `totals`: sums only.
   */
  readonly keeps: 'totals' | 'values';
  /** It counts events that were received at or after this moment. */
  readonly createdAt: Temporal.Instant;
};

/** Properties by which a meter may keep usage apart, and characters of one of their values. */
export const GROUP_PROPERTIES_MAX = 5;
export const GROUP_VALUE_MAX = 64;

/** Whether the units of a day are a plain number that adds up, without a state to merge. */
export function isPlain(meter: Meter): boolean {
  return meter.keeps === 'totals' && (meter.aggregation === 'sum' || meter.aggregation === 'count');
}

/** Whether an event's value must be a number; of unique counts it is any text. */
export function wantsNumber(meter: Meter): boolean {
  return (
    meter.aggregation !== 'unique_count' &&
    meter.aggregation !== 'prorated_unique_count' &&
    meter.valueProperty !== undefined
  );
}

/** The data of an event: properties by name, as the sender wrote them. */
export type EventData = Readonly<Record<string, unknown>>;

/** Whether the meter counts an event with this data. Its type was compared before. */
export function isCounted(meter: Meter, data: EventData): boolean {
  return meter.filters.every(({ property, values }) => {
    const text = textOf(data[property]);
    return text !== undefined && values.includes(text);
  });
}

/**
 * The values by which usage is kept apart, as one text: a JSON array in the order of `groupBy`,
 * where an absent property is empty. Usage that is not kept apart has the empty text.
 */
export function groupKeyOf(meter: Meter, data: EventData): string {
  if (meter.groupBy.length === 0) return '';
  const values = meter.groupBy.map((property) => textOf(data[property]) ?? '');
  return JSON.stringify(values.map((value) => value.slice(0, GROUP_VALUE_MAX)));
}

/** The values of a group key, by the property that each belongs to. */
export function groupOf(meter: Meter, key: string): Readonly<Record<string, string>> {
  if (key === '') return {};
  const values: readonly string[] = JSON.parse(key);
  return Object.fromEntries(meter.groupBy.map((name, index) => [name, values[index] ?? '']));
}

/** A scalar of the data as text; undefined for what is absent, null or not a scalar. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return undefined;
}
