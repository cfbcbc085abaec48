import { bytesAt, sizeTold, takeBill } from '../bill-bytes.ts';
import { failureOf } from '../failures.ts';
import type { UnionpaySettings } from './config.ts';
import type { Fields } from './fields.ts';
import { withSignature } from './signature.ts';

/** Longest ordinary reply that is read, in bytes. */
const REPLY_LIMIT_BYTES = 5 * 1024 * 1024;

/** A file comes as one long answer; it may take this many times the ordinary time-out. */
const FILE_PATIENCE = 30;

/** Where a call goes: card data and money, questions, or files. */
export type Place = 'back' | 'query' | 'file';

const PATHS: Readonly<Record<Place, string>> = {
  back: '/gateway/api/backTransReq.do',
  query: '/gateway/api/queryTrans.do',
  file: '/',
};

const FRONT_PATH = '/gateway/api/frontTransReq.do';

export type HttpReply =
  | { readonly kind: 'reply'; readonly status: number; readonly body: Uint8Array }
  | { readonly kind: 'failure'; readonly neverSent: boolean; readonly detail: string };

/** Adds `certId` and the signature. */
export function signRequest(settings: UnionpaySettings, fields: Fields): Fields {
  return withSignature({ ...fields, certId: settings.certId }, settings.privateKey);
}

/** Posts one signed form. What comes back is bytes, verified and read elsewhere. */
export function send(settings: UnionpaySettings, place: Place, fields: Fields): Promise<HttpReply> {
  const isFile = place === 'file';
  const host = isFile ? settings.fileGateway : settings.gateway;
  const url = new URL(PATHS[place], host).toString();
  const milliseconds = settings.timeoutMilliseconds * (isFile ? FILE_PATIENCE : 1);
  const limit = isFile ? settings.billLimitBytes : REPLY_LIMIT_BYTES;
  return exchange(url, { body: formOf(signRequest(settings, fields)), milliseconds, limit });
}

/** The signed address of a page that the payer's browser opens. */
export function pageUrl(settings: UnionpaySettings, fields: Fields): string {
  const url = new URL(FRONT_PATH, settings.gateway);
  url.search = formOf(signRequest(settings, fields));
  return url.toString();
}

function formOf(fields: Fields): string {
  return new URLSearchParams(fields).toString();
}

async function exchange(
  url: string,
  call: { readonly body: string; readonly milliseconds: number; readonly limit: number },
): Promise<HttpReply> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' };
  const signal = AbortSignal.timeout(call.milliseconds);
  const init = { method: 'POST', headers, body: call.body, redirect: 'error', signal } as const;
  try {
    const response = await fetch(url, init);
    return await readLimited(response, call.limit);
  } catch (error) {
    return { kind: 'failure', ...failureOf(error) };
  }
}

/**
 * The reply, unless it is longer than the limit: then the rest is not read. What is long waits on
 * the disk until it is whole; only then is it in memory, where its one signature is checked.
 */
async function readLimited(response: Response, limit: number): Promise<HttpReply> {
  const { status, headers } = response;
  const toldSize = sizeTold(headers.get('content-length'));
  const taken = await takeBill(response.body ?? new Blob([]).stream(), { limit, toldSize });
  if (taken.kind === 'too_large') {
    return { kind: 'failure', neverSent: false, detail: taken.detail };
  }
  const { bytes } = taken;
  try {
    return { kind: 'reply', status, body: await bytesAt(bytes, 0, bytes.size) };
  } finally {
    await bytes.release();
  }
}
