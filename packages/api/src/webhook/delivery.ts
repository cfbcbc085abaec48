import type { WebhookDelivery } from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { listSchema, PAGE_PARAMETERS } from '../result/list.ts';

const STATES = {
  pending: 'Not tried yet.',
  failed: 'The last try was not taken; it is tried again when it is due.',
  delivered: 'The receiver answered 2xx.',
  given_up: 'Not tried any more; a replay brings it back.',
} as const satisfies Record<WebhookDelivery['state'], string>;

/** One event on its way to one endpoint, on the wire. */
export const WebhookDeliverySchema = Type.Object(
  {
    id: idSchema('whd'),
    endpoint_id: idSchema('whe'),
    event_id: idSchema('evt'),
    customer_id: idSchema('cus'),
    round: Type.Integer({ minimum: 1, description: '1 from the event, one more for each replay.' }),
    state: choiceOf<WebhookDelivery['state']>(STATES),
    attempt_count: Type.Integer({ minimum: 0 }),
    due_at: orNull(InstantSchema),
    last_status: orNull(Type.Integer({ description: 'The HTTP status of the last answer.' })),
    last_code: orNull(Type.String({ description: 'Why the last try was not taken.' })),
    last_at: orNull(InstantSchema),
    created_at: InstantSchema,
    ended_at: orNull(InstantSchema),
  },
  {
    title: 'WebhookDelivery',
    additionalProperties: false,
    description: 'One event on its way to one endpoint. Its times are the wall clock.',
    examples: [
      {
        id: exampleId('whd'),
        endpoint_id: exampleId('whe'),
        event_id: exampleId('evt'),
        customer_id: exampleId('cus'),
        round: 1,
        state: 'failed',
        attempt_count: 2,
        due_at: '2026-03-12T02:05:05.000Z',
        last_status: 503,
        last_code: 'http_503',
        last_at: '2026-03-12T02:00:05.000Z',
        created_at: '2026-03-12T02:00:00.000Z',
        ended_at: null,
      },
    ],
  },
);

export const WebhookDeliveryListSchema = listSchema('WebhookDeliveryList', WebhookDeliverySchema);

/** What `GET /v1/webhook-deliveries` may be asked. */
export const WebhookDeliveryQuerySchema = Type.Object(
  {
    ...PAGE_PARAMETERS,
    endpoint_id: Type.Optional(idSchema('whe')),
    event_id: Type.Optional(idSchema('evt')),
    customer_id: Type.Optional(idSchema('cus')),
    state: Type.Optional(choiceOf<WebhookDelivery['state']>(STATES)),
  },
  { additionalProperties: false },
);

export type WebhookDeliveryWire = Type.Static<typeof WebhookDeliverySchema>;

export function toWebhookDeliveryWire(delivery: WebhookDelivery): WebhookDeliveryWire {
  const { lastAt, endedAt } = delivery;
  return {
    id: delivery.id,
    endpoint_id: delivery.endpointId,
    event_id: delivery.eventId,
    customer_id: delivery.customerId,
    round: delivery.round,
    state: delivery.state,
    attempt_count: delivery.attemptCount,
    due_at: endedAt === undefined ? toInstantWire(delivery.dueAt) : null,
    last_status: delivery.lastStatus ?? null,
    last_code: delivery.lastCode ?? null,
    last_at: lastAt === undefined ? null : toInstantWire(lastAt),
    created_at: toInstantWire(delivery.createdAt),
    ended_at: endedAt === undefined ? null : toInstantWire(endedAt),
  };
}
