import type { RefundHandle, RefundOutcome, RefundRequest } from '@daikou/core';
import { money } from '@daikou/core';
import { parseBeijing } from '../beijing.ts';
import { toDetail, toRailText } from '../rail-text.ts';
import { listed } from '../tables.ts';
import type { V2Request } from './client.ts';
import type { WechatSettings } from './config.ts';
import { REFUND_CODES, REFUND_STATES } from './statuses.ts';
import { account, feeOf, TEXT } from './wire.ts';
import type { Fields } from './xml.ts';

/** Refunds that one page of `/pay/refundquery` names. */
const PAGE_SIZE = 10;

/** 申请退款, over mutual TLS. The refund number is the key: the same one again returns money once. */
export function toRefund(settings: WechatSettings, request: RefundRequest): V2Request {
  return {
    path: 'secapi/pay/refund',
    fields: {
      ...account(settings),
      out_trade_no: request.orderNumber,
      out_refund_no: request.refundNumber,
      total_fee: request.paid.minor.toString(),
      refund_fee: request.amount.minor.toString(),
      refund_fee_type: 'CNY',
      refund_desc: toRailText(request.reason, TEXT),
      notify_url: settings.refundNotifyUrl,
    },
  };
}

/** 查询退款 by our refund number; `offset` where the order has more refunds than one page names. */
export function toRefundQuery(
  settings: WechatSettings,
  refundNumber: string,
  offset: number,
): V2Request {
  return {
    path: 'pay/refundquery',
    fields: {
      ...account(settings),
      out_refund_no: refundNumber,
      ...(offset > 0 && { offset: String(offset) }),
    },
  };
}

/** What a page of the refund query has: our refund, the next page, or not a word of it. */
export type RefundPage =
  | { readonly kind: 'found'; readonly outcome: RefundOutcome }
  | { readonly kind: 'next'; readonly offset: number }
  | { readonly kind: 'absent' };

/** Looks for our number among `out_refund_no_$n` of a reply about our order. */
export function fromRefundPage(fields: Fields, refund: RefundHandle, offset: number): RefundPage {
  let seen = 0;
  while (seen < PAGE_SIZE && fields[`out_refund_no_${seen}`] !== undefined) {
    if (fields[`out_refund_no_${seen}`] === refund.refundNumber) {
      return { kind: 'found', outcome: fromRefundRow(fields, refund, seen) };
    }
    seen += 1;
  }
  const total = feeOf(fields['total_refund_count']) ?? 0n;
  const next = offset + seen;
  return seen > 0 && BigInt(next) < total ? { kind: 'next', offset: next } : { kind: 'absent' };
}

function fromRefundRow(fields: Fields, refund: RefundHandle, n: number): RefundOutcome {
  const field = (name: string): string | undefined => fields[`${name}_${n}`];
  const returned = feeOf(field('refund_fee'));
  if (fields['out_trade_no'] !== refund.orderNumber || returned !== refund.amount.minor) {
    return unknownRefund('the query names another order or another amount');
  }
  return fromRefundState({
    state: field('refund_status'),
    railReference: field('refund_id'),
    returned,
    at: field('refund_success_time'),
  });
}

/** The parts of a refund that a query and a notice tell in their own field names. */
export type RefundTold = {
  readonly state: string | undefined;
  readonly railReference: string | undefined;
  readonly returned: bigint | undefined;
  readonly at: string | undefined;
};

/**
 * What a refund's state means. `CHANGE`: the payer's bank or card did not take the money, and it
 * lies with the merchant again. `REFUNDCLOSE`: closed without money moving. A success without its
 * number, amount or time is `unknown`: it could not be booked.
 */
export function fromRefundState({ state, railReference, returned, at }: RefundTold): RefundOutcome {
  const code = state ?? '';
  switch (listed(REFUND_STATES, state)) {
    case 'succeeded': {
      const refundedAt = parseBeijing(at);
      if (!railReference || returned === undefined || refundedAt === undefined) {
        return unknownRefund('refunded, but without number, amount or time');
      }
      return { kind: 'succeeded', railReference, refunded: money(returned, 'CNY'), refundedAt };
    }
    case 'open':
      return { kind: 'accepted', ...(railReference && { railReference }) };
    case 'failed':
      return { kind: 'failed', code, message: '退款异常，资金已退回商户，需人工处理' };
    case 'closed':
      return { kind: 'refused', refusal: { class: 'technical', code, message: '退款已关闭' } };
    case undefined:
      return unknownRefund(`unlisted refund_status ${code}`);
  }
}

/** The outcome of a coded refusal; `ask` and unlisted codes say nothing. */
export function refundOfCode(code: { readonly code: string; readonly message: string }) {
  const meaning = listed(REFUND_CODES, code.code);
  const words = `${code.code} ${code.message}`;
  if (meaning === undefined) return unknownRefund(`unlisted code ${words}`);
  if (meaning === 'not_found') return { kind: 'not_found' } as const;
  if (meaning === 'ask' || meaning === 'differs') return unknownRefund(words);
  return { kind: 'refused', refusal: { class: meaning, ...code } } as const;
}

export function unknownRefund(detail: string): RefundOutcome {
  return { kind: 'unknown', detail: toDetail(detail) };
}
