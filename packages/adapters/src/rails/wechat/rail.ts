import type {
  AnnouncementOutcome,
  AttemptOutcome,
  DebitRequest,
  Money,
  Rail,
  SigningRequest,
} from '@daikou/core';
import { listed } from '../tables.ts';
import { readWechatCallback } from './callbacks.ts';
import { wechatCapabilities } from './capabilities.ts';
import { makeWechatClient } from './client.ts';
import { openWechatConfig, type WechatConfig } from './config.ts';
import type { Connection } from './connection.ts';
import * as contract from './contract-wire.ts';
import { endMandate, queryMandate } from './mandates.ts';
import { ask, close, submit } from './orders.ts';
import { beginPayment } from './paying.ts';
import { askRefund, refund } from './refunds.ts';
import { readV3Reply } from './replies.ts';
import { beginSigning } from './signing.ts';
import { fetchBill, fetchSettlement } from './statements.ts';
import { NOTICE_CODES } from './statuses.ts';
import { toNotice } from './wire.ts';

/**
 * The rail of one merchant at WeChat Pay 委托代扣 (periodic). Throws a sentence when the
 * configuration has an unusable key. Holds kept-alive connections; nothing else is kept.
 */
export function makeWechatRail(config: WechatConfig): Rail {
  const settings = openWechatConfig(config);
  const rail: Connection = { settings, client: makeWechatClient(settings) };
  const capabilities = wechatCapabilities(settings);
  const { announcement, refunds } = capabilities;
  return {
    id: 'wechat',
    capabilities,
    beginSigning: (request) => beginSigning(rail, request),
    queryMandate: (mandate) => queryMandate(rail, mandate),
    endMandate: (mandate, remark) => endMandate(rail, mandate, remark),
    ...(announcement !== undefined && {
      announce: (request) => announce(rail, { ...request, windowDays: announcement.windowDays }),
    }),
    submit: (request: DebitRequest): Promise<AttemptOutcome> => submit(rail, request),
    ask: (orderNumber) => ask(rail, orderNumber),
    close: (orderNumber) => close(rail, orderNumber),
    readCallback: (raw) => readWechatCallback(settings, raw),
    fetchBill: (date) => fetchBill(rail, date),
    fetchSettlement: (date) => fetchSettlement(rail, date),
    beginPayment: (request) => beginPayment(rail, request),
    ...(refunds !== undefined && {
      refund: (request) => refund(rail, request),
      askRefund: (handle) => askRefund(rail, handle),
    }),
  };
}

/** The address of 公众号纯签约 for a page inside WeChat, ready to open. */
export function toEntrustUrl(config: WechatConfig, request: SigningRequest): string {
  return contract.toEntrustUrl(openWechatConfig(config), request);
}

async function announce(
  rail: Connection,
  request: {
    readonly railReference: string;
    readonly amount: Money;
    readonly windowDays: number;
  },
): Promise<AnnouncementOutcome> {
  const { path, body } = toNotice(rail.settings, request);
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
