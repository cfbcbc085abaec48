import { businessDate } from '../calendar/business-time.ts';
import type { Locale } from '../customer/customer.ts';
import type { Invoice } from '../invoice/invoice.ts';
import { formatMoney } from '../money/text.ts';
import type { Notice } from '../notice/notice.ts';
import type { Attempt } from './attempt.ts';
import type { DebitFacts } from './submit.ts';

/** One debit in human words: a sentence, then the arithmetic, then the evidence (I20). */
export type Explanation = {
  readonly sentence: string;
  readonly arithmetic: readonly string[];
  readonly evidence: readonly string[];
};

/** What the words need that the rows do not hold. */
export type ExplainNames = {
  readonly locale: Locale;
  readonly zone: string;
  readonly merchantName: string;
  readonly planName: string;
  readonly railName: string;
};

/**
 * Explains a debit to the person who paid it. Answers: did money move, how much, for what, who
 * agreed, which notice, which number at the rail. Names no address, phone or payer account.
 */
export function explainDebit(facts: DebitFacts, names: ExplainNames): Explanation {
  return {
    sentence: names.locale === 'zh-CN' ? sentenceZh(facts, names) : sentenceEn(facts, names),
    arithmetic: facts.invoices.flatMap((invoice) => arithmetic(invoice, names.locale)),
    evidence: evidence(facts, names),
  };
}

function sentenceZh(facts: DebitFacts, names: ExplainNames): string {
  const { debit } = facts;
  const amount = formatMoney(debit.amount);
  const what = `${names.merchantName} ${names.planName}`;
  const paid = facts.attempts.find(isPaid);
  switch (debit.state) {
    case 'succeeded': {
      const on = paid?.endedAt === undefined ? debit.collectDate : dateOf(paid.endedAt, names);
      return `${on} 通过${names.railName}扣款 ${amount}：${what}。`;
    }
    case 'in_flight':
      return `${amount} 已提交${names.railName}，结果待确认：${what}。确认前不会再次扣款。`;
    case 'scheduled':
      return `计划于 ${debit.collectDate} 通过${names.railName}扣款 ${amount}：${what}。尚未扣款。`;
    case 'failed':
      return `未扣款：${what} ${amount} 扣款失败。`;
    case 'canceled':
      return `不会扣款：${what} ${amount} 的扣款已取消。`;
  }
}

function sentenceEn(facts: DebitFacts, names: ExplainNames): string {
  const { debit } = facts;
  const amount = formatMoney(debit.amount);
  const what = `${names.planName} from ${names.merchantName}`;
  const paid = facts.attempts.find(isPaid);
  switch (debit.state) {
    case 'succeeded': {
      const on = paid?.endedAt === undefined ? debit.collectDate : dateOf(paid.endedAt, names);
      return `${amount} was debited on ${on} through ${names.railName} for ${what}.`;
    }
    case 'in_flight':
      return `${amount} was sent to ${names.railName} for ${what}; the outcome is not known yet. Nothing more is taken before it is.`;
    case 'scheduled':
      return `${amount} is to be debited on ${debit.collectDate} through ${names.railName} for ${what}. No money has moved.`;
    case 'failed':
      return `No money has moved: the debit of ${amount} for ${what} failed.`;
    case 'canceled':
      return `No money will move: the debit of ${amount} for ${what} was cancelled.`;
  }
}

function arithmetic(invoice: Invoice, locale: Locale): readonly string[] {
  const isZh = locale === 'zh-CN';
  const lines = invoice.lines.map((line) => {
    const name = isZh ? line.reason.nameZh : line.reason.nameEn;
    const agreed =
      line.reason.rule === 'agreed_price' ? (isZh ? '（约定价）' : ' (agreed price)') : '';
    return `${name}${agreed}: ${line.quantity} × ${formatMoney(line.unitAmount)} = ${formatMoney(line.amount)}`;
  });
  const period = `${invoice.period.start} – ${invoice.period.end.subtract({ days: 1 })}`;
  const head = isZh ? `账单 ${invoice.number}，${period}` : `Invoice ${invoice.number}, ${period}`;
  const total = isZh
    ? `合计 ${formatMoney(invoice.total)}（含税 ${formatMoney(invoice.tax)}）`
    : `Total ${formatMoney(invoice.total)} (tax ${formatMoney(invoice.tax)} included)`;
  return [head, ...lines, total];
}

function evidence(facts: DebitFacts, names: ExplainNames): readonly string[] {
  const isZh = names.locale === 'zh-CN';
  const { signedAt } = facts.mandate;
  const signed =
    signedAt === undefined
      ? isZh
        ? '代扣协议尚未签署'
        : 'The mandate is not signed'
      : isZh
        ? `${dateOf(signedAt, names)} 在${names.railName}签署代扣协议 ${facts.mandate.contractCode}`
        : `Mandate ${facts.mandate.contractCode} signed with ${names.railName} on ${dateOf(signedAt, names)}`;
  return [
    signed,
    ...facts.notices.map((notice) => noticeLine(notice, names)),
    ...facts.attempts.map((attempt) => attemptLine(attempt, names)),
  ];
}

const CHANNEL_WORDS = {
  mail: { zh: '邮件', en: 'mail' },
  sms: { zh: '短信', en: 'SMS' },
  rail: { zh: '支付平台', en: 'the payment platform' },
} as const;

function noticeLine(notice: Notice, names: ExplainNames): string {
  const words = CHANNEL_WORDS[notice.channel];
  const amount = formatMoney(notice.amount);
  const delivered =
    notice.deliveredAt === undefined ? undefined : dateOf(notice.deliveredAt, names);
  if (names.locale === 'zh-CN') {
    const state =
      delivered === undefined
        ? notice.state === 'failed'
          ? '未送达'
          : '尚未送达'
        : `${delivered} 已送达`;
    return `${words.zh}通知 ${state}：${notice.collectDate} 扣款 ${amount}`;
  }
  const state =
    delivered === undefined
      ? notice.state === 'failed'
        ? 'could not be delivered'
        : 'is not delivered yet'
      : `was delivered on ${delivered}`;
  return `The notice by ${words.en} of ${amount} on ${notice.collectDate} ${state}`;
}

function attemptLine(attempt: Attempt, names: ExplainNames): string {
  const number = attempt.orderNumber;
  const on = dateOf(attempt.submittedAt, names);
  if (names.locale === 'zh-CN') {
    const words = {
      succeeded: '成功',
      late_success: '成功（迟到）',
      refused: `未成功（${attempt.refusal?.code ?? ''}）`,
      closed: '已关闭，未扣款',
      never_sent: '未发出',
      submitting: '已提交',
      accepted: '已受理',
      unknown: '待确认',
    };
    return `${on} 第 ${attempt.ordinal} 次扣款 ${words[attempt.state]}，商户订单号 ${number}${attempt.railReference === undefined ? '' : `，交易单号 ${attempt.railReference}`}`;
  }
  const words = {
    succeeded: 'succeeded',
    late_success: 'succeeded late',
    refused: `was refused (${attempt.refusal?.code ?? ''})`,
    closed: 'was closed unpaid',
    never_sent: 'was never sent',
    submitting: 'was submitted',
    accepted: 'was accepted',
    unknown: 'has no known outcome yet',
  };
  return `Attempt ${attempt.ordinal} on ${on} ${words[attempt.state]}; order number ${number}${attempt.railReference === undefined ? '' : `, rail number ${attempt.railReference}`}`;
}

function isPaid(attempt: Attempt): boolean {
  return attempt.state === 'succeeded' || attempt.state === 'late_success';
}

function dateOf(instant: Temporal.Instant, names: ExplainNames): Temporal.PlainDate {
  return businessDate(instant, names.zone);
}
