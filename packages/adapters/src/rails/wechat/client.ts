import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { Decorator } from 'wechatpay-axios-plugin';
import { type BillIntake, type Pieces, sizeTold, takeBill } from '../bill-bytes.ts';
import { failureOf } from '../failures.ts';
import { tlsOptions, type WechatSettings } from './config.ts';
import type { V2Algorithm } from './signature.ts';

/** Longest reply that is read, in bytes. An order or contract reply is below 8 KB. */
const REPLY_LIMIT_BYTES = 5 * 1024 * 1024;

/** A bill comes as one long answer; it may take this many times the ordinary time-out. */
const BILL_PATIENCE = 30;

export type WechatReply =
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly header: (name: string) => string | undefined;
      readonly body: Uint8Array;
    }
  | { readonly kind: 'failure'; readonly neverSent: boolean; readonly detail: string };

/** A file, or why there is none. */
export type FileReply = BillIntake | { readonly kind: 'failure'; readonly detail: string };

/**
 * Fields of a V2 request, unsigned. The library adds `nonce_str` (where the endpoint has one) and
 * `sign`.
 */
export type V2Request = {
  readonly path: string;
  readonly fields: Readonly<Record<string, string>>;
  /** Endpoints of `/papay/` have no `nonce_str`. */
  readonly withoutNonce?: boolean;
  /** Default MD5, the default of every POST endpoint of 委托代扣. */
  readonly algorithm?: V2Algorithm;
};

/** WeChat Pay's HTTP and nothing else: replies come back as bytes, verified and read elsewhere. */
export type WechatClient = {
  readonly postV2: (request: V2Request) => Promise<WechatReply>;
  readonly getV2: (request: V2Request) => Promise<WechatReply>;
  readonly postV3: (path: string, body: unknown) => Promise<WechatReply>;
  readonly getV3: (path: string) => Promise<WechatReply>;
  readonly downloadV2: (request: V2Request) => Promise<FileReply>;
  /** Fetches an address that a signed V3 reply named; the request is signed, its reply is not. */
  readonly downloadV3: (url: string) => Promise<FileReply>;
  /** Posts with the client certificate; without one nothing is sent. */
  readonly postSecure: (request: V2Request) => Promise<WechatReply>;
};

/** What we use of an axios answer. */
type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly data: unknown;
};

/**
 * Builds the client: connections are kept alive, every call has a time-out and a size limit,
 * redirects are not followed. The library signs requests; its reply handling is switched off,
 * because it believes `result_code=FAIL` before it has checked the signature.
 */
export function makeWechatClient(settings: WechatSettings): WechatClient {
  const library = new Decorator({
    baseURL: settings.baseUrl,
    mchid: settings.mchid,
    secret: settings.apiV2Key,
    serial: settings.merchantSerial,
    privateKey: settings.merchantPrivateKey,
    certs: { ...settings.platformKeys },
    // Idle connections do not keep the process alive, so there is nothing to close.
    httpAgent: new HttpAgent({ keepAlive: true }),
    httpsAgent: new HttpsAgent({ keepAlive: true }),
    maxRedirects: 0,
    proxy: false,
  });
  const request = (generation: 'v2' | 'v3', options: object, patience = 1): Promise<Answer> => {
    const milliseconds = settings.timeoutMilliseconds * patience;
    return library[generation].request({
      timeout: milliseconds,
      // The time-out of axios starts with the connection; this one covers the whole call.
      signal: AbortSignal.timeout(milliseconds),
      responseType: 'arraybuffer',
      maxContentLength: REPLY_LIMIT_BYTES,
      validateStatus: () => true,
      transformResponse: [],
      ...options,
    });
  };
  const call = (generation: 'v2' | 'v3', options: object): Promise<WechatReply> =>
    callOnce(() => request(generation, options));
  // Bills have a limit of their own, and no length of theirs is ever in memory.
  const fetchFile = (generation: 'v2' | 'v3', options: object): Promise<FileReply> => {
    const streamed = { ...options, responseType: 'stream', maxContentLength: -1 };
    return takeFile(() => request(generation, streamed, BILL_PATIENCE), settings.billLimitBytes);
  };
  // Tells WeChat that replies are to be signed with the public key (公钥模式).
  const serial = publicKeyId(settings);
  const named = serial === undefined ? {} : { headers: { 'Wechatpay-Serial': serial } };
  const secure = secureOptions(settings);
  return {
    postV2: (fields) => call('v2', postOptions(fields)),
    getV2: (fields) => call('v2', getOptions(fields)),
    downloadV2: (file) => fetchFile('v2', postOptions(file)),
    postV3: (path, data) => call('v3', { method: 'post', url: path, data, ...named }),
    getV3: (path) => call('v3', { method: 'get', url: path, ...named }),
    downloadV3: (url) => fetchFile('v3', { method: 'get', url }),
    postSecure: async (fields) =>
      secure === undefined
        ? { kind: 'failure', neverSent: true, detail: 'no client certificate is configured' }
        : call('v2', { ...postOptions(fields), ...secure }),
  };
}

/**
 * Where `/secapi/` lies and with what it is opened. One agent, so that one handshake serves many
 * refunds; undefined when the merchant has given no certificate.
 */
function secureOptions(settings: WechatSettings): object | undefined {
  const { clientCertificate, secureAuthority, secureBaseUrl } = settings;
  if (clientCertificate === undefined) return undefined;
  const trust = secureAuthority === undefined ? {} : { ca: secureAuthority };
  const httpsAgent = new HttpsAgent({
    keepAlive: true,
    minVersion: 'TLSv1.2',
    ...trust,
    ...tlsOptions(clientCertificate),
  });
  return { baseURL: secureBaseUrl, httpsAgent };
}

function postOptions(request: V2Request): object {
  return {
    method: 'post',
    url: request.path,
    data: signable(request),
    nonceless: request.withoutNonce === true,
  };
}

function getOptions(request: V2Request): object {
  return {
    method: 'get',
    url: request.path,
    params: signable(request),
    nonceless: request.withoutNonce === true,
  };
}

function signable({ fields, algorithm }: V2Request): Record<string, string> {
  return algorithm === undefined ? { ...fields } : { ...fields, sign_type: algorithm };
}

function publicKeyId(settings: WechatSettings): string | undefined {
  return [...settings.platformKeyObjects.keys()].find((id) => id.startsWith('PUB_KEY_ID_'));
}

async function callOnce(send: () => Promise<Answer>): Promise<WechatReply> {
  try {
    const answer = await send();
    const { data } = answer;
    return {
      kind: 'reply',
      status: answer.status,
      header: (name) => {
        const value = answer.headers[name.toLowerCase()];
        return typeof value === 'string' ? value : undefined;
      },
      body: data instanceof Uint8Array ? data : new Uint8Array(),
    };
  } catch (error) {
    return { kind: 'failure', ...failureOf(error) };
  }
}

/** A file in flat memory; only an answer with the status 200 is one. */
async function takeFile(send: () => Promise<Answer>, limit: number): Promise<FileReply> {
  try {
    const answer = await send();
    const pieces = answer.data as Pieces & { readonly destroy: () => void };
    if (answer.status !== 200) {
      pieces.destroy();
      return { kind: 'failure', detail: `HTTP ${answer.status}` };
    }
    const toldSize = sizeTold(answer.headers['content-length']);
    return await takeBill(pieces, { limit, toldSize });
  } catch (error) {
    return { kind: 'failure', detail: failureOf(error).detail };
  }
}
