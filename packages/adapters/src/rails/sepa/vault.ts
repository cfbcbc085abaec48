import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** The payer's account behind a mandate: what a payment file must name. */
export type DebtorAccount = {
  readonly iban: string;
  readonly bic?: string;
  readonly holderName: string;
  readonly signedOn: Temporal.PlainDate;
};

/** Keys that seal and open tokens: the first seals, all open. 32 bytes each. */
export type Vault = { readonly keys: readonly [Uint8Array, ...Uint8Array[]] };

/** Tokens begin with it, so that another form can follow without a doubt which one is read. */
const VERSION = 's1.';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals an account as the mandate's reference: AES-256-GCM, bound to the contract code, so that a
 * token copied to another mandate does not open. Only the holder of the key can read the IBAN; the
 * database has the token.
 */
export function sealAccount(vault: Vault, account: DebtorAccount, contractCode: string): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', vault.keys[0], nonce);
  cipher.setAAD(boundTo(contractCode));
  const { iban, bic, holderName, signedOn } = account;
  const plain = JSON.stringify([contractCode, iban, bic ?? '', holderName, signedOn.toString()]);
  const sealed = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
  const bytes = Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  // The contract code stands in clear: it is our own number, and a debit names the token only.
  return `${VERSION}${contractCode}.${bytes.toString('base64url')}`;
}

/** What a token holds, or undefined when no key opens it or it is not one of ours. */
export function openAccount(
  vault: Vault,
  token: string,
): (DebtorAccount & { readonly contractCode: string }) | undefined {
  const match = /^s1\.([A-Za-z0-9]{1,35})\.([A-Za-z0-9_-]+)$/.exec(token);
  if (match === null) return undefined;
  const [, contractCode = '', coded = ''] = match;
  const bytes = Buffer.from(coded, 'base64url');
  for (const key of vault.keys) {
    const plain = decrypt(key, bytes, contractCode);
    if (plain !== undefined) return read(plain, contractCode);
  }
  return undefined;
}

function decrypt(key: Uint8Array, bytes: Uint8Array, contractCode: string): string | undefined {
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES));
    decipher.setAAD(boundTo(contractCode));
    decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    const body = bytes.subarray(NONCE_BYTES + TAG_BYTES);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch {
    // Another key, or a byte was changed: this key does not open it.
    return undefined;
  }
}

function read(plain: string, contractCode: string) {
  const [, iban = '', bic = '', holderName = '', signedOn = ''] = JSON.parse(plain) as string[];
  return {
    contractCode,
    iban,
    ...(bic === '' ? {} : { bic }),
    holderName,
    signedOn: Temporal.PlainDate.from(signedOn),
  };
}

function boundTo(contractCode: string): Uint8Array {
  return Buffer.from(`${VERSION}${contractCode}`, 'utf8');
}
