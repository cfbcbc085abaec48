import { createDecipheriv, createHash, createHmac, type KeyObject, verify } from 'node:crypto';
import { sameText } from '../secrets.ts';
import type { PlatformKey } from './config.ts';
import type { Fields } from './xml.ts';

export type V2Algorithm = 'MD5' | 'HMAC-SHA256';

/**
 * The V2 signature of a message, upper-case hex (WXDOC 4011985891): every field but `sign`, empty
 * values dropped, sorted by key in byte order, raw values, `&key=` and the APIv2 key at the end.
 */
export function signV2(fields: Fields, apiV2Key: string, algorithm: V2Algorithm): string {
  const text = Object.keys(fields)
    .filter((name) => name !== 'sign' && fields[name] !== undefined && fields[name] !== '')
    .sort(byBytes)
    .map((name) => `${name}=${fields[name]}&`)
    .join('')
    .concat(`key=${apiV2Key}`);
  const digest =
    algorithm === 'MD5'
      ? createHash('md5').update(text).digest('hex')
      : createHmac('sha256', apiV2Key).update(text).digest('hex');
  return digest.toUpperCase();
}

function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

/**
 * Whether `sign` is ours to trust. `sign_type` names the algorithm where the message has one;
 * without it the length tells (32 hex digits MD5, 64 HMAC), as the endpoints have different
 * defaults.
 */
export function verifyV2(fields: Fields, apiV2Key: string): boolean {
  const { sign, sign_type: type } = fields;
  if (sign === undefined || sign === '') return false;
  const named = type === 'MD5' || type === 'HMAC-SHA256' ? type : undefined;
  if (type !== undefined && type !== '' && named === undefined) return false;
  const algorithm = named ?? (sign.length === 64 ? 'HMAC-SHA256' : 'MD5');
  return sameText(signV2(fields, apiV2Key, algorithm), sign);
}

/** The signed parts of a V3 reply or callback, from its headers. */
export type V3Signed = {
  readonly timestamp: string;
  readonly nonce: string;
  readonly serial: string;
  readonly signature: string;
};

/** Largest difference between a V3 timestamp and our wall clock, in seconds. */
export const V3_FRESHNESS_SECONDS = 300;

export type V3Check = 'ok' | 'bad_signature' | 'stale';

/**
 * Checks `timestamp\nnonce\nbody\n` with the platform key that the serial names. A signature that
 * begins with `WECHATPAY/SIGNTEST/` is probe traffic and fails here like any other bad one: no
 * special path.
 */
export function checkV3(
  signed: V3Signed,
  body: Uint8Array,
  trust: { readonly keys: ReadonlyMap<string, PlatformKey>; readonly now: Temporal.Instant },
): V3Check {
  const key = validKey(trust.keys.get(signed.serial), trust.now);
  if (key === undefined || !/^\d{1,12}$/.test(signed.timestamp)) return 'bad_signature';
  const message = Buffer.concat([
    Buffer.from(`${signed.timestamp}\n${signed.nonce}\n`),
    body,
    Buffer.from('\n'),
  ]);
  if (!verify('sha256', message, key, Buffer.from(signed.signature, 'base64'))) {
    return 'bad_signature';
  }
  // After the signature, so that a stranger learns nothing about our clock.
  const seconds = trust.now.epochMilliseconds / 1000 - Number.parseInt(signed.timestamp, 10);
  return Math.abs(seconds) > V3_FRESHNESS_SECONDS ? 'stale' : 'ok';
}

/** The key, unless its certificate has expired or is not valid yet. */
function validKey(known: PlatformKey | undefined, now: Temporal.Instant): KeyObject | undefined {
  if (known?.from !== undefined && Temporal.Instant.compare(now, known.from) < 0) return undefined;
  if (known?.until !== undefined && Temporal.Instant.compare(now, known.until) > 0) {
    return undefined;
  }
  return known?.key;
}

/** An encrypted resource of a V3 message. */
export type V3Resource = {
  readonly ciphertext: string;
  readonly nonce: string;
  readonly associatedData: string;
};

const GCM_TAG_BYTES = 16;

/**
 * Decrypts a V3 resource (AES-GCM; the last 16 bytes are the tag) or returns undefined when it was
 * not made with this key. Production keys have 32 bytes; the key's length chooses AES-128 or
 * AES-256.
 */
export function decryptResource(resource: V3Resource, apiV3Key: string): string | undefined {
  const key = Buffer.from(apiV3Key);
  const bytes = Buffer.from(resource.ciphertext, 'base64');
  if (bytes.length < GCM_TAG_BYTES || (key.length !== 16 && key.length !== 32)) return undefined;
  const tagStart = bytes.length - GCM_TAG_BYTES;
  try {
    const algorithm = key.length === 32 ? 'aes-256-gcm' : 'aes-128-gcm';
    const cipher = createDecipheriv(algorithm, key, Buffer.from(resource.nonce), {
      authTagLength: GCM_TAG_BYTES,
    });
    cipher.setAAD(Buffer.from(resource.associatedData));
    cipher.setAuthTag(bytes.subarray(tagStart));
    const head = cipher.update(bytes.subarray(0, tagStart));
    return Buffer.concat([head, cipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

/** The key of a V2 refund notice: the lower-case hex MD5 of the APIv2 key, as 32 ASCII bytes. */
export function refundNoticeKey(apiV2Key: string): string {
  return createHash('md5').update(apiV2Key).digest('hex');
}

/**
 * Decrypts `req_info` of a V2 refund notice (AES-256-ECB, PKCS#7, `key` of 32 bytes) or returns
 * undefined when it was not made with this key. ECB is the rail's choice, not ours.
 */
export function decryptRefundInfo(requestInfo: string, key: string): string | undefined {
  try {
    const cipher = createDecipheriv('aes-256-ecb', Buffer.from(key), null);
    const head = cipher.update(Buffer.from(requestInfo, 'base64'));
    return Buffer.concat([head, cipher.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}
