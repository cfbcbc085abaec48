import type { BreakClass, DayState } from '@daikou/core';
import type { Language } from './words.ts';

type Words = Readonly<Record<Language, string>>;

/** What people call each class of break. */
export const BREAK_CLASS_WORDS: Readonly<Record<BreakClass, Words>> = {
  surplus: { zh: '长款', en: 'surplus' },
  shortage: { zh: '短款', en: 'shortage' },
  amount_mismatch: { zh: '金额不符', en: 'amount differs' },
  state_mismatch: { zh: '状态不符', en: 'state differs' },
  cut_off: { zh: '跨日', en: 'cut-off' },
  duplicate: { zh: '重复', en: 'duplicate' },
  unknown_order: { zh: '未知', en: 'unknown number' },
  fee_mismatch: { zh: '手续费不符', en: 'fee differs' },
  settlement_mismatch: { zh: '结算不符', en: 'settlement differs' },
  currency_mismatch: { zh: '币种不符', en: 'currency differs' },
};

export const DAY_STATE_WORDS: Readonly<Record<DayState, Words>> = {
  expected: { zh: '待账单', en: 'waiting for the bill' },
  loading: { zh: '比对中', en: 'comparing' },
  matched: { zh: '待结算单', en: 'waiting for the account statement' },
  balanced: { zh: '已平', en: 'balanced' },
  exceptions: { zh: '有差错', en: 'breaks' },
  closed: { zh: '已日结', en: 'closed' },
};
