import { createCipheriv, createHash, createHmac, type KeyObject, sign, verify } from 'node:crypto';

/** The parameters of one V2 message, `sign` included once it is signed. */
export type Params = Readonly<Record<string, string>>;

export type SignType = 'MD5' | 'HMAC-SHA256';

/**
 * Returns the V2 signature (rails.md §1.3): parameters sorted by key, empty values and `sign`
 * left out,
 * raw values, `&key=` at the end, digest in upper-case hexadecimal.
 */
export function signV2(params: Params, apiV2Key: string, type: SignType = 'MD5'): string {
  const text = signedText(params, apiV2Key);
  const digest =
    type === 'MD5' ? createHash('md5').update(text) : createHmac('sha256', apiV2Key).update(text);
  return digest.digest('hex').toUpperCase();
}

function signedText(params: Params, apiV2Key: string): string {
  const pairs = Object.keys(params)
    .filter((key) => key !== 'sign' && params[key] !== '')
    .sort()
    .map((key) => `${key}=${params[key]}`);
  return [...pairs, `key=${apiV2Key}`].join('&');
}

/**
 * Returns which algorithm a message uses: its `sign_type`, else what the length of `sign` tells.
 */
export function signTypeOf(params: Params): SignType {
  if (params['sign_type'] === 'HMAC-SHA256') return 'HMAC-SHA256';
  if (params['sign_type'] === 'MD5') return 'MD5';
  return params['sign']?.length === 64 ? 'HMAC-SHA256' : 'MD5';
}

/** Says whether a V2 message carries the right signature. */
export function isSignedV2(params: Params, apiV2Key: string): boolean {
  const given = params['sign'];
  return given !== undefined && given === signV2(params, apiV2Key, signTypeOf(params));
}

/** Returns the V3 signature of our reply: three lines, each ended by a newline (rails.md §1.4). */
export function signV3Reply(
  parts: { readonly timestamp: string; readonly nonce: string; readonly body: string },
  platformKey: KeyObject,
): string {
  const text = `${parts.timestamp}\n${parts.nonce}\n${parts.body}\n`;
  return sign('sha256', Buffer.from(text), platformKey).toString('base64');
}

/** The parts of an `Authorization` header of V3. */
export interface Authorization {
  readonly mchid: string;
  readonly nonce_str: string;
  readonly signature: string;
  readonly timestamp: string;
  readonly serial_no: string;
}

/** Reads `WECHATPAY2-SHA256-RSA2048 mchid="…",…`; undefined when a part is missing. */
export function parseAuthorization(header: string | undefined): Authorization | undefined {
  const scheme = 'WECHATPAY2-SHA256-RSA2048 ';
  if (header === undefined || !header.startsWith(scheme)) return undefined;
  const parts: Record<string, string> = {};
  for (const match of header.slice(scheme.length).matchAll(/(\w+)="([^"]*)"/g)) {
    if (match[1] !== undefined && match[2] !== undefined) parts[match[1]] = match[2];
  }
  const { mchid, nonce_str, signature, timestamp, serial_no } = parts;
  if (!mchid || !nonce_str || !signature || !timestamp || !serial_no) return undefined;
  return { mchid, nonce_str, signature, timestamp, serial_no };
}

/** The request that a V3 signature covers; `target` is path and query exactly as sent. */
export interface SignedRequest {
  readonly method: string;
  readonly target: string;
  readonly body: string;
}

/** Says whether the merchant signed this request: five lines, each ended by a newline. */
export function isSignedV3(
  request: SignedRequest,
  authorization: Authorization,
  merchantKey: KeyObject,
): boolean {
  const { timestamp, nonce_str, signature } = authorization;
  const { method, target, body } = request;
  const text = `${method}\n${target}\n${timestamp}\n${nonce_str}\n${body}\n`;
  return verify('sha256', Buffer.from(text), merchantKey, Buffer.from(signature, 'base64'));
}

/**
 * Encrypts with AES-256-ECB and PKCS#7 as `req_info` of a refund notice is (rails.md §1.12), in
 * Base64.
 */
export function encryptEcb(plain: string, key32: string): string {
  const cipher = createCipheriv('aes-256-ecb', Buffer.from(key32, 'utf8'), null);
  return Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]).toString('base64');
}

/** Returns the key of a refund notice: the lower-case hexadecimal MD5 of the APIv2 key. */
export function refundNoticeKey(apiV2Key: string): string {
  return createHash('md5').update(apiV2Key).digest('hex');
}
