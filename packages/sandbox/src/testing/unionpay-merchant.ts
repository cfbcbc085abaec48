import assert from 'node:assert/strict';
import { constants, createPrivateKey, publicEncrypt, X509Certificate } from 'node:crypto';
import { formatCompact } from '../beijing.ts';
import { type Fields, isSigned, signFields } from '../unionpay/signature.ts';
import type { Stage } from './stage.ts';

/** What the admin endpoint tells a merchant of UnionPay. */
interface Given {
  readonly merId: string;
  readonly trId: string;
  readonly signingKey: string;
  readonly signingCertificate: string;
  readonly encryptionCertificate: string;
  readonly rootCertificate: string;
  readonly middleCertificate: string;
}

/** A merchant's calls to UnionPay, as short as a test wants them. */
export interface UnionpayMerchant {
  readonly given: Given;
  /** Sends fields with the common ones and a signature; returns the verified reply. */
  call(kind: string, fields: Fields): Promise<Fields>;
  /** Opens a card with the code and returns its token. */
  openCard(orderId: string, number?: string): Promise<string>;
  pay(token: string, orderId: string, txnAmt?: string): Promise<Fields>;
  ask(orderId: string): Promise<Fields>;
  refund(queryId: string, orderId: string, txnAmt: string): Promise<Fields>;
  /** The fields of a card, encrypted. */
  card(number: string, smsCode?: string): Fields;
  frontUrl(orderId: string): string;
}

export const CARD = '6216260000000000001';
/** The time of every order of a merchant in these tests. */
const TIME = formatCompact(Date.parse('2026-12-01T00:00:00Z'));

const PATHS: Readonly<Record<string, string>> = {
  '00/00': '/gateway/api/queryTrans.do',
  '76/01': '/',
};

export async function openUnionpayMerchant(stage: Stage): Promise<UnionpayMerchant> {
  const { body } = await stage.admin('GET', '/admin/credentials');
  const given = body['unionpay'] as Given;
  const signed = (kind: string, fields: Fields): Fields => {
    const [txnType = '', txnSubType = ''] = kind.split('/');
    const own = new X509Certificate(given.signingCertificate);
    const all: Fields = {
      version: '5.1.0',
      encoding: 'UTF-8',
      signMethod: '01',
      bizType: '000902',
      accessType: '0',
      channelType: '07',
      merId: given.merId,
      txnType,
      txnSubType,
      txnTime: TIME,
      certId: BigInt(`0x${own.serialNumber}`).toString(),
      ...fields,
    };
    return signFields(all, createPrivateKey(given.signingKey));
  };
  const call = async (kind: string, fields: Fields): Promise<Fields> => {
    const url = `${stage.endpoints.unionpay}${PATHS[kind] ?? '/gateway/api/backTransReq.do'}`;
    const form = new URLSearchParams(signed(kind, fields));
    const response = await fetch(url, { method: 'POST', body: form });
    return readReply(await response.text());
  };
  const card = (number: string, smsCode?: string) => cardFields(given, number, smsCode);
  const backUrl = `${stage.merchantUrl}/unionpay`;
  const tokenPayData = `{trId=${given.trId}&tokenType=01}`;
  return {
    given,
    call,
    card,
    frontUrl: (orderId) => {
      const fields = signed('79/00', { orderId, tokenPayData, backUrl });
      const page = `${stage.endpoints.unionpay}/gateway/api/frontTransReq.do`;
      return `${page}?${new URLSearchParams(fields)}`;
    },
    async openCard(orderId, number = CARD) {
      await call('77/00', { orderId, tokenPayData, ...card(number) });
      const opened = { orderId, tokenPayData, backUrl, ...card(number, '111111') };
      const reply = await call('79/00', opened);
      assert.equal(reply['respCode'], '00');
      return tokenOf(reply);
    },
    pay: (token, orderId, txnAmt = '1990') =>
      call('01/01', {
        orderId,
        txnAmt,
        currencyCode: '156',
        backUrl,
        tokenPayData: `{token=${token}&trId=${given.trId}}`,
      }),
    ask: (orderId) => call('00/00', { orderId, bizType: '000000' }),
    refund: (origQryId, orderId, txnAmt) =>
      call('04/00', { orderId, origQryId, txnAmt, currencyCode: '156', backUrl }),
  };
}

/** The fields of a card of a made-up holder, encrypted for UnionPay. */
function cardFields(given: Given, number: string, smsCode?: string): Fields {
  const key = new X509Certificate(given.encryptionCertificate).publicKey;
  const options = { key, padding: constants.RSA_PKCS1_PADDING };
  const encrypt = (text: string) => publicEncrypt(options, Buffer.from(text)).toString('base64');
  const code = smsCode === undefined ? '' : `&smsCode=${smsCode}`;
  const phone = encrypt('phoneNo=19075550134');
  const holder = 'certifTp=01&certifId=00000000000000001X&customerNm=测试';
  const info = `{${holder}${code}&encryptedInfo=${phone}}`;
  return { accNo: encrypt(number), customerInfo: Buffer.from(info).toString('base64') };
}

/** The token of a reply or a notice. */
export function tokenOf(fields: Fields): string {
  return /token=(\d+)/.exec(fields['tokenPayData'] ?? '')?.[1] ?? '';
}

/** Verifies a reply by the certificate inside it; an ampersand in braces is part of a value. */
export function readReply(text: string): Fields {
  const pairs = text.split(/&(?![^{]*\})/).map((pair): [string, string] => {
    const equals = pair.indexOf('=');
    return [pair.slice(0, equals), pair.slice(equals + 1)];
  });
  return verified(Object.fromEntries(pairs));
}

/** Verifies the form of a notice. */
export function readNotice(body: string): Fields {
  return verified(Object.fromEntries(new URLSearchParams(body)) as Fields);
}

function verified(fields: Fields): Fields {
  const key = new X509Certificate(fields['signPubKeyCert'] ?? '').publicKey;
  assert.ok(isSigned(fields, key), 'the message is signed');
  return fields;
}
