import type { Exchange, Reply } from '../http.ts';
import { textReply } from '../http.ts';
import { formatYuan } from '../money.ts';
import { consentPage, refusalPage, tellDecision } from '../page.ts';
import { decidePayment, describePayment, findPage, PAY_PATH } from './payments.ts';
import type { WechatService } from './service.ts';

/** The page of a payment by hand: GET shows it, POST decides (`agree`, `pay_only`, `refuse`). */
export function answerPayPage(service: WechatService, exchange: Exchange): Reply {
  const order = findPage(service.books, exchange.path.slice(PAY_PATH.length));
  if (order === undefined) return refusalPage(exchange, 404, '链接不存在');
  if (exchange.method === 'POST') {
    const form = new URLSearchParams(exchange.body.toString('utf8'));
    const decision = form.get('decision') ?? '';
    const user = form.get('user') ?? undefined;
    return tellDecision(exchange, decidePayment(service, { order, decision, user }));
  }
  if (exchange.method !== 'GET') return textReply(405, 'Method Not Allowed');
  return consentPage({
    wallet: '微信支付（沙箱）',
    productName: `支付 ¥${formatYuan(order.totalFee)}`,
    account: order.displayAccount || order.outTradeNo,
    lines: describePayment(service.books, order),
    action: exchange.target,
  });
}
