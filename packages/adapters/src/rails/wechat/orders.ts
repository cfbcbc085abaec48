import type { AttemptOutcome, DebitRequest } from '@daikou/core';
import { outcomeOfCode, requirePaid, unknownOutcome } from '../outcomes.ts';
import { listed } from '../tables.ts';
import type { V2Request } from './client.ts';
import type { Connection } from './connection.ts';
import { readV2Reply, type SignedReply } from './replies.ts';
import { CLOSE_CODES, QUERY_CODES, SUBMIT_CODES } from './statuses.ts';
import * as wire from './wire.ts';

async function call(rail: Connection, request: V2Request): Promise<SignedReply> {
  return readV2Reply(await rail.client.postV2(request), rail.settings);
}

function outcomeOfSilence(reply: {
  readonly detail: string;
  readonly neverSent: boolean;
}): AttemptOutcome {
  const { detail } = reply;
  return reply.neverSent ? { kind: 'never_sent', detail } : unknownOutcome(detail);
}

/**
 * 申请扣款. `accepted` is the best answer: the money moves later. The reply names no order, but where a
 * field is there it must be ours. `ORDERPAID` is followed by a query, which knows number and time.
 */
export async function submit(rail: Connection, request: DebitRequest): Promise<AttemptOutcome> {
  const reply = await call(rail, wire.toDeduction(rail.settings, request));
  if (reply.kind === 'unknown') return outcomeOfSilence(reply);
  const { fields } = reply;
  const { out_trade_no: order, total_fee: fee } = fields;
  if (order !== undefined && order !== request.orderNumber) {
    return unknownOutcome('the reply names another out_trade_no');
  }
  if (fee !== undefined && fee !== request.amount.minor.toString()) {
    return unknownOutcome('the reply names another total_fee');
  }
  if (fields['result_code'] === 'SUCCESS') return { kind: 'accepted' };
  const code = wire.codeOf(fields);
  if (listed(SUBMIT_CODES, code.code) === 'paid') {
    return requirePaid(await ask(rail, request.orderNumber), request.amount);
  }
  return outcomeOfCode(SUBMIT_CODES, code);
}

/**
 * Asks the deduction query first. It does not know orders that were closed, so every business
 * failure of it but a system error is asked again at the general order query.
 */
export async function ask(rail: Connection, orderNumber: string): Promise<AttemptOutcome> {
  const first = await queryOrder(rail, 'paporderquery', orderNumber);
  return first ?? (await queryOrder(rail, 'orderquery', orderNumber)) ?? { kind: 'not_found' };
}

/** The order's outcome, or undefined when this query does not know the order. */
async function queryOrder(
  rail: Connection,
  endpoint: 'paporderquery' | 'orderquery',
  orderNumber: string,
): Promise<AttemptOutcome | undefined> {
  const reply = await call(rail, wire.toOrderRequest(rail.settings, endpoint, orderNumber));
  if (reply.kind === 'unknown') return unknownOutcome(reply.detail);
  const { fields } = reply;
  if (fields['result_code'] === 'SUCCESS') {
    return fields['out_trade_no'] === orderNumber
      ? wire.fromOrder(fields)
      : unknownOutcome('the reply names another out_trade_no');
  }
  const code = wire.codeOf(fields);
  const meaning = listed(QUERY_CODES, code.code);
  if (meaning === 'not_found') return undefined;
  if (meaning === undefined && endpoint === 'paporderquery') return undefined;
  return outcomeOfCode(QUERY_CODES, code);
}

/** Closes an unpaid number; what turns out to be paid, or closed before, is asked about. */
export async function close(rail: Connection, orderNumber: string): Promise<AttemptOutcome> {
  const reply = await call(rail, wire.toOrderRequest(rail.settings, 'closeorder', orderNumber));
  if (reply.kind === 'unknown') return outcomeOfSilence(reply);
  const { fields } = reply;
  const order = fields['out_trade_no'];
  if (order !== undefined && order !== orderNumber) {
    return unknownOutcome('the reply names another out_trade_no');
  }
  if (fields['result_code'] === 'SUCCESS') return { kind: 'closed' };
  const code = wire.codeOf(fields);
  const meaning = listed(CLOSE_CODES, code.code);
  // Paid, or closed for a reason that only the query knows.
  if (meaning === 'paid' || meaning === 'closed') return ask(rail, orderNumber);
  return outcomeOfCode(CLOSE_CODES, code);
}
