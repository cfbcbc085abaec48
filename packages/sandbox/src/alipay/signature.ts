import { type KeyObject, sign, verify } from 'node:crypto';

/** Flat parameters of a request or of a notification, decoded. */
export type Params = Readonly<Record<string, string>>;

/** Joins `key=value` sorted by key, raw values, without `except` (rails.md §2.2 and §2.9). */
export function joinSorted(params: Params, except: ReadonlySet<string>): string {
  return Object.keys(params)
    .filter((key) => !except.has(key))
    .sort()
    .map((key) => `${key}=${params[key]}`)
    .join('&');
}

/** Returns the RSA2 signature (SHA256withRSA, PKCS#1 v1.5) in Base64. */
export function signRsa2(text: string, key: KeyObject): string {
  return sign('sha256', Buffer.from(text, 'utf8'), key).toString('base64');
}

export function isRsa2(text: string, signature: string, key: KeyObject): boolean {
  return verify('sha256', Buffer.from(text, 'utf8'), key, Buffer.from(signature, 'base64'));
}

const REQUEST_EXCEPT = new Set(['sign']);
const NOTIFICATION_EXCEPT = new Set(['sign', 'sign_type']);

/**
 * Says whether the merchant signed these request parameters. `sign_type` is part of the text. The
 * official rule leaves empty values out while the Node SDK signs what it sends, so both are
 * accepted.
 */
export function isSignedRequest(params: Params, merchantKey: KeyObject): boolean {
  const signature = params['sign'];
  if (signature === undefined || signature === '') return false;
  if (isRsa2(joinSorted(params, REQUEST_EXCEPT), signature, merchantKey)) return true;
  const filled = Object.entries(params).filter(([, value]) => value !== '');
  if (filled.length === Object.keys(params).length) return false;
  return isRsa2(joinSorted(Object.fromEntries(filled), REQUEST_EXCEPT), signature, merchantKey);
}

/**
 * Signs a notification: `sign` and `sign_type` are not part of the text (vector A.6 of rails.md).
 */
export function signNotification(params: Params, platformKey: KeyObject): Params {
  const text = joinSorted(params, NOTIFICATION_EXCEPT);
  return { ...params, sign_type: 'RSA2', sign: signRsa2(text, platformKey) };
}

/** Says whether a notification is genuine; the simulator's own proof against vector A.6. */
export function isSignedNotification(params: Params, platformKey: KeyObject): boolean {
  return isRsa2(joinSorted(params, NOTIFICATION_EXCEPT), params['sign'] ?? '', platformKey);
}
