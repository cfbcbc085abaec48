import { createCipheriv, createHash, randomBytes } from 'node:crypto';

/** Blocks of the padding, in bytes: twice those of AES. */
const BLOCK_BYTES = 32;

/** SHA-1 over the sorted texts, joined. */
export function signSorted(...texts: readonly string[]): string {
  return createHash('sha1')
    .update([...texts].sort().join(''))
    .digest('hex');
}

/** 消息加密: random(16) + length(4, big-endian) + text + app id, padded, AES-256-CBC, base64. */
export function encryptMessage(
  text: string,
  account: { readonly appId: string; readonly encodingAesKey: string },
): string {
  const key = Buffer.from(`${account.encodingAesKey}=`, 'base64');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text));
  const inner = Buffer.concat([
    randomBytes(16),
    length,
    Buffer.from(text),
    Buffer.from(account.appId),
  ]);
  const padding = BLOCK_BYTES - (inner.length % BLOCK_BYTES);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16));
  cipher.setAutoPadding(false);
  const padded = Buffer.concat([inner, Buffer.alloc(padding, padding)]);
  return Buffer.concat([cipher.update(padded), cipher.final()]).toString('base64');
}
