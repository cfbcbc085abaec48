import { digitsFrom } from '../chance.ts';
import type { World } from '../world.ts';

/** How a template announces its deductions (rails.md §1.7). */
export type NoticeMode = 'pre_notice' | 'delay_24h';

/** A deduction template as the merchant platform would hold it. Amounts in 分. */
export interface Template {
  readonly planId: string;
  readonly mode: NoticeMode;
  readonly ceilingMinor: number;
  readonly name: string;
}

/**
 * The templates of the sandbox merchant; 500 yuan is the initial limit of a real one (rails.md
 * §1.1).
 */
export const TEMPLATES: readonly Template[] = [
  {
    planId: '120001',
    mode: 'pre_notice',
    ceilingMinor: 50_000,
    name: '会员自动续费（预扣费通知）',
  },
  {
    planId: '120002',
    mode: 'delay_24h',
    ceilingMinor: 50_000,
    name: '会员自动续费（24小时后扣费）',
  },
];

/**
 * A request to sign, waiting for the user in the wallet. Times in epoch milliseconds, business
 * clock.
 */
export interface Signing {
  readonly token: string;
  readonly planId: string;
  readonly contractCode: string;
  readonly displayAccount: string;
  readonly requestSerial: string;
  readonly notifyUrl: string;
  readonly expiresAt: number;
  readonly visited: boolean;
  readonly decision?: 'agree' | 'refuse';
  readonly contractId?: string;
}

/** Who ended a contract, by WeChat's numbers (rails.md §1.6). */
export type TerminationMode = '1' | '2' | '3' | '4' | '5' | '7';

/** A contract. `terminationMode` uses WeChat's numbers: 2 by the user, 3 by the merchant's call. */
export interface Contract {
  readonly contractId: string;
  readonly contractCode: string;
  readonly planId: string;
  readonly openid: string;
  readonly displayAccount: string;
  readonly requestSerial: string;
  readonly state: 'active' | 'terminated';
  readonly signedAt: number;
  readonly expiresAt: number;
  readonly terminatedAt?: number;
  readonly terminationMode?: TerminationMode;
  readonly terminationRemark?: string;
}

/** How an order is paid: by deduction, or by the user's own hand on a page of the wallet. */
export type TradeType = 'PAP' | 'MWEB' | 'NATIVE' | 'JSAPI' | 'APP';

/**
 * One order. `noticeId` names the notice window that allowed a deduction. An order by hand has no
 * contract (`contractId` is empty) until the user pays; `payToken` names its page, and
 * `signingToken` the signing that goes with the payment.
 */
export interface Order {
  readonly outTradeNo: string;
  readonly contractId: string;
  readonly displayAccount: string;
  readonly openid: string;
  readonly totalFee: number;
  readonly body: string;
  readonly attach: string;
  readonly notifyUrl: string;
  readonly outcome: string;
  readonly acceptedAt: number;
  readonly dueAt: number;
  readonly state: 'ACCEPT' | 'NOTPAY' | 'SUCCESS' | 'CLOSED';
  readonly transactionId: string;
  /** Absent in the books of older sandboxes: a deduction. */
  readonly tradeType?: TradeType;
  readonly payToken?: string;
  readonly signingToken?: string;
  readonly expiresAt?: number;
  readonly noticeId?: string;
  readonly finishedAt?: number;
  readonly refusal?: { readonly code: string; readonly text: string };
}

/**
 * A pre-deduction notice and the window that it opens. `closedBy` is the order that succeeded in
 * it.
 */
export interface Notice {
  readonly noticeId: string;
  readonly contractId: string;
  readonly sentAt: number;
  readonly amountMinor: number;
  readonly days: number;
  readonly windowFrom: number;
  readonly windowTo: number;
  readonly closedBy?: string;
}

/**
 * A refund. `CHANGE`: the user's bank did not take it, and the money lies with the merchant again.
 * Refunds of older sandboxes have no state: they succeeded when they were accepted.
 */
export interface Refund {
  readonly state?: 'PROCESSING' | 'SUCCESS' | 'CHANGE' | 'REFUNDCLOSE';
  readonly outcome?: string;
  readonly notifyUrl?: string;
  readonly finishedAt?: number;
  readonly outRefundNo: string;
  readonly refundId: string;
  readonly outTradeNo: string;
  readonly refundFee: number;
  readonly acceptedAt: number;
}

/** The tables of this rail with the questions that are asked of them. */
export interface WechatBooks {
  readonly signings: ReturnType<typeof openTables>['signings'];
  readonly contracts: ReturnType<typeof openTables>['contracts'];
  readonly orders: ReturnType<typeof openTables>['orders'];
  readonly notices: ReturnType<typeof openTables>['notices'];
  readonly refunds: ReturnType<typeof openTables>['refunds'];
  readonly ordersByUser: (openid: string) => readonly Order[];
  readonly ordersByToken: (token: string) => readonly Order[];
  readonly refundsByState: (state: string) => readonly Refund[];
  readonly signingsByCode: (code: string) => readonly Signing[];
  readonly contractsByCode: (code: string) => readonly Contract[];
  readonly contractsByUser: (user: string) => readonly Contract[];
  readonly ordersByContract: (contractId: string) => readonly Order[];
  readonly ordersByState: (state: Order['state']) => readonly Order[];
  readonly noticesByContract: (contractId: string) => readonly Notice[];
  readonly refundsByOrder: (outTradeNo: string) => readonly Refund[];
}

function openTables(world: World) {
  return {
    signings: world.books.table<Signing>('wechat_signings'),
    contracts: world.books.table<Contract>('wechat_contracts'),
    orders: world.books.table<Order>('wechat_orders'),
    notices: world.books.table<Notice>('wechat_notices'),
    refunds: world.books.table<Refund>('wechat_refunds'),
  };
}

/** Opens the tables of this rail. */
export function openWechatBooks(world: World): WechatBooks {
  const tables = openTables(world);
  return {
    ...tables,
    signingsByCode: tables.signings.indexBy((signing) => signing.contractCode),
    contractsByCode: tables.contracts.indexBy((contract) => contract.contractCode),
    contractsByUser: tables.contracts.indexBy((c) => userKey(c.planId, c.openid)),
    ordersByUser: tables.orders.indexBy((order) => order.openid),
    ordersByToken: tables.orders.indexBy((order) => order.payToken),
    refundsByState: tables.refunds.indexBy((refund) => refund.state ?? 'SUCCESS'),
    ordersByContract: tables.orders.indexBy((order) => order.contractId),
    ordersByState: tables.orders.indexBy((order) => order.state),
    noticesByContract: tables.notices.indexBy((notice) => notice.contractId),
    refundsByOrder: tables.refunds.indexBy((refund) => refund.outTradeNo),
  };
}

/** Names a user of a template; at most one active contract may exist for it. */
export function userKey(planId: string, openid: string): string {
  return `${planId}|${openid}`;
}

export function templateOf(planId: string): Template | undefined {
  return TEMPLATES.find((template) => template.planId === planId);
}

/** Returns a WeChat-like id that is the same for the same name in the same home. */
export function contractIdFor(mchid: string, contractCode: string): string {
  return `Wx${digitsFrom(22, mchid, 'contract', contractCode)}`;
}

/** Returns 28 digits beginning with 4200, as WeChat's payment numbers do. */
export function transactionIdFor(mchid: string, outTradeNo: string): string {
  return `4200${digitsFrom(24, mchid, 'order', outTradeNo)}`;
}
