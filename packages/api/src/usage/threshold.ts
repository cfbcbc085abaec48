import type { UsageThreshold } from '@daikou/core';
import { Type } from 'typebox';
import {
  DateSchema,
  InstantSchema,
  IntervalSchema,
  toDateWire,
  toInstantWire,
  toIntervalWire,
} from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { DecimalSchema, toDecimalWire } from '../money/decimal.ts';
import { orNull } from '../result/choice.ts';
import { REFERENCE_MAX_LENGTH } from '../result/list.ts';

const MeterCodeSchema = Type.String({
  minLength: 1,
  maxLength: REFERENCE_MAX_LENGTH,
  description: "The meter's code.",
});

/** What `POST /v1/usage/thresholds` takes. */
export const NewThresholdSchema = Type.Object(
  {
    customer_id: idSchema('cus'),
    meter: MeterCodeSchema,
    units: Type.Optional(Type.String({ maxLength: 40, description: 'A decimal, as text.' })),
    amount: Type.Optional(AmountSchema),
    anchor: Type.Optional(DateSchema),
    interval: Type.Optional(
      Type.Object(
        {
          unit: Type.Enum(['day', 'week', 'month', 'year'], { type: 'string' }),
          count: Type.Integer({ minimum: 1, maximum: 100 }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  {
    title: 'NewThreshold',
    additionalProperties: false,
    description:
      'A threshold of units or of an amount, one of the two. Left out: months from the first.',
    examples: [{ customer_id: exampleId('cus'), meter: 'tokens', units: '1000000' }],
  },
);

export type NewThresholdBody = Type.Static<typeof NewThresholdSchema>;

/** What `GET /v1/usage/thresholds` may be asked. */
export const ThresholdQuerySchema = Type.Object(
  { customer_id: idSchema('cus') },
  { additionalProperties: false },
);

/** Usage or cost to be told of once in each period, on the wire. */
export const ThresholdSchema = Type.Object(
  {
    id: idSchema('thr'),
    customer_id: idSchema('cus'),
    meter: MeterCodeSchema,
    meter_id: idSchema('mtr'),
    units: orNull(DecimalSchema),
    amount: orNull(AmountSchema),
    anchor: DateSchema,
    interval: IntervalSchema,
    created_at: InstantSchema,
  },
  {
    title: 'Threshold',
    additionalProperties: false,
    description:
      'The event usage.threshold_crossed is written once in each period whose usage reaches it.',
    examples: [
      {
        id: exampleId('thr'),
        customer_id: exampleId('cus'),
        meter: 'tokens',
        meter_id: exampleId('mtr'),
        units: '1000000',
        amount: null,
        anchor: '2026-03-01',
        interval: { unit: 'month', count: 1 },
        created_at: '2026-03-09T23:30:00.000Z',
      },
    ],
  },
);

export type ThresholdWire = Type.Static<typeof ThresholdSchema>;

/** A threshold in its wire form; `meter` is the code of its meter. */
export function toThresholdWire(threshold: UsageThreshold, meter: string): ThresholdWire {
  const { limit } = threshold;
  return {
    id: threshold.id,
    customer_id: threshold.customerId,
    meter,
    meter_id: threshold.meterId,
    units: limit.kind === 'units' ? toDecimalWire(limit.units) : null,
    amount: limit.kind === 'amount' ? toAmountWire(limit.amount) : null,
    anchor: toDateWire(threshold.anchor),
    interval: toIntervalWire(threshold.interval),
    created_at: toInstantWire(threshold.createdAt),
  };
}
