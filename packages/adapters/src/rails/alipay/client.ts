import type { KeyObject } from 'node:crypto';
import { AlipaySdk } from 'alipay-sdk';
import { formatBeijing } from '../beijing.ts';
import { type BillIntake, sizeTold, takeBill } from '../bill-bytes.ts';
import { failureOf } from '../failures.ts';
import type { AlipaySettings } from './config.ts';

/** Longest reply that is read, in bytes. */
const REPLY_LIMIT_BYTES = 5 * 1024 * 1024;

/** A bill comes as one long answer; it may take this many times the ordinary time-out. */
const BILL_PATIENCE = 30;

/** Parameters that Alipay wants in the address; all others (`biz_content`) go into the body. */
const IN_ADDRESS: ReadonlySet<string> = new Set([
  'app_id',
  'method',
  'charset',
  'sign_type',
  'sign',
  'timestamp',
  'version',
  'notify_url',
]);

/** Business content of a call, in Alipay's own names. */
export type BizContent = Readonly<Record<string, unknown>>;

export type AlipayCall = {
  readonly method: string;
  readonly content: BizContent;
  readonly notifyUrl?: string;
};

export type HttpReply =
  | { readonly kind: 'reply'; readonly status: number; readonly body: Uint8Array }
  | { readonly kind: 'failure'; readonly neverSent: boolean; readonly detail: string };

/** A file, or why there is none. */
export type FileReply = BillIntake | { readonly kind: 'failure'; readonly detail: string };

/** Alipay's HTTP and nothing else: replies come back as bytes, verified and read elsewhere. */
export type AlipayClient = {
  /** Sends one signed call. */
  readonly send: (call: AlipayCall) => Promise<HttpReply>;
  /** The signed address of a page that the payer opens. */
  readonly pageUrl: (call: AlipayCall) => string;
  /** The signed parameters as one text (`a=b&c=d`), which an app hands to Alipay's own app. */
  readonly appText: (call: AlipayCall) => string;
  /** Whether a reply's inner text was signed by Alipay. */
  readonly isSigned: (text: string, key: string, sign: string) => boolean;
  /** Fetches a file from an address that has been checked. */
  readonly download: (url: string) => Promise<FileReply>;
};

/**
 * Builds the client. The official SDK signs every request and verifies every reply; the transport
 * is ours, because the SDK's has no size limit, follows redirects and hides what was sent before it
 * failed.
 */
export function makeAlipayClient(settings: AlipaySettings): AlipayClient {
  // The SDK verifies with one key only, so there is one SDK for each key that is believed.
  const [present, ...others] = settings.publicKeyObjects;
  const sdk = makeSdk(settings, present);
  const sdks = [sdk, ...others.map((key) => makeSdk(settings, key))];
  const parameters = ({ content, notifyUrl }: AlipayCall) => ({
    bizContent: content,
    timestamp: formatBeijing(settings.now()),
    ...(notifyUrl === undefined ? {} : { notifyUrl }),
  });
  return {
    send: (call) => {
      const signed = sdk.sdkExecute(call.method, parameters(call));
      return post(settings, new URLSearchParams(signed));
    },
    pageUrl: (call) => sdk.pageExecute(call.method, 'GET', parameters(call)),
    appText: (call) => sdk.sdkExecute(call.method, parameters(call)),
    isSigned: (text, key, sign) => sdks.some((one) => isSignedBy(one, [text, key, sign])),
    download: (url) => downloadFile(url, settings),
  };
}

function makeSdk(settings: AlipaySettings, publicKey: KeyObject | undefined): AlipaySdk {
  const sdk = new AlipaySdk({
    appId: settings.appId,
    privateKey: settings.merchantPrivateKey,
    alipayPublicKey: settings.alipayPublicKey,
    keyType: 'PKCS8',
    signType: 'RSA2',
    gateway: settings.gateway,
    timeout: settings.timeoutMilliseconds,
  });
  // The SDK would parse both PEM texts again for every call.
  Reflect.set(sdk.config, 'privateKey', settings.privateKeyObject);
  Reflect.set(sdk.config, 'alipayPublicKey', publicKey);
  return sdk;
}

function isSignedBy(
  sdk: AlipaySdk,
  [text, key, sign]: readonly [text: string, key: string, sign: string],
): boolean {
  try {
    sdk.checkResponseSign(text, key, sign, '');
    return true;
  } catch {
    return false;
  }
}

function post(settings: AlipaySettings, signed: URLSearchParams): Promise<HttpReply> {
  const address = new URL(settings.gateway);
  const body = new URLSearchParams();
  for (const [name, value] of signed) {
    if (IN_ADDRESS.has(name)) address.searchParams.set(name, value);
    else body.set(name, value);
  }
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded;charset=utf-8',
  };
  const init = { method: 'POST', headers, body: body.toString() };
  return exchange(address.toString(), init, settings.timeoutMilliseconds);
}

async function exchange(
  url: string,
  init: RequestInit,
  timeoutMilliseconds: number,
): Promise<HttpReply> {
  const signal = AbortSignal.timeout(timeoutMilliseconds);
  try {
    const response = await fetch(url, { ...init, redirect: 'error', signal });
    const body = await readLimited(response, REPLY_LIMIT_BYTES);
    if (body === undefined) {
      const detail = `more than ${REPLY_LIMIT_BYTES} bytes`;
      return { kind: 'failure', neverSent: false, detail };
    }
    return { kind: 'reply', status: response.status, body };
  } catch (error) {
    return { kind: 'failure', ...failureOf(error) };
  }
}

/** A bill in flat memory; only an answer with the status 200 is one. */
async function downloadFile(url: string, settings: AlipaySettings): Promise<FileReply> {
  const signal = AbortSignal.timeout(settings.timeoutMilliseconds * BILL_PATIENCE);
  try {
    const response = await fetch(url, { redirect: 'error', signal });
    if (response.status !== 200) {
      await response.body?.cancel();
      return { kind: 'failure', detail: `HTTP ${response.status}` };
    }
    return await takeBill(response.body ?? new Blob([]).stream(), {
      limit: settings.billLimitBytes,
      toldSize: sizeTold(response.headers.get('content-length')),
    });
  } catch (error) {
    return { kind: 'failure', detail: failureOf(error).detail };
  }
}

/** The body, or undefined once it is longer than the limit: then the rest is not read. */
async function readLimited(response: Response, limit: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
