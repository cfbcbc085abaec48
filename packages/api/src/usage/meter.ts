import { METER_AGGREGATIONS, type Meter } from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { orNull } from '../result/choice.ts';
import { REFERENCE_MAX_LENGTH } from '../result/list.ts';

const NameSchema = Type.String({ minLength: 1, maxLength: REFERENCE_MAX_LENGTH });

const AggregationSchema = Type.Enum([...METER_AGGREGATIONS], { type: 'string' });

const FilterSchema = Type.Object(
  { property: NameSchema, values: Type.Array(Type.String(), { minItems: 1, maxItems: 100 }) },
  { additionalProperties: false },
);

const RoundingSchema = Type.Object(
  {
    mode: Type.Enum(['up', 'down', 'half_up'], { type: 'string' }),
    places: Type.Integer({ minimum: 0, maximum: 12 }),
  },
  { additionalProperties: false },
);

const KeepsSchema = Type.Enum(['totals', 'values'], {
  type: 'string',
  description: '`values` keeps the single events, for prices that look at each of them.',
});

/** The body of `POST /v1/meters`. */
export const NewMeterSchema = Type.Object(
  {
    code: NameSchema,
    name_zh: Type.Optional(NameSchema),
    name_en: Type.Optional(NameSchema),
    event_type: NameSchema,
    aggregation: AggregationSchema,
    value_property: Type.Optional(NameSchema),
    filters: Type.Optional(Type.Array(FilterSchema, { maxItems: 10 })),
    group_by: Type.Optional(Type.Array(NameSchema, { maxItems: 5 })),
    rounding: Type.Optional(RoundingSchema),
    takes_negative: Type.Optional(Type.Boolean()),
    keeps: Type.Optional(KeepsSchema),
  },
  {
    title: 'NewMeter',
    additionalProperties: false,
    description: 'A meter to make. It counts events that are received from then on.',
    examples: [
      {
        code: 'tokens',
        event_type: 'llm.request',
        aggregation: 'sum',
        value_property: 'tokens',
      },
    ],
  },
);

export type NewMeterBody = Type.Static<typeof NewMeterSchema>;

/** A meter on the wire. */
export const MeterSchema = Type.Object(
  {
    id: idSchema('mtr'),
    code: Type.String(),
    name_zh: Type.String(),
    name_en: Type.String(),
    event_type: Type.String(),
    aggregation: AggregationSchema,
    value_property: orNull(Type.String()),
    filters: Type.Array(FilterSchema),
    group_by: Type.Array(Type.String()),
    rounding: orNull(RoundingSchema),
    takes_negative: Type.Boolean(),
    keeps: KeepsSchema,
    created_at: InstantSchema,
  },
  {
    title: 'Meter',
    additionalProperties: false,
    description: 'What metered prices count (计量). Never changed; a change is another code.',
    examples: [
      {
        id: exampleId('mtr'),
        code: 'tokens',
        name_zh: '令牌',
        name_en: 'Tokens',
        event_type: 'llm.request',
        aggregation: 'sum',
        value_property: 'tokens',
        filters: [],
        group_by: [],
        rounding: null,
        takes_negative: false,
        keeps: 'totals',
        created_at: '2026-03-01T02:00:00.000Z',
      },
    ],
  },
);

export type MeterWire = Type.Static<typeof MeterSchema>;

/** A meter in its wire form. */
export function toMeterWire(meter: Meter): MeterWire {
  return {
    id: meter.id,
    code: meter.code,
    name_zh: meter.nameZh,
    name_en: meter.nameEn,
    event_type: meter.eventType,
    aggregation: meter.aggregation,
    value_property: meter.valueProperty ?? null,
    filters: meter.filters.map(({ property, values }) => ({ property, values: [...values] })),
    group_by: [...meter.groupBy],
    rounding: meter.rounding ?? null,
    takes_negative: meter.takesNegative,
    keeps: meter.keeps,
    created_at: toInstantWire(meter.createdAt),
  };
}
