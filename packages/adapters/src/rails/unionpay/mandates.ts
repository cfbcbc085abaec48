import type {
  AccountLabel,
  MandateHandle,
  MandateReport,
  SigningConfirmation,
  SigningRequest,
  SigningStarted,
} from '@daikou/core';
import { labelOfCard } from '../../cards/directory.ts';
import { toDetail } from '../rail-text.ts';
import { listed } from '../tables.ts';
import { UNIONPAY_CAPABILITIES } from './capabilities.ts';
import { type Card, cardFields, labelOfMessage, problemOfCard } from './card-data.ts';
import { pageUrl, send } from './client.ts';
import type { UnionpaySettings } from './config.ts';
import { type Fields, fieldOf, parseBraces } from './fields.ts';
import { formatTxnTime, parseTxnTime, txnTimeOf } from './order-times.ts';
import { readReply, type SignedReply } from './replies.ts';
import { NO_TOKEN, TOKEN_EXPIRED, TRADE_CODES, WRONG_CODE } from './statuses.ts';
import { KINDS, type OrderName, toOpening } from './wire.ts';

/** The opening of a mandate is an order of the rail, named by our contract code. */
function openingOf(contractCode: string): OrderName | undefined {
  const txnTime = txnTimeOf(contractCode);
  return txnTime === undefined ? undefined : { orderId: contractCode, txnTime };
}

async function call(settings: UnionpaySettings, fields: Fields): Promise<SignedReply> {
  return readReply(settings, fields, await send(settings, 'back', fields));
}

/** Begins with a code to the payer's phone, or with a page on which the payer gives the card. */
export async function beginSigning(
  settings: UnionpaySettings,
  request: SigningRequest,
): Promise<SigningStarted> {
  const name = openingOf(request.contractCode);
  if (name === undefined) {
    return { kind: 'refused', code: 'contract_code', message: 'The contract code is not ours.' };
  }
  // The first flow needs a card: without one and without a name, the payer gives it on the page.
  const [first] = UNIONPAY_CAPABILITIES.signingFlows;
  const flow = request.flow ?? (request.account === undefined ? 'browser_page' : first);
  switch (flow) {
    case 'browser_page':
      return {
        kind: 'open_url',
        url: pageUrl(settings, toOpening(settings, KINDS.open, { name })),
      };
    case 'message_code':
      return sendCode(settings, name, request);
    default:
      return { kind: 'refused', code: 'flow', message: 'This rail has no such way to sign.' };
  }
}

async function sendCode(
  settings: UnionpaySettings,
  name: OrderName,
  request: SigningRequest,
): Promise<SigningStarted> {
  const problem = problemOfCard(request.account);
  if (problem !== undefined) return { kind: 'refused', ...problem };
  const card = cardFields(settings, request.account as Card);
  const reply = await call(settings, toOpening(settings, KINDS.sendCode, { name, card }));
  if (reply.kind === 'unknown') return { kind: 'unknown', detail: reply.detail };
  const { code, message } = reply;
  switch (listed(TRADE_CODES, code)) {
    case 'paid':
      return { kind: 'code_sent' };
    case undefined:
    case 'ask':
    case 'open':
    case 'closed':
    case 'not_found':
      return { kind: 'unknown', detail: toDetail(`${code} ${message}`) };
    default:
      return { kind: 'refused', code, message };
  }
}

/**
 * Opens the card with the code from the message. `signing`: the code was wrong or late and may be
 * given again. `not_found`: the bank says no, and nothing was signed.
 */
export async function confirmSigning(
  settings: UnionpaySettings,
  confirmation: SigningConfirmation,
): Promise<MandateReport> {
  const { contractCode, account } = confirmation;
  const name = openingOf(contractCode);
  if (name === undefined || problemOfCard(account) !== undefined) {
    return { kind: 'not_found', contractCode };
  }
  const held = account as Card;
  const card = cardFields(settings, held, confirmation.code);
  const reply = await call(settings, toOpening(settings, KINDS.open, { name, card }));
  if (reply.kind === 'unknown') return { kind: 'unknown', detail: reply.detail };
  if (WRONG_CODE.has(reply.code)) return { kind: 'signing', contractCode };
  const detail = toDetail(`${reply.code} ${reply.message}`);
  switch (listed(TRADE_CODES, reply.code)) {
    case 'paid':
      return fromOpening(settings, reply.fields, {
        contractCode,
        account: labelOfCard(held.number),
      });
    case 'ask':
      // Opened before, or not known: the question decides.
      return queryMandate(settings, { contractCode });
    case undefined:
    case 'open':
    case 'closed':
    case 'not_found':
      return { kind: 'unknown', detail };
    default:
      return { kind: 'not_found', contractCode };
  }
}

/**
 * An opening that is proved to be ours. The token's own begin is the time of the mandate, so that
 * reply, notice and query tell the same.
 */
export function fromOpening(
  settings: Pick<UnionpaySettings, 'privateKey' | 'now'>,
  fields: Fields,
  known: { readonly contractCode: string; readonly account?: AccountLabel },
): MandateReport {
  const { contractCode } = known;
  const token = parseBraces(fieldOf(fields, 'tokenPayData'));
  const railReference = token === undefined ? undefined : fieldOf(token, 'token');
  const at = parseTxnTime(token?.['tokenBegin']);
  if (railReference === undefined || at === undefined) {
    return { kind: 'unknown', detail: 'opened, but without a token or its begin' };
  }
  const end = parseTxnTime(token?.['tokenEnd']);
  if (end !== undefined && Temporal.Instant.compare(end, settings.now()) < 0) {
    return { kind: 'ended', contractCode, railReference, endedBy: 'expired', at: end };
  }
  const account = known.account ?? labelOfMessage(fieldOf(fields, 'accNo'), settings.privateKey);
  const label = account === undefined ? {} : { account };
  return { kind: 'active', contractCode, railReference, ...label, at };
}

/** Asks about the opening by our number and its time; the token must be the one that we know. */
export async function queryMandate(
  settings: UnionpaySettings,
  mandate: MandateHandle,
): Promise<MandateReport> {
  const { contractCode, railReference } = mandate;
  const name = openingOf(contractCode);
  if (name === undefined) return { kind: 'not_found', contractCode };
  const reply = await call(settings, toOpening(settings, KINDS.queryToken, { name }));
  if (reply.kind === 'unknown') return { kind: 'unknown', detail: reply.detail };
  if (NO_TOKEN.has(reply.code)) return { kind: 'not_found', contractCode };
  if (reply.code === TOKEN_EXPIRED) return fromExpired(reply.fields, mandate);
  if (reply.code !== '00') {
    return { kind: 'unknown', detail: toDetail(`${reply.code} ${reply.message}`) };
  }
  if (fieldOf(reply.fields, 'orderId') !== contractCode) {
    return { kind: 'unknown', detail: 'the reply names no orderId' };
  }
  const report = fromOpening(settings, reply.fields, { contractCode });
  const isOther =
    report.kind === 'active' &&
    railReference !== undefined &&
    report.railReference !== railReference;
  return isOther ? { kind: 'unknown', detail: 'the reply names another token' } : report;
}

function fromExpired(fields: Fields, mandate: MandateHandle): MandateReport {
  const end = parseTxnTime(parseBraces(fieldOf(fields, 'tokenPayData'))?.['tokenEnd']);
  return end === undefined
    ? { kind: 'not_found', contractCode: mandate.contractCode }
    : { ...mandate, kind: 'ended', endedBy: 'expired', at: end };
}

/** Deletes the token, and believes only the question that follows. */
export async function endMandate(
  settings: UnionpaySettings,
  mandate: MandateHandle,
): Promise<MandateReport> {
  const known = await withToken(settings, mandate);
  if (known.kind === 'report') return known.report;
  const { contractCode } = mandate;
  // A number of its own: the opening has the contract code. Its time is now, as nobody asks for it.
  const name = { orderId: `E${contractCode.slice(1)}`, txnTime: formatTxnTime(settings.now()) };
  const deletion = toOpening(settings, KINDS.deleteToken, { name, token: known.token });
  const reply = await call(settings, deletion);
  const report = await queryMandate(settings, { contractCode, railReference: known.token });
  const isOurs = reply.kind === 'signed' && reply.code === '00';
  if (report.kind === 'not_found' && isOurs) {
    const railReference = known.token;
    const at = settings.now();
    return { kind: 'ended', contractCode, railReference, endedBy: 'merchant', at };
  }
  if (report.kind !== 'active') return report;
  const why = reply.kind === 'signed' ? `${reply.code} ${reply.message}` : reply.detail;
  return { kind: 'unknown', detail: toDetail(`still active after the end: ${why}`) };
}

/** The token to delete: the one that we know, or the one that the rail names for our number. */
async function withToken(
  settings: UnionpaySettings,
  mandate: MandateHandle,
): Promise<
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'report'; readonly report: MandateReport }
> {
  if (mandate.railReference !== undefined) return { kind: 'token', token: mandate.railReference };
  const report = await queryMandate(settings, mandate);
  return report.kind === 'active'
    ? { kind: 'token', token: report.railReference }
    : { kind: 'report', report };
}
