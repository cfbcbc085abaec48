import { money, type RailCapabilities } from '@daikou/core';
import { BEIJING } from '../beijing.ts';

/**
 * What 周期扣款 (`CYCLE_PAY_AUTH`) can do and wants. Reasons and sources: RESEARCH.md, "Capabilities".
 * No `announcement`: Alipay reminds the payer itself and takes no call for it. No `submitWindow`:
 * no hours are documented.
 */
export const ALIPAY_CAPABILITIES: RailCapabilities = {
  currencies: ['CNY'],
  signingFlows: ['browser_page'],
  orderNumberMaxLength: 64,
  numberDiscipline: { afterRefusal: 'new_number', afterNeverSent: 'same_number' },
  completion: 'reply',
  plannedDate: { earlyDays: 5, latestDayOfMonth: 28 },
  defaultSingleCap: money(50_000n, 'CNY'),
  submitPerSecond: 150,
  closeAfterSeconds: 0,
  billReadyAt: Temporal.PlainTime.from('10:00'),
  zone: BEIJING,
};
