import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { maskMail, maskPhone } from './masking.ts';

describe('a phone number as people may see it', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['a number of another country', '+12125550123', '+121****0123'],
    ['a number too short to hide in part', '+15550101', '****'],
    ['a number without its country', '2125550123', '****'],
    ['no number at all', 'unknown', '****'],
    ['nothing', '', '****'],
  ];
  for (const [name, phone, expected] of cases) {
    test(name, () => {
      assert.equal(maskPhone(phone), expected);
    });
  }

  test('a Chinese mobile keeps three and four digits and loses its country', () => {
    // China assigns no mobile number that begins with 100, so this is nobody's.
    assert.equal(maskPhone('+8610000001234'), '100****1234');
  });

  test('never shows more than seven digits', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+?[0-9]{0,16}$/), (phone) => {
        assert.ok(maskPhone(phone).replace(/\D/g, '').length <= 7);
        assert.ok(phone.length === 0 || maskPhone(phone) !== phone);
      }),
    );
  });
});

describe('a mail address as people may see it', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['anna@example.test', 'a****@example.test'],
    ['a-very-long-name@example.test', 'a****@example.test'],
    ['ab@example.test', 'a****@example.test'],
    ['a@example.test', '****@example.test'],
    ['"a@b"@example.test', '"****@example.test'],
    ['王小明@example.test', '王****@example.test'],
    ['@example.test', '****'],
    ['anna', '****'],
    ['anna@', '****'],
    ['', '****'],
  ];
  for (const [mail, expected] of cases) {
    test(`${JSON.stringify(mail)} is shown as ${expected}`, () => {
      assert.equal(maskMail(mail), expected);
    });
  }
});
