import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { InvariantBroken } from '../result/invariant.ts';
import { BUCKET_COUNT, bucketOf, type DebitId, type MandateId, makeId } from './ids.ts';
import {
  ORDER_NUMBER_MAX_ORDINAL,
  parseContractCode,
  parseOrderNumber,
  toContractCode,
  toOrderNumber,
} from './rail-numbers.ts';

/** WeChat Pay `out_trade_no` and `contract_code`: at most 32 characters. */
const NARROWEST_RAIL_LENGTH = 32;

const idParts = fc.record({
  epochMilliseconds: fc.integer({ min: 0, max: 2 ** 47 }),
  random: fc.uint8Array({ minLength: 10, maxLength: 10 }),
  bucket: fc.integer({ min: 0, max: BUCKET_COUNT - 1 }),
});
const ordinals = fc.integer({ min: 1, max: ORDER_NUMBER_MAX_ORDINAL });

const FIRST_DEBIT: DebitId = `dbt_${'0'.repeat(32)}`;
const LAST_DEBIT: DebitId = `dbt_${'f'.repeat(32)}`;
const LAST_MANDATE: MandateId = `man_${'f'.repeat(32)}`;

describe('the order number of a debit', () => {
  test('names its debit, its ordinal and its bucket, and fits the narrowest rail', () => {
    fc.assert(
      fc.property(idParts, ordinals, (parts, ordinal) => {
        const debitId = makeId('dbt', parts);
        const number = toOrderNumber(debitId, ordinal);
        assert.ok(number.length <= NARROWEST_RAIL_LENGTH);
        assert.match(number, /^[0-9A-Z]+$/);
        const parsed = parseOrderNumber(number);
        assert.deepEqual(parsed, { debitId, ordinal });
        assert.equal(parsed && bucketOf(parsed.debitId), parts.bucket);
      }),
    );
  });

  test('is never the number of another debit or ordinal', () => {
    fc.assert(
      fc.property(idParts, ordinals, idParts, ordinals, (one, first, other, second) => {
        const left = makeId('dbt', one);
        const right = makeId('dbt', other);
        const same = left === right && first === second;
        assert.equal(toOrderNumber(left, first) === toOrderNumber(right, second), same);
      }),
    );
  });

  test('holds the smallest and the largest id', () => {
    for (const debitId of [FIRST_DEBIT, LAST_DEBIT]) {
      assert.deepEqual(parseOrderNumber(toOrderNumber(debitId, 1)), { debitId, ordinal: 1 });
    }
  });

  for (const ordinal of [0, -1, 1.5, ORDER_NUMBER_MAX_ORDINAL + 1, Number.NaN]) {
    test(`with the ordinal ${ordinal} is our bug`, () => {
      assert.throws(() => toOrderNumber(FIRST_DEBIT, ordinal), InvariantBroken);
    });
  }
});

describe('the contract code of a mandate', () => {
  test('names its mandate and fits the narrowest rail', () => {
    fc.assert(
      fc.property(idParts, (parts) => {
        const mandateId = makeId('man', parts);
        const code = toContractCode(mandateId);
        assert.ok(code.length <= NARROWEST_RAIL_LENGTH);
        assert.equal(parseContractCode(code), mandateId);
        assert.equal(parseOrderNumber(code), undefined);
      }),
    );
  });

  test('holds the largest id', () => {
    assert.equal(parseContractCode(toContractCode(LAST_MANDATE)), LAST_MANDATE);
  });
});

describe('a number that is none of ours', () => {
  const digits = '0'.repeat(25);
  const orderNumbers = [
    '',
    'D',
    `D${digits}`,
    `D${digits}N`,
    `D${digits}N0`,
    `D${digits}N01`,
    `D${digits}N10000`,
    `D${digits}N-1`,
    `d${digits}n1`,
    `D${digits.slice(1)}N1`,
    `D${digits}0N1`,
    `D${'Z'.repeat(25)}N1`,
    `D${digits}N1 `,
    `D${digits}N1\n`,
    `D${digits}N１`,
    '20260102030405',
  ];
  for (const text of orderNumbers) {
    test(`order number ${JSON.stringify(text)}`, () => {
      assert.equal(parseOrderNumber(text), undefined);
    });
  }
  for (const text of ['', 'C', `C${digits}0`, `C${'Z'.repeat(25)}`, `c${digits}`, `D${digits}`]) {
    test(`contract code ${JSON.stringify(text)}`, () => {
      assert.equal(parseContractCode(text), undefined);
    });
  }

  test('any text either is exactly what we write or is not ours', () => {
    const nearly = fc.stringMatching(/^[DC][0-9A-Z]{24,26}(N[0-9]{1,5})?$/);
    fc.assert(
      fc.property(fc.oneof(nearly, fc.string({ unit: 'binary' })), (text) => {
        const order = parseOrderNumber(text);
        if (order !== undefined) assert.equal(toOrderNumber(order.debitId, order.ordinal), text);
        const mandateId = parseContractCode(text);
        if (mandateId !== undefined) assert.equal(toContractCode(mandateId), text);
      }),
    );
  });
});
