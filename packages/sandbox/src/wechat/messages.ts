import { randomBytes } from 'node:crypto';
import { type Exchange, type Reply, textReply } from '../http.ts';
import type { World } from '../world.ts';
import { isSignedV2, type Params, signTypeOf, signV2 } from './signature.ts';
import { buildXml, parseXml } from './xml.ts';

/** A business refusal of V2: `err_code` and its text. */
export interface Refusal {
  readonly code: string;
  readonly text: string;
}

export function refusal(code: string, text: string): Refusal {
  return { code, text };
}

/** Endpoints whose messages carry no `nonce_str` (rails.md §1.3). */
const WITHOUT_NONCE = new Set([
  '/papay/preentrustweb',
  '/papay/querycontract',
  '/papay/deletecontract',
]);

/** Says what is wrong with a V2 message as a whole; undefined when it may be read. */
export function findMessageProblem(world: World, params: Params | undefined): string | undefined {
  const { mchid, appid, apiV2Key } = world.credentials.wechat;
  if (params === undefined) return 'XML格式错误';
  if (!isSignedV2(params, apiV2Key)) return '签名失败';
  if (params['mch_id'] !== mchid) return 'mch_id参数错误';
  if (params['appid'] !== appid) return 'appid和mch_id不匹配';
  if (Object.values(params).some(hasWideCharacter)) return '参数含有不支持的字符';
  return undefined;
}

/** V2 fields take UTF-8 characters of one to three bytes only (rails.md §1.2). */
function hasWideCharacter(text: string): boolean {
  return /[\u{10000}-\u{10ffff}]/u.test(text);
}

/** Reads the XML of a POST. */
export function readMessage(exchange: Exchange): Params | undefined {
  return exchange.method === 'POST' ? parseXml(exchange.body.toString('utf8')) : undefined;
}

/**
 * A transport-level failure: unsigned, because who cannot sign cannot be answered in confidence.
 */
export function transportFailure(returnMsg: string): Reply {
  return xmlReply({ return_code: 'FAIL', return_msg: returnMsg });
}

export function xmlReply(params: Params): Reply {
  return textReply(200, buildXml(params), 'text/xml');
}

/**
 * What an operation found out: fields of a success, or a refusal (with fields when the rail gives
 * them).
 */
export type Finding =
  | { readonly ok: true; readonly fields: Params }
  | { readonly ok: false; readonly refusal: Refusal; readonly fields?: Params };

export function found(fields: Params): Finding {
  return { ok: true, fields };
}

export function refuse(code: string, text: string): Finding {
  return { ok: false, refusal: refusal(code, text) };
}

/** Writes a signed V2 reply, with the algorithm that the request used. */
export function signedReply(
  world: World,
  request: { readonly path: string; readonly params: Params },
  finding: Finding,
): Reply {
  const { mchid, appid, apiV2Key } = world.credentials.wechat;
  const outcome: Params = finding.ok
    ? { result_code: 'SUCCESS' }
    : {
        result_code: 'FAIL',
        err_code: finding.refusal.code,
        err_code_des: finding.refusal.text,
      };
  const fields: Params = {
    return_code: 'SUCCESS',
    return_msg: 'OK',
    appid,
    mch_id: mchid,
    ...(!WITHOUT_NONCE.has(request.path) && { nonce_str: randomBytes(16).toString('hex') }),
    ...outcome,
    ...finding.fields,
  };
  const sent = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
  return xmlReply({ ...sent, sign: signV2(sent, apiV2Key, signTypeOf(request.params)) });
}

/** Spoils the signature of a reply: V2 in the body, V3 in the header. */
export function forgeReply(reply: Reply): Reply {
  const header = reply.headers['wechatpay-signature'];
  if (header !== undefined) {
    const headers = { ...reply.headers, 'wechatpay-signature': reverseText(header) };
    return { ...reply, headers };
  }
  return { ...reply, body: forgeXml(String(reply.body)) };
}

/** Reverses the signature inside a V2 message. */
export function forgeXml(xml: string): string {
  return xml.replace(
    /(<sign><!\[CDATA\[)([0-9A-F]+)/,
    (_, head: string, sign: string) => `${head}${reverseText(sign)}`,
  );
}

function reverseText(text: string): string {
  return [...text].reverse().join('');
}
