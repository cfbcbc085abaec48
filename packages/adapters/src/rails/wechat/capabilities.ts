import { money, type RailCapabilities } from '@daikou/core';
import { BEIJING } from '../beijing.ts';

/** Submit and announcement are answered from 07:00 to 22:00 Beijing only (WXDOC 4011987402). */
const OPEN_HOURS = {
  from: Temporal.PlainTime.from('07:00'),
  until: Temporal.PlainTime.from('22:00'),
  zone: BEIJING,
} as const;

/**
 * What 委托代扣 with pre-deduction notice can do and wants. Reasons and sources: RESEARCH.md,
 * "Capabilities".
 */
export const WECHAT_CAPABILITIES: RailCapabilities = {
  currencies: ['CNY'],
  signingFlows: ['browser_page'],
  orderNumberMaxLength: 32,
  numberDiscipline: { afterRefusal: 'new_number', afterNeverSent: 'same_number' },
  completion: 'later',
  submitWindow: OPEN_HOURS,
  announcement: { leadDays: 2, windowDays: 3, window: OPEN_HOURS },
  defaultSingleCap: money(50_000n, 'CNY'),
  successesPerDay: 1,
  submitPerSecond: 150,
  closeAfterSeconds: 300,
  billReadyAt: Temporal.PlainTime.from('10:00'),
  zone: BEIJING,
};
