import {
  type AggregateEvent,
  addEvents,
  businessDate,
  computeUnits,
  emptyAggregate,
  formatRatio,
  groupKeyOf,
  groupOf,
  isCounted,
  METER_AGGREGATIONS,
  type Meter,
  type MeterAggregation,
  type MeterFilter,
  type PeriodUnits,
  parseRatio,
  type Ratio,
  roundUnits,
  toExactText,
  type UsageWindow,
  withoutRepeatedIds,
} from '../../packages/core/src/index.ts';
import {
  CaseNotUnderstood,
  flagAt,
  type Given,
  has,
  instantAtKey,
  isRecord,
  optional,
  ratioAt,
  ratioText,
  recordAt,
  recordsAt,
  textAt,
  wholeAt,
} from './kit.ts';

/** One event of a case: what core aggregates, its id, and the properties to filter and group by. */
type CaseEvent = AggregateEvent & { readonly id?: string; readonly data: Given };

/** Decimal places that a value of an event may have in a case. */
const VALUE_PLACES = 30;

const EPOCH = Temporal.Instant.fromEpochMilliseconds(0);

/** The operation `aggregate`: events in, units out, in each form that a case may ask for. */
export function aggregate(given: Given): Readonly<Record<string, unknown>> {
  const kind = kindOf(given);
  const meter = meterOf(given, kind);
  const all = recordsAt(given, 'events').flatMap((event, index) => copiesOf(event, index, given));
  const distinct = flagAt(given, 'dedup_by_id') ? withoutRepeatedIds(all) : all;
  const ofPeriods = distinct.filter(({ at }) => isOfItsPeriods(given, at));
  const events = ofPeriods.filter(({ data }) => isCounted(meter, data));
  const counted =
    kind === 'count' && flagAt(given, 'skip_invalid')
      ? events.filter(({ data, value }) => !has(data, 'value') || value !== undefined)
      : events;
  const groups = Object.entries(Object.groupBy(counted, ({ data }) => groupKeyOf(meter, data)));
  const unitsIn = (its: readonly CaseEvent[]) => textsOf(kind, periodUnits(given, kind, its));
  return {
    ...unitsIn(counted),
    groups: Object.fromEntries(
      groups.map(([key, its = []]) => [
        Object.values(groupOf(meter, key)).join(','),
        unitsIn(its)['units'],
      ]),
    ),
  };
}

/** A metric that is said not to recur knows nothing of the periods before. */
function isOfItsPeriods(given: Given, at: Temporal.Instant): boolean {
  const window = windowOf(given);
  if (given['recurring'] !== false || window === undefined) return true;
  return Temporal.Instant.compare(at, window.span.start) >= 0;
}

function periodUnits(
  given: Given,
  kind: MeterAggregation,
  events: readonly CaseEvent[],
): PeriodUnits {
  const window = windowOf(given);
  const initial = optional(given, 'initial', ratioAt);
  return computeUnits(kind, events, {
    ...(window && { window }),
    ...(initial && { carried: levelOf(kind, initial, window) }),
    ...(window && recursPlainly(given, kind) && { carried: stateBefore(kind, events, window) }),
  });
}

/** Kinds that core counts within a period, of a metric that is said to recur over periods. */
function recursPlainly(given: Given, kind: MeterAggregation): boolean {
  return given['recurring'] === true && (kind === 'sum' || kind === 'count');
}

function stateBefore(kind: MeterAggregation, events: readonly CaseEvent[], window: UsageWindow) {
  const before = events.filter(({ at }) => Temporal.Instant.compare(at, window.span.start) < 0);
  return addEvents(emptyAggregate(kind), before);
}

/** A level that was in force when the period opened. */
function levelOf(kind: MeterAggregation, value: Ratio, window: UsageWindow | undefined) {
  const at = window?.span.start ?? EPOCH;
  const day = window?.days.start ?? businessDate(at, 'UTC');
  return addEvents(emptyAggregate(kind), [{ at, day, value }]);
}

function textsOf(
  kind: MeterAggregation,
  { units, rawUnits }: PeriodUnits,
): Readonly<Record<string, unknown>> {
  const texts: Record<string, unknown> = {
    // Lago writes a weighted sum with five places, always.
    units: kind === 'weighted_sum' ? ratioText(units, 5) : formatRatio(units, VALUE_PLACES),
    units_exact: toExactText(units),
    raw_units: formatRatio(rawUnits, VALUE_PLACES),
  };
  for (let places = 0; places <= 12; places += 1) {
    const up = { mode: 'up', places } as const;
    texts[`units_ceil${places}`] = formatRatio(roundUnits(units, up), places);
    texts[`raw_units_ceil${places}`] = formatRatio(roundUnits(rawUnits, up), places);
  }
  return texts;
}

function kindOf(given: Given): MeterAggregation {
  const type = textAt(given, 'type');
  const kind = METER_AGGREGATIONS.find((known) => known === type);
  if (kind === undefined) throw new CaseNotUnderstood(`${type} is not an aggregation`);
  return kind;
}

function windowOf(given: Given): UsageWindow | undefined {
  if (!has(given, 'period')) return undefined;
  const period = recordAt(given, 'period');
  const span = { start: instantAtKey(period, 'from'), end: instantAtKey(period, 'to') };
  const zone = zoneOf(given);
  return {
    span,
    days: { start: businessDate(span.start, zone), end: businessDate(span.end, zone) },
    ...(has(given, 'full_period_days') && {
      fullPeriodDays: wholeAt(given, 'full_period_days'),
    }),
  };
}

function copiesOf(event: Given, index: number, given: Given): readonly CaseEvent[] {
  const at = optional(event, 'at', instantAtKey) ?? windowOf(given)?.span.start ?? EPOCH;
  const value = has(event, 'value') ? parseRatio(String(event['value']), VALUE_PLACES) : undefined;
  const key = keyOf(event);
  const nested = isRecord(event['properties']) ? event['properties'] : {};
  const one: CaseEvent = {
    at,
    day: businessDate(at, zoneOf(given)),
    order: BigInt(index),
    ...(value?.ok && { value: value.value }),
    ...(key !== undefined && { key }),
    isRemoval: optional(event, 'op', textAt) === 'remove',
    ...(has(event, 'id') && { id: String(event['id']) }),
    data: { ...event, ...nested },
  };
  return Array.from({ length: optional(event, 'repeat', wholeAt) ?? 1 }, () => one);
}

/** What unique counts count: the case's key, or its value where it has none. */
function keyOf(event: Given): string | undefined {
  const key = event['key'] ?? event['value'] ?? undefined;
  return key === undefined ? undefined : String(key);
}

function zoneOf(given: Given): string {
  return optional(given, 'timezone', textAt) ?? 'UTC';
}

/** A meter that says of the events what the case says; its names and moments play no part. */
function meterOf(given: Given, aggregation: MeterAggregation): Meter {
  const groupBy = given['group_by'] ?? [];
  return {
    id: 'mtr_00000000-0000-7000-8000-000000000000',
    merchantId: 'mer_00000000-0000-7000-8000-000000000000',
    code: 'case',
    nameZh: '用例',
    nameEn: 'Case',
    eventType: 'case',
    aggregation,
    filters: filtersOf(given['filters']),
    groupBy: (Array.isArray(groupBy) ? groupBy : [groupBy]).map(String),
    takesNegative: true,
    keeps: 'totals',
    createdAt: EPOCH,
  };
}

/** `{property: value or values}`, or a list of `{key, values}`. */
function filtersOf(filters: unknown): readonly MeterFilter[] {
  if (isRecord(filters)) return Object.entries(filters).map(([key, value]) => filter(key, value));
  if (!Array.isArray(filters)) return [];
  return filters
    .filter(isRecord)
    .map((one) => filter(String(one['key'] ?? one['property']), one['values'] ?? one['value']));
}

function filter(property: string, value: unknown): MeterFilter {
  return { property, values: (Array.isArray(value) ? value : [value]).map(String) };
}
