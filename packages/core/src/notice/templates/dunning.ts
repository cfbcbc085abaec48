import type { Locale } from '../../customer/customer.ts';
import type { MessageVariables } from '../notice.ts';
import type { MessageTemplate } from './template.ts';

const OVERDUE_SAMPLES: Readonly<Record<Locale, MessageVariables>> = {
  'zh-CN': {
    merchantName: '云笔记',
    amount: '¥89.55',
    invoiceCount: '3',
    oldestDueDate: '2026-12-01',
    nextStep: '如到 2026-12-05 仍未付清，我们会另发通知，写明日期和金额后再扣款',
    lateFee: '',
  },
  en: {
    merchantName: 'Cloud Notes',
    amount: '¥89.55',
    invoiceCount: '3',
    oldestDueDate: '2026-12-01',
    nextStep:
      'If it is still unpaid on 2026-12-05, you will get a notice with date and amount ' +
      'before a debit',
    lateFee: '',
  },
};

const LINK_SAMPLES: Readonly<Record<Locale, MessageVariables>> = {
  'zh-CN': {
    merchantName: '云笔记',
    amount: '¥89.55',
    payUrl: 'https://pay.example.test/plk',
    expiresOn: '2026-12-18',
  },
  en: {
    merchantName: 'Cloud Notes',
    amount: '¥89.55',
    payUrl: 'https://pay.example.test/plk',
    expiresOn: '2026-12-18',
  },
};

const PROMISE_SAMPLES: Readonly<Record<Locale, MessageVariables>> = {
  'zh-CN': { merchantName: '云笔记', amount: '¥89.55', promisedDate: '2026-12-10' },
  en: { merchantName: 'Cloud Notes', amount: '¥89.55', promisedDate: '2026-12-10' },
};

const CLEARED_SAMPLES: Readonly<Record<Locale, MessageVariables>> = {
  'zh-CN': { merchantName: '云笔记', amount: '¥89.55' },
  en: { merchantName: 'Cloud Notes', amount: '¥89.55' },
};

const OVERDUE = { version: 1, samples: OVERDUE_SAMPLES, required: ['amount', 'nextStep'] } as const;

/** What a customer hears about arrears: did money move, how much, what next, what can I do. */
export const DUNNING_TEMPLATES = {
  overdue_friendly: {
    ...OVERDUE,
    texts: {
      'zh-CN': {
        subject: '{merchantName}：{amount} 尚未付清',
        paragraphs: [
          '您好：',
          '您在 {merchantName} 有 {invoiceCount} 张账单共 {amount} 尚未付清，' +
            '最早的一张应于 {oldestDueDate} 支付。目前没有扣走任何款项。{lateFee}',
          '{nextStep}。您也可以随时自行付款；已付款请忽略本消息。',
          '付款有困难或对金额有疑问，请直接回复，{merchantName} 会与您商量付款日期。',
        ],
      },
      en: {
        subject: '{merchantName}: {amount} is not paid yet',
        paragraphs: [
          'Hello,',
          '{invoiceCount} invoice(s) of {merchantName}, {amount} in all, are not paid yet; ' +
            'the oldest was due on {oldestDueDate}. No money has been taken. {lateFee}',
          '{nextStep}. You can pay by yourself at any time; ' +
            'if you have paid, please ignore this message.',
          'If you cannot pay now or the amount surprises you, reply to this message: ' +
            '{merchantName} will agree on a date with you.',
        ],
      },
    },
  },
  overdue_firm: {
    ...OVERDUE,
    texts: {
      'zh-CN': {
        subject: '{merchantName}：请尽快付清 {amount}',
        paragraphs: [
          '您好：',
          '您在 {merchantName} 的 {invoiceCount} 张账单共 {amount} 已逾期' +
            '（最早应于 {oldestDueDate} 支付），至今没有收到款项。{lateFee}',
          '{nextStep}。逾期过久，服务可能受到限制；付清后立即恢复。',
          '请尽快付款，或直接回复本消息约定付款日期或分期。',
        ],
      },
      en: {
        subject: '{merchantName}: please pay {amount} now',
        paragraphs: [
          'Hello,',
          '{invoiceCount} invoice(s) of {merchantName}, {amount} in all, are overdue ' +
            '(the oldest since {oldestDueDate}), and no money has arrived. {lateFee}',
          '{nextStep}. The service may be limited if this goes on; ' +
            'it comes back as soon as you have paid.',
          'Please pay, or reply to agree on a date or on instalments.',
        ],
      },
    },
  },
  overdue_last: {
    ...OVERDUE,
    texts: {
      'zh-CN': {
        subject: '最后提醒：{merchantName} {amount} 仍未付清',
        paragraphs: [
          '您好：',
          '这是最后一次提醒：您在 {merchantName} 的 {invoiceCount} 张账单共 {amount} 仍未付清，' +
            '没有扣走任何款项。{lateFee}',
          '{nextStep}。',
          '现在付款、约定付款日期或提出异议，都可以直接回复本消息。',
        ],
      },
      en: {
        subject: 'Last reminder: {amount} of {merchantName} is still unpaid',
        paragraphs: [
          'Hello,',
          'This is the last reminder: {invoiceCount} invoice(s) of {merchantName}, {amount} in ' +
            'all, are still unpaid, and no money has been taken. {lateFee}',
          '{nextStep}.',
          'To pay now, to agree on a date or to object, reply to this message.',
        ],
      },
    },
  },
  pay_link: {
    version: 1,
    samples: LINK_SAMPLES,
    required: ['amount', 'payUrl'],
    texts: {
      'zh-CN': {
        subject: '{merchantName}：{amount} 的付款链接',
        paragraphs: [
          '您好：',
          '您在 {merchantName} 有 {amount} 尚未付清，没有扣走任何款项。',
          '请在 {expiresOn} 前打开链接付款：{payUrl} 。链接有效期间不会另行扣款。',
          '对金额有疑问，请直接回复本消息。',
        ],
      },
      en: {
        subject: '{merchantName}: a link to pay {amount}',
        paragraphs: [
          'Hello,',
          '{amount} of {merchantName} is not paid yet, and no money has been taken.',
          'Please pay here before {expiresOn}: {payUrl} . ' +
            'While the link is open, nothing is debited.',
          'If the amount surprises you, reply to this message.',
        ],
      },
    },
  },
  promise_confirmed: {
    version: 1,
    samples: PROMISE_SAMPLES,
    required: ['amount', 'promisedDate'],
    texts: {
      'zh-CN': {
        subject: '{merchantName}：已记录您将于 {promisedDate} 付款 {amount}',
        paragraphs: [
          '您好：',
          '我们已记录：您将于 {promisedDate} 前付款 {amount}。目前没有扣走任何款项。',
          '在此之前 {merchantName} 不会再催缴，也不会因此发起新的扣款。',
          '付款日期有变化，请直接回复本消息。',
        ],
      },
      en: {
        subject: '{merchantName}: you will pay {amount} by {promisedDate}',
        paragraphs: [
          'Hello,',
          'We have noted that you will pay {amount} by {promisedDate}. No money has been taken.',
          'Until then {merchantName} sends no reminder and starts no new debit.',
          'If the date changes, reply to this message.',
        ],
      },
    },
  },
  arrears_cleared: {
    version: 1,
    samples: CLEARED_SAMPLES,
    required: ['amount'],
    texts: {
      'zh-CN': {
        subject: '{merchantName}：欠费已付清',
        paragraphs: [
          '您好：',
          '{merchantName} 已收到 {amount}，欠费全部付清，催缴到此为止。',
          '您无需再做任何事；账单和付款记录可随时查询。',
        ],
      },
      en: {
        subject: '{merchantName}: everything is paid',
        paragraphs: [
          'Hello,',
          '{merchantName} has received {amount}. Nothing is overdue any more, and reminders stop.',
          'There is nothing left for you to do.',
        ],
      },
    },
  },
} as const satisfies Readonly<Record<string, MessageTemplate>>;
