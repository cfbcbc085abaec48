import type { JsonObject } from '../policy/policy.ts';
import { invariant } from '../result/invariant.ts';
import type { Campaign } from './campaign.ts';
import { readCampaign } from './read-campaign.ts';

/**
 * How arrears are chased where the merchant has published no campaign: three messages, two debits
 * with a notice each, one pay link, one call, and an end after thirty days. The document is the one
 * that a merchant copies to begin its own.
 */
export const DEFAULT_CAMPAIGN_BODY: JsonObject = {
  thresholds: { CNY: 100, EUR: 100, HKD: 100, USD: 100 },
  customers: 'all',
  debit: {
    hours_between: 24,
    stop_at: ['account', 'mandate', 'risk', 'merchant_fault'],
    other_methods: true,
    budget: { tries: 15, days: 30 },
    best_hour: true,
  },
  steps: [
    { day: 0, from: '10:00', until: '20:00', do: 'message', tone: 'friendly' },
    { day: 3, from: '09:00', until: '18:00', do: 'collect' },
    { day: 7, from: '10:00', until: '20:00', do: 'message', tone: 'firm' },
    { day: 10, from: '09:00', until: '18:00', do: 'collect' },
    { day: 14, from: '10:00', until: '20:00', do: 'pay_link' },
    { day: 17, from: '09:00', until: '18:00', do: 'call_task' },
    { day: 24, from: '10:00', until: '20:00', do: 'message', tone: 'last' },
  ],
  end: { max_days: 30, max_tries: 8 },
  promises: { most: 2, within_days: 14 },
};

/** The default campaign, read. */
export const DEFAULT_CAMPAIGN: Campaign = campaignOf(DEFAULT_CAMPAIGN_BODY);

/** A campaign from a document that was read before; another one is our bug. */
export function campaignOf(body: JsonObject): Campaign {
  const read = readCampaign(body);
  invariant(read.ok, 'a campaign that was published can be read again');
  return read.value;
}
