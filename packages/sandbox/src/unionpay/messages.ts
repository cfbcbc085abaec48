import { type Reply, textReply } from '../http.ts';
import type { UnionpayKeys } from './keys.ts';
import { type Fields, signFields, writeReply } from './signature.ts';

/** What each code says; the rest says its number only. */
const WORDS: Readonly<Record<string, string>> = {
  '00': '成功',
  '03': '交易通讯超时，请发起查询交易',
  '04': '交易状态未明，请查询对账结果',
  '05': '交易已受理，请稍后查询交易结果',
  '10': '报文格式错误',
  '11': '验证签名失败',
  '12': '重复交易',
  '31': '商户状态不正确',
  '33': '交易金额超限',
  '34': '查无此交易',
  '35': '原交易不存在或状态不正确',
  '40': '绑定关系检查失败',
  '60': '交易失败，详情请咨询您的发卡行',
  '61': '输入的卡号无效，请确认后输入',
  '64': '卡上的余额不足',
  '66': '输入的姓名、证件号或手机号有误',
  '71': '短信验证码错误',
  '80': '标记已过期',
  '98': '文件不存在',
  A6: '有缺陷的成功',
};

/** The fields of a reply that name the request, with a code and its words. */
export function answerTo(asked: Fields, code: string, extra: Fields = {}): Fields {
  const repeated: Record<string, string> = {};
  const names = [
    'version',
    'encoding',
    'signMethod',
    'txnType',
    'txnSubType',
    'bizType',
    'accessType',
    'merId',
    'orderId',
    'txnTime',
    'settleDate',
    'reqReserved',
  ];
  for (const name of names) {
    const value = asked[name];
    if (value !== undefined && value !== '') repeated[name] = value;
  }
  return {
    ...repeated,
    version: '5.1.0',
    signMethod: '01',
    respCode: code,
    respMsg: wordsOf(code),
    ...extra,
  };
}

/** The words of a code with the internal code that the rail adds. */
export function wordsOf(code: string): string {
  return `${WORDS[code] ?? '交易失败'}[${code === '00' ? '0000000' : `60000${code}`}]`;
}

/** Adds the certificate (with CRLF line ends, as the rail writes it) and the signature. */
export function signMessage(keys: UnionpayKeys, fields: Fields): Fields {
  const signPubKeyCert = keys.platformCertificate.trimEnd().replaceAll('\n', '\r\n');
  return signFields(
    { ...fields, certId: keys.platformCertId, signPubKeyCert },
    keys.platformPrivate,
  );
}

/** A signed reply. */
export function signedReply(keys: UnionpayKeys, fields: Fields): Reply {
  return textReply(200, writeReply(signMessage(keys, fields)));
}

/** Spoils the signature of a reply. */
export function forgeReply(reply: Reply): Reply {
  const body = String(reply.body).replace(
    /(^|&)signature=([^&]*)/,
    (_, before: string, value: string) => `${before}signature=${[...value].reverse().join('')}`,
  );
  return { ...reply, body };
}
