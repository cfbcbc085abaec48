import { invariant } from '@daikou/core';
import { type TSchema, Type } from 'typebox';
import { idSchema } from './ids/id.ts';
import { ERRORS, type ErrorCode } from './result/errors.ts';
import { exampleOf } from './result/example.ts';
import { PROBLEM_MEDIA_TYPE, toProblem } from './result/problem.ts';
import type { QuerySchema, Route } from './route.ts';

export type Json = string | number | boolean | null | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

/** Statuses whose answers say in `Retry-After` how long to wait. */
const WAITING_STATUSES: ReadonlySet<number> = new Set([409, 429, 503]);

/** What can go wrong on every path that wants a key. */
export const KEYED_ERRORS: readonly ErrorCode[] = [
  'authentication_required',
  'api_key_not_valid',
  'too_many_requests',
  'internal_error',
  'busy_try_again',
  'not_ready',
];

/** What can go wrong where a request changes something, and may have an idempotency key. */
const WRITING_ERRORS: readonly ErrorCode[] = [
  'request_refused',
  'idempotency_key_not_valid',
  'idempotency_in_flight',
  'idempotency_outcome_unknown',
  'idempotency_answer_not_kept',
  'idempotency_key_reused',
];

const IDEMPOTENCY_KEY: JsonObject = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'A text of your own for this one request, best a random UUID. Sent again with the same key ' +
    'within 30 days, the request is not handled again: it gets the first answer.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[ -~]+$' },
};

const REPLAYED: JsonObject = {
  'Idempotency-Replayed': {
    description: '`true` where this is the first answer again.',
    schema: { type: 'string', const: 'true' },
  },
};

/** All schemas with a title inside these, by their titles; two of one title say the same. */
export function schemasIn(roots: readonly unknown[]): ReadonlyMap<string, TSchema> {
  const found = new Map<string, TSchema>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const { title } = value as { readonly title?: unknown };
    if (typeof title === 'string') {
      const known = found.get(title);
      const isSame = known === undefined || JSON.stringify(known) === JSON.stringify(value);
      invariant(isSame, `one schema has the title ${title}`);
      if (known !== undefined) return;
      found.set(title, value as TSchema);
    }
    for (const [key, inside] of Object.entries(value)) if (key !== 'examples') visit(inside);
  };
  for (const root of roots) visit(root);
  return found;
}

/** The schema as plain JSON, with every schema inside it that has a title as a reference. */
export function withReferences(schema: unknown, isRoot: boolean): Json {
  if (Array.isArray(schema)) return schema.map((item) => withReferences(item, false));
  if (typeof schema !== 'object' || schema === null) return schema as Json;
  const { title } = schema as { readonly title?: unknown };
  if (!isRoot && typeof title === 'string') return reference(title);
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [
      key,
      key === 'examples' ? (value as Json) : withReferences(value, false),
    ]),
  );
}

/** A media type that holds a schema with a title, and an example of it. */
export function jsonContent(schema: TSchema): JsonObject {
  return {
    'application/json': {
      schema: withReferences(schema, false),
      example: exampleOf(schema) as Json,
    },
  };
}

function reference(name: string): JsonObject {
  return { $ref: `#/components/schemas/${name}` };
}

/** The error answers for `codes`, one per status, each code as an example. */
export function problemAnswers(codes: readonly ErrorCode[]): JsonObject {
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

/** One operation of the document, made from its row. */
export function toOperation(route: Route): JsonObject {
  const { body } = route;
  const parameters = parametersOf(route);
  return {
    operationId: route.name,
    tags: [route.tag],
    summary: route.summary,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: jsonContent(body) } }),
    responses: {
      [route.status ?? '200']: {
        ...answerOf(route),
        ...(route.method === 'get' ? {} : { headers: REPLAYED }),
      },
      ...problemAnswers(errorsOf(route)),
    },
  };
}

function parametersOf({ id, key, query, method }: Route): readonly Json[] {
  const named: readonly Json[] =
    key === undefined ? [] : [{ ...key, in: 'path', required: true, schema: { type: 'string' } }];
  const inPath: readonly Json[] =
    id === undefined
      ? named
      : [{ name: 'id', in: 'path', required: true, schema: withReferences(idSchema(id), true) }];
  return [
    ...inPath,
    ...(query === undefined ? [] : queryParameters(query)),
    ...(method === 'get' ? [] : [IDEMPOTENCY_KEY]),
  ];
}

function queryParameters(query: QuerySchema): readonly Json[] {
  return Object.entries(query.properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: query.required?.includes(name) ?? false,
    schema: withReferences(schema, true),
  }));
}

function answerOf({ answer, csv, lines }: Route): JsonObject {
  if (lines !== undefined) {
    const media = { schema: { type: 'string' }, example: lines.example };
    return { description: lines.about, content: { 'application/x-ndjson': media } };
  }
  const table = { 'text/csv': { schema: { type: 'string' } } };
  if (answer === undefined) {
    return { description: 'A table for spreadsheets.', content: csv === true ? table : {} };
  }
  return {
    description: descriptionOf(answer),
    content: { ...contentOf(answer), ...(csv === true ? table : {}) },
  };
}

type Answer = NonNullable<Route['answer']>;

function isList(answer: Answer): answer is { readonly list: TSchema } {
  return 'list' in answer;
}

function descriptionOf(answer: Answer): string {
  if (isList(answer)) return 'All of them.';
  const { description } = answer as { readonly description?: string };
  return description ?? 'A page.';
}

function contentOf(answer: Answer): JsonObject {
  if (!isList(answer)) return jsonContent(answer);
  const all = Type.Object({ data: Type.Array(answer.list) }, { additionalProperties: false });
  return {
    'application/json': {
      schema: withReferences(all, true),
      example: { data: [exampleOf(answer.list) as Json] },
    },
  };
}

/** What can go wrong follows from the parts of a route; the catalogue has an order of its own. */
function errorsOf({ id, query, body, method, errors = [] }: Route): readonly ErrorCode[] {
  const codes = new Set<ErrorCode>(errors);
  if (id !== undefined) for (const code of ['id_not_valid', 'not_found'] as const) codes.add(code);
  if (query !== undefined || body !== undefined) {
    for (const code of ['parameter_not_valid', 'parameter_not_known'] as const) codes.add(code);
  }
  if (body !== undefined) {
    for (const code of ['payload_too_large', 'media_type_not_known'] as const) codes.add(code);
  }
  if (method !== 'get') for (const code of WRITING_ERRORS) codes.add(code);
  return [...codes, ...KEYED_ERRORS];
}
