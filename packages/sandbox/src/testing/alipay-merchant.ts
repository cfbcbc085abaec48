import assert from 'node:assert/strict';
import { verify } from 'node:crypto';
import { joinSorted, type Params, signRsa2 } from '../alipay/signature.ts';
import { formatDashed } from '../beijing.ts';
import type { Stage } from './stage.ts';

/** The content of a verified reply. */
export type Content = Readonly<Record<string, unknown>>;

/** A merchant's calls to Alipay, as short as a test wants them. */
export interface AlipayMerchant {
  /** Calls a method and returns the verified content of its reply. */
  call(method: string, biz: unknown, extra?: Params): Promise<Content>;
  /** Builds a signed link to the wallet page. */
  signLink(externalNo: string, change?: Content): string;
  /** Signs an agreement in the wallet and returns its number. */
  signAgreement(externalNo: string, change?: Content): Promise<string>;
  /** Debits an agreement. */
  pay(agreementNo: string, outTradeNo: string, yuan?: string): Promise<Content>;
}

/** The result of a reply in one word: the code, or the sub_code of a refusal. */
export function resultOf(content: Content): string {
  return String(content['sub_code'] ?? content['code']);
}

/** A monthly rule whose first debit is due on 5 December 2026. */
export const MONTHLY: Content = {
  period_type: 'MONTH',
  period: 1,
  execute_time: '2026-12-05',
  single_amount: '50.00',
};

export function openAlipayMerchant(stage: Stage): AlipayMerchant {
  const signLink = (externalNo: string, change: Content = {}) => {
    const biz = {
      personal_product_code: 'CYCLE_PAY_AUTH_P',
      product_code: 'CYCLE_PAY_AUTH',
      access_params: { channel: 'ALIPAYAPP' },
      sign_scene: 'INDUSTRY|DIGITAL_MEDIA',
      external_agreement_no: externalNo,
      external_logon_id: externalNo,
      period_rule_params: MONTHLY,
      ...change,
    };
    const notify = { notify_url: `${stage.merchantUrl}/alipay/sign` };
    const params = signed(stage, { method: 'alipay.user.agreement.page.sign', biz, extra: notify });
    return `${stage.endpoints.alipay}?${new URLSearchParams(params)}`;
  };
  const call = (method: string, biz: unknown, extra: Params = {}) =>
    post(stage, { method, biz, extra });
  return {
    call,
    signLink,
    async signAgreement(externalNo, change) {
      const body = new URLSearchParams({ decision: 'agree' });
      const response = await fetch(signLink(externalNo, change), { method: 'POST', body });
      const decided = (await response.json()) as { agreement_no: string; error?: string };
      assert.ok(decided.agreement_no, decided.error ?? 'no agreement');
      return decided.agreement_no;
    },
    pay: (agreementNo, outTradeNo, yuan = '19.90') =>
      call(
        'alipay.trade.pay',
        {
          out_trade_no: outTradeNo,
          total_amount: yuan,
          subject: '会员月费',
          product_code: 'CYCLE_PAY_AUTH',
          agreement_params: { agreement_no: agreementNo },
        },
        { notify_url: `${stage.merchantUrl}/alipay/pay` },
      ),
  };
}

interface Call {
  readonly method: string;
  readonly biz: unknown;
  readonly extra: Params;
}

/**
 * Returns the signed parameters of a call; `extra` may replace any of them before the signature.
 */
export function signed(stage: Stage, call: Call): Params {
  const params: Params = {
    app_id: stage.credentials.alipay.appId,
    method: call.method,
    format: 'JSON',
    charset: 'utf-8',
    sign_type: 'RSA2',
    version: '1.0',
    timestamp: formatDashed(Date.now()),
    biz_content: JSON.stringify(call.biz),
    ...call.extra,
  };
  return { ...params, sign: signRsa2(joinSorted(params, new Set()), stage.keys.alipay) };
}

/** Posts as the official SDK does: public parameters in the query, `biz_content` in the body. */
async function post(stage: Stage, call: Call): Promise<Content> {
  const { biz_content = '', ...query } = signed(stage, call);
  const response = await fetch(`${stage.endpoints.alipay}?${new URLSearchParams(query)}`, {
    method: 'POST',
    body: new URLSearchParams({ biz_content }),
  });
  return readReply(stage, await response.text());
}

/** Verifies a reply over the exact text of its content. */
export function readReply(stage: Stage, text: string): Content {
  const [, inner = '', signature = ''] = /^\{"\w+":(\{.*\}),"sign":"([^"]+)"\}$/s.exec(text) ?? [];
  const { alipayPublicKey } = stage.credentials.alipay;
  const genuine = verify(
    'sha256',
    Buffer.from(inner),
    alipayPublicKey,
    Buffer.from(signature, 'base64'),
  );
  assert.ok(genuine, `the reply is not signed: ${text.slice(0, 200)}`);
  return JSON.parse(inner) as Content;
}
