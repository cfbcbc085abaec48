import fc from 'fast-check';
import type { Money } from '../../packages/core/src/index.ts';

// Values for property tests of the store: everything that a noun may hold, and texts that have
// broken array literals before.

const TRICKY = ['NULL', '{}', '"', '\\', '{"a":1}', 'a,b', "it's", '$1', ' ', '王小明 😀', '\n\t'];

export const someText = fc.oneof(
  fc.constantFrom(...TRICKY),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
);

/** Kept to the microsecond, from 1970 to 2100. */
export const someInstant = fc
  .bigInt({ min: 0n, max: 4_102_444_800_000_000n })
  .map((microseconds) => Temporal.Instant.fromEpochNanoseconds(microseconds * 1_000n));

export const someDate = fc
  .integer({ min: 0, max: 47_000 })
  .map((days) => Temporal.PlainDate.from('1970-01-01').add({ days }));

export const somePositive = fc.bigInt({ min: 1n, max: 9_000_000_000_000_000_000n });

export const someAmount: fc.Arbitrary<Money> = fc.record(
  {
    minor: somePositive,
    currency: fc.constantFrom('CNY' as const, 'EUR' as const, 'JPY' as const),
  },
  { noNullPrototype: true },
);

/** Some of these fields of a noun, the others absent: never `undefined`. */
export function someOf<T extends object>(
  fields: {
    [K in keyof T]?: fc.Arbitrary<Exclude<T[K], undefined>>;
  },
): fc.Arbitrary<Partial<T>> {
  return fc.record(fields as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [],
    noNullPrototype: true,
  }) as fc.Arbitrary<Partial<T>>;
}
