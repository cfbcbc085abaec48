import assert from 'node:assert/strict';
import { randomBytes, sign, verify } from 'node:crypto';
import { request } from 'node:https';
import { isSignedV2, type Params, type SignType, signV2 } from '../wechat/signature.ts';
import { buildXml, parseXml } from '../wechat/xml.ts';
import type { Stage } from './stage.ts';

/** A merchant's calls to WeChat Pay, as short as a test wants them. */
export interface WechatMerchant {
  /** Posts a signed V2 message and returns its verified reply. */
  v2(path: string, params: Params, type?: SignType): Promise<Params>;
  /** Signs a contract in the wallet and returns its id. */
  signContract(code: string, options?: SignOptions): Promise<string>;
  /** Asks for a link to the wallet page. */
  askForLink(code: string, options?: SignOptions): Promise<Params>;
  /** Asks for a deduction of `fee` 分. */
  pay(contractId: string, orderNumber: string, fee?: number): Promise<Params>;
  /**
   * Sends the V3 notice; returns the status, the code of an error and whether the reply was
   * signed.
   */
  notice(contractId: string, options?: NoticeOptions): Promise<NoticeReply>;
}

export interface SignOptions {
  readonly planId?: string;
  readonly account?: string;
  readonly user?: string;
  readonly change?: Params;
}

export interface NoticeOptions {
  readonly amount?: number;
  readonly count?: number;
  readonly operation?: string;
  readonly skewSeconds?: number;
  readonly tamper?: boolean;
}

export interface NoticeReply {
  readonly status: number;
  readonly code: string | undefined;
  readonly signed: boolean;
}

/** The result of a V2 reply in one word: SUCCESS, or the refusal's code. */
export function resultOf(reply: Params): string {
  if (reply['return_code'] !== 'SUCCESS') return reply['return_msg'] ?? '';
  return reply['result_code'] === 'SUCCESS' ? 'SUCCESS' : (reply['err_code'] ?? '');
}

export function openWechatMerchant(stage: Stage): WechatMerchant {
  const askForLink = (code: string, options: SignOptions = {}) => sendH5(stage, code, options);
  return {
    v2: (path, params, type = 'MD5') => postV2(stage, { path, params, type }),
    askForLink,
    async signContract(code, options = {}) {
      const link = (await askForLink(code, options))['redirect_url'];
      assert.ok(link, `no link for ${code}`);
      const user = options.user === undefined ? {} : { user: options.user };
      const body = new URLSearchParams({ decision: 'agree', ...user });
      const response = await fetch(link, { method: 'POST', body });
      const decided = (await response.json()) as { contract_id: string };
      return decided.contract_id;
    },
    pay: (contractId, orderNumber, fee = 1990) =>
      postV2(stage, {
        path: '/pay/pappayapply',
        params: {
          nonce_str: randomBytes(8).toString('hex'),
          body: '会员月费',
          out_trade_no: orderNumber,
          total_fee: String(fee),
          spbill_create_ip: '127.0.0.1',
          notify_url: `${stage.merchantUrl}/wechat/pay`,
          trade_type: 'PAP',
          contract_id: contractId,
        },
        type: 'MD5',
      }),
    notice: (contractId, options = {}) => sendNotice(stage, contractId, options),
  };
}

/** The fields of a request to sign. */
export function signingFields(stage: Stage, code: string, options: SignOptions = {}): Params {
  const { mchid, appid } = stage.credentials.wechat;
  return {
    appid,
    mch_id: mchid,
    plan_id: options.planId ?? '120001',
    contract_code: code,
    request_serial: '1',
    contract_display_account: options.account ?? code,
    notify_url: `${stage.merchantUrl}/wechat/sign`,
    version: '1.0',
    timestamp: '1764547200',
    ...options.change,
  };
}

async function sendH5(stage: Stage, code: string, options: SignOptions): Promise<Params> {
  const params: Params = {
    clientip: '127.0.0.1',
    sign_type: 'HMAC-SHA256',
    ...signingFields(stage, code, options),
  };
  const type = params['sign_type'] === 'MD5' ? 'MD5' : 'HMAC-SHA256';
  const signature = signV2(params, stage.credentials.wechat.apiV2Key, type);
  const query = new URLSearchParams({ ...params, sign: signature });
  const response = await fetch(`${stage.endpoints.wechat}/papay/h5entrustweb?${query}`);
  const reply = parseXml(await response.text()) ?? {};
  assert.equal(reply['sign'], undefined, 'h5entrustweb replies are not signed');
  return reply;
}

async function postV2(
  stage: Stage,
  call: { readonly path: string; readonly params: Params; readonly type: SignType },
): Promise<Params> {
  const { mchid, appid, apiV2Key } = stage.credentials.wechat;
  const params: Params = {
    appid,
    mch_id: mchid,
    ...call.params,
    ...(call.type === 'HMAC-SHA256' && { sign_type: call.type }),
  };
  const message = { ...params, sign: signV2(params, apiV2Key, call.type) };
  const body = buildXml(message);
  const text = call.path.startsWith('/secapi/')
    ? await postSecure(stage, { path: call.path, body })
    : await (await fetch(`${stage.endpoints.wechat}${call.path}`, { method: 'POST', body })).text();
  const reply = parseXml(text);
  assert.ok(reply, 'the reply is not XML');
  if (reply['return_code'] === 'SUCCESS') assert.ok(isSignedV2(reply, apiV2Key), 'unsigned reply');
  return reply;
}

/** Posts over TLS with a client certificate; by default the merchant's own. */
export function postSecure(
  stage: Stage,
  call: {
    readonly path: string;
    readonly body: string;
    readonly client?: { readonly certificate: string; readonly key: string } | 'none';
  },
): Promise<string> {
  const { path, body } = call;
  const { secureAuthority, clientCertificate } = stage.credentials.wechat;
  const client = call.client === 'none' ? undefined : (call.client ?? clientCertificate);
  return new Promise((resolve, reject) => {
    const papers = client && { cert: client.certificate, key: client.key };
    const options = { method: 'POST', ca: secureAuthority, agent: false, ...papers } as const;
    const sent = request(`${stage.endpoints.wechatSecure}${path}`, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => {
        text += piece;
      });
      response.once('end', () => resolve(text));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

async function sendNotice(
  stage: Stage,
  contractId: string,
  options: NoticeOptions,
): Promise<NoticeReply> {
  const { mchid, appid, merchantSerial, platformPublicKey } = stage.credentials.wechat;
  const { amount = 1990, count = 3, operation = 'notify', skewSeconds = 0 } = options;
  const path = `/v3/papay/contracts/${contractId}/${operation}`;
  const reminder = { mchid, appid };
  const full = {
    ...reminder,
    deduct_duration: { count, unit: 'DAY' },
    estimated_amount: { amount, currency: 'CNY' },
  };
  const body = JSON.stringify(operation === 'notify' ? full : reminder);
  const timestamp = String(Math.floor(Date.now() / 1000) + skewSeconds);
  const nonce = randomBytes(8).toString('hex');
  const text = `POST\n${path}\n${timestamp}\n${nonce}\n${body}\n`;
  const signature = sign('sha256', Buffer.from(text), stage.keys.wechat).toString('base64');
  const parts = { mchid, nonce_str: nonce, signature, timestamp, serial_no: merchantSerial };
  const items = Object.entries(parts).map(([name, value]) => `${name}="${value}"`);
  const response = await fetch(`${stage.endpoints.wechat}${path}`, {
    method: 'POST',
    body: options.tamper ? body.replace('CNY', 'USD') : body,
    headers: { authorization: `WECHATPAY2-SHA256-RSA2048 ${items.join(',')}` },
  });
  const replyBody = await response.text();
  const part = (name: string) => response.headers.get(`wechatpay-${name}`) ?? '';
  const signed = verify(
    'sha256',
    Buffer.from(`${part('timestamp')}\n${part('nonce')}\n${replyBody}\n`),
    platformPublicKey,
    Buffer.from(part('signature'), 'base64'),
  );
  const code = replyBody === '' ? undefined : (JSON.parse(replyBody) as { code: string }).code;
  return { status: response.status, code, signed };
}
