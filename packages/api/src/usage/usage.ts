import { formatRatio, type Money, type Ratio } from '@daikou/core';
import { Type } from 'typebox';
import { DateSchema, PeriodSchema } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { AmountSchema, toAmountWire } from '../money/amount.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { REFERENCE_MAX_LENGTH } from '../result/list.ts';

const UnitsSchema = Type.String({
  description: 'An exact decimal as text.',
  examples: ['1250.5'],
});

const CountSchema = Type.Integer({ minimum: 0, description: 'Events that were counted.' });

/** Why one event was not taken. */
const RefusedEventSchema = Type.Object(
  {
    index: Type.Integer({ minimum: 0, description: 'Its place in the request, from 0.' }),
    id: orNull(Type.String({ description: 'The id of the event, where it has one.' })),
    code: Type.String({ pattern: '^[a-z0-9_]+$', description: 'Stable; decide by it.' }),
    sentence: Type.String({ description: 'What is wrong.' }),
    next: Type.String({ description: 'What to do next.' }),
    field: orNull(Type.String({ description: 'The field that caused it.' })),
  },
  { additionalProperties: false },
);

/** What became of the events of one request. All that were accepted are on disk. */
export const UsageIntakeSchema = Type.Object(
  {
    accepted: Type.Integer({ minimum: 0, description: 'New events that were kept.' }),
    duplicates: Type.Integer({
      minimum: 0,
      description: 'Events whose source and id were known; they change nothing.',
    }),
    refused_count: Type.Integer({ minimum: 0, description: 'Events that were not taken.' }),
    refused: Type.Array(RefusedEventSchema, {
      description: 'The first 1,000 that were not taken, by index.',
    }),
  },
  {
    title: 'UsageIntake',
    additionalProperties: false,
    description: 'What became of the events of a request. The good ones are kept.',
    examples: [{ accepted: 99, duplicates: 1, refused_count: 0, refused: [] }],
  },
);

/** One event of usage in the form of CloudEvents 1.0. */
export const UsageEventSchema = Type.Object(
  {
    specversion: Type.Literal('1.0'),
    id: Type.String({ minLength: 1, maxLength: REFERENCE_MAX_LENGTH }),
    source: Type.String({ minLength: 1, maxLength: REFERENCE_MAX_LENGTH }),
    type: Type.String({ description: 'The type that a meter listens to.' }),
    subject: Type.String({
      description: "Whose usage it is: the customer's external reference, or its cus_ id.",
    }),
    time: Type.Optional(
      Type.String({ format: 'date-time', description: 'Absent: the time of receipt.' }),
    ),
    data: Type.Record(Type.String(), Type.Unknown(), {
      description: 'Named values. Send decimals as text, so that no digit is lost.',
    }),
  },
  {
    title: 'UsageEvent',
    description:
      'A usage event (CloudEvents 1.0). The same source and id are the same event, whatever else ' +
      'it says. The live endpoint takes events of the last 35 days.',
    examples: [
      {
        specversion: '1.0',
        id: 'req-0001',
        source: 'gateway-1',
        type: 'llm.request',
        subject: 'C-0001',
        time: '2026-11-21T08:30:00Z',
        data: { tokens: '4808' },
      },
    ],
  },
);

/** What `GET /v1/customers/{id}/usage` may be asked. */
export const UsageQuerySchema = Type.Object(
  {
    from: { ...DateSchema, description: 'The first day.' },
    until: { ...DateSchema, description: 'The day after the last.' },
    meter: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: REFERENCE_MAX_LENGTH,
        description: "A meter's code; absent: all meters.",
      }),
    ),
    group_by: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: REFERENCE_MAX_LENGTH,
        description: 'Properties to keep apart, separated by commas; absent: as the meter says.',
      }),
    ),
  },
  { additionalProperties: false },
);

export type UsageQueryWire = {
  readonly from: string;
  readonly until: string;
  readonly meter?: string;
  readonly group_by?: string;
};

const GroupSchema = Type.Object(
  {
    group: Type.Record(Type.String(), Type.String()),
    units: UnitsSchema,
    events: CountSchema,
  },
  { additionalProperties: false },
);

/** A customer's usage on the days of a period, by meter. */
export const CustomerUsageSchema = Type.Object(
  {
    customer_id: idSchema('cus'),
    period: PeriodSchema,
    meters: Type.Array(
      Type.Object(
        {
          meter: Type.String({ description: "The meter's code." }),
          meter_id: idSchema('mtr'),
          units: UnitsSchema,
          events: CountSchema,
          groups: Type.Array(GroupSchema),
        },
        { additionalProperties: false },
      ),
    ),
  },
  {
    title: 'CustomerUsage',
    additionalProperties: false,
    description: "A customer's usage by meter; everything acknowledged until now is in it.",
    examples: [
      {
        customer_id: exampleId('cus'),
        period: { start: '2026-11-01', end: '2026-12-01' },
        meters: [
          {
            meter: 'tokens',
            meter_id: exampleId('mtr'),
            units: '4808',
            events: 1,
            groups: [{ group: {}, units: '4808', events: 1 }],
          },
        ],
      },
    ],
  },
);

export type CustomerUsageWire = Type.Static<typeof CustomerUsageSchema>;

const ForecastMethodSchema = choiceOf({
  linear: 'What was used, extended by the seconds that are left.',
  last_period: 'The last full period, as less than 3 days of this one have passed.',
  complete: 'The period is over.',
});

/** Usage and cost so far of a subscription's metered items. */
export const SubscriptionUsageSchema = Type.Object(
  {
    subscription_id: idSchema('sub'),
    items: Type.Array(
      Type.Object(
        {
          item_id: idSchema('sit'),
          meter: Type.String(),
          meter_id: idSchema('mtr'),
          period: PeriodSchema,
          units: UnitsSchema,
          events: CountSchema,
          cost: orNull(AmountSchema),
          forecast: Type.Object(
            {
              units: UnitsSchema,
              cost: orNull(AmountSchema),
              method: ForecastMethodSchema,
            },
            { additionalProperties: false },
          ),
        },
        { additionalProperties: false },
      ),
    ),
  },
  {
    title: 'SubscriptionUsage',
    additionalProperties: false,
    description:
      'Usage and cost of the current periods so far, with a forecast to their ends. Costs are ' +
      'before resource packs, coupons and the bounds of a period.',
    examples: [{ subscription_id: exampleId('sub'), items: [] }],
  },
);

export type SubscriptionUsageWire = Type.Static<typeof SubscriptionUsageSchema>;

/** Units on the wire: an exact decimal, at most 12 places. */
export function toUnitsWire(units: Ratio): string {
  return formatRatio(units);
}

/** An amount, or null where there is none. */
export function toAmountOrNull(amount: Money | undefined) {
  return amount === undefined ? null : toAmountWire(amount);
}
