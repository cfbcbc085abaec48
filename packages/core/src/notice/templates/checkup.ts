import type { MessageTemplate } from './template.ts';

/** What a look before a debit found that the payer can mend, and the monthly self-audit. */
export const CHECKUP_TEMPLATES = {
  checkup: {
    version: 1,
    required: ['amount', 'collectDate', 'findings'],
    samples: {
      'zh-CN': {
        merchantName: '云笔记',
        amount: '¥29.85',
        collectDate: '2026-12-06',
        findings: '示例支付的代扣协议已失效，2026-12-06 应扣的 ¥29.85 无法扣款。',
      },
      en: {
        merchantName: 'Cloud Notes',
        amount: '¥29.85',
        collectDate: '2026-12-06',
        findings:
          'The mandate on Example Pay is not in force, so ¥29.85 cannot be collected on ' +
          '2026-12-06.',
      },
    },
    texts: {
      'zh-CN': {
        subject: '{collectDate} 扣款 {amount} 前请您核对：{merchantName}',
        paragraphs: [
          '您好：',
          '{merchantName} 计划于 {collectDate} 扣款 {amount}，目前尚未扣款。扣款前检查发现：',
          '{findings}',
          '您可以在扣款前更换付款方式、重新签约、答复调价或退订；不处理时，' +
            '{merchantName} 会在扣款前另行通知您金额和日期。',
        ],
      },
      en: {
        subject: 'Please check before {amount} is collected on {collectDate}: {merchantName}',
        paragraphs: [
          'Hello,',
          '{merchantName} plans to collect {amount} on {collectDate}. No money has moved yet. ' +
            'A check before the debit found:',
          '{findings}',
          'Until then you can change the payment method, sign again, answer a price change or ' +
            'end the subscription. The amount and the date are announced to you before the debit.',
        ],
      },
    },
  },
  self_audit: {
    version: 1,
    required: ['subscriptions', 'mandates'],
    samples: {
      'zh-CN': {
        merchantName: '云笔记',
        month: '2026-12',
        mandates: '示例支付',
        subscriptions: '「专业版」下次计费 2026-12-14，上期 ¥29.85',
        findings: '无',
        priceChanges: '无',
      },
      en: {
        merchantName: 'Cloud Notes',
        month: '2026-12',
        mandates: 'Example Pay',
        subscriptions: '“Professional”, next 2026-12-14, last ¥29.85',
        findings: 'none',
        priceChanges: 'none',
      },
    },
    texts: {
      'zh-CN': {
        subject: '{month} 自动扣费自查：{merchantName}',
        paragraphs: [
          '您好：以下是您在 {merchantName} 的全部自动扣费，本信息不涉及扣款。',
          '代扣协议：{mandates}',
          '订阅：{subscriptions}',
          '需要留意：{findings}',
          '待答复的调价：{priceChanges}',
          '不再需要？您可以随时向 {merchantName} 退订，或在签约的支付应用中关闭扣费服务，' +
            '关闭后不会再扣款。',
        ],
      },
      en: {
        subject: 'Your automatic debits in {month}: {merchantName}',
        paragraphs: [
          'Hello, these are all automatic debits that {merchantName} may make. ' +
            'No money moves by this message.',
          'Mandates: {mandates}',
          'Subscriptions: {subscriptions}',
          'Worth a look: {findings}',
          'Price changes that wait for your answer: {priceChanges}',
          'Not needed any more? Tell {merchantName} at any time, or end the mandate in the app ' +
            'in which you signed it; nothing is collected after that.',
        ],
      },
    },
  },
} as const satisfies Readonly<Record<string, MessageTemplate>>;
