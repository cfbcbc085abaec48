import type { MerchantId, MeterId } from '../ids/ids.ts';
import { ok, type Refusal, type Result, refuse } from '../result/result.ts';
import {
  GROUP_PROPERTIES_MAX,
  METER_AGGREGATIONS,
  type Meter,
  type MeterAggregation,
  type MeterFilter,
  type UnitRounding,
} from './meter.ts';

/** What is asked for when a meter is made; what is left out has a default. */
export type NewMeter = {
  readonly code: string;
  readonly nameZh?: string;
  readonly nameEn?: string;
  readonly eventType: string;
  readonly aggregation: string;
  readonly valueProperty?: string;
  readonly filters?: readonly MeterFilter[];
  readonly groupBy?: readonly string[];
  readonly rounding?: UnitRounding;
  readonly takesNegative?: boolean;
  readonly keeps?: 'totals' | 'values';
};

export type MeterRefusal = Refusal<
  | 'meter_code_not_valid'
  | 'meter_code_taken'
  | 'event_type_not_valid'
  | 'aggregation_not_known'
  | 'value_property_missing'
  | 'filter_not_valid'
  | 'group_by_not_valid'
  | 'rounding_not_valid'
  | 'keeps_not_valid'
>;

const CODE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Names of event types and of properties: printable, without spaces around. */
const NAME = /^\S(?:[^\p{Cc}]{0,198}\S)?$/u;

const FILTERS_MAX = 10;
const FILTER_VALUES_MAX = 100;
const ROUNDING_PLACES_MAX = 12;

/** Checks and makes a meter. It counts events from `context.now` on. */
export function decideMeter(
  wanted: NewMeter,
  context: {
    readonly id: MeterId;
    readonly merchantId: MerchantId;
    readonly now: Temporal.Instant;
  },
): Result<Meter, MeterRefusal> {
  const refusal = refusalOf(wanted);
  if (refusal !== undefined) return refuse(refusal);
  const { code, valueProperty, rounding } = wanted;
  return ok({
    id: context.id,
    merchantId: context.merchantId,
    code,
    nameZh: wanted.nameZh ?? code,
    nameEn: wanted.nameEn ?? code,
    eventType: wanted.eventType,
    aggregation: wanted.aggregation as MeterAggregation,
    ...(valueProperty === undefined ? {} : { valueProperty }),
    filters: wanted.filters ?? [],
    groupBy: wanted.groupBy ?? [],
    ...(rounding === undefined ? {} : { rounding }),
    takesNegative: wanted.takesNegative ?? takesNegativeByDefault(wanted.aggregation),
    keeps: wanted.keeps ?? 'totals',
    createdAt: context.now,
  });
}

/** Why a code cannot be used again: bills were made with the meter that has it. */
export function meterCodeTaken(): MeterRefusal {
  return {
    code: 'meter_code_taken',
    sentence: 'There is a meter of this code already, and meters are never changed.',
    next: 'Give the new meter another code, and price it with a new price version.',
    field: 'code',
  };
}

/** Levels go up and down by signed steps; sums and counts only grow unless the meter says so. */
function takesNegativeByDefault(aggregation: string): boolean {
  return aggregation !== 'sum' && aggregation !== 'count';
}

function refusalOf(wanted: NewMeter): MeterRefusal | undefined {
  if (!CODE.test(wanted.code)) {
    return {
      code: 'meter_code_not_valid',
      sentence: 'A code has 1 to 64 letters, digits, dots, dashes or underscores.',
      next: 'Choose another code.',
      field: 'code',
    };
  }
  if (!NAME.test(wanted.eventType)) {
    return {
      code: 'event_type_not_valid',
      sentence: 'An event type is a text of 1 to 200 characters.',
      next: 'Name the CloudEvents type that the meter listens to.',
      field: 'event_type',
    };
  }
  return wrongCounting(wanted) ?? wrongSplitting(wanted);
}

function wrongCounting({
  aggregation,
  valueProperty,
  rounding,
  keeps,
}: NewMeter): MeterRefusal | undefined {
  const known: readonly string[] = METER_AGGREGATIONS;
  if (!known.includes(aggregation)) {
    return {
      code: 'aggregation_not_known',
      sentence: 'The aggregation is none that we know.',
      next: `Choose one of ${known.join(', ')}.`,
      field: 'aggregation',
    };
  }
  const isNamed = valueProperty !== undefined && NAME.test(valueProperty);
  if (aggregation === 'count' ? valueProperty !== undefined && !isNamed : !isNamed) {
    return {
      code: 'value_property_missing',
      sentence: 'This aggregation reads a property of the event’s data, and none is named.',
      next: 'Name the property that holds the value.',
      field: 'value_property',
    };
  }
  if (keeps !== undefined && keeps !== 'totals' && keeps !== 'values') {
    return {
      code: 'keeps_not_valid',
      sentence: 'A meter keeps totals, or single values.',
      next: 'Set keeps to totals or values.',
      field: 'keeps',
    };
  }
  return rounding === undefined ? undefined : wrongRounding(rounding);
}

function wrongRounding({ mode, places }: UnitRounding): MeterRefusal | undefined {
  const isMode = mode === 'up' || mode === 'down' || mode === 'half_up';
  const isPlaces = Number.isSafeInteger(places) && places >= 0 && places <= ROUNDING_PLACES_MAX;
  if (isMode && isPlaces) return undefined;
  return {
    code: 'rounding_not_valid',
    sentence: 'Units are rounded up, down or half_up to 0 to 12 decimal places.',
    next: 'Correct the rounding, or leave it out.',
    field: 'rounding',
  };
}

function wrongSplitting({ filters = [], groupBy = [] }: NewMeter): MeterRefusal | undefined {
  const areFilters =
    filters.length <= FILTERS_MAX &&
    filters.every(
      ({ property, values }) =>
        NAME.test(property) && values.length > 0 && values.length <= FILTER_VALUES_MAX,
    );
  if (!areFilters) {
    return {
      code: 'filter_not_valid',
      sentence: 'A filter names a property and 1 to 100 values; a meter has at most 10 filters.',
      next: 'Correct the filters.',
      field: 'filters',
    };
  }
  const areGroups =
    groupBy.length <= GROUP_PROPERTIES_MAX &&
    new Set(groupBy).size === groupBy.length &&
    groupBy.every((property) => NAME.test(property));
  if (areGroups) return undefined;
  return {
    code: 'group_by_not_valid',
    sentence: `Usage is kept apart by at most ${GROUP_PROPERTIES_MAX} properties, each named once.`,
    next: 'Correct the properties.',
    field: 'group_by',
  };
}
