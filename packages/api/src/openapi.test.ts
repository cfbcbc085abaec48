import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { CURRENCY_EXPONENTS, parseContractCode, parseOrderNumber } from '@daikou/core';
import { Value } from 'typebox/value';
import { AttemptSchema } from './debit/attempt.ts';
import { MandateSchema } from './mandate/mandate.ts';
import { buildOpenApi, COMPONENT_SCHEMAS, type Json, type JsonObject } from './openapi.ts';
import { ERROR_CODES } from './result/errors.ts';
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from './result/list.ts';
import { PROBLEM_MEDIA_TYPE, ProblemSchema } from './result/problem.ts';

const GOLDEN = new URL('../golden/openapi.json', import.meta.url);

const apiDocument = buildOpenApi({ version: '0.1.0' });

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value at a path of the document, and a failed test when there is none. */
function at(...path: readonly string[]): Json {
  let value: Json = apiDocument;
  for (const key of path) {
    assert.ok(isObject(value) && value[key] !== undefined, `${path.join(' → ')} is missing`);
    value = value[key];
  }
  return value;
}

function objectAt(...path: readonly string[]): JsonObject {
  const value = at(...path);
  assert.ok(isObject(value), `${path.join(' → ')} is an object`);
  return value;
}

/** Every object in the document, whole tree. */
function* objectsIn(value: Json): Generator<JsonObject> {
  if (Array.isArray(value)) for (const item of value) yield* objectsIn(item);
  else if (isObject(value)) {
    yield value;
    for (const item of Object.values(value)) yield* objectsIn(item);
  }
}

type Operation = { readonly path: string; readonly method: string; readonly facts: JsonObject };

const METHODS = ['get', 'put', 'post', 'delete', 'patch'];
const operations: readonly Operation[] = Object.entries(objectAt('paths')).flatMap(
  ([path, item]) => {
    assert.ok(isObject(item));
    return Object.entries(item).map(([method, facts]) => {
      assert.ok(METHODS.includes(method), `${method} of ${path}`);
      assert.ok(isObject(facts));
      return { path, method, facts };
    });
  },
);

function parametersOf({ facts }: Operation): readonly JsonObject[] {
  const { parameters } = facts;
  return Array.isArray(parameters) ? parameters.filter(isObject) : [];
}

function problemsOf({ facts }: Operation): readonly JsonObject[] {
  assert.ok(isObject(facts.responses));
  return Object.values(facts.responses).flatMap((response) => {
    const content = isObject(response) ? response.content : undefined;
    const problem = isObject(content) ? content[PROBLEM_MEDIA_TYPE] : undefined;
    return isObject(problem) ? [problem] : [];
  });
}

describe('the OpenAPI document', () => {
  test('is version 3.1 and survives JSON unchanged', () => {
    assert.match(String(at('openapi')), /^3\.1\./);
    assert.deepEqual(JSON.parse(JSON.stringify(apiDocument)), apiDocument);
  });

  test('has the paths that we promise', () => {
    const resources = ['customers', 'subscriptions', 'mandates', 'invoices', 'debits'];
    const paths = Object.keys(objectAt('paths'));
    for (const name of resources) {
      assert.ok(paths.includes(`/v1/${name}`) && paths.includes(`/v1/${name}/{id}`), name);
    }
    assert.deepEqual(
      paths.filter((path) => !path.startsWith('/v1/')),
      [
        '/callbacks/{rail}/{merchant}',
        '/callbacks/notices/{channel}/{merchant}',
        '/',
        '/openapi.json',
        '/healthz',
        '/readyz',
        '/metrics',
      ],
    );
  });

  test('refers only to what it holds, and holds nothing that is not used', () => {
    const used = new Set<string>();
    for (const { $ref } of objectsIn(apiDocument)) {
      if ($ref === undefined) continue;
      const name = String($ref).replace('#/components/schemas/', '');
      objectAt('components', 'schemas', name);
      used.add(name);
    }
    assert.deepEqual([...used].sort(), Object.keys(objectAt('components', 'schemas')).sort());
  });

  test('names each schema by its title, so that no copy of it hides in another', () => {
    for (const [name, schema] of Object.entries(COMPONENT_SCHEMAS)) {
      assert.equal((schema as { readonly title?: string }).title, name);
    }
  });

  test('shows examples that fit their own schema', () => {
    for (const [name, schema] of Object.entries(COMPONENT_SCHEMAS)) {
      const { examples = [] } = schema as { readonly examples?: readonly unknown[] };
      for (const example of examples) {
        assert.deepEqual([...Value.Errors(schema, example)], [], name);
      }
    }
    const withExample = Object.values(COMPONENT_SCHEMAS).filter((schema) => 'examples' in schema);
    assert.ok(withExample.length >= 10);
  });

  test('shows rail numbers that we could have written', () => {
    const [attempt] = (AttemptSchema as { examples?: { order_number: string }[] }).examples ?? [];
    const [mandate] = (MandateSchema as { examples?: { contract_code: string }[] }).examples ?? [];
    assert.ok(parseOrderNumber(attempt?.order_number ?? ''));
    assert.ok(parseContractCode(mandate?.contract_code ?? ''));
  });

  test('knows every currency of the platform', () => {
    assert.deepEqual(
      at('components', 'schemas', 'Amount', 'properties', 'currency', 'enum'),
      Object.keys(CURRENCY_EXPONENTS),
    );
  });

  test('lists the whole catalogue of errors', () => {
    const catalogue = at('x-daikou-errors');
    assert.ok(Array.isArray(catalogue));
    assert.deepEqual(
      catalogue.map((entry) => isObject(entry) && entry.code),
      ERROR_CODES,
    );
    const codes = String(
      at('components', 'schemas', 'Problem', 'properties', 'code', 'description'),
    );
    assert.ok(codes.includes(ERROR_CODES.join(', ')));
  });
});

describe('every operation', () => {
  test('has an id of its own, a tag, a summary and an answer for success', () => {
    const ids = operations.map(({ facts }) => facts.operationId);
    assert.equal(new Set(ids).size, operations.length);
    for (const { path, facts } of operations) {
      assert.match(String(facts.summary), /\.$/, path);
      assert.ok(Array.isArray(facts.tags) && facts.tags.length === 1, path);
      const statuses = isObject(facts.responses) ? Object.keys(facts.responses) : [];
      assert.equal(statuses.filter((status) => status.startsWith('2')).length, 1, path);
    }
  });

  test('says how it fails, with problems that fit their schema under their own status', () => {
    for (const operation of operations) {
      const problems = problemsOf(operation);
      assert.ok(problems.length > 0, operation.path);
      for (const { schema, examples } of problems) {
        assert.deepEqual(schema, { $ref: '#/components/schemas/Problem' });
        for (const [code, example] of Object.entries(isObject(examples) ? examples : {})) {
          const value = isObject(example) ? example.value : undefined;
          assert.deepEqual([...Value.Errors(ProblemSchema, value)], [], code);
        }
      }
    }
  });

  test('puts each problem under the status that it has', () => {
    for (const { facts, path } of operations) {
      assert.ok(isObject(facts.responses));
      for (const [status, response] of Object.entries(facts.responses)) {
        for (const { code, status: inside } of objectsIn(response)) {
          if (code === undefined || inside === undefined) continue;
          assert.equal(String(inside), status, `${path} ${code}`);
        }
      }
    }
  });

  test('declares the parameters of its path and no others there', () => {
    for (const operation of operations) {
      const inPath = [...operation.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      const declared = parametersOf(operation).filter((parameter) => parameter.in === 'path');
      assert.deepEqual(
        declared.map(({ name }) => name),
        inPath,
      );
      assert.ok(declared.every(({ required }) => required === true));
    }
  });

  test('under /v1 shows what is sent and what is answered', () => {
    for (const { path, method, facts } of operations) {
      if (!path.startsWith('/v1/')) continue;
      const { requestBody, responses } = facts;
      assert.ok(isObject(responses));
      const answered = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      const shown = [requestBody, ...answered.map(([, answer]) => answer)].filter(isObject);
      assert.ok(shown.length > 0, path);
      for (const { content } of shown) {
        assert.ok(isObject(content) && Object.keys(content).length > 0, `${method} ${path}`);
        for (const [type, media] of Object.entries(content)) {
          assert.ok(isObject(media) && media.schema !== undefined, `${method} ${path} ${type}`);
          const isTable = type === 'text/csv';
          assert.ok(isTable || media.example !== undefined, `${method} ${path} ${type}`);
        }
      }
    }
  });

  test('under /v1 wants a key and is read, posted or patched; the others want none', () => {
    for (const { path, method, facts } of operations) {
      const keyed = path.startsWith('/v1/');
      assert.equal(facts.security === undefined, keyed, path);
      if (keyed) assert.ok(['get', 'post', 'patch'].includes(method), `${method} ${path}`);
      else assert.deepEqual(facts.security, []);
    }
    assert.deepEqual(at('security'), [{ apiKey: [] }]);
    assert.equal(at('components', 'securitySchemes', 'apiKey', 'scheme'), 'bearer');
  });

  test('under /v1 that writes takes an idempotency key, but for events', () => {
    for (const operation of operations) {
      const { path, method, facts } = operation;
      const key = parametersOf(operation).find(({ name }) => name === 'Idempotency-Key');
      const isTaken = path.startsWith('/v1/') && method !== 'get' && path !== '/v1/usage/events';
      assert.equal(key !== undefined, isTaken, `${method} ${path}`);
      const problems = JSON.stringify(facts.responses);
      for (const code of ERROR_CODES.filter((one) => one.startsWith('idempotency_'))) {
        assert.equal(problems.includes(`"${code}"`), isTaken, `${method} ${path} ${code}`);
      }
      if (key !== undefined) assert.deepEqual([key.in, key.required], ['header', false]);
    }
  });

  const listParameters: readonly (readonly [string, readonly string[]])[] = [
    ['/v1/customers', ['limit', 'after', 'external_reference']],
    ['/v1/subscriptions', ['limit', 'after', 'customer_id']],
    ['/v1/mandates', ['limit', 'after', 'customer_id', 'state']],
    ['/v1/invoices', ['limit', 'after', 'customer_id', 'state']],
    ['/v1/debits', ['limit', 'after', 'customer_id', 'state']],
  ];
  for (const [path, names] of listParameters) {
    test(`${path} takes ${names.join(', ')}`, () => {
      const operation = operations.find((candidate) => candidate.path === path);
      assert.ok(operation);
      const parameters = parametersOf(operation);
      assert.deepEqual(
        parameters.map(({ name }) => name),
        names,
      );
      const limit = parameters.find(({ name }) => name === 'limit')?.schema;
      assert.ok(isObject(limit));
      assert.deepEqual(
        [limit.minimum, limit.maximum, limit.default],
        [1, PAGE_LIMIT_MAX, PAGE_LIMIT_DEFAULT],
      );
    });
  }
});

test('the document is the one that was reviewed (UPDATE_GOLDEN=1 writes it anew)', () => {
  const text = `${JSON.stringify(apiDocument, null, 2)}\n`;
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(GOLDEN, text);
  assert.equal(text, readFileSync(GOLDEN, 'utf8'));
});
