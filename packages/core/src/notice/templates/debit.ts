import type { Locale } from '../../customer/customer.ts';
import type { MessageVariables } from '../notice.ts';
import type { MessageTemplate } from './template.ts';

const SAMPLES: Readonly<Record<Locale, MessageVariables>> = {
  'zh-CN': {
    merchantName: '云笔记',
    planName: '专业版',
    amount: '¥29.85',
    collectDate: '2026-12-06',
    railName: '银行卡',
    howToCancel: '如需关闭自动续费，可在扣款日前联系云笔记，或在银行卡的扣费服务中关闭',
    lateFeeRule:
      '逾期第 4 天起，每天按未付金额的 0.05% 收取滞纳金，' + '最高不超过未付金额的 30%。',
  },
  en: {
    merchantName: 'Cloud Notes',
    planName: 'Professional',
    amount: '¥29.85',
    collectDate: '2026-12-06',
    railName: 'your bank card',
    howToCancel:
      'To stop it, tell Cloud Notes before that date or end the agreement for your bank card',
    lateFeeRule:
      'From the 4th day overdue, a late fee of 0.05% of the unpaid amount a day is due, ' +
      'at most 30% of the unpaid amount.',
  },
};

/** What the law wants in a notice before a debit: the amount, the date and the way to stop it. */
const REQUIRED = ['amount', 'collectDate', 'howToCancel'];

/** The messages that gate a debit, by its purpose. */
export const DEBIT_TEMPLATES = {
  renewal: {
    version: 1,
    samples: SAMPLES,
    required: REQUIRED,
    texts: {
      'zh-CN': {
        subject: '{collectDate} 将扣款 {amount}：{merchantName} {planName}',
        paragraphs: [
          '您好：',
          '{merchantName} 将于 {collectDate} 通过{railName}扣款 {amount}，用于续费「{planName}」。' +
            '目前尚未扣款。',
          '不想续费？您可以在扣款前随时关闭自动续费，关闭后不会再扣款：{howToCancel}',
          '对金额有疑问，请直接回复本邮件，{merchantName} 会为您说明。',
          '{lateFeeRule}',
        ],
      },
      en: {
        subject: '{amount} will be collected on {collectDate}: {merchantName} {planName}',
        paragraphs: [
          'Hello,',
          '{merchantName} will collect {amount} for "{planName}" on {collectDate} ' +
            'through {railName}. No money has moved yet.',
          'You can stop this renewal at any time before that date, ' +
            'and nothing more will be collected: {howToCancel}',
          'If the amount surprises you, reply to this message and {merchantName} will explain it.',
          '{lateFeeRule}',
        ],
      },
    },
  },
  retry: {
    version: 1,
    samples: SAMPLES,
    required: REQUIRED,
    texts: {
      'zh-CN': {
        subject: '上次扣款未成功，{collectDate} 将再次扣款 {amount}：{merchantName} {planName}',
        paragraphs: [
          '您好：',
          '「{planName}」的上一次扣款没有成功，没有扣走任何款项。' +
            '{merchantName} 将于 {collectDate} 通过{railName}再次扣款 {amount}。',
          '请在此之前确认账户可以付款。' +
            '不想续费？您可以随时关闭自动续费，关闭后不会再扣款：{howToCancel}',
          '对金额有疑问，请直接回复本邮件，{merchantName} 会为您说明。',
          '{lateFeeRule}',
        ],
      },
      en: {
        subject:
          'Your last payment did not go through; {amount} will be tried again on {collectDate}',
        paragraphs: [
          'Hello,',
          'The last payment for "{planName}" did not go through, and no money was taken. ' +
            '{merchantName} will try to collect {amount} again on {collectDate} ' +
            'through {railName}.',
          'Please make sure that your account can pay by then. ' +
            'You can stop the renewal at any time, ' +
            'and nothing more will be collected: {howToCancel}',
          'If the amount surprises you, reply to this message and {merchantName} will explain it.',
          '{lateFeeRule}',
        ],
      },
    },
  },
} as const satisfies Readonly<Record<string, MessageTemplate>>;
