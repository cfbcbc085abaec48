import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { InvariantBroken } from '../result/invariant.ts';
import {
  BUCKET_COUNT,
  bucketOf,
  bucketOfKey,
  fromUuid,
  ID_PREFIXES,
  type IdPrefix,
  isId,
  kindOfId,
  makeId,
  toUuid,
} from './ids.ts';

const prefixes = fc.constantFrom(...(Object.keys(ID_PREFIXES) as IdPrefix[]));
const times = fc.integer({ min: 0, max: 2 ** 47 });
const randoms = fc.uint8Array({ minLength: 10, maxLength: 10 });
const buckets = fc.integer({ min: 0, max: BUCKET_COUNT - 1 });

describe('an id', () => {
  test('keeps its kind and its bucket, and comes back from the stored UUID', () => {
    fc.assert(
      fc.property(
        prefixes,
        times,
        randoms,
        buckets,
        (prefix, epochMilliseconds, random, bucket) => {
          const id = makeId(prefix, { epochMilliseconds, random, bucket });
          assert.ok(isId(prefix, id));
          assert.equal(kindOfId(id), prefix);
          assert.equal(bucketOf(id), bucket);
          assert.equal(fromUuid(prefix, toUuid(id)), id);
        },
      ),
    );
  });

  test('is a UUID version 7 with the RFC 9562 variant', () => {
    fc.assert(
      fc.property(times, randoms, buckets, (epochMilliseconds, random, bucket) => {
        const uuid = toUuid(makeId('cus', { epochMilliseconds, random, bucket }));
        assert.match(uuid, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      }),
    );
  });

  test('sorts by the time at which it was made, whatever the rest is', () => {
    fc.assert(
      fc.property(times, times, randoms, randoms, buckets, (left, right, one, other, bucket) => {
        fc.pre(left !== right);
        const [earlier, later] = left < right ? [left, right] : [right, left];
        const first = makeId('inv', { epochMilliseconds: earlier, random: one, bucket });
        const second = makeId('inv', { epochMilliseconds: later, random: other, bucket: 0 });
        assert.ok(first < second);
      }),
    );
  });

  test('has a fixed form', () => {
    const id = makeId('dbt', {
      epochMilliseconds: Date.UTC(2026, 0, 2, 3, 4, 5),
      random: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
      bucket: 777,
    });
    assert.equal(id, 'dbt_019b7ca98c8871028304050607080b09');
    assert.equal(toUuid(id), '019b7ca9-8c88-7102-8304-050607080b09');
  });

  test('does not change the random bytes that it was given', () => {
    const random = new Uint8Array(10).fill(255);
    makeId('cus', { epochMilliseconds: 1, random, bucket: 0 });
    assert.deepEqual(random, new Uint8Array(10).fill(255));
  });

  const random = new Uint8Array(10);
  const bugs = [
    ['too few random bytes', { epochMilliseconds: 0, random: new Uint8Array(9), bucket: 0 }],
    ['a bucket above the last', { epochMilliseconds: 0, random, bucket: BUCKET_COUNT }],
    ['a negative bucket', { epochMilliseconds: 0, random, bucket: -1 }],
    ['half a bucket', { epochMilliseconds: 0, random, bucket: 1.5 }],
    ['a time before 1970', { epochMilliseconds: -1, random, bucket: 0 }],
    ['part of a millisecond', { epochMilliseconds: 1.5, random, bucket: 0 }],
    ['a time beyond 48 bits', { epochMilliseconds: 2 ** 48, random, bucket: 0 }],
  ] as const;
  for (const [name, parts] of bugs) {
    test(`${name} is our bug`, () => {
      assert.throws(() => makeId('cus', parts), InvariantBroken);
    });
  }
});

describe('text that is no id', () => {
  const hex = '0'.repeat(32);
  const garbage = [
    '',
    'cus_',
    hex,
    `cus-${hex}`,
    `cus_${hex}0`,
    `cus_${hex.slice(1)}`,
    `CUS_${hex}`,
    `cus_${'F'.repeat(32)}`,
    `xyz_${hex}`,
    `cus_${hex}\n`,
    ` cus_${hex}`,
    "cus_' or 1=1 --",
  ];
  for (const text of garbage) {
    test(JSON.stringify(text), () => {
      assert.equal(kindOfId(text), undefined);
      assert.equal(isId('cus', text), false);
    });
  }

  test('an id of another kind is not an id of this kind', () => {
    assert.equal(isId('cus', `inv_${hex}`), false);
    assert.equal(isId('inv', `inv_${hex}`), true);
  });
});

const KEY_COUNT = 100_000;
/** The buckets of one worker when 64 workers share them. */
const RANGE = 16;

describe('the bucket of a key', () => {
  // These values place every customer of every installation. When one of them changes, customers
  // have moved and none is found again: the change is wrong, not this table.
  const known: readonly (readonly [readonly string[], number])[] = [
    [[], 11],
    [[''], 477],
    [['a'], 382],
    [['a', ''], 556],
    [['ab', 'c'], 934],
    [['a', 'bc'], 756],
    [['mer_019b7ca7e78871028304050607080b09', 'C-0001'], 782],
    [['mer_019b7ca7e78871028304050607080b09', '客户一'], 236],
    [['D0000000000000000000000001N1'], 82],
  ];
  for (const [parts, bucket] of known) {
    test(`of ${JSON.stringify(parts)} is ${bucket} for ever`, () => {
      assert.equal(bucketOfKey(...parts), bucket);
    });
  }

  test('is one of the 1,024 for any text', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (parts) => {
        const bucket = bucketOfKey(...parts);
        assert.ok(Number.isInteger(bucket) && bucket >= 0 && bucket < BUCKET_COUNT);
      }),
    );
  });

  test('knows where one part ends', () => {
    assert.notEqual(bucketOfKey('ab', 'c'), bucketOfKey('a', 'bc'));
  });

  const keyShapes: readonly (readonly [string, (index: number) => readonly string[]])[] = [
    ['counted references', (index) => ['mer_1', `C${index}`]],
    ['padded references', (index) => ['mer_1', String(index).padStart(12, '0')]],
    ['phone-like references', (index) => ['mer_2', `139${String(index * 7_919).padStart(8, '0')}`]],
    ['Chinese names', (index) => ['mer_3', `客户${index}号`]],
  ];
  for (const [name, keyOf] of keyShapes) {
    test(`spreads 100,000 ${name} evenly`, () => {
      const counts = new Array<number>(BUCKET_COUNT).fill(0);
      for (let index = 0; index < KEY_COUNT; index += 1) {
        const bucket = bucketOfKey(...keyOf(index));
        counts[bucket] = (counts[bucket] ?? 0) + 1;
      }
      const mean = KEY_COUNT / BUCKET_COUNT;
      // Even a perfectly random placing of 98 keys a bucket leaves the fullest of 1,024 a third
      // above the mean, so one bucket may be half off; a worker's range of 16 buckets may not.
      for (const count of counts) assert.ok(Math.abs(count - mean) < mean / 2, `${count} keys`);
      for (let from = 0; from < BUCKET_COUNT; from += RANGE) {
        const inRange = counts.slice(from, from + RANGE).reduce((left, right) => left + right, 0);
        assert.ok(Math.abs(inRange - mean * RANGE) < (mean * RANGE) / 4, `${inRange} in a range`);
      }
      // Chi-square with 1,023 degrees of freedom: mean 1,023, deviation 45. Five deviations.
      const chiSquare = counts.reduce((total, count) => total + (count - mean) ** 2 / mean, 0);
      assert.ok(chiSquare < 1_250, `chi-square ${chiSquare}`);
    });
  }
});
