import type { AttemptOutcome, DebitRequest, Money } from '@daikou/core';
import { money } from '@daikou/core';
import { parseBeijing } from '../beijing.ts';
import { outcomeOfCode, unknownOutcome } from '../outcomes.ts';
import { toDetail, toRailText } from '../rail-text.ts';
import { listed } from '../tables.ts';
import type { V2Request } from './client.ts';
import type { WechatSettings } from './config.ts';
import { DEDUCTION_CODES, TRADE_STATES } from './statuses.ts';
import type { Fields } from './xml.ts';

/**
 * Free text: at most 40 characters, because `body` holds 128 bytes and a Chinese character takes
 * three. The end of a CDATA section would end the field in which it stands.
 */
export const TEXT = { maxLength: 40, without: /\]\]>/g } as const;

/** Whose message it is: in every V2 request. */
export function account(settings: WechatSettings): {
  readonly appid: string;
  readonly mch_id: string;
} {
  return { appid: settings.appid, mch_id: settings.mchid };
}

/** 申请扣款. `total_fee` is whole 分. */
export function toDeduction(settings: WechatSettings, request: DebitRequest): V2Request {
  return {
    path: 'pay/pappayapply',
    fields: {
      ...account(settings),
      body: toRailText(request.description, TEXT),
      out_trade_no: request.orderNumber,
      total_fee: request.amount.minor.toString(),
      fee_type: 'CNY',
      spbill_create_ip: settings.serverIp,
      notify_url: settings.notifyUrl,
      trade_type: 'PAP',
      contract_id: request.railReference,
      // Comes back in the bill (商户数据包): after a restore it says whose money it is.
      ...(request.contractCode !== undefined && { attach: request.contractCode }),
    },
  };
}

/** One order by our number, at one of the three endpoints that take just that. */
export function toOrderRequest(
  settings: WechatSettings,
  endpoint: 'paporderquery' | 'orderquery' | 'closeorder',
  orderNumber: string,
): V2Request {
  return {
    path: `pay/${endpoint}`,
    fields: { ...account(settings), out_trade_no: orderNumber },
  };
}

export function toBillRequest(settings: WechatSettings, date: Temporal.PlainDate): V2Request {
  return {
    path: 'pay/downloadbill',
    fields: {
      ...account(settings),
      bill_date: date.toString().replaceAll('-', ''),
      bill_type: 'ALL',
      tar_type: 'GZIP',
    },
  };
}

/** 预扣费通知: path and JSON body. `windowDays` is always sent: without it the documents disagree. */
export function toNotice(
  settings: WechatSettings,
  notice: { readonly railReference: string; readonly amount: Money; readonly windowDays: number },
): { readonly path: string; readonly body: object } {
  return {
    path: `v3/papay/contracts/${encodeURIComponent(notice.railReference)}/notify`,
    body: {
      mchid: settings.mchid,
      appid: settings.appid,
      deduct_duration: { count: notice.windowDays, unit: 'DAY' },
      estimated_amount: { amount: Number(notice.amount.minor), currency: 'CNY' },
    },
  };
}

/** The address of a V3 bill: the fund flow of the basic account, or the trade bill. */
export function toBillPath(kind: 'fundflowbill' | 'tradebill', date: Temporal.PlainDate): string {
  const type = kind === 'fundflowbill' ? 'account_type=BASIC' : 'bill_type=ALL';
  return `v3/bill/${kind}?bill_date=${date}&${type}&tar_type=GZIP`;
}

/** Whole 分 of a reply; undefined when it is not a plain integer. */
export function feeOf(text: string | undefined): bigint | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? BigInt(text) : undefined;
}

/**
 * A paid order as WeChat names it in a callback or query. A message without number, amount or time
 * is `unknown`: we could not book it.
 */
export function fromPaidOrder(fields: Fields): AttemptOutcome {
  const paid = feeOf(fields['total_fee']);
  const paidAt = parseBeijing(fields['time_end']);
  const railReference = fields['transaction_id'];
  const currency = fields['fee_type'] ?? 'CNY';
  if (paid === undefined || paidAt === undefined || !railReference || currency !== 'CNY') {
    return unknownOutcome('paid, but the message lacks the number, the amount or the time');
  }
  return { kind: 'succeeded', railReference, paid: money(paid, 'CNY'), paidAt };
}

/** The state of an order in a query's reply, which has already been proved to be ours. */
export function fromOrder(fields: Fields): AttemptOutcome {
  const name = fields['trade_state'];
  const state = listed(TRADE_STATES, name);
  switch (state) {
    case undefined:
      return unknownOutcome(`unlisted trade_state ${name}`);
    case 'paid':
      return fromPaidOrder(fields);
    case 'open':
      return { kind: 'accepted' };
    case 'ended':
      return fromEndedOrder(fields);
  }
}

/**
 * An order that ended without money: refused when WeChat names a listed reason, else just closed.
 */
function fromEndedOrder(fields: Fields): AttemptOutcome {
  const code = fields['err_code'];
  if (code === undefined || listed(DEDUCTION_CODES, code) === undefined) return { kind: 'closed' };
  const message = fields['err_code_des'] ?? fields['trade_state_desc'] ?? '';
  const outcome = outcomeOfCode(DEDUCTION_CODES, { code, message });
  return outcome.kind === 'refused' ? outcome : { kind: 'closed' };
}

/** WeChat's code and words of a business failure. */
export function codeOf(fields: Fields): { readonly code: string; readonly message: string } {
  return {
    code: fields['err_code'] ?? '',
    message: toDetail(fields['err_code_des'] ?? fields['return_msg']),
  };
}
