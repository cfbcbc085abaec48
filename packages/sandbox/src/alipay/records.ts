import { digitsFrom } from '../chance.ts';
import type { World } from '../world.ts';
import type { RotatedKeys } from './keys.ts';

/** The rule of a periodic agreement (rails.md §2.4). Amounts in 分, dates Beijing `yyyy-MM-dd`. */
export interface PeriodRule {
  readonly periodType: 'DAY' | 'MONTH';
  readonly period: number;
  readonly executeTime: string;
  readonly singleAmount: number;
  readonly totalAmount?: number;
  readonly totalPayments?: number;
}

/** A page visit that asks to sign; the same signed link is the same request. */
export interface Signing {
  readonly token: string;
  readonly externalAgreementNo: string;
  readonly decision: 'agree' | 'refuse';
  readonly agreementNo?: string;
}

/**
 * A deduction agreement. `nextDeductDate` moves by one period from the plan date after each
 * success.
 */
export interface Agreement {
  readonly agreementNo: string;
  readonly externalAgreementNo: string;
  readonly externalLogonId: string;
  readonly personalProductCode: string;
  readonly productCode: string;
  readonly signScene: string;
  readonly userId: string;
  readonly notifyUrl: string;
  /** `STOP`: paused by Alipay; it can be ended, and nothing can be debited by it. */
  readonly status: 'NORMAL' | 'STOP' | 'UNSIGN';
  readonly signedAt: number;
  readonly unsignedAt?: number;
  readonly rule?: PeriodRule;
  readonly nextDeductDate?: string;
  readonly lastDeductDate?: string;
  readonly paidCount: number;
  readonly paidMinor: number;
}

/**
 * A trade. `planDate` is the agreement's plan date for which it was asked. `agreementNo` is empty
 * for an order that the payer pays by hand; such an order can be paid until `expiresAt`.
 */
export interface Trade {
  readonly outTradeNo: string;
  readonly tradeNo: string;
  readonly agreementNo: string;
  readonly externalLogonId: string;
  readonly userId: string;
  readonly totalAmount: number;
  readonly productCode: string;
  readonly subject: string;
  readonly body: string;
  readonly passbackParams: string;
  readonly notifyUrl: string;
  readonly outcome: string;
  readonly createdAt: number;
  readonly status: 'WAIT_BUYER_PAY' | 'TRADE_SUCCESS' | 'TRADE_CLOSED';
  readonly planDate?: string;
  readonly expiresAt?: number;
  readonly paidAt?: number;
  readonly closedAt?: number;
}

/** A refund; `outRequestNo` is unique within its trade. */
export interface Refund {
  readonly outTradeNo: string;
  readonly outRequestNo: string;
  readonly refundAmount: number;
  readonly acceptedAt: number;
  /** `failed`: taken, and then no money moved. */
  readonly status: 'done' | 'failed';
}

/** A code to scan, which stands for an order that nobody has opened yet. */
export interface ScanCode {
  readonly token: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly notifyUrl: string;
}

/** A bill file waiting behind its short-lived link. `expiresAtMs` is wall-clock time. */
export interface BillLink {
  readonly token: string;
  readonly billDate: string;
  readonly billType: string;
  readonly expiresAtMs: number;
}

/** The tables of this rail with the questions that are asked of them. */
export interface AlipayBooks extends ReturnType<typeof openTables> {
  readonly agreementsByExternal: (externalAgreementNo: string) => readonly Agreement[];
  readonly agreementsByUser: (userId: string) => readonly Agreement[];
  readonly tradesByAgreement: (agreementNo: string) => readonly Trade[];
  readonly tradesByTradeNo: (tradeNo: string) => readonly Trade[];
  readonly tradesByStatus: (status: Trade['status']) => readonly Trade[];
  readonly refundsByTrade: (outTradeNo: string) => readonly Refund[];
}

function openTables(world: World) {
  return {
    signings: world.books.table<Signing>('alipay_signings'),
    agreements: world.books.table<Agreement>('alipay_agreements'),
    trades: world.books.table<Trade>('alipay_trades'),
    refunds: world.books.table<Refund>('alipay_refunds'),
    billLinks: world.books.table<BillLink>('alipay_bill_links'),
    keys: world.books.table<RotatedKeys>('alipay_keys'),
    scanCodes: world.books.table<ScanCode>('alipay_scan_codes'),
    lateRequests: world.books.table<{ readonly outTradeNo: string }>('alipay_late_requests'),
  };
}

/** Opens the tables of this rail. */
export function openAlipayBooks(world: World): AlipayBooks {
  const tables = openTables(world);
  return {
    ...tables,
    agreementsByExternal: tables.agreements.indexBy((a) => a.externalAgreementNo),
    agreementsByUser: tables.agreements.indexBy((agreement) => agreement.userId),
    tradesByAgreement: tables.trades.indexBy((trade) => trade.agreementNo),
    tradesByTradeNo: tables.trades.indexBy((trade) => trade.tradeNo),
    tradesByStatus: tables.trades.indexBy((trade) => trade.status),
    refundsByTrade: tables.refunds.indexBy((refund) => refund.outTradeNo),
  };
}

/** Returns Alipay-like numbers, the same for the same name in the same home. */
export function agreementNoFor(appId: string, externalAgreementNo: string): string {
  return `20265${digitsFrom(15, appId, 'agreement', externalAgreementNo)}`;
}

export function tradeNoFor(appId: string, outTradeNo: string, date: string): string {
  return `${date.replaceAll('-', '')}22001${digitsFrom(15, appId, 'trade', outTradeNo)}`;
}

/** Each display account is its own Alipay user unless the page is told otherwise. */
export function userIdFor(externalLogonId: string): string {
  return `2088${digitsFrom(12, 'alipay-user', externalLogonId)}`;
}

/** Returns the masked login name that Alipay shows to merchants. */
export function maskedLogonId(userId: string): string {
  return `user${userId.slice(-4)}***@example.test`;
}
