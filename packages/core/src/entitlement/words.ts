import type { Arrears } from '../arrears/arrears.ts';
import type { Locale } from '../customer/customer.ts';
import { formatMoney } from '../money/text.ts';

/** Why the status is what it is. */
export const REASON_CODES = [
  'in_good_standing',
  'arrears_grace',
  'arrears_warned',
  'suspension_postponed',
  'payment_under_way',
  'granted',
  'not_started',
  'paused',
  'arrears_suspended',
  'arrears_retained',
  'arrears_deletable',
  'subscription_ended',
  'no_subscription',
] as const;
export type ReasonCode = (typeof REASON_CODES)[number];

/** What changes next. */
export const CHANGE_WHATS = [
  'service_clear',
  'service_grace',
  'service_warned',
  'service_suspended',
  'service_retained',
  'service_deletable',
  'subscription_starts',
  'subscription_ends',
  'trial_ends',
  'pause_begins',
  'pause_ends',
  'item_begins',
  'item_ends',
  'override_ends',
] as const;
export type ChangeWhat = (typeof CHANGE_WHATS)[number];

type Words = { readonly zh: string; readonly en: string };

/** `{owed}` and `{since}` are of the arrears. */
const REASONS: Record<ReasonCode, Words> = {
  in_good_standing: { zh: '没有逾期未付的账单。', en: 'No invoice is overdue.' },
  arrears_grace: {
    zh: '{owed} 自 {since} 起逾期未付，宽限期内服务照常。',
    en: '{owed} is overdue since {since}; the service goes on during the days of grace.',
  },
  arrears_warned: {
    zh: '{owed} 自 {since} 起逾期未付，已提醒将要停服。',
    en: '{owed} is overdue since {since}; a warning of the suspension was given.',
  },
  suspension_postponed: {
    zh: '{owed} 自 {since} 起逾期未付，已获准延期，暂不停服。',
    en: '{owed} is overdue since {since}; the suspension was put off by a person.',
  },
  payment_under_way: {
    zh: '{owed} 自 {since} 起逾期未付；有一笔付款结果待确认，确认前不停服。',
    en: '{owed} is overdue since {since}; a payment has no definite result yet, so nothing stops.',
  },
  granted: {
    zh: '没有使用中的订阅，仅开通单独授予的功能。',
    en: 'No subscription is in use; only what was granted by hand is.',
  },
  not_started: { zh: '订阅尚未开始。', en: 'The subscription has not begun.' },
  paused: { zh: '订阅暂停中。', en: 'The subscription is paused.' },
  arrears_suspended: {
    zh: '{owed} 自 {since} 起逾期未付，服务已停。付清后自动恢复。',
    en: '{owed} is overdue since {since}; the service is suspended and returns once it is paid.',
  },
  arrears_retained: {
    zh: '{owed} 自 {since} 起逾期未付，服务已停，数据保留并可导出。',
    en: '{owed} is overdue since {since}; the service is suspended, data are kept and exportable.',
  },
  arrears_deletable: {
    zh: '{owed} 自 {since} 起逾期未付，数据保留期已过，可能被删除。',
    en: '{owed} is overdue since {since}; the time for which data are kept is over.',
  },
  subscription_ended: { zh: '订阅已结束。', en: 'The subscription has ended.' },
  no_subscription: { zh: '没有订阅。', en: 'There is no subscription.' },
};

const CHANGES: Record<ChangeWhat, Words> = {
  service_clear: { zh: '逾期状态解除。', en: 'Nothing counts as overdue any more.' },
  service_grace: { zh: '进入宽限期。', en: 'The days of grace begin.' },
  service_warned: {
    zh: '如仍未付清 {owed}，将发出停服提醒。',
    en: 'Unless {owed} is paid, a warning of the suspension is sent.',
  },
  service_suspended: {
    zh: '如仍未付清 {owed}，服务将暂停。',
    en: 'Unless {owed} is paid, the service is suspended.',
  },
  service_retained: {
    zh: '如仍未付清 {owed}，进入数据保留期，仅可导出。',
    en: 'Unless {owed} is paid, data are only kept and exportable.',
  },
  service_deletable: {
    zh: '如仍未付清 {owed}，数据保留期结束。',
    en: 'Unless {owed} is paid, the time for which data are kept ends.',
  },
  subscription_starts: { zh: '订阅开始。', en: 'A subscription begins.' },
  subscription_ends: { zh: '订阅结束。', en: 'A subscription ends.' },
  trial_ends: { zh: '试用期结束，开始计费。', en: 'The trial ends, and billing begins.' },
  pause_begins: { zh: '订阅暂停。', en: 'A pause begins.' },
  pause_ends: { zh: '订阅恢复。', en: 'A pause ends.' },
  item_begins: { zh: '一项内容开始生效。', en: 'An item of a subscription begins.' },
  item_ends: { zh: '一项内容到期。', en: 'An item of a subscription ends.' },
  override_ends: { zh: '一项单独授予到期。', en: 'Something that was granted by hand ends.' },
};

/** One sentence with the numbers of the arrears. */
export function reasonSentence(
  code: ReasonCode,
  about: { readonly facts: { readonly arrears?: Arrears }; readonly locale: Locale },
): string {
  return filled(REASONS[code], about.facts.arrears, about.locale);
}

export function changeSentence(
  what: ChangeWhat,
  arrears: Arrears | undefined,
  locale: Locale,
): string {
  return filled(CHANGES[what], arrears, locale);
}

function filled(words: Words, arrears: Arrears | undefined, locale: Locale): string {
  const owed = (arrears?.unpaid ?? []).map(formatMoney).join(' + ');
  const since = arrears?.earliestUnpaid?.toString() ?? '';
  return (locale === 'en' ? words.en : words.zh)
    .replaceAll('{owed}', () => owed)
    .replaceAll('{since}', since);
}
