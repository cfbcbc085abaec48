import { money, type RailCapabilities } from '@daikou/core';
import { isTargetDay } from './target-days.ts';

/**
 * What SEPA Direct Debit can do and wants. Reasons and sources: RESEARCH.md, "Capabilities". No
 * `closeAfterSeconds`: calling a file back (camt.055) is a service that few banks sell. No
 * `announcement`: the pre-notification is the creditor's own message. No `plannedDate`, no
 * `submitWindow`: a file may be handed over at any hour; its cut-off moves the collection date.
 */
export const SEPA_CAPABILITIES: RailCapabilities = {
  currencies: ['EUR'],
  signingFlows: ['paper'],
  orderNumberMaxLength: 35,
  numberDiscipline: { afterRefusal: 'new_number', afterNeverSent: 'same_number' },
  completion: 'later',
  defaultSingleCap: money(1_000_000n, 'EUR'),
  noticeDays: 14,
  returnsWithinDays: 56,
  refunds: {
    withinDays: 365,
    partial: true,
    maxPerPayment: 50,
    secondsBetween: 0,
    completion: 'later',
  },
  submitPerSecond: 1_000,
  billReadyAt: Temporal.PlainTime.from('08:00'),
  zone: 'Europe/Berlin',
  settlesOn: isTargetDay,
};
