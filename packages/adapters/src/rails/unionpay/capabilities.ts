import { isWorkday, money, type RailCapabilities } from '@daikou/core';
import { BEIJING } from '../beijing.ts';

/**
 * What 全渠道 token payments (`bizType` 000902) can do and want. Reasons and sources: RESEARCH.md,
 * "Capabilities". No `submitWindow`: no hours are documented, and code 39 says when there are some.
 * No `announcement`, no `plannedDate`: the rail knows neither. No `closeAfterSeconds`: an order
 * cannot be closed. No `budgets`: what an issuer counts (code 81) is not published.
 */
export const UNIONPAY_CAPABILITIES: RailCapabilities = {
  currencies: ['CNY'],
  signingFlows: ['message_code', 'browser_page'],
  orderNumberMaxLength: 32,
  numberDiscipline: { afterRefusal: 'new_number', afterNeverSent: 'same_number' },
  completion: 'later',
  defaultSingleCap: money(100_000n, 'CNY'),
  refunds: {
    withinDays: 334,
    partial: true,
    maxPerPayment: 50,
    secondsBetween: 0,
    completion: 'later',
  },
  submitPerSecond: 100,
  billReadyAt: Temporal.PlainTime.from('10:00'),
  zone: BEIJING,
  settlesOn: isWorkday,
};
