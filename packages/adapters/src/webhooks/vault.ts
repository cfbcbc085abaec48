import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Keys that seal and open secrets: the first seals, all open. 32 bytes each. */
export type SecretVault = { readonly keys: readonly [Uint8Array, ...Uint8Array[]] };

/** Sealed texts begin with it, so that another form can follow and be told from this one. */
const VERSION = 'w1.';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;

/**
 * Keys in Base64 as a vault, the present one first. Throws a sentence without a value when one is
 * not 32 bytes: the process must not start with half a vault.
 */
export function openVault(present: string, former: readonly string[] = []): SecretVault {
  return { keys: [readKey(present), ...former.map(readKey)] };
}

function readKey(text: string): Uint8Array {
  const key = Buffer.from(text, 'base64');
  if (key.length === KEY_BYTES) return key;
  throw new Error('Webhooks: a vault key is not 32 bytes in Base64.');
}

/**
 * Seals a secret for the books: AES-256-GCM, as for the payers' accounts of SEPA, bound to what it
 * belongs to, so that a text copied to another row does not open.
 */
export function sealSecret(vault: SecretVault, secret: string, owner: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', vault.keys[0], nonce);
  cipher.setAAD(boundTo(owner));
  const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  const bytes = Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  return `${VERSION}${bytes.toString('base64url')}`;
}

/** The secret, or undefined when no key opens it or it was sealed for another owner. */
export function openSecret(vault: SecretVault, sealed: string, owner: string): string | undefined {
  if (!sealed.startsWith(VERSION)) return undefined;
  const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64url');
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
  for (const key of vault.keys) {
    const plain = decrypt(key, bytes, owner);
    if (plain !== undefined) return plain;
  }
  return undefined;
}

function decrypt(key: Uint8Array, bytes: Uint8Array, owner: string): string | undefined {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(boundTo(owner));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch {
    // Another key, or a byte was changed: this key does not open it.
    return undefined;
  }
}

function boundTo(owner: string): Uint8Array {
  return Buffer.from(`${VERSION}${owner}`, 'utf8');
}
