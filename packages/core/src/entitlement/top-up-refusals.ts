import type { Refusal } from '../result/result.ts';

export type TopUpRefusalCode =
  | 'top_up_not_of_payer'
  | 'top_up_below_zero'
  | 'top_up_not_positive'
  | 'top_up_currency_mix'
  | 'top_up_cap_too_low'
  | 'top_up_evidence_not_valid'
  | 'top_up_consent_in_future'
  | 'top_up_without_name'
  | 'top_up_subscription_wrong'
  | 'top_up_not_agreed';

/** Why a top-up is not agreed to, changed or stopped. */
export type TopUpRefusal = Refusal<TopUpRefusalCode>;

const REFUSALS: Record<TopUpRefusalCode, Omit<TopUpRefusal, 'code'>> = {
  top_up_not_of_payer: {
    sentence: 'A department or member has no balance of its own.',
    next: 'Agree it with the organisation that pays.',
    field: 'id',
  },
  top_up_below_zero: {
    sentence: 'A balance is never below zero.',
    next: 'Give a threshold of zero or more.',
    field: 'low.amount',
  },
  top_up_not_positive: {
    sentence: 'A top-up is more than nothing.',
    next: 'Give an amount above zero.',
    field: 'amount.amount',
  },
  top_up_currency_mix: {
    sentence: 'The threshold, the amount and the monthly cap are not of one currency.',
    next: 'Give all three in the currency of the balance.',
    field: 'amount.currency',
  },
  top_up_cap_too_low: {
    sentence: 'The monthly cap is below one top-up, so none could ever be made.',
    next: 'Give a cap of at least one amount.',
    field: 'monthly_cap.amount',
  },
  top_up_evidence_not_valid: {
    sentence: 'The evidence is not a SHA-256 in 64 hexadecimal digits.',
    next: 'Send the hash of the recording, the form or the message.',
    field: 'consent.evidence_hash',
  },
  top_up_consent_in_future: {
    sentence: 'The customer cannot have agreed in the future.',
    next: 'Give the time at which the customer agreed.',
    field: 'consent.at',
  },
  top_up_without_name: {
    sentence: 'The rule does not say who recorded it.',
    next: 'Give the name of the person.',
    field: 'by',
  },
  top_up_subscription_wrong: {
    sentence: 'The customer has no such subscription that goes on.',
    next: 'Name a subscription of this customer that has not ended; its bills carry the top-ups.',
    field: 'subscription_id',
  },
  top_up_not_agreed: {
    sentence: 'The customer has agreed to no automatic top-up in this currency.',
    next: 'Nothing has to be stopped.',
    field: 'currency',
  },
};

export function topUpRefusal(code: TopUpRefusalCode): TopUpRefusal {
  return { code, ...REFUSALS[code] };
}
