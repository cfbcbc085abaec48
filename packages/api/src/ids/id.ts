import { ID_PREFIXES, type Id, type IdPrefix } from '@daikou/core';
import { Type } from 'typebox';

const EXAMPLE_DIGITS = '019b7ca98c8871028304050607080b09';

/** The form of an id of the kind `prefix`: the prefix and 32 hexadecimal digits. */
export function idSchema<P extends IdPrefix>(prefix: P) {
  return Type.Unsafe<Id<P>>(
    Type.String({
      pattern: `^${prefix}_[0-9a-f]{32}$`,
      description: `The id of a ${ID_PREFIXES[prefix]}.`,
      examples: [exampleId(prefix)],
    }),
  );
}

/** The id that the documentation shows for a kind. */
export function exampleId<P extends IdPrefix>(prefix: P): Id<P> {
  return `${prefix}_${EXAMPLE_DIGITS}`;
}
