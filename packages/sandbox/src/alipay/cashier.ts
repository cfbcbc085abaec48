import { createHash } from 'node:crypto';
import { dateOf, parseDashed } from '../beijing.ts';
import { digitsFrom } from '../chance.ts';
import type { Exchange, Reply } from '../http.ts';
import { formatYuan, parseYuan } from '../money.ts';
import { cashierPage, refusalPage, tellDecision } from '../page.ts';
import type { World } from '../world.ts';
import type { BizContent } from './agreements.ts';
import { type AlipayBooks, type Trade, tradeNoFor, userIdFor } from './records.ts';
import { type Content, failure, success } from './replies.ts';
import type { Params } from './signature.ts';
import { decideSigning, describeRule, readTerms, type SigningRequest } from './signing.ts';
import { completeTrade } from './trades.ts';

/** Where the codes of `alipay.trade.precreate` lead to on this server. */
export const SCAN_PATH = '/qr/';

/**
 * The methods whose signed parameters are opened by the payer, and the products that each takes.
 */
export const CASHIER_METHODS: Readonly<Record<string, readonly string[]>> = {
  'alipay.trade.wap.pay': ['QUICK_WAP_WAY', 'CYCLE_PAY_AUTH'],
  'alipay.trade.page.pay': ['FAST_INSTANT_TRADE_PAY', 'CYCLE_PAY_AUTH'],
  'alipay.trade.app.pay': ['QUICK_MSECURITY_PAY', 'CYCLE_PAY_AUTH'],
};

const PRECREATE_PRODUCTS = ['FACE_TO_FACE_PAYMENT'];

/** An order whose fields are right, with what the payer is asked to agree to beside it. */
interface Order {
  readonly outTradeNo: string;
  readonly amount: bigint;
  readonly subject: string;
  readonly productCode: string;
  readonly notifyUrl: string;
  readonly expiresAt: number | undefined;
  readonly terms: SigningRequest | undefined;
}

/** What the cashier needs to know of a request. */
interface Opened {
  readonly content: BizContent;
  readonly params: Params;
  readonly products: readonly string[];
}

function readOrder(world: World, opened: Opened): Order | string {
  const { content, params, products } = opened;
  const outTradeNo = String(content['out_trade_no'] ?? '');
  if (!/^[0-9A-Za-z_]{1,64}$/.test(outTradeNo)) return 'out_trade_no 错误';
  const amount = parseYuan(content['total_amount']);
  if (amount === undefined) return 'total_amount 错误';
  const subject = String(content['subject'] ?? '');
  if (subject === '' || subject.length > 256 || /[/=&]/.test(subject)) return 'subject 错误';
  const productCode = String(content['product_code'] ?? '');
  if (!products.includes(productCode)) return 'product_code 错误';
  const expiry = content['time_expire'];
  const expiresAt = expiry === undefined ? undefined : parseDashed(String(expiry));
  if (Number.isNaN(expiresAt)) return 'time_expire 错误';
  const given = content['agreement_sign_params'] as BizContent | undefined;
  const terms = given && readTerms(world, params, given);
  if (typeof terms === 'string') return terms;
  if (productCode === 'CYCLE_PAY_AUTH' && terms === undefined) return 'agreement_sign_params 缺失';
  const notifyUrl = params['notify_url'] ?? '';
  return { outTradeNo, amount, subject, productCode, notifyUrl, expiresAt, terms };
}

/** `alipay.trade.precreate`: a code to scan; the trade itself is made when somebody opens it. */
export function precreate(
  world: World,
  books: AlipayBooks,
  ask: { readonly content: BizContent; readonly notifyUrl: string; readonly baseUrl: string },
): Content {
  const params = { notify_url: ask.notifyUrl };
  const opened = { content: ask.content, params, products: PRECREATE_PRODUCTS };
  const order = readOrder(world, opened);
  if (typeof order === 'string') return failure('ACQ.INVALID_PARAMETER', order);
  const trade = books.trades.get(order.outTradeNo);
  if (trade?.status === 'TRADE_CLOSED') return failure('ACQ.TRADE_HAS_CLOSE', '交易已经关闭');
  if (trade?.paidAt !== undefined) return failure('ACQ.TRADE_HAS_SUCCESS', '交易已被支付');
  const { appId } = world.credentials.alipay;
  const token = digitsFrom(24, appId, 'scan', order.outTradeNo);
  const { content, notifyUrl } = ask;
  books.scanCodes.put(token, { token, content, notifyUrl });
  const url = `${ask.baseUrl}${SCAN_PATH}${token}`;
  return success({ out_trade_no: order.outTradeNo, qr_code: url });
}

/** The page behind a scanned code. */
export function answerScan(world: World, books: AlipayBooks, exchange: Exchange): Reply {
  const code = books.scanCodes.get(exchange.path.slice(SCAN_PATH.length));
  if (code === undefined) return refusalPage(exchange, 404, '二维码不存在');
  const params = { notify_url: code.notifyUrl };
  const form = new URLSearchParams(exchange.body.toString('utf8'));
  return answerCashier(world, books, {
    exchange,
    opened: { content: code.content, params, products: PRECREATE_PRODUCTS },
    decision: form.get('decision') ?? '',
    action: exchange.path,
  });
}

/**
 * The cashier: opening it makes the trade; `agree` pays and signs what is asked beside it, `pay`
 * pays without signing, `refuse` does neither. An order that has ended or expired is refused.
 */
export function answerCashier(
  world: World,
  books: AlipayBooks,
  visit: {
    readonly exchange: Exchange;
    readonly opened: Opened;
    readonly decision: string;
    readonly action: string;
  },
): Reply {
  const { exchange, opened, decision } = visit;
  const order = readOrder(world, opened);
  if (typeof order === 'string') return refusalPage(exchange, 400, order);
  const trade = openTrade(world, books, order);
  if (typeof trade === 'string') return refusalPage(exchange, 409, trade);
  if (decision === '') {
    const early = world.settings.current.alipay.earlyWindowDays;
    return cashierPage({
      wallet: '支付宝（沙箱）',
      productName: order.subject,
      amount: formatYuan(order.amount),
      account: order.terms?.externalLogonId,
      lines: order.terms === undefined ? [] : describeRule(order.terms.rule, early),
      action: visit.action,
    });
  }
  return tellDecision(exchange, decide(world, books, { order, trade, decision }));
}

/** The trade of an order, made when its page is first opened; a sentence when it has ended. */
function openTrade(world: World, books: AlipayBooks, order: Order): Trade | string {
  const known = books.trades.get(order.outTradeNo);
  const now = world.clock.now();
  if (known === undefined) {
    if (order.expiresAt !== undefined && now >= order.expiresAt) return '付款链接已过期';
    const made = makeTrade(world, order);
    books.trades.put(made.outTradeNo, made);
    return made;
  }
  if (BigInt(known.totalAmount) !== order.amount) return '交易信息被篡改';
  if (known.status === 'TRADE_CLOSED') return '交易已经关闭';
  const expired = known.expiresAt !== undefined && now >= known.expiresAt;
  if (known.status === 'WAIT_BUYER_PAY' && expired) {
    books.trades.put(known.outTradeNo, { ...known, status: 'TRADE_CLOSED', closedAt: now });
    return '付款链接已过期';
  }
  return known;
}

function makeTrade(world: World, order: Order): Trade {
  const createdAt = world.clock.now();
  const account = order.terms?.externalLogonId ?? order.outTradeNo;
  return {
    outTradeNo: order.outTradeNo,
    tradeNo: tradeNoFor(world.credentials.alipay.appId, order.outTradeNo, dateOf(createdAt)),
    agreementNo: '',
    externalLogonId: account,
    userId: userIdFor(account),
    totalAmount: Number(order.amount),
    productCode: order.productCode,
    subject: order.subject,
    body: '',
    passbackParams: '',
    notifyUrl: order.notifyUrl,
    outcome: 'SUCCESS',
    createdAt,
    status: 'WAIT_BUYER_PAY',
    ...(order.expiresAt !== undefined && { expiresAt: order.expiresAt }),
  };
}

function decide(
  world: World,
  books: AlipayBooks,
  choice: { readonly order: Order; readonly trade: Trade; readonly decision: string },
): {
  readonly status: number;
  readonly sentence: string;
  readonly result: Readonly<Record<string, string | null>>;
} {
  const { order, trade, decision } = choice;
  const { terms } = order;
  if (decision === 'refuse') {
    return { status: 200, sentence: '您已取消付款', result: { state: 'refused' } };
  }
  if (decision !== 'agree' && decision !== 'pay') {
    const sentence = 'decision 必须是 agree、pay 或 refuse';
    return { status: 400, sentence, result: { error: sentence } };
  }
  const paid = trade.paidAt === undefined ? completeTrade(world, books, trade) : trade;
  const names = { out_trade_no: paid.outTradeNo, trade_no: paid.tradeNo, state: paid.status };
  if (terms === undefined || decision === 'pay') {
    return { status: 200, sentence: '付款成功', result: { ...names, agreement_no: null } };
  }
  const token = createHash('sha256').update(`first|${paid.outTradeNo}`).digest('hex').slice(0, 32);
  const request = { ...terms, token };
  const signed = decideSigning(world, books, { request, decision: 'agree', user: paid.userId });
  // The payment stands even when the signing does not come about.
  const agreementNo = signed.result['agreement_no'] ?? null;
  return { status: 200, sentence: '付款成功', result: { ...names, agreement_no: agreementNo } };
}
