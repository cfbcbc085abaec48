import type { WebhookEndpoint } from '@daikou/core';
import { Type } from 'typebox';
import { InstantSchema, toInstantWire } from '../calendar/dates.ts';
import { exampleId, idSchema } from '../ids/id.ts';
import { choiceOf, orNull } from '../result/choice.ts';
import { exampleOf } from '../result/example.ts';

const STATES = {
  enabled: 'Events are sent to it.',
  failing: 'Nothing was taken lately; it is tried with one message at a time.',
  disabled: 'Nothing is sent; what waited was given up.',
  removed: 'Gone for good, with its secrets.',
} as const satisfies Record<WebhookEndpoint['state'], string>;

const REASONS = {
  by_person: 'A person disabled or removed it.',
  failing: 'It took nothing for three days.',
  gone: 'It answered 410 Gone.',
} as const satisfies Record<NonNullable<WebhookEndpoint['disabledReason']>, string>;

const TypesSchema = Type.Array(Type.String({ minLength: 1, maxLength: 100 }), {
  minItems: 1,
  maxItems: 100,
  description: 'Types, families such as `invoice.*`, or `*` for all.',
});

/** Where a merchant is told of events, on the wire. */
export const WebhookEndpointSchema = Type.Object(
  {
    id: idSchema('whe'),
    url: Type.String(),
    description: Type.String(),
    types: TypesSchema,
    state: choiceOf<WebhookEndpoint['state']>(STATES),
    former_secret_until: orNull(InstantSchema),
    failing_since: orNull(InstantSchema),
    disabled_reason: orNull(choiceOf<NonNullable<WebhookEndpoint['disabledReason']>>(REASONS)),
    disabled_by: orNull(Type.String()),
    disabled_at: orNull(InstantSchema),
    created_by: Type.String(),
    created_at: InstantSchema,
  },
  {
    title: 'WebhookEndpoint',
    additionalProperties: false,
    description: 'Where events are sent. Its times are the wall clock. The secret is never shown.',
    examples: [
      {
        id: exampleId('whe'),
        url: 'https://hooks.example.test/daikou',
        description: 'The warehouse',
        types: ['invoice.*', 'debit.succeeded'],
        state: 'enabled',
        former_secret_until: null,
        failing_since: null,
        disabled_reason: null,
        disabled_by: null,
        disabled_at: null,
        created_by: 'Anna',
        created_at: '2026-03-12T02:00:00.000Z',
      },
    ],
  },
);

/** An endpoint with the secret that signs from now on, shown this once. */
export const WebhookSecretSchema = Type.Object(
  {
    endpoint: WebhookEndpointSchema,
    secret: Type.String({ description: 'Keep it: it is not shown again (whsec_ and Base64).' }),
  },
  {
    title: 'WebhookSecret',
    additionalProperties: false,
    examples: [{ endpoint: exampleOf(WebhookEndpointSchema), secret: 'whsec_…' }],
  },
);

/** What `POST /v1/webhook-endpoints` takes. */
export const NewWebhookEndpointSchema = Type.Object(
  {
    url: Type.String({ minLength: 1, maxLength: 2_048, description: 'https, on a public server.' }),
    types: Type.Optional(TypesSchema),
    description: Type.Optional(Type.String({ maxLength: 200 })),
    by: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  },
  {
    title: 'NewWebhookEndpoint',
    additionalProperties: false,
    examples: [{ url: 'https://hooks.example.test/daikou', types: ['invoice.*'] }],
  },
);

/** What disabling and removing take. */
export const EndWebhookEndpointSchema = Type.Object(
  { by: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })) },
  { title: 'EndWebhookEndpoint', additionalProperties: false, examples: [{ by: 'Anna' }] },
);

/** What `POST /v1/webhook-endpoints/{id}/rotate` takes. */
export const RotateWebhookSecretSchema = Type.Object(
  {
    overlap_hours: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 168,
        default: 24,
        description: 'How long the former secret signs beside the new one; 0 when it got out.',
      }),
    ),
  },
  { title: 'RotateWebhookSecret', additionalProperties: false, examples: [{ overlap_hours: 24 }] },
);

/** What became of a message that was sent to try an endpoint. */
export const WebhookTestedSchema = Type.Object(
  {
    id: idSchema('evt'),
    delivered: Type.Boolean(),
    http_status: orNull(Type.Integer({ description: 'What the receiver answered.' })),
    code: orNull(Type.String({ description: 'Why it was not taken.' })),
  },
  {
    title: 'WebhookTested',
    additionalProperties: false,
    examples: [{ id: exampleId('evt'), delivered: true, http_status: 204, code: null }],
  },
);

/** What `POST /v1/webhook-endpoints/{id}/replay` takes: a time, or events. */
export const ReplayWebhookSchema = Type.Object(
  {
    since: Type.Optional({ ...InstantSchema, description: 'Events of this moment and after.' }),
    until: Type.Optional({ ...InstantSchema, description: 'And before this one.' }),
    failed_only: Type.Optional(
      Type.Boolean({ description: 'Only those whose newest delivery was given up.' }),
    ),
    event_ids: Type.Optional(Type.Array(idSchema('evt'), { minItems: 1, maxItems: 100 })),
  },
  {
    title: 'ReplayWebhook',
    additionalProperties: false,
    examples: [{ since: '2026-03-12T02:00:00.000Z', failed_only: true }],
  },
);

export const WebhookReplayedSchema = Type.Object(
  { events: Type.Integer({ minimum: 0, description: 'How many events are sent again.' }) },
  { title: 'WebhookReplayed', additionalProperties: false, examples: [{ events: 214 }] },
);

export type WebhookEndpointWire = Type.Static<typeof WebhookEndpointSchema>;
export type NewWebhookEndpointBody = Type.Static<typeof NewWebhookEndpointSchema>;
export type EndWebhookEndpointBody = Type.Static<typeof EndWebhookEndpointSchema>;
export type RotateWebhookSecretBody = Type.Static<typeof RotateWebhookSecretSchema>;
export type ReplayWebhookBody = Type.Static<typeof ReplayWebhookSchema>;

export function toWebhookEndpointWire(endpoint: WebhookEndpoint): WebhookEndpointWire {
  const { formerUntil, failingSince, disabledReason, disabledBy, disabledAt } = endpoint;
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    types: [...endpoint.types],
    state: endpoint.state,
    former_secret_until: formerUntil === undefined ? null : toInstantWire(formerUntil),
    failing_since: failingSince === undefined ? null : toInstantWire(failingSince),
    disabled_reason: disabledReason ?? null,
    disabled_by: disabledBy ?? null,
    disabled_at: disabledAt === undefined ? null : toInstantWire(disabledAt),
    created_by: endpoint.createdBy,
    created_at: toInstantWire(endpoint.createdAt),
  };
}
