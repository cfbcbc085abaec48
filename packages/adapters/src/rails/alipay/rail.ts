import type {
  AttemptOutcome,
  BillDownload,
  DebitRequest,
  MandateHandle,
  MandateReport,
  Rail,
  SigningRequest,
  SigningStarted,
} from '@daikou/core';
import { outcomeOfCode, requirePaid, unknownOutcome } from '../outcomes.ts';
import { listed } from '../tables.ts';
import { fromBillArchive } from './bill.ts';
import { readAlipayCallback } from './callbacks.ts';
import { ALIPAY_CAPABILITIES } from './capabilities.ts';
import { type AlipayCall, type AlipayClient, makeAlipayClient } from './client.ts';
import { type AlipayConfig, type AlipaySettings, openAlipayConfig } from './config.ts';
import { type Inner, readReply, type SignedReply, textAt } from './replies.ts';
import { AGREEMENT_CODES, BILL_NOT_MADE, NO_BILL_CODES, TRADE_CODES } from './statuses.ts';
import * as wire from './wire.ts';

/** One merchant's connection: its settings and its HTTP client. */
type Connection = { readonly settings: AlipaySettings; readonly client: AlipayClient };

/** The host from which Alipay hands out bills; its addresses live 30 seconds. */
const BILL_HOST = 'dwbillcenter.alipay.com';

/**
 * The rail of one merchant at Alipay 周期扣款. Throws a sentence when the configuration has an unusable
 * key. Keeps nothing but its keys; connections are kept alive by the runtime.
 */
export function makeAlipayRail(config: AlipayConfig): Rail {
  const settings = openAlipayConfig(config);
  const rail: Connection = { settings, client: makeAlipayClient(settings) };
  return {
    id: 'alipay',
    capabilities: ALIPAY_CAPABILITIES,
    beginSigning: async (request) => beginSigning(rail, request),
    queryMandate: (mandate) => queryMandate(rail, mandate),
    endMandate: (mandate) => endMandate(rail, mandate),
    submit: (request) => submit(rail, request),
    ask: (orderNumber) => ask(rail, orderNumber),
    close: (orderNumber) => close(rail, orderNumber),
    readCallback: (raw) => readAlipayCallback(settings, raw),
    fetchBill: (date) => fetchBill(rail, date),
  };
}

async function call(rail: Connection, request: AlipayCall): Promise<SignedReply> {
  return readReply(await rail.client.send(request), request.method, rail.client);
}

function outcomeOfSilence(reply: {
  readonly detail: string;
  readonly neverSent: boolean;
}): AttemptOutcome {
  const { detail } = reply;
  return reply.neverSent ? { kind: 'never_sent', detail } : unknownOutcome(detail);
}

/** No call is made: the payer's browser opens an address that we sign. */
function beginSigning(rail: Connection, request: SigningRequest): SigningStarted {
  const { firstPlannedDate } = request;
  const latestDay = ALIPAY_CAPABILITIES.plannedDate?.latestDayOfMonth ?? 28;
  if (firstPlannedDate === undefined) {
    return {
      kind: 'refused',
      code: 'planned_date_missing',
      message: 'Alipay must be told the first planned debit date at signing.',
    };
  }
  if (firstPlannedDate.day > latestDay) {
    return {
      kind: 'refused',
      code: 'planned_date_too_late_in_month',
      message: `Alipay takes monthly plans on days 1 to ${latestDay} only.`,
    };
  }
  const page = wire.toSigning(rail.settings, { ...request, firstPlannedDate });
  return { kind: 'open_url', url: rail.client.pageUrl(page) };
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
      return wire.fromAgreement(reply.inner, contractCode);
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

/** The reply names another order than ours. Absent where Alipay leaves it out of a refusal. */
function namesAnother(inner: Inner, orderNumber: string): boolean {
  const named = textAt(inner, 'out_trade_no');
  return named !== undefined && named !== orderNumber;
}

/**
 * The deduction. A reply 10000 is final; 10003 is still working. `TRADE_HAS_SUCCESS` is followed by
 * a query, which knows number and time.
 */
async function submit(rail: Connection, request: DebitRequest): Promise<AttemptOutcome> {
  const reply = await call(rail, wire.toPayment(rail.settings, request));
  if (reply.kind === 'unknown') return outcomeOfSilence(reply);
  if (namesAnother(reply.inner, request.orderNumber)) {
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
  if (namesAnother(reply.inner, orderNumber)) {
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

async function fetchBill(rail: Connection, date: Temporal.PlainDate): Promise<BillDownload> {
  const reply = await call(rail, wire.toBillQuery(date));
  switch (reply.kind) {
    case 'unknown':
      return { kind: 'unknown', detail: reply.detail };
    case 'open':
      return { kind: 'not_ready', message: 'the bill is being made' };
    case 'refused': {
      const detail = `${reply.code} ${reply.message}`;
      if (!NO_BILL_CODES.has(reply.code)) return { kind: 'unknown', detail };
      return BILL_NOT_MADE.test(reply.message)
        ? { kind: 'not_ready', message: detail }
        : { kind: 'empty' };
    }
    case 'done':
      return download(rail, textAt(reply.inner, 'bill_download_url') ?? '');
  }
}

async function download(rail: Connection, address: string): Promise<BillDownload> {
  const url = trustedBillUrl(address, rail.settings.billOrigin);
  if (url === undefined) return { kind: 'unknown', detail: 'the bill is at an unlisted address' };
  const file = await rail.client.download(url);
  if (file.kind === 'failure') return { kind: 'unknown', detail: file.detail };
  if (file.status !== 200) return { kind: 'unknown', detail: `HTTP ${file.status}` };
  return fromBillArchive(file.body);
}

/**
 * The address to fetch a bill from: Alipay's documented host over https (it also hands out http
 * addresses, which are raised), or the one origin that the configuration allows.
 */
export function trustedBillUrl(address: string, billOrigin?: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  const url = new URL(address);
  if (billOrigin !== undefined && url.origin === billOrigin) return url.toString();
  if (url.hostname !== BILL_HOST || url.port !== '' || url.username !== '') return undefined;
  url.protocol = 'https:';
  return url.toString();
}
