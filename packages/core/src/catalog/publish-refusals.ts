import type { Refusal } from '../result/result.ts';
import type { PriceModelRefusalCode } from './price-model-refusals.ts';

export type PublishRefusalCode =
  | PriceModelRefusalCode
  | 'catalogue_malformed'
  | 'catalogue_empty'
  | 'field_missing'
  | 'field_unknown'
  | 'text_not_valid'
  | 'code_not_valid'
  | 'code_twice'
  | 'choice_unknown'
  | 'whole_number_not_valid'
  | 'date_not_valid'
  | 'currency_unknown'
  | 'currency_mix'
  | 'tax_class_unknown'
  | 'tax_class_missing'
  | 'product_unknown'
  | 'meter_unknown'
  | 'meter_missing'
  | 'meter_not_wanted'
  | 'metered_in_advance'
  | 'model_needs_usage'
  | 'buckets_without_window'
  | 'meter_keeps_totals'
  | 'instalments_not_wanted'
  | 'spend_bounds_crossed'
  | 'effective_date_not_after_newest'
  | 'version_missing'
  | 'entry_differs';

/** Why a publication is refused; `field` is the path of the entry in the file or body. */
export type PublishRefusal = Refusal<PublishRefusalCode> & { readonly field: string };

type Words = { readonly sentence: string; readonly next: string };

const REFUSALS: Record<Exclude<PublishRefusalCode, PriceModelRefusalCode>, Words> = {
  catalogue_malformed: {
    sentence: 'This is not a catalogue: an object with lists of plans and products is wanted.',
    next: 'See the example in the reference of billing.',
  },
  catalogue_empty: {
    sentence: 'The catalogue holds no product and no plan.',
    next: 'Add at least one plan with a price.',
  },
  field_missing: { sentence: 'A field that is needed is missing.', next: 'Add the field.' },
  field_unknown: {
    sentence: 'A field is not known here.',
    next: 'Check the spelling, or remove the field: it would have no effect.',
  },
  text_not_valid: {
    sentence: 'The value is not a text of 1 to 200 characters.',
    next: 'Write a shorter text.',
  },
  code_not_valid: {
    sentence: 'A code has 1 to 64 lower-case letters, digits, dots, dashes or underscores.',
    next: 'Write the code in this form, for example “seat-month”.',
  },
  code_twice: {
    sentence: 'The same code stands twice in this catalogue.',
    next: 'Give each entry a code of its own.',
  },
  choice_unknown: {
    sentence: 'The value is none of the words that this field takes.',
    next: 'Use one of the words of the reference.',
  },
  whole_number_not_valid: {
    sentence: 'The value is not a whole number in the range of this field.',
    next: 'Write a whole number, for example 3.',
  },
  date_not_valid: { sentence: 'The value is not a date.', next: 'Write it as 2026-12-01.' },
  currency_unknown: {
    sentence: 'The currency is not one that amounts can be in here.',
    next: 'Use an ISO 4217 code, for example CNY.',
  },
  currency_mix: {
    sentence: 'The prices of one plan are in more than one currency.',
    next: 'Make a plan for each currency: an invoice has one currency.',
  },
  tax_class_unknown: {
    sentence: 'The tax class is in neither this catalogue nor the published one.',
    next: 'Add it to tax_classes with its basis points.',
  },
  tax_class_missing: {
    sentence: 'The price has neither a product nor a tax class, so its tax is not known.',
    next: 'Name the product, or the tax class of the version.',
  },
  product_unknown: {
    sentence: 'There is no product of this code.',
    next: 'Add it to products, or correct the code.',
  },
  meter_unknown: {
    sentence: 'There is no meter of this code.',
    next: 'Add the meter first, or correct the code.',
  },
  meter_missing: {
    sentence: 'A metered price needs the meter that counts for it.',
    next: 'Name the meter by its code.',
  },
  meter_not_wanted: {
    sentence: 'Only metered prices have a meter.',
    next: 'Remove the meter, or make the price metered.',
  },
  metered_in_advance: {
    sentence: 'Usage cannot be billed before it happened.',
    next: 'Write "timing": "arrears", or leave it out.',
  },
  model_needs_usage: {
    sentence: 'This price model looks at usage, and the price is not metered.',
    next: 'Make the price metered, or use a model of quantities.',
  },
  buckets_without_window: {
    sentence: 'No meter cuts its usage into windows of time, so a price for each bucket has none.',
    next: 'Use flat, per_unit, graduated, volume, package or blocks on the usage of the period.',
  },
  meter_keeps_totals: {
    sentence: 'The price looks at single events, and its meter keeps only their totals.',
    next: 'Make a meter with "keeps": "values" and name it, or leave out what is per event.',
  },
  instalments_not_wanted: {
    sentence: 'Only a one-off price is paid in instalments; a recurring one is paid each period.',
    next: 'Remove the instalments.',
  },
  spend_bounds_crossed: {
    sentence: 'The minimum spend is above the maximum spend.',
    next: 'Lower the minimum or raise the maximum.',
  },
  effective_date_not_after_newest: {
    sentence: 'A new version begins after the newest one does; versions are never edited in place.',
    next: 'Choose a later effective date.',
  },
  version_missing: {
    sentence: 'A new price needs its first version.',
    next: 'Add the version with its model and its effective date.',
  },
  entry_differs: {
    sentence: 'An entry of this code is published already and says something else.',
    next: 'Entries are never edited in place: use another code.',
  },
};

/** The refusal of the entry at `field`. Those of price models come with their own words. */
export function publishRefusal(
  code: Exclude<PublishRefusalCode, PriceModelRefusalCode>,
  field: string,
): PublishRefusal {
  return { code, field, ...REFUSALS[code] };
}
