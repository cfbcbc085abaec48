import assert from 'node:assert/strict';
import { buildOpenApi, COMPONENT_SCHEMAS } from '@daikou/api';
import { Value } from 'typebox/value';

type Json = Readonly<Record<string, unknown>>;

const PATHS = buildOpenApi({ version: 'test' })['paths'] as Readonly<Record<string, Json>>;

/** Fails where a JSON answer is not what the API's document says of this operation and status. */
export function assertDocumented(
  operation: { readonly method: string; readonly path: string },
  answer: { readonly status: number; readonly body: unknown },
): void {
  const { method, path } = operation;
  const name = `${method} ${path} ${answer.status}`;
  const facts = PATHS[templateOf(path)]?.[method.toLowerCase()] as Json | undefined;
  const content = at(facts, 'responses', String(answer.status), 'content');
  assert.ok(content, `${name} is documented`);
  const [media] = Object.values(content as Json);
  const schema = at(media, 'schema');
  const list = at(schema, 'properties', 'data', 'items');
  if (list === undefined) {
    assertFits(name, schema, answer.body);
    return;
  }
  const { data, ...more } = answer.body as { readonly data: readonly unknown[] };
  assert.deepEqual(more, {}, name);
  for (const one of data) assertFits(name, list, one);
}

/** `/v1/customers/cus_…/usage?from=…` as the document writes it; a path without `{id}` is first. */
function templateOf(path: string): string {
  const [plain = ''] = path.split('?');
  if (PATHS[plain] !== undefined) return plain;
  const parts = plain.split('/');
  const isLike = (template: string) => {
    const its = template.split('/');
    return (
      its.length === parts.length &&
      its.every((part, index) => part === '{id}' || part === parts[index])
    );
  };
  return Object.keys(PATHS).find(isLike) ?? plain;
}

function assertFits(name: string, reference: unknown, value: unknown): void {
  const title = String(at(reference, '$ref')).replace('#/components/schemas/', '');
  const schema = COMPONENT_SCHEMAS[title];
  assert.ok(schema, `${name} names a schema`);
  const [fault] = Value.Errors(schema, value);
  assert.equal(fault, undefined, `${name}: ${fault?.instancePath} ${fault?.message}`);
}

function at(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((inside, key) => (inside as Json | undefined)?.[key], value);
}
