import type { InvoiceState } from '../invoice/invoice.ts';
import type { AttemptState } from './attempt.ts';
import type { ExplainWords, Story } from './explain-words.ts';

const what = (story: Story) => `${story.merchant} ${story.plan}`;

const CHANNELS = {
  mail: '邮件',
  sms: '短信',
  official_account: '公众号',
  dingtalk: '钉钉',
  wecom: '企业微信',
  inbox: '站内信',
  webhook: '系统推送',
  rail: '支付平台',
} as const;

const OUTCOMES: Readonly<Record<AttemptState, string>> = {
  submitting: '已提交',
  accepted: '已受理',
  unknown: '待确认',
  succeeded: '成功',
  refused: '未成功',
  closed: '已关闭，未扣款',
  never_sent: '未发出',
  late_success: '成功（迟到）',
};

const BY_HAND: Readonly<Record<InvoiceState, string>> = {
  draft: '账单尚未开出，没有扣款。',
  open: '由您自行支付，不会自动扣款。',
  paid: '已付清，没有自动扣款。',
  void: '账单已作废，不会扣款。',
};

export const CHINESE: ExplainWords = {
  succeeded: (story) => `${story.on} 通过${story.rail}扣款 ${story.amount}：${what(story)}。`,
  takenAgain: (story, surplus) =>
    `${story.on} 通过${story.rail}扣款 ${story.amount}：${what(story)}。另多扣 ${surplus}，应退还。`,
  inFlight: (story) =>
    `${story.amount} 已提交${story.rail}，结果待确认：${what(story)}。确认前不会再次扣款。`,
  takenWhileOpen: (story) =>
    `${story.on} 通过${story.rail}扣款 ${story.amount}：${what(story)}。` +
    `另一笔订单结果待确认，如多扣应退还。`,
  scheduled: (story) =>
    `计划于 ${story.on} 通过${story.rail}扣款 ${story.amount}：${what(story)}。尚未扣款。`,
  failed: (story) => `未扣款：${what(story)} ${story.amount} 扣款失败。`,
  canceled: (story) => `不会扣款：${what(story)} ${story.amount} 的扣款已取消。`,
  takenForNothing: (story) =>
    `${story.on} 通过${story.rail}扣款 ${story.amount}，但${what(story)}已无应付款，应退还。`,
  byHand: (story, state) => `${what(story)} ${story.amount}：${BY_HAND[state]}`,
  agreedPrice: '（约定价）',
  lineName: (line) => line.nameZh,
  invoice: (number, period) => `账单 ${number}，${period}`,
  total: (total, tax) => `合计 ${total}（含税 ${tax}）`,
  notSigned: '代扣协议尚未签署',
  signed: (contractCode, { rail, on }) => `${on} 在${rail}签署代扣协议 ${contractCode}`,
  notice: ({ channel, amount, collectDate, hasFailed, deliveredOn }) => {
    const waiting = hasFailed ? '未送达' : '尚未送达';
    const state = deliveredOn === undefined ? waiting : `${deliveredOn} 已送达`;
    return `${CHANNELS[channel]}通知 ${state}：${collectDate} 扣款 ${amount}`;
  },
  attempt: ({ ordinal, on, state, code, orderNumber, railReference }) => {
    const outcome = `${OUTCOMES[state]}${code === '' ? '' : `（${code}）`}`;
    const trade = railReference === undefined ? '' : `，交易单号 ${railReference}`;
    return `${on} 第 ${ordinal} 次扣款 ${outcome}，商户订单号 ${orderNumber}${trade}`;
  },
};
