import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isCardNumber, labelOfCard, lookUpCard } from './directory.ts';

/** A made-up number of `length` digits behind `prefix` with the right check digit. */
function madeUp(prefix: string, length: number): string {
  const body = prefix.padEnd(length - 1, '0');
  for (let digit = 0; digit <= 9; digit += 1) {
    if (isCardNumber(`${body}${digit}`)) return `${body}${digit}`;
  }
  throw new Error('one of ten digits is right');
}

describe('the card directory', () => {
  const CASES: readonly (readonly [string, number, string | undefined, string, boolean])[] = [
    ['621626', 19, '平安银行', 'debit', true],
    ['622202', 19, '中国工商银行', 'debit', true],
    ['622202', 16, '中国工商银行', 'debit', false],
    ['356390', 16, '中信银行', 'credit', true],
    ['103', 19, '中国农业银行', 'debit', true],
  ];
  for (const [prefix, length, issuer, cardType, isLengthRight] of CASES) {
    test(`${prefix}… with ${length} digits is a ${cardType} card of ${issuer}`, () => {
      const listing = lookUpCard(madeUp(prefix, length));
      assert.deepEqual(listing, { issuer, cardType, isLengthRight });
    });
  }

  test('the longest prefix decides', () => {
    assert.equal(lookUpCard(madeUp('621260001', 19))?.issuer, '咸丰常农商村镇银行');
    assert.equal(
      lookUpCard(madeUp('621260999', 19))?.issuer,
      lookUpCard(madeUp('621260', 19))?.issuer,
    );
  });

  test('one prefix for two issuers: the length of the number decides', () => {
    assert.deepEqual(lookUpCard(madeUp('621260', 16)), {
      issuer: '平安银行',
      cardType: 'credit',
      isLengthRight: true,
    });
    assert.deepEqual(lookUpCard(madeUp('621260', 19)), {
      issuer: '常熟农商银行',
      cardType: 'debit',
      isLengthRight: true,
    });
  });

  test('an unknown prefix and what is no card number are told apart from a card', () => {
    assert.equal(lookUpCard(madeUp('000000', 16)), undefined);
    for (const text of [
      '',
      '6216',
      '6216 2600 0000 0000 003',
      'constructor',
      `${'6'.repeat(20)}`,
    ]) {
      assert.equal(lookUpCard(text), undefined);
      assert.equal(isCardNumber(text), false);
    }
  });

  test('a label keeps ten digits at most', () => {
    const number = madeUp('621626', 19);
    assert.deepEqual(labelOfCard(number), {
      kind: 'card',
      bin: '621626',
      lastFour: number.slice(-4),
      cardType: 'debit',
      issuer: '平安银行',
    });
    assert.ok(!JSON.stringify(labelOfCard(number)).includes(number.slice(4, 14)));
  });
});

describe('the check digit', () => {
  test('any single wrong digit is found', () => {
    const prefix = fc.string({
      unit: fc.constantFrom(...'0123456789'),
      minLength: 11,
      maxLength: 18,
    });
    fc.assert(
      fc.property(prefix, fc.nat(), fc.integer({ min: 1, max: 9 }), (start, place, add) => {
        const number = madeUp(start, start.length + 1);
        const at = place % number.length;
        const other = (Number.parseInt(number[at] ?? '0', 10) + add) % 10;
        const wrong = `${number.slice(0, at)}${other}${number.slice(at + 1)}`;
        assert.ok(isCardNumber(number) && !isCardNumber(wrong));
      }),
    );
  });
});
