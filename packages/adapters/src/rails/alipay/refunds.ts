import {
  formatDecimal,
  type RefundHandle,
  type RefundOutcome,
  type RefundRefusalClass,
  type RefundRequest,
} from '@daikou/core';
import { parseBeijing } from '../beijing.ts';
import { toDetail, toRailText } from '../rail-text.ts';
import { listed } from '../tables.ts';
import type { AlipayCall } from './client.ts';
import { type Connection, call } from './connection.ts';
import { type Inner, namesAnother, type SignedReply, textAt } from './replies.ts';
import { REFUND_CODES, REFUND_STATUSES } from './statuses.ts';
import { yuanOf } from './wire.ts';

function toRefund(request: RefundRequest): AlipayCall {
  return {
    method: 'alipay.trade.refund',
    content: {
      out_trade_no: request.orderNumber,
      refund_amount: formatDecimal(request.amount),
      // The key against returning twice: it never changes, also not when a refund is tried again.
      out_request_no: request.refundNumber,
      refund_reason: toRailText(request.reason, { maxLength: 40 }),
    },
  };
}

function toRefundQuery(refund: RefundHandle): AlipayCall {
  return {
    method: 'alipay.trade.fastpay.refund.query',
    content: {
      out_trade_no: refund.orderNumber,
      out_request_no: refund.refundNumber,
      query_options: ['gmt_refund_pay'],
    },
  };
}

function unknownRefund(detail: string): RefundOutcome {
  return { kind: 'unknown', detail: toDetail(detail) };
}

function refusedAs(
  refusal: RefundRefusalClass,
  reply: { readonly code: string; readonly message: string },
): RefundOutcome {
  const { code, message } = reply;
  return { kind: 'refused', refusal: { class: refusal, code: toDetail(code), message } };
}

/**
 * Returns money of one paid order. `fund_change` Y says that this call moved money; anything else,
 * also N of a repeat, is followed by the query, as Alipay's page wants it. The reply's `refund_fee`
 * adds up all refunds of the order, so it is only checked not to be less than ours.
 */
export async function refund(rail: Connection, request: RefundRequest): Promise<RefundOutcome> {
  const reply = await call(rail, toRefund(request));
  switch (reply.kind) {
    case 'unknown':
      return reply.neverSent
        ? { kind: 'never_sent', detail: reply.detail }
        : unknownRefund(reply.detail);
    case 'open':
      return { kind: 'accepted' };
    case 'refused':
      return refusal(rail, request, reply);
    case 'done':
      if (textAt(reply.inner, 'out_trade_no') !== request.orderNumber) {
        return unknownRefund('the reply names another out_trade_no');
      }
      return textAt(reply.inner, 'fund_change') === 'Y'
        ? moneyMoved(rail, request, reply.inner)
        : askRefund(rail, request);
  }
}

/** The reply that money moved, when it says how much and when; else the query is asked for it. */
function moneyMoved(
  rail: Connection,
  request: RefundRequest,
  inner: Inner,
): RefundOutcome | Promise<RefundOutcome> {
  const returnedInAll = yuanOf(textAt(inner, 'refund_fee'));
  const railReference = textAt(inner, 'trade_no');
  const refundedAt = parseBeijing(textAt(inner, 'gmt_refund_pay'));
  if (returnedInAll === undefined || returnedInAll.minor < request.amount.minor) {
    return unknownRefund('the reply names less than was to be returned');
  }
  if (railReference === undefined || refundedAt === undefined) return askRefund(rail, request);
  return { kind: 'succeeded', railReference, refunded: request.amount, refundedAt };
}

async function refusal(
  rail: Connection,
  request: RefundRequest,
  reply: SignedReply & { readonly kind: 'refused' },
): Promise<RefundOutcome> {
  if (reply.by === 'gateway') return refusedAs('merchant_fault', reply);
  const meaning = listed(REFUND_CODES, reply.code);
  if (meaning === undefined) return unknownRefund(`unlisted code ${reply.code} ${reply.message}`);
  if (meaning === 'ask') return unknownRefund(`${reply.code} ${reply.message}`);
  if (meaning !== 'nothing_left') return refusedAs(meaning, reply);
  const asked = await askRefund(rail, request);
  return asked.kind === 'not_found' ? refusedAs('amount', reply) : asked;
}

/**
 * What became of a refund number; never moves money. Without `refund_status` the request did not
 * arrive or failed: `not_found`, and the same number may be sent again. A card that cannot take the
 * money back is no failure: Alipay then pays it into the payer's balance with itself.
 */
export async function askRefund(rail: Connection, handle: RefundHandle): Promise<RefundOutcome> {
  const reply = await call(rail, toRefundQuery(handle));
  switch (reply.kind) {
    case 'unknown':
      return unknownRefund(reply.detail);
    case 'open':
      return unknownRefund('the query is being processed');
    case 'refused':
      return reply.code === 'ACQ.TRADE_NOT_EXIST'
        ? { kind: 'not_found' }
        : unknownRefund(`${reply.code} ${reply.message}`);
    case 'done':
      return fromRefundQuery(reply.inner, handle);
  }
}

function fromRefundQuery(inner: Inner, handle: RefundHandle): RefundOutcome {
  if (textAt(inner, 'out_trade_no') !== handle.orderNumber) {
    return unknownRefund('the reply names another out_trade_no');
  }
  if (namesAnother(inner, 'out_request_no', handle.refundNumber)) {
    return unknownRefund('the reply names another out_request_no');
  }
  const status = textAt(inner, 'refund_status');
  if (status === undefined) return { kind: 'not_found' };
  switch (listed(REFUND_STATUSES, status)) {
    case undefined:
      return unknownRefund(`unlisted refund_status ${status}`);
    case 'open':
      return { kind: 'accepted' };
    case 'failed':
      return { kind: 'failed', code: textAt(inner, 'error_code') ?? status, message: status };
    case 'done':
      return fromDone(inner, handle);
  }
}

function fromDone(inner: Inner, handle: RefundHandle): RefundOutcome {
  const railReference = textAt(inner, 'trade_no');
  const refunded = yuanOf(textAt(inner, 'refund_amount'));
  const refundedAt = parseBeijing(textAt(inner, 'gmt_refund_pay'));
  if (railReference === undefined || refunded === undefined || refundedAt === undefined) {
    return unknownRefund('returned, but the reply lacks the number, the amount or the time');
  }
  if (refunded.minor !== handle.amount.minor) {
    return unknownRefund(`the reply names ${refunded.minor} where ${handle.amount.minor} was sent`);
  }
  return { kind: 'succeeded', railReference, refunded, refundedAt };
}
