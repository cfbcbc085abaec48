import { parseDashed } from '../beijing.ts';
import { answerThroughFaults, type Occasion, SWAP_FAULTS } from '../faults.ts';
import { DROPPED, type Exchange, type Reply, textReply } from '../http.ts';
import { consentPage, refusalPage, tellDecision } from '../page.ts';
import type { World } from '../world.ts';
import {
  type BizContent,
  findAgreement,
  modifyPlan,
  queryAgreement,
  unsignAgreement,
} from './agreements.ts';
import { BILL_PATH, downloadBill, queryBill } from './bill.ts';
import { answerCashier, answerScan, CASHIER_METHODS, precreate, SCAN_PATH } from './cashier.ts';
import { cancelTrade, closeTrade, queryTrade } from './closings.ts';
import { findTrade } from './find-trade.ts';
import { otherAmount } from './notifications.ts';
import type { AlipayBooks } from './records.ts';
import { queryRefund, refundTrade } from './refunds.ts';
import {
  type Content,
  forgeReply,
  gatewayFailure,
  invalidArguments,
  signedReply,
  tooManyCalls,
} from './replies.ts';
import { isSignedRequest, type Params } from './signature.ts';
import { decideSigning, describeRule, parseContent, readSigning } from './signing.ts';
import { payTrade } from './trades.ts';

/** What the request handlers of this rail need. */
export interface AlipayService {
  readonly world: World;
  readonly books: AlipayBooks;
  readonly baseUrl: () => string;
}

/**
 * Largest difference between the request's Beijing `timestamp` and the wall clock, in
 * milliseconds.
 */
const SKEW_MS = 10 * 60_000;
const PAGE_SIGN = 'alipay.user.agreement.page.sign';

/** Whether the payer opens the request; every other one is a call of the merchant. */
function isPage(method: string | undefined): boolean {
  return method === PAGE_SIGN || Object.hasOwn(CASHIER_METHODS, method ?? '');
}

/** A request whose signature is right. */
interface Call {
  readonly method: string;
  readonly content: BizContent;
  readonly notifyUrl: string;
}

type Method = (service: AlipayService, call: Call) => Content;

const METHODS: Readonly<Record<string, Method>> = {
  'alipay.user.agreement.query': ({ world, books }, { content }) =>
    queryAgreement(world, books, content),
  'alipay.user.agreement.unsign': ({ world, books }, { content, notifyUrl }) =>
    unsignAgreement(world, books, { content, notifyUrl }),
  'alipay.user.agreement.executionplan.modify': ({ books }, { content }) =>
    modifyPlan(books, content),
  'alipay.trade.query': ({ books }, { content }) => queryTrade(books, content),
  'alipay.trade.close': ({ world, books }, { content }) => closeTrade(world, books, content),
  'alipay.trade.cancel': ({ world, books }, { content }) => cancelTrade(world, books, content),
  'alipay.trade.precreate': ({ world, books, baseUrl }, { content, notifyUrl }) =>
    precreate(world, books, { content, notifyUrl, baseUrl: baseUrl() }),
  'alipay.trade.fastpay.refund.query': ({ books }, { content }) => queryRefund(books, content),
  'alipay.data.dataservice.bill.downloadurl.query': (service, { content }) =>
    queryBill(service.world, service.books, { content, baseUrl: service.baseUrl() }),
};

/** Answers one request to Alipay. */
export function answerAlipay(service: AlipayService, exchange: Exchange): Reply | Promise<Reply> {
  if (exchange.path === BILL_PATH) {
    return downloadBill(service.world, service.books, exchange.query.get('token') ?? '');
  }
  if (exchange.path.startsWith(SCAN_PATH)) {
    return answerScan(service.world, service.books, exchange);
  }
  if (exchange.path !== '/gateway.do') return textReply(404, '404 Not Found');
  const { params, form } = readParams(exchange);
  if (isPage(params['method'])) return answerPage(service, { exchange, params, form });
  const content = parseContent(params['biz_content']);
  const occasion = occasionOf(service, params['method'] ?? '', content ?? {});
  return answerThroughFaults(service.world.faults, occasion, {
    act: () => answerCall(service, { params, content, occasion }),
    forge: forgeReply,
  });
}

/**
 * Public parameters and `biz_content` may be in the query, in the form body, or spread over both.
 */
function readParams(exchange: Exchange): { readonly params: Params; readonly form: Params } {
  const query = Object.fromEntries(exchange.query);
  const isPost = exchange.method === 'POST';
  const body = isPost ? new URLSearchParams(exchange.body.toString('utf8')) : [];
  const { decision = '', user = '', ...rest } = Object.fromEntries(body) as Record<string, string>;
  const onPage = isPage(query['method'] ?? rest['method']);
  // The wallet page's own form fields are not part of what the merchant signed.
  const form = onPage ? { decision, user } : {};
  const own = onPage ? {} : { ...(decision && { decision }), ...(user && { user }) };
  return { params: { ...query, ...rest, ...own }, form };
}

function findGatewayProblem(world: World, params: Params): Content | undefined {
  const { credentials } = world;
  if (params['app_id'] !== credentials.alipay.appId) {
    return invalidArguments('isv.invalid-app-id', '无效的AppID参数');
  }
  if (params['sign_type'] !== 'RSA2') {
    return invalidArguments('isv.invalid-signature-type', '无效的签名类型');
  }
  if (!isSignedRequest(params, credentials.alipayMerchantPublic)) {
    return invalidArguments('isv.invalid-signature', '验签出错，请确认charset参数及待签名串');
  }
  const skew = Math.abs(parseDashed(params['timestamp'] ?? '') - Date.now());
  // A page link is opened by a person, later than it was made; its own effect_time limits it.
  if (!isPage(params['method']) && !(skew <= SKEW_MS)) {
    return invalidArguments('isv.invalid-timestamp', '非法的时间戳参数，应为北京时间');
  }
  return undefined;
}

function answerCall(
  service: AlipayService,
  request: {
    readonly params: Params;
    readonly content: BizContent | undefined;
    readonly occasion: Occasion;
  },
): Reply {
  const { world, books } = service;
  const { params, content, occasion } = request;
  const problem = findGatewayProblem(world, params);
  if (problem !== undefined) return gatewayFailure(world, problem);
  const method = params['method'] ?? '';
  const notifyUrl = params['notify_url'] ?? '';
  if (content === undefined) {
    const words = invalidArguments('isv.invalid-parameter', 'biz_content 不是 JSON 对象');
    return signedReply(world, method, words);
  }
  if (isTooMany(world)) return gatewayFailure(world, tooManyCalls());
  if (method === 'alipay.trade.pay' || method === 'alipay.trade.refund') {
    const done =
      method === 'alipay.trade.pay'
        ? payTrade(world, books, { content, notifyUrl })
        : refundTrade(world, books, content);
    if (done.kind === 'silent') return DROPPED;
    return signedReply(world, method, swapWhenScripted(service, occasion, done.content));
  }
  const answer = METHODS[method]?.(service, { method, content, notifyUrl });
  if (answer === undefined) {
    return gatewayFailure(world, invalidArguments('isv.invalid-method', '不存在的方法名'));
  }
  const swappable = SWAPPABLE.has(method);
  const told = swappable ? swapWhenScripted(service, occasion, answer) : answer;
  return signedReply(world, method, told);
}

/** Queries whose replies name an order and an amount. */
const SWAPPABLE = new Set(['alipay.trade.query', 'alipay.trade.fastpay.refund.query']);

/** Calls of the running second of the wall clock, for each world. */
const calls = new WeakMap<World, { second: number; count: number }>();

/** Whether this call is one too many in its second, by `alipay.callsPerSecond`. */
function isTooMany(world: World): boolean {
  const { callsPerSecond } = world.settings.current.alipay;
  if (callsPerSecond === 0) return false;
  const second = Math.floor(Date.now() / 1000);
  const running = calls.get(world);
  const count = running?.second === second ? running.count + 1 : 1;
  calls.set(world, { second, count });
  return count > callsPerSecond;
}

function swapWhenScripted(service: AlipayService, occasion: Occasion, content: Content): Content {
  const field = ['refund_amount', 'refund_fee', 'total_amount'].find((name) => {
    return typeof content[name] === 'string';
  });
  if (field === undefined) return content;
  const swap = service.world.faults.take(occasion, SWAP_FAULTS)?.fault;
  if (swap === 'swapped_amount') {
    return { ...content, [field]: otherAmount(String(content[field])) };
  }
  if (swap === 'swapped_order') {
    return { ...content, out_trade_no: `${String(content['out_trade_no'])}X` };
  }
  return content;
}

function occasionOf(service: AlipayService, method: string, content: BizContent): Occasion {
  const { books } = service;
  const inner = content['agreement_params'] as BizContent | undefined;
  const trade = findTrade(books, content);
  const agreement =
    findAgreement(books, inner ?? content) ?? (trade && books.agreements.get(trade.agreementNo));
  const number = content['out_trade_no'];
  return {
    rail: 'alipay',
    operations: [method],
    contractCode: agreement?.externalAgreementNo,
    orderNumber: typeof number === 'string' ? number : trade?.outTradeNo,
  };
}

/** A page of the wallet: GET (or the SDK's form POST) shows it, a POST with `decision` decides. */
function answerPage(
  service: AlipayService,
  visit: { readonly exchange: Exchange; readonly params: Params; readonly form: Params },
): Reply {
  const { world, books } = service;
  const { exchange, params, form } = visit;
  const problem = findGatewayProblem(world, params);
  if (problem !== undefined) return refusalPage(exchange, 400, String(problem['sub_msg']));
  const action = `/gateway.do?${new URLSearchParams(params).toString()}`;
  const products = CASHIER_METHODS[params['method'] ?? ''];
  if (products !== undefined) {
    const content = parseContent(params['biz_content']);
    if (content === undefined) return refusalPage(exchange, 400, 'biz_content 不是 JSON 对象');
    const opened = { content, params, products };
    const decision = form['decision'] ?? '';
    return answerCashier(world, books, { exchange, opened, decision, action });
  }
  const request = readSigning(world, params);
  if (typeof request === 'string') return refusalPage(exchange, 400, request);
  const { decision = '', user = '' } = form;
  if (decision !== '') {
    const decided = decideSigning(world, books, { request, decision, user });
    return tellDecision(exchange, { ...decided, returnUrl: request.returnUrl });
  }
  return consentPage({
    wallet: '支付宝（沙箱）',
    productName: request.rule === undefined ? '商家扣款' : '周期扣款',
    account: request.externalLogonId,
    lines: describeRule(request.rule, world.settings.current.alipay.earlyWindowDays),
    action,
  });
}
