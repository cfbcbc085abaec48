import type {
  AttemptOutcome,
  DebitRequest,
  MandateHandle,
  MandateReport,
  Rail,
} from '@daikou/core';
import { outcomeOfCode, requirePaid, unknownOutcome } from '../outcomes.ts';
import { listed } from '../tables.ts';
import { fetchBill, fetchSettlement } from './bill-download.ts';
import { readAlipayCallback } from './callbacks.ts';
import { alipayCapabilities } from './capabilities.ts';
import { makeAlipayClient } from './client.ts';
import { type AlipayConfig, openAlipayConfig } from './config.ts';
import { type Connection, call } from './connection.ts';
import { beginPayment } from './pay-link.ts';
import { movePlannedDate } from './plan.ts';
import { askRefund, refund } from './refunds.ts';
import { namesAnother, textAt } from './replies.ts';
import { beginSigning } from './signing.ts';
import { AGREEMENT_CODES, TRADE_CODES } from './statuses.ts';
import * as wire from './wire.ts';

/**
 * The rail of one merchant at Alipay, 周期扣款 or 商家扣款. Throws a sentence when the configuration has an
 * unusable key. Keeps nothing but its keys; connections are kept alive by the runtime.
 */
export function makeAlipayRail(config: AlipayConfig): Rail {
  const settings = openAlipayConfig(config);
  const rail: Connection = { settings, client: makeAlipayClient(settings) };
  const capabilities = alipayCapabilities(settings);
  return {
    id: 'alipay',
    capabilities,
    beginSigning: async (request) => beginSigning(rail, request),
    queryMandate: (mandate) => queryMandate(rail, mandate),
    endMandate: (mandate) => endMandate(rail, mandate),
    ...(capabilities.plannedDate === undefined
      ? {}
      : { movePlannedDate: (move) => movePlannedDate(rail, move) }),
    submit: (request) => submit(rail, request),
    ask: (orderNumber) => ask(rail, orderNumber),
    close: (orderNumber) => close(rail, orderNumber),
    refund: (request) => refund(rail, request),
    askRefund: (handle) => askRefund(rail, handle),
    beginPayment: (request) => beginPayment(rail, request),
    readCallback: (raw) => readAlipayCallback(settings, raw),
    fetchBill: (date) => fetchBill(rail, date),
    fetchSettlement: (date) => fetchSettlement(rail, date),
  };
}

function outcomeOfSilence(reply: {
  readonly detail: string;
  readonly neverSent: boolean;
}): AttemptOutcome {
  const { detail } = reply;
  return reply.neverSent ? { kind: 'never_sent', detail } : unknownOutcome(detail);
}

async function queryMandate(rail: Connection, mandate: MandateHandle): Promise<MandateReport> {
  const reply = await call(rail, wire.toAgreementQuery(rail.settings, mandate));
  const { contractCode, railReference } = mandate;
  switch (reply.kind) {
    case 'unknown':
      return { kind: 'unknown', detail: reply.detail };
    case 'open':
      return { kind: 'unknown', detail: 'the query is being processed' };
    case 'refused':
      return listed(AGREEMENT_CODES, reply.code) === 'gone'
        ? { kind: 'not_found', contractCode }
        : { kind: 'unknown', detail: `${reply.code} ${reply.message}` };
    case 'done': {
      const code = textAt(reply.inner, 'external_agreement_no');
      const reference = textAt(reply.inner, 'agreement_no');
      if (code !== undefined && code !== contractCode) {
        return { kind: 'unknown', detail: 'the reply names another external_agreement_no' };
      }
      if (railReference !== undefined && reference !== railReference) {
        return { kind: 'unknown', detail: 'the reply names another agreement_no' };
      }
      return wire.fromAgreement(reply.inner, contractCode, rail.settings.now());
    }
  }
}

/**
 * Ends an agreement and asks afterwards: the query's word and time are taken where it has them.
 * Where Alipay no longer knows the agreement, the end is ours and its time is now.
 */
async function endMandate(rail: Connection, mandate: MandateHandle): Promise<MandateReport> {
  const reply = await call(rail, wire.toAgreementEnd(rail.settings, mandate));
  const report = await queryMandate(rail, mandate);
  const isOurs = reply.kind === 'done';
  if (report.kind === 'ended') return isOurs ? { ...report, endedBy: 'merchant' } : report;
  if (report.kind === 'not_found' && isOurs) {
    return { ...mandate, kind: 'ended', endedBy: 'merchant', at: rail.settings.now() };
  }
  if (report.kind !== 'active' && report.kind !== 'signing') return report;
  const why = reply.kind === 'refused' ? `${reply.code} ${reply.message}` : reply.kind;
  return { kind: 'unknown', detail: `still ${report.kind} after the end: ${why}` };
}

/**
 * The deduction. A reply 10000 is final; 10003 is still working. `TRADE_HAS_SUCCESS` is followed by
 * a query, which knows number and time.
 */
async function submit(rail: Connection, request: DebitRequest): Promise<AttemptOutcome> {
  const reply = await call(rail, wire.toPayment(rail.settings, request));
  if (reply.kind === 'unknown') return outcomeOfSilence(reply);
  if (namesAnother(reply.inner, 'out_trade_no', request.orderNumber)) {
    return unknownOutcome('the reply names another out_trade_no');
  }
  switch (reply.kind) {
    case 'open':
      return { kind: 'accepted' };
    case 'done': {
      if (textAt(reply.inner, 'out_trade_no') === undefined) {
        return unknownOutcome('the reply names no out_trade_no');
      }
      return requirePaid(wire.fromPaidTrade(reply.inner), request.amount);
    }
    case 'refused': {
      if (reply.by === 'gateway') return gatewayRefusal(reply);
      const meaning = listed(TRADE_CODES, reply.code);
      if (meaning === 'paid') {
        return requirePaid(await ask(rail, request.orderNumber), request.amount);
      }
      // "No such trade" answers a query; as an answer to a payment it contradicts itself.
      if (meaning === 'not_found') return unknownOutcome(reply.code);
      return outcomeOfCode(TRADE_CODES, reply);
    }
  }
}

/** The gateway did not let the call through to the business: our configuration is at fault. */
function gatewayRefusal(reply: {
  readonly code: string;
  readonly message: string;
}): AttemptOutcome {
  const { code, message } = reply;
  return { kind: 'refused', refusal: { class: 'merchant_fault', code, message } };
}

async function ask(rail: Connection, orderNumber: string): Promise<AttemptOutcome> {
  const reply = await call(rail, wire.toTradeCall('query', orderNumber));
  switch (reply.kind) {
    case 'unknown':
      return unknownOutcome(reply.detail);
    case 'open':
      return unknownOutcome('the query is being processed');
    case 'refused':
      // Of a query only "no such trade" says something about the order.
      return listed(TRADE_CODES, reply.code) === 'not_found'
        ? { kind: 'not_found' }
        : unknownOutcome(`${reply.code} ${reply.message}`);
    case 'done':
      return textAt(reply.inner, 'out_trade_no') === orderNumber
        ? wire.fromTrade(reply.inner)
        : unknownOutcome('the reply names another out_trade_no');
  }
}

async function close(rail: Connection, orderNumber: string): Promise<AttemptOutcome> {
  const reply = await call(rail, wire.toTradeCall('close', orderNumber));
  if (reply.kind === 'unknown') return outcomeOfSilence(reply);
  if (namesAnother(reply.inner, 'out_trade_no', orderNumber)) {
    return unknownOutcome('the reply names another out_trade_no');
  }
  if (reply.kind === 'done') return { kind: 'closed' };
  if (reply.kind === 'open') return unknownOutcome('the close is being processed');
  const meaning = listed(TRADE_CODES, reply.code);
  if (meaning === 'not_found') return { kind: 'not_found' };
  // Paid or closed before, or in a state that only the query knows.
  if (meaning === 'paid' || meaning === 'closed' || meaning === 'ask')
    return ask(rail, orderNumber);
  return unknownOutcome(`${reply.code} ${reply.message}`);
}
