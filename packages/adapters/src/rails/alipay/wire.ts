import type { AttemptOutcome, DebitRequest, MandateHandle, MandateReport } from '@daikou/core';
import { formatDecimal, type Money, parseAmount } from '@daikou/core';
import { parseBeijing } from '../beijing.ts';
import { unknownOutcome } from '../outcomes.ts';
import { toRailText } from '../rail-text.ts';
import { listed } from '../tables.ts';
import type { AlipayCall } from './client.ts';
import type { AlipaySettings } from './config.ts';
import { type Inner, textAt } from './replies.ts';
import { AGREEMENT_STATUSES, TRADE_STATUSES } from './statuses.ts';

/** Longest `subject`, in characters; it may not hold `/`, `=` or `&`. */
export const SUBJECT = { maxLength: 40, without: /[/=&]/g } as const;

/** The parameter of the address for notices of an end that we asked for. */
export const ENDED_BY = { name: 'ended_by', merchant: 'merchant' } as const;

/**
 * Names an agreement by Alipay's number where we have it, else by our number under product and
 * scene.
 */
function agreementFields(settings: AlipaySettings, mandate: MandateHandle): Inner {
  return mandate.railReference === undefined
    ? {
        personal_product_code: settings.personalProductCode,
        sign_scene: settings.signScene,
        external_agreement_no: mandate.contractCode,
      }
    : { agreement_no: mandate.railReference };
}

export function toAgreementQuery(settings: AlipaySettings, mandate: MandateHandle): AlipayCall {
  return { method: 'alipay.user.agreement.query', content: agreementFields(settings, mandate) };
}

/**
 * The end of an agreement. Its notice comes back to an address that says that we ended it: the
 * notice itself does not, and a payer's own end goes to the app's gateway address instead.
 */
export function toAgreementEnd(settings: AlipaySettings, mandate: MandateHandle): AlipayCall {
  const notifyUrl = new URL(settings.agreementNotifyUrl);
  notifyUrl.searchParams.set(ENDED_BY.name, ENDED_BY.merchant);
  return {
    method: 'alipay.user.agreement.unsign',
    content: agreementFields(settings, mandate),
    notifyUrl: notifyUrl.toString(),
  };
}

/** The deduction. Alipay never charges by itself: this call, inside the early window, does. */
export function toPayment(settings: AlipaySettings, request: DebitRequest): AlipayCall {
  return {
    method: 'alipay.trade.pay',
    notifyUrl: settings.notifyUrl,
    content: {
      out_trade_no: request.orderNumber,
      total_amount: formatDecimal(request.amount),
      subject: toRailText(request.description, SUBJECT),
      product_code: settings.productCode,
      agreement_params: { agreement_no: request.railReference },
      // Comes back in the bill (备注): after a restore it says whose money it is.
      ...(request.contractCode !== undefined && { body: request.contractCode }),
    },
  };
}

export function toTradeCall(action: 'query' | 'close', orderNumber: string): AlipayCall {
  return { method: `alipay.trade.${action}`, content: { out_trade_no: orderNumber } };
}

/** `trade`: what was paid and returned. `signcustomer`: how the account's balance moved. */
export type BillType = 'trade' | 'signcustomer';

export function toBillQuery(type: BillType, date: Temporal.PlainDate): AlipayCall {
  return {
    method: 'alipay.data.dataservice.bill.downloadurl.query',
    content: { bill_type: type, bill_date: date.toString() },
  };
}

/** Yuan of a message; undefined when it is not an exact amount of CNY. */
export function yuanOf(text: string | undefined): Money<'CNY'> | undefined {
  const parsed = parseAmount(text ?? '', 'CNY');
  return parsed.ok ? parsed.value : undefined;
}

/**
 * A paid trade. The time of payment is `gmt_payment` in the pay reply and the callback, and
 * `send_pay_date` in the query. Without number, amount or time it is `unknown`: we could not book
 * it.
 */
export function fromPaidTrade(inner: Inner): AttemptOutcome {
  const railReference = textAt(inner, 'trade_no');
  const paid = yuanOf(textAt(inner, 'total_amount'));
  const paidAt = parseBeijing(textAt(inner, 'gmt_payment') ?? textAt(inner, 'send_pay_date'));
  if (railReference === undefined || paid === undefined || paidAt === undefined) {
    return unknownOutcome('paid, but the message lacks the number, the amount or the time');
  }
  return { kind: 'succeeded', railReference, paid, paidAt };
}

/**
 * The state of a trade in a query's reply or a callback, which has already been proved to be ours.
 */
export function fromTrade(inner: Inner): AttemptOutcome {
  const name = textAt(inner, 'trade_status');
  switch (listed(TRADE_STATUSES, name)) {
    case undefined:
      return unknownOutcome(`unlisted trade_status ${name ?? ''}`);
    case 'paid':
      return fromPaidTrade(inner);
    case 'open':
      return { kind: 'accepted' };
    case 'ended': {
      const wasPaid = textAt(inner, 'gmt_payment') ?? textAt(inner, 'send_pay_date');
      // Closed after payment means wholly refunded: the debit itself took the money.
      return wasPaid === undefined ? { kind: 'closed' } : fromPaidTrade(inner);
    }
  }
}

/**
 * What `alipay.user.agreement.query` says of an agreement that is proved to be the one asked about.
 * A stopped agreement keeps the open end of its validity (2115): then the end is known since `now`.
 */
export function fromAgreement(
  inner: Inner,
  contractCode: string,
  now: Temporal.Instant,
): MandateReport {
  const railReference = textAt(inner, 'agreement_no');
  const status = listed(AGREEMENT_STATUSES, textAt(inner, 'status'));
  switch (status) {
    case undefined:
      return { kind: 'unknown', detail: 'unlisted status of the agreement' };
    case 'signing':
      return { kind: 'signing', contractCode };
    case 'active': {
      const at = parseBeijing(textAt(inner, 'sign_time'));
      if (at === undefined || railReference === undefined) {
        return { kind: 'unknown', detail: 'active, but without number or time' };
      }
      const payer = textAt(inner, 'principal_id') ?? textAt(inner, 'principal_open_id');
      const reference = payer === undefined ? {} : { payerReference: payer };
      return { kind: 'active', contractCode, railReference, ...reference, at };
    }
    case 'ended': {
      const until = parseBeijing(textAt(inner, 'invalid_time'));
      if (until === undefined) return { kind: 'unknown', detail: 'ended, but without a time' };
      const at = Temporal.Instant.compare(until, now) < 0 ? until : now;
      const reference = railReference === undefined ? {} : { railReference };
      // Alipay does not say who ended it.
      return { kind: 'ended', contractCode, ...reference, endedBy: 'unknown', at };
    }
  }
}
