import type { TSchema } from 'typebox';
import { ARREARS_ROUTES } from './arrears-routes.ts';
import { BILLING_ROUTES } from './billing-routes.ts';
import { CAUSE_ROUTES } from './cause-routes.ts';
import { CHECKUP_ROUTES } from './checkup-routes.ts';
import { AttemptSchema } from './debit/attempt.ts';
import { DUNNING_ROUTES } from './dunning-routes.ts';
import { LATE_FEE_ROUTES } from './late-fee-routes.ts';
import { MANDATE_ROUTES } from './mandate-routes.ts';
import { NoticeSchema } from './notice/notice.ts';
import { NOTICE_ROUTES } from './notice-routes.ts';
import {
  type Json,
  type JsonObject,
  jsonContent,
  KEYED_ERRORS,
  problemAnswers,
  schemasIn,
  toOperation,
  withReferences,
} from './openapi-parts.ts';
import { ORGANISATION_ROUTES } from './organisation-routes.ts';
import { PAYMENT_ROUTES } from './payment-routes.ts';
import { POLICY_ROUTES } from './policy-routes.ts';
import { RECONCILIATION_ROUTES } from './reconciliation-routes.ts';
import { REFUND_ROUTES } from './refund-routes.ts';
import { RESOURCE_ROUTES } from './resource-routes.ts';
import { ERROR_CODES, ERRORS, type ErrorCode } from './result/errors.ts';
import { exampleOf } from './result/example.ts';
import { ProblemSchema } from './result/problem.ts';
import type { Route } from './route.ts';
import { UsageEventSchema, UsageIntakeSchema } from './usage/usage.ts';
import { USAGE_ROUTES } from './usage-routes.ts';
import { WEBHOOK_ROUTES } from './webhook-routes.ts';

export type { Json, JsonObject } from './openapi-parts.ts';

/** Every operation behind a key but the intake of usage, which has a form of its own. */
const ROUTES: readonly Route[] = [
  ...RESOURCE_ROUTES,
  ...ARREARS_ROUTES,
  ...BILLING_ROUTES,
  ...CAUSE_ROUTES,
  ...DUNNING_ROUTES,
  ...LATE_FEE_ROUTES,
  ...MANDATE_ROUTES,
  ...NOTICE_ROUTES,
  ...ORGANISATION_ROUTES,
  ...PAYMENT_ROUTES,
  ...CHECKUP_ROUTES,
  ...POLICY_ROUTES,
  ...RECONCILIATION_ROUTES,
  ...REFUND_ROUTES,
  ...USAGE_ROUTES,
  ...WEBHOOK_ROUTES,
];

/** The schemas that the document names; everywhere else they appear as references. */
export const COMPONENT_SCHEMAS: Readonly<Record<string, TSchema>> = Object.fromEntries(
  [
    ...schemasIn([
      AttemptSchema,
      NoticeSchema,
      ProblemSchema,
      UsageEventSchema,
      UsageIntakeSchema,
      ...ROUTES.map(({ body, answer }) => [body, answer]),
    ]),
  ].sort(([left], [right]) => (left < right ? -1 : 1)),
);

const INTAKE_PATH: JsonObject = {
  '/v1/usage/events': {
    post: {
      operationId: 'sendUsageEvents',
      tags: ['Usage'],
      summary: 'Takes usage events in: one, an array, or a stream with one on each line.',
      description:
        'Answered when everything accepted is on disk. Good events are kept, bad ones are listed ' +
        'by index; the same source and id are the same event, so sending again is safe.',
      requestBody: { required: true, content: intakeContent() },
      responses: {
        '202': { description: 'What became of them.', content: jsonContent(UsageIntakeSchema) },
        '422': { description: 'Nothing was taken.', content: jsonContent(UsageIntakeSchema) },
        ...problemAnswers([
          'body_not_json',
          'payload_too_large',
          'media_type_not_known',
          ...KEYED_ERRORS,
        ]),
      },
    },
  },
};

function intakeContent(): JsonObject {
  const schema = withReferences(UsageEventSchema, false);
  const example = exampleOf(UsageEventSchema) as Json;
  const events = { schema: { type: 'array', items: schema }, example: [example] };
  return {
    'application/json': { schema: { oneOf: [schema, events.schema] }, example },
    'application/cloudevents+json': { schema, example },
    'application/cloudevents-batch+json': events,
    'application/x-ndjson': {
      schema: { type: 'string' },
      example: `${JSON.stringify(example)}\n`,
    },
  };
}

function textParameter(name: string, description: string): JsonObject {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

const MERCHANT_PARAMETER = textParameter('merchant', "The merchant's code.");

const RAW_BODY: JsonObject = {
  required: true,
  description: 'The message exactly as it was sent.',
  content: { '*/*': { schema: {} } },
};

const CALLBACK_ERRORS: readonly ErrorCode[] = [
  'path_not_known',
  'payload_too_large',
  'internal_error',
  'not_ready',
];

const CHANNEL_PARAMETER = textParameter('channel', 'mail or official_account.');

const CALLBACK_PATHS: JsonObject = {
  '/callbacks/{rail}/{merchant}': {
    post: {
      operationId: 'receiveCallback',
      tags: ['Callbacks'],
      summary: "Takes a rail's message about a mandate or an attempt.",
      description:
        "For rails only. The body is read as raw bytes and verified with the rail's signature " +
        'before anything of it is parsed. The same message again changes nothing and gets the ' +
        'same answer. Answers have the form that the rail wants.',
      security: [],
      parameters: [textParameter('rail', 'The name of the payment rail.'), MERCHANT_PARAMETER],
      requestBody: RAW_BODY,
      responses: {
        '200': { description: "Taken; the rail's own form of yes.", content: { '*/*': {} } },
        '400': {
          description: 'Forged, stale or malformed: nothing changed.',
          content: { '*/*': {} },
        },
        ...problemAnswers(CALLBACK_ERRORS),
      },
    },
  },
  '/callbacks/notices/{channel}/{merchant}': {
    get: {
      operationId: 'answerNoticeCheck',
      tags: ['Callbacks'],
      summary: "Answers a provider's question whether this address is the merchant's.",
      description:
        'For the provider of an official account only, when its address is set. The question is ' +
        'signed with the token of the configuration; the answer is its own `echostr`.',
      security: [],
      parameters: [CHANNEL_PARAMETER, MERCHANT_PARAMETER],
      responses: {
        '200': {
          description: 'The text of the question.',
          content: { 'text/plain': { schema: { type: 'string' } } },
        },
        ...problemAnswers(['api_key_not_valid', ...CALLBACK_ERRORS]),
      },
    },
    post: {
      operationId: 'receiveNoticeReport',
      tags: ['Callbacks'],
      summary: 'Takes a message about the delivery of notices.',
      description:
        'For providers of messages only. The body is read as raw bytes and verified as the ' +
        'provider signs it, or by the bearer token of the configuration.',
      security: [],
      parameters: [CHANNEL_PARAMETER, MERCHANT_PARAMETER],
      requestBody: RAW_BODY,
      responses: {
        '200': {
          description: 'Taken; the word that the provider wants to read, if any.',
          content: { 'text/plain': { schema: { type: 'string' } } },
        },
        ...problemAnswers(['api_key_not_valid', ...CALLBACK_ERRORS]),
      },
    },
  },
};

function statusAnswer(status: string): JsonObject {
  return {
    description: 'Yes.',
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['status'],
          properties: { status: { type: 'string', const: status } },
        },
        example: { status },
      },
    },
  };
}

/** What `GET /` names, for somebody who opened the address to see what is there. */
const INDEX = {
  name: 'Daikou 代扣',
  openapi: '/openapi.json',
  api: '/v1/',
  health: '/healthz',
  readiness: '/readyz',
  metrics: '/metrics',
  authorization: 'Bearer <api key>',
};

const OPERATIONS_PATHS: JsonObject = {
  '/': {
    get: {
      operationId: 'getIndex',
      tags: ['Operations'],
      summary: 'Where everything is.',
      security: [],
      responses: {
        '200': {
          description: 'Paths of this server.',
          content: {
            'application/json': {
              schema: { type: 'object', additionalProperties: { type: 'string' } },
              example: INDEX,
            },
          },
        },
        ...problemAnswers(['internal_error']),
      },
    },
  },
  '/openapi.json': {
    get: {
      operationId: 'getOpenApi',
      tags: ['Operations'],
      summary: 'This document, with the address of this installation.',
      security: [],
      responses: {
        '200': {
          description: 'OpenAPI 3.1.',
          content: { 'application/json': { schema: { type: 'object' } } },
        },
        ...problemAnswers(['internal_error']),
      },
    },
  },
  '/healthz': {
    get: {
      operationId: 'getHealth',
      tags: ['Operations'],
      summary: 'Whether the process lives. Asks nothing else.',
      security: [],
      responses: { '200': statusAnswer('ok'), ...problemAnswers(['internal_error']) },
    },
  },
  '/readyz': {
    get: {
      operationId: 'getReadiness',
      tags: ['Operations'],
      summary: 'Whether requests may be sent here: the database answers and its schema fits.',
      security: [],
      responses: { '200': statusAnswer('ready'), ...problemAnswers(['not_ready']) },
    },
  },
  '/metrics': {
    get: {
      operationId: 'getMetrics',
      tags: ['Operations'],
      summary: 'Counters and gauges in the text format of Prometheus.',
      security: [],
      responses: {
        '200': {
          description: 'The metrics. They hold no personal data.',
          content: { 'text/plain': { schema: { type: 'string' } } },
        },
        ...problemAnswers(['internal_error']),
      },
    },
  },
};

/** The paths in order of the rows; operations of one path stand together. */
function pathsOf(routes: readonly Route[]): JsonObject {
  const paths: Record<string, Record<string, Json>> = {};
  for (const route of routes) {
    paths[route.path] ??= {};
    Object.assign(paths[route.path] ?? {}, { [route.method]: toOperation(route) });
  }
  return paths;
}

/** The catalogue of errors, for the reference that is made from the document. */
function errorCatalogue(): readonly Json[] {
  return ERROR_CODES.map((code) => {
    const { status, retryable, title, next } = ERRORS[code];
    return { code, status, retryable, title, next_action: next };
  });
}

/**
 * The OpenAPI 3.1 document of the API, as plain JSON. `version` is the version of the platform;
 * `serverUrl` is where it runs, for the installation's own copy of the document.
 */
export function buildOpenApi(facts: {
  readonly version: string;
  readonly serverUrl?: string;
}): JsonObject {
  const tags = new Set([...ROUTES.map(({ tag }) => tag), 'Callbacks', 'Operations']);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Daikou 代扣',
      version: facts.version,
      description:
        'Customers, what they have, use and owe. Amounts are whole numbers of the smallest unit; ' +
        'decimals are texts; dates are YYYY-MM-DD in the zone of the merchant; moments are UTC. ' +
        'Fields of answers are always present: null says that there is no value. Errors are ' +
        'application/problem+json; any path can answer path_not_known and method_not_allowed. ' +
        'With status 422 the code is that of the rule that refused and param its field.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: facts.serverUrl ?? '/' }],
    security: [{ apiKey: [] }],
    tags: [...tags].map((name) => ({ name })),
    paths: { ...pathsOf(ROUTES), ...INTAKE_PATH, ...CALLBACK_PATHS, ...OPERATIONS_PATHS },
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key of the merchant. Every answer holds rows of that merchant only.',
        },
      },
      schemas: Object.fromEntries(
        Object.entries(COMPONENT_SCHEMAS).map(([name, schema]) => [
          name,
          withReferences(schema, true),
        ]),
      ),
    },
    'x-daikou-errors': errorCatalogue(),
  };
}
