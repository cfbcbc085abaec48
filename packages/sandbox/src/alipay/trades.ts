import { addDays, addMonths, dateOf, formatDashed } from '../beijing.ts';
import { formatYuan, parseYuan } from '../money.ts';
import { OUTCOMES } from '../outcomes.ts';
import type { World } from '../world.ts';
import type { BizContent } from './agreements.ts';
import { notifyTrade } from './notifications.ts';
import {
  type Agreement,
  type AlipayBooks,
  maskedLogonId,
  type PeriodRule,
  type Trade,
  tradeNoFor,
} from './records.ts';
import { type Content, failure, processing, success } from './replies.ts';

/** Sub code and text of a refusal. */
type Refused = readonly [code: string, text: string];

/**
 * What a payment request leads to: a content, or silence because the request or its reply is
 * lost.
 */
export type Paid =
  | { readonly kind: 'told'; readonly content: Content }
  | { readonly kind: 'silent' };

/** A payment request whose fields are right. */
interface Payment {
  readonly outTradeNo: string;
  readonly amount: bigint;
  readonly subject: string;
  readonly body: string;
  readonly productCode: string;
  readonly agreementNo: string;
  readonly passbackParams: string;
  readonly notifyUrl: string;
}

/** `alipay.trade.pay` with `agreement_params`: debits an agreement. A reply of 10000 is final. */
export function payTrade(
  world: World,
  books: AlipayBooks,
  ask: { readonly content: BizContent; readonly notifyUrl: string },
): Paid {
  const payment = readPayment(ask.content, ask.notifyUrl);
  if (typeof payment === 'string') return refused(['ACQ.INVALID_PARAMETER', payment]);
  const existing = books.trades.get(payment.outTradeNo);
  if (existing !== undefined) return { kind: 'told', content: describeRepeat(existing, payment) };
  const agreement = books.agreements.get(payment.agreementNo);
  const problem = findAgreementProblem(agreement, payment);
  if (agreement === undefined || problem !== undefined) {
    return refused(problem ?? ['ACQ.AGREEMENT_NOT_EXIST', '用户协议不存在']);
  }
  const ruleProblem = findRuleProblem(world, agreement, payment.amount);
  if (ruleProblem !== undefined) return refused(ruleProblem);
  return debit(world, books, { payment, agreement });
}

function refused([code, text]: Refused): Paid {
  return { kind: 'told', content: failure(code, text) };
}

function readPayment(content: BizContent, notifyUrl: string): Payment | string {
  const outTradeNo = String(content['out_trade_no'] ?? '');
  if (!/^[0-9A-Za-z_]{1,64}$/.test(outTradeNo)) return 'out_trade_no 错误';
  const amount = parseYuan(content['total_amount']);
  if (amount === undefined) return 'total_amount 错误';
  const subject = String(content['subject'] ?? '');
  if (subject === '' || subject.length > 256 || /[/=&]/.test(subject)) return 'subject 错误';
  const agreementParams = content['agreement_params'] as { agreement_no?: unknown } | undefined;
  const agreementNo = String(agreementParams?.agreement_no ?? '');
  if (agreementNo === '') return 'agreement_params.agreement_no 缺失';
  return {
    outTradeNo,
    amount,
    subject,
    body: String(content['body'] ?? ''),
    productCode: String(content['product_code'] ?? ''),
    agreementNo,
    passbackParams: String(content['passback_params'] ?? ''),
    notifyUrl,
  };
}

/**
 * The number is the idempotency key: the same payment is told how it stands, another one is
 * refused.
 */
function describeRepeat(trade: Trade, payment: Payment): Content {
  const same =
    BigInt(trade.totalAmount) === payment.amount && trade.productCode === payment.productCode;
  if (!same) return failure('ACQ.CONTEXT_INCONSISTENT', '交易信息被篡改');
  if (trade.agreementNo !== payment.agreementNo) {
    return failure('ACQ.TRADE_BUYER_NOT_MATCH', '交易买家不匹配');
  }
  if (trade.status === 'TRADE_SUCCESS') return failure('ACQ.TRADE_HAS_SUCCESS', '交易已被支付');
  if (trade.status === 'TRADE_CLOSED') return failure('ACQ.TRADE_HAS_CLOSE', '交易已经关闭');
  return processing(describeTrade(trade));
}

function findAgreementProblem(
  agreement: Agreement | undefined,
  payment: Payment,
): Refused | undefined {
  if (agreement === undefined) return ['ACQ.AGREEMENT_NOT_EXIST', '用户协议不存在'];
  if (agreement.status === 'UNSIGN') return ['ACQ.AGREEMENT_NOT_EXIST', '用户协议已解约'];
  if (agreement.status === 'STOP') {
    return ['ACQ.AGREEMENT_STATUS_NOT_NORMAL', '用户协议状态非NORMAL'];
  }
  if (agreement.productCode !== payment.productCode) {
    return ['ACQ.ACCESS_FORBIDDEN', '无权限使用接口，product_code 与协议不符'];
  }
  return undefined;
}

function findRuleProblem(world: World, agreement: Agreement, amount: bigint): Refused | undefined {
  const { rule, nextDeductDate } = agreement;
  if (rule === undefined || nextDeductDate === undefined) return undefined;
  const today = dateOf(world.clock.now());
  const earliest = addDays(nextDeductDate, -world.settings.current.alipay.earlyWindowDays);
  if (today < earliest || today > nextDeductDate) {
    return ['ACQ.CYCLE_PAY_DATE_NOT_MATCH', '扣款日期不在签约时的允许范围之内'];
  }
  if (amount > BigInt(rule.singleAmount)) {
    return ['ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED', '周期扣款单笔金额超过限制'];
  }
  const { totalAmount, totalPayments } = rule;
  if (totalAmount !== undefined && BigInt(agreement.paidMinor) + amount > BigInt(totalAmount)) {
    return ['ACQ.CYCLE_PAY_TOTAL_FEE_EXCEED', '周期扣款总金额超过限制'];
  }
  if (totalPayments !== undefined && agreement.paidCount >= totalPayments) {
    return ['ACQ.CYCLE_PAY_TOTAL_TIMES_EXCEED', '周期扣款总次数超过限制'];
  }
  return undefined;
}

function debit(
  world: World,
  books: AlipayBooks,
  ask: { readonly payment: Payment; readonly agreement: Agreement },
): Paid {
  const { payment, agreement } = ask;
  const occasion = {
    rail: 'alipay',
    operations: ['alipay.trade.pay'],
    contractCode: agreement.externalAgreementNo,
    orderNumber: payment.outTradeNo,
  } as const;
  const outcome = world.outcomes.decide({
    rail: 'alipay',
    orderNumber: payment.outTradeNo,
    account: agreement.externalLogonId,
    scripted: () => world.faults.take(occasion, OUTCOMES.alipay)?.fault,
  });
  if (outcome === 'TIMEOUT_NOT_RECEIVED') return { kind: 'silent' };
  // A definite refusal creates no trade: a query does not find the number.
  if (outcome.startsWith('ACQ.')) return refused([outcome, REFUSAL_TEXTS[outcome] ?? '支付失败']);
  if (outcome === 'ARRIVES_LATE' && arrivesLater(world, books, ask)) return { kind: 'silent' };
  const trade = makeTrade(world, ask, outcome);
  return carryOut(world, books, trade);
}

/**
 * The request is held up on its way: it is not there when it is asked about, and is carried out a
 * moment later unless the same number came again in between. False for the second request.
 */
function arrivesLater(
  world: World,
  books: AlipayBooks,
  ask: { readonly payment: Payment; readonly agreement: Agreement },
): boolean {
  const { outTradeNo } = ask.payment;
  if (books.lateRequests.get(outTradeNo) !== undefined) return false;
  books.lateRequests.put(outTradeNo, { outTradeNo });
  world.later.after(world.settings.current.alipay.processingMs, () => {
    if (books.trades.get(outTradeNo) !== undefined) return;
    const agreement = books.agreements.require(ask.agreement.agreementNo);
    if (agreement.status !== 'NORMAL') return;
    completeTrade(world, books, makeTrade(world, { ...ask, agreement }, 'SUCCESS'));
  });
  return true;
}

function makeTrade(
  world: World,
  ask: { readonly payment: Payment; readonly agreement: Agreement },
  outcome: string,
): Trade {
  const { payment, agreement } = ask;
  const createdAt = world.clock.now();
  const { appId } = world.credentials.alipay;
  return {
    outTradeNo: payment.outTradeNo,
    tradeNo: tradeNoFor(appId, payment.outTradeNo, dateOf(createdAt)),
    agreementNo: agreement.agreementNo,
    externalLogonId: agreement.externalLogonId,
    userId: agreement.userId,
    totalAmount: Number(payment.amount),
    productCode: payment.productCode,
    subject: payment.subject,
    body: payment.body,
    passbackParams: payment.passbackParams,
    notifyUrl: payment.notifyUrl,
    outcome,
    createdAt,
    status: 'WAIT_BUYER_PAY',
    ...(agreement.nextDeductDate && { planDate: agreement.nextDeductDate }),
  };
}

function carryOut(world: World, books: AlipayBooks, trade: Trade): Paid {
  const systemError = failure('ACQ.SYSTEM_ERROR', '系统错误，请查询后再处理');
  switch (trade.outcome) {
    case 'PROCESSING_THEN_PAID':
      books.trades.put(trade.outTradeNo, trade);
      planCompletion(world, books, trade);
      return { kind: 'told', content: processing(describeTrade(trade)) };
    case 'SYSTEM_ERROR_NOT_PAID':
      books.trades.put(trade.outTradeNo, {
        ...trade,
        status: 'TRADE_CLOSED',
        closedAt: trade.createdAt,
      });
      return { kind: 'told', content: systemError };
    case 'SYSTEM_ERROR_THEN_PAID':
      completeTrade(world, books, trade);
      return { kind: 'told', content: systemError };
    case 'TIMEOUT_THEN_PAID':
      completeTrade(world, books, trade);
      return { kind: 'silent' };
    default:
      return { kind: 'told', content: success(describeTrade(completeTrade(world, books, trade))) };
  }
}

/** Plans the moment in which a trade under way is paid. */
export function planCompletion(world: World, books: AlipayBooks, trade: Trade): void {
  world.later.after(world.settings.current.alipay.processingMs, () => {
    const present = books.trades.require(trade.outTradeNo);
    // An order that waits for the payer's hand is not completed by time.
    const waits = present.status === 'WAIT_BUYER_PAY' && present.agreementNo !== '';
    if (waits) completeTrade(world, books, present);
  });
}

/** Books the payment, moves the plan of a debit by one period, and enters the notice. */
export function completeTrade(world: World, books: AlipayBooks, trade: Trade): Trade {
  const paid: Trade = { ...trade, status: 'TRADE_SUCCESS', paidAt: world.clock.now() };
  books.trades.put(paid.outTradeNo, paid);
  if (paid.agreementNo !== '') countDebit(books, paid);
  if (paid.outcome !== 'LOST_CALLBACK') notifyTrade(world, paid);
  return paid;
}

/** An order paid by hand is not counted, also not the first one beside a signing. */
function countDebit(books: AlipayBooks, paid: Trade): void {
  const agreement = books.agreements.require(paid.agreementNo);
  const { rule, nextDeductDate } = agreement;
  const moved = rule && nextDeductDate === paid.planDate && movePlan(rule, nextDeductDate);
  books.agreements.put(agreement.agreementNo, {
    ...agreement,
    paidCount: agreement.paidCount + 1,
    paidMinor: Number(BigInt(agreement.paidMinor) + BigInt(paid.totalAmount)),
    lastDeductDate: dateOf(paid.paidAt ?? 0),
    ...(moved && { nextDeductDate: moved }),
  });
}

/** The next plan date is one period after the plan date, not after the debit (rails.md §2.4). */
function movePlan(rule: PeriodRule, planDate: string | undefined): string | undefined {
  if (planDate === undefined) return undefined;
  return rule.periodType === 'DAY'
    ? addDays(planDate, rule.period)
    : addMonths(planDate, rule.period);
}

/** The fields that replies of pay and query share. */
export function describeTrade(trade: Trade): Content {
  const amount = formatYuan(trade.totalAmount);
  const head = {
    out_trade_no: trade.outTradeNo,
    trade_no: trade.tradeNo,
    buyer_user_id: trade.userId,
    buyer_logon_id: maskedLogonId(trade.userId),
    total_amount: amount,
  };
  if (trade.paidAt === undefined) return head;
  return {
    ...head,
    receipt_amount: amount,
    buyer_pay_amount: amount,
    point_amount: '0.00',
    invoice_amount: amount,
    gmt_payment: formatDashed(trade.paidAt),
    fund_bill_list: [{ fund_channel: 'ALIPAYACCOUNT', amount }],
  };
}

/** What the user would read, by sub_code (rails.md §2.7). */
const REFUSAL_TEXTS: Readonly<Record<string, string>> = {
  'ACQ.BUYER_BALANCE_NOT_ENOUGH': '买家余额不足',
  'ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH': '用户银行卡余额不足',
  'ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE': '没有可用的支付工具',
  'ACQ.ERROR_BALANCE_PAYMENT_DISABLE': '余额支付功能关闭',
  'ACQ.MOBILE_PAYMENT_SWITCH_OFF': '用户关闭了无线支付开关',
  'ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR': '买家付款日限额超限',
  'ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR': '买家付款月额度超限',
  'ACQ.BUYER_ENABLE_STATUS_FORBID': '买家状态非法',
  'ACQ.BUYER_NOT_EXIST': '买家不存在',
  'ACQ.NOT_CERTIFIED_USER': '当前用户未认证',
  'ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT': '买家未通过人行认证',
  'ACQ.BUYER_NOT_MAINLAND_CERT': '买家证件类型非大陆身份证',
  'ACQ.PAYMENT_REQUEST_HAS_RISK': '支付有风险',
  'ACQ.PAYMENT_FAIL': '支付失败',
};
