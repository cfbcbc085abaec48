import { invariant } from '@daikou/core';

/** The first example of a schema, to be shown inside the example of another one. */
export function exampleOf(schema: object): unknown {
  const { examples } = schema as { readonly examples?: readonly unknown[] };
  const [example] = examples ?? [];
  invariant(example !== undefined, 'a schema that is shown inside another has an example');
  return example;
}
