import { createHash, createHmac } from 'node:crypto';

/** What an ACS3-HMAC-SHA256 signature covers (rails.md §5.4). */
export interface SignedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Header values by lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly bodySha256: string;
}

/** The parts of `Authorization: ACS3-HMAC-SHA256 Credential=…,SignedHeaders=…,Signature=…`. */
export interface Authorization {
  readonly accessKeyId: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/** Reads the header; undefined when it is absent or of another kind. */
export function parseAuthorization(header: string | undefined): Authorization | undefined {
  const scheme = 'ACS3-HMAC-SHA256 ';
  if (header === undefined || !header.startsWith(scheme)) return undefined;
  const pattern = /^\s*Credential=([^,]+),\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]+)$/;
  const [, accessKeyId, signedHeaders, signature] = pattern.exec(header.slice(scheme.length)) ?? [];
  if (!accessKeyId || !signedHeaders || !signature) return undefined;
  return { accessKeyId, signedHeaders: signedHeaders.split(';'), signature };
}

/** Returns the signature of a request, in lower-case hexadecimal. */
export function signAcs3(
  request: SignedRequest,
  signedHeaders: readonly string[],
  accessKeySecret: string,
): string {
  const canonical = [
    request.method,
    request.path,
    canonicalQuery(request.query),
    ...signedHeaders.map((name) => `${name}:${(request.headers[name] ?? '').trim()}`),
    '',
    signedHeaders.join(';'),
    request.bodySha256,
  ].join('\n');
  const text = `ACS3-HMAC-SHA256\n${sha256Hex(canonical)}`;
  return createHmac('sha256', accessKeySecret).update(text).digest('hex');
}

export function sha256Hex(text: string | Buffer): string {
  return createHash('sha256').update(text).digest('hex');
}

function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .sort()
    .join('&');
}

/** RFC 3986: everything but letters, digits and `-_.~` is escaped. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
