import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import type { Fields } from './fields.ts';

/**
 * The text that is signed (rails.md §3.2): every field but `signature`, empty ones left out, sorted
 * by name, raw values. Line ends inside a value, such as those of the certificate, belong to it.
 */
export function signedText(fields: Fields): string {
  return Object.keys(fields)
    .filter((name) => name !== 'signature' && fields[name] !== '')
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
}

/** SHA-256 of the text in small hexadecimal letters: version 5.1.0 signs these letters. */
export function digestOf(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** The fields with their signature: SHA256withRSA (PKCS#1 v1.5) over the digest, Base64. */
export function withSignature(fields: Fields, privateKey: KeyObject): Fields {
  const digest = digestOf(signedText(fields));
  const signature = sign('sha256', Buffer.from(digest), privateKey).toString('base64');
  return { ...fields, signature };
}

/** Whether the owner of `publicKey` signed the fields. */
export function isSignedBy(fields: Fields, publicKey: KeyObject): boolean {
  const signature = fields['signature'];
  if (signature === undefined || signature === '') return false;
  const digest = digestOf(signedText(fields));
  return verify('sha256', Buffer.from(digest), publicKey, Buffer.from(signature, 'base64'));
}
