import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { PAYERS } from './fixture.ts';
import { openAccount, sealAccount, type Vault } from './vault.ts';

const vaultOf = (...seeds: readonly number[]): Vault => {
  const [first, ...rest] = seeds.map((seed) => Buffer.alloc(32, seed));
  return { keys: [first ?? Buffer.alloc(32), ...rest] };
};

const signedOn = Temporal.PlainDate.from('2026-11-02');
const account = { ...PAYERS[0], signedOn };

test('a sealed account opens to what was sealed, with its contract', () => {
  const token = sealAccount(vaultOf(1), account, 'C1');
  assert.deepEqual(openAccount(vaultOf(1), token), { ...account, contractCode: 'C1' });
});

test('a token shows nothing of the account, and two of one account differ', () => {
  const first = sealAccount(vaultOf(1), account, 'C1');
  const second = sealAccount(vaultOf(1), account, 'C1');
  assert.notEqual(first, second);
  for (const secret of [account.iban, account.holderName, account.iban.slice(-10)]) {
    assert.ok(!Buffer.from(first.split('.')[2] ?? '', 'base64url').includes(secret));
  }
});

test('a former key still opens, a stranger’s does not', () => {
  const token = sealAccount(vaultOf(1), account, 'C1');
  assert.equal(openAccount(vaultOf(2, 1), token)?.iban, account.iban);
  assert.equal(openAccount(vaultOf(2, 3), token), undefined);
});

test('a token moved to another contract, or with any changed byte, does not open', () => {
  const token = sealAccount(vaultOf(1), account, 'C1');
  assert.equal(openAccount(vaultOf(1), token.replace('.C1.', '.C2.')), undefined);
  const bytes = Buffer.from(token.split('.')[2] ?? '', 'base64url');
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (place, flip) => {
      const changed = Buffer.from(bytes);
      changed[place] = (changed[place] ?? 0) ^ flip;
      assert.equal(openAccount(vaultOf(1), `s1.C1.${changed.toString('base64url')}`), undefined);
    }),
  );
});

test('a text that is no token does not open', () => {
  for (const text of ['', 's1', 's1.C1.', 's2.C1.AAAA', 'constructor', `s1.C1.${'A'.repeat(30)}`]) {
    assert.equal(openAccount(vaultOf(1), text), undefined, text);
  }
});
