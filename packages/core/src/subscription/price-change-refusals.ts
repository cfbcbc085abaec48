import type { Refusal } from '../result/result.ts';

export type PriceChangeRefusalCode =
  | 'steps_missing'
  | 'too_many_steps'
  | 'price_version_unknown'
  | 'step_twice'
  | 'step_changes_nothing'
  | 'currency_mix'
  | 'version_of_another_price'
  | 'version_not_effective'
  | 'notice_days_too_few'
  | 'effective_too_early'
  | 'fallback_too_early'
  | 'fallback_incomplete'
  | 'reason_missing'
  | 'price_change_not_draft'
  | 'price_change_not_published'
  | 'price_change_begun'
  | 'price_change_over'
  | 'price_change_decided'
  | 'not_touched'
  | 'answered_in_future'
  | 'answered_before_publication'
  | 'evidence_not_valid'
  | 'rise_without_consent';
export type PriceChangeRefusal = Refusal<PriceChangeRefusalCode>;

type Words = { readonly sentence: string; readonly next: string };

const REFUSALS: Record<PriceChangeRefusalCode, Words> = {
  steps_missing: {
    sentence: 'The price change replaces no price version.',
    next: 'Name at least one price version and the one that replaces it.',
  },
  too_many_steps: {
    sentence: 'The price change replaces more than 200 price versions.',
    next: 'Split it into several price changes.',
  },
  price_version_unknown: {
    sentence: 'The price version is not in the catalogue.',
    next: 'Publish it first, or correct the id.',
  },
  step_twice: {
    sentence: 'The same price version is replaced twice, or replaced and brought.',
    next: 'Name each price version once.',
  },
  step_changes_nothing: {
    sentence: 'The price version would be replaced by itself.',
    next: 'Name the version that replaces it.',
  },
  currency_mix: {
    sentence: 'The two price versions are in different currencies.',
    next: 'Replace a version by one in the same currency.',
  },
  version_of_another_price: {
    sentence: 'The two price versions belong to different prices.',
    next: 'Replace a version by another version of the same price; a new plan is a plan change.',
  },
  version_not_effective: {
    sentence: 'The price version does not hold yet on the effective day.',
    next: 'Choose a later effective day, or publish a version that holds from that day.',
  },
  notice_days_too_few: {
    sentence: 'Customers must have at least 30 days between the notice and the new price.',
    next: 'Leave notice_days out, or send 30 or more.',
  },
  effective_too_early: {
    sentence: 'The new prices would take effect before the days of notice are over.',
    next: 'Choose a later effective day.',
  },
  fallback_too_early: {
    sentence: 'The old price would end before the new one begins.',
    next: 'Choose a day after the effective day, or let customers leave without penalty.',
  },
  fallback_incomplete: {
    sentence: 'The downgrade does not say what replaces each price version.',
    next: 'Name a version of the smaller plan for each version that the price change replaces.',
  },
  reason_missing: {
    sentence: 'The reason of the price change is missing.',
    next: 'Say why, in words that customers may read.',
  },
  price_change_not_draft: {
    sentence: 'Only a draft can be published.',
    next: 'Look the price change up: it was published or withdrawn already.',
  },
  price_change_not_published: {
    sentence: 'The price change is not published, so nobody was asked.',
    next: 'Publish it first.',
  },
  price_change_begun: {
    sentence: 'The price change was carried out for some customers already.',
    next: 'Publish another price change that brings the old prices back.',
  },
  price_change_over: {
    sentence: 'The price change was applied or withdrawn already.',
    next: 'Publish another price change.',
  },
  price_change_decided: {
    sentence: 'What follows from the price change is decided for this subscription.',
    next: 'Change the subscription itself, with the customer’s evidence.',
  },
  not_touched: {
    sentence: 'The price change does not touch a subscription of this customer.',
    next: 'Check the id; customers who joined since are added within the hour.',
  },
  answered_in_future: {
    sentence: 'The time of the answer or of the delivery has not come yet.',
    next: 'Send the time at which it happened.',
  },
  answered_before_publication: {
    sentence: 'The customer would have answered, or been told, before the change was published.',
    next: 'Send what the customer said to this price change.',
  },
  evidence_not_valid: {
    sentence: 'The evidence is not a SHA-256 in hexadecimal digits.',
    next: 'Send the hash of the recording, the form or the message.',
  },
  rise_without_consent: {
    sentence: 'The customer would pay more without having agreed to it.',
    next: 'Send the evidence of the consent, or run a price change and record the answer.',
  },
};

/** The refusal with its sentence; `field` names the input that caused it. */
export function priceChangeRefusal(
  code: PriceChangeRefusalCode,
  field: string,
): PriceChangeRefusal {
  return { code, ...REFUSALS[code], field };
}
