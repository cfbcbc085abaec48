import { formatDecimal, type PayLinkRequest, type PayLinkStarted } from '@daikou/core';
import { formatBeijing } from '../beijing.ts';
import { toRailText } from '../rail-text.ts';
import { listed } from '../tables.ts';
import type { AlipayCall } from './client.ts';
import type { AlipaySettings } from './config.ts';
import { type Connection, call } from './connection.ts';
import { namesAnother, textAt } from './replies.ts';
import { TRADE_CODES } from './statuses.ts';
import { SUBJECT } from './wire.ts';

/** Codes of TRADE_CODES after which the number may be paid: no refusal. */
const MAY_BE_PAID: ReadonlySet<string | undefined> = new Set([undefined, 'paid', 'open', 'ask']);

/** An order that the payer pays by hand, until `time_expire` (Beijing wall time). */
function toPayLink(settings: AlipaySettings, request: PayLinkRequest): AlipayCall {
  const byCode = settings.payLinkBy === 'precreate';
  return {
    method: byCode ? 'alipay.trade.precreate' : 'alipay.trade.wap.pay',
    notifyUrl: settings.notifyUrl,
    content: {
      out_trade_no: request.orderNumber,
      total_amount: formatDecimal(request.amount),
      subject: toRailText(request.description, SUBJECT),
      product_code: byCode ? 'FACE_TO_FACE_PAYMENT' : 'QUICK_WAP_WAY',
      time_expire: formatBeijing(request.expiresAt),
    },
  };
}

/**
 * Starts a payment by hand. The wap address is signed without a call; `precreate` asks Alipay for a
 * code to scan. Refuses another currency than CNY, and an expiry that has passed. Until the payer
 * opens it there is no trade: `ask` says `not_found`, and the address still works until it expires.
 */
export async function beginPayment(
  rail: Connection,
  request: PayLinkRequest,
): Promise<PayLinkStarted> {
  if (request.amount.currency !== 'CNY') {
    return { kind: 'refused', code: 'currency_unsupported', message: 'Alipay takes CNY only.' };
  }
  if (Temporal.Instant.compare(request.expiresAt, rail.settings.now()) <= 0) {
    return { kind: 'refused', code: 'expired', message: 'The payment link would have expired.' };
  }
  const order = toPayLink(rail.settings, request);
  if (rail.settings.payLinkBy === 'wap') {
    return { kind: 'open_url', url: rail.client.pageUrl(order) };
  }
  return precreate(rail, order, request.orderNumber);
}

async function precreate(
  rail: Connection,
  order: AlipayCall,
  orderNumber: string,
): Promise<PayLinkStarted> {
  const reply = await call(rail, order);
  switch (reply.kind) {
    case 'unknown':
      return { kind: 'unknown', detail: reply.detail };
    case 'open':
      return { kind: 'unknown', detail: 'the order is being made' };
    case 'refused': {
      const { code, message } = reply;
      const isDefinite = reply.by === 'gateway' || !MAY_BE_PAID.has(listed(TRADE_CODES, code));
      return isDefinite
        ? { kind: 'refused', code, message }
        : { kind: 'unknown', detail: `${code} ${message}` };
    }
    case 'done': {
      const url = textAt(reply.inner, 'qr_code');
      if (namesAnother(reply.inner, 'out_trade_no', orderNumber)) {
        return { kind: 'unknown', detail: 'the reply names another out_trade_no' };
      }
      return url !== undefined && URL.canParse(url)
        ? { kind: 'open_url', url }
        : { kind: 'unknown', detail: 'the reply has no code to scan' };
    }
  }
}
