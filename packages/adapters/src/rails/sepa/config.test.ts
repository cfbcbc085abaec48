import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { describeConfig, openSepaConfig, type SepaConfig } from './config.ts';
import { CREDITOR, FIXED_NOW, VAULT_KEY } from './fixture.ts';
import { toSepaText } from './xml-text.ts';

const CONFIG: SepaConfig = {
  outbox: 'out',
  inbox: 'in',
  archive: 'archive',
  creditor: CREDITOR,
  vaultKey: VAULT_KEY,
  now: () => FIXED_NOW,
};

describe('the configuration', () => {
  const wrong: readonly (readonly [string, Partial<SepaConfig>])[] = [
    ['creditor.iban', { creditor: { ...CREDITOR, iban: 'DE88370400440532013000' } }],
    ['creditor.bic', { creditor: { ...CREDITOR, bic: 'COBA' } }],
    ['creditor.creditorId', { creditor: { ...CREDITOR, creditorId: 'DE99ZZZ09999999999' } }],
    ['creditor.name', { creditor: { ...CREDITOR, name: ' ' } }],
    ['leadDays', { leadDays: 11 }],
    ['vault key', { vaultKey: 'AAAA' }],
    ['vault key', { formerVaultKeys: ['AAAA'] }],
  ];
  for (const [name, change] of wrong) {
    test(`${name} that is wrong is named, and its value is not`, () => {
      assert.throws(
        () => openSepaConfig({ ...CONFIG, ...change }),
        (error: Error) => error.message.includes(name) && !/DE8837|COBA\b|AAAA/.test(error.message),
      );
    });
  }

  test('what support sees has no key and no whole account', () => {
    const told = JSON.stringify(describeConfig(CONFIG));
    assert.ok(!told.includes(VAULT_KEY));
    assert.ok(!told.includes('370400440532013000'));
    assert.match(told, /DE…3000/);
  });
});

describe('text as every bank takes it', () => {
  const cases = [
    ['Jörg Groß & Söhne', 'Jorg Gross + Sohne'],
    ['Łódź – Café «Ærø»', 'Lodz Cafe AEro'],
    ['//a///b/', 'a/b'],
    ['王小明', 'NOTPROVIDED'],
    ['<script>"x"</script>', 'script x /script'],
    ['  a \n\t b ', 'a b'],
  ] as const;
  for (const [text, expected] of cases) {
    test(JSON.stringify(text), () => assert.equal(toSepaText(text, 70, 'NOTPROVIDED'), expected));
  }

  test('whatever is written, the letters are allowed, few enough and not empty', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 140 }), (text, max) => {
        const plain = toSepaText(text, max, 'X');
        assert.match(plain, /^[A-Za-z0-9/?:().,'+ -]+$/);
        assert.ok(plain.length <= max);
        assert.equal(plain, plain.trim());
      }),
    );
  });
});
