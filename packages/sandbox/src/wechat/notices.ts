import { randomBytes } from 'node:crypto';
import { addDays, DAY_MS, dateOf, minutesOfDay, startOfDate } from '../beijing.ts';
import { type Exchange, jsonReply, type Reply } from '../http.ts';
import type { World } from '../world.ts';
import { signingKey } from './keys.ts';
import { type Contract, type Notice, templateOf, type WechatBooks } from './records.ts';
import { isSignedV3, parseAuthorization, signV3Reply } from './signature.ts';

/** Largest difference between a V3 timestamp and the wall clock, in seconds (rails.md §1.4). */
const SKEW_SECONDS = 300;
/** Days of a window whose `deduct_duration` is omitted (rails.md §1.7). */
const DEFAULT_WINDOW_DAYS = 7;
/** Notices and their deductions are taken from 07:00 to 22:00 Beijing, in minutes of the day. */
const OPEN_FROM = 7 * 60;
const OPEN_TO = 22 * 60;

/** Says whether the pre-notice mode accepts calls at this instant. */
export function isOpenHour(instantMs: number): boolean {
  const minutes = minutesOfDay(instantMs);
  return minutes >= OPEN_FROM && minutes < OPEN_TO;
}

/**
 * Returns the contract id in a V3 path and whether it is the notice or the reminder; undefined
 * for others.
 */
export function parseNoticePath(path: string): NoticePath | undefined {
  const match = /^\/v3\/papay\/contracts\/([^/]+)\/(notify|fail-notify)$/.exec(path);
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { contractId: decodeURIComponent(match[1]), operation: match[2] };
}

export interface NoticePath {
  readonly contractId: string;
  readonly operation: string;
}

export interface Problem {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Answers the V3 pre-deduction notice and the reminder after a failed deduction: a signed 204. */
export function answerNotice(
  world: World,
  books: WechatBooks,
  request: { readonly exchange: Exchange; readonly path: NoticePath },
): Reply {
  const problem = findV3Problem(world, request.exchange, 'POST') ?? carryOut(world, books, request);
  if (problem === undefined) return signV3(world, { status: 204, headers: {}, body: '' });
  const { status, code, message } = problem;
  return signV3(world, jsonReply(status, { code, message, detail: {} }));
}

/** Adds the four `Wechatpay-*` headers. The signature covers the body as sent, an empty one too. */
export function signV3(world: World, reply: Reply): Reply {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = randomBytes(16).toString('hex');
  const parts = { timestamp, nonce, body: String(reply.body) };
  const { id, key } = signingKey(world);
  return {
    ...reply,
    headers: {
      ...reply.headers,
      'request-id': randomBytes(12).toString('hex').toUpperCase(),
      'wechatpay-timestamp': timestamp,
      'wechatpay-nonce': nonce,
      'wechatpay-serial': id,
      'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048',
      'wechatpay-signature': signV3Reply(parts, key),
    },
  };
}

/** Says what is wrong with a V3 request as a whole; undefined when it may be read. */
export function findV3Problem(
  world: World,
  exchange: Exchange,
  allowed: 'GET' | 'POST',
): Problem | undefined {
  const { mchid, merchantSerial } = world.credentials.wechat;
  const given = parseAuthorization(exchange.headers['authorization']);
  if (given === undefined) return unsigned('Http头Authorization缺失或格式错误');
  if (given.mchid !== mchid || given.serial_no !== merchantSerial) {
    return unsigned('商户号或商户证书序列号错误');
  }
  const skew = Math.abs(Date.now() / 1000 - Number(given.timestamp));
  if (!(skew <= SKEW_SECONDS))
    return unsigned('Http头Authorization中的timestamp与当前时间相差过大');
  const { method, target } = exchange;
  const body = exchange.body.toString('utf8');
  if (!isSignedV3({ method, target, body }, given, world.credentials.wechatMerchantPublic)) {
    return unsigned('签名错误，请检查后再试');
  }
  if (method !== allowed) return { status: 405, code: 'INVALID_REQUEST', message: '请求方法错误' };
  return undefined;
}

function unsigned(message: string): Problem {
  return { status: 401, code: 'SIGN_ERROR', message };
}

interface NoticeBody {
  readonly mchid?: unknown;
  readonly appid?: unknown;
  readonly deduct_duration?: { readonly count?: unknown; readonly unit?: unknown };
  readonly estimated_amount?: { readonly amount?: unknown; readonly currency?: unknown };
}

function carryOut(
  world: World,
  books: WechatBooks,
  request: { readonly exchange: Exchange; readonly path: NoticePath },
): Problem | undefined {
  const body = parseBody(request.exchange.body);
  const { mchid, appid } = world.credentials.wechat;
  if (body === undefined || body.mchid !== mchid || body.appid !== appid) {
    return { status: 400, code: 'PARAM_ERROR', message: '参数错误: mchid 或 appid' };
  }
  const contract = books.contracts.get(request.path.contractId);
  if (contract === undefined || contract.state === 'terminated') {
    return { status: 404, code: 'CONTRACT_NOT_EXIST', message: '签约协议不存在' };
  }
  if (templateOf(contract.planId)?.mode !== 'pre_notice') {
    return invalid('该签约模板不是周期扣费预扣费通知类型');
  }
  if (!isOpenHour(world.clock.now())) return invalid('请在07:00至22:00之间发送预扣费通知');
  if (request.path.operation === 'fail-notify') return undefined;
  return openWindow(world, books, { contract, body });
}

function openWindow(
  world: World,
  books: WechatBooks,
  ask: { readonly contract: Contract; readonly body: NoticeBody },
): Problem | undefined {
  const { contract, body } = ask;
  const amountMinor = body.estimated_amount?.amount;
  const currency = body.estimated_amount?.currency ?? 'CNY';
  const { count = DEFAULT_WINDOW_DAYS, unit = 'DAY' } = body.deduct_duration ?? {};
  const countGiven = body.deduct_duration !== undefined;
  if (!isWhole(amountMinor, 1, 100_000_000) || currency !== 'CNY') {
    return { status: 400, code: 'PARAM_ERROR', message: '参数错误: estimated_amount' };
  }
  if (!isWhole(count, 1, countGiven ? 3 : DEFAULT_WINDOW_DAYS) || unit !== 'DAY') {
    return { status: 400, code: 'PARAM_ERROR', message: '参数错误: deduct_duration' };
  }
  if (amountMinor > (templateOf(contract.planId)?.ceilingMinor ?? 0)) {
    return { status: 403, code: 'RULELIMIT', message: '预计扣费金额超过模板限额' };
  }
  const now = world.clock.now();
  const live = books
    .noticesByContract(contract.contractId)
    .find((notice) => notice.closedBy === undefined && notice.windowTo > now);
  if (live !== undefined) {
    const same = live.amountMinor === amountMinor && live.days === count;
    return same
      ? { status: 400, code: 'RESOURCE_ALREADY_EXISTS', message: '相同的预扣费通知已发送' }
      : invalid('本周期内已发送过不同参数的预扣费通知');
  }
  putNotice(books, { contract, now, amountMinor, days: count });
  return undefined;
}

function putNotice(
  books: WechatBooks,
  made: {
    readonly contract: Contract;
    readonly now: number;
    readonly amountMinor: number;
    readonly days: number;
  },
): void {
  const { contractId } = made.contract;
  const ordinal = books.noticesByContract(contractId).length + 1;
  // Notified on day D, day D+1 is the waiting day, the window begins on D+2 (rails.md §1.7).
  const windowFrom = startOfDate(addDays(dateOf(made.now), 2));
  const notice: Notice = {
    noticeId: `${contractId}/${ordinal}`,
    contractId,
    sentAt: made.now,
    amountMinor: made.amountMinor,
    days: made.days,
    windowFrom,
    windowTo: windowFrom + made.days * DAY_MS,
  };
  books.notices.put(notice.noticeId, notice);
}

function invalid(message: string): Problem {
  return { status: 400, code: 'INVALID_REQUEST', message };
}

export function parseBody(body: Buffer): NoticeBody | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= most;
}
