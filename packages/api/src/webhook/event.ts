import { type DaikouEvent, EVENT_TYPES } from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

/** The shape of an event. Fields may be added to it; anything else makes another version. */
export const EVENT_API_VERSION = '1';

/** Something that happened to a customer's obligation, as webhooks and `/v1/events` tell it. */
export const EventSchema = Type.Object(
  {
    id: idSchema('evt'),
    type: Type.Enum([...EVENT_TYPES], {
      type: 'string',
      description: 'What happened; each type is explained in the reference of webhooks.',
    }),
    customer_id: idSchema('cus'),
    sequence: Type.Integer({
      minimum: 1,
      description: 'The number among the events of this customer, from 1 without gaps.',
    }),
    at: { ...InstantSchema, description: 'When it was decided, on the clock of the merchant.' },
    subject_id: Type.String({ description: 'What it happened to; its prefix says of what kind.' }),
    data: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), {
      description: 'Small and flat, without personal data. Amounts are texts of 分.',
    }),
    api_version: Type.Literal(EVENT_API_VERSION),
  },
  {
    title: 'Event',
    additionalProperties: false,
    description: 'Something that happened. Receivers know repeats by its id.',
    examples: [
      {
        id: exampleId('evt'),
        type: 'invoice.paid',
        customer_id: exampleId('cus'),
        sequence: 12,
        at: '2026-12-01T07:30:00.000Z',
        subject_id: exampleId('inv'),
        data: { minor: '2985', currency: 'CNY' },
        api_version: EVENT_API_VERSION,
      },
    ],
  },
);

export const EventListSchema = listSchema('EventList', EventSchema);

/** What `GET /v1/events` may be asked. */
export const EventQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    customer_id: Type.Optional(idSchema('cus')),
    type: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 1_000,
        description: 'Types and families, separated by commas: invoice.*,debit.succeeded.',
      }),
    ),
    since: Type.Optional({ ...InstantSchema, description: 'Events of this moment and after.' }),
  },
  { additionalProperties: false },
);

export type EventWire = Type.Static<typeof EventSchema>;

export function toEventWire(event: DaikouEvent): EventWire {
  return {
    id: event.id,
    type: event.type,
    customer_id: event.customerId,
    sequence: event.sequence,
    at: toInstantWire(event.at),
    subject_id: event.subjectId,
    data: withoutPersons(event),
    api_version: EVENT_API_VERSION,
  };
}

/** Families whose `by` is a word of ours (customer, balance …); elsewhere it names a person. */
const BY_IS_A_WORD: ReadonlySet<string> = new Set(['mandate', 'invoice', 'payment']);

/** Who of the merchant's people decided stands in the object, and in no message. */
function withoutPersons({ type, data }: DaikouEvent): DaikouEvent['data'] {
  const family = type.slice(0, type.indexOf('.'));
  if (!('by' in data) || BY_IS_A_WORD.has(family)) return data;
  const { by: _, ...rest } = data;
  return rest;
}

/** What a test message tells: nothing that happened. */
export function toWebhookTestWire(test: { readonly id: string; readonly at: Temporal.Instant }) {
  return {
    id: test.id,
    type: 'webhook.test',
    at: toInstantWire(test.at),
    data: {},
    api_version: EVENT_API_VERSION,
  };
}
