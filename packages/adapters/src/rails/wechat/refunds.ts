import type { RefundHandle, RefundOutcome, RefundRequest } from '@daikou/core';
import { listed } from '../tables.ts';
import type { Connection } from './connection.ts';
import {
  fromRefundPage,
  refundOfCode,
  toRefund,
  toRefundQuery,
  unknownRefund,
} from './refund-wire.ts';
import { readV2Reply } from './replies.ts';
import { REFUND_CODES } from './statuses.ts';
import { codeOf } from './wire.ts';

/** Pages of the refund query that are read at most: 50 refunds, ten a page. */
const PAGES_MAX = 5;

/**
 * 申请退款. `accepted` is the best answer: the money arrives later. A number that WeChat knows with
 * other content is asked about, because only the query tells what it once returned.
 */
export async function refund(rail: Connection, request: RefundRequest): Promise<RefundOutcome> {
  const { settings, client } = rail;
  const reply = readV2Reply(await client.postSecure(toRefund(settings, request)), settings);
  if (reply.kind === 'unknown') {
    const { detail } = reply;
    return reply.neverSent ? { kind: 'never_sent', detail } : unknownRefund(detail);
  }
  const { fields } = reply;
  const { out_refund_no: number, out_trade_no: order, refund_fee: fee } = fields;
  const isOurs =
    (number === undefined || number === request.refundNumber) &&
    (order === undefined || order === request.orderNumber) &&
    (fee === undefined || fee === request.amount.minor.toString());
  if (!isOurs) return unknownRefund('the reply names another refund, order or amount');
  if (fields['result_code'] === 'SUCCESS') {
    const railReference = fields['refund_id'];
    return { kind: 'accepted', ...(railReference && { railReference }) };
  }
  const code = codeOf(fields);
  if (listed(REFUND_CODES, code.code) === 'differs') return settleDifference(rail, request, code);
  return refundOfCode(code);
}

/** The amounts do not fit: either the number was used before, or more is asked than is left. */
async function settleDifference(
  rail: Connection,
  request: RefundRequest,
  code: { readonly code: string; readonly message: string },
): Promise<RefundOutcome> {
  const known = await askRefund(rail, request);
  if (known.kind !== 'not_found') return known;
  return { kind: 'refused', refusal: { class: 'amount', ...code } };
}

/** 查询退款 by our number, page by page where the order has many refunds. */
export async function askRefund(rail: Connection, handle: RefundHandle): Promise<RefundOutcome> {
  const { settings, client } = rail;
  let offset = 0;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const request = toRefundQuery(settings, handle.refundNumber, offset);
    const reply = readV2Reply(await client.postV2(request), settings);
    if (reply.kind === 'unknown') return unknownRefund(reply.detail);
    const { fields } = reply;
    if (fields['result_code'] !== 'SUCCESS') {
      const outcome = refundOfCode(codeOf(fields));
      // A query refuses nothing: a code that would be a refusal says only that it was not answered.
      return outcome.kind === 'refused' ? unknownRefund(outcome.refusal.code) : outcome;
    }
    const found = fromRefundPage(fields, handle, offset);
    if (found.kind === 'found') return found.outcome;
    if (found.kind === 'absent') break;
    offset = found.offset;
  }
  return unknownRefund('the reply does not name the refund');
}
