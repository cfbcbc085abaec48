import { createHash, randomBytes } from 'node:crypto';
import { formatYuan } from '../money.ts';
import type { World } from '../world.ts';
import { type Refusal, refusal } from './messages.ts';
import { notifyContract } from './notifications.ts';
import {
  type Contract,
  contractIdFor,
  type Signing,
  templateOf,
  userKey,
  type WechatBooks,
} from './records.ts';
import type { Params } from './signature.ts';

/** A sign link lives ten minutes (rails.md §1.5). */
const LINK_LIFE_MS = 10 * 60_000;
/** A contract is open-ended; the rail still shows an expiry, here ten years after the signing. */
const CONTRACT_LIFE_MS = 3650 * 86_400_000;

/** Returns what is wrong with a request to sign; undefined when the wallet may show it. */
export function findSigningProblem(books: WechatBooks, params: Params): Refusal | undefined {
  const wrong = findWrongField(params);
  if (wrong !== undefined) return refusal('PARAM_ERROR', `参数错误: ${wrong}`);
  const code = params['contract_code'] ?? '';
  const [earlier] = books.contractsByCode(code);
  if (earlier?.state === 'active') return refusal('CONTRACT_EXISTS', '该合同号已签约');
  // A code is never reusable: a late ADD of the old contract must not revive anything (rails.md
  // §1.6).
  if (earlier !== undefined) return refusal('CONTRACT_CODE_USED', '该合同号已使用过');
  return undefined;
}

const FIELD_RULES: Readonly<Record<string, (value: string) => boolean>> = {
  plan_id: (value) => templateOf(value) !== undefined,
  contract_code: (value) => /^[0-9A-Za-z_\-|*]{1,32}$/.test(value),
  request_serial: (value) => /^[1-9]\d{0,18}$/.test(value) && BigInt(value) < 2n ** 63n,
  contract_display_account: (value) => value.length >= 1 && value.length <= 32,
  notify_url: (value) => value.length <= 256 && /^https?:\/\/[^?#]+$/.test(value),
  version: (value) => value === '1.0',
  timestamp: (value) => /^[1-9]\d{8,}$/.test(value),
};

function findWrongField(params: Params): string | undefined {
  return Object.keys(FIELD_RULES).find((name) => FIELD_RULES[name]?.(params[name] ?? '') !== true);
}

/** Records a request to sign under a token; the same token again is the same request. */
export function beginSigning(world: World, books: WechatBooks, request: SigningRequest): Signing {
  const known = books.signings.get(request.token);
  if (known !== undefined) return known;
  const { params, token } = request;
  const signing: Signing = {
    token,
    planId: params['plan_id'] ?? '',
    contractCode: params['contract_code'] ?? '',
    displayAccount: params['contract_display_account'] ?? '',
    requestSerial: params['request_serial'] ?? '',
    notifyUrl: params['notify_url'] ?? '',
    expiresAt: world.clock.now() + LINK_LIFE_MS,
    visited: false,
  };
  books.signings.put(token, signing);
  return signing;
}

/** A checked request to sign and the name under which the wallet finds it. */
export interface SigningRequest {
  readonly token: string;
  readonly params: Params;
}

/** Returns a token for a link that the server makes. */
export function freshToken(): string {
  return randomBytes(16).toString('hex');
}

/** Returns the token of a browser request: the same signed query is the same request. */
export function tokenOfQuery(params: Params): string {
  return createHash('sha256')
    .update(params['sign'] ?? '')
    .digest('hex')
    .slice(0, 32);
}

/** Returns the lines of the consent page. */
export function describeRules(signing: Signing): readonly string[] {
  const template = templateOf(signing.planId);
  if (template === undefined) return [];
  const notice =
    template.mode === 'pre_notice'
      ? '每次扣费前，微信支付将至少提前两天通知您。'
      : '每次扣费前24小时，微信支付将通知您。';
  return [`每次扣费不高于 ¥${formatYuan(template.ceilingMinor)}`, notice];
}

/** What a decision in the wallet led to. */
export interface Decided {
  readonly status: number;
  readonly sentence: string;
  readonly result: Readonly<Record<string, string | null>>;
}

/** Carries out the user's decision, once: the same page answers the same again. */
export function decideSigning(
  world: World,
  books: WechatBooks,
  choice: { readonly token: string; readonly decision: string; readonly user?: string | undefined },
): Decided {
  const signing = books.signings.require(choice.token);
  if (signing.decision !== undefined) return tellSigning(books, signing);
  if (signing.expiresAt < world.clock.now()) return failed(410, '链接已过期');
  if (choice.decision === 'refuse') {
    const refused: Signing = { ...signing, decision: 'refuse' };
    // A refused signing produces no callback (rails.md §1.6).
    books.signings.put(signing.token, refused);
    return tellSigning(books, refused);
  }
  if (choice.decision !== 'agree') return failed(400, 'decision 必须是 agree 或 refuse');
  const openid = choice.user || openidFor(signing.displayAccount);
  if (books.contractsByCode(signing.contractCode).length > 0) return failed(409, '该合同号已签约');
  const others = books.contractsByUser(userKey(signing.planId, openid));
  if (others.some((other) => other.state === 'active')) return failed(409, '用户已签约该服务');
  const contract = makeContract(world, signing, openid);
  books.contracts.put(contract.contractId, contract);
  const agreed: Signing = { ...signing, decision: 'agree', contractId: contract.contractId };
  books.signings.put(signing.token, agreed);
  notifyContract(world, contract, { type: 'ADD', url: signing.notifyUrl });
  return tellSigning(books, agreed);
}

function makeContract(world: World, signing: Signing, openid: string): Contract {
  const signedAt = world.clock.now();
  return {
    contractId: contractIdFor(world.credentials.wechat.mchid, signing.contractCode),
    contractCode: signing.contractCode,
    planId: signing.planId,
    openid,
    displayAccount: signing.displayAccount,
    requestSerial: signing.requestSerial,
    state: 'active',
    signedAt,
    expiresAt: signedAt + CONTRACT_LIFE_MS,
  };
}

function tellSigning(books: WechatBooks, signing: Signing): Decided {
  const contract = signing.contractId ? books.contracts.get(signing.contractId) : undefined;
  return {
    status: 200,
    sentence: contract === undefined ? '您已拒绝开通' : '开通成功，可返回商户页面',
    result: {
      contract_id: contract?.contractId ?? null,
      contract_code: signing.contractCode,
      state: contract?.state ?? 'refused',
    },
  };
}

function failed(status: number, sentence: string): Decided {
  return { status, sentence, result: { error: sentence } };
}

/** Each display account is its own WeChat user unless the page is told otherwise. */
export function openidFor(displayAccount: string): string {
  const digest = createHash('sha256').update(`openid|${displayAccount}`).digest('base64url');
  return `o${digest.slice(0, 27)}`;
}
