import { createHash, type KeyObject, sign, verify } from 'node:crypto';

/** Flat fields of a message, decoded. */
export type Fields = Readonly<Record<string, string>>;

/** `k=v` sorted by name, raw values, without `signature` and empty ones (rails.md §3.2). */
export function joinSorted(fields: Fields): string {
  return Object.keys(fields)
    .filter((name) => name !== 'signature' && fields[name] !== '')
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
}

/** Version 5.1.0: SHA-256 in small hexadecimal letters; this text is what is signed. */
export function hashOf(fields: Fields): string {
  return createHash('sha256').update(joinSorted(fields), 'utf8').digest('hex');
}

export function signFields(fields: Fields, key: KeyObject): Fields {
  const signature = sign('sha256', Buffer.from(hashOf(fields)), key).toString('base64');
  return { ...fields, signature };
}

export function isSigned(fields: Fields, key: KeyObject): boolean {
  const signature = Buffer.from(fields['signature'] ?? '', 'base64');
  return verify('sha256', Buffer.from(hashOf(fields)), key, signature);
}

/** Writes a reply: `k=v&k=v` with raw values. */
export function writeReply(fields: Fields): string {
  return Object.keys(fields)
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join('&');
}

/** Reads `{k=v&k=v}`. A value may hold `=`, as Base64 does. */
export function readBraces(text: string | undefined): Fields {
  const inner = /^\{(.*)\}$/s.exec(text ?? '')?.[1] ?? '';
  const pairs = inner.split('&').filter((pair) => pair.includes('='));
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}
