import { ok, type Refusal, type Result, refuse } from '@daikou/core';
import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';

/**
 * Reads a body of the API that did not come over HTTP (a file, the command line) under the same
 * schema. The first field that does not fit is refused by its path.
 */
export function readBody<S extends TSchema>(schema: S, json: unknown): Result<Static<S>, Refusal> {
  if (Value.Check(schema, json)) return ok(json);
  const [first] = Value.Errors(schema, json);
  const field = first?.instancePath.replace(/^\//, '').replaceAll('/', '.') ?? '';
  return refuse({
    code: 'parameter_not_valid',
    sentence: sentenceOf(first),
    next: 'See the reference of billing for the fields and their values.',
    ...(field === '' ? {} : { field }),
  });
}

/** The validator says of an unknown field that its schema is false, which tells nobody anything. */
function sentenceOf(
  first: { readonly keyword: string; readonly message: string } | undefined,
): string {
  if (first?.keyword === 'boolean') return 'There is no such field here.';
  return `The value does not fit: ${first?.message ?? 'it is not what is wanted here'}.`;
}
