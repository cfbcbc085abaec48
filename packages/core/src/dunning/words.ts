import { addDays } from '../calendar/periods.ts';
import type { Locale } from '../customer/customer.ts';
import type { Invoice } from '../invoice/invoice.ts';
import { type Money, sum } from '../money/money.ts';
import { formatMoney } from '../money/text.ts';
import type { MessageVariables } from '../notice/notice.ts';
import type { TemplateKey } from '../notice/templates/index.ts';
import { present } from '../result/invariant.ts';
import type { Campaign, CampaignStep, Tone } from './campaign.ts';
import type { DunningCase } from './case.ts';
import { oldestFirst } from './collect.ts';
import { owedOf } from './facts.ts';

/** The template of a message, by its tone. */
export const TEMPLATE_OF: Readonly<Record<Tone, TemplateKey>> = {
  friendly: 'overdue_friendly',
  firm: 'overdue_firm',
  last: 'overdue_last',
};

const TONE_WORDS: Readonly<Record<Tone, Record<Locale, string>>> = {
  friendly: { 'zh-CN': '温和', en: 'friendly' },
  firm: { 'zh-CN': '郑重', en: 'firm' },
  last: { 'zh-CN': '最后', en: 'last' },
};

/** The campaign as an example: what happens on which date when somebody is overdue on `dayZero`. */
export function campaignTimetable(
  campaign: Campaign,
  dayZero: Temporal.PlainDate,
  locale: Locale,
): readonly string[] {
  const isZh = locale === 'zh-CN';
  const thresholds = campaign.thresholds.map(formatMoney).join(isZh ? '、' : ', ');
  const first = isZh
    ? `第 0 天（${dayZero}）：欠费达到 ${thresholds} 起开始催缴。`
    : `Day 0 (${dayZero}): it begins for arrears from ${thresholds} on.`;
  const steps = campaign.steps.map((step) => lineOf(step, dayZero, locale));
  const { maxDays, maxTries } = campaign.end;
  const over = addDays(dayZero, maxDays);
  const last = isZh
    ? `第 ${maxDays} 天（${over}）：结束；每张账单最多扣款 ${maxTries} 次。付清即停。`
    : `Day ${maxDays} (${over}): it ends; at most ${maxTries} tries an invoice. Payment ends it.`;
  return [first, ...steps, last];
}

function lineOf(step: CampaignStep, dayZero: Temporal.PlainDate, locale: Locale): string {
  const hours = { smallestUnit: 'minute' } as const;
  const from = step.from.toString(hours);
  const until = step.until.toString(hours);
  const date = addDays(dayZero, step.day);
  const what = actionWords(step, locale);
  return locale === 'zh-CN'
    ? `第 ${step.day} 天（${date}，${from}–${until}）：${what}。`
    : `Day ${step.day} (${date}, ${from}–${until}): ${what}.`;
}

function actionWords({ action }: CampaignStep, locale: Locale): string {
  const isZh = locale === 'zh-CN';
  switch (action.kind) {
    case 'message': {
      const tone = TONE_WORDS[action.tone][locale];
      return isZh ? `发送${tone}提醒` : `a ${tone} message`;
    }
    case 'collect':
      return isZh ? '先通知，再在通道时段内扣款' : 'a notice, then a debit in the rail’s hours';
    case 'pay_link':
      return isZh ? '发送付款链接' : 'a pay link';
    case 'call_task':
      return isZh ? '安排人工电话' : 'a call by a person';
    case 'end':
      return isZh ? '结束催缴' : 'the end';
  }
}

/** What every message about arrears says, in the customer's language. */
export function overdueVariables(
  dunning: Pick<DunningCase, 'currency' | 'startedOn' | 'nextStep'>,
  about: {
    readonly merchantName: string;
    readonly overdue: readonly Invoice[];
    readonly campaign: Campaign;
    readonly locale: Locale;
    /** Whether a debit can still be made at all. */
    readonly hasMethod: boolean;
    /** What a declared late fee comes to by now; absent: there is none. */
    readonly lateFee?: string;
  },
): MessageVariables {
  const { overdue, locale, merchantName } = about;
  const [oldest] = overdue.toSorted(oldestFirst);
  return {
    merchantName,
    amount: formatMoney(owedOf(overdue, dunning.currency)),
    invoiceCount: overdue.length.toString(),
    oldestDueDate: present(oldest, 'an overdue invoice').dueDate.toString(),
    nextStep: nextWords(dunning, about, locale),
    lateFee: about.lateFee ?? '',
  };
}

/** What happens next where nothing is paid: the next debit or pay link, else a person. */
function nextWords(
  dunning: Pick<DunningCase, 'startedOn' | 'nextStep'>,
  { campaign, hasMethod }: { readonly campaign: Campaign; readonly hasMethod: boolean },
  locale: Locale,
): string {
  const isZh = locale === 'zh-CN';
  const next = campaign.steps.slice(dunning.nextStep + 1).find(({ action }) => {
    return action.kind === 'pay_link' || (action.kind === 'collect' && hasMethod);
  });
  if (next === undefined) {
    const over = addDays(dunning.startedOn, campaign.end.maxDays);
    return isZh
      ? `如到 ${over} 仍未付清，将由工作人员与您联系`
      : `If it is still unpaid on ${over}, a person will contact you`;
  }
  const date = addDays(dunning.startedOn, next.day);
  if (next.action.kind === 'pay_link') {
    return isZh
      ? `如到 ${date} 仍未付清，我们会发送付款链接`
      : `If it is still unpaid on ${date}, you will get a pay link`;
  }
  return isZh
    ? `如到 ${date} 仍未付清，我们会另发通知，写明日期和金额后再扣款`
    : `If it is still unpaid on ${date}, you will get a notice with date and amount before a debit`;
}

/** What the last message says: what was paid in all. */
export function clearedVariables(
  merchantName: string,
  amounts: readonly Money[],
  currency: DunningCase['currency'],
): MessageVariables {
  return { merchantName, amount: formatMoney(sum(amounts, currency)) };
}
