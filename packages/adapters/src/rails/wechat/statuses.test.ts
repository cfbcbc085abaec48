import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { outcomeOfCode } from '../outcomes.ts';
import {
  CLOSE_CODES,
  DEDUCTION_CODES,
  enderOf,
  NOTICE_CODES,
  QUERY_CODES,
  SUBMIT_CODES,
  TRADE_STATES,
} from './statuses.ts';

/** The codes of rails.md §1.9, by the place that the table names, copied out by hand. */
const DOCUMENTED = {
  sync: [
    'ORDERPAID',
    'ORDER_ACCEPTED',
    'SYSTEMERROR',
    'CONTRACT_NOT_EXIST',
    'CONTRACTERROR',
    'RULELIMIT',
    'FREQUENCY_LIMITED',
    'INVALID_REQUEST',
    'SIGN_ERROR',
    'SIGNERROR',
    'PARAM_ERROR',
    'ORDERCLOSED',
    '0',
    'NOAUTH',
    'APPID_NOT_EXIST',
    'MCHID_NOT_EXIST',
    'APPID_MCHID_NOT_MATCH',
    'LACK_PARAMS',
    'OUT_TRADE_NO_USED',
    'XML_FORMAT_ERROR',
    'REQUIRE_POST_METHOD',
    'NOT_UTF8',
  ],
  callback: [
    'SYSTEMERROR',
    'CONTRACT_NOT_EXIST',
    'RULELIMIT',
    'NOTENOUGH',
    'BANKERROR',
    'ACCOUNTERROR',
    'USER_ACCOUNT_ABNORMAL',
    'USER_NOT_EXIST',
    'TRADE_ERROR',
  ],
  query: ['ORDERNOTEXIST'],
  close: ['ORDERPAID', 'ORDERCLOSED', 'SYSTEMERROR', 'SIGNERROR'],
  notice: [
    'CONTRACT_NOT_EXIST',
    'RESOURCE_ALREADY_EXISTS',
    'INVALID_REQUEST',
    'RULELIMIT',
    'SIGN_ERROR',
    'PARAM_ERROR',
    'SYSTEM_ERROR',
  ],
  states: ['SUCCESS', 'REFUND', 'NOTPAY', 'ACCEPT', 'USERPAYING', 'CLOSED', 'REVOKED', 'PAYERROR'],
} as const;

describe('every documented code of WeChat Pay has a row', () => {
  const tables = [
    ['pappayapply', DOCUMENTED.sync, SUBMIT_CODES],
    ['the deduction callback', DOCUMENTED.callback, DEDUCTION_CODES],
    ['the order queries', DOCUMENTED.query, QUERY_CODES],
    ['closeorder', DOCUMENTED.close, CLOSE_CODES],
    ['the V3 notice', DOCUMENTED.notice, NOTICE_CODES],
    ['trade_state', DOCUMENTED.states, TRADE_STATES],
  ] as const;
  for (const [place, codes, table] of tables) {
    test(place, () => {
      for (const code of codes) assert.ok(Object.hasOwn(table, code), code);
    });
  }
});

describe('codes that cost money when guessed', () => {
  test('an unlisted code is unknown, and so is a word that objects inherit', () => {
    for (const code of ['BRAND_NEW_CODE', '', 'constructor', '__proto__']) {
      for (const table of [SUBMIT_CODES, DEDUCTION_CODES, QUERY_CODES, CLOSE_CODES]) {
        assert.equal(outcomeOfCode(table, { code, message: '' }).kind, 'unknown', code);
      }
    }
  });

  test('a number that is known with other content is never a refusal', () => {
    const outcome = outcomeOfCode(SUBMIT_CODES, { code: 'OUT_TRADE_NO_USED', message: '' });
    assert.equal(outcome.kind, 'unknown');
  });

  test('a system error is never a refusal, wherever it stands', () => {
    for (const table of [SUBMIT_CODES, DEDUCTION_CODES, QUERY_CODES, CLOSE_CODES]) {
      assert.equal(outcomeOfCode(table, { code: 'SYSTEMERROR', message: '' }).kind, 'unknown');
    }
  });
});

test('who ended a contract, by mode', () => {
  const modes = [
    ['1', 'expired'],
    ['2', 'customer'],
    ['3', 'merchant'],
    ['4', 'merchant'],
    ['5', 'rail'],
    ['6', 'unknown'],
    ['7', 'rail'],
    ['USER_TERMINATE', 'customer'],
    ['SYSTEM_TERMINATE', 'rail'],
    [undefined, 'unknown'],
  ] as const;
  for (const [mode, ender] of modes) assert.equal(enderOf(mode), ender);
});
