import type {
  AnnouncementOutcome,
  AttemptOutcome,
  BillDownload,
  DebitRequest,
  MandateHandle,
  MandateReport,
  Money,
  Rail,
  SigningRequest,
  SigningStarted,
} from '@daikou/core';
import { outcomeOfCode, requirePaid, unknownOutcome } from '../outcomes.ts';
import { listed } from '../tables.ts';
import { fromBillReply } from './bill.ts';
import { readWechatCallback } from './callbacks.ts';
import { WECHAT_CAPABILITIES } from './capabilities.ts';
import { makeWechatClient, type V2Request, type WechatClient } from './client.ts';
import { openWechatConfig, type WechatConfig, type WechatSettings } from './config.ts';
import { readV2Reply, readV3Reply, type SignedReply } from './replies.ts';
import {
  CLOSE_CODES,
  CONTRACT_GONE_CODES,
  NOTICE_CODES,
  QUERY_CODES,
  SUBMIT_CODES,
} from './statuses.ts';
import * as wire from './wire.ts';
import { parseFlatXml } from './xml.ts';

/** One merchant's connection: its settings and its HTTP client. */
type Connection = { readonly settings: WechatSettings; readonly client: WechatClient };

/**
 * The rail of one merchant at WeChat Pay 委托代扣 (periodic, with pre-deduction notice). Throws a
 * sentence when the configuration has an unusable key. Holds kept-alive connections; nothing else
 * is kept.
 */
export function makeWechatRail(config: WechatConfig): Rail {
  const settings = openWechatConfig(config);
  const rail: Connection = { settings, client: makeWechatClient(settings) };
  return {
    id: 'wechat',
    capabilities: WECHAT_CAPABILITIES,
    beginSigning: (request) => beginSigning(rail, request),
    queryMandate: (mandate) => queryMandate(rail, mandate),
    endMandate: (mandate, remark) => endMandate(rail, mandate, remark),
    announce: (request) => announce(rail, request),
    submit: (request) => submit(rail, request),
    ask: (orderNumber) => ask(rail, orderNumber),
    close: (orderNumber) => close(rail, orderNumber),
    readCallback: (raw) => readWechatCallback(settings, raw),
    fetchBill: (date) => fetchBill(rail, date),
  };
}

/** The address of 公众号纯签约 for a page inside WeChat, ready to open. */
export function toEntrustUrl(config: WechatConfig, request: SigningRequest): string {
  return wire.toEntrustUrl(openWechatConfig(config), request);
}

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

async function beginSigning(rail: Connection, request: SigningRequest): Promise<SigningStarted> {
  const reply = await rail.client.getV2(wire.toH5Signing(rail.settings, request));
  if (reply.kind === 'failure') return { kind: 'unknown', detail: reply.detail };
  if (reply.status !== 200) return { kind: 'unknown', detail: `HTTP ${reply.status}` };
  // This one reply is not signed by design; it only carries an address, and moves nothing.
  const fields = parseFlatXml(reply.body);
  if (fields === undefined) return { kind: 'unknown', detail: 'the reply is not a V2 message' };
  if (fields['return_code'] !== 'SUCCESS' || fields['result_code'] !== 'SUCCESS') {
    const { code, message } = wire.codeOf(fields);
    const words = fields['result_msg'] ?? message;
    return { kind: 'refused', code: code || 'SIGNING_REFUSED', message: words };
  }
  const url = fields['redirect_url'] ?? '';
  return isTrusted(url, rail.settings.baseUrl)
    ? { kind: 'open_url', url }
    : { kind: 'unknown', detail: 'redirect_url is not an https address' };
}

/**
 * The payer is only sent to https, or to the very host that answered (a simulator on this machine).
 */
function isTrusted(url: string, baseUrl: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, origin } = new URL(url);
  return protocol === 'https:' || origin === new URL(baseUrl).origin;
}

async function queryMandate(rail: Connection, mandate: MandateHandle): Promise<MandateReport> {
  const reply = await call(rail, wire.toContractQuery(rail.settings, mandate));
  if (reply.kind === 'unknown') return { kind: 'unknown', detail: reply.detail };
  const { fields } = reply;
  const { contractCode, railReference } = mandate;
  if (fields['result_code'] !== 'SUCCESS') {
    const { code, message } = wire.codeOf(fields);
    return CONTRACT_GONE_CODES.has(code)
      ? { kind: 'not_found', contractCode }
      : { kind: 'unknown', detail: `${code} ${message}` };
  }
  const { contract_code: code, contract_id: reference } = fields;
  if (code !== undefined && code !== contractCode) {
    return { kind: 'unknown', detail: 'the reply names another contract_code' };
  }
  if (railReference !== undefined && reference !== undefined && reference !== railReference) {
    return { kind: 'unknown', detail: 'the reply names another contract_id' };
  }
  return wire.fromContract(fields, contractCode);
}

/**
 * Ends a contract and believes only the query that follows: a contract that had ended before
 * answers the end with an error, and is ended all the same.
 */
async function endMandate(
  rail: Connection,
  mandate: MandateHandle,
  remark: string,
): Promise<MandateReport> {
  const reply = await call(rail, wire.toContractEnd(rail.settings, mandate, remark));
  const report = await queryMandate(rail, mandate);
  if (report.kind !== 'active' && report.kind !== 'signing') return report;
  if (reply.kind === 'unknown') return { kind: 'unknown', detail: reply.detail };
  const { code, message } = wire.codeOf(reply.fields);
  return { kind: 'unknown', detail: `still ${report.kind} after the end: ${code} ${message}` };
}

async function announce(
  rail: Connection,
  request: { readonly railReference: string; readonly amount: Money },
): Promise<AnnouncementOutcome> {
  const windowDays = WECHAT_CAPABILITIES.announcement?.windowDays ?? 1;
  const { path, body } = wire.toNotice(rail.settings, { ...request, windowDays });
  const answer = readV3Reply(await rail.client.postV3(path, body), rail.settings);
  if (answer.kind === 'unknown') return { kind: 'unknown', detail: answer.detail };
  const { status, code, message } = answer;
  if (status === 204) return { kind: 'done' };
  const meaning = status < 500 ? listed(NOTICE_CODES, code) : 'ask';
  switch (meaning) {
    case 'done':
      return { kind: 'done' };
    case 'gone':
      return { kind: 'refused', code, message, mandateGone: true };
    case 'failed':
      return { kind: 'refused', code, message, mandateGone: false };
    case 'ask':
    case undefined:
      return { kind: 'unknown', detail: `HTTP ${status} ${code} ${message}` };
  }
}

/**
 * 申请扣款. `accepted` is the best answer: the money moves later. The reply names no order, but where a
 * field is there it must be ours. `ORDERPAID` is followed by a query, which knows number and time.
 */
async function submit(rail: Connection, request: DebitRequest): Promise<AttemptOutcome> {
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
async function ask(rail: Connection, orderNumber: string): Promise<AttemptOutcome> {
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

async function close(rail: Connection, orderNumber: string): Promise<AttemptOutcome> {
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

async function fetchBill(rail: Connection, date: Temporal.PlainDate): Promise<BillDownload> {
  const reply = await rail.client.downloadV2(wire.toBillRequest(rail.settings, date));
  if (reply.kind === 'failure') return { kind: 'unknown', detail: reply.detail };
  if (reply.status !== 200) return { kind: 'unknown', detail: `HTTP ${reply.status}` };
  return fromBillReply(reply.body);
}
