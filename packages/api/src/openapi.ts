import type { TSchema } from 'typebox';
import { IntervalSchema, PeriodSchema } from './calendar/dates.ts';
import { CustomerListSchema, CustomerQuerySchema, CustomerSchema } from './customer/customer.ts';
import { AttemptSchema } from './debit/attempt.ts';
import { DebitListSchema, DebitQuerySchema, DebitSchema } from './debit/debit.ts';
import { idSchema } from './ids/id.ts';
import {
  InvoiceLineSchema,
  InvoiceListSchema,
  InvoiceQuerySchema,
  InvoiceSchema,
} from './invoice/invoice.ts';
import { MandateListSchema, MandateQuerySchema, MandateSchema } from './mandate/mandate.ts';
import { AmountSchema } from './money/amount.ts';
import { NoticeSchema } from './notice/notice.ts';
import { ERROR_CODES, ERRORS, type ErrorCode } from './result/errors.ts';
import { PROBLEM_MEDIA_TYPE, ProblemSchema, toProblem } from './result/problem.ts';
import {
  SubscriptionItemSchema,
  SubscriptionListSchema,
  SubscriptionQuerySchema,
  SubscriptionSchema,
} from './subscription/subscription.ts';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** The schemas that the document names; everywhere else they appear as references. */
export const COMPONENT_SCHEMAS: Readonly<Record<string, TSchema>> = {
  Amount: AmountSchema,
  Attempt: AttemptSchema,
  Customer: CustomerSchema,
  CustomerList: CustomerListSchema,
  Debit: DebitSchema,
  DebitList: DebitListSchema,
  Interval: IntervalSchema,
  Invoice: InvoiceSchema,
  InvoiceLine: InvoiceLineSchema,
  InvoiceList: InvoiceListSchema,
  Mandate: MandateSchema,
  MandateList: MandateListSchema,
  Notice: NoticeSchema,
  Period: PeriodSchema,
  Problem: ProblemSchema,
  Subscription: SubscriptionSchema,
  SubscriptionItem: SubscriptionItemSchema,
  SubscriptionList: SubscriptionListSchema,
};

/** A kind of object that can be listed and read. */
type Resource = {
  readonly path: string;
  readonly singular: string;
  readonly plural: string;
  readonly idPrefix: 'cus' | 'sub' | 'man' | 'inv' | 'dbt';
  readonly query: QuerySchema;
};

type QuerySchema = TSchema & { readonly properties: Readonly<Record<string, TSchema>> };

const RESOURCES: readonly Resource[] = [
  {
    path: '/v1/customers',
    singular: 'Customer',
    plural: 'Customers',
    idPrefix: 'cus',
    query: CustomerQuerySchema,
  },
  {
    path: '/v1/subscriptions',
    singular: 'Subscription',
    plural: 'Subscriptions',
    idPrefix: 'sub',
    query: SubscriptionQuerySchema,
  },
  {
    path: '/v1/mandates',
    singular: 'Mandate',
    plural: 'Mandates',
    idPrefix: 'man',
    query: MandateQuerySchema,
  },
  {
    path: '/v1/invoices',
    singular: 'Invoice',
    plural: 'Invoices',
    idPrefix: 'inv',
    query: InvoiceQuerySchema,
  },
  {
    path: '/v1/debits',
    singular: 'Debit',
    plural: 'Debits',
    idPrefix: 'dbt',
    query: DebitQuerySchema,
  },
];

/** What can go wrong on every path that wants a key. */
const KEYED_ERRORS: readonly ErrorCode[] = [
  'authentication_required',
  'api_key_not_valid',
  'too_many_requests',
  'internal_error',
  'busy_try_again',
  'not_ready',
];

/** Statuses whose answers say in `Retry-After` how long to wait. */
const WAITING_STATUSES: ReadonlySet<number> = new Set([429, 503]);

/** The schema as plain JSON, with every named schema inside it as a reference. */
function withReferences(schema: unknown, isRoot: boolean): Json {
  if (Array.isArray(schema)) return schema.map((item) => withReferences(item, false));
  if (typeof schema !== 'object' || schema === null) return schema as Json;
  const { title } = schema as { readonly title?: unknown };
  if (!isRoot && typeof title === 'string' && Object.hasOwn(COMPONENT_SCHEMAS, title)) {
    return reference(title);
  }
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, withReferences(value, false)]),
  );
}

function reference(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

function jsonAnswer(description: string, name: string): JsonObject {
  return { description, content: { 'application/json': { schema: reference(name) } } };
}

/** The error answers for `codes`, one per status, each code as an example. */
function problemAnswers(codes: readonly ErrorCode[]): JsonObject {
  const answers: Record<string, JsonObject> = {};
  for (const status of [...new Set(codes.map((code) => ERRORS[code].status))].sort()) {
    const ofStatus = codes.filter((code) => ERRORS[code].status === status);
    answers[String(status)] = {
      description: ofStatus.map((code) => `\`${code}\`: ${ERRORS[code].title.en}`).join('\n'),
      ...(WAITING_STATUSES.has(status) && {
        headers: {
          'Retry-After': { description: 'Seconds to wait.', schema: { type: 'integer' } },
        },
      }),
      content: {
        [PROBLEM_MEDIA_TYPE]: {
          schema: reference('Problem'),
          examples: Object.fromEntries(
            ofStatus.map((code) => [code, { value: toProblem(code, { requestId: 'req-1' }) }]),
          ),
        },
      },
    };
  }
  return answers;
}

function queryParameters(query: QuerySchema): readonly Json[] {
  return Object.entries(query.properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: withReferences(schema, true),
  }));
}

function resourcePaths(resource: Resource): JsonObject {
  const { path, singular, plural, idPrefix, query } = resource;
  return {
    [path]: {
      get: {
        operationId: `list${plural}`,
        tags: [plural],
        summary: `Lists ${plural.toLowerCase()}, oldest first.`,
        parameters: queryParameters(query),
        responses: {
          '200': jsonAnswer('A page.', `${singular}List`),
          ...problemAnswers([
            'parameter_not_valid',
            'parameter_not_known',
            'cursor_not_valid',
            ...KEYED_ERRORS,
          ]),
        },
      },
    },
    [`${path}/{id}`]: {
      get: {
        operationId: `get${singular}`,
        tags: [plural],
        summary: `Reads one ${singular.toLowerCase()}.`,
        parameters: [
          {
            name: 'id',
            in: 'path',
            required: true,
            schema: withReferences(idSchema(idPrefix), true),
          },
        ],
        responses: {
          '200': jsonAnswer(`The ${singular.toLowerCase()}.`, singular),
          ...problemAnswers(['id_not_valid', 'not_found', ...KEYED_ERRORS]),
        },
      },
    },
  };
}

function textParameter(name: string, description: string): JsonObject {
  return { name, in: 'path', required: true, description, schema: { type: 'string' } };
}

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
      parameters: [
        textParameter('rail', 'The name of the payment rail.'),
        textParameter('merchant', "The merchant's code."),
      ],
      requestBody: {
        required: true,
        description: 'The message exactly as the rail sent it.',
        content: { '*/*': { schema: {} } },
      },
      responses: {
        '200': { description: "Taken; the rail's own form of yes.", content: { '*/*': {} } },
        '400': {
          description: 'Forged, stale or malformed: nothing changed.',
          content: { '*/*': {} },
        },
        ...problemAnswers(['path_not_known', 'payload_too_large', 'internal_error', 'not_ready']),
      },
    },
  },
};

const HEALTH_ANSWER: JsonObject = {
  description: 'Yes.',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['status'],
        properties: { status: { type: 'string', const: 'ok' } },
      },
      examples: { yes: { value: { status: 'ok' } } },
    },
  },
};

const OPERATIONS_PATHS: JsonObject = {
  '/healthz': {
    get: {
      operationId: 'getHealth',
      tags: ['Operations'],
      summary: 'Whether the process lives. Asks nothing else.',
      security: [],
      responses: { '200': HEALTH_ANSWER, ...problemAnswers(['internal_error']) },
    },
  },
  '/readyz': {
    get: {
      operationId: 'getReadiness',
      tags: ['Operations'],
      summary: 'Whether requests may be sent here: the database answers and its schema fits.',
      security: [],
      responses: { '200': HEALTH_ANSWER, ...problemAnswers(['not_ready']) },
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
  const schemas = Object.fromEntries(
    Object.entries(COMPONENT_SCHEMAS).map(([name, schema]) => [name, withReferences(schema, true)]),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Daikou 代扣',
      version: facts.version,
      description:
        'Reads what Daikou knows of customers and of what they owe. Amounts are whole numbers of ' +
        'the smallest unit; dates are YYYY-MM-DD in the zone of the merchant; moments are UTC. ' +
        'Fields are always present: null says that there is no value. Errors are ' +
        'application/problem+json; any path can answer path_not_known and method_not_allowed.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: facts.serverUrl ?? '/' }],
    security: [{ apiKey: [] }],
    tags: [...RESOURCES.map(({ plural }) => plural), 'Callbacks', 'Operations'].map((name) => ({
      name,
    })),
    paths: {
      ...Object.assign({}, ...RESOURCES.map(resourcePaths)),
      ...CALLBACK_PATHS,
      ...OPERATIONS_PATHS,
    },
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key of the merchant. Every answer holds rows of that merchant only.',
        },
      },
      schemas,
    },
    'x-daikou-errors': errorCatalogue(),
  };
}
