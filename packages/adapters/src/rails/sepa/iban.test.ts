import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { isBic, isCreditorId, isIban, plainIban } from './iban.ts';

/** Samples that the IBAN registry prints, one of each length that our tests use. */
const SAMPLES = [
  'DE89370400440532013000',
  'FR1420041010050500013M02606',
  'NL91ABNA0417164300',
  'NO9386011117947',
  'MT84MALT011000012345MTLCAST001S',
  'GB29NWBK60161331926819',
] as const;

describe('accounts', () => {
  for (const iban of SAMPLES) {
    test(`${iban.slice(0, 2)}: the sample of the registry is an IBAN`, () => {
      assert.ok(isIban(iban));
    });
  }

  test('one wrong character is found, whatever and wherever it is', () => {
    const digits = fc.constantFrom(...'0123456789');
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), fc.nat(40), digits, (iban, place, digit) => {
        const index = 2 + (place % (iban.length - 2));
        const changed = `${iban.slice(0, index)}${digit}${iban.slice(index + 1)}`;
        assert.equal(isIban(changed), changed === iban);
      }),
    );
  });

  test('two neighbours that changed places are found', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SAMPLES), fc.nat(40), (iban, place) => {
        const index = 4 + (place % (iban.length - 5));
        const [left = '', right = ''] = iban.slice(index, index + 2);
        const changed = `${iban.slice(0, index)}${right}${left}${iban.slice(index + 2)}`;
        assert.equal(isIban(changed), changed === iban);
      }),
    );
  });

  test('a country outside SEPA, a wrong length and spaces are refused', () => {
    assert.equal(isIban('BR1800360305000010009795493C1'), false);
    assert.equal(isIban('DE893704004405320130001'), false);
    assert.equal(isIban('DE89 3704 0044 0532 0130 00'), false);
    assert.ok(isIban(plainIban(' de89 3704 0044 0532 0130 00 ')));
    assert.equal(isIban('constructor'), false);
  });
});

describe('creditors and banks', () => {
  test('the creditor identifier that the Bundesbank gives for tests has good check digits', () => {
    assert.ok(isCreditorId('DE98ZZZ09999999999'));
  });

  test('the business code does not count', () => {
    assert.ok(isCreditorId('DE98ABC09999999999'));
  });

  for (const id of [
    'DE97ZZZ09999999999',
    'DE98ZZZ09999999998',
    'DE98ZZ',
    '',
    'de98ZZZ09999999999',
  ]) {
    test(`"${id}" is no creditor identifier`, () => assert.equal(isCreditorId(id), false));
  }

  test('a BIC has 8 or 11 characters', () => {
    assert.ok(isBic('COBADEFF'));
    assert.ok(isBic('COBADEFFXXX'));
    assert.equal(isBic('COBADEFFX'), false);
    assert.equal(isBic('cobadeff'), false);
  });
});
