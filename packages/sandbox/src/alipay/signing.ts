import { createHash } from 'node:crypto';
import { addDays, dateOf, parseDashed, startOfDate } from '../beijing.ts';
import { formatYuan, parseYuan } from '../money.ts';
import type { World } from '../world.ts';
import { notifyAgreement } from './notifications.ts';
import {
  type Agreement,
  type AlipayBooks,
  agreementNoFor,
  type PeriodRule,
  type Signing,
  userIdFor,
} from './records.ts';
import type { Params } from './signature.ts';

/** At most ten agreements of one user with one merchant (rails.md §2.1). */
const AGREEMENTS_PER_USER = 10;

/** Product codes that belong together: personal code to trade code (rails.md §2.1). */
const PRODUCT_CODES: Readonly<Record<string, string>> = {
  CYCLE_PAY_AUTH_P: 'CYCLE_PAY_AUTH',
  GENERAL_WITHHOLDING_P: 'GENERAL_WITHHOLDING',
};

/** A request to sign whose fields are right. */
export interface SigningRequest {
  readonly token: string;
  readonly externalAgreementNo: string;
  readonly externalLogonId: string;
  readonly personalProductCode: string;
  readonly productCode: string;
  readonly signScene: string;
  readonly notifyUrl: string;
  readonly returnUrl: string | undefined;
  readonly rule: PeriodRule | undefined;
}

interface SignContent {
  readonly personal_product_code?: unknown;
  readonly product_code?: unknown;
  readonly access_params?: { readonly channel?: unknown };
  readonly sign_scene?: unknown;
  readonly external_agreement_no?: unknown;
  readonly external_logon_id?: unknown;
  readonly period_rule_params?: Readonly<Record<string, unknown>>;
  readonly effect_time?: unknown;
  readonly sign_notify_url?: unknown;
}

/** Reads a request to sign; returns a sentence instead when a field is wrong. */
export function readSigning(world: World, params: Params): SigningRequest | string {
  const content = parseContent(params['biz_content']);
  if (content === undefined) return 'biz_content 不是 JSON 对象';
  return readTerms(world, params, content);
}

/**
 * Reads what the payer is to agree to: the content of a sign page, or `agreement_sign_params`
 * beside a first order (then its notice has an address of its own, `sign_notify_url`).
 */
export function readTerms(
  world: World,
  params: Params,
  content: Readonly<Record<string, unknown>>,
): SigningRequest | string {
  const given = content as SignContent;
  const personal = String(given.personal_product_code ?? '');
  const ownCode = PRODUCT_CODES[personal];
  if (ownCode === undefined) return 'personal_product_code 不支持';
  const productCode = String(given.product_code ?? ownCode);
  // Newer 商家扣款 contracts sign GENERAL_WITHHOLDING under CYCLE_PAY_AUTH_P (rails.md §2.1).
  const newer = personal === 'CYCLE_PAY_AUTH_P' && productCode === 'GENERAL_WITHHOLDING';
  if (productCode !== ownCode && !newer) return 'product_code 与个人产品码不匹配';
  const channel = String(given.access_params?.channel ?? '');
  if (!['ALIPAYAPP', 'QRCODE', 'QRCODEORSMS'].includes(channel))
    return 'access_params.channel 错误';
  const external = String(given.external_agreement_no ?? '');
  if (!/^[0-9A-Za-z]{1,32}$/.test(external)) return 'external_agreement_no 必须是1-32位字母或数字';
  const scene = String(given.sign_scene ?? '');
  if (!/^INDUSTRY\|[A-Z0-9_]+$/.test(scene)) return 'sign_scene 错误';
  if (isTooLate(params, given.effect_time)) return '签约请求已过期';
  const rule = given.period_rule_params && readRule(world, given.period_rule_params);
  if (typeof rule === 'string') return rule;
  if (productCode === 'CYCLE_PAY_AUTH' && rule === undefined) return 'period_rule_params 缺失';
  return {
    token: createHash('sha256')
      .update(params['sign'] ?? '')
      .digest('hex')
      .slice(0, 32),
    externalAgreementNo: external,
    externalLogonId: String(given.external_logon_id ?? external),
    personalProductCode: personal,
    productCode,
    signScene: scene,
    notifyUrl: String(given.sign_notify_url ?? params['notify_url'] ?? ''),
    returnUrl: params['return_url'],
    rule,
  };
}

/** Reads a `biz_content`. */
export function parseContent(text: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '');
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** `effect_time` counts seconds from the request's own timestamp, on the wall clock. */
function isTooLate(params: Params, effectSeconds: unknown): boolean {
  if (effectSeconds === undefined) return false;
  const askedAt = parseDashed(params['timestamp'] ?? '');
  return Date.now() > askedAt + Number(effectSeconds) * 1000;
}

/**
 * Reads `period_rule_params` (rails.md §2.4); returns a sentence instead when the rule is not
 * allowed.
 */
function readRule(world: World, given: Readonly<Record<string, unknown>>): PeriodRule | string {
  const periodType = given['period_type'];
  if (periodType !== 'DAY' && periodType !== 'MONTH') return 'period_type 必须是 DAY 或 MONTH';
  const period = Number(given['period']);
  const least = periodType === 'DAY' ? 7 : 1;
  if (!Number.isInteger(period) || period < least) return `period 不能小于 ${least}`;
  const executeTime = String(given['execute_time'] ?? '');
  if (Number.isNaN(startOfDate(executeTime))) return 'execute_time 必须是 yyyy-MM-dd';
  if (periodType === 'MONTH' && Number(executeTime.slice(8)) > 28)
    return 'execute_time 不能晚于28日';
  if (executeTime < dateOf(world.clock.now())) return 'execute_time 不能早于今天';
  const single = parseYuan(given['single_amount']);
  if (single === undefined) return 'single_amount 错误';
  const total = given['total_amount'] === undefined ? null : parseYuan(given['total_amount']);
  if (total === undefined) return 'total_amount 错误';
  const payments = given['total_payments'] === undefined ? null : Number(given['total_payments']);
  if (payments !== null && (!Number.isInteger(payments) || payments < 1)) {
    return 'total_payments 错误';
  }
  return {
    periodType,
    period,
    executeTime,
    singleAmount: Number(single),
    ...(total !== null && { totalAmount: Number(total) }),
    ...(payments !== null && { totalPayments: payments }),
  };
}

/**
 * Returns the lines of the consent page; `earlyDays` is how much earlier than planned a debit may
 * run.
 */
export function describeRule(rule: PeriodRule | undefined, earlyDays: number): readonly string[] {
  if (rule === undefined) return ['由商户按服务约定发起扣款'];
  const unit = rule.periodType === 'DAY' ? '天' : '个月';
  return [
    `每 ${rule.period} ${unit}扣款一次，单次不超过 ¥${formatYuan(rule.singleAmount)}`,
    `首次扣款日：${rule.executeTime}（可提前至 ${addDays(rule.executeTime, -earlyDays)}）`,
    ...(rule.totalAmount === undefined ? [] : [`累计不超过 ¥${formatYuan(rule.totalAmount)}`]),
    ...(rule.totalPayments === undefined ? [] : [`最多扣款 ${rule.totalPayments} 次`]),
  ];
}

/** What a decision in the wallet led to. */
export interface Decided {
  readonly status: number;
  readonly sentence: string;
  readonly result: Readonly<Record<string, string | null>>;
}

/** Carries out the user's decision, once: the same signed link answers the same again. */
export function decideSigning(
  world: World,
  books: AlipayBooks,
  choice: { readonly request: SigningRequest; readonly decision: string; readonly user?: string },
): Decided {
  const { request, decision } = choice;
  const known = books.signings.get(request.token);
  if (known !== undefined) return tellSigning(books, known);
  const { token, externalAgreementNo } = request;
  if (decision === 'refuse') {
    const refused: Signing = { token, externalAgreementNo, decision };
    books.signings.put(token, refused);
    return tellSigning(books, refused);
  }
  if (decision !== 'agree') return failed(400, 'decision 必须是 agree 或 refuse');
  const userId = choice.user || userIdFor(request.externalLogonId);
  const problem = findConflict(books, request, userId);
  if (problem !== undefined) return failed(409, problem);
  const agreement = makeAgreement(world, request, userId);
  books.agreements.put(agreement.agreementNo, agreement);
  const { agreementNo } = agreement;
  const agreed: Signing = { token, externalAgreementNo, decision, agreementNo };
  books.signings.put(token, agreed);
  notifyAgreement(world, agreement, { type: 'dut_user_sign', url: request.notifyUrl });
  return tellSigning(books, agreed);
}

function findConflict(
  books: AlipayBooks,
  request: SigningRequest,
  userId: string,
): string | undefined {
  if (books.agreementsByExternal(request.externalAgreementNo).length > 0) {
    return '该商户协议号已使用';
  }
  const active = books.agreementsByUser(userId).filter((one) => one.status === 'NORMAL');
  return active.length >= AGREEMENTS_PER_USER ? '用户在该商户的签约数已达上限' : undefined;
}

function makeAgreement(world: World, request: SigningRequest, userId: string): Agreement {
  return {
    agreementNo: agreementNoFor(world.credentials.alipay.appId, request.externalAgreementNo),
    externalAgreementNo: request.externalAgreementNo,
    externalLogonId: request.externalLogonId,
    personalProductCode: request.personalProductCode,
    productCode: request.productCode,
    signScene: request.signScene,
    userId,
    notifyUrl: request.notifyUrl,
    status: 'NORMAL',
    signedAt: world.clock.now(),
    ...(request.rule && { rule: request.rule, nextDeductDate: request.rule.executeTime }),
    paidCount: 0,
    paidMinor: 0,
  };
}

function tellSigning(books: AlipayBooks, signing: Signing): Decided {
  const agreement = signing.agreementNo ? books.agreements.get(signing.agreementNo) : undefined;
  return {
    status: 200,
    sentence: agreement === undefined ? '您已拒绝开通' : '开通成功，可返回商户页面',
    result: {
      agreement_no: agreement?.agreementNo ?? null,
      external_agreement_no: signing.externalAgreementNo,
      state: agreement === undefined ? 'refused' : agreement.status,
    },
  };
}

function failed(status: number, sentence: string): Decided {
  return { status, sentence, result: { error: sentence } };
}
