import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ContactChannel, makeId, readSealedAddress } from '@daikou/core';
import { makeAddressVault } from './addresses.ts';

const [OLD_KEY, NEW_KEY] = [1, 2].map((byte) => Buffer.alloc(32, byte).toString('base64'));
const idOf = (byte: number) =>
  makeId('cus', { epochMilliseconds: 0, random: new Uint8Array(10).fill(byte), bucket: 1 });
const OWNER = { customerId: idOf(1), channel: 'wecom' } as const;
const ROBOT = 'https://robots.example.test/cgi-bin/webhook/send?key=group-secret-0007';

const mask = (channel: ContactChannel, address: string) => `${channel}/****${address.slice(-4)}`;
const vaultOf = (vaultKey = '', formerVaultKeys: readonly string[] = []) =>
  makeAddressVault({ vaultKey, formerVaultKeys, mask });

describe('the address of a robot in the books', () => {
  const vault = vaultOf(OLD_KEY);
  const sealed = vault.seal(ROBOT, OWNER);

  test('shows what may be shown, holds no secret, and opens with its key', () => {
    assert.equal(readSealedAddress(sealed)?.shown, 'wecom/****0007');
    assert.ok(!sealed.includes('group-secret'));
    assert.equal(vault.open(sealed, OWNER), ROBOT);
    assert.notEqual(vault.seal(ROBOT, OWNER), sealed, 'two seals of one address are unlike');
  });

  test('opens under a new key that knows the former one, and under no other', () => {
    assert.equal(vaultOf(NEW_KEY, [OLD_KEY ?? '']).open(sealed, OWNER), ROBOT);
    assert.equal(vaultOf(NEW_KEY).open(sealed, OWNER), undefined);
  });

  test('does not open for another customer, another channel, or with a byte changed', () => {
    assert.equal(vault.open(sealed, { ...OWNER, customerId: idOf(2) }), undefined);
    assert.equal(vault.open(sealed, { ...OWNER, channel: 'webhook' }), undefined);
    const changed = sealed.slice(0, -2) + (sealed.endsWith('AA') ? 'BB' : 'AA');
    assert.equal(vault.open(changed, OWNER), undefined);
  });

  test('an address from before, in clear, stays usable', () => {
    assert.equal(vault.open(ROBOT, OWNER), ROBOT);
  });

  test('the longest address has room in the books', () => {
    assert.ok(vault.seal(`https://${'a'.repeat(990)}`, OWNER).length <= 3_000);
  });
});
