import type { MandateEnder, RefundRefusalClass } from '@daikou/core';
import type { CodeMeaning } from '../outcomes.ts';
import { listed } from '../tables.ts';

/**
 * Every code that WeChat Pay documents for 委托代扣, by the place where it stands, because the same
 * code means different things in different places (`RULELIMIT`). Sources: rails.md §1.9, §1.10.
 * There is no default: a code that is not listed for its place is `unknown` on purpose.
 */

/** `err_code` in the reply of `/pay/pappayapply`. */
export const SUBMIT_CODES: Readonly<Record<string, CodeMeaning>> = {
  ORDERPAID: 'paid',
  ORDER_ACCEPTED: 'open',
  SYSTEMERROR: 'ask',
  CONTRACT_NOT_EXIST: 'mandate',
  CONTRACTERROR: 'mandate',
  RULELIMIT: 'limit',
  FREQUENCY_LIMITED: 'limit',
  INVALID_REQUEST: 'reschedule',
  SIGN_ERROR: 'merchant_fault',
  SIGNERROR: 'merchant_fault',
  PARAM_ERROR: 'merchant_fault',
  ORDERCLOSED: 'closed',
  // "Business success" with result_code=FAIL: seen in the field, contradicts itself.
  '0': 'ask',
  NOAUTH: 'merchant_fault',
  APPID_NOT_EXIST: 'merchant_fault',
  MCHID_NOT_EXIST: 'merchant_fault',
  APPID_MCHID_NOT_MATCH: 'merchant_fault',
  LACK_PARAMS: 'merchant_fault',
  // The number was seen with other content. It may be paid: a refusal here would allow a new
  // number.
  OUT_TRADE_NO_USED: 'ask',
  XML_FORMAT_ERROR: 'merchant_fault',
  REQUIRE_POST_METHOD: 'merchant_fault',
  NOT_UTF8: 'merchant_fault',
};

/** `err_code` of a failed deduction, in the callback or beside a final `trade_state`. */
export const DEDUCTION_CODES: Readonly<Record<string, CodeMeaning>> = {
  NOTENOUGH: 'funds',
  BANKERROR: 'technical',
  RULELIMIT: 'limit',
  ACCOUNTERROR: 'account',
  USER_ACCOUNT_ABNORMAL: 'account',
  USER_NOT_EXIST: 'account',
  TRADE_ERROR: 'technical',
  CONTRACT_NOT_EXIST: 'mandate',
  SYSTEMERROR: 'ask',
};

/** `err_code` in the reply of the two order queries. */
export const QUERY_CODES: Readonly<Record<string, CodeMeaning>> = {
  ORDERNOTEXIST: 'not_found',
  SYSTEMERROR: 'ask',
};

/** `err_code` in the reply of `/pay/closeorder`. */
export const CLOSE_CODES: Readonly<Record<string, CodeMeaning>> = {
  ORDERPAID: 'paid',
  ORDERCLOSED: 'closed',
  ORDERNOTEXIST: 'not_found',
  SYSTEMERROR: 'ask',
  SIGNERROR: 'ask',
};

/** `trade_state` of an order. `ended`: without money; an `err_code` beside it says why. */
export const TRADE_STATES: Readonly<Record<string, 'paid' | 'open' | 'ended'>> = {
  SUCCESS: 'paid',
  // Paid, and some or all of it refunded since: the deduction itself succeeded.
  REFUND: 'paid',
  NOTPAY: 'open',
  ACCEPT: 'open',
  USERPAYING: 'open',
  CLOSED: 'ended',
  REVOKED: 'ended',
  PAYERROR: 'ended',
};

/** `code` of the V3 pre-deduction notice. `gone`: the mandate has ended. `failed`: answered no. */
export const NOTICE_CODES: Readonly<Record<string, 'done' | 'gone' | 'failed' | 'ask'>> = {
  RESOURCE_ALREADY_EXISTS: 'done',
  CONTRACT_NOT_EXIST: 'gone',
  INVALID_REQUEST: 'failed',
  RULELIMIT: 'failed',
  SIGN_ERROR: 'failed',
  PARAM_ERROR: 'failed',
  SYSTEM_ERROR: 'ask',
};

/** `contract_state` of `/papay/querycontract`. 1 stands for both: not signed, and ended. */
export const CONTRACT_STATES: Readonly<Record<string, 'active' | 'not_active' | 'signing'>> = {
  '0': 'active',
  '1': 'not_active',
  '9': 'signing',
};

/** `err_code` of `/papay/querycontract` that says there is no such contract. */
export const CONTRACT_GONE_CODES: ReadonlySet<string> = new Set(['CONTRACT_NOT_EXIST']);

/** `contract_state` of V3. `TO_BE_RENEWED` is left out: nobody says what it allows. */
export const V3_CONTRACT_STATES: Readonly<Record<string, 'active' | 'ended' | 'not_signed'>> = {
  SIGNED: 'active',
  TERMINATED: 'ended',
  SIGN_FAILED: 'not_signed',
};

/** `code` of a V3 contract query that says there is no such contract. */
export const V3_CONTRACT_GONE_CODES: ReadonlySet<string> = new Set([
  'CONTRACT_NOT_EXIST',
  'RESOURCE_NOT_EXISTS',
  'NOT_FOUND',
]);

/** `code` of the V3 bill endpoints. */
export const BILL_CODES: Readonly<Record<string, 'empty' | 'not_ready'>> = {
  NO_STATEMENT_EXIST: 'empty',
  STATEMENT_CREATING: 'not_ready',
};

/**
 * `err_code` of refund and refund query. `differs`: the number was used with other content, so
 * only the query tells what became of it. Sources: WXDOC 4011987741; the last six from the general
 * V2 refund page.
 */
export const REFUND_CODES: Readonly<
  Record<string, RefundRefusalClass | 'ask' | 'differs' | 'not_found'>
> = {
  SYSTEMERROR: 'ask',
  BIZERR_NEED_RETRY: 'ask',
  TRADE_OVERDUE: 'limit',
  NOTENOUGH: 'merchant_balance',
  INVALID_TRANSACTIONID: 'merchant_fault',
  REFUND_FEE_MISMATCH: 'differs',
  CERT_ERROR: 'merchant_fault',
  SIGN_ERROR: 'merchant_fault',
  SIGNERROR: 'merchant_fault',
  PARAM_ERROR: 'merchant_fault',
  REFUNDNOTEXIST: 'not_found',
  USER_ACCOUNT_ABNORMAL: 'payer_account',
  ORDER_NOT_READY: 'technical',
  INVALID_REQ_TOO_MUCH: 'technical',
  FREQUENCY_LIMITED: 'technical',
  ORDERNOTEXIST: 'merchant_fault',
  APPID_NOT_EXIST: 'merchant_fault',
};

/** `refund_status` of a refund query's row or a refund notice. */
export const REFUND_STATES: Readonly<Record<string, 'succeeded' | 'open' | 'failed' | 'closed'>> = {
  SUCCESS: 'succeeded',
  PROCESSING: 'open',
  CHANGE: 'failed',
  REFUNDCLOSE: 'closed',
};

/**
 * `err_code` of `/pay/unifiedorder` and `/pay/contractorder` that says no order was made. Others
 * are `unknown`, `ORDERPAID` and `OUT_TRADE_NO_USED` among them: an order lies there that is paid,
 * or may be, and only a query tells.
 */
export const PAY_PAGE_CODES: ReadonlySet<string> = new Set([
  'NOAUTH',
  'ORDERCLOSED',
  'APPID_NOT_EXIST',
  'MCHID_NOT_EXIST',
  'APPID_MCHID_NOT_MATCH',
  'LACK_PARAMS',
  'PARAM_ERROR',
  'SIGN_ERROR',
  'SIGNERROR',
  'XML_FORMAT_ERROR',
  'REQUIRE_POST_METHOD',
  'POST_DATA_EMPTY',
  'NOT_UTF8',
  'INVALID_REQUEST',
  'RULELIMIT',
]);

/** `contract_termination_mode`: V2 numbers, V3 names. */
export const TERMINATION_MODES: Readonly<Record<string, MandateEnder>> = {
  '1': 'expired',
  '2': 'customer',
  '3': 'merchant',
  '4': 'merchant',
  '5': 'rail',
  '7': 'rail',
  USER_TERMINATE: 'customer',
  MCH_API_TERMINATE: 'merchant',
  WEPAY_WEB_TERMINATE: 'merchant',
  CUSTOMER_SERVICE_TERMINATE: 'rail',
  SYSTEM_TERMINATE: 'rail',
};

/** Who ended a contract; `unknown` for a mode that is not listed. */
export function enderOf(mode: string | undefined): MandateEnder {
  return listed(TERMINATION_MODES, mode) ?? 'unknown';
}
