import { answerThroughFaults, type Occasion } from '../faults.ts';
import { DROPPED, type Exchange, type Reply, textReply } from '../http.ts';
import { OUTCOMES } from '../outcomes.ts';
import { consentPage, refusalPage, tellDecision } from '../page.ts';
import type { World } from '../world.ts';
import { answerTo, forgeReply, signedReply } from './messages.ts';
import { type Desk, deleteToken, openCard, openOnPage, queryToken, sendCode } from './openings.ts';
import { type Answered, consume, paidNumberOf, queryOrder, refund } from './orders.ts';
import { orderKey, type UnionpayBooks } from './records.ts';
import { settlementFile } from './settlement.ts';
import { type Fields, isSigned, readBraces } from './signature.ts';

/** What the request handlers of this rail need. */
export interface UnionpayService {
  readonly world: World;
  readonly books: UnionpayBooks;
}

const FRONT_PATH = '/gateway/api/frontTransReq.do';
const BACK_PATH = '/gateway/api/backTransReq.do';
const QUERY_PATH = '/gateway/api/queryTrans.do';
const FILE_PATH = '/';

/** The names by which each transaction can be scripted, and where it is posted. */
const CALLS: Readonly<Record<string, readonly [name: string, path: string]>> = {
  '01/01': ['consume', BACK_PATH],
  '04/00': ['refund', BACK_PATH],
  '77/00': ['send_code', BACK_PATH],
  '79/00': ['open', BACK_PATH],
  '78/02': ['query_token', BACK_PATH],
  '74/01': ['delete_token', BACK_PATH],
  '00/00': ['query', QUERY_PATH],
  '76/01': ['file', FILE_PATH],
};

/** Answers one request to UnionPay. */
export function answerUnionpay(
  service: UnionpayService,
  exchange: Exchange,
): Reply | Promise<Reply> {
  if (exchange.path === FRONT_PATH) return answerPage(service, exchange);
  const fields = Object.fromEntries(new URLSearchParams(exchange.body.toString('utf8'))) as Fields;
  const call = CALLS[`${fields['txnType']}/${fields['txnSubType']}`];
  if (call === undefined || call[1] !== exchange.path) return textReply(400, 'Invalid request.');
  const occasion = occasionOf(service, call[0], fields);
  return answerThroughFaults(service.world.faults, occasion, {
    act: () => answerCall(service, fields, occasion),
    forge: forgeReply,
  });
}

/** The code that refuses a request before anybody looks at what it wants. */
function problemOf(world: World, fields: Fields): string | undefined {
  const keys = world.credentials.unionpay;
  if (fields['version'] !== '5.1.0' || fields['signMethod'] !== '01') return '10';
  if (fields['certId'] !== keys.merchantCertId) return '11';
  if (!isSigned(fields, keys.merchantPublic)) return '11';
  if (fields['merId'] !== keys.merId) return '31';
  if (!/^\d{14}$/.test(fields['txnTime'] ?? '')) return '13';
  const isFile = fields['txnType'] === '76';
  return isFile || /^[0-9A-Za-z]{8,32}$/.test(fields['orderId'] ?? '') ? undefined : '10';
}

function answerCall(service: UnionpayService, fields: Fields, occasion: Occasion): Reply {
  const keys = service.world.credentials.unionpay;
  const problem = problemOf(service.world, fields);
  if (problem !== undefined) return signedReply(keys, answerTo(fields, problem));
  const answered = carryOut(service, fields, occasion);
  return answered.kind === 'silent' ? DROPPED : signedReply(keys, answered.fields);
}

function carryOut({ world, books }: UnionpayService, fields: Fields, occasion: Occasion): Answered {
  const scripted = () => world.faults.take(occasion, OUTCOMES.unionpay)?.fault;
  const desk: Desk = { world, books, scripted };
  const told = (answer: Fields): Answered => ({ kind: 'told', fields: answer });
  switch (`${fields['txnType']}/${fields['txnSubType']}`) {
    case '01/01':
      return consume(world, books, fields);
    case '04/00':
      return refund(world, books, fields);
    case '77/00':
      return told(sendCode(desk, fields));
    case '79/00':
      return told(openCard(desk, fields));
    case '78/02':
      return told(queryToken(desk, fields));
    case '74/01':
      return told(deleteToken(desk, fields));
    case '76/01':
      return told(settlementFile(world, books, fields));
    default:
      return told(queryOrder(world, books, fields));
  }
}

/** What is happening, named by the contract and by the number of the order that is paid. */
function occasionOf({ books }: UnionpayService, name: string, fields: Fields): Occasion {
  const orderId = fields['orderId'] ?? '';
  const token = books.tokens.get(readBraces(fields['tokenPayData'])['token'] ?? '');
  const known = books.orders.get(orderKey(orderId, fields['txnTime'] ?? ''));
  const returned = books.ordersByQueryId(fields['origQryId'] ?? '')[0];
  const order = known ?? returned;
  const isRefundQuery = name === 'query' && known?.kind === 'refund';
  const isMoney = name === 'consume' || name === 'refund' || name === 'query';
  return {
    rail: 'unionpay',
    operations: [isRefundQuery ? 'refund_query' : name],
    contractCode: token?.orderId ?? order?.contractCode ?? (isMoney ? undefined : orderId),
    orderNumber: order === undefined ? (isMoney ? orderId : undefined) : paidNumberOf(books, order),
  };
}

/** The opening page: GET or a form post shows it, a POST with `decision` decides. */
function answerPage(service: UnionpayService, exchange: Exchange): Reply {
  const { world, books } = service;
  const { decision = '', ...form } = Object.fromEntries(
    new URLSearchParams(exchange.method === 'POST' ? exchange.body.toString('utf8') : ''),
  ) as Record<string, string>;
  const fields: Fields = { ...Object.fromEntries(exchange.query), ...form };
  const problem = problemOf(world, fields);
  if (problem !== undefined || fields['txnType'] !== '79') {
    return refusalPage(exchange, 400, `请求有误（${problem ?? '10'}）`);
  }
  if (decision === '') return showPage(fields);
  if (decision !== 'agree') {
    return tellDecision(exchange, { status: 200, result: { opened: false }, sentence: '未开通' });
  }
  const scripted = world.faults.take(
    { rail: 'unionpay', operations: ['page'], contractCode: fields['orderId'] },
    OUTCOMES.unionpay,
  )?.fault;
  if (scripted !== undefined) return refusalPage(exchange, 400, `银行未受理（${scripted}）`);
  const { token } = openOnPage({ world, books, scripted: () => undefined }, fields);
  const told = { status: 200, result: { opened: true, token }, sentence: '已开通' };
  return tellDecision(exchange, { ...told, returnUrl: fields['frontUrl'] });
}

function showPage(fields: Fields): Reply {
  return consentPage({
    wallet: '银联（沙箱）',
    productName: '银行卡自动扣款',
    account: fields['orderId'] ?? '',
    lines: ['商户可凭标记从您的银行卡扣款', '您可随时在发卡行或银联关闭'],
    action: `${FRONT_PATH}?${new URLSearchParams(fields)}`,
  });
}
