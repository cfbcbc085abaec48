import { money, type RailCapabilities } from '@daikou/core';
import { BEIJING } from '../beijing.ts';
import type { AlipaySettings } from './config.ts';

/**
 * What 周期扣款 (`CYCLE_PAY_AUTH`) can do and wants. Reasons and sources: RESEARCH.md, "Capabilities".
 * No `announcement`: Alipay reminds the payer itself and takes no call for it. No `submitWindow`:
 * no hours are documented.
 */
export const ALIPAY_CAPABILITIES: RailCapabilities = {
  currencies: ['CNY'],
  signingFlows: ['browser_page', 'app', 'pay_and_sign'],
  orderNumberMaxLength: 64,
  numberDiscipline: { afterRefusal: 'new_number', afterNeverSent: 'same_number' },
  completion: 'reply',
  plannedDate: { earlyDays: 5, latestDayOfMonth: 28 },
  defaultSingleCap: money(50_000n, 'CNY'),
  budgets: { dailyCap: money(100_000n, 'CNY') },
  refunds: {
    withinDays: 365,
    partial: true,
    maxPerPayment: 50,
    secondsBetween: 3,
    completion: 'reply',
  },
  submitPerSecond: 150,
  closeAfterSeconds: 0,
  billReadyAt: Temporal.PlainTime.from('10:00'),
  zone: BEIJING,
};

/** What the configured product can do: 商家扣款 (`GENERAL_WITHHOLDING`) keeps no planned date. */
export function alipayCapabilities(settings: AlipaySettings): RailCapabilities {
  if (settings.productCode === 'CYCLE_PAY_AUTH') return ALIPAY_CAPABILITIES;
  const { plannedDate: _, ...others } = ALIPAY_CAPABILITIES;
  return others;
}
