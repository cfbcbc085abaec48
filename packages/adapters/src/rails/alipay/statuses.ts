import type { RefundRefusalClass } from '@daikou/core';
import type { CodeMeaning } from '../outcomes.ts';

/**
 * Every code that Alipay documents for 周期扣款. Sources: rails.md §2.2, §2.5–§2.7. There is no
 * default: a code that is not listed is `unknown` on purpose.
 */

/**
 * The gateway's `code`. `by_sub_code`: the business answered no, and `sub_code` says why.
 * `limited`: too many calls; turned away at the door, so that the business has not seen it.
 */
export const GATEWAY_CODES: Readonly<
  Record<string, 'done' | 'open' | 'ask' | 'by_sub_code' | 'merchant_fault' | 'limited'>
> = {
  '10000': 'done',
  '10003': 'open',
  '20000': 'ask',
  '20001': 'merchant_fault',
  '40001': 'merchant_fault',
  '40002': 'merchant_fault',
  '40003': 'merchant_fault',
  '40004': 'by_sub_code',
  '40005': 'limited',
  '40006': 'merchant_fault',
};

/** `sub_code` of `alipay.trade.pay`, `.query` and `.close`. */
export const TRADE_CODES: Readonly<Record<string, CodeMeaning>> = {
  'ACQ.SYSTEM_ERROR': 'ask',
  'ACQ.TRADE_HAS_SUCCESS': 'paid',
  'ACQ.TRADE_HAS_CLOSE': 'closed',
  // The number exists with other content or another payer. It may be paid: a refusal here would
  // allow
  // a new number, so it is asked about instead.
  'ACQ.CONTEXT_INCONSISTENT': 'ask',
  'ACQ.TRADE_BUYER_NOT_MATCH': 'ask',
  'ACQ.TRADE_NOT_EXIST': 'not_found',
  'ACQ.TRADE_STATUS_ERROR': 'ask',
  'ACQ.BUYER_BALANCE_NOT_ENOUGH': 'funds',
  'ACQ.BUYER_BANKCARD_BALANCE_NOT_ENOUGH': 'funds',
  'ACQ.NO_PAYMENT_INSTRUMENTS_AVAILABLE': 'funds',
  'ACQ.ERROR_BALANCE_PAYMENT_DISABLE': 'account',
  'ACQ.MOBILE_PAYMENT_SWITCH_OFF': 'account',
  'ACQ.BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR': 'limit',
  'ACQ.BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR': 'limit',
  'ACQ.BUYER_ENABLE_STATUS_FORBID': 'account',
  'ACQ.BUYER_NOT_EXIST': 'account',
  'ACQ.NOT_CERTIFIED_USER': 'account',
  'ACQ.ERROR_BUYER_CERTIFY_LEVEL_LIMIT': 'account',
  'ACQ.BUYER_NOT_MAINLAND_CERT': 'account',
  'ACQ.PAYMENT_REQUEST_HAS_RISK': 'risk',
  'ACQ.PAYMENT_FAIL': 'technical',
  'ACQ.AGREEMENT_NOT_EXIST': 'mandate',
  'ACQ.AGREEMENT_INVALID': 'mandate',
  'ACQ.AGREEMENT_STATUS_NOT_NORMAL': 'mandate',
  'ACQ.AGREEMENT_ERROR': 'merchant_fault',
  'ACQ.CYCLE_PAY_DATE_NOT_MATCH': 'reschedule',
  // The three caps of the agreement: only a new signing raises them.
  'ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED': 'mandate',
  'ACQ.CYCLE_PAY_TOTAL_FEE_EXCEED': 'mandate',
  'ACQ.CYCLE_PAY_TOTAL_TIMES_EXCEED': 'mandate',
  'ACQ.BUYER_SELLER_EQUAL': 'merchant_fault',
  'ACQ.TOTAL_FEE_EXCEED': 'merchant_fault',
  'ACQ.AMOUNT_OR_CURRENCY_ERROR': 'merchant_fault',
  'ACQ.REQUEST_AMOUNT_EXCEED': 'merchant_fault',
  'ACQ.EXIST_FORBIDDEN_WORD': 'merchant_fault',
  'ACQ.INVALID_PARAMETER': 'merchant_fault',
  'ACQ.PARTNER_ERROR': 'merchant_fault',
  'ACQ.ACCESS_FORBIDDEN': 'merchant_fault',
  'ACQ.PRODUCT_AMOUNT_LIMIT_ERROR': 'merchant_fault',
  'ACQ.BEYOND_PAY_RESTRICTION': 'merchant_fault',
  'ACQ.BEYOND_PER_RECEIPT_RESTRICTION': 'merchant_fault',
  'ACQ.BEYOND_PER_RECEIPT_DAY_RESTRICTION': 'merchant_fault',
  'ACQ.BEYOND_PER_RECEIPT_SINGLE_RESTRICTION': 'merchant_fault',
  'ACQ.MERCHANT_PERM_RECEIPT_DAY_LIMIT': 'merchant_fault',
  'ACQ.MERCHANT_PERM_RECEIPT_SINGLE_LIMIT': 'merchant_fault',
  'ACQ.MERCHANT_PERM_RECEIPT_SUSPEND_LIMIT': 'merchant_fault',
  'ACQ.MERCHANT_STATUS_NOT_NORMAL': 'merchant_fault',
  'ACQ.SELLER_BEEN_BLOCKED': 'merchant_fault',
  'ACQ.MERCHANT_AGREEMENT_NOT_EXIST': 'merchant_fault',
  'ACQ.MERCHANT_AGREEMENT_INVALID': 'merchant_fault',
  'ACQ.SELLER_NOT_EXIST': 'merchant_fault',
  'ACQ.INVALID_RECEIVE_ACCOUNT': 'merchant_fault',
  'ACQ.RESTRICTED_MERCHANT_INDUSTRY': 'merchant_fault',
  // Cancelling a frozen trade: nothing that we can decide, a person looks.
  'ACQ.REASON_TRADE_BEEN_FREEZEN': 'ask',
  'ACQ.CANCEL_NOT_ALLOWED': 'ask',
};

/** `trade_status`. `ended`: closed unpaid, or paid and wholly refunded; the times tell which. */
export const TRADE_STATUSES: Readonly<Record<string, 'paid' | 'open' | 'ended'>> = {
  WAIT_BUYER_PAY: 'open',
  TRADE_CLOSED: 'ended',
  TRADE_SUCCESS: 'paid',
  TRADE_FINISHED: 'paid',
};

/**
 * `sub_code` of `alipay.trade.refund` and `alipay.trade.fastpay.refund.query`, all that the refund
 * page lists. `ask`: the money may have moved. `nothing_left`: unpaid, or all of it returned,
 * perhaps by this very number: only the query tells.
 */
export const REFUND_CODES: Readonly<Record<string, 'ask' | 'nothing_left' | RefundRefusalClass>> = {
  'ACQ.SYSTEM_ERROR': 'ask',
  'ACQ.REFUND_CHARGE_ERROR': 'ask',
  // The number has returned another amount before: somebody must look, and nothing is sent again.
  'ACQ.DISCORDANT_REPEAT_REQUEST': 'ask',
  'ACQ.TRADE_HAS_CLOSE': 'nothing_left',
  'ACQ.SELLER_BALANCE_NOT_ENOUGH': 'merchant_balance',
  'ACQ.REASON_TRADE_REFUND_FEE_ERR': 'amount',
  'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL': 'amount',
  'ACQ.REFUND_FEE_ERROR': 'amount',
  'ACQ.TRADE_HAS_FINISHED': 'limit',
  'ACQ.TRADE_NOT_ALLOW_REFUND': 'limit',
  'ACQ.NOT_ALLOW_PARTIAL_REFUND': 'limit',
  'ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND': 'limit',
  'ACQ.BUYER_NOT_EXIST': 'payer_account',
  'ACQ.BUYER_ERROR': 'payer_account',
  'ACQ.BUYER_ENABLE_STATUS_FORBID': 'payer_account',
  'ACQ.CUSTOMER_VALIDATE_ERROR': 'payer_account',
  // The trade is frozen, or in a state between: the same number may be tried again later.
  'ACQ.REASON_TRADE_BEEN_FREEZEN': 'technical',
  'ACQ.TRADE_STATUS_ERROR': 'technical',
  'ACQ.REASON_TRADE_STATUS_INVALID': 'technical',
  'ACQ.TRADE_NOT_EXIST': 'merchant_fault',
  'ACQ.INVALID_PARAMETER': 'merchant_fault',
  'ACQ.USER_NOT_MATCH_ERR': 'merchant_fault',
  'ACQ.CURRENCY_NOT_SUPPORT': 'merchant_fault',
  'ACQ.TRADE_SETTLE_ERROR': 'merchant_fault',
  'ACQ.ENTERPRISE_PAY_BIZ_ERROR': 'merchant_fault',
  'ACQ.ALLOC_AMOUNT_VALIDATE_ERROR': 'merchant_fault',
  'ACQ.REFUNDALLOC_UNAUTH_LIMIT': 'merchant_fault',
  'ACQ.REFUND_ACCOUNT_NOT_EXIST': 'merchant_fault',
  'ACQ.REFUND_ROYALTY_PAYEE_ACCOUNT_NOT_EXIST': 'merchant_fault',
  'ACQ.OVERDRAFT_AGREEMENT_NOT_MATCH': 'merchant_fault',
  'ACQ.OVERDRAFT_ASSIGN_ACCOUNT_INVALID': 'merchant_fault',
};

/**
 * `refund_status` of the refund query. Absent means, by the document, that the request did not
 * arrive or failed: the same number may be sent again.
 */
export const REFUND_STATUSES: Readonly<Record<string, 'done' | 'open' | 'failed'>> = {
  REFUND_SUCCESS: 'done',
  REFUND_PROCESSING: 'open',
  REFUND_FAIL: 'failed',
};

/** `status` of an agreement. `STOP` is documented as 暂停: nothing can be debited by it any more. */
export const AGREEMENT_STATUSES: Readonly<Record<string, 'signing' | 'active' | 'ended'>> = {
  TEMP: 'signing',
  NORMAL: 'active',
  STOP: 'ended',
  UNSIGN: 'ended',
};

/** `sub_code` of the agreement calls. `gone`: no such agreement, or ended before. */
export const AGREEMENT_CODES: Readonly<Record<string, 'gone' | 'merchant_fault'>> = {
  USER_AGREEMENT_NOT_EXIST: 'gone',
  MERCHANT_AGREEMENT_IS_NOT_EXIST: 'merchant_fault',
  PRODUCT_CODE_NOT_SUPPORTED_ERROR: 'merchant_fault',
  ILLEGAL_EXECUTION_TIME: 'merchant_fault',
};

/**
 * `sub_code` of the bill query that says there is no bill; documented with and without its prefix.
 */
export const NO_BILL_CODES: ReadonlySet<string> = new Set(['isp.bill_not_exist', 'BILL_NOT_EXIST']);

/**
 * The one code stands for "no trade" and "not made yet"; only the words beside it tell them apart.
 */
export const BILL_NOT_MADE = /未生成|生成中|not (yet )?(generated|ready)/i;
