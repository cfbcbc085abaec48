import type { Refusal } from '../result/result.ts';

export type PriceModelRefusalCode =
  | 'price_model_malformed'
  | 'price_model_unknown'
  | 'price_model_field_missing'
  | 'price_model_field_unknown'
  | 'price_number_not_a_decimal'
  | 'price_number_too_precise'
  | 'price_number_too_large'
  | 'price_number_not_whole'
  | 'price_amount_negative'
  | 'price_size_not_positive'
  | 'price_rate_above_one'
  | 'price_bounds_crossed'
  | 'price_rounding_unknown'
  | 'price_tiers_missing'
  | 'price_tiers_too_many'
  | 'price_tiers_not_rising'
  | 'price_tier_open_not_last'
  | 'price_tiers_not_open_ended'
  | 'price_buckets_nested';
export type PriceModelRefusal = Refusal<PriceModelRefusalCode>;

/** More tiers than any price list that a person can check; also a bound on the work of rating. */
export const MAX_TIERS = 100;

const REFUSALS: Record<
  PriceModelRefusalCode,
  { readonly sentence: string; readonly next: string }
> = {
  price_model_malformed: {
    sentence: 'The price model is not an object with a type.',
    next: 'Send an object such as {"type": "per_unit", "unit_amount": "0.01"}.',
  },
  price_model_unknown: {
    sentence: 'There is no price model of this type.',
    next: 'Use one of the types of the reference, for example flat, per_unit or graduated.',
  },
  price_model_field_missing: {
    sentence: 'A field that the price model needs is missing.',
    next: 'Add the field.',
  },
  price_model_field_unknown: {
    sentence: 'The price model has a field that its type does not know.',
    next: 'Check the spelling, or remove the field: it would have no effect.',
  },
  price_number_not_a_decimal: {
    sentence: 'The value is not a decimal number written as text.',
    next: 'Write it as text of digits with at most one decimal point, for example "0.0015".',
  },
  price_number_too_precise: {
    sentence: 'The value has more than 12 decimal places.',
    next: 'Round it to 12 decimal places before it is sent.',
  },
  price_number_too_large: {
    sentence: 'The value has more than 15 digits before the point.',
    next: 'Check the value, or use a larger unit.',
  },
  price_number_not_whole: {
    sentence: 'The value is a count, and a count is a whole number.',
    next: 'Write it without decimals.',
  },
  price_amount_negative: {
    sentence: 'The value is below zero.',
    next: 'Use zero or more; money back is a discount or a credit note.',
  },
  price_size_not_positive: {
    sentence: 'The size is zero or less.',
    next: 'Use a size above zero.',
  },
  price_rate_above_one: {
    sentence: 'The rate is more than 100 %.',
    next: 'Write the rate as a share: 2.9 % is "0.029".',
  },
  price_bounds_crossed: {
    sentence: 'The minimum of an event is above its maximum.',
    next: 'Lower the minimum or raise the maximum.',
  },
  price_rounding_unknown: {
    sentence: 'A started package is rounded up or down.',
    next: 'Write "up" or "down".',
  },
  price_tiers_missing: {
    sentence: 'The price model has no tiers.',
    next: 'Send a list with at least one tier.',
  },
  price_tiers_too_many: {
    sentence: `The price model has more than ${MAX_TIERS} tiers.`,
    next: 'Join tiers, or use a percentage.',
  },
  price_tiers_not_rising: {
    sentence: 'The bound of the tier is not above the bound of the tier before it.',
    next: 'Sort the tiers by up_to, each bound once: tiers may not overlap.',
  },
  price_tier_open_not_last: {
    sentence: 'A tier without a bound stands before another tier, which nothing could reach.',
    next: 'Give the tier a bound, or move it to the end.',
  },
  price_tiers_not_open_ended: {
    sentence: 'The last tier has a bound, so that usage above it would have no price.',
    next: 'Leave the bound of the last tier out.',
  },
  price_buckets_nested: {
    sentence: 'The price of a bucket is a model of a plain quantity.',
    next: 'Use flat, per_unit, graduated, volume, package or blocks inside buckets.',
  },
};

/** The refusal of `code` for the field at `field`, for example `tiers[1].up_to`. */
export function priceModelRefusal(code: PriceModelRefusalCode, field: string): PriceModelRefusal {
  return field === '' ? { code, ...REFUSALS[code] } : { code, ...REFUSALS[code], field };
}
