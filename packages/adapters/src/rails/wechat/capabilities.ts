import { money, type RailCapabilities, type RefundRules } from '@daikou/core';
import { BEIJING } from '../beijing.ts';
import { WECHAT_FLOWS, type WechatConfig } from './config.ts';

/** Submit and announcement are answered from 07:00 to 22:00 Beijing only (WXDOC 4011987402). */
const OPEN_HOURS = {
  from: Temporal.PlainTime.from('07:00'),
  until: Temporal.PlainTime.from('22:00'),
  zone: BEIJING,
} as const;

const DAY_SECONDS = 24 * 60 * 60;

/**
 * What 委托代扣 can do and wants, by what the merchant has configured. Reasons and sources:
 * RESEARCH.md, "Capabilities".
 */
export function wechatCapabilities(
  settings: Pick<WechatConfig, 'noticeMode' | 'signingFlows' | 'clientCertificate'>,
): RailCapabilities {
  return {
    currencies: ['CNY'],
    signingFlows: settings.signingFlows ?? WECHAT_FLOWS,
    orderNumberMaxLength: 32,
    numberDiscipline: { afterRefusal: 'new_number', afterNeverSent: 'same_number' },
    completion: 'later',
    ...(settings.noticeMode === 'notice_24h' ? AFTER_24_HOURS : AFTER_ANNOUNCEMENT),
    defaultSingleCap: money(50_000n, 'CNY'),
    successesPerDay: 1,
    budgets: { attemptsPerDay: 150, successesPerCycle: 2, dailyCap: money(250_000n, 'CNY') },
    ...(settings.clientCertificate !== undefined && { refunds: REFUND_RULES }),
    submitPerSecond: 150,
    closeAfterSeconds: 300,
    billReadyAt: Temporal.PlainTime.from('10:00'),
    zone: BEIJING,
  };
}

/** The template with 预扣费通知: our call two days before, then three days of open hours. */
const AFTER_ANNOUNCEMENT = {
  submitWindow: OPEN_HOURS,
  announcement: {
    leadDays: 2,
    windowDays: 3,
    window: OPEN_HOURS,
    exemptAfterSigningSeconds: DAY_SECONDS / 2,
  },
} as const;

/**
 * The template with 通知后24小时扣费: any hour, and WeChat holds the order for 24 hours. One hour more
 * for its own work, before an order that is still open is closed.
 */
const AFTER_24_HOURS = { patienceSeconds: DAY_SECONDS + 60 * 60 } as const;

/** One year, 50 parts, a minute between two of them (WXDOC 4011987741); the end comes later. */
const REFUND_RULES: RefundRules = {
  withinDays: 365,
  partial: true,
  maxPerPayment: 50,
  secondsBetween: 60,
  completion: 'later',
};

/** The capabilities of a merchant who configured nothing beyond the keys. */
export const WECHAT_CAPABILITIES: RailCapabilities = wechatCapabilities({});
