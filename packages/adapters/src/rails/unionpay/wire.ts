import type { AttemptOutcome, DebitRequest, RefundOutcome, RefundRequest } from '@daikou/core';
import { type Money, money } from '@daikou/core';
import { outcomeOfCode, unknownOutcome } from '../outcomes.ts';
import { toDetail } from '../rail-text.ts';
import { listed } from '../tables.ts';
import { quietWords } from './card-data.ts';
import type { UnionpaySettings } from './config.ts';
import { type Fields, fieldOf, formatBraces } from './fields.ts';
import { parseTraceTime, parseTxnTime } from './order-times.ts';
import { REFUND_CODES, TRADE_CODES } from './statuses.ts';

/** Business kinds: token payments, and what belongs to no business. */
const TOKEN = '000902';
const NO_BUSINESS = '000000';
/** Renminbi, ISO 4217 numeric. */
const CNY = '156';

/** One order as the rail names it. */
export type OrderName = { readonly orderId: string; readonly txnTime: string };

/** A transaction of the rail: its type, subtype and kind of business (rails.md §3.4). */
type Kind = readonly [txnType: string, txnSubType: string, bizType: string];

export const KINDS = {
  debit: ['01', '01', TOKEN],
  refund: ['04', '00', TOKEN],
  query: ['00', '00', NO_BUSINESS],
  sendCode: ['77', '00', TOKEN],
  open: ['79', '00', TOKEN],
  queryToken: ['78', '02', TOKEN],
  deleteToken: ['74', '01', TOKEN],
  file: ['76', '01', NO_BUSINESS],
} as const satisfies Record<string, Kind>;

/** The fields that every request has. */
function envelope(settings: UnionpaySettings, kind: Kind): Fields {
  const [txnType, txnSubType, bizType] = kind;
  return {
    version: '5.1.0',
    encoding: 'UTF-8',
    signMethod: '01',
    txnType,
    txnSubType,
    bizType,
    accessType: '0',
    channelType: '07',
    merId: settings.merId,
  };
}

/** The name of a token: with its number to use it, without to ask for one. */
function tokenPayData(settings: UnionpaySettings, token?: string): Fields {
  const { trId } = settings;
  const fields = token === undefined ? { trId, tokenType: '01' } : { token, trId };
  return { tokenPayData: formatBraces(fields as Fields) };
}

/** A debit by token, without the payer. */
export function toDebit(
  settings: UnionpaySettings,
  request: DebitRequest,
  name: OrderName,
): Fields {
  return {
    ...envelope(settings, KINDS.debit),
    ...name,
    txnAmt: request.amount.minor.toString(),
    currencyCode: CNY,
    backUrl: settings.notifyUrl,
    // Comes back in the file of the day: after a restore it says whose money it is.
    ...(request.contractCode !== undefined && { reqReserved: request.contractCode }),
    ...tokenPayData(settings, request.railReference),
  };
}

/** Returns a part of a payment to the card that paid. */
export function toRefund(
  settings: UnionpaySettings,
  request: RefundRequest,
  name: OrderName,
): Fields {
  return {
    ...envelope(settings, KINDS.refund),
    ...name,
    origQryId: request.paymentReference,
    // Comes back in notice, query and file: by it a refund names the order that was paid.
    reqReserved: request.orderNumber,
    txnAmt: request.amount.minor.toString(),
    currencyCode: CNY,
    backUrl: settings.notifyUrl,
  };
}

export function toQuery(settings: UnionpaySettings, name: OrderName): Fields {
  return { ...envelope(settings, KINDS.query), ...name };
}

/** A call about the opening of a card: the code to the phone, the opening, the question. */
export function toOpening(
  settings: UnionpaySettings,
  kind: Kind,
  parts: { readonly name: OrderName; readonly card?: Fields; readonly token?: string },
): Fields {
  return {
    ...envelope(settings, kind),
    ...parts.name,
    ...parts.card,
    ...tokenPayData(settings, parts.token),
    ...(kind === KINDS.open ? { backUrl: settings.notifyUrl, frontUrl: settings.returnUrl } : {}),
  };
}

/** Asks for the settlement file of a day; the rail wants month and day only. */
export function toFileRequest(
  settings: UnionpaySettings,
  date: Temporal.PlainDate,
  txnTime: string,
): Fields {
  const settleDate = date.toString().slice(5).replace('-', '');
  return { ...envelope(settings, KINDS.file), txnTime, settleDate, fileType: '00' };
}

/** `txnAmt` of a message; undefined when it is no whole number of 分 in CNY. */
export function amountOf(fields: Fields): Money<'CNY'> | undefined {
  const text = fieldOf(fields, 'txnAmt') ?? '';
  if (!/^[1-9]\d{0,11}$/.test(text) || fields['currencyCode'] !== CNY) return undefined;
  return money(BigInt(text), 'CNY');
}

type Movement = {
  readonly railReference: string;
  readonly amount: Money<'CNY'>;
  readonly at: Temporal.Instant;
};

/** Number, amount and time of money that moved; undefined when one is missing: not bookable. */
function movementOf(fields: Fields): Movement | undefined {
  const railReference = fieldOf(fields, 'queryId');
  const amount = amountOf(fields);
  const sent = parseTxnTime(fieldOf(fields, 'txnTime'));
  if (railReference === undefined || amount === undefined || sent === undefined) return undefined;
  const at = parseTraceTime(fieldOf(fields, 'traceTime'), sent);
  return at === undefined ? undefined : { railReference, amount, at };
}

/** The code of the trade itself: `origRespCode` of a query, `respCode` of a notice. */
type CodeField = 'origRespCode' | 'respCode';

function wordsOf(fields: Fields, codeField: CodeField): string {
  return toDetail(
    quietWords(fieldOf(fields, codeField === 'respCode' ? 'respMsg' : 'origRespMsg')),
  );
}

/** What a query or a notice, proved to be about our order, says of a debit. */
export function fromTrade(fields: Fields, codeField: CodeField): AttemptOutcome {
  const code = fieldOf(fields, codeField) ?? '';
  if (listed(TRADE_CODES, code) !== 'paid') {
    const outcome = outcomeOfCode(TRADE_CODES, { code, message: wordsOf(fields, codeField) });
    // The rail has the order, as it tells its code: "no such order" then contradicts itself.
    return outcome.kind === 'not_found' ? unknownOutcome(`${code} about a known order`) : outcome;
  }
  const moved = movementOf(fields);
  return moved === undefined
    ? unknownOutcome('paid, but the message lacks the number, the amount or the time')
    : {
        kind: 'succeeded',
        railReference: moved.railReference,
        paid: moved.amount,
        paidAt: moved.at,
      };
}

/** What a query or a notice, proved to be about our number, says of a refund. */
export function fromRefund(fields: Fields, codeField: CodeField): RefundOutcome {
  const code = fieldOf(fields, codeField) ?? '';
  const meaning = listed(REFUND_CODES, code);
  const message = wordsOf(fields, codeField);
  switch (meaning) {
    case undefined:
      return { kind: 'unknown', detail: toDetail(`unlisted code ${code}`) };
    case 'ask':
    case 'not_found':
      return { kind: 'unknown', detail: toDetail(`${code} ${message}`) };
    case 'open':
      return { kind: 'accepted' };
    case 'payer_account':
      // The rail took it and the payer's bank did not: the money is still owed.
      return { kind: 'failed', code, message };
    case 'done': {
      const moved = movementOf(fields);
      if (moved === undefined)
        return { kind: 'unknown', detail: 'returned, but without its facts' };
      const { railReference, amount, at } = moved;
      return { kind: 'succeeded', railReference, refunded: amount, refundedAt: at };
    }
    case 'merchant_balance':
    case 'limit':
    case 'amount':
    case 'technical':
    case 'merchant_fault':
      return { kind: 'refused', refusal: { class: meaning, code, message } };
  }
}
