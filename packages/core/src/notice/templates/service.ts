import type { Locale } from '../../customer/customer.ts';
import type { MessageVariables } from '../notice.ts';
import type { MessageTemplate } from './template.ts';

const SAMPLES: Readonly<Record<Locale, MessageVariables>> = {
  'zh-CN': {
    merchantName: '云笔记',
    amount: '¥29.85',
    dueDate: '2026-12-06',
    suspendDate: '2026-12-16',
    deletionDate: '2027-03-06',
  },
  en: {
    merchantName: 'Cloud Notes',
    amount: '¥29.85',
    dueDate: '2026-12-06',
    suspendDate: '2026-12-16',
    deletionDate: '2027-03-06',
  },
};

/** What arrears do to a service: each says what is owed, what stops when, and what helps. */
export const SERVICE_TEMPLATES = {
  service_warned: {
    version: 1,
    samples: SAMPLES,
    required: ['amount', 'suspendDate'],
    texts: {
      'zh-CN': {
        subject: '{merchantName}：{amount} 尚未付清，服务将于 {suspendDate} 暂停',
        paragraphs: [
          '您好：',
          '您在{merchantName}有 {amount} 自 {dueDate} 起尚未付清。目前服务照常使用，没有另外扣款。',
          '如果到 {suspendDate} 仍未付清，服务将暂停。付清后服务会自动恢复，无需申请。',
          '已经付款、金额有疑问或需要延期？请直接回复，{merchantName} 会为您核实；' +
            '付款结果不明确时不会停用服务。',
        ],
      },
      en: {
        subject: '{merchantName}: {amount} is unpaid; your service stops on {suspendDate}',
        paragraphs: [
          'Hello,',
          'You owe {merchantName} {amount}, the oldest part since {dueDate}. ' +
            'Your service works as usual, and nothing else was collected.',
          'If it is not paid by {suspendDate}, the service will be suspended. ' +
            'Once it is paid the service comes back by itself.',
          'Paid already, not sure about the amount, or in need of more time? ' +
            'Reply to this message; no service is cut while a payment has no known result.',
        ],
      },
    },
  },
  service_suspended: {
    version: 1,
    samples: SAMPLES,
    required: ['amount'],
    texts: {
      'zh-CN': {
        subject: '{merchantName}：服务已暂停，付清 {amount} 后自动恢复',
        paragraphs: [
          '您好：',
          '您在{merchantName}有 {amount} 自 {dueDate} 起尚未付清，服务自 {suspendDate} 起暂停。',
          '付清后服务会在几秒内自动恢复。您的数据完整保留，暂停期间可以导出。',
          '已经付款或对金额有疑问？请直接回复，{merchantName} 会为您核实。',
        ],
      },
      en: {
        subject: '{merchantName}: your service is suspended until {amount} is paid',
        paragraphs: [
          'Hello,',
          'You owe {merchantName} {amount}, the oldest part since {dueDate}. ' +
            'The service is suspended since {suspendDate}.',
          'It comes back by itself within seconds of the payment. ' +
            'Your data are kept, and you can export them meanwhile.',
          'Paid already, or not sure about the amount? Reply to this message.',
        ],
      },
    },
  },
  service_restored: {
    version: 1,
    samples: SAMPLES,
    required: ['merchantName'],
    texts: {
      'zh-CN': {
        subject: '{merchantName}：服务已恢复',
        paragraphs: [
          '您好：',
          '您在{merchantName}的服务已经恢复，可以照常使用。目前逾期未付金额：{amount}。',
          '如果服务仍不可用，请直接回复，{merchantName} 会为您处理。',
        ],
      },
      en: {
        subject: '{merchantName}: your service is back',
        paragraphs: [
          'Hello,',
          'Your service at {merchantName} is back. Overdue at this moment: {amount}.',
          'If something does not work yet, reply to this message.',
        ],
      },
    },
  },
  service_deletion_due: {
    version: 1,
    samples: SAMPLES,
    required: ['amount', 'deletionDate'],
    texts: {
      'zh-CN': {
        subject: '{merchantName}：您的数据保留至 {deletionDate}',
        paragraphs: [
          '您好：',
          '您在{merchantName}有 {amount} 自 {dueDate} 起尚未付清，服务已暂停。',
          '您的数据保留至 {deletionDate}，此后可能被删除且无法恢复。在此之前您可以随时导出，' +
            '或付清后恢复服务。',
          '需要更多时间或对金额有疑问？请直接回复，{merchantName} 会为您核实。',
        ],
      },
      en: {
        subject: '{merchantName}: your data are kept until {deletionDate}',
        paragraphs: [
          'Hello,',
          'You owe {merchantName} {amount}, the oldest part since {dueDate}, ' +
            'and the service is suspended.',
          'Your data are kept until {deletionDate}; after that they may be deleted for good. ' +
            'Until then you can export them, or pay and have the service back.',
          'Need more time, or not sure about the amount? Reply to this message.',
        ],
      },
    },
  },
} as const satisfies Readonly<Record<string, MessageTemplate>>;

const BALANCE_SAMPLES: Readonly<Record<Locale, MessageVariables>> = {
  'zh-CN': { merchantName: '云笔记', balance: '¥12.00', lasts: '按近 30 天的使用约可用 6 天' },
  en: {
    merchantName: 'Cloud Notes',
    balance: '¥12.00',
    lasts: 'it lasts about 6 days at the use of the last 30',
  },
};

/** Prepaid money that runs low. Nothing was collected, and nothing stops by itself. */
export const BALANCE_TEMPLATES = {
  balance_low: {
    version: 1,
    samples: BALANCE_SAMPLES,
    required: ['balance'],
    texts: {
      'zh-CN': {
        subject: '{merchantName}：账户余额还剩 {balance}',
        paragraphs: [
          '您好：',
          '您在{merchantName}的账户余额还剩 {balance}，{lasts}。本提醒没有扣款。',
          '余额用完后，账单将按您约定的方式付款。您可以现在充值；对金额有疑问，请直接回复。',
        ],
      },
      en: {
        subject: '{merchantName}: {balance} is left of your balance',
        paragraphs: [
          'Hello,',
          '{balance} is left of your balance at {merchantName}; {lasts}. Nothing was collected.',
          'When it is used up, invoices are paid as you agreed. You can top it up now; ' +
            'if the amount surprises you, reply to this message.',
        ],
      },
    },
  },
} as const satisfies Readonly<Record<string, MessageTemplate>>;
