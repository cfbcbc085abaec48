import type { RefundRefusalClass } from '@daikou/core';
import type { CodeMeaning } from '../outcomes.ts';

/**
 * Every `respCode` that is documented for 全渠道, as an answer to a debit or, as `origRespCode`, of a
 * query about one. Source: rails.md §3.5 and §7. There is no default: a code that is not listed is
 * `unknown` on purpose.
 */
export const TRADE_CODES: Readonly<Record<string, CodeMeaning>> = {
  '00': 'paid',
  // Success with a defect: the money moved.
  A6: 'paid',
  // One table lists it beside A6 without saying what it is.
  A1: 'ask',
  '01': 'technical',
  '02': 'technical',
  '03': 'ask',
  '04': 'ask',
  '05': 'ask',
  '06': 'technical',
  '10': 'merchant_fault',
  '11': 'merchant_fault',
  // The number is known: it may be paid.
  '12': 'ask',
  '13': 'merchant_fault',
  '14': 'merchant_fault',
  '30': 'risk',
  '31': 'merchant_fault',
  '32': 'merchant_fault',
  '33': 'merchant_fault',
  '34': 'not_found',
  '35': 'merchant_fault',
  '36': 'merchant_fault',
  // Asked too often: it says nothing of the order.
  '37': 'ask',
  '38': 'risk',
  '39': 'technical',
  '40': 'mandate',
  '41': 'merchant_fault',
  // Charged, but after the allowed time; 74 and 75: charged, and the write-off is open or failed.
  '42': 'ask',
  '43': 'merchant_fault',
  '44': 'account',
  '45': 'ask',
  '60': 'technical',
  '61': 'account',
  '62': 'account',
  '63': 'account',
  '64': 'funds',
  // Wrong data of the holder: only a new signing brings new data.
  '65': 'mandate',
  '66': 'mandate',
  '67': 'limit',
  '68': 'account',
  '69': 'mandate',
  '70': 'open',
  '71': 'mandate',
  '72': 'account',
  '73': 'account',
  '74': 'ask',
  '75': 'ask',
  '76': 'mandate',
  '77': 'account',
  '78': 'account',
  '79': 'mandate',
  '80': 'mandate',
  '81': 'limit',
  '82': 'mandate',
  '83': 'open',
  '84': 'mandate',
  '90': 'funds',
  '91': 'account',
  // Files only: as an answer about money it contradicts itself.
  '98': 'ask',
  '99': 'technical',
};

/** `accepted`: for the reply to a refund; a query's `origRespCode` 00 is the refund itself. */
export type RefundMeaning = 'done' | 'ask' | 'open' | 'not_found' | RefundRefusalClass;

/**
 * The same codes about a refund. The payer is the merchant here: 64 and 90 are its balance.
 * Everything that only a debit can meet is listed as the merchant's fault.
 */
export const REFUND_CODES: Readonly<Record<string, RefundMeaning>> = {
  '00': 'done',
  A6: 'done',
  A1: 'ask',
  '01': 'technical',
  '02': 'technical',
  '03': 'ask',
  '04': 'ask',
  '05': 'ask',
  '06': 'technical',
  '10': 'merchant_fault',
  '11': 'merchant_fault',
  '12': 'ask',
  '13': 'merchant_fault',
  '14': 'merchant_fault',
  '30': 'technical',
  '31': 'merchant_fault',
  '32': 'merchant_fault',
  '33': 'amount',
  '34': 'not_found',
  // The payment cannot be returned any more: too old, or undone.
  '35': 'limit',
  '36': 'amount',
  '37': 'ask',
  '38': 'technical',
  '39': 'technical',
  '40': 'merchant_fault',
  '41': 'merchant_fault',
  '42': 'ask',
  '43': 'merchant_fault',
  '44': 'payer_account',
  // Returned or undone before, perhaps by this very number.
  '45': 'ask',
  '60': 'payer_account',
  '61': 'payer_account',
  '62': 'payer_account',
  '63': 'payer_account',
  '64': 'merchant_balance',
  '65': 'merchant_fault',
  '66': 'merchant_fault',
  '67': 'merchant_fault',
  '68': 'payer_account',
  '69': 'merchant_fault',
  '70': 'open',
  '71': 'merchant_fault',
  '72': 'payer_account',
  '73': 'payer_account',
  '74': 'ask',
  '75': 'ask',
  '76': 'merchant_fault',
  '77': 'payer_account',
  '78': 'payer_account',
  '79': 'merchant_fault',
  '80': 'merchant_fault',
  '81': 'limit',
  '82': 'merchant_fault',
  '83': 'open',
  '84': 'merchant_fault',
  '90': 'merchant_balance',
  '91': 'merchant_fault',
  '98': 'ask',
  '99': 'technical',
};

/** A code that was typed wrong or too late: the payer may try again. */
export const WRONG_CODE: ReadonlySet<string> = new Set(['69', '71']);

/** Answers to the query of an opening that mean: there is no such token, or no longer. */
export const NO_TOKEN: ReadonlySet<string> = new Set(['34', '40', '44']);

/** The token is past its end. */
export const TOKEN_EXPIRED = '80';

/** The answer to a file that is not there (yet). */
export const NO_FILE = '98';
