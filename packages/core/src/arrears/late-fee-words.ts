import type { Locale } from '../customer/customer.ts';
import { type Currency, money } from '../money/money.ts';
import { formatRatio, multiplyRatio, type Ratio, ratio } from '../money/ratio.ts';
import { formatMoney } from '../money/text.ts';
import type { LateFeeFigure } from './late-fee-figure.ts';
import type { LateFeePolicy, LateFeeRate } from './late-fee-policy.ts';

type Words = {
  readonly from: (day: number) => string;
  readonly rate: (rate: LateFeeRate, currency: Currency) => string;
  readonly cap: (share: string, amount: string | undefined) => string;
  readonly days: (days: number, base: string) => string;
  readonly capped: (cap: string) => string;
  readonly none: string;
};

const CHINESE: Words = {
  from: (day) => `逾期第 ${day} 天起`,
  rate: (rate, currency) => {
    if (rate.per === 'invoice') return `一次性收取滞纳金 ${amountOf(rate, currency)}`;
    const unit = rate.per === 'day' ? '每天' : '每月（按 30 天计）';
    return `${unit}按未付金额的 ${percent(rate.basisPoints)} 收取滞纳金`;
  },
  cap: (share, amount) =>
    `最高不超过未付金额的 ${share}${amount === undefined ? '' : `，且不超过 ${amount}`}`,
  days: (days, base) => `${days} 天，未付金额 ${base}`,
  capped: (cap) => `已达上限 ${cap}`,
  none: '尚未产生滞纳金',
};

const ENGLISH: Words = {
  from: (day) => `From the ${ordinal(day)} day overdue`,
  rate: (rate, currency) => {
    if (rate.per === 'invoice') return `a late fee of ${amountOf(rate, currency)} is due once`;
    const unit = rate.per === 'day' ? 'a day' : 'a month (of 30 days)';
    return `a late fee of ${percent(rate.basisPoints)} of the unpaid amount ${unit} is due`;
  },
  cap: (share, amount) => {
    const both = amount === undefined ? '' : ` and never more than ${amount}`;
    return `at most ${share} of the unpaid amount${both}`;
  },
  days: (days, base) => `${days} ${days === 1 ? 'day' : 'days'}, ${base} unpaid`,
  capped: (cap) => `the cap of ${cap} is reached`,
  none: 'there is no late fee yet',
};

const WORDS: Readonly<Record<Locale, Words>> = { 'zh-CN': CHINESE, en: ENGLISH };

/**
 * The rule in one plain sentence, as notices show it (`lateFeeRule`): from which day, how much, and
 * the cap. `currency`: that of the invoice, for what is declared by currency.
 */
export function lateFeeWords(
  policy: LateFeePolicy,
  locale: Locale,
  currency: Currency = 'CNY',
): string {
  const words = WORDS[locale];
  const most = policy.cap.amounts[currency];
  const cap = words.cap(
    percent(ratio(policy.cap.basisPoints)),
    most === undefined ? undefined : formatMoney(money(most, currency)),
  );
  const parts = [words.from(policy.graceDays + 1), words.rate(policy.rate, currency), cap];
  return parts.join(locale === 'zh-CN' ? '，' : ', ');
}

/** What an invoice's late fee is made of: "¥1.20 (12 days, ¥200.00 unpaid; …)". */
export function explainLateFee(
  figure: LateFeeFigure,
  policy: LateFeePolicy,
  locale: Locale,
): string {
  const words = WORDS[locale];
  if (figure.amount.minor === 0n) return words.none;
  const { currency } = figure.amount;
  const parts = [
    words.days(figure.days, formatMoney(figure.base)),
    lateFeeWords(policy, locale, currency),
    ...(figure.isCapped ? [words.capped(formatMoney(figure.cap))] : []),
  ];
  const inside = parts.join(locale === 'zh-CN' ? '；' : '; ');
  const amount = formatMoney(figure.amount);
  return locale === 'zh-CN' ? `${amount}（${inside}）` : `${amount} (${inside})`;
}

/** Basis points as a percentage: 5 → "0.05%". */
function percent(basisPoints: Ratio): string {
  return `${formatRatio(multiplyRatio(basisPoints, ratio(1n, 100n)))}%`;
}

function amountOf(rate: Extract<LateFeeRate, { per: 'invoice' }>, currency: Currency): string {
  return formatMoney(money(rate.amounts[currency] ?? 0n, currency));
}

function ordinal(day: number): string {
  const isTeen = day % 100 >= 11 && day % 100 <= 13;
  const ending = isTeen ? undefined : ({ 1: 'st', 2: 'nd', 3: 'rd' } as const)[day % 10];
  return `${day}${ending ?? 'th'}`;
}
