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
import {
  cancelTrade,
  closeTrade,
  findTrade,
  queryRefund,
  queryTrade,
  refundTrade,
} from './closings.ts';
import { otherAmount } from './notifications.ts';
import type { AlipayBooks } from './records.ts';
import {
  type Content,
  forgeReply,
  gatewayFailure,
  invalidArguments,
  signedReply,
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

/** A request whose signature is right. */
interface Call {
  readonly method: string;
  readonly content: BizContent;
  readonly notifyUrl: string;
}

type Method = (service: AlipayService, call: Call) => Content;

const METHODS: Readonly<Record<string, Method>> = {
  'alipay.user.agreement.query': ({ books }, { content }) => queryAgreement(books, content),
  'alipay.user.agreement.unsign': ({ world, books }, { content, notifyUrl }) =>
    unsignAgreement(world, books, { content, notifyUrl }),
  'alipay.user.agreement.executionplan.modify': ({ books }, { content }) =>
    modifyPlan(books, content),
  'alipay.trade.query': ({ books }, { content }) => queryTrade(books, content),
  'alipay.trade.close': ({ world, books }, { content }) => closeTrade(world, books, content),
  'alipay.trade.cancel': ({ world, books }, { content }) => cancelTrade(world, books, content),
  'alipay.trade.refund': ({ world, books }, { content }) => refundTrade(world, books, content),
  'alipay.trade.fastpay.refund.query': ({ books }, { content }) => queryRefund(books, content),
  'alipay.data.dataservice.bill.downloadurl.query': (service, { content }) =>
    queryBill(service.world, service.books, { content, baseUrl: service.baseUrl() }),
};

/** Answers one request to Alipay. */
export function answerAlipay(service: AlipayService, exchange: Exchange): Reply | Promise<Reply> {
  if (exchange.path === BILL_PATH) {
    return downloadBill(service.world, service.books, exchange.query.get('token') ?? '');
  }
  if (exchange.path !== '/gateway.do') return textReply(404, '404 Not Found');
  const { params, form } = readParams(exchange);
  if (params['method'] === PAGE_SIGN) return answerPage(service, { exchange, params, form });
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
  const onPage = (query['method'] ?? rest['method']) === PAGE_SIGN;
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
  if (params['method'] !== PAGE_SIGN && !(skew <= SKEW_MS)) {
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
  if (method === 'alipay.trade.pay') {
    const paid = payTrade(world, books, { content, notifyUrl });
    if (paid.kind === 'silent') return DROPPED;
    return signedReply(world, method, swapWhenScripted(service, occasion, paid.content));
  }
  const answer = METHODS[method]?.(service, { method, content, notifyUrl });
  if (answer === undefined) {
    return gatewayFailure(world, invalidArguments('isv.invalid-method', '不存在的方法名'));
  }
  const swappable = method === 'alipay.trade.query';
  const told = swappable ? swapWhenScripted(service, occasion, answer) : answer;
  return signedReply(world, method, told);
}

function swapWhenScripted(service: AlipayService, occasion: Occasion, content: Content): Content {
  const amount = content['total_amount'];
  if (typeof amount !== 'string') return content;
  const swap = service.world.faults.take(occasion, SWAP_FAULTS)?.fault;
  if (swap === 'swapped_amount') return { ...content, total_amount: otherAmount(amount) };
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

/** The signing page: GET (or the SDK's form POST) shows it, a POST with `decision` decides. */
function answerPage(
  service: AlipayService,
  visit: { readonly exchange: Exchange; readonly params: Params; readonly form: Params },
): Reply {
  const { world, books } = service;
  const { exchange, params, form } = visit;
  const problem = findGatewayProblem(world, params);
  if (problem !== undefined) return refusalPage(exchange, 400, String(problem['sub_msg']));
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
    action: `/gateway.do?${new URLSearchParams(params).toString()}`,
  });
}
