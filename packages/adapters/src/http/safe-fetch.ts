import { Resolver } from 'node:dns/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { type RequestOptions, request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { type Address, isLoopbackAddress, isPublicAddress } from './addresses.ts';
import { readTarget, type Target, type TargetRefusal } from './target.ts';

export type SafeFetchOptions = {
  /** For the whole call, from the look-up of the name to the last byte read. Default 5,000. */
  readonly timeoutMilliseconds?: number;
  /** How much of the answer is read before the connection is cut. Default 65,536. */
  readonly answerLimitBytes?: number;
  /** True in tests and demonstrations only: http, and https, to this machine are allowed too. */
  readonly allowLoopback?: boolean;
  /** Certificates (PEM) to trust instead of the system's. */
  readonly trustedRoots?: string;
  /** Looks a name up; by default DNS. Throws an error with a DNS code. */
  readonly resolve?: (host: string) => Promise<readonly Address[]>;
};

export type SafeRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /**
   * True where the protocol answers in the body. The answer is an untrusted text for the one who
   * reads that protocol; it is never shown or logged.
   */
  readonly wantsAnswer?: boolean;
};

/** What became of one call. No text of the other side stands in it unless it was asked for. */
export type SafeOutcome =
  /** Answered 2xx. `answer` stands here when it was wanted and came whole. */
  | { readonly kind: 'delivered'; readonly status: number; readonly answer?: string }
  /**
   * It was not taken, for sure. `code`: why it was not called, `redirect`, `certificate`, or
   * `http_<status>` with `status` present when the other side answered.
   */
  | { readonly kind: 'refused'; readonly code: SafeRefusal; readonly status?: number }
  /** It may have been taken, or may be taken later: no connection, or no answer in time. */
  | { readonly kind: 'unknown'; readonly detail: string };

export type SafeRefusal = TargetRefusal | 'redirect' | 'certificate' | `http_${number}`;

export type SafeFetch = (request: SafeRequest) => Promise<SafeOutcome>;

type Settings = Required<Omit<SafeFetchOptions, 'trustedRoots'>> &
  Pick<SafeFetchOptions, 'trustedRoots'>;

type Call = { readonly request: SafeRequest; readonly signal: AbortSignal };

/** More addresses of one name than these are not tried. */
const ADDRESS_LIMIT = 8;

/**
 * POSTs to an address that a user gave, so that it cannot be turned against our own network:
 * https only, the name is looked up here and every address of it must be public, the connection
 * goes to one of the very addresses that were checked (a name that changes its answer meanwhile
 * changes nothing), redirects are not followed, no proxy of the environment is used, and deadline
 * and length are bounded. See `readTarget` for ports and user info.
 */
export function makeSafeFetch(options: SafeFetchOptions = {}): SafeFetch {
  const settings: Settings = {
    timeoutMilliseconds: 5_000,
    answerLimitBytes: 64 * 1024,
    allowLoopback: false,
    resolve: resolveByDns,
    ...options,
  };
  return (request) => safePost(request, settings);
}

async function safePost(request: SafeRequest, settings: Settings): Promise<SafeOutcome> {
  const target = readTarget(request.url);
  if (target.kind === 'refused') return target;
  if (target.url.protocol === 'http:' && !settings.allowLoopback) {
    return { kind: 'refused', code: 'not_https' };
  }
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), settings.timeoutMilliseconds);
  try {
    const call: Call = { request, signal: deadline.signal };
    const checked = await withDeadline(checkedAddresses(target, settings), deadline.signal);
    if (checked.kind === 'refused') return checked;
    const way: Way = { target, addresses: checked.addresses, settings };
    return await post(call, way);
  } catch (error) {
    return outcomeOfError(error, deadline.signal);
  } finally {
    clearTimeout(timer);
  }
}

type Checked =
  | { readonly kind: 'checked'; readonly addresses: readonly Address[] }
  | { readonly kind: 'refused'; readonly code: SafeRefusal };
type Named = Extract<Target, { kind: 'target' }>;

/**
 * Every address of the name, all of them allowed. One that is not refuses the whole name: a public
 * receiver has no private address, and which one is taken must not be luck.
 */
async function checkedAddresses(target: Named, settings: Settings): Promise<Checked> {
  const addresses = await addressesOf(target.host, settings);
  if (addresses.length === 0) return { kind: 'refused', code: 'name_not_found' };
  if (settings.allowLoopback && addresses.every((one) => isLoopbackAddress(one.address))) {
    return { kind: 'checked', addresses };
  }
  if (!addresses.every((one) => isPublicAddress(one.address))) {
    return { kind: 'refused', code: 'address_not_public' };
  }
  if (target.url.protocol !== 'https:') return { kind: 'refused', code: 'not_https' };
  return { kind: 'checked', addresses: addresses.slice(0, ADDRESS_LIMIT) };
}

async function addressesOf(host: string, settings: Settings): Promise<readonly Address[]> {
  const family = isIP(host);
  if (family === 4 || family === 6) return [{ address: host, family }];
  // DNS need not know this name, and its meaning is fixed (RFC 6761).
  if (/^(?:.+\.)?localhost\.?$/.test(host)) return [{ address: '127.0.0.1', family: 4 }];
  return settings.resolve(host);
}

/** Asks both families. DNS itself, not the system's look-up: that one cannot be given up. */
async function resolveByDns(host: string): Promise<readonly Address[]> {
  const resolver = new Resolver({ timeout: 1_500, tries: 2 });
  const [four, six] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
  const found: readonly Address[] = [
    ...(four.status === 'fulfilled' ? four.value : []).map((address) => ({
      address,
      family: 4 as const,
    })),
    ...(six.status === 'fulfilled' ? six.value : []).map((address) => ({
      address,
      family: 6 as const,
    })),
  ];
  if (found.length === 0 && four.status === 'rejected') throw four.reason;
  return found;
}

type Way = {
  readonly target: Named;
  readonly addresses: readonly Address[];
  readonly settings: Settings;
};

async function post({ request, signal }: Call, way: Way): Promise<SafeOutcome> {
  const { target, addresses, settings } = way;
  const body = Buffer.from(request.body, 'utf8');
  const options: RequestOptions = {
    method: 'POST',
    host: target.host,
    port: target.port,
    path: `${target.url.pathname}${target.url.search}`,
    headers: { ...request.headers, 'content-length': String(body.length), connection: 'close' },
    lookup: lookUpAmong(addresses),
    // A connection of its own: nothing is left open, and no proxy of the environment is asked.
    agent: false,
    signal,
    // Not to be switched off by NODE_TLS_REJECT_UNAUTHORIZED.
    rejectUnauthorized: true,
    ...(settings.trustedRoots === undefined ? {} : { ca: settings.trustedRoots }),
  };
  const start = target.url.protocol === 'https:' ? requestHttps : requestHttp;
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = start(options, resolve);
    outgoing.on('error', reject);
    // Without a listener Node would keep such a connection, and nobody would ever be answered.
    outgoing.on('upgrade', (_, socket) => {
      socket.destroy();
      reject(new Error('upgrade'));
    });
    outgoing.on('close', () => reject(new Error('closed')));
    outgoing.end(body);
  });
  const response = await withDeadline(answered, signal);
  const outcome = await readResponse(response, settings.answerLimitBytes);
  if (request.wantsAnswer === true || outcome.kind !== 'delivered') return outcome;
  return { kind: 'delivered', status: outcome.status };
}

/** Node asks for one address or for all, as it connects; both are the checked ones. */
function lookUpAmong(addresses: readonly Address[]): LookupFunction {
  return (_host, options, answer) => {
    const [first] = addresses;
    if (options.all === true) answer(null, [...addresses]);
    else answer(null, first?.address ?? '', first?.family);
  };
}

async function readResponse(response: IncomingMessage, limit: number): Promise<SafeOutcome> {
  const status = response.statusCode ?? 0;
  if (status >= 300 && status < 400) {
    response.destroy();
    return { kind: 'refused', code: 'redirect', status };
  }
  if (status < 200 || status > 599) {
    response.destroy();
    return { kind: 'unknown', detail: 'an answer without a usable status' };
  }
  const answer = await readLimited(response, limit);
  if (status >= 400) return { kind: 'refused', code: `http_${status}`, status };
  return { kind: 'delivered', status, ...(answer === undefined ? {} : { answer }) };
}

/**
 * The whole answer, or undefined where it is longer, breaks off or does not end in time: the status
 * has come by then and counts.
 */
async function readLimited(response: IncomingMessage, limit: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > limit) return undefined;
      chunks.push(chunk);
    }
    return response.complete ? Buffer.concat(chunks).toString('utf8') : undefined;
  } catch {
    return undefined;
  } finally {
    response.destroy();
  }
}

async function withDeadline<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('deadline')), { once: true });
    work.then(resolve, reject);
  });
}

/** DNS answers that are definite: there is no such name, or it has no address. */
const NO_SUCH_NAME: ReadonlySet<string> = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

/** How OpenSSL's and Node's codes for a certificate that was not accepted begin or end. */
const CERTIFICATE_CODE = /CERT|UNABLE_TO_(?:GET|VERIFY|DECODE|DECRYPT)|HOSTNAME_MISMATCH/;

/** Only the code of an error is kept: its message repeats the address, which is a secret. */
function outcomeOfError(error: unknown, signal: AbortSignal): SafeOutcome {
  if (signal.aborted) return { kind: 'unknown', detail: 'no answer in time' };
  const found: unknown = error instanceof Error ? Reflect.get(error, 'code') : undefined;
  const code = typeof found === 'string' && /^[A-Z0-9_]+$/.test(found) ? found : 'failed';
  if (NO_SUCH_NAME.has(code)) return { kind: 'refused', code: 'name_not_found' };
  if (CERTIFICATE_CODE.test(code)) return { kind: 'refused', code: 'certificate' };
  return { kind: 'unknown', detail: `connection: ${code}` };
}
