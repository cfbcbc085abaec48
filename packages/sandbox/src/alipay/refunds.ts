import { formatDashed } from '../beijing.ts';
import { formatYuan, parseYuan, sumOf } from '../money.ts';
import { REFUND_OUTCOMES } from '../outcomes.ts';
import type { World } from '../world.ts';
import type { BizContent } from './agreements.ts';
import { findTrade } from './find-trade.ts';
import { notifyCardRefund, notifyTrade } from './notifications.ts';
import { type AlipayBooks, maskedLogonId, type Refund, type Trade } from './records.ts';
import { type Content, failure, success } from './replies.ts';

/** Refunds are possible for twelve months (rails.md §2.8). */
const REFUND_PERIOD_MS = 365 * 86_400_000;

/** What a refund request leads to: a content, or silence because request or reply is lost. */
export type Refunded =
  | { readonly kind: 'told'; readonly content: Content }
  | { readonly kind: 'silent' };

/** A refund whose fields and trade are right. */
interface Asked {
  readonly trade: Trade;
  readonly outRequestNo: string;
  readonly amount: bigint;
}

const SYSTEM_ERROR = failure('ACQ.SYSTEM_ERROR', '系统错误，请使用相同的参数再次调用');

function told(content: Content): Refunded {
  return { kind: 'told', content };
}

/** `alipay.trade.refund`; a repeat of the same request number moves no money (`fund_change` N). */
export function refundTrade(world: World, books: AlipayBooks, content: BizContent): Refunded {
  const trade = findTrade(books, content);
  if (trade === undefined) return told(failure('ACQ.TRADE_NOT_EXIST', '交易不存在'));
  const amount = parseYuan(content['refund_amount']);
  if (amount === undefined) return told(failure('ACQ.INVALID_PARAMETER', 'refund_amount 错误'));
  // Without a request number the whole trade is refunded under its own number (rails.md §2.8).
  const outRequestNo = String(content['out_request_no'] ?? trade.outTradeNo);
  const known = books.refunds.get(refundKey(trade.outTradeNo, outRequestNo));
  if (known !== undefined) {
    return told(
      BigInt(known.refundAmount) === amount
        ? success(describeRefunds(books, trade, 'N'))
        : failure('ACQ.DISCORDANT_REPEAT_REQUEST', '请求信息不一致，该退款号已退过其他金额'),
    );
  }
  const problem = findRefundProblem(world, books, { trade, outRequestNo, amount });
  return problem === undefined
    ? carryOut(world, books, { trade, outRequestNo, amount })
    : told(problem);
}

function findRefundProblem(world: World, books: AlipayBooks, asked: Asked): Content | undefined {
  const { trade, amount } = asked;
  if (trade.paidAt === undefined) return failure('ACQ.TRADE_STATUS_ERROR', '交易未支付');
  if (world.clock.now() - trade.paidAt > REFUND_PERIOD_MS) {
    return failure('ACQ.TRADE_HAS_FINISHED', '交易已完结，不可退款');
  }
  if (trade.status === 'TRADE_CLOSED') return failure('ACQ.TRADE_HAS_CLOSE', '交易已关闭');
  return amount > leftToRefund(books, trade)
    ? failure('ACQ.REFUND_AMT_NOT_EQUAL_TOTAL', '退款金额超限')
    : undefined;
}

/** Carries a refund out as it is scripted, or at once. */
function carryOut(world: World, books: AlipayBooks, asked: Asked): Refunded {
  const { trade } = asked;
  const occasion = {
    rail: 'alipay',
    operations: ['alipay.trade.refund'],
    orderNumber: trade.outTradeNo,
    contractCode: books.agreements.get(trade.agreementNo)?.externalAgreementNo,
  } as const;
  const outcome = world.faults.take(occasion, REFUND_OUTCOMES['alipay'] ?? new Set())?.fault;
  switch (outcome) {
    case 'REFUND_TIMEOUT_NOT_RECEIVED':
      return { kind: 'silent' };
    case 'REFUND_SYSTEM_ERROR_NOT_DONE':
      return told(SYSTEM_ERROR);
    case 'REFUND_TIMEOUT_THEN_DONE':
      bookRefund(world, books, asked);
      return { kind: 'silent' };
    case 'REFUND_SYSTEM_ERROR_THEN_DONE':
      bookRefund(world, books, asked);
      return told(SYSTEM_ERROR);
    case 'REFUND_FAIL':
      books.refunds.put(
        refundKey(trade.outTradeNo, asked.outRequestNo),
        makeRefund(world, asked, 'failed'),
      );
      return told(success(describeRefunds(books, trade, 'N')));
    case 'REFUND_CARD_REFUSED': {
      const after = bookRefund(world, books, asked);
      notifyCardRefund(world, after, makeRefund(world, asked, 'done'));
      return told(success(describeRefunds(books, after, 'Y')));
    }
    case undefined:
      return told(success(describeRefunds(books, bookRefund(world, books, asked), 'Y')));
    default:
      return told(failure(outcome, REFUSAL_TEXTS[outcome] ?? '退款失败'));
  }
}

function refundKey(outTradeNo: string, outRequestNo: string): string {
  return `${outTradeNo}|${outRequestNo}`;
}

function doneRefunds(books: AlipayBooks, trade: Trade): readonly Refund[] {
  return books.refundsByTrade(trade.outTradeNo).filter((refund) => refund.status === 'done');
}

/** What has not been returned yet. */
export function leftToRefund(books: AlipayBooks, trade: Trade): bigint {
  const refunds = doneRefunds(books, trade);
  return BigInt(trade.totalAmount) - sumOf(refunds.map((refund) => refund.refundAmount));
}

function makeRefund(world: World, asked: Asked, status: Refund['status']): Refund {
  return {
    outTradeNo: asked.trade.outTradeNo,
    outRequestNo: asked.outRequestNo,
    refundAmount: Number(asked.amount),
    acceptedAt: world.clock.now(),
    status,
  };
}

/** Books a refund and enters its notice; a trade that is wholly returned is closed. */
export function bookRefund(world: World, books: AlipayBooks, asked: Asked): Trade {
  const { trade, outRequestNo } = asked;
  const refund = makeRefund(world, asked, 'done');
  books.refunds.put(refundKey(trade.outTradeNo, outRequestNo), refund);
  const closed: Trade = { ...trade, status: 'TRADE_CLOSED', closedAt: world.clock.now() };
  const after = leftToRefund(books, trade) === 0n ? closed : trade;
  books.trades.put(after.outTradeNo, after);
  const returned = sumOf(doneRefunds(books, trade).map((one) => one.refundAmount));
  notifyTrade(world, after, { ...refund, returnedInAll: Number(returned) });
  return after;
}

/** `refund_fee` adds up all refunds of the trade. */
function describeRefunds(books: AlipayBooks, trade: Trade, fundChange: 'Y' | 'N'): Content {
  const refunds = doneRefunds(books, trade);
  return {
    out_trade_no: trade.outTradeNo,
    trade_no: trade.tradeNo,
    buyer_logon_id: maskedLogonId(trade.userId),
    fund_change: fundChange,
    refund_fee: formatYuan(sumOf(refunds.map((refund) => refund.refundAmount))),
    gmt_refund_pay: formatDashed(refunds.at(-1)?.acceptedAt ?? trade.paidAt ?? 0),
  };
}

/**
 * `alipay.trade.fastpay.refund.query`: `refund_status` is absent for a number that never
 * arrived.
 */
export function queryRefund(books: AlipayBooks, content: BizContent): Content {
  const trade = findTrade(books, content);
  if (trade === undefined) return failure('ACQ.TRADE_NOT_EXIST', '交易不存在');
  const outRequestNo = String(content['out_request_no'] ?? '');
  const names = { out_trade_no: trade.outTradeNo, trade_no: trade.tradeNo };
  const refund = books.refunds.get(refundKey(trade.outTradeNo, outRequestNo));
  if (refund === undefined) return success(names);
  const fields = {
    ...names,
    out_request_no: outRequestNo,
    total_amount: formatYuan(trade.totalAmount),
    refund_amount: formatYuan(refund.refundAmount),
  };
  if (refund.status === 'failed') {
    return success({ ...fields, refund_status: 'REFUND_FAIL', error_code: 'REFUND_FAIL' });
  }
  const options = content['query_options'];
  const wantsTime = Array.isArray(options) && options.includes('gmt_refund_pay');
  return success({
    ...fields,
    refund_status: 'REFUND_SUCCESS',
    ...(wantsTime && { gmt_refund_pay: formatDashed(refund.acceptedAt) }),
  });
}

/** What the merchant would read, by sub_code. */
const REFUSAL_TEXTS: Readonly<Record<string, string>> = {
  'ACQ.SELLER_BALANCE_NOT_ENOUGH': '卖家余额不足',
  'ACQ.REFUND_CHARGE_ERROR': '退收费异常',
  'ACQ.TRADE_NOT_ALLOW_REFUND': '当前交易不允许退款',
  'ACQ.TRADE_HAS_FINISHED': '交易已完结',
  'ACQ.REASON_TRADE_BEEN_FREEZEN': '请求退款的交易被冻结',
  'ACQ.CUSTOMER_VALIDATE_ERROR': '账户已注销或者被冻结',
  'ACQ.BUYER_NOT_EXIST': '买家不存在',
  'ACQ.BUYER_ERROR': '买家状态异常',
};
