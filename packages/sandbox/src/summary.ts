import type { AlipayBooks } from './alipay/records.ts';
import { dateOf } from './beijing.ts';
import type { Groups } from './group-messages.ts';
import { sumOf } from './money.ts';
import type { OfficialAccountBooks } from './official-account/records.ts';
import type { BankBooks } from './sepa/records.ts';
import { summariseBank } from './sepa/summary.ts';
import type { SmsBooks } from './sms/messages.ts';
import type { SmtpBooks } from './smtp/server.ts';
import type { UnionpayBooks } from './unionpay/records.ts';
import type { WebhookTargetBooks } from './webhook-target/server.ts';
import type { WechatBooks } from './wechat/records.ts';

/** The books of all simulators. */
export interface AllBooks {
  readonly wechat: WechatBooks;
  readonly alipay: AlipayBooks;
  readonly unionpay: UnionpayBooks;
  readonly sepa: BankBooks;
  readonly sms: SmsBooks;
  readonly smtp: SmtpBooks;
  readonly dingtalk: Groups;
  readonly wecom: Groups;
  readonly officialAccount: OfficialAccountBooks;
  readonly webhookTarget: WebhookTargetBooks;
}

/** More than one successful order of one contract within one cycle: what must never happen. */
export interface DoubleDebit {
  readonly displayAccount: string;
  readonly cycle: string;
  readonly orders: readonly string[];
}

/** One successful order with every cycle that it counts in. */
interface Success {
  readonly contract: string;
  readonly displayAccount: string;
  readonly cycles: readonly string[];
  readonly order: string;
}

/** Computes the answer of `/admin/books/summary`. Amounts in 分, counted gross of refunds. */
export function summarise(books: AllBooks): Readonly<Record<string, unknown>> {
  const { wechat, alipay, sms, smtp } = books;
  const orders = [...wechat.orders.values()];
  const trades = [...alipay.trades.values()];
  const paidOrders = orders.filter((order) => order.state === 'SUCCESS');
  const deductions = paidOrders.filter((order) => (order.tradeType ?? 'PAP') === 'PAP');
  const refunded = wechat.refundsByState('SUCCESS');
  const paidTrades = trades.filter((trade) => trade.paidAt !== undefined);
  // What a payer pays by hand belongs to no agreement.
  const debits = paidTrades.filter((trade) => trade.agreementNo !== '');
  const doneRefunds = [...alipay.refunds.values()].filter((refund) => refund.status === 'done');
  return {
    wechat: {
      contracts: countStates(wechat.contracts.values(), (contract) => contract.state === 'active'),
      orders: orders.length,
      succeeded: paidOrders.length,
      succeededMinor: Number(sumOf(paidOrders.map((order) => order.totalFee))),
      refundedMinor: Number(sumOf([...refunded].map((refund) => refund.refundFee))),
      refused: orders.filter((order) => order.state === 'CLOSED').length,
      doubleDebits: findDoubles(
        deductions.map((order) => ({
          contract: order.contractId,
          displayAccount: order.displayAccount,
          cycles: [
            dateOf(order.finishedAt ?? order.dueAt),
            ...(order.noticeId === undefined ? [] : [`notice ${order.noticeId}`]),
          ],
          order: order.outTradeNo,
        })),
      ),
    },
    alipay: {
      contracts: countStates(alipay.agreements.values(), (one) => one.status === 'NORMAL'),
      orders: trades.length,
      succeeded: paidTrades.length,
      succeededMinor: Number(sumOf(paidTrades.map((trade) => trade.totalAmount))),
      refused: trades.filter((t) => t.status === 'TRADE_CLOSED' && t.paidAt === undefined).length,
      refundedMinor: Number(sumOf(doneRefunds.map((refund) => refund.refundAmount))),
      doubleDebits: findDoubles(
        debits.map((trade) => ({
          contract: trade.agreementNo,
          displayAccount: trade.externalLogonId,
          cycles: [trade.planDate ?? dateOf(trade.paidAt ?? 0)],
          order: trade.outTradeNo,
        })),
      ),
    },
    sepa: summariseBank(books.sepa),
    unionpay: summariseCards(books.unionpay),
    sms: countMessages(sms.messages.values()),
    smtp: countMessages(smtp.mails.values()),
    dingtalk: countMessages(books.dingtalk.messages.values()),
    wecom: countMessages(books.wecom.messages.values()),
    officialAccount: countMessages(books.officialAccount.messages.values()),
    webhookTarget: {
      accepted: books.webhookTarget.deliveries.size,
      refused: [...books.webhookTarget.deliveries.values()].filter((one) => one.status >= 300)
        .length,
    },
  };
}

function summariseCards(books: UnionpayBooks): Readonly<Record<string, unknown>> {
  const orders = [...books.orders.values()];
  const debits = orders.filter((order) => order.kind === 'debit');
  const paid = debits.filter((order) => order.state === 'done');
  const returned = orders.filter((order) => order.kind === 'refund' && order.state === 'done');
  return {
    contracts: countStates(books.tokens.values(), (token) => token.status === 'open'),
    orders: debits.length,
    succeeded: paid.length,
    succeededMinor: Number(sumOf(paid.map((order) => order.txnAmt))),
    refundedMinor: Number(sumOf(returned.map((order) => order.txnAmt))),
    refused: debits.filter((order) => order.state === 'failed').length,
    doubleDebits: findDoubles(
      paid.map((order) => ({
        contract: order.token,
        displayAccount: order.contractCode,
        cycles: [dateOf(order.endedAt ?? 0), `number ${order.orderId}`],
        order: order.key,
      })),
    ),
  };
}

function countStates<T>(
  contracts: Iterable<T>,
  isActive: (contract: T) => boolean,
): { readonly active: number; readonly terminated: number } {
  const all = [...contracts];
  const active = all.filter(isActive).length;
  return { active, terminated: all.length - active };
}

function countMessages(messages: Iterable<{ readonly status: string }>): {
  readonly accepted: number;
  readonly delivered: number;
  readonly failed: number;
} {
  const statuses = [...messages].map((message) => message.status);
  return {
    accepted: statuses.length,
    delivered: statuses.filter((status) => status === 'delivered').length,
    failed: statuses.filter((status) => status === 'failed').length,
  };
}

function findDoubles(successes: readonly Success[]): readonly DoubleDebit[] {
  const groups = new Map<string, { first: Success; cycle: string; orders: string[] }>();
  for (const success of successes) {
    for (const cycle of success.cycles) {
      const key = `${success.contract}|${cycle}`;
      const group = groups.get(key) ?? { first: success, cycle, orders: [] };
      group.orders.push(success.order);
      groups.set(key, group);
    }
  }
  return [...groups.values()]
    .filter((group) => group.orders.length > 1)
    .map(({ first, cycle, orders }) => ({
      displayAccount: first.displayAccount,
      cycle,
      orders: orders.sort(),
    }));
}
