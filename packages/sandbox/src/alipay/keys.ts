import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { World } from '../world.ts';

/** Alipay asks for RSA keys of at least 2048 bits (rails.md §2.2). */
const KEY_BITS = 2048;

/** Alipay's keys once they were changed. */
export interface RotatedKeys {
  /** PKCS#8 PEM with which everything is signed from now on. */
  readonly privateKey: string;
  /** SPKI PEMs, the present one first, then those of messages that are still on their way. */
  readonly publicKeys: readonly string[];
}

const parsed = new Map<string, KeyObject>();

function rotatedKeys(world: World): RotatedKeys | undefined {
  return world.books.table<RotatedKeys>('alipay_keys').get('keys');
}

/** The key with which Alipay signs now. */
export function signingKey(world: World): KeyObject {
  const rotated = rotatedKeys(world);
  if (rotated === undefined) return world.credentials.alipayPlatformPrivate;
  const known = parsed.get(rotated.privateKey) ?? createPrivateKey(rotated.privateKey);
  parsed.set(rotated.privateKey, known);
  return known;
}

/** Alipay's public keys: the present one, and the former ones that a merchant may still meet. */
export function publicKeys(world: World): readonly string[] {
  return rotatedKeys(world)?.publicKeys ?? [world.credentials.alipay.platform.publicKey];
}

/**
 * Changes Alipay's key. What was signed before keeps its signature, also when it is delivered
 * later: a merchant must believe both keys for a time.
 */
export async function rotateKey(world: World): Promise<readonly string[]> {
  const pair = await promisify(generateKeyPair)('rsa', {
    modulusLength: KEY_BITS,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const keys: RotatedKeys = {
    privateKey: pair.privateKey,
    publicKeys: [pair.publicKey, ...publicKeys(world)],
  };
  world.books.table<RotatedKeys>('alipay_keys').put('keys', keys);
  return keys.publicKeys;
}
