import type {
  AttemptOutcome,
  DebitRequest,
  Rail,
  RefundHandle,
  RefundOutcome,
  RefundRequest,
} from '@daikou/core';
import { outcomeOfCode, requirePaid, unknownOutcome } from '../outcomes.ts';
import { toDetail } from '../rail-text.ts';
import { listed } from '../tables.ts';
import { fetchBill, fetchSettlement } from './bill.ts';
import { readUnionpayCallback } from './callbacks.ts';
import { UNIONPAY_CAPABILITIES } from './capabilities.ts';
import { send } from './client.ts';
import { openUnionpayConfig, type UnionpayConfig, type UnionpaySettings } from './config.ts';
import { type Fields, fieldOf } from './fields.ts';
import { beginSigning, confirmSigning, endMandate, queryMandate } from './mandates.ts';
import { formatTxnTime, txnTimeOf } from './order-times.ts';
import { readReply, type SignedReply } from './replies.ts';
import { REFUND_CODES, TRADE_CODES } from './statuses.ts';
import * as wire from './wire.ts';

/**
 * The rail of one merchant at UnionPay 全渠道, by token. Throws a sentence when the configuration has
 * an unusable key. Keeps its keys and the certificates that it has judged, nothing of any card.
 */
export function makeUnionpayRail(config: UnionpayConfig): Rail {
  const settings = openUnionpayConfig(config);
  return {
    id: 'unionpay',
    capabilities: UNIONPAY_CAPABILITIES,
    beginSigning: (request) => beginSigning(settings, request),
    confirmSigning: (confirmation) => confirmSigning(settings, confirmation),
    queryMandate: (mandate) => queryMandate(settings, mandate),
    endMandate: (mandate) => endMandate(settings, mandate),
    submit: (request) => submit(settings, request),
    ask: (orderNumber) => ask(settings, orderNumber),
    // An order cannot be closed here: what it is, is the answer.
    close: (orderNumber) => ask(settings, orderNumber),
    refund: (request) => refund(settings, request),
    askRefund: (handle) => askRefund(settings, handle),
    readCallback: (raw) => readUnionpayCallback(settings, raw),
    fetchBill: (date) => fetchBill(settings, date),
    fetchSettlement: (date) => fetchSettlement(settings, date),
  };
}

/** A debit or refund by its number and the time on record, or else the time within the number. */
async function nameOf(
  settings: UnionpaySettings,
  number: string,
): Promise<wire.OrderName | undefined> {
  try {
    const committed = await settings.committedAt(number);
    const txnTime = committed === undefined ? txnTimeOf(number) : formatTxnTime(committed);
    return txnTime === undefined ? undefined : { orderId: number, txnTime };
  } catch {
    // Without the record another time could name another order: then nothing is sent.
    return undefined;
  }
}

const NOT_OURS = 'the time of this number is not known';

/** The debit. Code 00 means taken, not paid: a notice or a question tells the end. */
async function submit(settings: UnionpaySettings, request: DebitRequest): Promise<AttemptOutcome> {
  const name = await nameOf(settings, request.orderNumber);
  if (name === undefined) return { kind: 'never_sent', detail: NOT_OURS };
  const fields = wire.toDebit(settings, request, name);
  const reply = readReply(settings, fields, await send(settings, 'back', fields));
  if (reply.kind === 'unknown') {
    const { detail } = reply;
    return reply.neverSent ? { kind: 'never_sent', detail } : unknownOutcome(detail);
  }
  switch (listed(TRADE_CODES, reply.code)) {
    case 'paid':
      return namesOrder(reply.fields, name)
        ? { kind: 'accepted' }
        : unknownOutcome('the reply names no order');
    case 'not_found':
      // It answers a question; as an answer to a debit it contradicts itself.
      return unknownOutcome(reply.code);
    case 'ask':
      // A number that is known already: what became of it is a question, never a second debit.
      return reply.code === '12'
        ? requirePaid(await ask(settings, request.orderNumber), request.amount)
        : outcomeOfCode(TRADE_CODES, reply);
    default:
      return outcomeOfCode(TRADE_CODES, reply);
  }
}

function namesOrder(fields: Fields, name: wire.OrderName): boolean {
  return fieldOf(fields, 'orderId') === name.orderId && fieldOf(fields, 'txnTime') === name.txnTime;
}

async function query(settings: UnionpaySettings, name: wire.OrderName): Promise<SignedReply> {
  const fields = wire.toQuery(settings, name);
  return readReply(settings, fields, await send(settings, 'query', fields));
}

/** `respCode` is of the question, `origRespCode` of the debit. */
async function ask(settings: UnionpaySettings, orderNumber: string): Promise<AttemptOutcome> {
  const name = await nameOf(settings, orderNumber);
  if (name === undefined) return unknownOutcome(NOT_OURS);
  const reply = await query(settings, name);
  if (reply.kind === 'unknown') return unknownOutcome(reply.detail);
  if (listed(TRADE_CODES, reply.code) === 'not_found') return { kind: 'not_found' };
  if (reply.code !== '00') return unknownOutcome(`${reply.code} ${reply.message}`);
  if (!namesOrder(reply.fields, name)) return unknownOutcome('the reply names no order');
  return wire.fromTrade(reply.fields, 'origRespCode');
}

/** The refund. Like a debit, 00 means taken. The number never changes, so twice is once. */
async function refund(settings: UnionpaySettings, request: RefundRequest): Promise<RefundOutcome> {
  const name = await nameOf(settings, request.refundNumber);
  if (name === undefined) return { kind: 'never_sent', detail: NOT_OURS };
  const fields = wire.toRefund(settings, request, name);
  const reply = readReply(settings, fields, await send(settings, 'back', fields));
  if (reply.kind === 'unknown') {
    const { detail, neverSent } = reply;
    return neverSent ? { kind: 'never_sent', detail } : { kind: 'unknown', detail };
  }
  const { code, message } = reply;
  const meaning = listed(REFUND_CODES, code);
  switch (meaning) {
    case 'done': {
      const railReference = fieldOf(reply.fields, 'queryId');
      if (!namesOrder(reply.fields, name)) return { kind: 'unknown', detail: 'it names no order' };
      return railReference === undefined
        ? { kind: 'accepted' }
        : { kind: 'accepted', railReference };
    }
    case 'ask':
      return askAgain(settings, request, `${code} ${message}`);
    case 'open':
      return { kind: 'accepted' };
    case 'not_found':
      // The payment of which money is to be returned is not known to the rail.
      return { kind: 'refused', refusal: { class: 'merchant_fault', code, message } };
    case undefined:
      return { kind: 'unknown', detail: toDetail(`unlisted code ${code}`) };
    default:
      return { kind: 'refused', refusal: { class: meaning, code, message } };
  }
}

/** The number may be known already. Only a definite answer to the question counts. */
async function askAgain(
  settings: UnionpaySettings,
  request: RefundRequest,
  detail: string,
): Promise<RefundOutcome> {
  const outcome = await askRefund(settings, request);
  return outcome.kind === 'not_found' ? { kind: 'unknown', detail: toDetail(detail) } : outcome;
}

async function askRefund(settings: UnionpaySettings, handle: RefundHandle): Promise<RefundOutcome> {
  const name = await nameOf(settings, handle.refundNumber);
  if (name === undefined) return { kind: 'unknown', detail: NOT_OURS };
  const reply = await query(settings, name);
  if (reply.kind === 'unknown') return { kind: 'unknown', detail: reply.detail };
  if (listed(REFUND_CODES, reply.code) === 'not_found') return { kind: 'not_found' };
  if (reply.code !== '00') {
    return { kind: 'unknown', detail: toDetail(`${reply.code} ${reply.message}`) };
  }
  if (!namesOrder(reply.fields, name)) return { kind: 'unknown', detail: 'it names no order' };
  const paidNumber = fieldOf(reply.fields, 'reqReserved');
  if (paidNumber !== undefined && paidNumber !== handle.orderNumber) {
    return { kind: 'unknown', detail: 'the refund is of another order' };
  }
  const outcome = wire.fromRefund(reply.fields, 'origRespCode');
  if (outcome.kind !== 'succeeded' || outcome.refunded.minor === handle.amount.minor)
    return outcome;
  return { kind: 'unknown', detail: 'the rail names another amount than the one sent' };
}
