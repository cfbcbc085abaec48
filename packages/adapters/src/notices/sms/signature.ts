import { createHash, createHmac } from 'node:crypto';

/** A call to sign by ACS3-HMAC-SHA256 (help.aliyun.com 2593177). */
export type AcsCall = {
  readonly host: string;
  readonly action: string;
  readonly version: string;
  /** `yyyy-MM-ddTHH:mm:ssZ`. */
  readonly date: string;
  readonly nonce: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: string;
  readonly contentType?: string;
};

/** Everything but letters, digits and `-_.~` is escaped, in upper case (RFC 3986). */
function percentEncode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** The query in canonical form: sorted by name. Also the form in which it is sent. */
export function canonicalQuery(query: Readonly<Record<string, string>>): string {
  return Object.entries(query)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`)
    .join('&');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/**
 * The headers of a signed `POST /`, `authorization` among them; `host` is signed and sent by the
 * client.
 */
export function signedHeaders(
  call: AcsCall,
  access: { readonly accessKeyId: string; readonly accessKeySecret: string },
): Readonly<Record<string, string>> {
  const contentHash = sha256(call.body);
  const headers: Readonly<Record<string, string>> = {
    ...(call.contentType === undefined ? {} : { 'content-type': call.contentType }),
    host: call.host,
    'x-acs-action': call.action,
    'x-acs-content-sha256': contentHash,
    'x-acs-date': call.date,
    'x-acs-signature-nonce': call.nonce,
    'x-acs-version': call.version,
  };
  const names = Object.keys(headers).sort();
  const canonicalRequest = [
    'POST',
    '/',
    canonicalQuery(call.query),
    ...names.map((name) => `${name}:${headers[name]}`),
    '',
    names.join(';'),
    contentHash,
  ].join('\n');
  const text = `ACS3-HMAC-SHA256\n${sha256(canonicalRequest)}`;
  const signature = createHmac('sha256', access.accessKeySecret).update(text).digest('hex');
  const authorization =
    `ACS3-HMAC-SHA256 Credential=${access.accessKeyId},` +
    `SignedHeaders=${names.join(';')},Signature=${signature}`;
  return { ...headers, authorization };
}
