import type { Refusal } from '../result/result.ts';

/** Why a subscription is not started or not changed; each names the field of the command. */
export type SubscriptionRefusalCode =
  | 'already_paused'
  | 'billing_day_out_of_range'
  | 'change_before_last_invoice'
  | 'change_before_start'
  | 'change_in_past'
  | 'currency_mix'
  | 'end_before_start'
  | 'interval_does_not_fit'
  | 'item_already_ended'
  | 'item_has_no_quantity'
  | 'item_unknown'
  | 'meter_billed_elsewhere'
  | 'no_items'
  | 'not_parked'
  | 'not_paused'
  | 'pause_ends_before_it_starts'
  | 'price_not_effective'
  | 'price_superseded'
  | 'price_version_unknown'
  | 'quantity_not_positive'
  | 'start_beyond_backdating'
  | 'start_too_far_back'
  | 'subscription_ended'
  | 'trial_ends_before_start'
  | 'contract_ends_before_it_starts';

export type SubscriptionRefusal = Refusal<SubscriptionRefusalCode> & { readonly field: string };

type Words = { readonly sentence: string; readonly next: string };

const REFUSALS: Record<SubscriptionRefusalCode, Words> = {
  already_paused: {
    sentence: 'The subscription is paused on that day already.',
    next: 'Resume it first, or choose a day outside the pause.',
  },
  billing_day_out_of_range: {
    sentence: 'A billing day is a day of the month, 1 to 31.',
    next: 'Give a day from 1 to 31; shorter months use their last day.',
  },
  change_before_last_invoice: {
    sentence: 'The day lies before the period that was billed last.',
    next: 'Choose a day in the present period, or give a credit note for the older one.',
  },
  change_before_start: {
    sentence: 'The day lies before the first day of service.',
    next: 'Choose the first day of service or a later one.',
  },
  change_in_past: {
    sentence: 'The day is over.',
    next: 'Choose today or a later day.',
  },
  currency_mix: {
    sentence: 'The price is in another currency than the subscription.',
    next: 'Start another subscription for it, one currency each.',
  },
  end_before_start: {
    sentence: 'The end lies before the first day of service.',
    next: 'Choose an end after the start.',
  },
  interval_does_not_fit: {
    sentence: 'The price recurs at another rhythm than a whole number of billing intervals.',
    next: 'Bill at the interval of the price, or choose a price that fits.',
  },
  item_already_ended: {
    sentence: 'The item has ended by that day.',
    next: 'Choose the item that followed it, or an earlier day.',
  },
  item_has_no_quantity: {
    sentence: 'What is metered or billed once has no number of units to change.',
    next: 'Remove the item, or add another one.',
  },
  item_unknown: {
    sentence: 'The subscription has no such item.',
    next: 'Look the items of the subscription up.',
  },
  meter_billed_elsewhere: {
    sentence: 'Another subscription of this customer bills the same meter on the same days.',
    next: 'End the metered item there first, or count with another meter.',
  },
  no_items: {
    sentence: 'A subscription has at least one item.',
    next: 'Name what is sold.',
  },
  not_parked: {
    sentence: 'The subscription is not parked.',
    next: 'Nothing has to be done.',
  },
  not_paused: {
    sentence: 'The subscription is not paused on that day or later.',
    next: 'Nothing has to be done.',
  },
  pause_ends_before_it_starts: {
    sentence: 'The pause would end before it starts.',
    next: 'Choose a later day to resume on.',
  },
  price_not_effective: {
    sentence: 'The price version does not hold yet on that day.',
    next: 'Take the version that holds, or start on its first day.',
  },
  price_superseded: {
    sentence: 'A newer version of the price holds on that day.',
    next: 'Take the newest version that holds; an agreed price keeps an older amount.',
  },
  price_version_unknown: {
    sentence: 'There is no such price version in the catalogue.',
    next: 'Publish the price, or take another one.',
  },
  quantity_not_positive: {
    sentence: 'A quantity is one or more.',
    next: 'Remove the item to have none of it.',
  },
  start_beyond_backdating: {
    sentence: 'The start lies more than 400 billing periods back, each of which would be a bill.',
    next: 'Choose a later start, or a longer interval.',
  },
  start_too_far_back: {
    sentence: 'The start lies more than one billing period back.',
    next: 'Choose a later start, or say that it is meant to be backdated.',
  },
  subscription_ended: {
    sentence: 'The subscription has ended.',
    next: 'Start a new one.',
  },
  trial_ends_before_start: {
    sentence: 'The trial would end before the first day of service.',
    next: 'Choose a later end of the trial, or none.',
  },
  contract_ends_before_it_starts: {
    sentence: 'The contract would end before it starts.',
    next: 'Choose a later end of the contract.',
  },
};

export function subscriptionRefusal(
  code: SubscriptionRefusalCode,
  field: string,
): SubscriptionRefusal {
  return { code, ...REFUSALS[code], field };
}
