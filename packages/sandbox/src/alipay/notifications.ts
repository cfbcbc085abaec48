import { formatDashed } from '../beijing.ts';
import type { Version } from '../callbacks.ts';
import { digitsFrom } from '../chance.ts';
import { SWAP_FAULTS } from '../faults.ts';
import { formatYuan } from '../money.ts';
import type { World } from '../world.ts';
import { signingKey } from './keys.ts';
import { type Agreement, maskedLogonId, type Refund, type Trade } from './records.ts';
import { type Params, signNotification } from './signature.ts';

/** Seconds between tries: 4 m, 10 m, 10 m, 1 h, 2 h, 6 h, 15 h (rails.md §2.9). */
const RETRY_SECONDS = [240, 600, 600, 3600, 7200, 21600, 54000];

/** An agreement is open-ended until the year that Alipay writes for "for ever". */
export const OPEN_END = '2115-02-01 00:00:00';

/** Enters `dut_user_sign` or `dut_user_unsign`. */
export function notifyAgreement(
  world: World,
  agreement: Agreement,
  change: { readonly type: 'dut_user_sign' | 'dut_user_unsign'; readonly url: string },
): void {
  const signed = change.type === 'dut_user_sign';
  const at = signed ? agreement.signedAt : (agreement.unsignedAt ?? 0);
  const fields: Params = {
    ...envelope(world, { type: change.type, subject: agreement.agreementNo, at }),
    status: signed ? 'NORMAL' : 'UNSIGN',
    agreement_no: agreement.agreementNo,
    external_agreement_no: agreement.externalAgreementNo,
    external_logon_id: agreement.externalLogonId,
    alipay_user_id: agreement.userId,
    alipay_logon_id: maskedLogonId(agreement.userId),
    personal_product_code: agreement.personalProductCode,
    sign_scene: agreement.signScene,
    ...(signed
      ? {
          sign_time: formatDashed(agreement.signedAt),
          valid_time: formatDashed(agreement.signedAt),
          invalid_time: OPEN_END,
        }
      : { unsign_time: formatDashed(at) }),
  };
  const name = signed ? 'sign_callback' : 'terminate_callback';
  enter(world, {
    fields,
    url: change.url,
    kind: name,
    subject: agreement.agreementNo,
    operations: ['callback', name],
    contractCode: agreement.externalAgreementNo,
    swappable: new Set(['swapped_order']),
  });
}

/** A refund with what was returned of its trade so far, itself included: Alipay tells the sum. */
type RefundTold = Refund & { readonly returnedInAll: number };

/** Enters `trade_status_sync` for a payment, or for a refund of it. */
export function notifyTrade(world: World, trade: Trade, refund?: RefundTold): void {
  const amount = formatYuan(trade.totalAmount);
  const subject =
    refund === undefined ? trade.outTradeNo : `${trade.outTradeNo}|${refund.outRequestNo}`;
  const at = refund?.acceptedAt ?? trade.paidAt ?? 0;
  const fields: Params = {
    ...envelope(world, { type: 'trade_status_sync', subject, at }),
    trade_status: trade.status,
    trade_no: trade.tradeNo,
    out_trade_no: trade.outTradeNo,
    total_amount: amount,
    receipt_amount: amount,
    buyer_pay_amount: amount,
    invoice_amount: amount,
    point_amount: '0.00',
    seller_id: world.credentials.alipay.sellerId,
    buyer_id: trade.userId,
    buyer_logon_id: maskedLogonId(trade.userId),
    subject: trade.subject,
    gmt_create: formatDashed(trade.createdAt),
    gmt_payment: formatDashed(trade.paidAt ?? 0),
    fund_bill_list: JSON.stringify([{ amount, fundChannel: 'ALIPAYACCOUNT' }]),
    ...(trade.passbackParams !== '' && { passback_params: trade.passbackParams }),
    ...(refund && {
      gmt_refund: formatDashed(refund.acceptedAt),
      refund_fee: formatYuan(refund.returnedInAll),
      out_biz_no: refund.outRequestNo,
    }),
  };
  enter(world, {
    fields,
    url: trade.notifyUrl,
    kind: refund === undefined ? 'pay_callback' : 'refund_callback',
    subject,
    operations:
      refund === undefined
        ? ['callback', 'pay_callback', 'alipay.trade.pay']
        : ['callback', 'refund_callback', 'alipay.trade.refund'],
    orderNumber: trade.outTradeNo,
    swappable: SWAP_FAULTS,
  });
}

/**
 * Enters the message that a card did not take a refund: Alipay then pays it into the payer's
 * balance. A message has `msg_method` and `biz_content` where a notice has its own fields.
 */
export function notifyCardRefund(world: World, trade: Trade, refund: Refund): void {
  const { appId } = world.credentials.alipay;
  const subject = `${trade.outTradeNo}|${refund.outRequestNo}`;
  const fields: Params = {
    app_id: appId,
    charset: 'UTF-8',
    version: '1.1',
    msg_method: 'alipay.trade.refund.depositback.completed',
    notify_id: digitsFrom(34, appId, 'depositback', subject),
    utc_timestamp: String(refund.acceptedAt),
    biz_content: JSON.stringify({
      trade_no: trade.tradeNo,
      out_trade_no: trade.outTradeNo,
      out_request_no: refund.outRequestNo,
      dback_status: 'F',
    }),
  };
  enter(world, {
    fields,
    url: world.settings.current.alipay.appGatewayUrl,
    kind: 'card_refund_callback',
    subject,
    operations: ['callback', 'card_refund_callback'],
    orderNumber: trade.outTradeNo,
    swappable: new Set(),
  });
}

function envelope(
  world: World,
  about: { readonly type: string; readonly subject: string; readonly at: number },
): Params {
  const { appId } = world.credentials.alipay;
  return {
    app_id: appId,
    auth_app_id: appId,
    charset: 'utf-8',
    version: '1.0',
    notify_type: about.type,
    // Constant over retries and duplicates: the merchant's key against doing things twice.
    notify_id: digitsFrom(34, appId, about.type, about.subject),
    notify_time: formatDashed(about.at),
  };
}

interface Notification {
  readonly fields: Params;
  readonly url: string;
  readonly kind: string;
  readonly subject: string;
  readonly operations: readonly string[];
  readonly contractCode?: string;
  readonly orderNumber?: string;
  readonly swappable: ReadonlySet<string>;
}

function enter(world: World, notification: Notification): void {
  const { fields, url, kind, subject, operations, contractCode, orderNumber } = notification;
  world.callbacks.enter({
    occasion: { rail: 'alipay', operations, contractCode, orderNumber },
    kind,
    subject,
    url,
    contentType: 'application/x-www-form-urlencoded; charset=utf-8',
    bodyOf: (version) => writeBody(world, fields, version),
    swappable: notification.swappable,
    retrySeconds: RETRY_SECONDS,
    timeScale: world.settings.current.alipay.callbackTimeScale,
    acknowledgement: 'plain_success',
  });
}

function writeBody(world: World, fields: Params, version: Version): string {
  const told = falsify(fields, version);
  const signed = signNotification(told, signingKey(world));
  const forged = version === 'wrong_signature' || version === 'probe';
  const sign = forged ? [...(signed['sign'] ?? '')].reverse().join('') : (signed['sign'] ?? '');
  return new URLSearchParams({ ...signed, sign }).toString();
}

function falsify(fields: Params, version: Version): Params {
  if (version === 'swapped_amount' && fields['total_amount'] !== undefined) {
    const other = otherAmount(fields['total_amount']);
    return { ...fields, total_amount: other, receipt_amount: other, buyer_pay_amount: other };
  }
  if (version === 'swapped_order') {
    const key = fields['out_trade_no'] === undefined ? 'external_agreement_no' : 'out_trade_no';
    return { ...fields, [key]: `${fields[key] ?? ''}X` };
  }
  return fields;
}

/** Returns another amount than the given one: one yuan more. */
export function otherAmount(yuan: string): string {
  return formatYuan(BigInt(yuan.replace('.', '')) + 100n);
}
